"""A categorical covariate tells people alike: one that tells each from the next is refused before it is shown."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.errors import SpecError

FEW_LEVELS = 5
"""So many levels may be as rare as they like: no identifier, name or date has so few."""

SHARED_BY, MOST_PEOPLE = 3, 0.5
"""A value is shared if so many people have it; where more than this part of them share none, it identifies them."""


def refuse_identifying(name: str, values: pa.Array, person: NDArray[np.int64], *, most: int) -> None:
    """Refuse a covariate of texts that people do not share, or that has too many levels to tell them alike.

    Parameters
    ----------
    name : of the covariate
    values : (n,) texts, null where unknown; other types are no levels and pass
    person : (n,) whose they are; who is there several times counts once with each value
    most : the most levels that the study allows

    Raises
    ------
    SpecError
        With the covariate's name, and none of its values.
    """
    if not pa.types.is_string(values.type):
        return
    coded = values.dictionary_encode()
    known = np.asarray(coded.is_valid())
    pairs = np.unique(np.column_stack([np.asarray(coded.indices.fill_null(-1))[known], person[known]]), axis=0)
    sharing = np.bincount(pairs[:, 0]) if len(pairs) else np.zeros(0, np.int64)
    people = len(np.unique(person[known]))
    alone = len(np.unique(pairs[sharing[pairs[:, 0]] < SHARED_BY, 1])) if len(pairs) else 0
    if len(sharing) > FEW_LEVELS and alone > MOST_PEOPLE * people:
        raise SpecError(
            f"hardly anybody shares a value of {name} ({alone:,} of {people:,} people with at most one other), so that "
            "it would identify them",
            where=f"covariate {name}",
            remedy=f"map another column to {name} in sources.toml, or leave it out",
        )
    if len(sharing) > most:
        raise SpecError(
            f"{name} has {len(sharing):,} levels among {people:,} people, more than most_levels = {most} allows",
            where=f"covariate {name}",
            remedy="group its values in sources.toml, map another column, or raise most_levels in the study",
        )
