"""Names of ours that rows have in a near spelling: by the name nobody is then found, even where all rows agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import ibis.expr.types as ir

from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.schema import KNOWN_NAMES
from riskset.results.quality_vocabulary import QualityAction, QualityRule
from riskset.results.rows import QualityRow
from riskset.spec.spelling import near
from riskset.spec.tidying import looks

_LEVELS = 20_000
"""More texts than this are no names."""


def told_of_names(engine: DuckDB, name: str, kept: ir.Table, of: int) -> Iterator[QualityRow]:
    """The texts that are spelt much like a name that means something to us, with what each was likely meant to be.

    Where the name itself is there, too, and the text differs in capitals or in letters that look alike, it is told of
    the levels already.
    """
    for (table, column), known in KNOWN_NAMES.items():
        if table != name:
            continue
        counted = kept.group_by(text=kept[column]).agg(n=kept.count()).limit(_LEVELS + 1)
        rows = {row["text"]: row["n"] for row in engine.collect(counted).to_pylist() if row["text"]}
        if len(rows) > _LEVELS:
            continue
        alike = {looks(one) for one in known if one in rows} if column == "name" else set()
        for text, n in sorted(rows.items()):
            meant = meant_name(text, known)
            if meant and looks(text) not in alike:
                what = (name, QualityRule.NEAR_NAME, n, of, QualityAction.KEPT)
                yield QualityRow.counted(*what, subject=column, text=text, meant=meant)


def meant_name(text: str, known: Sequence[str]) -> str | None:
    """The known name that a text is another spelling of; with other digits it means another thing, as ICD-11 does."""
    if text in known:
        return None
    digits = re.findall(r"\d", text)
    return near(text, [one for one in known if re.findall(r"\d", one) == digits])
