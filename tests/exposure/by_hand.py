"""Registers put together by hand, without the checks of an import: tested here is what is measured of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from riskset.registers.schema import TABLES
from riskset.results.tables import QUALITY
from riskset.spec.measures import Exposure

ENGINE = Engine(threads=1)
"""One engine for all examples; loading replaces the tables of the example before."""


def registers_of(
    tables: Mapping[str, Sequence[Mapping[str, Any]]], *, starts: Mapping[str, date] | None = None, lacking: Any = ()
) -> Registers:
    """Canonical tables of rows; ``lacking`` names columns ("dispensing.ddd") that were not delivered."""
    loaded, delivered = {}, {}
    for name, rows in tables.items():
        schema = TABLES[name].arrow_schema
        full = [{column: row.get(column) for column in schema.names} for row in rows]
        loaded[name] = ENGINE.load(name, pa.Table.from_pylist(full, schema=schema))
        delivered[name] = frozenset(column for column in schema.names if f"{name}.{column}" not in lacking)
    return Registers(ENGINE, loaded, delivered, "by hand", QUALITY.empty_table(), starts or {})


def dispensings_of(person: int, *dates: str, atc: str = "N06AB04", ddd: int | None = 28_000) -> list[dict[str, Any]]:
    """One item on each date."""
    return [{"person_id": person, "date": date.fromisoformat(day), "atc": atc, "ddd": ddd} for day in dates]


def anchors(*pairs: tuple[int, str]) -> pa.Table:
    """(person, index date) as a table of anchors."""
    return pa.table(
        {
            "person_id": pa.array([person for person, _ in pairs], pa.int64()),
            "index_date": pa.array([date.fromisoformat(day) for _, day in pairs], pa.date32()),
        }
    )


def exposure(*measures: Mapping[str, Any], **fields: Any) -> Exposure:
    """An exposure to antidepressants unless said otherwise."""
    described = {"name": "antidepressants", "codes": {"atc": ["N06A"]}, "measures": list(measures)} | fields
    return Exposure.model_validate(described)
