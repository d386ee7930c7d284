"""The page of models of the risk that were fitted: what the analysis gives, the report shows, by columns alone."""

from __future__ import annotations

import re
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskset.analysis.risk import fit_risk
from riskset.report.formats import p_value, ratio, ratio_with_interval
from riskset.results.columns import as_cells
from riskset.results.vocabulary import Contrast
from riskset.spec.study import Study
from tests.analysis.cells import ESTIMAND
from tests.analysis.sets_by_hand import frame, study
from tests.analysis.test_modification import drawn
from tests.analysis.test_risk import pairs
from tests.report.page import Page, write_supplement
from tests.report.released import make_released

Row = dict[str, Any]
Sets = list[list[dict[str, Any]]]
FORMS = ("crude", "adjusted", "mutually adjusted")
TITLES = {"pills": "Pills (N05B)", "drops": "Drops (N06A)"}


def two_classes() -> Sets:
    """Sets of one sex that differ in two classes, age and education, which is unknown of one case in twenty."""
    rng, sets = np.random.default_rng(5), drawn(120, seed=5, sex=True)
    for i, members in enumerate(sets):
        for j, member in enumerate(members):
            member |= {"drops": "ever"} if rng.random() < 0.25 + 0.1 * (j == 0) else {}
            if i % 20 == 0 and j == 0:
                del member["education"]
    return sets


def few_pairs() -> Sets:
    """Ten pairs that differ in use; of one the education is unknown."""
    sets = pairs(7, 3)
    for i, members in enumerate(sets):
        for j, member in enumerate(members):
            member |= {"education": "ab"[(i + j) % 2]} if i else {}
    return sets


def fitted(sets: Sets, asked: Study, folder: Path) -> tuple[list[Row], Page]:
    """The rows of estimates, and the supplement that has them."""
    result = fit_risk(asked, asked.models[0], frame(sets), comparison="population", estimand=ESTIMAND)
    estimates, found = ([dict(as_cells(row)) for row in rows] for rows in (result.estimates, result.diagnostics))
    made = make_released(study=asked, estimates=estimates, diagnostics=found, planted=False, without=["table_one"])
    return estimates, Page(write_supplement(made, folder).read_text(encoding="utf-8"))


def asking(*match: str, **model: Any) -> Study:
    plain = {"kind": "conditional logistic", "measure": "ever", "adjust": ["education"]}
    return study(controls=[{"kind": "population", "match": match}], models=[plain | model])


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Row], Page]:
    parted = {"subgroups": [{"by": "sex"}, {"by": "education"}], "interactions": ["age"]}
    asked = asking("birth_year", "sex", classes=["each", "together"], **parted)
    return fitted(two_classes(), asked, tmp_path_factory.mktemp("many"))


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Row], Page]:
    return fitted(
        few_pairs(), asking(classes=["each"], exposures=["pills"], firth_below=10), tmp_path_factory.mktemp("few")
    )


def of_level(rows: list[Row], exposure: str, form: str, **other: str) -> Row:
    """The ratio of ever use in all sets."""
    wanted = {"modifier": "", "role": "exposure", "estimator": "maximum likelihood", "level": "ever"} | other
    (row,) = (x for x in rows if (x["exposure"], x["form"]) == (exposure, form) and wanted.items() <= x.items())
    return row


def shown(row: Row) -> str:
    return ratio_with_interval(*(exp(row[name]) for name in ("estimate", "conf_low", "conf_high")))


def rows_below(page: Page, caption: str, heading: str) -> list[list[str]]:
    """The rows of a class, up to the heading of the next."""
    rows = page.table(caption).rows
    at = next(i for i, row in enumerate(rows) if len(row) == 1 and row[0].startswith(heading)) + 1
    end = next((i for i, row in enumerate(rows[at:], at) if len(row) == 1), len(rows))
    return rows[at:end]


def test_every_estimate_is_there_as_its_ratio(many: tuple[list[Row], Page]) -> None:
    estimates, page = many
    cells = [row[3] for row in page.table("Every estimate").rows if len(row) == 9][1:]
    assert len(cells) == len(estimates)
    expected = sorted(round(exp(e["estimate"]), 2) for e in estimates if e["estimate"] is not None)
    read = sorted(float(re.match(r"[\d.]+", cell)[0]) for cell in cells if cell[0] != "—")  # type: ignore[index]
    assert read == pytest.approx(expected)


@pytest.mark.parametrize("exposure", TITLES)
def test_models_stand_side_by_side(many: tuple[list[Row], Page], exposure: str) -> None:
    estimates, page = many
    _, row = rows_below(page, "Odds ratios", TITLES[exposure])
    ours = [of_level(estimates, exposure, form) for form in FORMS]
    assert row[0] == "Ever, more than 1 year before"
    assert row[4:] == [shown(x) for x in ours]
    crude = ours[0]
    numbers = [(crude[f"n_exposed_{who}"], crude[f"n_{who}"]) for who in ("cases", "controls")]
    assert row[1:3] == [f"{n} ({100 * n / of:.1f}%)" for n, of in numbers]
    assert row[3] == str(crude["n_informative"])


@pytest.mark.parametrize("exposure", TITLES)
def test_ratios_of_ratios_stand_beside_the_test(many: tuple[list[Row], Page], exposure: str) -> None:
    """Of two strata the ratio of ratios is the test; of three the joint test stands with the first."""
    estimates, page = many
    of_form = [x for x in estimates if (x["exposure"], x["form"]) == (exposure, FORMS[-1]) and x["modifier"]]
    table = {row[0]: row for row in rows_below(page, "Subgroups", TITLES[exposure])}
    for by, first, *others in (("sex", "female", "male"), ("education", "a", "b", "c")):
        parted = [x for x in of_form if x["modifier"] == by]
        ratios = {x["stratum"]: x for x in parted if x["contrast"] == Contrast.RATIO_OF_RATIOS}
        tests = [x for x in parted if x["contrast"] == Contrast.TEST] or list(ratios.values())
        (tested,) = tests
        assert table[f"{by.capitalize()}: {first}"][-2:] == ["1 (reference)", p_value(tested["p_value"])]
        for stratum in others:
            assert table[f"{by.capitalize()}: {stratum}"][-2:] == [shown(ratios[stratum]), ""]
        for level in (x for x in parted if x["contrast"] == Contrast.LEVEL):
            assert table[f"{by.capitalize()}: {level['stratum']}"][4].startswith(shown(level))
    (by_year,) = (x for x in of_form if x["modifier"] == "age" and x["contrast"] == Contrast.RATIO_OF_RATIOS)
    assert table[f"Interaction with age, per {by_year['unit']}"][-2:] == [shown(by_year), p_value(by_year["p_value"])]
    heads = [cell for row in page.table("Subgroups").rows[:2] for cell in row]
    assert "Ratio of ORs (95% CI)" in heads


def test_the_numbers_of_each_model_are_told(many: tuple[list[Row], Page]) -> None:
    estimates, page = many
    told = []
    for form in FORMS:
        row = of_level(estimates, "pills", form)
        told.append(f"{form}, {row['n_cases']} cases and {row['n_controls']} controls")
    assert len({text.partition(",")[2] for text in told}) == 2
    assert "; ".join(told) in page.text
    left = of_level(estimates, "pills", "mutually adjusted")
    assert f"The numbers below are of {left['n_cases']} of these cases" in page.text


def test_few_informative_sets_are_marked_and_firth_stands_beside(few: tuple[list[Row], Page]) -> None:
    estimates, page = few
    ours = [of_level(estimates, "pills", form) for form in FORMS[:2]]
    assert [x["n_informative"] for x in ours] == [10, 9]
    row = page.table("Odds ratios").rows[-1]
    assert [cell.replace(shown(x), "") for cell, x in zip(row[4:], ours, strict=True)] == ["", "¹"]
    assert "¹ Few informative sets (9)." in page.text
    assert "This rests on few informative sets (9)." in page.text
    assert "† fewer than 10 informative sets" in page.text
    firth = of_level(estimates, "pills", "adjusted", estimator="firth")
    thin = page.table("Thin sets").rows[-1]
    assert [cell.partition(" ")[0] for cell in thin[4:6]] == [ratio(exp(x["estimate"])) for x in (ours[1], firth)]


def test_whose_value_parts_the_sets_is_said(many: tuple[list[Row], Page]) -> None:
    estimates, page = many
    whose = {x["modifier"]: x["value_of"] for x in estimates if x["modifier"]}
    assert whose == {"sex": "case", "education": "person", "age": "person"}
    assert "sets are parted by the case's value and kept whole" in page.text
    assert "each person's own value counts" in page.text
