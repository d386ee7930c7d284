"""Who came between two releases of which one draws a window, a band or a cut otherwise: what bounds their numbers.

How many of those who came are at a level, as either release draws it, stands nowhere and is told by no difference. But
a cut that moves takes people from one neighbour to the other. Of those at the last level of one release who were in
the other, all are at one of its last two levels: as many as are more than these came. And of twenty pairs that came,
of which so twelve cases and eleven controls are at a level, at least three have both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from riskset.disclosure.people_of_rows import CASES, CONTROLS, SIDES
from riskset.disclosure.populations import Counted
from riskset.disclosure.system import Key

RUN = re.compile(r"\((first|last) (\d+)")
"""Neighbouring levels, or strata, put together from either end."""


class Came(NamedTuple):
    """Some who came, at least so many.

    Attributes
    ----------
    more, fewer : keys of the numbers of one release and of the other
    """

    more: Key
    fewer: Key


class Pairs(NamedTuple):
    """Pairs that came, by who of them is at a level: the fewest of one kind that there may be.

    Attributes
    ----------
    all, cases, controls : who came
    both : how many have both at the level, where there are the fewest of that kind
    """

    all: Came
    cases: Came
    controls: Came
    both: int


@dataclass(frozen=True)
class Moved:
    """Two releases of which one has people whom the other lacks.

    Attributes
    ----------
    more, fewer : the name of each number → its key
    values : key → the number
    """

    more: Mapping[Key, Key]
    fewer: Mapping[Key, Key]
    values: Mapping[Key, int]

    def came(self) -> Iterator[Came]:
        """Numbers of one release that exceed those of the other at one neighbouring level, or stratum, more."""
        for name in self.more:
            wider = self._wider(name)
            one = self._came(name, wider) if wider != name else None
            if one is not None:
                yield one

    def pairs(self) -> Iterator[Pairs]:
        """The fewest pairs of each kind that may have come, at each level."""
        for name in [name for name in self.more if name[0] == CASES and RUN.search(name[-1])]:
            group = Counted(*name[: len(Counted._fields)])
            sizes = [self._came(one, one) for one in (group, group._replace(who=CONTROLS))]
            if group.part or None in sizes or not self._are_pairs(group):
                continue
            controls = (CONTROLS, *name[1:])
            few = [self._came(one, self._wider(one)) for one in (name, controls)]
            many = [self._came(one, one) for one in (name, controls)]
            yield from self._fewest(sizes[0], few, many)

    def _fewest(self, of: Came | None, few: list[Came | None], many: list[Came | None]) -> Iterator[Pairs]:
        """With both, with neither, with the case alone, with the control alone."""
        for cases, controls in ((few[0], few[1]), (many[0], many[1]), (few[0], many[1]), (many[0], few[1])):
            if of is None or cases is None or controls is None:
                continue
            n, c, d = map(self.value, (of, cases, controls))
            if max(c, d) <= n:
                fewest = (few[0], few[1]) == (cases, controls) or (many[0], many[1]) == (cases, controls)
                yield Pairs(of, cases, controls, max(0, c + d - n) if fewest else min(c, d))

    def _came(self, more: Key, fewer: Key) -> Came | None:
        if more not in self.more or fewer not in self.fewer:
            return None
        one = Came(self.more[more], self.fewer[fewer])
        return one if self.value(one) > 0 else None

    def value(self, came: Came) -> int:
        """How many came at least."""
        return self.values[came.more] - self.values[came.fewer]

    def counts(self, pairs: Pairs) -> tuple[int, int, int, int]:
        """Pairs with both, the case alone, the control alone and neither at the level."""
        n, cases, controls = map(self.value, pairs[:3])
        return pairs.both, cases - pairs.both, controls - pairs.both, n - cases - controls + pairs.both

    def _are_pairs(self, group: Counted) -> bool:
        sides = [group._replace(who=who) for who in SIDES]
        return all(len({self.values[r[side]] for side in sides}) == 1 for r in (self.more, self.fewer))

    def _wider(self, name: Key) -> Key:
        """The same of the other release with one neighbour more, or itself where it has no more."""
        more = tuple(RUN.sub(lambda run: f"({run[1]} {int(run[2]) + 1}", part) for part in name)
        return more if more in self.fewer else name
