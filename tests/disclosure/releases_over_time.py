"""Projects of several releases: a study released again after the data grew, or after its description changed.

People are in blocks: those who were there from the beginning, those who came with a later extraction, those whom
another minimum age lets in. Each release is of some of the blocks, and may see people otherwise than the one before
(another window, another cut of a subgroup). Whoever knows the descriptions knows which release is of which blocks, and
that each number of each release is a sum over kinds of people in them; of how many there are he knows nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskset.disclosure.book import Spot
from riskset.disclosure.door import clear
from riskset.disclosure.ledger import PastRelease, earlier_of, line_of
from riskset.disclosure.policy import Policy
from riskset.errors import DisclosureError
from riskset.results.released import Released
from tests.disclosure.attacker_of_kinds import narrowed

Counts = NDArray[np.float64]
Left = Callable[[Any, Released], Iterator[tuple[Spot, int]]]
"""The numbers of a release that leave."""


@dataclass(frozen=True, repr=False)
class Release:
    """What is to be released.

    Attributes
    ----------
    blocks : of whom it is, by number
    released : its tables, as they are inside
    sums : where a number stands → how often it counts each kind
    points : those of points of curves
    """

    blocks: frozenset[int]
    released: Released
    sums: Mapping[Spot, Counts]
    points: frozenset[Spot] = frozenset()

    def of_study(self, study: int, data: int) -> Release:
        """The release with a description and data of its own."""
        described = self.released.study.model_copy(update={"seed": study + 1})
        manifest = {"registers": {"fingerprint": str(data)}}
        return replace(self, released=Released(described, self.released.tables, manifest))


@dataclass(frozen=True, repr=False)
class Project:
    """Releases one after the other.

    Attributes
    ----------
    many : how many there are of each kind in each block, shape (blocks, kinds)
    releases : in their order
    """

    many: NDArray[np.int64]
    releases: Sequence[Release]

    def leave(self, policy: Policy) -> list[Released | None]:
        """What leaves by the door with a ledger; None of a release that is refused."""
        lines: list[PastRelease] = []
        leave: list[Released | None] = []
        for release in self.releases:
            try:
                cleared = clear(release.released, policy, earlier_of(lines, release.released))
            except DisclosureError:
                leave.append(None)
                continue
            lines.append(line_of(lines, cleared, f"export {len(lines)}", {}))
            leave.append(cleared.released)
        return leave

    def counted(self, counts: Counts, blocks: frozenset[int]) -> Counts:
        """How often a number of a release of some blocks counts each kind in each block."""
        there = np.array([block in blocks for block in range(len(self.many))], float)
        return np.outer(there, counts).ravel()

    def narrowed(self, leave: Sequence[Released | None], policy: Policy, left: Left) -> list[Hashable]:
        """Small numbers, of a release or of those between two, that whoever has all that left narrows.

        Of those between two who are in a curve it is asked, as of its points, that they may be as many as can be known.
        """
        sums: dict[Hashable, Counts] = {}
        known: dict[Hashable, int] = {}
        points: set[Hashable] = set()
        for n, release in enumerate(self.releases):
            sums |= {(n, spot): self.counted(counts, release.blocks) for spot, counts in release.sums.items()}
            points |= {(n, spot) for spot in release.points}
            released = leave[n]
            if released is not None:
                known |= {(n, spot): value for spot, value in left(release, released)}
        for (n, one), (m, other) in itertools.permutations(enumerate(self.releases), 2):
            between = one.blocks - other.blocks
            if between and leave[n] is not None and leave[m] is not None:
                sums |= {(n, m, spot): self.counted(counts, between) for spot, counts in one.sums.items()}
                points |= {(n, m, spot) for spot in one.sums if spot.table == "curves"}
        return narrowed(sums, self.many.ravel(), known, policy, points)
