"""What an attacker can still compute of what is withheld: the audit of a release, of all its tables at once.

The attacker knows every shown number, every sum, and what anybody knows beforehand; that numbers are whole and at least
0; and where shown numbers are rounded, how. All tables and all earlier releases are one system here. Audited table by
table, what follows from one table is not seen by the audit of another (sdcTools/UserSupport#136).
"""

from __future__ import annotations

from collections.abc import Iterable

from riskset.disclosure.attack import FAR, Attack, Flags, Proofs, Room, attack_on
from riskset.disclosure.pattern import Pattern, Violation
from riskset.disclosure.policy import Policy
from riskset.disclosure.system import Key, System

_AS_THEY_ARE = Policy("numbers as they are")


def bounds(system: System, hidden: Iterable[Key], policy: Policy = _AS_THEY_ARE) -> dict[Key, tuple[int, int | None]]:
    """The smallest and the largest value that each withheld number can still have, both ends included.

    Each end is a value for which whole numbers in the places of all withheld cells were found and checked exactly. So
    an interval is never reported wider than it is: a solver that errs makes it narrower, at worst the true value alone.
    That is the safe side, for whoever decides by it withholds more, never less.

    Parameters
    ----------
    system : all numbers and sums
    hidden : keys of what is withheld
    policy : how shown numbers are rounded; by default they are not

    Returns
    -------
    dict
        Key → lowest, highest; the highest is None where nothing bounds it within a million of the true value.
    """
    attack = attack_on(system, policy)
    mask = system.mask(frozenset(hidden)) & ~attack.fixed  # what was published is not withheld, whoever says so
    room = Room(attack.matrix, *attack.rooms(mask))
    return {cell.key: _interval(system, room, place) for place, cell in enumerate(system.cells) if mask[place]}


def _interval(system: System, room: Room, place: int) -> tuple[int, int | None]:
    value, rise = system.cells[place].value, room.furthest(place, 1)
    endless = rise == FAR and system.cells[place].upper is None
    return value - room.furthest(place, -1), None if endless else value + rise


def audit(system: System, pattern: Pattern, policy: Policy) -> list[Violation]:
    """The primary numbers that an attacker narrows below the policy; the whole system at once.

    A number passes only if for each value that must stay possible (`Policy.required`) whole numbers were found that fit
    all that is shown, and were checked exactly. What is not found counts as a violation, also where a solver gave up.
    """
    attack = attack_on(system, policy)
    return violations(system, attack, system.mask(frozenset(pattern.hidden)) & ~attack.fixed)


def violations(system: System, attack: Attack, hidden: Flags) -> list[Violation]:
    """As `audit`, of cells that are withheld, shape (n,)."""
    down, up = attack.rooms(hidden)
    everywhere = Room(attack.matrix, down, up)
    ruled_out = {d.cell: list(d.amounts) for d in attack.demands if not hidden[d.cell]}  # it stands there to be read
    for cells in attack.components((down > 0) | (up > 0)):
        part = attack.part(cells)
        room, proofs = Room(part.matrix, *part.rooms(hidden[cells])), Proofs(part.demands)
        for demand in part.demands:
            ruled_out.setdefault(int(cells[demand.cell]), proofs.prove(demand, room))
    for demand in attack.demands:  # one that nothing can move is in no component
        ruled_out.setdefault(demand.cell, list(demand.amounts))
    return [
        Violation(cell.key, *_interval(system, everywhere, place), tuple(sorted(cell.value + a for a in amounts)))
        for place, amounts in sorted(ruled_out.items())
        for cell in [system.cells[place]]
        if amounts
    ]
