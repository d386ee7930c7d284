"""The cell suppression problem as inequalities, of which only those are written down that an attack has found.

The model is that of Fischetti & Salazar-González (2001). For each cell a yes or no (withhold it), and for each value
that must stay possible the question whether an attacker can rule it out. By duality of linear programming each way of
ruling it out is an inequality between the yeses and noes; there are far too many to write down, so a program is solved
with some, its answer attacked, and what the attacks find is added, until they find nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_matrix, vstack

from riskset.disclosure.attack import Attack, Flags, Integers, linked
from riskset.disclosure.quiet import quiet

NODES = 20_000
"""Nodes of one program. Rounds and nodes, not seconds: every machine gives up at the same place."""
HAIR = 1e-5
"""The share of its cost by which the last cell is dearer than the first: of equal answers one is the cheapest."""
VIOLATED = 1e-4
"""By how much an inequality, scaled to a right side of 1, must fail to be worth adding."""


class Program:
    """The inequalities so far: each a row of coefficients whose product with the yeses is at least 1."""

    def __init__(self, attack: Attack) -> None:
        self.attack = attack
        count = len(attack.cost)
        self._free = ~(attack.fixed | attack.forced)
        self._bounds = Bounds(attack.forced.astype(np.float64), (~attack.fixed).astype(np.float64))
        # A hair's breadth for the place: of answers that cost the same one is the cheapest.
        self._cost = attack.cost * (1 + HAIR * np.arange(count) / count)
        self._rows: list[csr_matrix] = []
        self._company = None if attack.shown_up.any() or attack.shown_down.any() else self._in_company()
        by_cell = attack.matrix.tocsc()
        for demand in attack.demands:
            start, stop = by_cell.indptr[demand.cell : demand.cell + 2]
            for row, coefficient in zip(by_cell.indices[start:stop], by_cell.data[start:stop], strict=True):
                weights = -attack.matrix[[row]].toarray()[0] / coefficient
                weights[demand.cell] = 0  # a cell moves against the others of its sum
                for amount in demand.ends:
                    self._add(abs(amount), np.sign(amount) * weights)

    def relaxed(self, rounds: int) -> tuple[NDArray[np.float64], float] | None:
        """The share of a yes that each cell gets if shares are allowed, and what that costs: no answer costs less.

        None where a demand cannot be met.

        Parameters
        ----------
        rounds : programs that are solved; after fewer there may be nothing left to find
        """
        wanted = self.solve(whole=False)
        for _ in range(rounds):
            if wanted is None or not self.attacked(wanted, whole=False):
                break
            wanted = self.solve(whole=False)
        return None if wanted is None else (wanted, float(self._cost @ wanted) / (1 + HAIR))

    def solve(self, *, whole: bool) -> NDArray[np.float64] | None:
        """The cheapest yeses (1) and noes (0), or with fractions the share of each; None where there are none."""
        constraints = [LinearConstraint(vstack(self._rows), 1, np.inf)] if self._rows else []
        if self._company is not None and self._company.shape[0]:
            constraints.append(LinearConstraint(self._company, 0, np.inf))
        with quiet():
            answer = milp(
                self._cost,
                integrality=np.full(len(self._cost), int(whole)),
                bounds=self._bounds,
                constraints=constraints,
                options={"node_limit": NODES, "mip_rel_gap": 0},
            )
        return np.clip(answer.x, 0, 1) if answer.status == 0 else None

    def attacked(self, wanted: NDArray[np.float64], *, whole: bool) -> bool:
        """Attack an answer by linear programs and add the inequalities that it breaks; whether there were any."""
        attack, before = self.attack, len(self._rows)
        up = attack.shown_up + (attack.withheld_up - attack.shown_up) * wanted
        down = attack.shown_down + (attack.withheld_down - attack.shown_down) * wanted
        places = np.flatnonzero((up > 0) | (down > 0))
        group = linked(attack.matrix[:, places])
        for demand in attack.demands:
            if not up[demand.cell] and not down[demand.cell]:
                continue
            alike = places[group == group[np.searchsorted(places, demand.cell)]]
            for amount in demand.ends:
                reach = np.stack([down[alike], up[alike]])
                if (
                    not whole
                ):  # of a hardly withheld cell with much room a fraction is room enough: grant it a share only
                    share = abs(amount) * wanted[alike]
                    reach = np.minimum(reach, np.maximum(share, [attack.shown_down[alike], attack.shown_up[alike]]))
                self._strike(int(np.searchsorted(alike, demand.cell)), amount, alike, reach, wanted)
        return len(self._rows) > before

    def _strike(
        self, at: int, amount: int, cells: Integers, reach: NDArray[np.float64], wanted: NDArray[np.float64]
    ) -> None:
        """How far a cell can be moved within reach; where that is too little, the inequality that says why."""
        movable = self.attack.matrix[:, cells]
        sums = np.flatnonzero(np.diff(movable.indptr))
        direction = np.zeros(len(wanted))
        direction[cells[at]] = np.sign(amount)
        answer = linprog(
            -direction[cells],
            A_eq=movable[sums],
            b_eq=np.zeros(len(sums)),
            bounds=np.stack([-reach[0], reach[1]], axis=1),
        )
        if answer.status != 0 or -answer.fun >= abs(amount) * (1 - VIOLATED):
            return
        # Any multipliers give a true inequality; those of the solver give one that is broken.
        multipliers = np.round(answer.eqlin.marginals, 9)
        self._add(abs(amount), direction + self.attack.matrix[sums].T @ multipliers, wanted)

    def _add(self, amount: int, weights: NDArray[np.float64], wanted: NDArray[np.float64] | None = None) -> None:
        """Add that a cell can be moved by an amount, if its move is a weighted sum of all cells' moves.

        Each cell contributes at most its weight times its room. No cell counts for more than all that is missing.
        """
        attack = self.attack
        if not amount:
            return
        rise, fall = np.maximum(weights, 0), np.maximum(-weights, 0)
        shown = rise * attack.shown_up + fall * attack.shown_down
        withheld = rise * attack.withheld_up + fall * attack.withheld_down
        missing = amount - np.where(attack.forced, withheld, shown).sum()
        if missing <= VIOLATED * amount:
            return
        row = np.where(self._free, np.minimum((withheld - shown) / missing, 1), 0)
        if wanted is None or row @ wanted < 1 - VIOLATED:
            self._rows.append(csr_matrix(row))

    def exclude(self, hidden: Flags) -> None:
        """Withhold something besides."""
        self._rows.append(csr_matrix((~hidden & self._free).astype(np.float64)))

    def _in_company(self) -> csr_matrix:
        """No cell that may be shown is the only one withheld of a sum: it would follow, and protect nothing."""
        attack, rows, columns, signs = self.attack, [], [], []
        able = ~attack.fixed
        count = 0
        for row in range(attack.matrix.shape[0]):
            cells = attack.matrix.indices[attack.matrix.indptr[row] : attack.matrix.indptr[row + 1]]
            cells = cells[able[cells]]
            for cell in cells[self._free[cells]]:
                rows += [count] * len(cells)
                columns += cells.tolist()
                signs += np.where(cells == cell, -1, 1).tolist()
                count += 1
        return csr_matrix((signs, (rows, columns)), shape=(count, len(able)))
