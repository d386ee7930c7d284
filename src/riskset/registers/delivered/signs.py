"""Signs of numbers in delivered cells that nobody mapped, in whatever way programs write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import ibis
import ibis.expr.types as ir

from riskset.registers.delivered.texts import MINUS, reads_missing, tidied
from riskset.registers.engines.duckdb import DuckDB

_BLANK = r"[\s\x{A0}\x{2009}\x{202F}]"
_DIGITS = rf"([0-9]+((?:{_BLANK}|[.,'])[0-9]{{3}})*([.,][0-9]+)?|[.,][0-9]+)([eE][+-]?[0-9]+)?"
_UNIT = r"(?i:kr|sek|nok|dkk|isk|eur|€|ddd|st|stk|kpl)\.?"
_AMOUNT = rf"{_DIGITS}({_BLANK}?{_UNIT})?"
_WHOLE = rf"([.,]|[.,:]{MINUS})?"  # 100,- is a hundred, and no less
_FORMS = rf"{MINUS}{_BLANK}?{_AMOUNT}{_WHOLE}|{_AMOUNT}{_BLANK}?{MINUS}|\({_BLANK}?{_AMOUNT}{_BLANK}?\)"
_BEFORE = rf"^{_BLANK}*({_UNIT}{_BLANK}?)?"
_NEGATIVE = rf"{_BEFORE}({_FORMS}){_BLANK}*$"
_NUMBER = rf"{_BEFORE}({_FORMS}|[+]?{_BLANK}?{_AMOUNT}{_WHOLE}){_BLANK}*$"


def is_negative(cell: ir.Value) -> ir.BooleanValue:
    """Whether a cell is a number below zero: -1, −1, 1-, (1), -1 234,50 kr."""
    kind = cell.type()
    if kind.is_numeric():
        return (cell < 0).fill_null(False)
    return cell.re_search(_NEGATIVE).fill_null(False) if kind.is_string() else ibis.literal(False)


def is_number(cell: ir.Value) -> ir.BooleanValue:
    """Whether a cell is a number, of whatever sign."""
    kind = cell.type()
    if kind.is_numeric():
        return cell.notnull()
    return cell.re_search(_NUMBER).fill_null(False) if kind.is_string() else ibis.literal(False)


def is_there(cell: ir.Value) -> ir.BooleanValue:
    """Whether a cell holds something, and not what programs write for no value."""
    return cell.notnull() & ~reads_missing(tidied(cell)) if cell.type().is_string() else cell.notnull()


def perhaps_amounts(engine: DuckDB, raw: ir.Table, unmapped: Sequence[str]) -> tuple[str, ...]:
    """Those columns that are not plainly something else than amounts by the first rows of a file.

    To look for a sign in each cell of all texts of a large file takes longer than to read it.
    """
    cells = {f"{what}_{i}": of(raw[name]).sum() for i, name in enumerate(unmapped) for what, of in _KINDS.items()}
    if not cells:
        return ()
    [counted] = engine.collect(raw.limit(_FIRST_ROWS).agg(**cells)).to_pylist()
    known, numbers = ([counted[f"{what}_{i}"] or 0 for i in range(len(unmapped))] for what in _KINDS)
    plain = [k >= _ENOUGH and 2 * n < k for k, n in zip(known, numbers, strict=True)]
    return tuple(name for name, is_other in zip(unmapped, plain, strict=True) if not is_other)


_FIRST_ROWS, _ENOUGH = 20_000, 100
"""Rows that are looked at, and cells among them that tell what a column is."""
_KINDS = {"known": is_there, "number": is_number}


def is_negative_unseen(raw: ir.Table, unmapped: Iterable[str], amounts: Iterable[str]) -> ir.BooleanValue:
    """Whether one of the columns that are not mapped is below zero in a row, and none of the mapped amounts is."""
    below = [is_negative(raw[name]) for name in unmapped]
    seen = [is_negative(raw[name]) for name in amounts]
    return ibis.or_(ibis.literal(False), *below) & ~ibis.or_(ibis.literal(False), *seen)
