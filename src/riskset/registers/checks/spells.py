"""Spells of a person that overlap: which of them stay."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]


def overlaps_kept(person: NDArray[np.int64], start: Days, stop: Days) -> NDArray[np.bool_]:
    """Whether each spell overlaps one of the person's spells that began earlier and is itself kept.

    A spell that is set aside hides nothing: of 2000–2010, 2001–2020 and 2015–2030 the first and the third stay.

    Parameters
    ----------
    person, start, stop : (n,) spells ``[start, stop)`` in any order; of a person no two with the same start

    Returns
    -------
    (n,) bool
    """
    order: NDArray[Any] = np.lexsort((start, person))
    of, begin, end = person[order], start[order], stop[order]
    first = np.flatnonzero(np.diff(of, prepend=of[:1] - 1))
    spells = np.diff(first, append=len(of))
    aside = np.zeros(len(of), np.bool_)
    reach = end[first]
    # One step for the second spells of all persons, one for the third ones, and so on.
    for step in range(1, spells.max(initial=0)):
        more = spells > step
        first, spells, reach = first[more], spells[more], reach[more]
        row = first + step
        aside[row] = begin[row] < reach
        reach = np.where(aside[row], reach, end[row])
    result = np.empty_like(aside)
    result[order] = aside
    return result
