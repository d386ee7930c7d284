"""Table 1: what cases and controls were like on the index date."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Required, TypedDict

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.analysis.frame import AnalysisFrame, Rows
from riskset.analysis.kin import covariates_always
from riskset.results.rows import Described
from riskset.results.set_vocabulary import Characteristic, Summary
from riskset.spec.covariates import PROGNOSIS_COVARIATES
from riskset.spec.design import Controls
from riskset.spec.levels import UNKNOWN
from riskset.spec.measures import Covariate, Exposure
from riskset.spec.models import ConditionalLogistic


def table_one(
    frame: AnalysisFrame, comparison: str, covariates: Sequence[str], exposures: Sequence[Exposure]
) -> list[Described]:
    """Characteristics of cases and controls with standardised mean differences.

    Counted are members of sets: a control of two sets counts twice, as it does in the models. The standardised mean
    difference is (cases − controls) / √((s²₁ + s²₀)/2), with p(1 − p) for the variance of a share (Austin 2009);
    where neither group has any spread it is infinite if they differ, and 0 if not. No test of significance, which the
    matching would make meaningless.

    Also counted are the controls by their relation to the case, where there are several kinds, and the sets by how many
    controls they have.

    Each row of a covariate has the difference of the covariate as a whole, too (`_difference_of_shares`), in size and
    among known values.

    Parameters
    ----------
    frame, comparison : the sets of one comparison, and its label
    covariates, exposures : what is described, such as `covariates_described` of a study

    Returns
    -------
    Rows of ``results.tables.TABLE_ONE``; unknown values are a level of their own, and shares are of all members.
    """
    frame.refuse_several()
    rows = [*_set_sizes(frame, comparison), *_relations(frame, comparison)]
    for name in covariates:
        row = partial(Described, comparison=comparison, about=Characteristic.COVARIATE, variable=name)
        rows += _describe(frame.covariate(name), frame.case, row)
    for exposure in exposures:
        for measure in exposure.measures:
            for term in frame.terms_of(exposure.name, measure.key):
                share = _share(frame.value(term["term"]) > 0, frame.case)
                rows.append(
                    Described(
                        comparison=comparison,
                        about=Characteristic.EXPOSURE,
                        exposure=exposure.name,
                        measure=measure.key,
                        level=term["level"],
                        **share,
                    )
                )
    return rows


def covariates_described(
    controls: Sequence[Controls], models: Sequence[ConditionalLogistic], defined: Sequence[Covariate]
) -> list[str]:
    """Age and sex, then what relatives are adjusted for, any model adjusts for or parts by, and the study defined.

    Nothing that only a case has.
    """
    asked = [name for m in models for name in (*m.adjust, *(s.by for s in m.subgroups), *m.interactions)]
    always = [name for one in controls for name in covariates_always(one)]
    named = dict.fromkeys(["sex", "age", *always, *asked, *(c.name for c in defined)])
    return [name for name in named if name not in PROGNOSIS_COVARIATES]


def _set_sizes(frame: AnalysisFrame, comparison: str) -> list[Described]:
    """How many sets have one control, two, …; in the place of the cases, of which a set has one."""
    sets = len(np.unique(frame.set_id))
    controls = np.bincount(frame.set_position[~frame.case], minlength=sets)
    row = partial(Described, comparison=comparison, about=Characteristic.SET_SIZE, kind=Summary.SHARE)
    return [
        row(level=str(size), cases_n=n, cases_value=n / sets)
        for size, n in ((int(size), int((controls == size).sum())) for size in np.unique(controls))
    ]


def _relations(frame: AnalysisFrame, comparison: str) -> list[Described]:
    """Controls by what they are to the case, where they are not all the same."""
    if "relation" not in frame.sets.column_names:
        return []
    relations = np.asarray(frame.sets["relation"].to_pylist(), dtype=object)[~frame.case]
    kinds, counts = np.unique(relations.astype(str), return_counts=True)
    if len(kinds) < 2:
        return []
    row = partial(Described, comparison=comparison, about=Characteristic.RELATION, kind=Summary.SHARE)
    return [
        row(level=str(name), controls_n=int(n), controls_value=float(n / counts.sum()))
        for name, n in zip(kinds, counts, strict=True)
    ]


def _describe(values: pa.Array, case: Rows, row: Callable[..., Described]) -> list[Described]:
    if pa.types.is_boolean(values.type):
        yes = values.fill_null(False).to_numpy(zero_copy_only=False).astype(bool)
        share = _share(yes, case)
        return [row(level="yes", smd_variable=_size(share.get("smd")), **share)]
    known = np.asarray(values.is_valid())
    if pa.types.is_string(values.type):
        texts = np.asarray(values.fill_null(UNKNOWN).to_pylist(), dtype=object)
        whole = _difference_of_levels(texts[known], case[known])
        levels = sorted(set(texts))
        return [row(level=str(level), smd_variable=whole, **_share(texts == level, case)) for level in levels]
    numbers = np.asarray(values.fill_null(0), dtype=float)
    mean = _mean(numbers[known], case[known])
    row = partial(row, smd_variable=_size(mean.get("smd")))
    return [row(**mean)] if known.all() else [row(**mean), row(level=UNKNOWN, **_share(~known, case))]


class CountsAndValues(TypedDict, total=False):
    """What of a line of Table 1 is counted or averaged."""

    kind: Required[Summary]
    cases_n: Required[int]
    cases_value: float | None
    cases_spread: float
    controls_n: Required[int]
    controls_value: float | None
    controls_spread: float
    smd: float


def _share(yes: Rows, case: Rows) -> CountsAndValues:
    p1, p0 = (float(yes[group].mean()) if group.any() else None for group in (case, ~case))
    row: CountsAndValues = {
        "kind": Summary.SHARE,
        "cases_n": int((yes & case).sum()),
        "cases_value": p1,
        "controls_n": int((yes & ~case).sum()),
        "controls_value": p0,
    }
    if p1 is not None and p0 is not None:
        row["smd"] = _difference(p1, p0, float(np.sqrt((p1 * (1 - p1) + p0 * (1 - p0)) / 2)))
    return row


def _size(smd: float | None) -> float | None:
    return None if smd is None else abs(smd)


def _difference_of_levels(values: NDArray[np.object_], case: Rows) -> float | None:
    """The difference of the known values (n,) of a categorical covariate; None where a group has no known value."""
    if case.all() or not case.any():
        return None
    levels, place = np.unique(values.astype(str), return_inverse=True)
    counts = [np.bincount(place[group], minlength=len(levels)) for group in (case, ~case)]
    return _difference_of_shares(*(n / n.sum() for n in counts))


def _difference_of_shares(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """The standardised mean difference of two shares of levels (k,), (k,) as one number, at least 0.

    The Mahalanobis distance √(d' S⁻¹ d) of the shares of all levels but one, S being the mean of the two multinomial
    covariances (Yang and Dalton 2012, SAS Global Forum 335); of two levels it is the size of the difference of a share.
    Infinite where the groups have no level in common: then, and only then, S is singular.
    """
    if not (first * second).any():
        return math.inf
    d = (first - second)[1:]
    covariance = sum(np.diag(p) - np.outer(p, p) for p in (first[1:], second[1:])) / 2
    return math.sqrt(max(float(d @ np.linalg.solve(covariance, d)), 0.0)) if len(d) else 0.0


def _mean(values: NDArray[np.float64], case: Rows) -> CountsAndValues:
    cases, controls = values[case], values[~case]
    row: CountsAndValues = {"kind": Summary.MEAN, "cases_n": len(cases), "controls_n": len(controls)}
    if len(cases) > 1 and len(controls) > 1:
        (m1, s1), (m0, s0) = _moments(cases), _moments(controls)
        row |= {"cases_value": m1, "cases_spread": s1, "controls_value": m0, "controls_spread": s0}
        row["smd"] = _difference(m1, m0, float(np.sqrt((s1**2 + s0**2) / 2)))
    return row


def _moments(values: NDArray[np.float64]) -> tuple[float, float]:
    """Mean and standard deviation; of equal values exactly that value and nought, which sums would miss by a bit."""
    if values.min() == values.max():
        return float(values[0]), 0.0
    return float(values.mean()), float(values.std(ddof=1))


def _difference(first: float, second: float, spread: float) -> float:
    """The difference in spreads; without any, nought where the two are the same and infinite where they differ."""
    if spread == 0:
        return 0.0 if first == second else math.copysign(math.inf, first - second)
    return float((first - second) / spread)
