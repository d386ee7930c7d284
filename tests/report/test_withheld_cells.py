"""What leaves is what stands inside with the sign of withheld in the place of numbers: in every cell of every table.

Never a dash, which says that there is no number; never "not estimable"; never another number.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
import vl_convert

from riskset.disclosure.door import clear
from riskset.disclosure.presets import PRESETS
from riskset.results.released import Released
from riskset.results.withheld import WITHHELD
from tests.report.course import make_course
from tests.report.hiding import (
    differences,
    hide,
    spots_of,
    supplement_cells,
    with_holes,
    with_holes_rounded,
)
from tests.report.released import make_estimates, make_limits, make_planted, make_released, not_estimable

NOTHING_DRAWN = '<svg width="9" height="9" viewBox="0 0 9 9"></svg>'


def _thin() -> Released:
    """A level whose ratio is estimable by Firth's likelihood alone, and another that is not at all."""
    rows = not_estimable(make_estimates(subgroups=False), firth=1.4, exposure="anxiolytics", level="1-5y")
    rows = not_estimable(rows, firth=None, exposure="antidepressants", level="0-1y")
    return make_released(estimates=rows, planted_rows=[*make_planted(), *make_limits()])


RUNS = {
    "course": make_course,
    "risk": lambda: make_released(planted_rows=[*make_planted(), *make_limits()]),
    "thin": _thin,
}


@pytest.fixture(autouse=True, scope="module")
def nothing_is_drawn() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vl_convert, "vegalite_to_svg", lambda *chart, **how: NOTHING_DRAWN)
        yield


@pytest.fixture(scope="module", params=RUNS)
def run(request: pytest.FixtureRequest) -> Released:
    made: Released = RUNS[request.param]()
    return made


@pytest.fixture(scope="module")
def inside(run: Released) -> dict[str, list[list[str]]]:
    return supplement_cells(run)


@pytest.mark.parametrize(("share", "seed"), [(1.0, 0), (0.5, 1), (0.5, 2), (0.1, 3), (0.02, 4)])
def test_whatever_is_withheld_each_cell_is_as_it_is_inside_or_withheld(
    run: Released, inside: dict[str, list[list[str]]], share: float, seed: int
) -> None:
    chosen = random.Random(seed)
    spots = [spot for spot in spots_of(run) if chosen.random() < share]
    outside = supplement_cells(hide(run, spots))
    assert list(differences(inside, outside, with_holes)) == []
    assert any(WITHHELD in cell for rows in outside.values() for row in rows for cell in row)


@pytest.mark.parametrize("policy", ["under 5", "under 10"])
def test_so_it_is_of_what_the_door_lets_out(run: Released, inside: dict[str, list[list[str]]], policy: str) -> None:
    outside = supplement_cells(clear(run, PRESETS[policy].policy).released)
    assert list(differences(inside, outside, with_holes_rounded)) == []
