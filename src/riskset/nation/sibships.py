"""Which children of a block grow up as full siblings. Families do not cross blocks: a block is a small country."""

from __future__ import annotations

import numpy as np

from riskset.nation.people import People
from riskset.nation.streams import NEVER, YEAR, Ints, Stream, rank_within

KNOWN_FROM = 1932
"""Birth year from which parents are in the register."""
SIBSHIP_SHARES = (0.15, 0.31, 0.26, 0.17, 0.11)
"""Share of persons in sibships of 1 to 5."""
SIBSHIP_YEARS = (5.0, 7.0, 9.0, 11.0, 13.0)
"""Years between whose births a sibship of each size falls."""
TWIN_BIRTHS = 0.012
"""Share of births that are of twins, as alike as other siblings."""
GESTATION = 280


def make_sibships(people: People, rng: Stream) -> tuple[Ints, Ints]:
    """Children with parents in the register, and the number of their sibship from 0.

    Each child draws the size of its sibship. Children of a size and a span of birth years are cut by birth date into as
    many layers as the sibships have members, and each sibship takes one child from each layer. Only dates of birth and
    the country of birth decide, so that sibships do not depend on anybody's use or health.
    """
    born = people.birth / YEAR + 1970
    everyone = np.flatnonzero((people.birthplace == 0) & (born >= KNOWN_FROM))
    first_twin, twin = _twins(people, everyone, rng)
    child = np.setdiff1d(everyone, twin)
    shares = np.cumsum(SIBSHIP_SHARES)
    pool = np.searchsorted(shares, rng.random(len(child)) * shares[-1], side="right")
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
    sibship = np.unique(label, return_inverse=True)[1]
    return np.r_[child, twin], np.r_[sibship, sibship[np.searchsorted(child, first_twin)]]


def _twins(people: People, child: Ints, rng: Stream) -> tuple[Ints, Ints]:
    """Pairs of children born on the same day, each child in at most one pair."""
    order = child[np.lexsort((rng.random(len(child)), people.birth[child]))]
    place = rank_within(people.birth[order], by=np.arange(len(order)))
    second = np.flatnonzero(place % 2 == 1)
    share = min(1.0, TWIN_BIRTHS * len(child) / max(len(second), 1))
    second = second[rng.random(len(second)) < share]
    return order[second - 1], order[second]


def births_of(people: People, child: Ints, sibship: Ints) -> tuple[Ints, Ints]:
    """First and last birth of each sibship."""
    size = int(sibship.max()) + 1 if len(sibship) else 0
    first, last = np.full(size, NEVER), np.full(size, -NEVER)
    np.minimum.at(first, sibship, people.birth[child])
    np.maximum.at(last, sibship, people.birth[child])
    return first, last
