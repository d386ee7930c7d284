"""The partial likelihood of a proportional hazards model under Efron's and Breslow's treatment of ties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from riskset.stats.arrays import Floats
from riskset.stats.newton import Point
from riskset.stats.risk_sets import RiskSets, block_width

_LARGE = 300.0
"""exp() of more than this, up or down, is taken less the middle of its stratum, or as much more as leaves no more."""


@dataclass(frozen=True)
class EventSums:
    """What the events of each slot make of their risk set, at one parameter; every array is (m,).

    With S₀ = Σ u over the risk set, D₀ over its d events, w̄ the mean weight of the events and f = k/d, k = 0 … d − 1
    (f = 0 under Breslow), the denominators are S₀ − f D₀.

    Attributes
    ----------
    log
        Σ_k log(S₀ − f D₀).
    hazard
        The baseline increment Σ_k w̄ / (S₀ − f D₀).
    tied_hazard
        Σ_k f w̄ / (S₀ − f D₀), which the events themselves do not meet.
    at_risk
        S₀, and 1 where there is no event.
    a, b, c
        Σ_k w̄ fʲ (S₀ / (S₀ − f D₀))², j = 0, 1, 2: relative to S₀, whose square may be more than a double holds.
    """

    log: Floats
    hazard: Floats
    tied_hazard: Floats
    at_risk: Floats
    a: Floats
    b: Floats
    c: Floats


@dataclass(frozen=True)
class State:
    """One parameter: u = w exp(η − shift) (r,), η (r,), shift (r,) or 0, and the sums of the events."""

    u: Floats
    eta: Floats
    shift: Floats | float
    sums: EventSums


class CoxLikelihood:
    """The log partial likelihood of log hazard ratios as a function of them.

    The covariates are held once more, sorted and centred within strata. An evaluation needs memory for p sums at each
    distinct event time and for a block of rows.

    Parameters
    ----------
    x
        (n, p) covariates.
    sets
        The risk sets of the n rows.
    weights
        (n,) positive.
    offset
        (n,) a known part of the log hazard ratio.
    ties
        ``"efron"`` or ``"breslow"``.
    late_weight
        (n,) what multiplies the weight of a late row (see ``RiskSets``).

    Attributes
    ----------
    z
        (p, r) covariates less ``centre``, in the order of ``sets.rows``.
    centre
        (strata, p) what was taken off.
    offset, level
        (r,) the offsets less ``level``, their mean: an offset of 10⁵ that all have would cost five digits.
    row_weight, weight
        (r,) the weights given; the same with late rows' changed.
    event_weight, case_weight
        (e,) the weights of the events, and their sum.
    widest
        (p,) no two rows of a stratum differ by more in the column.
    most_chosen
        1: each term of the likelihood chooses one person.
    """

    most_chosen = 1

    def __init__(
        self,
        x: Floats,
        sets: RiskSets,
        *,
        weights: Floats | None = None,
        offset: Floats | None = None,
        ties: Literal["efron", "breslow"] = "efron",
        names: Sequence[str],
        late_weight: Floats | None = None,
    ) -> None:
        self.sets, self.ties, self.names = sets, ties, tuple(names)
        self.n_terms = x.shape[1]
        self._arrange(x)
        rows = sets.rows
        self.level = 0.0 if offset is None else float(offset.mean())
        self.offset = None if offset is None else offset[rows] - self.level
        self.row_weight = self.weight = np.ones(rows.size) if weights is None else weights[rows]
        self.event_weight = self.weight[sets.events]
        self.case_weight = float(self.event_weight.sum())
        if late_weight is not None:
            is_late = np.arange(rows.size) >= sets.n_usual
            self.weight = np.where(is_late, self.row_weight * late_weight[rows], self.row_weight)
        self.unweighted = weights is None and late_weight is None
        tied = sets.n_tied
        self.mean_weight = np.zeros(tied.size)
        np.divide(sets.of_events(self.event_weight), tied, out=self.mean_weight, where=tied > 0)
        self.tied = np.flatnonzero(tied > 1) if ties == "efron" else np.zeros(0, np.int64)
        several = tied[self.tied]
        self._begins = np.cumsum(several) - several  # of the steps of a slot, and of its events
        self._step_slot = np.repeat(self.tied, several)
        self._step = (np.arange(self._step_slot.size) - np.repeat(self._begins, several)) / tied[self._step_slot]
        self.tied_events = sets.events[(tied[sets.last[sets.events]] > 1)] if self.tied.size else sets.events[:0]

    def __call__(self, beta: Floats) -> Point:
        """Log-likelihood, score and information at ``beta`` (p,)."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
            state = self.state(beta)
            value = self._value(state)
            if not np.isfinite(value):
                return Point(-np.inf, np.zeros(self.n_terms), np.zeros((self.n_terms, self.n_terms)))
            return Point(value, *self.derivatives(state))

    def state(self, beta: Floats) -> State:
        """What all else is computed from, at ``beta``."""
        eta = beta @ self.z
        if self.offset is not None:
            eta += self.offset
        shift: Floats | float = 0.0
        if eta.size and max(eta.max(), -eta.min()) > _LARGE:
            lowest, highest = np.full((2, self.sets.n_strata), [[np.inf], [-np.inf]])
            stratum = self.sets.stratum[self.sets.rows]
            np.minimum.at(lowest, stratum, eta)
            np.maximum.at(highest, stratum, eta)
            shift = np.maximum((lowest + highest) / 2, highest - _LARGE)[stratum]
        u = np.exp(eta - shift)
        if not self.unweighted:
            u *= self.weight
        return State(u, eta, shift, self._event_sums(u))

    def derivatives(self, state: State, trend: Floats | None = None) -> tuple[Floats, Floats]:
        """Score (p,) and information (p, p), each slot's part multiplied by ``trend`` (m,) where given."""
        sums, part = state.sums, 1.0 if trend is None else trend
        expected = self.expected(state, trend)
        residual = -expected
        residual[self.sets.events] += self.event_weight * (
            1.0 if trend is None else trend[self.sets.last[self.sets.events]]
        )
        information = np.zeros((self.n_terms, self.n_terms))
        width = block_width(self.n_terms)
        for begin in range(0, expected.size, width):
            block, part_expected = self.z[:, begin : begin + width], expected[begin : begin + width]
            if trend is None:  # half the work: of a matrix times its own transpose
                root = block * np.sqrt(np.maximum(part_expected, 0))
                information += root @ root.T
            else:
                information += (block * part_expected) @ block.T
        s1 = self.sets.products_at_risk(self.z, state.u)
        s1 /= sums.at_risk
        if self.tied.size:
            d1, tied_s1 = self._tied_sums(state.u) / sums.at_risk[self.tied], s1[:, self.tied]
            among = part if trend is None else trend[self.tied]
            cross = (tied_s1 * (sums.b[self.tied] * among)) @ d1.T
            information += cross + cross.T - (d1 * (sums.c[self.tied] * among)) @ d1.T
        if trend is None:
            s1 *= np.sqrt(sums.a)
            information -= s1 @ s1.T
        else:
            information -= (s1 * (sums.a * trend)) @ s1.T
        return self.z @ residual, (information + information.T) / 2

    def expected(self, state: State, trend: Floats | None = None) -> Floats:
        """(r,) u times the hazard each row meets at risk: its weighted expected number of events."""
        part = 1.0 if trend is None else trend
        met = self.sets.met(state.sums.hazard * part)
        if self.tied_events.size:
            met[self.tied_events] -= (state.sums.tied_hazard * part)[self.sets.last[self.tied_events]]
        met *= state.u
        return met

    def hazard_means(self, state: State, *, tied: bool = False) -> Floats:
        """(p, m) Σ_k w̄ mean_k / (S₀ − f D₀), where mean_k is the risk set's mean of z; times f where ``tied``."""
        sums = state.sums
        first, second = (sums.b, sums.c) if tied else (sums.a, sums.b)
        means = self.sets.products_at_risk(self.z, state.u) / sums.at_risk * first
        if self.tied.size:
            means[:, self.tied] -= self._tied_sums(state.u) / sums.at_risk[self.tied] * second[self.tied]
        return np.asarray(means / sums.at_risk)

    def event_means(self, state: State) -> Floats:
        """(p, m) the risk set's mean of z, averaged over the d steps of Efron."""
        s0 = state.sums.at_risk
        means = self.sets.products_at_risk(self.z, state.u) / np.where(self.sets.n_tied > 0, s0, np.inf)
        if self.tied.size:
            tied, n = self.tied, self.sets.n_tied[self.tied]
            d0 = self.sets.of_events(state.u[self.sets.events])
            over = 1 / (s0[self._step_slot] - self._step * d0[self._step_slot])
            once = np.add.reduceat(over, self._begins) / n
            shared = np.add.reduceat(over * self._step, self._begins) / n
            means[:, tied] = means[:, tied] * s0[tied] * once - self._tied_sums(state.u) * shared
        return np.asarray(means)

    def score_residuals(self, beta: Floats) -> Floats:
        """(p, n) score residuals of the rows as given, each multiplied by its weight; they sum to the score."""
        state, sets = self.state(beta), self.sets
        residual = -self.expected(state)
        residual[sets.events] += self.event_weight
        mean, met = self.event_means(state), self.hazard_means(state)
        tied_means = self.hazard_means(state, tied=True) if self.tied.size else None
        scores = np.zeros((self.n_terms, sets.n_rows))
        for j in range(self.n_terms):
            expected = sets.met(met[j])
            if tied_means is not None:
                expected[self.tied_events] -= tied_means[j, sets.last[self.tied_events]]
            score = residual * self.z[j] + state.u * expected
            score[sets.events] -= self.event_weight * mean[j, sets.last[sets.events]]
            scores[j] = np.bincount(sets.rows, score, sets.n_rows)
        return scores

    def cluster_scores(self, beta: Floats, cluster: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
        """(clusters, p) sums of the weighted score residuals; ``cluster`` (n,) numbers the clusters from 0."""
        n_clusters = int(cluster.max()) + 1
        return np.array([np.bincount(cluster, row, n_clusters) for row in self.score_residuals(beta)]).T

    def _arrange(self, x: Floats) -> None:
        """Sort the columns by slot, less their means within strata; of one stratum the mean of some rows will do."""
        sets = self.sets
        if not self.n_terms:
            self.centre = np.zeros((sets.n_strata, 0))
        elif sets.n_strata == 1:
            self.centre = x[:: max(1, len(x) // 10_000)].mean(axis=0)[None]
        else:
            n = np.bincount(sets.stratum)
            self.centre = np.column_stack([np.bincount(sets.stratum, column) / n for column in x.T])
        self.z = np.empty((self.n_terms, sets.rows.size))
        low, high = np.zeros((2, self.n_terms))
        width = block_width(self.n_terms)
        for begin in range(0, sets.rows.size, width):
            rows = sets.rows[begin : begin + width]
            centre = self.centre[sets.stratum[rows]] if sets.n_strata > 1 else self.centre
            block = self.z[:, begin : begin + width]
            block[:] = (x.take(rows, axis=0) - centre).T
            low, high = np.minimum(low, block.min(axis=1)), np.maximum(high, block.max(axis=1))
        self.widest = high - low

    def _event_sums(self, u: Floats) -> EventSums:
        sets, w = self.sets, self.mean_weight
        s0 = np.asarray(np.where(sets.n_tied > 0, sets.at_risk(u), 1.0), float)
        over: Floats = w * sets.n_tied / s0
        log = np.asarray(sets.n_tied * np.log(s0), float)
        none: Floats = np.zeros(s0.size)
        a: Floats = np.asarray(w * sets.n_tied, float)
        if not self.tied.size:
            return EventSums(log, over, none, s0, a, none, none)
        d0 = sets.of_events(u[sets.events])
        slot, f = self._step_slot, self._step
        denominator = s0[slot] - f * d0[slot]
        once = w[slot] / denominator
        twice = w[slot] * (s0[slot] / denominator) ** 2
        tied_hazard, b, c = np.zeros((3, s0.size))
        for whole, steps in (
            (log, np.log(denominator)),
            (over, once),
            (tied_hazard, f * once),
            (a, twice),
            (b, f * twice),
            (c, f * f * twice),
        ):
            whole[self.tied] = np.add.reduceat(steps, self._begins)
        return EventSums(log, over, tied_hazard, s0, a, b, c)

    def _tied_sums(self, u: Floats) -> Floats:
        """(p, tied slots) Σ u z over the events of the slots with several."""
        events = self.tied_events
        of_events = u[events]
        sums = np.empty((self.n_terms, self.tied.size))
        for total, column in zip(sums, self.z, strict=True):
            np.add.reduceat(of_events * column[events], self._begins, out=total)
        return sums

    def _value(self, state: State) -> float:
        """Slot by slot: each is the log of a probability, and no large sums of both signs cancel."""
        events = self.sets.events
        shift = state.shift if isinstance(state.shift, float) else state.shift[events]
        of_events = self.sets.of_events(self.event_weight * (state.eta[events] - shift))
        return float((of_events - self.mean_weight * state.sums.log).sum())
