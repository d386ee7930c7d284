"""When a partial likelihood has no finite maximum, or none that is unique, and which terms are the reason."""

from __future__ import annotations

import heapq

import numpy as np
from scipy.optimize import linprog

from riskset.errors import FitError
from riskset.stats.arrays import Floats, Integers
from riskset.stats.clogit import separation
from riskset.stats.cox.partial import CoxLikelihood
from riskset.stats.newton import Point

_SILENT = 1e-10
"""A column with a smaller share than this of its variation within risk sets varies in none."""


def require_independent(likelihood: CoxLikelihood, null: Point) -> None:
    """Refuse terms that vary in no risk set, and terms that are there combinations of the terms before them."""
    known = np.diagonal(null.information)
    varies = known > 1e-6 * likelihood.widest**2 * likelihood.event_weight.sum()  # surely enough, and quickly seen
    if not varies.all():
        expected = likelihood.expected(likelihood.state(np.zeros(likelihood.n_terms)))
        total = np.array([(column * column) @ expected for column in likelihood.z])
        varies = known > _SILENT * total
    silent = [name for name, v in zip(likelihood.names, varies, strict=True) if not v]
    if silent:
        raise FitError(
            "the term varies among those at risk at no event time", where=", ".join(silent), remedy="leave it out"
        )
    separation.require_independent(null.information, likelihood.names, within="the risk sets")


def require_no_separation(likelihood: CoxLikelihood, score: Floats) -> None:
    """Refuse data in which some combination of terms is never lower in who has the event than in others at risk.

    Along such a γ the likelihood rises for ever. ``score`` (p,) is the one at 0, a positive combination of all the
    differences event − rival, so that γᵀ score > 0 says that one of them is not 0. Terms that are not needed for it
    are left out of the message.
    """
    used = np.flatnonzero(likelihood.widest > 0)
    scaled = likelihood.z[used] / likelihood.widest[used, None]
    pull = score[used] * likelihood.widest[used]
    pull = pull / np.abs(pull).max() if np.abs(pull).max() > 0 else pull
    needed = np.ones(used.size, bool)
    rivals = _Rivals(likelihood)
    if not _separable(scaled, pull, rivals):
        return
    for j in range(used.size):
        needed[j] = False
        needed[j] = not needed.any() or not _separable(scaled[needed], pull[needed], rivals)
    terms = [likelihood.names[j] for j in used[needed]]
    together = " by these terms together" if len(terms) > 1 else ""
    raise FitError(
        f"separation{together}: at no event time does anyone at risk speak against those with the event, so the"
        " likelihood has no finite maximum",
        where=", ".join(terms),
        remedy="leave the term out or merge levels",
    )


class _Rivals:
    """Finds, for each event, who at risk with it has the largest value."""

    def __init__(self, likelihood: CoxLikelihood) -> None:
        sets = likelihood.sets
        self.events, self.last, self.first = sets.events, sets.last, sets.first
        self.slot = sets.last[sets.events]

    def largest(self, values: Floats) -> Integers:
        """(e,) positions of the rows with the largest of ``values`` (r,) in the risk sets of the events.

        Slots are taken last to first; a heap holds those who have not left yet, dropped once they had not entered.
        """
        by_last = np.argsort(-self.last, kind="stable")
        best = np.empty(int(self.last.max()) + 1, np.int64)
        heap: list[tuple[float, int]] = []
        taken = 0
        for slot in np.unique(self.slot)[::-1]:
            while taken < by_last.size and self.last[by_last[taken]] >= slot:
                position = int(by_last[taken])
                heapq.heappush(heap, (-float(values[position]), position))
                taken += 1
            while self.first[heap[0][1]] >= slot:
                heapq.heappop(heap)
            best[slot] = heap[0][1]
        return best[self.slot]


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
