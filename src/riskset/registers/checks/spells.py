"""Spells of a person that overlap: which of them stay. Spells with one partner are one union, and hide no other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]


def overlaps_kept(
    person: NDArray[np.int64], start: Days, stop: Days, partner: NDArray[np.int64] | None = None
) -> NDArray[np.bool_]:
    """Whether each spell overlaps one of the person's spells that began earlier and is itself kept.

    A spell that is set aside hides nothing: of 2000–2010, 2001–2020 and 2015–2030 the first and the third stay.

    Parameters
    ----------
    person, start, stop : (n,) spells ``[start, stop)`` in any order; of a person no two with the same start
    partner : (n,) of couples; spells with one partner do not contradict each other, and stay

    Returns
    -------
    (n,) bool
    """
    order: NDArray[Any] = np.lexsort((start, person))
    of, begin, end = person[order], start[order], stop[order]
    whom = np.arange(len(of)) if partner is None else partner[order]
    first = np.flatnonzero(np.diff(of, prepend=of[:1] - 1))
    spells = np.diff(first, append=len(of))
    aside = np.zeros(len(of), np.bool_)
    reach, union = end[first], whom[first]
    # One step for the second spells of all persons, one for the third ones, and so on.
    for step in range(1, spells.max(initial=0)):
        more = spells > step
        first, spells, reach, union = first[more], spells[more], reach[more], union[more]
        row = first + step
        aside[row] = (begin[row] < reach) & (whom[row] != union)
        # A spell that stays reaches at least as far as those before it, unless it is one of the same union.
        reach = np.where(aside[row], reach, np.maximum(reach, end[row]))
        union = np.where(aside[row], union, whom[row])
    result = np.empty_like(aside)
    result[order] = aside
    return result
