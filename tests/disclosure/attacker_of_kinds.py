"""An attacker who knows which kinds of people there may be, and how often each number counts each."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from math import inf
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from riskset.disclosure.policy import Policy

Place = TypeVar("Place", bound=Hashable)


def narrowed(
    sums: Mapping[Place, NDArray[np.float64]],
    many: NDArray[np.int64],
    known: Mapping[Place, int],
    policy: Policy,
    points: Collection[Place] = (),
    fewest: Collection[tuple[NDArray[np.float64], int]] = (),
) -> list[Place]:
    """The small numbers that are narrowed below a policy.

    Of a cell that is withheld from a table everything from 1 to the minimum must stay possible; of a point of a curve
    that it is as large as the minimum.

    Parameters
    ----------
    sums : number → how often it counts each kind
    many : how many there are of each kind, which the attacker does not know
    known : numbers that leave
    points : numbers of points of curves
    fewest : how often a number counts each kind, and how many it is at least
    """
    assert all(at_least <= round(counts @ many) for counts, at_least in fewest)
    for spot, value in known.items():
        assert value == round(sums[spot] @ many)
    matrix = np.array([sums[spot] for spot in known]) if known else np.zeros((1, len(many)))
    values = np.array(list(known.values())) if known else np.zeros(1)
    above = {"A_ub": -np.array([counts for counts, _ in fewest]), "b_ub": [-n for _, n in fewest]} if fewest else {}
    ends: dict[bytes, tuple[float, float]] = {}
    broken = []
    for spot, counts in sums.items():
        if not policy.is_small(int(counts @ many)):
            continue
        if counts.tobytes() not in ends:
            low, high = (linprog(sign * counts, A_eq=matrix, b_eq=values, **above) for sign in (1, -1))
            assert low.status == 0
            ends[counts.tobytes()] = low.fun, -high.fun if high.status == 0 else inf
        lowest, highest = ends[counts.tobytes()]
        if highest < policy.minimum - 1e-6 or (lowest > 1 + 1e-6 and spot not in points):
            broken.append(spot)
    return broken
