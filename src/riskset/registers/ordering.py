"""Keys of an order, each column once.

Ibis keeps one key per column, the last: ``[stop desc, stop]`` compiles to ``stop asc`` without a word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import ibis.expr.types as ir


def order_keys(table: ir.Table, columns: Iterable[str], *, last_first: Collection[str] = ()) -> list[ir.Value]:
    """The keys that order a table's rows by columns, ascending but for those of ``last_first``; nothing comes last.

    Raises
    ------
    ValueError
        A column is there twice, or ``last_first`` names one that is not there.
    """
    names = list(columns)
    twice = {name for name in names if names.count(name) > 1}
    strange = set(last_first) - set(names)
    if twice or strange:
        raise ValueError(f"an order has each of its columns once: {', '.join(sorted(twice | strange))}")
    return [table[name].desc() if name in last_first else table[name].asc() for name in names]
