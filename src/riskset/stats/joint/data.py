"""The data of a joint model: checked, and the visits reduced to sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Floats, Integers, numbers, require_range, term_names
from riskset.stats.collinear import require_independent
from riskset.stats.joint.trajectory import Trajectory
from riskset.stats.near_ties import tolerance

_HERE = "joint model"
_MOST_CAUSES = 1000


@dataclass(frozen=True)
class Visits:
    """Sums over the visits of each patient, with f the terms of the mean, z those of the random effects, y the score.

    y is the score less the patient's mean score, ``centre`` (n,): where scores have their zero costs no digits. f
    begins with a constant, so that κ less ``centre`` in its first entry describes it. ``count`` (n,), ``yy`` (n,),
    ``fy`` (n, K), ``zy`` (n, q), ``ff`` (n, K, K), ``fz`` (n, K, q), ``zz`` (n, q, q).
    """

    centre: Floats
    count: Floats
    yy: Floats
    fy: Floats
    zy: Floats
    ff: Floats
    fz: Floats
    zz: Floats

    @classmethod
    def of(cls, y: Floats, f: Floats, z: Floats, patient: Integers, n: int) -> Visits:
        """Form the sums of rows (N,) of patients numbered 0 … n − 1; a patient without visits has zeros."""
        order = np.argsort(patient, kind="stable")
        y, f, z = y[order], f[order], z[order]
        present, first = np.unique(patient[order], return_index=True)

        def total(values: Floats) -> Floats:
            out = np.zeros((n, *values.shape[1:]))
            if len(first):
                out[present] = np.add.reduceat(values, first, axis=0)
            return out

        count = total(np.ones_like(y))
        centre = total(y) / np.maximum(count, 1)
        y = y - centre[patient[order]]
        return cls(
            centre,
            count,
            total(y * y),
            total(f * y[:, None]),
            total(z * y[:, None]),
            total(f[:, :, None] * f[:, None, :]),
            total(f[:, :, None] * z[:, None, :]),
            total(z[:, :, None] * z[:, None, :]),
        )

    def take(self, patients: Integers | slice) -> Visits:
        """The sums of some patients."""
        return Visits(*(getattr(self, part.name)[patients] for part in fields(self)))

    def squares(self, kappa: Floats) -> Floats:
        """(n,) Σ (y − fᵀκ)² for coefficients κ (n, K) of the scores."""
        shifted = self._about_centre(kappa)
        half = self.fy - 0.5 * np.einsum("nkl,nl->nk", self.ff, shifted)
        return np.asarray(self.yy - 2 * np.einsum("nk,nk->n", shifted, half))

    def toward_fixed(self, kappa: Floats) -> Floats:
        """(n, K) Σ f (y − fᵀκ)."""
        return np.asarray(self.fy - np.einsum("nkl,nl->nk", self.ff, self._about_centre(kappa)))

    def toward_random(self, kappa: Floats) -> Floats:
        """(n, q) Σ z (y − fᵀκ)."""
        return np.asarray(self.zy - np.einsum("nkq,nk->nq", self.fz, self._about_centre(kappa)))

    def _about_centre(self, kappa: Floats) -> Floats:
        shifted = np.array(kappa)
        shifted[:, 0] -= self.centre
        return shifted


@dataclass(frozen=True)
class JointData:
    """Checked data. N visits of n patients.

    Attributes
    ----------
    y, time, patient
        (N,) scores, their times, and whose they are: 0 … n − 1.
    start, stop, event
        (n,) entry (0: followed from the origin), last time, and cause of the event there, 0 for none.
    x, w
        (n, m) covariates of the trajectory and (n, r) of the hazard.
    x_names, w_names
        Their names.
    causes
        Number of causes.
    visits
        Sums over the visits.
    """

    trajectory: Trajectory
    y: Floats
    time: Floats
    patient: Integers
    start: Floats
    stop: Floats
    event: Integers
    x: Floats
    w: Floats
    x_names: tuple[str, ...]
    w_names: tuple[str, ...]
    causes: int
    visits: Visits

    @property
    def n(self) -> int:
        """Patients."""
        return len(self.stop)

    @property
    def fixed_names(self) -> tuple[str, ...]:
        """(p,) the fixed effects."""
        return self.trajectory.names(self.x_names)

    def design(self) -> tuple[Floats, Floats]:
        """x (N, p) and z (N, q) of the visits."""
        return self.trajectory.design(self.time, self.x[self.patient])


def check_data(
    trajectory: Trajectory,
    y: ArrayLike,
    time: ArrayLike,
    patient: ArrayLike,
    stop: ArrayLike,
    event: ArrayLike,
    start: ArrayLike | None,
    x: ArrayLike | None,
    w: ArrayLike | None,
    x_names: Sequence[str] | None,
    w_names: Sequence[str] | None,
) -> JointData:
    """Check everything and form the sums; FitError says what is wrong and in how many patients."""
    stops = _column(stop, "stop")
    n = len(stops)
    events = _causes(event, n)
    starts = np.zeros(n) if start is None else _column(start, "start", n)
    scores = _column(y, "y")
    times = _column(time, "time", len(scores))
    whose = _positions(patient, scores.size, n)
    xs, x_named = _matrix(x, n, "x", x_names)
    ws, w_named = _matrix(w, n, "w", w_names)
    _require_times(times, whose, starts, stops)
    strange = [j for j in (*trajectory.shifts, *trajectory.bends) if j not in range(xs.shape[1])]
    if strange:
        raise ValueError(f"the trajectory names column {strange[0]} of x, which has {xs.shape[1]}, counted from 0")
    terms = trajectory.fixed.value(times)
    visits = Visits.of(scores, terms, trajectory.random.value(times), whose, n)
    data = JointData(
        trajectory, scores, times, whose, starts, stops, events, xs, ws, x_named, w_named, int(events.max()), visits
    )
    _require_informative_visits(data)
    require_independent(data.design()[0], data.fixed_names, where=_HERE)
    require_independent(np.column_stack([np.ones(n), ws]), ("a constant", *w_named), where=_HERE)
    _require_events_everywhere(data)
    return data


def _positions(patient: ArrayLike, n_rows: int, n: int) -> Integers:
    """(N,) whose each score is, of n patients."""
    whose = numbers(patient, "patient")
    if whose.shape != (n_rows,) or not np.all(whose == np.rint(whose)):  # a missing one is none
        raise ValueError("patient should hold one integer for each row of y")
    if whose.size and not 0 <= whose.min() <= whose.max() < n:
        raise ValueError(f"patient should number the {n} patients of stop from 0")
    return whose.astype(np.int64)


def _column(values: ArrayLike, name: str, length: int | None = None) -> Floats:
    column = numbers(values, name)
    if column.ndim != 1 or (length is not None and column.size != length):
        raise ValueError(f"{name} has shape {column.shape}; it should be ({'n' if length is None else length},)")
    _require_finite(column, name)
    return column


def _require_finite(values: Floats, name: str) -> None:
    missing = int(np.count_nonzero(~np.isfinite(values)))
    if missing:
        raise FitError(
            f"{missing} values are missing or infinite", where=name, remedy="leave those rows out, and say how many"
        )
    require_range(values, name)


def _matrix(values: ArrayLike | None, n: int, name: str, names: Sequence[str] | None) -> tuple[Floats, tuple[str, ...]]:
    matrix = np.zeros((n, 0)) if values is None else numbers(values, name)
    if matrix.ndim == 1:
        matrix = matrix[:, None]
    if matrix.ndim != 2 or len(matrix) != n:
        raise ValueError(f"{name} has shape {matrix.shape}; it should have one row for each of {n} patients")
    named = term_names(values, matrix.shape[1], names, name)
    for j, label in enumerate(named):
        _require_finite(matrix[:, j], label)
    return matrix, named


def _causes(event: ArrayLike, n: int) -> Integers:
    values = numbers(event, "event")
    if values.shape != (n,):
        raise ValueError(f"event has shape {values.shape}; it should be ({n},)")
    if not np.all((values == np.rint(values)) & (values >= 0) & (values <= _MOST_CAUSES)):
        raise FitError("there are values other than 0 (no event) and the causes 1, 2, …", where="event")
    causes = values.astype(np.int64)
    if not causes.any():
        raise FitError("nobody has an event", where="event", remedy="fit a mixed model", problem=FitProblem.NO_EVENT)
    for cause in range(1, int(causes.max()) + 1):
        if not np.any(causes == cause):
            raise FitError(
                f"nobody has an event of cause {cause}",
                where="event",
                remedy="number the causes anew",
                problem=FitProblem.NO_EVENT_OF_CAUSE,
            )
    return causes


def _require_times(times: Floats, whose: Integers, starts: Floats, stops: Floats) -> None:
    early = int(np.count_nonzero(starts < 0))
    if early:
        raise FitError(
            f"{early} patients enter before time 0", where="start", remedy="count time from an earlier origin"
        )
    empty = int(np.count_nonzero(stops <= starts))
    if empty:
        raise FitError(
            f"{empty} patients leave at or before their entry",
            where="stop",
            remedy="make stop the day after the last day at risk, or leave them out and say how many",
        )
    late = np.unique(whose[times > stops[whose] + tolerance(stops)]).size
    if late:
        raise FitError(
            f"{late} patients have scores after their last time", where="time", remedy="set those scores aside"
        )


def _require_informative_visits(data: JointData) -> None:
    q, most = data.trajectory.random.n_terms, int(data.visits.count.max(initial=0))
    if most < max(2, q):
        raise FitError(
            f"no patient has more than {most} scores, so patients cannot be told from error",
            where="y",
            remedy=f"{q} random effects need patients with {max(2, q)} scores or more",
            problem=FitProblem.FEW_SCORES,
            facts={"most": most, "effects": q, "needed": max(2, q)},
        )
    if np.ptp(data.y) == 0:
        raise FitError(
            "the score is constant", where="y", remedy="choose another marker", problem=FitProblem.CONSTANT_SCORE
        )


def _require_events_everywhere(data: JointData) -> None:
    for cause in range(1, data.causes + 1):
        for name, column in zip(data.w_names, data.w.T, strict=True):
            seen = column[data.event == cause]
            if np.ptp(seen) == 0 and seen[0] in (column.min(), column.max()):
                lowest = seen[0] == column.min()
                raise FitError(
                    f"separation: all {seen.size} events have its {'lowest' if lowest else 'highest'}"
                    " level, so its hazard ratio has no finite estimate",
                    where=name,
                    remedy="merge levels or leave it out",
                    problem=FitProblem.ALL_EVENTS_LOWEST if lowest else FitProblem.ALL_EVENTS_HIGHEST,
                    terms=[name],
                    facts={"events": int(seen.size)},
                )
