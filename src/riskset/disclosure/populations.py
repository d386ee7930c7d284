"""Counts of groups of people and of their parts, and what adds up within a group and between groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from riskset.disclosure.book import Book, Spot
from riskset.disclosure.system import Key


class Counted(NamedTuple):
    """Who is counted.

    Attributes
    ----------
    who : cases, controls, sets, patients, events, scores
    comparison : the label of the controls; cases where patients are followed
    part : which of them; empty for all
    """

    who: str
    comparison: str
    part: str = ""


class Trait(NamedTuple):
    """By what people of a group are told apart, and the level.

    Attributes
    ----------
    about : covariate, exposure, …
    name, measure, level : the covariate or class, the measure, and its level
    """

    about: str
    name: str
    measure: str
    level: str

    @property
    def kind(self) -> tuple[str, str, str]:
        """What the levels are of."""
        return self.about, self.name, self.measure


REFERENCE = "(reference)"
"""The level of those who are at no other."""

WHOLE, MAIN, LEVEL, SOME = 200.0, 100.0, 20.0, 1.0
"""What it costs to withhold the size of a group that no model left anybody out of, a level of it (of use in the largest
comparison, of another), and all else.

Of what protects a small number, what the fewest estimates stand on is withheld first.
"""


@dataclass
class Groups:
    """The groups of a run's tables."""

    book: Book
    totals: dict[Counted, Key] = field(default_factory=dict)
    levels: defaultdict[Counted, dict[Trait, Key]] = field(default_factory=lambda: defaultdict(dict))

    def size(self, group: Counted, value: int | None, *spots: Spot) -> None:
        """The number of people in a group."""
        if value is not None:
            weight = SOME if group.part else WHOLE
            key = self.book.put(tuple(group), value, *spots, weight=weight)
            self.totals.setdefault(group, key)

    def level(self, group: Counted, trait: Trait, value: int | None, *spots: Spot) -> None:
        """The number of people of a group at a level."""
        if value is not None:
            weight = SOME if group.part else LEVEL
            key = self.book.put((*group, *trait), value, *spots, weight=weight)
            self.levels[group].setdefault(trait, key)

    def prefer(self, groups: Iterable[Counted]) -> None:
        """Withhold levels of use in these groups last: the main results stand on them."""
        for group in groups:
            for trait, key in self.levels[group].items():
                if trait.about == "exposure":
                    self.book.weights[key] = MAIN

    def complete(self) -> None:
        """Give each group the level of those who are at none of its levels: the reference, which stands nowhere."""
        for group, traits in self.levels.items():
            kinds: defaultdict[tuple[str, str, str], list[Key]] = defaultdict(list)
            for trait, key in traits.items():
                kinds[trait.kind].append(key)
            for kind, keys in kinds.items():
                left = self.book.values[self.totals[group]] - self._sum(keys) if group in self.totals else 0
                if left > 0:
                    self.level(group, Trait(*kind, REFERENCE), left)

    def partition(self) -> None:
        """Levels add up to their group."""
        for group, traits in self.levels.items():
            kinds: defaultdict[tuple[str, str, str], list[Key]] = defaultdict(list)
            for trait, key in traits.items():
                kinds[trait.kind].append(key)
            for kind, keys in kinds.items():
                if group in self.totals:
                    self.book.add_up(self.totals[group], keys, (*group, *kind, "(none of them)"))

    def _sum(self, keys: Sequence[Key]) -> int:
        return sum(self.book.values[key] for key in keys)

    def nest(self, wholes_and_parts: Sequence[tuple[str, str, tuple[str, ...]]], sides: tuple[str, ...]) -> None:
        """Write down that people of some parts of a comparison are those of another part, or of all, but for a rest.

        A model leaves out who has an unknown covariate, often a handful. Where the numbers of a part would give them
        away by subtraction, they are not stated at all: the numbers of the whole are, and they are enough.

        Parameters
        ----------
        wholes_and_parts : comparison, the part that is the whole, and the parts without a common member that make it up
        sides : the people of both kinds who leave together
        """
        for comparison, whole, parts in wholes_and_parts:
            self._drop_totals(comparison, whole, parts, sides)
            for who in sides:
                self._drop_levels(Counted(who, comparison, whole), [Counted(who, comparison, part) for part in parts])
        for comparison, whole, parts in wholes_and_parts:
            for who in sides:
                self.together(Counted(who, comparison, whole), tuple(Counted(who, comparison, part) for part in parts))

    def _drop_totals(self, comparison: str, whole: str, parts: tuple[str, ...], sides: tuple[str, ...]) -> None:
        values = self.book.values
        for who in sides:
            groups = [Counted(who, comparison, part) for part in parts]
            total = self.totals.get(Counted(who, comparison, whole))
            if total is None or any(group not in self.totals for group in groups):
                continue
            if self._is_few(values[total] - sum(values[self.totals[group]] for group in groups)):
                for group in (Counted(side, comparison, part) for side in sides for part in parts):
                    if group in self.totals:
                        self.book.drop(self.totals.pop(group))
                return

    def _drop_levels(self, whole: Counted, parts: list[Counted]) -> None:
        values = self.book.values
        kinds = dict.fromkeys(trait.kind for part in parts for trait in self.levels[part])
        for kind in kinds:
            traits = [trait for trait in self.levels[whole] if trait.kind == kind]
            shared = [t for t in traits if all(t in self.levels[part] for part in parts)]
            rests = [values[self.levels[whole][t]] - sum(values[self.levels[p][t]] for p in parts) for t in shared]
            if whole in self.totals and all(part in self.totals for part in parts) and len(shared) == len(traits):
                left = values[self.totals[whole]] - sum(values[self.totals[part]] for part in parts)
                rests.append(left - sum(rests))
            if any(self._is_few(rest) for rest in rests):
                for part in parts:
                    for trait in [trait for trait in self.levels[part] if trait.kind == kind]:
                        self.book.drop(self.levels[part].pop(trait))

    def _is_few(self, rest: int) -> bool:
        return 0 < abs(rest) < self.book.policy.minimum

    def within(self, outer: Counted, inner: Counted) -> None:
        """All people of one group are in another: its levels, too, and what is between them follows."""
        self.together(outer, (inner,))

    def together(self, whole: Counted, parts: tuple[Counted, ...]) -> None:
        """Groups without a common member make one up, but for a rest."""
        if whole in parts:
            return
        of = [(part.who if part.who != whole.who else "", part.comparison, part.part) for part in parts]
        name = "(not " + ", ".join(" ".join(filter(None, each)) for each in of) + ")"
        if whole in self.totals and all(part in self.totals for part in parts):
            keys = [self.totals[part] for part in parts]
            self.book.add_up(self.totals[whole], keys, (*whole, name))
        for trait, key in self.levels[whole].items():
            keys = [self.levels[part][trait] for part in parts if trait in self.levels[part]]
            if len(keys) == len(parts):
                self.book.add_up(key, keys, (*whole, *trait, name))

    def alike(self, one: Counted, other: Counted) -> None:
        """Two groups are of the same people, if no number of them says otherwise."""
        shared = [
            (key, self.levels[other][trait]) for trait, key in self.levels[one].items() if trait in self.levels[other]
        ]
        if one in self.totals and other in self.totals:
            shared.append((self.totals[one], self.totals[other]))
        if all(self.book.values[a] == self.book.values[b] for a, b in shared):
            for a, b in shared:
                self.book.same(a, b)

    def align_measures(self, groups: list[Counted]) -> None:
        """Levels of one measure of a class that are those of another put together, in every group.

        Ever use with a lag of a year is first use more than a year ago, in two bands: nobody who knows the definitions
        needs to be told. Neighbouring levels with the same number of people in *every* group are taken for such.
        """
        measures: defaultdict[str, dict[str, list[Trait]]] = defaultdict(dict)
        for group in groups:
            for trait in self.levels[group]:
                if trait.about == "exposure":
                    levels = measures[trait.name].setdefault(trait.measure, [])
                    levels += [] if trait in levels else [trait]
        for by_measure in measures.values():
            names = list(by_measure)
            for one in names:
                for other in (name for name in names if name != one):
                    self._align(groups, by_measure[one], by_measure[other])

    def _align(self, groups: list[Counted], levels: list[Trait], others: list[Trait]) -> None:
        runs = [others[i:j] for i in range(len(others)) for j in range(i + 1, len(others) + 1)]
        singles = [[level] for level in levels]
        for left in [*singles, *([levels] if len(levels) > 1 else [])]:
            for right in runs:
                have = [g for g in groups if all(t in self.levels[g] for t in (*left, *right))]
                sides = [([self.levels[g][t] for t in left], [self.levels[g][t] for t in right]) for g in have]
                counts = [tuple(sum(self.book.values[k] for k in side) for side in both) for both in sides]
                if counts and all(a == b for a, b in counts) and any(a for a, _ in counts):
                    for a, b in sides:
                        self.book.sums.append({**dict.fromkeys(a, 1), **dict.fromkeys(b, -1)})
