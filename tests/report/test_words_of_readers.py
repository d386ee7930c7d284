"""One language, one style of dates, and the study's own words for values, in the front and in the supplement alike."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import vl_convert

import riskset
from riskset.report.document import render_supplement
from riskset.report.formats import day, in_style
from riskset.report.protocol_pages import protocol_markdown
from riskset.results.notes import NoteCode, note
from riskset.results.rows import Described
from riskset.results.set_vocabulary import Characteristic
from riskset.spec import words
from riskset.spec.explain import explain
from riskset.spec.study import Study
from tests.report.front.studies import front_of
from tests.report.page import Page
from tests.report.released import diagnostic, estimate, make_estimates, make_released, make_study, make_table_one, noted

WORDED = {"country_of_birth": {"Sverige": "Sweden", "Norden utom Sverige": "other Nordic country", "Asien": "Asia"}}
DELIVERED = ("Asien", "Norden utom Sverige", "Sverige")
"""In the order of their names, which is that of the rows of a run."""


@pytest.fixture(autouse=True, scope="module")
def nothing_is_drawn() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vl_convert, "vegalite_to_svg", lambda *chart, **how: '<svg width="9" height="9"></svg>')
        yield


@pytest.fixture(scope="module")
def supplement() -> Page:
    """Values of a covariate in Table 1, as a term of a model, as a subgroup, in a note and in a diagnostic."""
    study = Study.model_validate(make_study().model_dump(mode="json", by_alias=True) | {"values": WORDED})
    first = make_table_one()[0]
    table = [*make_table_one(), *(_described(first, "country_of_birth", level) for level in DELIVERED)]
    left_out = note(NoteCode.LEVEL_LEFT_OUT, covariate="country_of_birth", level="Asien", rows=9, only="controls")
    term = {"role": "covariate", "covariate": "country_of_birth", "reference": "Sverige", "notes": noted(left_out)}
    of_covariate = estimate("anxiolytics", "ever", "Norden utom Sverige", 1.2, form="adjusted") | term
    subgroup = estimate("anxiolytics", "ever", "ever", 1.2, form="adjusted", modifier="country_of_birth",
                        stratum="Asien")  # fmt: skip
    told = diagnostic("left out at a level", who="rows", value=9.0, covariate="country_of_birth", level="Asien")
    rows = [*make_estimates(), of_covariate, subgroup]
    return Page(render_supplement(make_released(study=study, estimates=rows, table_one=table, diagnostics=[told])))


def _described(row: Described, variable: str, level: str) -> Described:
    return replace(row, about=Characteristic.COVARIATE, variable=variable, exposure="", measure="", level=level)


def test_no_value_of_a_covariate_is_shown_as_delivered_where_the_study_words_it(supplement: Page) -> None:
    assert not re.search("Asien|Norden utom|Sverige", supplement.text)
    for shown in ("Country of birth: other Nordic country", "country of birth Asia", "Country of birth: Asia"):
        assert shown in supplement.text, shown


def test_values_stand_in_the_order_in_which_the_study_words_them(supplement: Page) -> None:
    labels = [row[0].strip() for row in supplement.table("Cases and controls on the index date").rows]
    assert [one for one in labels if one in WORDED["country_of_birth"].values()] == [
        *WORDED["country_of_birth"].values()
    ]


@pytest.mark.parametrize(("style", "shown"), [("AMA", "June 30, 2023"), ("SI", "30 June 2023")])
def test_dates_have_one_style_in_what_is_explained_and_in_what_is_reported(style: str, shown: str) -> None:
    study = make_study().model_copy(update={"number_style": style})
    assert words.day(date(2023, 6, 30), study.number_style) == shown
    with in_style(study.number_style):
        assert day(date(2023, 6, 30)) == shown
    other = {"June 30, 2023": "30 June 2023", "30 June 2023": "June 30, 2023"}[shown]
    for text in (explain(study), protocol_markdown(study)):
        flat = re.sub(r"\s+", " ", text)
        assert shown in flat
        assert other not in flat


BRITISH = re.compile(
    r"\b(?:analys|penal|standard|pseudonym|random|organ|recogn|summar)is(?:e|es|ed|ing|ation)\b"
    r"|\banalys(?:e|ed|ing)\b|\b(?:colour|behaviour|neighbour|favour)s?\b|\b(?:labell|modell)(?:ed|ing)\b|\btowards\b",
    re.IGNORECASE,
)


def shown_texts() -> Iterator[tuple[str, str]]:
    """Each text of the report and of what is explained that is no docstring, with its file."""
    root = Path(riskset.__file__).parent
    for path in sorted([*(root / "report").rglob("*.py"), *(root / "spec").rglob("*.py")]):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
                yield path.name, node.value


def test_readers_are_written_to_in_one_spelling() -> None:
    found = [(name, text) for name, text in shown_texts() if " " in text and BRITISH.search(text)]
    assert found == []


def test_table_one_says_of_which_window_a_diagnosis_is() -> None:
    assert re.search(r"Psychiatric diagnosis >1\s*y before", front_of(make_released()).text)


def test_further_comparisons_are_not_told_in_the_same_words() -> None:
    study = make_study(comparisons=("population", "siblings", "spouses"))
    text = front_of(make_released(study=study)).text
    assert text.count("A further comparison used") == 1
    assert "Another used the spouse or cohabiting partner" in text


def test_no_recall_bias_is_said_of_dispensings_and_not_of_a_number_that_stands_nowhere_else() -> None:
    qualified = diagnostic(
        "qualified before the index date", value=9.0, notes=noted(note(NoteCode.OUT_OF, of=7507, who="persons"))
    )
    text = front_of(make_released(diagnostics=[qualified])).text
    assert "Dispensings were recorded before the index date, so no recall bias" in text
    assert "7,507" not in text


def test_the_founding_study_tells_of_no_significance() -> None:
    path = Path(__file__).parents[2] / "examples" / "als" / "study.toml"
    assert not re.search("significan", path.read_text(encoding="utf-8"))
