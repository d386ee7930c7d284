"""Parents, siblings and couples of a block, drawn before anybody falls ill; then what deaths from ALS change."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from riskset.nation.arithmetic import interpolate
from riskset.nation.people import END, MAN, START, WOMAN, People, residual_life
from riskset.nation.sibships import GESTATION, births_of, make_sibships
from riskset.nation.streams import NEVER, YEAR, Bools, Floats, Ints, Stream, stream
from riskset.nation.unions import (
    MAN_OLDER,
    Unions,
    arrival_of,
    first_couples,
    join_unions,
    last_day_of,
    later_unions,
    match,
    unite,
    year_of,
)

FIRST_BIRTH_AGE = (27.0, 4.5)
SECOND_UNION_LATER = 7.0
"""Years by which a mother is older at the first birth of a second union."""
YOUNGEST_PARENT, OLDEST_MOTHER = 15.5, 50.0
SECOND_UNION = ((1932, 0.05), (1960, 0.09), (1985, 0.13))
"""Birth year of the first child, and share of sibships whose mother or father has another one by another union."""
SAME_MOTHER = 0.65
"""Share of half-siblings by the mother, among those whose parents all lived before the residence register."""


@dataclass(frozen=True)
class Families:
    """Kin of a block's n persons, and the parents who lived before the residence register.

    Positions from n on are those earlier parents, in order.

    Attributes
    ----------
    mother, father : position, -1 where unknown (n)
    sibship : number of the person's sibship, the same for full siblings and no others; -1 without parents (n)
    sex, birth, death : of the earlier parents; death is `NEVER` where they left the country
    unions : couples, each once, half-open spells that do not overlap
    """

    mother: Ints
    father: Ints
    sibship: Ints
    sex: Ints
    birth: Ints
    death: Ints
    unions: Unions


def make_families(people: People, seed: int, block: int) -> Families:
    """Gather children into sibships, pair women and men, give each sibship parents, and let couples part and re-form.

    ``people`` die of other causes than ALS yet: see `end_by_als`. Nobody is a parent after death, or under
    `YOUNGEST_PARENT` years old. Nothing here depends on use, confounders or ALS.
    """
    rng = stream(seed, "parents", block)
    n = len(people)
    child, number = make_sibships(people, stream(seed, "sibships", block))
    first, last = births_of(people, child, number)
    sibship = np.full(n, -1)
    sibship[child] = number
    woman, man, start = first_couples(people, sibship, seed, block)
    mother, father = np.full(len(first), -1), np.full(len(first), -1)
    later = rng.random(len(first)) < interpolate(year_of(first), *np.array(SECOND_UNION).T)

    couple = _first_parents(people, first, last, ~later, woman, man, rng)
    usual = np.flatnonzero(couple >= 0)
    couple = couple[usual]
    mother[usual], father[usual] = woman[couple], man[couple]
    np.minimum.at(start, couple, first[usual] - GESTATION)
    start = np.maximum(start, arrival_of(people, woman, man))
    last_child = np.full(len(woman), -NEVER)
    last_child[couple] = last[usual]

    unions, parted = unite(people, woman, man, start, last_child, rng)
    born = np.full(n, -NEVER)
    born[woman], born[man] = last_child, last_child
    again, earliest = later_unions(people, sibship, unions, parted, born, seed, block)
    again = _children_of_second_unions(people, first, last, later, mother, father, again, earliest, rng)

    earlier = np.flatnonzero((mother < 0) & (last < START))
    parents = _earlier_parents(first[earlier], last[earlier], later[earlier], n, rng)
    mother[earlier], father[earlier] = parents.mother, parents.father
    mothers, fathers = np.full(n, -1), np.full(n, -1)
    mothers[child], fathers[child] = mother[number], father[number]
    sibship[mothers < 0] = -1
    families = Families(
        mothers, fathers, sibship, parents.sex, parents.birth, parents.death, join_unions([unions, again])
    )
    return _without_kin_couples(families)


def end_by_als(families: Families, people: People) -> Families:
    """What deaths from ALS change: couples end, those not yet begun never begin, and the dead have no later children.

    ``people`` have their final deaths. A child born after its mother's death, or `GESTATION` days after its father's,
    has no such parent in the register.
    """
    unions = families.unions
    final = last_day_of(people)
    stop = np.minimum(unions.stop, np.minimum(final[unions.one], final[unions.other]))
    start = unions.start
    n = len(people)
    mother, father = families.mother.copy(), families.father.copy()
    for parents, days in ((mother, 0), (father, GESTATION)):
        known = np.flatnonzero((parents >= 0) & (parents < n))
        dead = people.death[parents[known]] < people.birth[known] - days
        parents[known[dead]] = -1
    delivered = replace(unions, stop=stop).where((stop > np.maximum(start, START)) & (start < END))
    return replace(families, mother=mother, father=father, unions=delivered)


def _mother_year(first: Ints, last: Ints, later: float, rng: Stream) -> Ints:
    age = FIRST_BIRTH_AGE[0] + later + FIRST_BIRTH_AGE[1] * rng.standard_normal(len(first))
    age = np.clip(age, 17.0, np.maximum(45.0 - (last - first) / YEAR, 17.5))
    return year_of(first - age * YEAR)


def _may_parent(people: People, mother: Ints, father: Ints, first: Ints, last: Ints) -> Bools:
    grown = (people.birth[mother] + YOUNGEST_PARENT * YEAR < first) & (
        people.birth[father] + YOUNGEST_PARENT * YEAR < first
    )
    fertile = last < people.birth[mother] + OLDEST_MOTHER * YEAR
    final = last_day_of(people)
    alive = (final[mother] > last) & (final[father] > last - GESTATION)
    arrived = np.maximum(people.enter[mother], people.enter[father]) <= np.maximum(first, START)
    may: Bools = grown & fertile & alive & arrived
    return may


def _first_parents(
    people: People, first: Ints, last: Ints, wanting: Bools, woman: Ints, man: Ints, rng: Stream
) -> Ints:
    """A couple for each sibship that wants one, each couple once; -1 where none fits."""
    couple, free = np.full(len(first), -1), np.ones(len(woman), bool)
    for _ in range(3):
        wanted, there = np.flatnonzero(wanting & (couple < 0)), np.flatnonzero(free)
        place = match(_mother_year(first[wanted], last[wanted], 0.0, rng), year_of(people.birth[woman[there]]), rng)
        wanted, chosen = wanted[place >= 0], there[place[place >= 0]]
        fit = _may_parent(people, woman[chosen], man[chosen], first[wanted], last[wanted])
        couple[wanted[fit]] = chosen[fit]
        free[chosen[fit]] = False
    return couple


def _children_of_second_unions(
    people: People,
    first: Ints,
    last: Ints,
    later: Bools,
    mother: Ints,
    father: Ints,
    unions: Unions,
    earliest: Ints,
    rng: Stream,
) -> Unions:
    """Give sibships of second unions their parents, in place, and begin the unions before the first birth."""
    free = people.sex[unions.one] != people.sex[unions.other]
    start = unions.start.copy()
    for _ in range(6):
        wanted = np.flatnonzero(later & (mother < 0))
        there = np.flatnonzero(free)
        # the mother's year of birth, in steps of two years, and the three years in which the union can begin
        key = year_of(people.birth[unions.one[there]]) // 2 * 1000 + year_of(earliest[there]) // 3
        wait = (1.0 + 3.0 * rng.standard_exponential(len(wanted))) * YEAR
        sought = _mother_year(first[wanted], last[wanted], SECOND_UNION_LATER, rng) // 2 * 1000
        place = match(sought + year_of(first[wanted] - wait) // 3, key, rng)
        wanted, couple = wanted[place >= 0], there[place[place >= 0]]
        fit = _may_parent(people, unions.one[couple], unions.other[couple], first[wanted], last[wanted])
        fit &= (earliest[couple] + GESTATION <= first[wanted]) & (unions.stop[couple] > last[wanted] - GESTATION)
        wanted, couple = wanted[fit], couple[fit]
        mother[wanted], father[wanted] = unions.one[couple], unions.other[couple]
        start[couple] = np.minimum(start[couple], first[wanted] - GESTATION)
        free[couple] = False
    return replace(unions, start=start)


@dataclass(frozen=True)
class _Earlier:
    """Parents before the residence register, and who of them are the parents of each sibship."""

    sex: Ints
    birth: Ints
    death: Ints
    mother: Ints
    father: Ints


def _earlier_parents(first: Ints, last: Ints, later: Bools, offset: int, rng: Stream) -> _Earlier:
    """A mother and a father for each sibship, dead or gone abroad before the residence register begins.

    A sibship of a second union shares one of them with a sibship born before it.
    """
    m = len(first)
    elder, by_mother = _elder_sibships(first, last, later, rng)
    age = FIRST_BIRTH_AGE[0] + FIRST_BIRTH_AGE[1] * rng.standard_normal(m)
    age = np.clip(age, 17.0, np.maximum(45.0 - (last - first) / YEAR, 17.5))
    older = np.maximum(MAN_OLDER[0] + MAN_OLDER[1] * rng.standard_normal(m), 16.5 - age)
    births = first - (age * YEAR).astype(np.int64), first - ((age + older) * YEAR).astype(np.int64)
    too_old = (elder >= 0) & by_mother & (births[0][elder] + OLDEST_MOTHER * YEAR <= last)
    elder[too_old] = -1
    shares = elder >= 0
    kept, since, place = [], [], []
    for which in (by_mother, ~by_mother):
        apart = ~(shares & which)
        position = np.cumsum(apart) - 1
        position = np.where(apart, position, position[elder])
        until = np.full(apart.sum(), -NEVER)
        np.maximum.at(until, position, last)
        kept.append(apart)
        since.append(until)
        place.append(position)
    birth = np.concatenate([births[side][kept[side]] for side in (0, 1)])
    sex = np.repeat([WOMAN, MAN], [len(part) for part in since])
    years = _years_left(np.concatenate(since), birth, sex, rng)
    death = np.concatenate(since) + (years * YEAR).astype(np.int64)
    fathers = offset + len(since[0]) + place[1]
    return _Earlier(sex, birth, np.where(death < START, death, NEVER), offset + place[0], fathers)


def _elder_sibships(first: Ints, last: Ints, later: Bools, rng: Stream) -> tuple[Ints, Bools]:
    """For each sibship of a second union one of a first union that was born before it, else -1; and whether by her."""
    elder = np.full(len(first), -1)
    second, before = np.flatnonzero(later), np.flatnonzero(~later)
    years = 2.0 + 3.0 * rng.standard_exponential(len(second))
    place = match(year_of(first[second] - years * YEAR), year_of(last[before]), rng)
    second, chosen = second[place >= 0], before[place[place >= 0]]
    apart = first[second] - last[chosen] > 2 * GESTATION
    elder[second[apart]] = chosen[apart]
    return elder, rng.random(len(first)) < SAME_MOTHER


def _years_left(since: Ints, birth: Ints, sex: Ints, rng: Stream) -> Floats:
    m = len(since)
    return residual_life((since - birth) / YEAR, sex, rng.standard_exponential(m), rng.standard_exponential(m))


def _without_kin_couples(families: Families) -> Families:
    """Undo the few couples of parent and child or of half-siblings; their children, if any, have no parents."""
    one, other = families.unions.one, families.unions.other
    mother, father = families.mother, families.father
    kin = (mother[one] == other) | (mother[other] == one) | (father[one] == other) | (father[other] == one)
    kin |= ((mother[one] >= 0) & (mother[one] == mother[other])) | ((father[one] >= 0) & (father[one] == father[other]))
    pairs = np.stack([one, other], axis=1)[kin]
    child = np.zeros(len(mother), bool)
    for woman, man in pairs:
        child |= (mother == woman) & (father == man)
    mothers, fathers, sibship = (np.where(child, -1, values) for values in (mother, father, families.sibship))
    return replace(families, mother=mothers, father=fathers, sibship=sibship, unions=families.unions.where(~kin))
