"""A second language is a second catalogue: on the front and the public's page no word stands anywhere else."""

from __future__ import annotations

import re
import sys
from calendar import month_name
from collections.abc import Callable
from dataclasses import astuple, replace
from importlib import import_module
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

import riskset.disclosure.checker
from riskset.disclosure.door import clear
from riskset.disclosure.pattern import Method
from riskset.disclosure.policy import Policy, Zero
from riskset.report.catalogue.english_covariates import WORDS
from riskset.report.view import spaced
from riskset.results.protocol_file import APPENDIX, STATED, Protocol
from riskset.results.released import Released
from riskset.results.run_folder import PRINT_TABLES, WORD
from riskset.results.tables import KINDS
from riskset.results.withheld import WithheldFor
from riskset.spec.check import needs, problems
from riskset.spec.explain import cases_in_words, controls_in_words, eligibility_in_words
from riskset.spec.explain_analysis import models_in_words, prognosis_in_words, published_in_words
from riskset.spec.explain_exposure import covariates_in_words, exposures_in_words
from riskset.spec.measure_words import INDEX_DATE, measure_words
from riskset.spec.modification import partings_in_words, subgroups_of
from riskset.spec.paragraphs import Drawing
from riskset.spec.study import Study
from riskset.spec.wording import outcome_of
from riskset.spec.words import counted, plain
from tests.report import pseudo_language
from tests.report.course import make_course, make_course_study
from tests.report.front.studies import INCIDENCE, released_of, rows_of
from tests.report.pseudo_language import plain_words, spoken, strange
from tests.report.public.studies import cleared
from tests.report.released import make_limits, make_planted, make_released, make_study

OF_THE_STUDY = [
    *("anxiolytics", "hypnotics sedatives", "antidepressants", "psychiatric diagnosis", "ALS(?:FRS r)?"),
    *("calming pills", "sleeping pills", "mood pills", "the disease"),
    *("compulsory school", "upper secondary", "post-secondary", "female", "male", "short"),  # as delivered
]
CODES = [r"ICD-10(?: [A-Z](?:\d+(?:\.\d)?)?)?", r"[A-Z]\d\d[A-Z]", "[0-9a-f]{8,64}"]
SOFTWARE = ["riskset", "Python", "DuckDB", "NumPy"]
CHECKLISTS = ["STROBE", "RECORD(?:-PE)?"]
DAYS = r"[A-Z][a-z]+ \d+, \d{4}(, to [A-Z][a-z]+ \d+, \d{4})?"
"""As the description words them."""
HARPER = r"Wang SV, .*? 2023;32\(1\):44-55\."
OF_THE_DESCRIPTION = [
    # Words that `spec` has, for `riskset explain` too, which speaks English alone; and keys that name themselves.
    *(r"\d+ years?", r"\d+ months?", "second", "population"),
    *("age", "sex", "education", "country of birth", "birth year", "bmi", "seed"),
    *("internal, not cleared", "cleared by the rules of policy “under 5”"),  # stamps
]
_EXPLAINED = re.compile(r'<div class="asked">.*?</div>|<dl>.*</dl>', re.DOTALL)


def without_explanation(html: str) -> str:
    """The supplement without what ``riskset explain`` says, and without the manifest, whose keys name themselves."""
    return _EXPLAINED.sub("", html)


def of_the_protocol(study: Study) -> list[str]:
    """What `spec` says of a study in its protocol, and what a protocol is read back by."""
    sections = [
        *(cases_in_words(study), controls_in_words(study), eligibility_in_words(study.eligibility)),
        *(exposures_in_words(study, keys=False), covariates_in_words(study, keys=False)),
        *(models_in_words(study, keys=False), prognosis_in_words(study, keys=False)),
        *(published_in_words(study, keys=False), problems(study)),
    ]
    said = [block.text if isinstance(block, Drawing) else block.removeprefix("- ") for s in sections for block in s]
    events = [study.cases.first, *study.cases.freedom()]
    said += [counted(one) for one in events] + [need.column for need in needs(study) if need.column]
    said += [APPENDIX, STATED, outcome_of(study)]
    days = rf"\d+ (?:{'|'.join(month_name[1:])}) \d{{4}}"
    texts = sorted({" ".join(text.split()) for text in said}, key=len, reverse=True)
    return [*map(re.escape, texts), days, *of_the_description(study)]


def _covariate(name: str) -> str:
    return strange(WORDS[name].name) if name in WORDS else plain(name)


def of_the_description(study: Study) -> list[str]:
    """What `spec` says of a study: the levels and windows of its measures, and how subgroups are parted."""
    said: set[str] = set()
    for exposure in study.exposures:
        for measure in exposure.measures:
            for one in astuple(measure_words(measure, exposure.at_least)):
                said |= {one} if isinstance(one, str) else {text for text in one or () if isinstance(text, str)}
            said |= {plain(measure.key), *(spaced(level) for level in measure.level_names)}
    for controls in study.controls:
        said |= {*partings_in_words(study, subgroups_of(study), comparison=controls.comparison, called=_covariate)}
    texts = {text.removesuffix(f" {INDEX_DATE}") for text in said} | said
    texts = {" ".join(text.split()) for text in {spaced(text) for text in texts} | texts}
    return [re.escape(text) for text in sorted(texts, key=len, reverse=True) if re.search("[a-z]{2}", text)]


OWN = [*OF_THE_STUDY, *CODES, *SOFTWARE, *CHECKLISTS, *OF_THE_DESCRIPTION]


def worded(study: Study) -> dict[str, Any]:
    """What the study itself would say in that language."""
    described = study.model_dump(mode="json", by_alias=True)
    for row in described["published"]:
        row["source"], row["note"] = strange(row["source"]), strange(row.get("note") or "")
    said = {name: strange(name) for name in ("name", "description", "title", "subtitle")}
    return described | said


def usual() -> Released:
    """Two comparisons, with an incidence."""
    study = make_study(["anxiolytics"], comparisons=["population", "siblings"])
    rows = rows_of(["anxiolytics"], ["population", "siblings"])
    return released_of(rows, Study.model_validate(worded(study)), diagnostics=[INCIDENCE])


def course() -> Released:
    return make_course(study=Study.model_validate(worded(make_course_study())))


def founding() -> Released:
    """Three classes with subgroups, planted and published ratios, an audit, quality, and another protocol."""
    planted = [*make_planted(), *make_limits()]
    study = Study.model_validate(worded(make_study()))
    written = study.model_copy(update={"seed": 21})
    protocol = Protocol("ab" * 32, study.fingerprint, written.to_toml()).as_json()  # as an older riskset wrote it
    released = make_released(study=study, planted_rows=planted)
    return replace(released, manifest={**released.manifest, "protocol": protocol})


@pytest.mark.parametrize("made", [usual, course])
def test_the_front_takes_its_words_from_the_catalogue(made: Callable[[], Released]) -> None:
    released = made()
    with spoken():
        page, view = import_module("riskset.report.front.page"), import_module("riskset.report.view")
        front = page.read_front(released, view.read_view(released), [("summary", strange("Summary"))])
        html = str(page.render_front(front))
    assert strange("Key Points") in html
    assert plain_words(html, OWN) == {}


def test_the_public_page_takes_its_words_from_the_catalogue() -> None:
    released = cleared()
    with spoken():
        html = str(import_module("riskset.report.public").render_public(released))
    assert plain_words(html, OWN) == {}


@pytest.mark.parametrize("made", [usual, course, founding])
def test_the_supplement_takes_its_words_from_the_catalogue(made: Callable[[], Released]) -> None:
    released = made()
    with spoken():
        html = import_module("riskset.report.document").render_supplement(released)
    assert strange("Summary in plain language") in html
    assert strange(" estimates`") in html  # what the script counts
    assert f'content: "{strange("Table")} " counter(table)' in html  # what the style sheet sets before a caption
    assert plain_words(without_explanation(html), [*OWN, *of_the_description(released.study)]) == {}


@pytest.mark.parametrize("study", [make_study(comparisons=["population", "siblings"]), make_course_study()])
def test_the_protocol_takes_its_words_from_the_catalogue(study: Study) -> None:
    study = Study.model_validate(worded(study))
    with spoken():
        pages = import_module("riskset.report.protocol_pages")
        html, markdown = pages.protocol_html(study), pages.protocol_markdown(study)
    assert strange("Study protocol") in html
    assert strange("For the authors") in markdown
    description = re.compile(r'<pre id="description">.*?</pre>', re.DOTALL)
    assert plain_words(description.sub("", html), [*of_the_protocol(study), DAYS, HARPER, *OWN]) == {}


@pytest.mark.parametrize("made", [usual, course])
def test_the_document_takes_its_words_from_the_catalogue(made: Callable[[], Released], tmp_path: Path) -> None:
    released = made()
    with spoken():
        page, view = import_module("riskset.report.front.page"), import_module("riskset.report.view")
        front = page.read_front(released, view.read_view(released), [("summary", strange("Summary"))])
        import_module("riskset.report.office.writing").write_office(front, tmp_path)
    with ZipFile(tmp_path / WORD) as document:
        parts = [name for name in document.namelist() if re.fullmatch(r"word/(document|header\d|footer\d)\.xml", name)]
        xml = "".join(document.read(name).decode() for name in parts)
    lines = re.sub(r"<w:instrText[^>]*>.*?</w:instrText>", "", xml).replace("</w:p>", "\n").replace("<w:tab/>", " ")
    texts = [re.sub("<[^>]*>", "", line) for line in lines.split("\n")]
    pictures = [text for pair in re.findall(r'<wp:docPr [^>]*?descr="([^"]*)" title="([^"]*)"', xml) for text in pair]
    html = "".join(f"<p>{text}</p>" for text in [*texts, *pictures])
    assert f"{strange('Figure')} 1" in html
    assert plain_words(html, OWN) == {}
    assert {path.suffix for path in (tmp_path / PRINT_TABLES).iterdir()} == {".xlsx", ".tex"}


def test_the_page_of_who_checks_a_release_takes_its_words_from_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the tables as they leave, whose columns are keys, and for what a log that leaves says of a rule."""
    released = founding()
    for policy in (Policy("five", zero=Zero.WITHHELD, rounding=5), Policy("five", complementary=False)):
        draft = clear(replace(released, tables={"quality": released.table("quality")}), policy)
        monkeypatch.delitem(sys.modules, "riskset.disclosure.checker", raising=False)
        monkeypatch.setattr(riskset.disclosure, "checker", None, raising=False)
        with spoken():
            checker = import_module("riskset.disclosure.checker")
            monkeypatch.setattr(checker, "front_exhibits", lambda released: "")  # the front has its own test
            html = checker.checkers_page(draft)
        said = [*(re.escape(rule.in_public) for rule in WithheldFor), *Method, *KINDS, policy.name, *OWN]
        said[:0] = [re.escape(draft.released.stamp), *map(re.escape, checker.BESIDE)]
        assert strange("Output check") in html
        assert plain_words(html.split("<details>")[0], said) == {}


def test_a_word_outside_the_catalogue_is_seen_and_the_report_speaks_english_again() -> None:
    html = (
        f"<p title='{strange('Use')}'>{strange('of')} anxiolytics <b>among</b> &amp; 5 years</p><style>p {{}}</style>"
    )
    assert plain_words(html, OWN) == {"among": "among"}
    assert plain_words("<svg aria-label='Forest plot'></svg>", OWN).keys() == {"Forest", "plot"}
    before = import_module("riskset.report.catalogue.english_page")
    with spoken():
        assert strange("Contents") == import_module("riskset.report.catalogue.english_page").CONTENTS
    assert import_module("riskset.report.catalogue.english_page") is before
    assert import_module("riskset").report.catalogue.english_page.CONTENTS == "Contents"
    assert pseudo_language.strange("<b>{n} of</b>&nbsp;5") == f"<b>{{n}} {strange('of')}</b>&nbsp;5"
