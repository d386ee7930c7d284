"""A person's liability to use and to ALS, part by part, and which dispensings the register holds (mechanism mode)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskset.nation.families import Families
from riskset.nation.mechanism import Mechanism
from riskset.nation.prescribing import Fills
from riskset.nation.streams import Floats, Ints, Stream, stream


@dataclass(frozen=True)
class Liability:
    """Log ratios of a block's n persons, and the parts that they are made of.

    Attributes
    ----------
    use : on the rate of starting spells of each class (n)
    risk : on the hazard of ALS (n)
    parts : name of the part → normal scores of mean 0 and SD 1 (n); only those that act
    """

    use: Floats
    risk: Floats
    parts: dict[str, Floats]


def make_liability(families: Families, mechanism: Mechanism, seed: int, block: int) -> Liability:
    """Draw the parts that act on use or on risk; each from its own stream, so that none changes another."""
    n = len(families.mother)
    use, risk = np.zeros(n), np.zeros(n)
    draw = {"constant": _constant, "half_shared": _half_shared, "non_shared": _non_shared, "couple": _couple}
    parts = {}
    for name, part in mechanism.parts.items():
        if part.on_use or part.on_risk:
            parts[name] = draw[name](families, stream(seed, f"liability {name}", block))
            use += part.on_use * parts[name]
            risk += part.on_risk * parts[name]
    return Liability(use, risk, parts)


def _constant(families: Families, rng: Stream) -> Floats:
    n = len(families.mother)
    of_person, shared = rng.standard_normal(n), rng.standard_normal(families.sibship.max(initial=-1) + 1)
    scores = of_person.copy()
    known = families.sibship >= 0
    scores[known] = shared[families.sibship[known]]
    return scores


def _half_shared(families: Families, rng: Stream) -> Floats:
    """Parents before their children, one generation after the other; who has no parents is a founder of variance 1."""
    n, more = len(families.mother), len(families.sex)
    scores = rng.standard_normal(n + more)
    segregation = np.sqrt(0.5) * rng.standard_normal(n)
    unknown = rng.standard_normal((2, n))
    for child in _generations(families):
        values = [
            np.where(parent[child] >= 0, scores[parent[child]], missing[child])
            for parent, missing in zip((families.mother, families.father), unknown, strict=True)
        ]
        scores[child] = (values[0] + values[1]) / 2 + segregation[child]
    return scores[:n]


def _generations(families: Families) -> list[Ints]:
    """Who has a parent in the register, those first whose parents have none."""
    n = len(families.mother)
    depth = np.zeros(n + len(families.sex) + 1, np.int64)  # the last for -1, an unknown parent
    has = (families.mother >= 0) | (families.father >= 0)
    while True:
        deeper = np.where(has, 1 + np.maximum(depth[families.mother], depth[families.father]), 0)
        if (deeper == depth[:n]).all():
            return [np.flatnonzero(deeper == level) for level in range(1, int(deeper.max(initial=0)) + 1)]
        depth[:n] = deeper


def _non_shared(families: Families, rng: Stream) -> Floats:
    return rng.standard_normal(len(families.mother))


def _couple(families: Families, rng: Stream) -> Floats:
    """Partners share one score, where it is the first couple of both; anybody else has their own."""
    n = len(families.mother)
    scores = rng.standard_normal(n)
    unions = families.unions
    order = np.argsort(unions.start, kind="stable")
    rows, first = np.arange(len(unions)), np.full(n, len(unions))
    rank = np.empty(len(unions), np.int64)
    rank[order] = rows
    for person in (unions.one, unions.other):
        np.minimum.at(first, person, rank)
    both = (first[unions.one] == rank) & (first[unions.other] == rank)
    scores[unions.other[both]] = scores[unions.one[both]]
    return scores


def split_use(name: str, use: Fills, n: int, mechanism: Mechanism, key: tuple[int, int]) -> tuple[Fills, Fills]:
    """The dispensings of a class that act, and those that the register holds; the same where nothing is misclassified.

    Parameters
    ----------
    name : the class; use : its dispensings
    n : persons of the block; key : seed and block
    """
    if not mechanism.misclassifies:
        return use, use
    rng = stream(key[0], f"recording {name}", key[1])
    draw = rng.random((2, n))
    lost = (draw[0] < mechanism.unrecorded_users)[use.person]
    lost |= rng.random(len(use)) < mechanism.unrecorded_dispensings
    idle = (draw[1] < mechanism.not_taken)[use.person]
    return use.where(~idle), use.where(~lost)
