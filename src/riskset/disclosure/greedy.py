"""Which numbers to withhold, one small count after the other: for systems too large for the exact method.

For each value that must stay possible and does not, the cheapest shift that makes it possible is sought, where moving a
withheld cell is free and moving another costs what it costs to withhold it; the cells that it moves are withheld. In a
table these are the paths of Kelly, Golden & Assad (1992) and Castro (2002); here any sums will do. Cells that the
program of `program` wants with fractions are taken first, which brings the answer close to the cheapest. Afterwards
each cell that turns out not to be needed is shown again, the dearest first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from riskset.disclosure.attack import Attack, Flags, Proofs, Room

GUIDED = 0.9
"""The share of its cost that a cell is spared while paths are sought, if the program wants it whole."""
NEXT_TO_NOTHING = 1e-4
"""What it costs to move a withheld cell by 1: so little that it decides only between shifts of one cost."""


def cover(attack: Attack, wanted: NDArray[np.float64]) -> tuple[Flags, Proofs] | None:
    """Cells to withhold, shape (n,), with what proves every demand; None where a demand cannot be met.

    Parameters
    ----------
    attack : a part of a system that hangs together
    wanted : how much the relaxed program wants each cell, from 0 to 1, shape (n,)
    """
    cost = attack.cost * (1 - GUIDED * wanted)
    everything = Room(attack.matrix, *attack.rooms(~attack.fixed))
    hidden, proofs = attack.forced.copy(), Proofs(attack.demands)
    for demand in sorted(attack.demands, key=lambda d: (-d.width, d.cell)):
        for amount in demand.amounts:
            if amount not in proofs.missing(demand):
                continue
            shift = everything.find(demand.cell, amount, _prices(attack, hidden, cost, abs(amount)))
            if shift is None:
                return None
            hidden = hidden | (shift < -attack.shown_down) | (shift > attack.shown_up)
            proofs.keep(shift)
    return spared(attack, hidden, proofs), proofs


def _prices(attack: Attack, hidden: Flags, cost: NDArray[np.float64], amount: int) -> NDArray[np.float64]:
    """Of moving each cell by 1, such that a cell that is moved by all it can, or by the amount, costs its cost."""
    most = np.clip(np.maximum(attack.withheld_down, attack.withheld_up), 1, amount)
    prices: NDArray[np.float64] = np.where(hidden, NEXT_TO_NOTHING * cost.min(), cost / most)
    return prices


def spared(attack: Attack, hidden: Flags, proofs: Proofs) -> Flags:
    """The cells to withhold without those whose withholding protects nothing, the dearest spared first."""
    extra = np.flatnonzero(hidden & ~attack.forced)
    for cell in extra[np.argsort(-attack.cost[extra], kind="stable")]:
        fewer, before = hidden.copy(), proofs.shifts.copy()
        fewer[cell] = False
        room = Room(attack.matrix, *attack.rooms(fewer))
        if any(proofs.prove(proofs.demands[lost], room) for lost in sorted(proofs.drop(room))):
            proofs.shifts = before
        else:
            hidden = fewer
    return hidden
