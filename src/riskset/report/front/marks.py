"""The mark of each comparison: shape and color by what its controls are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import assert_never

from riskset.report.front.log_axis import Mark, Shape
from riskset.results.comparisons import controls_of
from riskset.spec.design import Controls, GivenControls, PopulationControls, SiblingControls, SpouseControls
from riskset.spec.study import Study

_VARIANTS: dict[str, tuple[tuple[Shape, bool], ...]] = {
    "population": ((Shape.CIRCLE, True), (Shape.CIRCLE, False), (Shape.TRIANGLE, True), (Shape.TRIANGLE, False)),
    "siblings": ((Shape.SQUARE, True), (Shape.SQUARE, False), (Shape.TRIANGLE, True), (Shape.TRIANGLE, False)),
    "spouses": ((Shape.DIAMOND, False),),
}
"""Hue → marks, the first for the first comparison of a kind."""


def marks_of(study: Study, comparisons: Sequence[str]) -> dict[str, Mark]:
    """Comparison → its mark."""
    seen: Counter[str] = Counter()
    marks = {}
    for name in comparisons:
        controls = controls_of(study.controls, name)
        hue = _hue(controls) if controls is not None else "population"
        variants = _VARIANTS[hue]
        shape, filled = variants[seen[hue] % len(variants)]
        seen[hue] += 1
        marks[name] = Mark(shape, hue, filled)
    return marks


def _hue(controls: Controls) -> str:
    match controls:
        case PopulationControls() | GivenControls():
            return "population"
        case SiblingControls():
            return "siblings"
        case SpouseControls():
            return "spouses"
        case _:
            assert_never(controls)
