"""What is said of a study before any data are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskset.errors import SpecError
from riskset.registers.schema import TABLES
from riskset.spec import RegisterNeed, Study, needs, problems, without
from riskset.spec.covariates import BUILT_IN_COVARIATES
from riskset.spec.from_toml import parse_toml
from tests.spec.studies import STUDY

ALS = Path(__file__).parents[2] / "examples" / "als" / "study.toml"


def study(instead_of: str = "", change: str = "") -> Study:
    assert instead_of in STUDY
    return parse_toml(Study, STUDY.replace(instead_of, change, 1))


FREE_OF = 'free_of = [{ icd10 = ["G12.2"] }]\n'
FREE = STUDY.replace("[[controls]]", FREE_OF + "[[controls]]", 1)
"""The study with nothing to advise."""


def advice_on(instead_of: str = "", change: str = "") -> list[str]:
    assert instead_of in FREE
    return problems(parse_toml(Study, FREE.replace(instead_of, change, 1)))


def wanted(described: Study) -> set[tuple[str, str | None]]:
    return {(need.table, need.column) for need in needs(described)}


def test_the_founding_study_has_no_problems() -> None:
    assert problems(Study.load(ALS)) == []
    assert advice_on() == []


SECOND = (
    '[[exposures]]\nname = "benzodiazepines"\ncodes = { atc = ["N05BA", "N05C"] }\nmeasures = [{ kind = "ever" }]\n'
)


@pytest.mark.parametrize(
    ("instead_of", "change", "advice"),
    [
        (
            FREE_OF,
            "",
            "cases.free_of: cases are those of a quality register, and patients missing from the register may serve as "
            "controls; name their ICD-10 codes in free_of.",
        ),
        (
            "[[covariates]]",
            SECOND + "[[covariates]]",  # which the model holds together
            "exposures anxiolytics and benzodiazepines share the codes N05BA; in a model of both, each stands for what "
            "the other leaves.",
        ),
        (
            '"1y", "5y"',
            '"1y", "20y"',
            "exposures[0].measures[1]: 20y reaches further back than most dispensing registers; the report shows the "
            "share of sets whose window is cut short.",
        ),
        (
            '["education", "psychiatric"]',
            '["sex"]',
            "models[0].adjust: controls are matched on sex, so it is the same within every set and the adjustment does "
            "nothing.",
        ),
        (
            'icd10 = ["F"]\nlag = "1y"',
            'icd10 = ["F3"]',
            "models[0].adjust: psychiatric counts diagnoses up to the index date, which may be early signs of the "
            "disease or reasons for the treatment; a lag as long as the exposure's avoids that.",
        ),
        (
            "[[models]]",
            '[[published]]\nexposure = "anxiolytics"\nmeasure = "first_use"\nlevel = "1y-5y"\nestimate = 1.6\n'
            'source = "x"\n[[models]]',
            "published[0].level: anxiolytics has no level '1y-5y' in first_use, so the figure is shown beside nothing; "
            "there are 0-1y, 1-5y, >5y.",
        ),
    ],
)
def test_advice(instead_of: str, change: str, advice: str) -> None:
    assert advice_on(instead_of, change) == [advice]


@pytest.mark.parametrize(
    ("instead_of", "change"),
    [
        ('measure = "ever"', 'measure = "ever"\nclasses = ["each"]'),
        ('measure = "ever"', 'measure = "ever"\nexposures = ["benzodiazepines"]'),
        ('measure = "ever"', 'measure = "first_use"'),  # which the second has not
        ("[[models]]", '[prognosis]\nendpoint = ["death"]\nexposures = ["anxiolytics"]\n[[models]]'),
    ],
)
def test_no_advice_on_a_pair_that_no_model_holds_together(instead_of: str, change: str) -> None:
    apart = (FREE + SECOND).replace('measure = "ever"', 'measure = "ever"\nclasses = ["each"]')
    described = apart if instead_of == "[[models]]" else FREE + SECOND
    assert instead_of in described
    assert problems(parse_toml(Study, described.replace(instead_of, change, 1))) == []


def test_a_pair_of_the_prognosis_is_held_together() -> None:
    apart = (FREE + SECOND).replace('measure = "ever"', 'measure = "ever"\nclasses = ["each"]')
    followed = apart.replace("[[models]]", '[prognosis]\nendpoint = ["death"]\n[[models]]', 1)
    assert [advice for advice in problems(parse_toml(Study, followed)) if "share the codes" in advice]


def test_advice_on_matching_is_of_what_all_comparisons_match_on() -> None:
    both = FREE.replace('"education", "psychiatric"', '"sex"').replace(
        "[[exposures]]", '[[controls]]\nkind = "population"\nname = "any_sex"\nmatch = ["birth_year"]\n[[exposures]]', 1
    )
    assert problems(parse_toml(Study, both)) == []


def test_codes_left_out_are_not_shared() -> None:
    apart = 'atc = ["N05B"], without = ["N05BA"]'
    assert problems(parse_toml(Study, FREE.replace('atc = ["N05B"]', apart) + SECOND)) == []


def test_a_disease_from_the_patient_register_is_its_own_freedom() -> None:
    assert problems(study('registry = "mnd", diagnosis = ["ALS"]', 'icd10 = ["G12.2"]')) == []


def test_measures_without_a_model_estimate_nothing() -> None:
    described = parse_toml(Study, FREE[: FREE.index("[[models]]")])
    assert problems(described) == [
        "models: exposures are measured and no model is asked for, so no odds ratio will be estimated."
    ]


def test_what_a_small_study_needs() -> None:
    assert needs(study()) == [
        RegisterNeed("person", None, "every study"),
        RegisterNeed("residence", None, "every study: who is under observation"),
        RegisterNeed("registry_item", None, "cases.first"),
        RegisterNeed("registry_item", "text", "cases.first"),
        RegisterNeed("dispensing", None, "exposures[0] anxiolytics"),
        RegisterNeed("socioeconomic", None, "models[0] education"),
        RegisterNeed("socioeconomic", "education", "models[0] education"),
        RegisterNeed("diagnosis", None, "models[0] psychiatric"),
    ]


@pytest.mark.parametrize(
    ("instead_of", "change", "table", "column"),
    [
        ('"birth_year"]', '"county"]', "residence", "county"),
        ('"birth_year"]', '"country_of_birth"]', "person", "country_of_birth"),
        ('kind = "population"\nratio = 5\nmatch = ["sex", "birth_year"]', 'kind = "siblings"', "person", "father_id"),
        ('kind = "population"\nratio = 5\nmatch = ["sex", "birth_year"]', 'kind = "spouses"', "couple", None),
        ('registry = "mnd", diagnosis = ["ALS"]', "death = true", "death", None),
        ('registry = "mnd", diagnosis = ["ALS"]', 'death = true, cause = ["G12"]', "death", "cause"),
        ('registry = "mnd", diagnosis = ["ALS"]', 'icd10 = ["G12"], main = true', "diagnosis", "main"),
        ("bands = [1, 2, 4]", "bands = [1]\n  }, { kind = 'ddd', per = 100", "dispensing", "ddd"),
        ('"education", "psychiatric"', '"income"', "socioeconomic", "income"),
        ('"education", "psychiatric"', '"civil_status"', "socioeconomic", "civil_status"),
        ("[[models]]", '[prognosis]\nendpoint = ["invasive_ventilation"]\n[[models]]', "procedure", None),
        ("[[models]]", '[prognosis]\nendpoint = ["death"]\nmarker = "alsfrs_r"\n[[models]]', "measurement", None),
    ],
)
def test_a_choice_needs_its_table(instead_of: str, change: str, table: str, column: str | None) -> None:
    if table == "dispensing":
        change = change.replace("\n", "")
    assert (table, column) in wanted(study(instead_of, change))
    assert (table, column) not in wanted(study())


def test_needs_name_canonical_tables_and_columns() -> None:
    every = study('["education", "psychiatric"]', str(list(BUILT_IN_COVARIATES)))
    for need in (*needs(Study.load(ALS)), *needs(every)):
        assert need.table in TABLES
        assert need.column is None or need.column in TABLES[need.table].arrow_schema.names


def test_parts_left_out() -> None:
    described = Study.load(ALS)
    left = without(described, ["siblings", "spouses", "prognosis"])
    assert [c.kind for c in left.controls] == ["population"]
    assert left.prognosis is None
    assert left.exposures == described.exposures
    assert without(described, []) == described


def test_siblings_of_every_kind_are_left_out_together() -> None:
    both = study(
        'kind = "population"\n',
        'kind = "siblings"\nhalf = true\n[[controls]]\nkind = "siblings"\nat = "same age"\n'
        '[[controls]]\nkind = "spouses"\n[[controls]]\nkind = "population"\n',
    )
    assert [c.comparison for c in without(both, ["siblings"]).controls] == ["spouses", "population"]


def test_leaving_out_everything_is_refused() -> None:
    only = study('kind = "population"\nratio = 5\nmatch = ["sex", "birth_year"]', 'kind = "siblings"')
    with pytest.raises(SpecError) as error:
        without(only, ["siblings"])
    assert str(error.value) == "controls: no controls are left; keep at least one kind."
    with pytest.raises(SpecError) as error:
        without(only, ["cousins"])
    assert str(error.value) == "'cousins' cannot be left out; name some of siblings, spouses, prognosis."


CODED = """
[[covariates]]
kind = "dispensing"
name = "statins"
codes = {{ atc = ["{atc}"] }}
[[covariates]]
kind = "diagnosis"
name = "falls"
icd10 = ["{icd10}"]
"""


def advice_on_codes(icd10: str = "I10", atc: str = "C10AA") -> list[str]:
    return problems(parse_toml(Study, FREE + CODED.format(icd10=icd10, atc=atc)))


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (
            "E880A",
            "E880A has the form of an external cause or factor of health in ICD-9, and is looked for among codes",
        ),
        ("V27A", "V27A has the form of an external cause or factor of health in ICD-9"),
        ("E927", "E927 has the form of an external cause"),
        ("E95", "E95 has the form of an external cause"),
        ("N05BA01", "N05BA01 has the form of an ATC code, and is looked for among codes of ICD-10."),
        ("c10aa", "C10AA has the form of an ATC code"),
    ],
)
def test_codes_of_another_system_under_icd10(code: str, says: str) -> None:
    [sentence] = advice_on_codes(icd10=code)
    assert sentence.startswith(f"covariates[2].icd10[0]: {says}")


@pytest.mark.parametrize(
    "code", ["E88.0", "E880", "V27", "V27.4", "V274", "E90", "G12.2A", "F", "S72.00", "G40A0", "T36X"]
)
def test_codes_of_icd10_are_not_doubted(code: str) -> None:
    assert advice_on_codes(icd10=code) == []


@pytest.mark.parametrize("atc", ["G12", "N08", "A00", "B07AA"])
def test_groups_that_atc_has_not(atc: str) -> None:
    [sentence] = advice_on_codes(atc=atc)
    assert sentence.startswith(f"covariates[1].codes.atc[0]: {atc} lies in no group of ATC, which has {atc[0]}01 to ")


def test_every_place_of_codes_is_looked_at() -> None:
    """Planted in each list of codes of a study that has them all, a code of another system is told there."""
    events = 'free_of = [{ death = true, cause = ["V27A"] }, { icd10 = ["E880A"] }, { atc = ["G12"] }]'
    written = FREE.replace(FREE_OF, events + "\n", 1).replace('["N05B"]', '["N08"]', 1)
    washout = '\nwashout = [{ event = { icd10 = ["E880A"] } }]\n'
    written = written.replace("age = [18, 110]", f"age = [18, 110]{washout}", 1)
    told = problems(parse_toml(Study, written + CODED.format(icd10="V27A", atc="G12")))
    places = {sentence.split(":")[0] for sentence in told if "has the form" in sentence or "no group" in sentence}
    assert places == {
        "cases.free_of[0].cause[0]", "cases.free_of[1].icd10[0]", "cases.free_of[2].atc[0]",
        "eligibility.washout[0].event.icd10[0]", "exposures[0].codes.atc[0]",
        "covariates[1].codes.atc[0]", "covariates[2].icd10[0]",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "likely"),
    [
        ("335C", "codes that begin with digits are of ICD-7, ICD-8 or ICD-9; write a letter"),
        ("348,00", "codes that begin with digits are of ICD-7, ICD-8 or ICD-9"),
        ("DG122", "leave out the D that the Danish SKS writes before a code of ICD-10"),
        ("GBB00", "letters followed by digits are a procedure's code, as of NOMESCO"),
        ("GI2", "mind 0 and O, 1 and I or l"),
    ],
)
def test_what_is_no_icd10_code_is_refused_with_its_likely_cause(code: str, likely: str) -> None:
    with pytest.raises(SpecError) as refused:
        advice_on_codes(icd10=code)
    assert f"covariates[2].icd10[0]: {code!r} is no ICD-10 code; {likely}" in str(refused.value)


@pytest.mark.parametrize(
    ("code", "likely"),
    [
        ("QN05B", "Q begins codes of ATCvet"),
        ("123456", "a number is an article's"),
        ("G12.2", "this has the form of an ICD-10 code"),
        ("NO5B", "mind 0 and O"),
    ],
)
def test_what_is_no_atc_code_too(code: str, likely: str) -> None:
    with pytest.raises(SpecError) as refused:
        advice_on_codes(atc=code)
    assert f"covariates[1].codes.atc[0]: {code!r} is no ATC code; {likely}" in str(refused.value)
