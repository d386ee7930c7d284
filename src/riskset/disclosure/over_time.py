"""Releases of a project as one system: the numbers of each, and between each two how many came or are left out.

A number that differs in two releases tells a third: of how many more, or fewer, people the one is. It is a count like
any other, though it stands nowhere. Whoever knows both descriptions knows which of the two has the more people, and so
in every number: that it is not below nought is what narrows numbers that both releases withhold.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from riskset.disclosure.book import Linked, Spot
from riskset.disclosure.moved_cuts import Came, Moved, Pairs
from riskset.disclosure.policy import Policy
from riskset.disclosure.populations import REFERENCE, Counted, Trait
from riskset.disclosure.system import Cell, Equation, Key, Synonyms, System, counts_people


@dataclass(frozen=True)
class Numbers:
    """The numbers of an earlier release, those withheld and those that stand nowhere, too.

    Attributes
    ----------
    values : key → the number
    names : each name of a number → its key
    sums : coefficients of what adds up to nought
    published : numbers that left: the lowest and the highest count that each stands for
    study : the fingerprint of the description
    unions : keys of neighbouring levels put together, which no table states
    """

    values: Mapping[Key, int] = field(default_factory=dict)
    names: Mapping[Key, Key] = field(default_factory=dict)
    sums: Sequence[Mapping[Key, int]] = ()
    published: Mapping[Key, tuple[int, int]] = field(default_factory=dict)
    study: str = ""
    unions: frozenset[Key] = frozenset()

    def named(self, prefix: Key) -> Numbers:
        """The same numbers with longer keys, by the same names."""
        return Numbers(
            {(*prefix, *key): value for key, value in self.values.items()},
            {name: (*prefix, *key) for name, key in self.names.items()},
            [{(*prefix, *key): times for key, times in terms.items()} for terms in self.sums],
            {(*prefix, *key): ends for key, ends in self.published.items()},
            self.study,
            frozenset((*prefix, *key) for key in self.unions),
        )

    def together(self, other: Numbers) -> Numbers:
        """The numbers of two releases of the same study on the same data."""
        return Numbers(
            {**self.values, **other.values},
            {**self.names, **other.names},
            [*self.sums, *other.sums],
            {**self.published, **other.published},
            self.study,
        )

    def with_neighbours(self) -> Numbers:
        """The same with levels, and strata, put together: the first, the first two, …, the last two, the last.

        Another window, band or cut moves people between neighbours, and gives them other names. Of the levels until one
        there are then more, or fewer, and the other way round of those from it on.
        """
        values, names, sums = dict(self.values), dict(self.names), list(self.sums)
        for family, keys in self._families().items():
            runs = {f"(first {k})": keys[:k] for k in range(1, len(keys) + 1)}
            runs |= {f"(last {k})": keys[-k:] for k in range(1, len(keys))}
            levels = [key for key in keys if REFERENCE not in key]
            if 1 < len(levels) < len(keys):
                runs |= {f"(last {k} levels)": levels[-k:] for k in range(1, len(levels) + 1)}
            for run, members in runs.items():
                name = tuple(part.replace(MANY, run) for part in family)
                names[name] = members[0] if len(members) == 1 else name
                if len(members) > 1:
                    values[name] = sum(values[key] for key in members)
                    sums.append({name: -1, **Counter(members)})
        return replace(
            self, values=values, names=names, sums=sums, unions=frozenset(values.keys() - self.values.keys())
        )

    def _families(self) -> dict[Key, list[Key]]:
        """Levels of one measure, and strata of one modifier, in order."""
        families: defaultdict[Key, list[Key]] = defaultdict(list)
        for name, key in self.names.items():
            if len(name) == LEVEL and name[:GROUP] in self.names:  # levels of discordant pairs make nothing up
                families[*name[:-1], MANY].append(key)
            if len(name) in (GROUP, LEVEL) and " " in name[GROUP - 1] and (*name[: GROUP - 1], "") in self.names:
                modifier = name[GROUP - 1].split(" ")[0]
                families[*name[: GROUP - 1], f"{modifier} {MANY}", *name[GROUP:]].append(key)
        return families


GROUP = len(Counted._fields)
LEVEL = GROUP + len(Trait._fields)
"""How long the keys of a group of people, and of those of its people who are at a level, are."""
MANY = "(…)"


@dataclass(frozen=True)
class Joined:
    """A new release in one system with earlier ones.

    Attributes
    ----------
    linked : its numbers, and those of the earlier releases
    close : keys of numbers that differ by too few from what an earlier release says of them
    estimates : those that bound a number which differs by too few from that of an earlier release
    """

    linked: Linked
    close: frozenset[Key]
    estimates: frozenset[Spot] = frozenset()


def joined(linked: Linked, study: str, earlier: Sequence[Numbers], policy: Policy) -> Joined:
    """One system of a new release with earlier ones of other data or another description.

    Parameters
    ----------
    study : the fingerprint of the new release's description
    """
    if not earlier:
        return Joined(linked, frozenset())
    new = Numbers({cell.key: cell.value for cell in linked.system.cells}, linked.names, study=study)
    numbers = [new, *(each.named(("release", str(i))) for i, each in enumerate(earlier, 1))]
    if len({each.study for each in numbers}) > 1:
        numbers = [
            new.with_neighbours(),
            *(e.with_neighbours().named(("release", str(i))) for i, e in enumerate(earlier, 1)),
        ]
    project = _Project(linked, numbers[0], policy)
    for each in numbers[1:]:
        project.add(each)
    return project.joined()


class _Project:
    """The numbers of all releases, of which equal ones of one name are one."""

    def __init__(self, linked: Linked, new: Numbers, policy: Policy) -> None:
        self._linked, self._policy = linked, policy
        self._cells = {key: Cell(key, value, hidden=True) for key, value in new.values.items()}
        self._cells |= {cell.key: cell for cell in linked.system.cells}
        self._sums = [*(equation.coefficients for equation in linked.system.equations), *new.sums]
        self._releases = [new]
        self._one = Synonyms()
        self._close: set[Key] = set()
        self._estimates: set[Spot] = set()

    def add(self, earlier: Numbers) -> None:
        """Write down the numbers of an earlier release, and what lies between them and the others."""
        for key, value in earlier.values.items():
            ends = earlier.published.get(key)
            is_count = counts_people(key) and key not in earlier.unions
            is_primary = ends is None and is_count and self._policy.is_small(value)
            self._cells[key] = Cell(
                key, value, primary=is_primary, published=ends is not None, stands_for=ends, hidden=ends is None
            )
        self._sums += earlier.sums
        for other in self._releases:
            for name, key in earlier.names.items():
                if name in other.names:
                    self._link(self._one.main(key), self._one.main(other.names[name]))
            if other.study != earlier.study:
                values = {key: cell.value for key, cell in self._cells.items()}
                names, others = (
                    {name: self._one.main(key) for name, key in one.names.items()} for one in (earlier, other)
                )
                self._link_moved(Moved(names, others, values))
                self._link_moved(Moved(others, names, values))
        self._releases.append(earlier)

    def joined(self) -> Joined:
        """The whole as one system."""
        cells = tuple(cell for key, cell in self._cells.items() if key not in self._one)
        sums = {tuple(sorted(terms.items())): terms for terms in map(self._one.rewritten, self._sums) if terms}
        system = System(cells, tuple(Equation(terms) for terms in sums.values()))
        return Joined(replace(self._linked, system=system), frozenset(self._close), frozenset(self._estimates))

    def _link(self, before: Key, after: Key) -> None:
        """Two numbers of one name: they are one, or what lies between them is a number."""
        if before == after:
            return
        was, now = self._cells[before], self._cells[after]
        if 0 < abs(was.value - now.value) < self._policy.minimum:
            # One bound is as much below its number as the other, nearly: they differ as the numbers do.
            self._estimates.update(self._linked.bounded.get(after, ()))
        if was.value == now.value:
            self._merge(was, now)
        elif _is_exact(was) and self._may_be_bound(now, was):
            self._bound(now, was)
        elif _is_exact(now) and self._may_be_bound(was, now):
            self._bound(was, now)
        else:
            larger, smaller = (after, before) if now.value > was.value else (before, after)
            key = ("between", *before, "and", *after)
            is_primary = self._is_close(was, now) and not (was.published and now.published)
            self._cells[key] = Cell(key, abs(now.value - was.value), primary=is_primary, hidden=True)
            self._sums.append({larger: 1, smaller: -1, key: -1})

    def _link_moved(self, moved: Moved) -> None:
        """Who came, and which pairs, are numbers where they may be few."""
        for came in moved.came():
            if moved.value(came) < self._policy.minimum:
                self._came(came, is_asked=True)
        for pairs in moved.pairs():
            counts = moved.counts(pairs)
            if any(map(self._policy.is_small, counts)):
                self._pairs(pairs, counts)

    def _came(self, came: Came, *, is_asked: bool = False) -> Key:
        """How many came at least."""
        more, fewer = self._cells[came.more], self._cells[came.fewer]
        key, n = ("came", *more.key, "and", *fewer.key), more.value - fewer.value
        is_primary = is_asked and self._policy.is_small(n) and not (more.published and fewer.published)
        if key not in self._cells or is_primary:
            self._cells[key] = Cell(key, n, primary=is_primary, hidden=True)
            self._sums.append({more.key: 1, fewer.key: -1, key: -1})
        return key

    def _pairs(self, pairs: Pairs, counts: Sequence[int]) -> None:
        of, cases, controls = (self._came(one) for one in pairs[:3])
        both, alone, control_alone, neither = (
            ("pairs", f"{i} {pairs.both}", *cases, "and", *controls) for i in range(4)
        )
        are_published = all(self._cells[key].published for came in pairs[:3] for key in came)
        for key, n in zip((both, alone, control_alone, neither), counts, strict=True):
            self._cells[key] = Cell(key, n, primary=self._policy.is_small(n) and not are_published, hidden=True)
        self._sums += [
            {cases: 1, both: -1, alone: -1},
            {controls: 1, both: -1, control_alone: -1},
            {of: 1, both: -1, alone: -1, control_alone: -1, neither: -1},
        ]

    def _merge(self, was: Cell, now: Cell) -> None:
        """Of equal numbers: what has left stays known, what was withheld stays withheld."""
        self._one.put(was.key, now.key)
        is_published = was.published or now.published
        self._cells[now.key] = replace(
            now,
            published=is_published,
            stands_for=was.stands_for if was.published else now.stands_for,
            hidden=(was.hidden or now.hidden) and not is_published,
            lower=max(was.lower, now.lower),
            upper=min((end for end in (was.upper, now.upper) if end is not None), default=None),
        )

    def _may_be_bound(self, cell: Cell, published: Cell) -> bool:
        """Of an earlier release no more is asked than was when it left: what lies between stays a number."""
        return cell.published or cell.key in self._linked.spots or not self._is_close(cell, published)

    def _is_close(self, one: Cell, other: Cell) -> bool:
        return abs(one.value - other.value) < self._policy.minimum

    def _bound(self, cell: Cell, published: Cell) -> None:
        """A number is on its side of a published one, and may not be known to be next to it."""
        is_close = self._is_close(cell, published) and not cell.published
        if is_close:
            self._close.add(cell.key)
        lower, upper = cell.lower, cell.upper
        if cell.value > published.value:
            lower = max(lower, published.value)
        else:
            upper = published.value if upper is None else min(upper, published.value)
        self._cells[cell.key] = replace(cell, primary=cell.primary or is_close, lower=lower, upper=upper)


def _is_exact(cell: Cell) -> bool:
    return cell.published and cell.stands_for in (None, (cell.value, cell.value))
