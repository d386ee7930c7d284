"""Which numbers to withhold: those that may not be known, and those from which they would follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from riskset.disclosure.attack import Attack, Demand, Flags, Integers, Proofs, Room, attack_on
from riskset.disclosure.bounds import violations
from riskset.disclosure.exact import cheapest
from riskset.disclosure.greedy import cover
from riskset.disclosure.pattern import Component, Method, Pattern, Why, Withheld
from riskset.disclosure.policy import Policy
from riskset.disclosure.program import Program
from riskset.disclosure.system import Key, System
from riskset.microdata import Microdata

EXACT_CELLS = 600
"""Cells of a part that may be shown or withheld, up to which it is solved exactly."""
LOOSE_ROUNDS, FEW_ROUNDS = 40, 5
"""Programs with fractions that are solved before the exact method, and to guide the other one."""


def protect(system: System, policy: Policy) -> Pattern:
    """What to withhold of a system so that no primary number can be narrowed below the policy.

    Parts of the system that no sum links are decided on their own: exactly up to `EXACT_CELLS` cells, else one small
    count after the other. A method that gives up is followed by one that withholds more, in the last resort everything
    of the part. In the end the whole is audited at once; a part that does not withstand it is withheld as a whole.
    What cannot be protected even so, because an earlier release tells it, stands in the pattern's violations.

    Parameters
    ----------
    system : all numbers of this release and the earlier ones, with all sums
    policy : what must stay possible

    Returns
    -------
    Pattern
        Nothing may leave unless it `is_safe`.
    """
    attack = attack_on(system, policy)
    if policy.complementary:
        able = ~attack.fixed | (attack.shown_down > 0) | (attack.shown_up > 0)
        parts = [(cells, attack.part(cells)) for cells in attack.components(able)]
        decided = [(cells, _decide(part)) for cells, part in parts if part.demands]
    else:
        cells = np.flatnonzero(~attack.fixed)
        decided = [(cells, _Decision(attack.part(cells), attack.forced[cells], Method.PRIMARY_ONLY))]
    pattern = _pattern(system, attack, decided)
    if policy.complementary and not pattern.is_safe:
        broken = {
            (system.places[v.key], amount - system.cells[system.places[v.key]].value)
            for v in pattern.violations
            for amount in v.ruled_out
        }
        stricter = [(cells, decision.if_broken(cells, broken)) for cells, decision in decided]
        if any(new is not old for (_, new), (_, old) in zip(stricter, decided, strict=True)):
            return _pattern(system, attack, stricter)
    return pattern


@dataclass(frozen=True, eq=False, repr=False)
class _Decision(Microdata):
    """What to withhold of a part.

    Attributes
    ----------
    part : the attack on it
    hidden : what is withheld, shape (n,)
    method, given_up : by which it was decided, and those that gave up before
    proofs : what proves each demand
    at_least : no choice costs less
    beyond : cell and amount of what cannot be protected, whatever is withheld
    """

    part: Attack
    hidden: Flags
    method: Method
    given_up: tuple[Method, ...] = ()
    proofs: Mapping[tuple[int, int], Integers] = field(default_factory=dict)
    at_least: float = 0.0
    beyond: frozenset[tuple[int, int]] = frozenset()

    def if_broken(self, cells: Integers, broken: set[tuple[int, int]]) -> _Decision:
        """Everything instead, if an audit found broken what could have been protected."""
        inside = {int(cell): place for place, cell in enumerate(cells)}
        mine = {(inside[cell], amount) for cell, amount in broken if cell in inside}
        if mine <= self.beyond or self.method is Method.EVERYTHING:
            return self
        return _everything(self.part, (*self.given_up, self.method), self.beyond)

    def component(self, keys: tuple[Key, ...]) -> Component:
        cost = float(self.part.cost[self.hidden].sum())
        able = tuple(key for key, fixed in zip(keys, self.part.fixed, strict=True) if not fixed)
        return Component(able, self.method, self.given_up, cost, min(cost, self.at_least))

    def reasons(self, keys: tuple[Key, ...]) -> dict[Key, Withheld]:
        """Key of what is withheld besides what must be → why."""
        last = self.method is Method.EVERYTHING
        covers: dict[int, set[int]] = {int(cell): set() for cell in np.flatnonzero(self.hidden & ~self.part.forced)}
        for (primary, _), shift in self.proofs.items():
            for cell in covers.keys() & set(np.flatnonzero(shift).tolist()):
                covers[cell].add(primary)
        return {
            keys[cell]: Withheld(
                Why.LAST_RESORT if last else Why.COMPLEMENTARY, tuple(keys[place] for place in sorted(primary))
            )
            for cell, primary in covers.items()
        }


def _decide(part: Attack) -> _Decision:
    """What to withhold of a part: the best that is found, in the last resort everything."""
    part = replace(part, demands=tuple(_unmet(part)))
    if not part.demands:
        return _Decision(part, part.forced, Method.EXACT, at_least=float(part.cost[part.forced].sum()))
    decision, given_up = _search(part)
    if decision is not None:
        return decision
    # Perhaps some value cannot be kept possible, whatever is withheld: an earlier release rules it out.
    room, proofs = Room(part.matrix, *part.rooms(~part.fixed)), Proofs(part.demands)
    failed = {demand.cell: proofs.prove(demand, room) for demand in part.demands}
    beyond = frozenset((cell, amount) for cell, amounts in failed.items() for amount in amounts)
    if beyond:
        left = tuple(Demand(d.cell, tuple(a for a in d.amounts if a not in failed[d.cell])) for d in part.demands)
        decision, given_up = _search(replace(part, demands=left))
        if decision is not None:
            return replace(decision, beyond=beyond)
    return _everything(part, given_up, beyond)


def _unmet(part: Attack) -> Iterator[Demand]:
    """Demands that what is withheld in any case does not meet."""
    room, proofs = Room(part.matrix, *part.rooms(part.forced)), Proofs(part.demands)
    return (demand for demand in part.demands if not proofs.proves_at_once(demand, room))


def _search(part: Attack) -> tuple[_Decision | None, tuple[Method, ...]]:
    """A decision that meets every demand, or None; and the methods that gave up."""
    program = Program(part)
    small = int((~(part.fixed | part.forced)).sum()) <= EXACT_CELLS
    relaxed = program.relaxed(LOOSE_ROUNDS if small else FEW_ROUNDS)
    if relaxed is None:
        return None, (Method.EXACT, Method.GUIDED)
    wanted, at_least = relaxed
    given_up: tuple[Method, ...] = ()
    if small:
        answer = cheapest(part, program)
        if answer is not None:
            hidden, proofs = answer
            cost = float(part.cost[hidden].sum())
            return _Decision(part, hidden, Method.EXACT, (), proofs.shifts, cost), ()
        given_up = (Method.EXACT,)
    answer = cover(part, wanted)
    if answer is None:
        return None, (*given_up, Method.GUIDED)
    hidden, proofs = answer
    return _Decision(part, hidden, Method.GUIDED, given_up, proofs.shifts, at_least), given_up


def _everything(part: Attack, given_up: tuple[Method, ...], beyond: frozenset[tuple[int, int]]) -> _Decision:
    return _Decision(part, ~part.fixed, Method.EVERYTHING, given_up, beyond=beyond)


def _pattern(system: System, attack: Attack, decided: list[tuple[Integers, _Decision]]) -> Pattern:
    """The decisions on all parts as one pattern, audited as a whole."""
    hidden = attack.forced.copy()
    why: dict[Key, Withheld] = {}
    components = []
    for cells, decision in decided:
        keys = tuple(system.cells[cell].key for cell in cells)
        hidden[cells] = decision.hidden
        why |= decision.reasons(keys)
        components.append(decision.component(keys))
    forced = {True: Withheld(Why.PRIMARY), False: Withheld(Why.EARLIER)}
    withheld = {
        cell.key: why.get(cell.key, forced[cell.primary])
        for cell, is_hidden in zip(system.cells, hidden, strict=True)
        if is_hidden
    }
    return Pattern(withheld, tuple(components), tuple(violations(system, attack, hidden)))
