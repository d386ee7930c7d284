"""Numbers of models' own people of which nothing stated says anything: what is withheld is decided without them.

They are many, and nearly always nobody could narrow one who knew every stated number. Where that is proved, nothing has
to be withheld for them.
"""

from __future__ import annotations

import numpy as np

from riskset.disclosure.attack import Attack, Flags, Proofs, Room, attack_on
from riskset.disclosure.people_of_rows import is_of_model
from riskset.disclosure.policy import Policy
from riskset.disclosure.populations import Counted
from riskset.disclosure.system import Equation, Key, System, counts_people

SIZE = len(Counted._fields) + 1
"""How long the key of a group's size, and of what is left of one, is at most."""


def without_idle(system: System, policy: Policy) -> System:
    """The numbers without those of models, part by part, of which each may be what it must, whatever is shown."""
    idle = _idle(system, policy)
    return System(
        tuple(cell for cell in system.cells if cell.key not in idle),
        tuple(Equation(sum_.coefficients) for sum_ in system.equations if not idle & sum_.coefficients.keys()),
    )


def _idle(system: System, policy: Policy) -> set[Key]:
    attack, idle = attack_on(system, policy), set[Key]()
    of_models = np.array([is_of_model(cell.key) for cell in system.cells], np.bool_)
    is_size = np.array([len(c.key) <= SIZE or not counts_people(c.key) for c in system.cells], np.bool_)
    narrowed = np.zeros(len(system.cells), np.bool_)
    for cells in attack.components(of_models):
        narrowed[cells] = _narrowed(attack.part(cells))
    for parts in (attack.components(of_models), attack.components(of_models & ~is_size)):
        for cells in parts:
            if not narrowed[cells].any():
                idle |= {system.cells[cell].key for cell in cells}
    return idle


def _narrowed(part: Attack) -> Flags:
    """Numbers of a part that may not be what they must, if all others are taken for known."""
    room, proofs = Room(part.matrix, part.withheld_down, part.withheld_up), Proofs(part.demands)
    narrowed = np.zeros(len(part.cost), np.bool_)
    for demand in part.demands:
        narrowed[demand.cell] = not proofs.proves_at_once(demand, room) and bool(proofs.prove(demand, room))
    return narrowed
