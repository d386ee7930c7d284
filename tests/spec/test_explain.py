"""The explained study: sentences an epidemiologist would write, windows on a line, every default spelled out."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from riskset.spec import AnyUse, Count, Ever, FirstUse, Recency, Study, explain
from riskset.spec.classes import class_name
from riskset.spec.explain import sections
from riskset.spec.from_toml import parse_toml
from riskset.spec.measures import DefinedDailyDoses, Measure
from riskset.spec.paragraphs import Drawing
from riskset.spec.timeline import WIDTH, timeline
from tests.spec.studies import STUDY

ALS = Path(__file__).parents[2] / "examples" / "als" / "study.toml"


def told(change: str = "", instead_of: str = "") -> str:
    """The explained study on one line, so that a sentence is found wherever it breaks."""
    return " ".join(explain(parse_toml(Study, STUDY.replace(instead_of, change, 1))).split())


def test_the_founding_study_reads_as_stored() -> None:
    """The whole text, for a reader: tests/spec/als.txt."""
    assert explain(Study.load(ALS)) == Path(__file__).with_name("als.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "sentence",
    [
        "first diagnosis of 'ALS' in the quality register mnd falls from January 1, 2015, to December 31, 2019, "
        "both days included",
        "aged 18 to 110 completed years, both ends included",
        "no minimum of time of residence",
        "at least 18 months after the start of the dispensing register",
        "no minimum of dispensing history",
        "no washout",
        "For each case up to 5 controls are drawn at random from the risk set",
        "matched on sex and birth year",
        "sampling with replacement across sets",
        "the odds ratio estimates the time-averaged hazard ratio",
        "controls are free of any diagnosis in the quality register mnd",
        "Windows end at the set's index date",
        "that day itself lies in no window",
        "anxiolytics: ATC N05B (anxiolytics)",
        "the second distinct dispensing date of the class is the qualifying date",
        "qualified more than 1 year before the index date",
        "Who qualified inside the lag only counts as unexposed (lag_only = 'reference')",
        "the levels 0-1y, 1-5y and >5y; the reference is never qualified",
        "from 5 years before the index date to 1 year before the index date, in the bands 1, 2-3 and ≥4, against none",
        "psychiatric: any diagnosis of ICD-10 F from any source at any time up to 1 year before the index date, "
        "yes or no",
        "education: that of the last recorded year before the year of the index date",
        "conditional logistic regression within matched sets (the stratum is the set). Crude, and",
        "adjusted for education and psychiatric",
        "left out and counted (complete case)",
        "the exact conditional likelihood",
        "Intervals are Wald intervals. Standard errors are model-based.",
        "With fewer than 5 informative sets per parameter Firth's penalized estimate",
        "Subgroups by age (under 65, 65 or over): the ratio in each, ratios of these ratios with intervals",
        "by age: sets are parted by the case's value and kept whole, since controls are matched on birth year",
        "Intervals are 95% intervals",
        "The seed of the sampler is 1",
    ],
)
def test_every_default_is_told(sentence: str) -> None:
    assert sentence in told()


@pytest.mark.parametrize(
    ("instead_of", "change", "sentence"),
    [
        ("ratio = 5", "ratio = 1", "up to 1 control is drawn"),
        ("ratio = 5", "replacement = false", "A person serves in one set only (sampling without replacement)."),
        ("ratio = 5", "replacement = false", "Without replacement the odds ratio only approximates the hazard ratio"),
        ('"birth_year"]', '"county"]', "matched on sex and county as on the index date"),
        ('"birth_year"]\n', ']\ncaliper = "30d"\n', "matched on sex and date of birth within 30 days"),
        ('"birth_year"]', '"history"]', "completed years of observation before the index date (10 or more being one)"),
        ("seed = 1", 'anchor = "onset"', "Windows end at the case's symptom onset"),
        ("age = [18, 110]", 'min_residence = "5y"', "resident without a gap for at least 5 years"),
        ("age = [18, 110]", 'run_in = "0d"', "no minimum of time since the start of the dispensing register"),
        (
            "age = [18, 110]",
            'washout = [{ event = { icd10 = ["C"] }, within = "10y" }]',
            "no diagnosis of ICD-10 C from any source in the 10 years before the index date (washout)",
        ),
        ('kind = "ever"', 'kind = "ever", lag_only = "level"', "is a level of its own (lag_only = 'level')"),
        ('kind = "ever"', 'kind = "ever", lag_only = "exclude"', "is left out and counted (lag_only = 'exclude')"),
        ('codes = { atc = ["N05B"] }', 'at_least = 1\ncodes = { atc = ["N05BB01"] }', "the first dispensing date of"),
        ('atc = ["N05B"]', 'atc = ["N05B"], without = ["N05BB"]', "without N05BB (of N05B, anxiolytics)"),
        ('measure = "ever"', 'measure = "first_use"\ntrend = true', "A trend over the ordered levels is tested."),
        (
            'measure = "ever"',
            'measure = "ever"\nrobust = true',
            "errors are robust, clustered by matched set.",
        ),
        ('measure = "ever"', 'measure = "ever"\nfirth_below = 0', "shown only where maximum likelihood fails"),
        (
            'measure = "ever"',
            'measure = "ever"\nmissing = "level"',
            "An unknown value of a categorical covariate is a level",
        ),
        (
            'measure = "ever"',
            'measure = "ever"\ninterval = "profile"',
            "Intervals come from the profile of the likelihood.",
        ),
        ('registry = "mnd", diagnosis = ["ALS"]', "death = true", "Through the index date controls are free of death."),
        (
            'registry = "mnd", diagnosis = ["ALS"]',
            "death = true",
            "A case is a person whose death from any cause falls",
        ),
        (
            'registry = "mnd", diagnosis = ["ALS"]',
            'icd10 = ["G122"], record = 2',
            "second recorded diagnosis of ICD-10 G12.2",
        ),
        (
            'registry = "mnd", diagnosis = ["ALS"]',
            'icd10 = ["G122"]',
            "free of any diagnosis of ICD-10 G12 from any source.",
        ),
    ],
)
def test_a_choice_changes_its_sentence(instead_of: str, change: str, sentence: str) -> None:
    assert sentence in told(change, instead_of)
    assert sentence not in told()


@pytest.mark.parametrize(
    ("measure", "drawn"),
    [
        (
            Ever(lag="1y"),
            """\
            a                                                             index date
            ───────────── exposed if qualified here ─────────────┤····· lag 1y ····┤""",
        ),
        (
            FirstUse(cuts=["1y", "5y"]),
            """\
            a                                                             index date
            ────────────── >5y ─────────────┤──────── 1-5y ────────┤───── 0-1y ────┤""",
        ),
        (
            AnyUse(lag="1y", lookback="5y"),
            """\
            a                                                             index date
            ├──────────── counted, from 5y before ────────────┤······ lag 1y ······┤""",
        ),
        (
            Count(bands=[1]),
            """\
            a                                                             index date
            ─────────────────────────────── counted ───────────────────────────────┤""",
        ),
        (
            Recency(cuts=["90d", "1y"]),
            """\
            a                                                             index date
            ───────────────── >1y ────────────────┤───── 90d-1y ─────┤─── 0-90d ───┤""",
        ),
    ],
)
def test_windows_are_drawn(measure: Measure, drawn: str) -> None:
    assert timeline(measure, "a") == dedent(drawn)


def test_a_line_ends_under_the_index_date_whatever_the_cuts() -> None:
    many = [FirstUse(cuts=[f"{y}y" for y in range(1, n)]) for n in range(2, 9)]
    odd = [AnyUse(lookback="1d"), DefinedDailyDoses(per=100, lag="20y"), AnyUse(lag="99y", lookback="100y")]
    for measure in (*many, *odd):
        first, second = timeline(measure, "x").splitlines()
        assert len(first) == len(second) == WIDTH
        assert first.endswith("index date")


def test_a_long_title_keeps_its_distance() -> None:
    first, _ = timeline(Ever(), "x" * 80, end="onset").splitlines()
    assert first == "x" * 80 + "  onset"


def test_only_several_exposures_are_adjusted_for_each_other() -> None:
    assert "each exposure alone and all exposures in one model (mutually adjusted)." in " ".join(
        explain(Study.load(ALS)).split()
    )
    assert "mutually adjusted" not in told()


def test_a_measure_without_a_qualifying_date_is_not_said_to_need_one() -> None:
    exposure = {"name": "a", "codes": {"atc": ["N05B"]}}
    doses = {"kind": "ddd", "per": 100}
    described = parse_toml(Study, STUDY).model_dump(mode="json") | {"models": [], "published": []}
    own = Study.model_validate(described | {"exposures": [exposure | {"measures": [doses]}]})
    mixed = Study.model_validate(described | {"exposures": [exposure | {"measures": [{"kind": "ever"}, doses]}]})
    assert "unexposed" not in explain(own)
    assert "For ever a user has dispensings" in explain(mixed)


def test_models_on_the_same_exposures_are_told_once() -> None:
    described = Study.load(ALS).model_dump(mode="json")
    described["models"][0]["exposures"] = [exposure["name"] for exposure in described["exposures"]]
    assert " ".join(explain(Study.model_validate(described)).split()).count("conditional logistic regression") == 1


def test_what_models_share_is_told_once() -> None:
    described = Study.load(ALS).model_dump(mode="json")
    described["models"][1]["robust"] = True
    text = " ".join(explain(Study.model_validate(described)).split())
    assert text.count("Sets with several cases have the exact conditional likelihood.") == 1
    assert text.count("Standard errors are") == 2
    assert "All of these: Crude, and adjusted for" in text


def test_words_take_the_place_of_keys_for_a_reader() -> None:
    text = " ".join(str(block) for section in sections(Study.load(ALS), keys=False) for block in section.blocks)
    assert "First use: one factor" in text
    for key in ("lag_only =", "psychiatric_diagnosis:", ", first_use, 1-5y"):
        assert key in " ".join(explain(Study.load(ALS)).split())
        assert key not in text


def test_sections_hold_the_same_text() -> None:
    study = Study.load(ALS)
    text = explain(study)
    for section in sections(study):
        assert section.title in text
        for block in section.blocks:
            if isinstance(block, Drawing):
                assert block.text.splitlines()[1] in text


def test_names_of_classes() -> None:
    assert class_name("N06A") == "N06A (antidepressants)"
    assert class_name("N05BA01") == "N05BA01 (of N05BA, benzodiazepine anxiolytics)"
    assert class_name("Q") == "Q"


def test_given_controls_say_what_they_are_held_to() -> None:
    population = 'kind = "population"\nratio = 5\nmatch = ["sex", "birth_year"]'
    given = told('kind = "given"\nmatch = ["sex", "history"]\ncaliper = "30d"\nreplacement = false', population)
    assert "drawn by the authority and delivered; nothing is sampled here" in given
    assert (
        "for each case any number of controls, matched on sex, completed years of observation before the index date "
        "(10 or more being one) and date of birth within 30 days, at risk on the index date by the rule above; a "
        "person serves in one set only."
    ) in given
    assert "drawn at random from all at risk: that is for the authority to say" in given
