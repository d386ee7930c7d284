"""Levels that only cases, or only controls, have: what the likelihood tends to as their coefficients grow without end.

Counted are sets that differ in the level; where a whole set shares it, it cancels. The likelihood rises for ever along
the coefficient of such a level, and what it tends to is the likelihood of the other rows: a control at a level that no
case has comes to weigh nothing in its set, and a case at a level that no control has is certain, so that its set says
nothing more. The other coefficients therefore have their maximum without these rows, and only the level's own ratio
(0, or infinite) needs another estimator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from riskset.analysis.coding import Block
from riskset.analysis.frame import AnalysisFrame, Rows, whole_sets

REFERENCE = -1


@dataclass(frozen=True)
class OneSided:
    """A level left out.

    Attributes
    ----------
    block : position among the blocks given
    level : position among the block's columns, or `REFERENCE`
    among : "cases" or "controls", who alone have it
    rows : how many have it
    """

    block: int
    level: int
    among: str
    rows: int


def leave_out_one_sided(
    frame: AnalysisFrame, blocks: Sequence[Block], keep: Rows, *, exposures: int
) -> tuple[Rows, list[Block], list[OneSided]]:
    """Rows and columns without one-sided levels, again and again until there are none.

    Parameters
    ----------
    blocks : columns in the rows of the frame, the exposures first
    keep : (n,) rows of whole sets
    exposures : how many of the blocks are exposures; their reference (never exposed) is never left out

    Returns
    -------
    The rows (n,), the blocks without what was left out, and the levels that were. Where a covariate's reference goes,
    its largest other level becomes the reference.
    """
    one_sided: list[OneSided] = []
    while True:
        new = _next(frame, blocks, keep, exposures)
        if new is None:
            break
        at_level = _in_discordant_sets(frame, _rows_at(blocks[new.block], new.level), keep)
        keep = whole_sets(frame.set_id, frame.case, keep & ~at_level)
        one_sided.append(new)
    return keep, [_without(block, i, one_sided, keep) for i, block in enumerate(blocks)], one_sided


def _next(frame: AnalysisFrame, blocks: Sequence[Block], keep: Rows, exposures: int) -> OneSided | None:
    for i, block in enumerate(blocks):
        if block.numeric or not block.levels:
            continue
        for level in range(0 if i < exposures else REFERENCE, len(block.levels)):
            at_level = _in_discordant_sets(frame, _rows_at(block, level), keep)
            cases = int((at_level & frame.case).sum())
            controls = int(at_level.sum()) - cases
            if (cases == 0) != (controls == 0):
                return OneSided(i, level, "cases" if cases else "controls", cases + controls)
    return None


def _in_discordant_sets(frame: AnalysisFrame, at: Rows, keep: Rows) -> Rows:
    """Kept rows at a level, in sets of which not everyone is: a level that a whole set shares cancels in it."""
    position = frame.set_position
    members, sharing = np.bincount(position, keep), np.bincount(position, keep & at)
    inside: Rows = keep & at & (sharing < members)[position]
    return inside


def _rows_at(block: Block, level: int) -> Rows:
    if level != REFERENCE:
        at: Rows = block.columns[:, level] != 0
        return at
    unmarked: Rows = ~(block.columns != 0).any(axis=1)
    return unmarked if block.members is None else unmarked & block.members


def _without(block: Block, number: int, one_sided: Sequence[OneSided], keep: Rows) -> Block:
    gone = {one.level for one in one_sided if one.block == number}
    left = [i for i in range(len(block.levels)) if i not in gone]
    if REFERENCE in gone and left:
        largest = max(left, key=lambda i: int(np.count_nonzero(block.columns[keep, i])))
        left.remove(largest)
        block = replace(block, reference=block.levels[largest])
    return block.pick(left)
