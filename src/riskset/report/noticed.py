"""What was noticed of delivered rows that break no rule, in sentences."""

from __future__ import annotations

from collections.abc import Iterable

from riskset.report.catalogue import ENGLISH
from riskset.results.rows import QualityRow


def in_sentences(remarks: Iterable[QualityRow], *, in_memory: bool) -> tuple[str, ...]:
    """A sentence for each, with what may be done where the rows came from: files with a sources.toml, or frames."""
    return tuple(ENGLISH.remark(remark, in_memory=in_memory) for remark in remarks)
