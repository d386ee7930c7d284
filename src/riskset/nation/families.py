"""Couples, parents and siblings. Families do not cross blocks: a block is a small country of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskset.nation.people import END, MAN, START, WOMAN, People, residual_life
from riskset.nation.streams import NEVER, YEAR, Bools, Floats, Ints, rank_within, stream

PAIRED = 0.98
"""Share of women who look for a partner."""
MAN_OLDER = (2.3, 3.0)
"""Mean and SD of the years by which he is older."""
UNION_AGE = (26.0, 5.0)
SEPARATES, SEPARATION_YEARS = 0.15, 15.0
"""Share of couples who separate, and the mean years until then of those who do."""
MARRIED = 0.7

KNOWN_FROM = 1932
"""Birth year from which parents are in the register."""
SIBSHIP_SHARES = (0.09, 0.33, 0.28, 0.18, 0.12)
"""Share of persons in sibships of 1 to 5."""
SIBSHIP_YEARS = (5.0, 7.0, 9.0, 11.0, 13.0)
"""Years between whose births a sibship of each size falls."""
OTHER_FATHER, OTHER_MOTHER = 0.07, 0.03
"""Share of youngest siblings with another father, or another mother."""
FIRST_BIRTH_AGE = (27.0, 4.5)
YOUNGEST_PARENT, OLDEST_MOTHER, GESTATION = 15.5, 50.0, 280


@dataclass(frozen=True)
class Families:
    """Kin of a block's n persons, and the parents who lived before the residence register.

    Positions from n on are those earlier parents, in order.

    Attributes
    ----------
    mother, father : position, -1 where unknown (n)
    sex, birth, death : of the earlier parents; death is `NEVER` where they left the country
    woman, man, start, stop, married : couples, half-open spells
    """

    mother: Ints
    father: Ints
    sex: Ints
    birth: Ints
    death: Ints
    woman: Ints
    man: Ints
    start: Ints
    stop: Ints
    married: Bools


def make_families(people: People, seed: int, block: int) -> Families:
    """Pair women and men, gather children into sibships, and give each sibship parents.

    ``people`` have their final deaths; nobody is a parent after death, or under `YOUNGEST_PARENT` years old.
    """
    rng = stream(seed, "families", block)
    woman, man = _pair(people, rng)
    start = _union_start(people, woman, man, rng)
    child, sibship = _sibships(people, rng)
    first, last = _births(people, child, sibship)
    size = len(first)
    mother, father = np.full(size, -1), np.full(size, -1)
    couple = _match(_mother_year(first, last, rng), _year(people.birth[woman]), rng)
    found = np.flatnonzero(couple >= 0)
    found = found[_may_parent(people, woman[couple[found]], man[couple[found]], first[found], last[found])]
    mother[found], father[found] = woman[couple[found]], man[couple[found]]
    np.minimum.at(start, couple[found], first[found] - GESTATION)
    earlier = np.flatnonzero((mother < 0) & (last < START))
    sex, birth, death, ids = _earlier_parents(first[earlier], last[earlier], len(people), rng)
    mother[earlier], father[earlier] = ids
    mothers, fathers = np.full(len(people), -1), np.full(len(people), -1)
    mothers[child], fathers[child] = mother[sibship], father[sibship]
    _give_other_parents(people, child, sibship, mothers, fathers, rng)
    stop = _union_stop(people, woman, man, start, rng)
    married = rng.random(len(woman)) < MARRIED
    real = (stop > np.maximum(start, START)) & (start < END)
    return Families(
        mothers, fathers, sex, birth, death, woman[real], man[real], start[real], stop[real], married[real]
    )  # fmt: skip


def _year(day: Ints | Floats) -> Ints:
    year: Ints = np.floor(np.asarray(day) / YEAR).astype(np.int64) + 1970
    return year


def _match(wanted: Ints, year: Ints, rng: np.random.Generator) -> Ints:
    """For each wanted birth year a candidate of that year at random, each used once; -1 where none is left."""
    rank = rank_within(wanted, by=rng.random(len(wanted)))
    order = np.lexsort((rng.random(len(year)), year))
    ordered = year[order]
    first, past = np.searchsorted(ordered, wanted, side="left"), np.searchsorted(ordered, wanted, side="right")
    position = first + rank
    match = np.full(len(wanted), -1)
    there = position < past
    match[there] = order[position[there]]
    return match


def _pair(people: People, rng: np.random.Generator) -> tuple[Ints, Ints]:
    adult = people.birth < END - 20 * YEAR
    women = np.flatnonzero(adult & (people.sex == WOMAN) & (rng.random(len(people)) < PAIRED))
    men = np.flatnonzero(adult & (people.sex == MAN))
    pairs: list[tuple[Ints, Ints]] = []
    for _ in range(3):
        older = MAN_OLDER[0] + MAN_OLDER[1] * rng.standard_normal(len(women))
        match = _match(_year(people.birth[women] - older * YEAR), _year(people.birth[men]), rng)
        found = match >= 0
        pairs.append((women[found], men[match[found]]))
        women, men = women[~found], np.delete(men, match[found])
    return np.concatenate([pair[0] for pair in pairs]), np.concatenate([pair[1] for pair in pairs])


def _union_start(people: People, woman: Ints, man: Ints, rng: np.random.Generator) -> Ints:
    age = np.maximum(UNION_AGE[0] + UNION_AGE[1] * rng.standard_normal(len(woman)), 18.0)
    start: Ints = people.birth[woman] + (age * YEAR).astype(np.int64)
    return np.maximum(start, people.birth[man] + int(18 * YEAR) + 1)


def _union_stop(people: People, woman: Ints, man: Ints, start: Ints, rng: np.random.Generator) -> Ints:
    """The day after the couple's last day: separation, either's death, either's final leaving, or the last day."""
    years = np.where(rng.random(len(start)) < SEPARATES, SEPARATION_YEARS * rng.standard_exponential(len(start)), 200)
    stop = np.minimum(start + 365 + (years * YEAR).astype(np.int64), END)
    for one in (woman, man):
        final = np.where(people.stop[one] == NEVER, people.leave[one], people.stop[one])
        stop = np.minimum(stop, final)
    return stop


def _sibships(people: People, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Children with parents in the register, and the number of their sibship from 0.

    Each child draws the size of its sibship. Children of a size and a span of birth years are cut by birth date into as
    many layers as the sibships have members, and each sibship takes one child from each layer.
    """
    born = people.birth / YEAR + 1970
    child = np.flatnonzero((people.birthplace == 0) & (born >= KNOWN_FROM))
    pool = np.searchsorted(np.cumsum(SIBSHIP_SHARES), rng.random(len(child)) * sum(SIBSHIP_SHARES), side="right")
    offset = rng.random(len(SIBSHIP_SHARES))[pool] * np.array(SIBSHIP_YEARS)[pool]
    window = ((born[child] - KNOWN_FROM + offset) / np.array(SIBSHIP_YEARS)[pool]).astype(np.int64)
    cell = pool * 1000 + window
    position = rank_within(cell, by=people.birth[child] + rng.random(len(child)))
    per_layer = np.bincount(cell, minlength=6000)[cell] // (pool + 1)
    layer = position // np.maximum(per_layer, 1)
    column = rank_within(cell * 10 + np.minimum(layer, 9), by=rng.random(len(child)))
    alone = (per_layer == 0) | (layer > pool)
    label = np.where(alone, -1 - np.arange(len(child)), cell * 1_000_000 + column)
    # nobody is born less than 280 days after a sibling: the later one becomes an only child
    order = np.lexsort((people.birth[child], label))
    close = np.r_[False, (np.diff(label[order]) == 0) & (np.diff(people.birth[child][order]) < GESTATION)]
    label[order[close]] = -1 - len(child) - np.arange(close.sum())
    sibship: Ints = np.unique(label, return_inverse=True)[1]
    return child, sibship


def _births(people: People, child: Ints, sibship: Ints) -> tuple[Ints, Ints]:
    """First and last birth of each sibship."""
    size = int(sibship.max()) + 1 if len(sibship) else 0
    first, last = np.full(size, NEVER), np.full(size, -NEVER)
    np.minimum.at(first, sibship, people.birth[child])
    np.maximum.at(last, sibship, people.birth[child])
    return first, last


def _mother_year(first: Ints, last: Ints, rng: np.random.Generator) -> Ints:
    age = FIRST_BIRTH_AGE[0] + FIRST_BIRTH_AGE[1] * rng.standard_normal(len(first))
    age = np.clip(age, 17.0, np.maximum(45.0 - (last - first) / YEAR, 17.5))
    return _year(first - age * YEAR)


def _may_parent(people: People, mother: Ints, father: Ints, first: Ints, last: Ints) -> Bools:
    grown = (people.birth[mother] + YOUNGEST_PARENT * YEAR < first) & (
        people.birth[father] + YOUNGEST_PARENT * YEAR < first
    )
    fertile = last < people.birth[mother] + OLDEST_MOTHER * YEAR
    alive = (people.death[mother] >= last) & (people.death[father] >= last - GESTATION)
    arrived = np.maximum(people.enter[mother], people.enter[father]) <= np.maximum(first, START)
    may: Bools = grown & fertile & alive & arrived
    return may


def _earlier_parents(
    first: Ints, last: Ints, offset: int, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints, tuple[Ints, Ints]]:  # fmt: skip
    """A mother and a father for each sibship, dead or gone abroad before the residence register begins."""
    m = len(first)
    age = FIRST_BIRTH_AGE[0] + FIRST_BIRTH_AGE[1] * rng.standard_normal(m)
    age = np.clip(age, 17.0, np.maximum(45.0 - (last - first) / YEAR, 17.5))
    older = np.maximum(MAN_OLDER[0] + MAN_OLDER[1] * rng.standard_normal(m), 16.5 - age)
    birth = np.concatenate([first - (age * YEAR).astype(np.int64), first - ((age + older) * YEAR).astype(np.int64)])
    sex = np.repeat([WOMAN, MAN], m)
    since = np.tile(last, 2)
    years = residual_life((since - birth) / YEAR, sex, rng.standard_exponential(2 * m), rng.standard_exponential(2 * m))
    death = since + (years * YEAR).astype(np.int64)
    return sex, birth, np.where(death < START, death, NEVER), (offset + np.arange(m), offset + m + np.arange(m))


def _give_other_parents(
    people: People, child: Ints, sibship: Ints, mothers: Ints, fathers: Ints, rng: np.random.Generator
) -> None:
    """Some youngest siblings get another father or mother from the block, and become half-siblings."""
    order = np.lexsort((people.birth[child], sibship))
    same = sibship[order][1:] == sibship[order][:-1]
    youngest = child[order[np.flatnonzero(np.r_[False, same] & ~np.r_[same, False])]]
    draw = rng.random(len(youngest))
    for sex, parents, low, high in (
        (MAN, fathers, 0.0, OTHER_FATHER),
        (WOMAN, mothers, OTHER_FATHER, OTHER_FATHER + OTHER_MOTHER),
    ):
        whose = youngest[(draw >= low) & (draw < high)]
        whose = whose[parents[whose] >= 0]
        candidate = np.flatnonzero((people.sex == sex) & (people.enter == START))
        age = FIRST_BIRTH_AGE[0] + 5 + FIRST_BIRTH_AGE[1] * rng.standard_normal(len(whose))
        match = _match(_year(people.birth[whose] - age.clip(18, 42) * YEAR), _year(people.birth[candidate]), rng)
        found = match >= 0
        whose, other = whose[found], candidate[match[found]]
        fit = (people.death[other] >= people.birth[whose]) & (other != parents[whose])
        parents[whose[fit]] = other[fit]
