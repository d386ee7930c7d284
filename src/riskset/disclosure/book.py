"""Numbers of a run's tables as they are gathered: which are one and the same, where each stands, and what adds up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from riskset.disclosure.policy import Policy
from riskset.disclosure.system import BEYOND, Cell, Equation, Key, Synonyms, System, counts_people


@dataclass(frozen=True, order=True)
class Spot:
    """A cell of a table: where a number stands.

    Attributes
    ----------
    table : its name in ``results.tables``
    row : from 0
    column : its name
    """

    table: str
    row: int
    column: str


@dataclass(frozen=True)
class Linked:
    """The numbers of a run as one system.

    Attributes
    ----------
    system : numbers and the sums between them
    spots : key → where the number stands; nowhere, for one that only follows from others
    names : each name of a number → its key in the system; what is one number in two tables has two
    bounded : key → estimates that tell a number from below, and so, beside those of another release, what lies between
    """

    system: System
    spots: Mapping[Key, tuple[Spot, ...]]
    names: Mapping[Key, Key]
    bounded: Mapping[Key, tuple[Spot, ...]] = field(default_factory=dict)


@dataclass
class Book:
    """Numbers by what they count.

    Attributes
    ----------
    policy : whose rules will be applied
    values, spots, weights : key → the number, where it stands, what it costs to withhold it
    sums : coefficients of what adds up to nought
    unstated : where numbers stand that are not stated at all, and whether they are small themselves
    lowest : key → what a number is at least, for whoever has what leaves of other kinds
    bounded : key → where estimates stand that tell the number from below

    A sum is written down where it holds by definition, and also where two definitions may coincide and do: whoever
    attacks knows the definitions, and to suppose a sum too many only withholds more.
    """

    policy: Policy
    values: dict[Key, int] = field(default_factory=dict)
    spots: defaultdict[Key, list[Spot]] = field(default_factory=lambda: defaultdict(list))
    weights: dict[Key, float] = field(default_factory=dict)
    sums: list[dict[Key, int]] = field(default_factory=list)
    unstated: dict[Spot, bool] = field(default_factory=dict)
    lowest: dict[Key, int] = field(default_factory=dict)
    bounded: defaultdict[Key, list[Spot]] = field(default_factory=lambda: defaultdict(list))
    _same: Synonyms = field(default_factory=Synonyms)

    def put(self, key: Key, value: int, *spots: Spot, weight: float = 1.0) -> Key:
        """Write a number down and return its key.

        Two numbers of one key that differ are two: the second has a key of its own and is stated nowhere, since nobody
        has written down how it differs.
        """
        one, another = key, 1
        while self.values.get(one, value) != value:
            another += 1
            one = (*key, f"({another})")
        if one != key:
            self.unstated |= dict.fromkeys(spots, self.policy.is_small(value))
            spots = ()
        self.values[one] = value
        self.spots[one] += spots
        self.weights[one] = max(weight, self.weights.get(one, 0.0))
        return one

    def rest(self, key: Key, value: int) -> Key:
        """Write down a number that stands nowhere and follows from others."""
        return self.put(key, value)

    def value(self, key: Key) -> int | None:
        """A number that is written down."""
        return self.values.get(key)

    def drop(self, key: Key) -> None:
        """Take a number out: it is stated nowhere, whatever it is."""
        value = self.values.pop(key, None)
        self.weights.pop(key, None)
        if value is not None:
            self.unstated |= dict.fromkeys(self.spots.pop(key, []), self.policy.is_small(value))

    def conceal(self, key: Key) -> None:
        """State a number nowhere; what follows from it still does."""
        self.unstated |= dict.fromkeys(self.spots.pop(key, []), self.policy.is_small(self.values[key]))

    def leave_out(self, spots: Iterable[tuple[Spot, int]]) -> None:
        """State none of these numbers but those that are written down: nobody has written down what links them."""
        written = {spot for places in self.spots.values() for spot in places}
        for spot, value in spots:
            if spot not in written:
                self.unstated.setdefault(spot, self.policy.is_small(value))

    def same(self, one: Key, other: Key) -> None:
        """Two keys are of the same number, if both are there and do not differ."""
        if one in self.values and self.values.get(one) == self.values.get(other):
            first, second = sorted((self._same.main(one), self._same.main(other)))
            if first != second:
                self._same.put(second, first)

    def add_up(self, total: Key, parts: Iterable[Key], rest: Key, *, times: Sequence[int] = ()) -> None:
        """A total is its parts and a rest, which may be nobody; where the parts are more than the total, nothing is.

        Parameters
        ----------
        total, parts : keys that are written down
        rest : the key of what is left
        times : how often each part counts; once when left out
        """
        parts = list(parts)
        counts = list(times) or [1] * len(parts)
        left = self.values[total] - sum(n * self.values[part] for n, part in zip(counts, parts, strict=True))
        if left < 0 or not parts:
            return
        if not left and len(parts) == 1 and counts == [1]:
            self.same(total, parts[0])
            return
        terms: defaultdict[Key, int] = defaultdict(int, {total: 1})
        for n, part in zip(counts, parts, strict=True):
            terms[part] -= n
        if left:
            terms[self.rest(rest, left)] -= 1
        self.sums.append(dict(terms))

    def at_least(self, terms: Mapping[Key, int], key: Key) -> None:
        """Numbers that add up to nought or more; where they do not, nothing is. By how much more counts nobody."""
        left = sum(times * self.values[one] for one, times in terms.items())
        if left >= 0:
            beyond = self.put((*key, BEYOND), left)
            self.sums.append({**terms, beyond: -1})

    def numbers(self) -> dict[Key, int]:
        """Key, as the system names it → the number, of those that stand somewhere."""
        return {self._same.main(key): value for key, value in self.values.items() if self.spots.get(key)}

    def linked(self, *, known: Mapping[Key, tuple[int, int]] | None = None, kept: Iterable[Key] = ()) -> Linked:
        """All numbers as one system.

        Parameters
        ----------
        known : numbers that an earlier release holds: the lowest and the highest count that each stands for
        kept : keys of numbers that an earlier release withheld
        """
        known, kept = known or {}, set(kept)
        spots: defaultdict[Key, list[Spot]] = defaultdict(list)
        for key in self.values:
            spots[self._same.main(key)] += self.spots[key]
        weights = dict.fromkeys(spots, 1.0)
        for key, weight in self.weights.items():
            weights[self._same.main(key)] = max(weight, weights[self._same.main(key)])
        cells = tuple(self._cell(key, bool(where), weights[key], known, kept) for key, where in spots.items())
        sums = {
            tuple(sorted(rewritten.items())): rewritten
            for rewritten in map(self._same.rewritten, self.sums)
            if rewritten
        }
        where = {key: tuple(sorted(each)) for key, each in spots.items()}
        names = {key: self._same.main(key) for key in self.values if counts_people(key)}
        bounded: defaultdict[Key, tuple[Spot, ...]] = defaultdict(tuple)
        for key, estimates in self.bounded.items():
            bounded[self._same.main(key)] += tuple(estimates)
        return Linked(System(cells, tuple(Equation(terms) for terms in sums.values())), where, names, bounded)

    def _cell(
        self, key: Key, stands: bool, weight: float, known: Mapping[Key, tuple[int, int]], kept: set[Key]
    ) -> Cell:
        value = self.values[key]
        ends = known.get(key)
        is_primary = counts_people(key) and self.policy.is_small(value)
        if ends is not None and ends[0] <= value <= ends[1]:
            return Cell(key, value, primary=is_primary, weight=weight, published=True, stands_for=ends)
        lowest = min(self.lowest.get(key, 0), value)
        return Cell(key, value, primary=is_primary, lower=lowest, weight=weight, hidden=not stands or key in kept)
