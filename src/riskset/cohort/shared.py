"""Delivered texts that may be told, because enough persons have them."""

from __future__ import annotations

import ibis.expr.types as ir

from riskset.microdata import FEWEST
from riskset.registers.delivered.heading import all_names
from riskset.registers.registers import Registers


def shared_names(registers: Registers, rows: ir.Table, column: str) -> list[str]:
    """The texts of a column that at least ``FEWEST`` persons have, for a message; none where one is no name."""
    return all_names(shared_texts(registers, rows, column))


def shared_texts(registers: Registers, rows: ir.Table, column: str) -> list[str]:
    """The texts of a column that at least ``FEWEST`` persons have, in alphabetical order."""
    counted = rows.group_by(text=rows[column]).agg(persons=rows["person_id"].nunique())
    texts = registers.engine.collect(counted.filter(counted["persons"] >= FEWEST))["text"].to_pylist()
    return sorted(text for text in texts if text)
