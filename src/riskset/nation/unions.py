"""Couples: who lives with whom, from when until when. One after the other, never two at once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

import numpy as np

from riskset.nation.people import END, MAN, START, WOMAN, People
from riskset.nation.streams import NEVER, YEAR, Bools, Floats, Ints, Stream, day_number, rank_within, stream

KINDS = ("cohabiting", "married", "registered")
COHABITING, MARRIED, REGISTERED = range(3)

SAME_SEX = 0.012
"""Share of adults who look for a partner of their own sex."""
MAN_OLDER = (2.3, 3.0)
"""Mean and SD of the years by which he is older."""
UNION_AGE = (26.0, 5.0)
SEPARATES, SEPARATION_YEARS = 0.22, 12.0
"""Share of couples who separate if they live to, and the mean years from the last child's birth until they do."""
MARRIES = 0.7
REGISTERED_FROM, MARRIED_FROM = day_number(date(1995, 1, 1)), day_number(date(2009, 5, 1))
"""Two women or two men could register their partnership, then marry."""
AGAIN = {"separated": 0.95, "widowed": 0.80}
"""Share who look for another partner."""
SEARCH_YEARS = 2.0
BETWEEN = 300
"""Days at least between two unions of a person, so that no child of the earlier is born in the later."""
ROUNDS = 3


@dataclass(frozen=True)
class Unions:
    """Couples, each once; in a couple of a woman and a man she is ``one``. Half-open days, before deaths from ALS.

    Attributes
    ----------
    one, other : positions of the two (m)
    start, stop : days (m); kind : position in `KINDS` (m)
    """

    one: Ints
    other: Ints
    start: Ints
    stop: Ints
    kind: Ints

    def __len__(self) -> int:
        return len(self.one)

    def where(self, keep: Bools) -> Unions:
        """Only some couples."""
        return Unions(self.one[keep], self.other[keep], self.start[keep], self.stop[keep], self.kind[keep])


def join_unions(parts: list[Unions]) -> Unions:
    """Couples one part after the other."""
    return Unions(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Unions)))


def last_day_of(people: People) -> Ints:
    """The day after each person's last in the country: death, the final leaving, or the end; length n."""
    final: Ints = np.where(people.stop == NEVER, people.leave, people.stop)
    return final


def match(wanted: Ints, key: Ints, rng: Stream) -> Ints:
    """For each wanted key a candidate of that key at random, each used once; -1 where none is left."""
    rank = rank_within(wanted, by=rng.random(len(wanted)))
    order = np.lexsort((rng.random(len(key)), key))
    ordered = key[order]
    first, past = np.searchsorted(ordered, wanted, side="left"), np.searchsorted(ordered, wanted, side="right")
    position = first + rank
    chosen = np.full(len(wanted), -1)
    there = position < past
    chosen[there] = order[position[there]]
    return chosen


def year_of(day: Ints | Floats) -> Ints:
    """The calendar year of a day, by years of 365.25 days."""
    year: Ints = np.floor(np.asarray(day) / YEAR).astype(np.int64) + 1970
    return year


def first_couples(people: People, sibship: Ints, seed: int, block: int) -> tuple[Ints, Ints, Ints]:
    """The first couples of a woman and a man: she, he, and the planned start.

    Parameters
    ----------
    sibship : the sibship of each person, -1 where unknown (n); full siblings are no couple
    """
    rng = stream(seed, "first couples", block)
    straight = (people.birth < END - 20 * YEAR) & ~seeks_own_sex(people, seed, block)
    women, men = (np.flatnonzero(straight & (people.sex == sex)) for sex in (WOMAN, MAN))
    pairs: list[tuple[Ints, Ints]] = []
    for _ in range(4):
        older = MAN_OLDER[0] + MAN_OLDER[1] * rng.standard_normal(len(women))
        chosen = match(year_of(people.birth[women] - older * YEAR), year_of(people.birth[men]), rng)
        matched = chosen >= 0
        matched[matched] = ~_siblings(sibship, women[matched], men[chosen[matched]])
        pairs.append((women[matched], men[chosen[matched]]))
        women, men = women[~matched], np.delete(men, chosen[matched])
    woman, man = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    age = np.maximum(UNION_AGE[0] + UNION_AGE[1] * rng.standard_normal(len(woman)), 18.0)
    start = np.maximum(people.birth[woman] + (age * YEAR).astype(np.int64), people.birth[man] + int(18 * YEAR) + 1)
    return woman, man, np.maximum(start, arrival_of(people, woman, man))


def seeks_own_sex(people: People, seed: int, block: int) -> Bools:
    """Who looks for a partner of their own sex; length n."""
    same_sex: Bools = stream(seed, "same sex", block).random(len(people)) < SAME_SEX
    return same_sex


def _siblings(sibship: Ints, one: Ints, other: Ints) -> Bools:
    same: Bools = (sibship[one] >= 0) & (sibship[one] == sibship[other])
    return same


def arrival_of(people: People, one: Ints, other: Ints) -> Ints:
    """The day when both live in the country; -NEVER for those who did in 1998 already."""
    arrival = np.maximum(people.enter[one], people.enter[other])
    return np.where(arrival > START, arrival, -NEVER)


def unite(
    people: People, one: Ints, other: Ints, start: Ints, last_child: Ints, rng: Stream
) -> tuple[Unions, Bools]:  # fmt: skip
    """Couples with their ends: separation, a death, the final leaving of one, or the last day.

    Parameters
    ----------
    last_child : birth of the last common child, -NEVER where there is none; nobody separates before

    Returns
    -------
    The couples, and whether each ended by separation (or the leaving of one).
    """
    m = len(one)
    years = np.where(rng.random(m) < SEPARATES, SEPARATION_YEARS * rng.standard_exponential(m), 200)
    parting = np.maximum(start, last_child) + 365 + (years * YEAR).astype(np.int64)
    final = last_day_of(people)
    ends = np.minimum(final[one], final[other])
    first_gone = np.where(final[one] <= final[other], one, other)
    death = people.death[first_gone] != NEVER
    stop = np.minimum(np.minimum(parting, ends), END)
    formal = rng.random(m) < MARRIES
    alike = people.sex[one] == people.sex[other]
    kind = np.where(formal, np.where(alike & (start < MARRIED_FROM), REGISTERED, MARRIED), COHABITING)
    kind[alike & (start < REGISTERED_FROM)] = COHABITING
    return Unions(one, other, start, stop, kind), (parting < ends) | ~death


def later_unions(
    people: People, sibship: Ints, first: Unions, parted: Bools, last_child: Ints, seed: int, block: int
) -> tuple[Unions, Ints]:
    """Same-sex couples, and the unions of those who are free or become so, round by round.

    Parameters
    ----------
    first : first couples with their ends; ``parted`` says which of them ended by separation
    last_child : birth of the last child of each person's earlier unions, -NEVER where there is none (n)

    Returns
    -------
    The couples, and the earliest day that each could have begun: both were free.
    """
    rng = stream(seed, "later unions", block)
    n = len(people)
    own_sex = seeks_own_sex(people, seed, block)
    age = np.maximum(UNION_AGE[0] + UNION_AGE[1] * rng.standard_normal(n), 18.0)
    free = people.birth + (age * YEAR).astype(np.int64)
    free[first.one], free[first.other] = NEVER, NEVER
    _release(free, people, first, parted, last_child, rng)
    formed, earliest = [], []
    for spread in range(ROUNDS):
        one, other = _seek(people, sibship, free, own_sex, spread, rng)
        wait = (SEARCH_YEARS / 2 * YEAR * rng.standard_exponential(len(one))).astype(np.int64)
        since = np.maximum(np.maximum(free[one], free[other]), arrival_of(people, one, other))
        unions, gone = unite(people, one, other, since + wait, np.full(len(one), -NEVER), rng)
        real = (unions.stop > unions.start) & (unions.start < END)
        unions, gone = unions.where(real), gone[real]
        free[unions.one], free[unions.other] = NEVER, NEVER
        _release(free, people, unions, gone, last_child, rng)
        formed.append(unions)
        earliest.append(since[real])
    return join_unions(formed), np.concatenate(earliest)


def _release(free: Ints, people: People, unions: Unions, parted: Bools, last_child: Ints, rng: Stream) -> None:
    """Write into ``free`` from when on each person left behind looks for another partner."""
    again = np.where(parted, AGAIN["separated"], AGAIN["widowed"])
    final = last_day_of(people)
    for person in (unions.one, unions.other):
        wait = BETWEEN + (SEARCH_YEARS / 2 * YEAR * rng.standard_exponential(len(person))).astype(np.int64)
        looks = (rng.random(len(person)) < again) & (unions.stop < np.minimum(final[person], END))
        # a couple that never began, because one was gone before, frees the other when it would have begun
        ready = np.maximum(np.maximum(unions.start, unions.stop), last_child[person]) + wait
        free[person] = np.where(looks, ready, NEVER)


def _seek(
    people: People, sibship: Ints, free: Ints, own_sex: Bools, spread: int, rng: Stream
) -> tuple[Ints, Ints]:  # fmt: skip
    """Pairs of those who look: of like age, and free at about the same time; wider from round to round."""
    looking = (free < np.minimum(last_day_of(people), END)) & (people.birth < END - 20 * YEAR)
    women, men = (np.flatnonzero(looking & ~own_sex & (people.sex == sex)) for sex in (WOMAN, MAN))
    pairs = [_adjacent(people, np.flatnonzero(looking & own_sex & (people.sex == sex)), rng) for sex in (WOMAN, MAN)]
    for years, period in ((2, 2), (4, 4), (6, 8), (8 + 2 * spread, 25)):
        older = (MAN_OLDER[0] + 1.5 * MAN_OLDER[1] * rng.standard_normal(len(women))).clip(-8, 12)
        shift = rng.random(2)
        key = [
            (np.floor(birth / YEAR / years + shift[0]) * 1000 + np.floor(free[who] / YEAR / period + shift[1])).astype(
                np.int64
            )
            for who, birth in ((women, people.birth[women] - older * YEAR), (men, people.birth[men]))
        ]
        chosen = match(key[0], key[1], rng)
        matched = chosen >= 0
        matched[matched] = ~_siblings(sibship, women[matched], men[chosen[matched]])
        pairs.append((women[matched], men[chosen[matched]]))
        women, men = women[~matched], np.delete(men, chosen[matched])
    return np.concatenate([pair[0] for pair in pairs]), np.concatenate([pair[1] for pair in pairs])


def _adjacent(people: People, who: Ints, rng: Stream) -> tuple[Ints, Ints]:
    """Neighbours by age, within some years."""
    who = who[np.argsort(people.birth[who] + 3 * YEAR * rng.standard_normal(len(who)), kind="stable")]
    one, other = who[: len(who) // 2 * 2 : 2], who[1::2]
    near = np.abs(people.birth[one] - people.birth[other]) < 12 * YEAR
    return one[near], other[near]
