"""When a partial likelihood has no finite maximum, or none that is unique, and which terms are the reason."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Floats, Integers
from riskset.stats.clogit import separation
from riskset.stats.cox.partial import CoxLikelihood
from riskset.stats.newton import Point

_SILENT = 1e-10
"""A column with a smaller share than this of its variation within risk sets varies in none."""


def require_independent(likelihood: CoxLikelihood, null: Point) -> None:
    """Refuse offsets beyond a double, terms that vary in no risk set, and combinations of the terms before them."""
    if not np.isfinite(null.value):
        raise FitError(
            "the offsets of one stratum lie so far apart that some risk set has no weight beside the rest of it",
            where="offset",
            remedy="look for an offset in the wrong unit, or take those who never meet for strata",
        )
    known = np.diagonal(null.information)
    varies = known > 1e-6 * likelihood.widest**2 * likelihood.event_weight.sum()  # surely enough, and quickly seen
    if not varies.all():
        expected = likelihood.expected(likelihood.state(np.zeros(likelihood.n_terms)))
        total = np.array([(column * column) @ expected for column in likelihood.z])
        varies = known > _SILENT * total
    silent = [name for name, v in zip(likelihood.names, varies, strict=True) if not v]
    if silent:
        raise FitError(
            "the term varies among those at risk at no event time",
            where=", ".join(silent),
            remedy="leave it out",
            problem=FitProblem.NEVER_VARIES,
            terms=silent,
        )
    separation.require_independent(null.information, likelihood.names, problem=FitProblem.COLLINEAR_AT_RISK)


def require_no_separation(likelihood: CoxLikelihood) -> None:
    """Refuse data in which some combination of terms is never lower in who has the event than in others at risk.

    Along such a γ the likelihood rises for ever. Terms that do so alone are found by comparison, without a tolerance;
    else a linear program looks for several, and those that are not needed are left out of the message.
    """
    rivals = _Rivals(likelihood)
    alone = [name for name, column in zip(likelihood.names, likelihood.z, strict=True) if rivals.separates(column)]
    names = alone or _separating_together(likelihood, rivals)
    if not names:
        return
    together = "" if alone else " by these terms together"
    raise FitError(
        f"separation{together}: at no event time does anyone at risk speak against those with the event, so the"
        " likelihood has no finite maximum",
        where=", ".join(names),
        remedy="leave the term out or merge levels",
        problem=FitProblem.SEPARATED_AT_RISK if alone else FitProblem.SEPARATED_AT_RISK_TOGETHER,
        terms=names,
    )


def _separating_together(likelihood: CoxLikelihood, rivals: _Rivals) -> list[str]:
    """The terms, of as few as may be, of which a combination separates; none where there is no such combination.

    Columns are taken in units of their spread within risk sets. The pull (p,), the sum of all differences event − mean
    at risk, whatever weights and offsets, is a positive combination of the differences event − rival: γᵀ pull > 0 says
    that one of them is not 0.
    """
    pull, spread = _unweighted_pull(likelihood)
    used = np.flatnonzero(spread > 0)
    z, pull = likelihood.z[used] / spread[used, None], pull[used] / spread[used]
    if np.abs(pull).max(initial=0.0) > 0:
        pull = pull / np.abs(pull).max()
    if not _separable(z, pull, rivals):
        return []
    needed = np.ones(used.size, bool)
    for j in range(used.size):
        needed[j] = False
        needed[j] = not needed.any() or not _separable(z[needed], pull[needed], rivals)
    return [likelihood.names[j] for j in used[needed]]


def _unweighted_pull(likelihood: CoxLikelihood) -> tuple[Floats, Floats]:
    """(p,) the sums over events of z less its mean at risk, and the spread of z within risk sets."""
    sets, z = likelihood.sets, likelihood.z
    ones = np.ones(z.shape[1])
    at_risk = np.where(sets.n_tied > 0, sets.at_risk(ones), 1.0)
    rate = sets.n_tied / at_risk
    expected = sets.met(rate)
    residual = -expected
    residual[sets.events] += 1
    means = sets.products_at_risk(z, ones) / at_risk
    square = (z * z) @ expected - (means * means) @ sets.n_tied
    return z @ residual, np.sqrt(np.maximum(square, 0.0) / max(sets.events.size, 1))


class _Rivals:
    """Finds, for each event, who at risk with it has the largest value."""

    def __init__(self, likelihood: CoxLikelihood) -> None:
        self.sets, self.events = likelihood.sets, likelihood.sets.events
        self._slot = self.sets.last[self.events]

    def largest(self, values: Floats) -> Integers:
        """(e,) positions of the rows with the largest of ``values`` (r,) in the risk sets of the events."""
        order = np.argsort(values, kind="stable")
        rank = np.empty_like(order)
        rank[order] = np.arange(order.size)
        return np.asarray(order[self.sets.highest(rank)[self._slot]])

    def separates(self, column: Floats) -> bool:
        """Has nobody at risk more, or has nobody less, of ``column`` (r,) than those with the event?"""
        return any(bool(np.all(values[self.largest(values)] <= values[self.events])) for values in (column, -column))


def _separable(z: Floats, pull: Floats, rivals: _Rivals) -> bool:
    """Is there a γ with γᵀ(rival − event) ≤ 0 in all risk sets, and γᵀ pull > 0?

    The linear program: maximise γᵀ pull subject to those and |γ| ≤ 1, solved with some of the constraints; the worst
    that it breaks are added until it breaks none, or has no solution, which then the whole has not.
    """
    direction = np.sign(pull)
    known: set[tuple[int, int]] = set()
    rows: list[Floats] = []
    while True:
        values = direction @ z
        best = rivals.largest(values)
        over = values[best] - values[rivals.events]
        worst = np.argsort(-over, kind="stable")[:500]
        fresh = [(int(rivals.events[i]), int(best[i])) for i in worst if over[i] > 1e-8]
        fresh = [pair for pair in dict.fromkeys(fresh) if pair not in known]
        if not fresh:
            return bool(direction @ pull > 1e-7)
        known.update(fresh)
        rows += [z[:, rival] - z[:, event] for event, rival in fresh]
        solution = linprog(-pull, A_ub=np.array(rows), b_ub=np.zeros(len(rows)), bounds=(-1, 1))
        if not solution.success or -solution.fun <= 1e-7:
            return False
        direction = solution.x
