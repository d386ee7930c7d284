"""Estimates beside what is known of a synthetic nation, for the same comparison and model form only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Literal

import pyarrow as pa

from riskset.results.row_cells import EstimateCells, KnownCells
from riskset.results.vocabulary import Analysis, Estimator, TruthKind


@dataclass(frozen=True)
class Known:
    """The rows of ``planted`` about one estimate.

    Attributes
    ----------
    planted : the planted ratio that a model of its form aims at; None for another form
    pseudo_true : the limit that a model of its form tends to, where that was solved
    elsewhere : the ratio planted for its level, where models of another form aim at it
    """

    planted: KnownCells | None = None
    pseudo_true: KnownCells | None = None
    elsewhere: KnownCells | None = None


@dataclass(frozen=True)
class Beside:
    """An estimate beside what is known, all on the model's scale.

    Attributes
    ----------
    row, truth : of the estimates and of ``planted``
    shown : the row whose numbers are judged: Firth's where maximum likelihood has no finite estimate
    """

    row: EstimateCells
    shown: EstimateCells
    truth: KnownCells

    def number(self, name: Literal["estimate", "std_error", "conf_low", "conf_high"]) -> float:
        """A number of the estimate that is judged, NaN where there is none."""
        value = self.shown[name]
        return nan if value is None else float(value)

    @property
    def is_firth(self) -> bool:
        """Whether Firth's estimate stands in."""
        return bool(self.shown["estimator"] == Estimator.FIRTH)

    @property
    def holds(self) -> bool:
        """Whether the interval holds the truth; one that is not there holds nothing."""
        return bool(self.number("conf_low") <= self.truth["value"] <= self.number("conf_high"))


def known_of(row: EstimateCells, truths: Sequence[KnownCells]) -> Known:
    """What is known beside a row of the estimates: the one place where estimates and truths are matched.

    A subgroup, a model with a name (and covariates) of its own, a sensitivity analysis and Firth's estimate, which is
    judged where it stands in for the ordinary one, have no truth of their own.
    """
    if row["modifier"] or row["model_name"] or row["sensitivity"] or row["estimator"] == Estimator.FIRTH:
        return Known()
    alike = [t for t in truths if _aims(row) == _aims(t) and t["comparison"] in ("", row["comparison"])]
    aimed = [t for t in alike if t["form"] in ("", row["form"])]
    planted = next((t for t in aimed if _is_planted(t)), None)
    elsewhere = next((t for t in alike if _is_planted(t)), None) if planted is None else None
    return Known(planted, next((t for t in aimed if not _is_planted(t)), None), elsewhere)


def _is_planted(truth: KnownCells) -> bool:
    return TruthKind(truth["truth"]).is_planted


def beside_planted(estimates: pa.Table, planted: pa.Table, *, pseudo_true: bool = False) -> list[Beside]:
    """Each estimate that aims at a planted value beside it.

    Parameters
    ----------
    estimates, planted : with the columns of ``results.tables``
    pseudo_true : instead of planted values, the limits that models of another form tend to

    Returns
    -------
    By comparison and then in the order of ``planted``. Estimates of all sets only, no subgroups; a value that nothing
    targets is not there. Where maximum likelihood has no finite estimate, Firth's stands in; without that, the estimate
    and its interval are NaN and hold nothing.
    """
    rows, truths = estimates.to_pylist(), planted.to_pylist()
    penalised = {
        _place(row): row for row in rows if row["estimator"] == Estimator.FIRTH and row["estimate"] is not None
    }
    comparisons = list(dict.fromkeys(row["comparison"] for row in rows))
    placed = []
    for row in (row for row in rows if row["analysis"] == Analysis.RISK):
        known = known_of(row, truths)
        truth = known.pseudo_true if pseudo_true else known.planted
        if truth is None:
            continue
        shown = row if row["estimate"] is not None else penalised.get(_place(row), row)
        place = comparisons.index(row["comparison"]), truths.index(truth)
        placed.append((place, Beside(row, shown, truth)))
    return [each for _, each in sorted(placed, key=lambda pair: pair[0])]


_PLACE = (
    *("analysis", "family", "measure", "association", "cause", "exposure", "role", "covariate", "level", "contrast"),
    *("scale", "horizon"),
)
"""Columns that estimates share with the truth that they, or models of another form, aim at."""


def _aims(row: Mapping[str, object]) -> tuple[object, ...]:
    """What an estimate or a truth is of."""
    return tuple(row[name] for name in _PLACE)


def _place(row: EstimateCells) -> tuple[object, ...]:
    """What an ordinary estimate and Firth's have in common."""
    of_sets = row["comparison"], row["form"], row["model_name"], row["modifier"], row["stratum"], row["against"]
    return *_aims(row), *of_sets
