"""Which numbers to withhold at least cost: cutting planes until no attack finds anything, as `program` has it.

An answer that withstands attacks with fractions but not those in whole numbers (rare, and only where tables are linked)
is excluded with all that withhold less: whoever sees more cannot know less.
"""

from __future__ import annotations

import numpy as np

from riskset.disclosure.attack import Attack, Flags, Proofs, Room
from riskset.disclosure.program import Program

ROUNDS = 40
"""Programs with whole yeses and noes before it is given up; most need fewer than five."""


def cheapest(attack: Attack, program: Program) -> tuple[Flags, Proofs] | None:
    """Cells to withhold at least cost, shape (n,), with what proves every demand.

    None where a demand cannot be met, or the search is given up.

    Parameters
    ----------
    attack : a part of a system that hangs together
    program : its inequalities so far; more are added
    """
    for _ in range(ROUNDS):
        wanted = program.solve(whole=True)
        if wanted is None:
            return None
        hidden = wanted > 0.5
        if program.attacked(hidden.astype(np.float64), whole=True):
            continue
        proofs = Proofs(attack.demands)
        room = Room(attack.matrix, *attack.rooms(hidden))
        if not any(proofs.prove(demand, room) for demand in attack.demands):
            return hidden, proofs
        program.exclude(hidden)
    return None
