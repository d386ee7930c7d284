"""What of the front leaves: its tables have NR in the place of numbers and say so, and its sentences claim no more."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest

from riskset.disclosure.door import clear
from riskset.disclosure.presets import PRESETS
from riskset.report.catalogue.english_participants import NOT_SHOWN
from riskset.report.catalogue.english_results import RATES_WITHHELD
from riskset.report.front.page import Front
from riskset.results.released import Released
from riskset.results.vocabulary import DiagnosticCode
from riskset.results.withheld import WithheldFor
from tests.report.course import make_course
from tests.report.front.studies import COMPARISONS, front_of, read_of, released_of
from tests.report.hiding import Spot, cells_of, differences, hide, spots_of, with_holes
from tests.report.released import make_table_one


def _compared() -> Released:
    return released_of(table_one=[row for name in COMPARISONS for row in make_table_one(name)])


RUNS: dict[str, Callable[[], Released]] = {"course": make_course, "compared": _compared}
WIDTHS = [(0.5, 1), (0.3, 2), (0.1, 3), (0.02, 4)]


def tables_of(front: Front) -> dict[str, list[list[str]]]:
    """The cells of each table of the front; of one row over two columns its text twice."""
    tables = {}
    for _, exhibits in front.sections:
        for one in exhibits:
            for html in re.findall(r"<table.*?</table>", str(one.exhibit.body), re.DOTALL):
                whole = re.sub(r'<td colspan="2" class="few">(.*?)</td>', r"<td>\1</td><td>\1</td>", html)
                tables[one.exhibit.title] = cells_of(whole)
    return tables


def shown_or_not_reported(inside: str, outside: str) -> bool:
    """What had no number inside may be NR, too: that it has none would tell of a number that is withheld."""
    return with_holes(inside, outside, NOT_SHOWN) or (NOT_SHOWN in outside and not re.search(r"\d", inside))


def some(run: Released, share: float, seed: int, *, but: tuple[str, ...] = ()) -> list[Spot]:
    chosen = random.Random(seed)
    return [spot for spot in spots_of(run) if spot[0] not in but and chosen.random() < share]


@pytest.mark.parametrize(("share", "seed"), WIDTHS)
@pytest.mark.parametrize("name", RUNS)
def test_whatever_is_withheld_each_cell_is_as_it_is_inside_or_not_reported(name: str, share: float, seed: int) -> None:
    run = RUNS[name]()
    hidden = hide(run, some(run, share, seed, but=("diagnostics",)))
    inside, outside = (tables_of(read_of(one)) for one in (run, hidden))
    if gone := inside.keys() - outside.keys():
        assert [title for title in gone if "without and with use" in title] == [*gone]
        assert RATES_WITHHELD in front_of(hidden).text
    assert list(differences({title: inside[title] for title in outside}, outside, shown_or_not_reported)) == []


@pytest.mark.parametrize(("share", "seed"), WIDTHS)
@pytest.mark.parametrize("name", RUNS)
def test_each_table_and_figure_with_a_number_that_is_not_reported_says_so(name: str, share: float, seed: int) -> None:
    run = RUNS[name]()
    exhibits = [one.exhibit for _, many in read_of(hide(run, some(run, share, seed))).sections for one in many]
    hiding = [one for one in exhibits if re.search(rf">{NOT_SHOWN}\b", str(one.body))]
    assert hiding
    assert all(sum("not reported" in note for note in one.notes) == 1 for one in hiding)


def test_rates_that_are_not_there_because_the_incidence_is_withheld_are_not_passed_over() -> None:
    run = _compared()
    rows = [i for i, row in enumerate(run.rows("diagnostics")) if row["code"] == DiagnosticCode.INCIDENCE_LIKE_CASES]
    assert RATES_WITHHELD not in front_of(run).text
    assert RATES_WITHHELD in front_of(hide(run, [("diagnostics", i, ("value",)) for i in rows])).text


def test_pairs_are_said_to_agree_in_those_that_are_shown() -> None:
    run = _compared()
    of_spouses = [
        ("estimates", i, ("estimate", "conf_low", "conf_high", "p_value"))
        for i, row in enumerate(run.rows("estimates"))
        if (row["comparison"], row["exposure"]) == ("spouses", "antidepressants")
    ]
    inside, outside = (front_of(one).text for one in (run, hide(run, of_spouses)))
    assert "overlap in every pair." in inside
    assert "in the pairs shown" not in inside
    assert "overlap in every pair shown." in outside
    assert "mostly similar, in the pairs shown, to those" in outside


def test_counts_of_all_say_that_the_models_leave_people_out() -> None:
    """The adjusted models state no size of their own: what stands is of everybody who was matched."""
    run = _compared()
    sizes = ("n_sets", "n_cases", "n_controls", "n_exposed_cases", "n_exposed_controls", "n_informative")
    adjusted = [
        ("estimates", i, tuple(name for name in sizes if row[name] is not None))
        for i, row in enumerate(run.rows("estimates"))
        if row["form"] != "crude"
    ]
    outside = front_of(hide(run, adjusted, WithheldFor.UNSTATED)).text
    assert "population controls, except those with a missing covariate, the " in outside
    assert "except those with a missing covariate" not in front_of(run).text


def test_patients_with_complete_data_whose_number_is_withheld() -> None:
    run = make_course()
    models = [
        ("estimates", i, ("n_cases",))
        for i, row in enumerate(run.rows("estimates"))
        if row["family"] == "cox" and row["n_cases"] is not None
    ]
    assert models
    text = front_of(hide(run, models)).text
    assert re.search(r"Among the patients with complete data, of [\d,]+ followed up, hazard ratios", text)


@pytest.mark.parametrize("name", RUNS)
def test_a_release_tells_the_day_of_the_run(name: str) -> None:
    run = RUNS[name]()
    dated = Released(run.study, run.tables, {**run.manifest, "date": "2021-03-04"})
    text = front_of(clear(dated, PRESETS["under 5"].policy).released).text
    assert text.count("March 4, 2021") == 2
