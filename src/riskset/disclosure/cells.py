"""From a run's tables to one system: each number of persons is a number with a key, and what links them are sums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from riskset.disclosure.book import Book, Spot
from riskset.disclosure.cells_of_course import gather_course
from riskset.disclosure.cells_of_sets import gather_sets
from riskset.disclosure.policy import Policy
from riskset.results.tables import SCHEMAS
from riskset.spec.study import Study

Rows = list[dict[str, Any]]


def rows_of(tables: Mapping[str, pa.Table]) -> dict[str, Rows]:
    """The rows of each table; none of one that a run did not make."""
    return {name: tables[name].to_pylist() if name in tables else [] for name in SCHEMAS}


def gather(study: Study, rows: Mapping[str, Rows], policy: Policy) -> Book:
    """All numbers of persons in a run's tables, with what adds up.

    Counts in curves are not among them (they are made coarser instead), nor those in diagnostics and notes, which
    repeat others (what repeats a withheld number is withheld).
    """
    book = Book(policy)
    gather_course(book, rows)  # before the attrition, which ends in its patients
    gather_sets(book, study, rows)
    for i, row in enumerate(rows["quality"]):
        place = ("quality", row["table"], row["rule"], row["subject"], row["arguments"])
        book.put((*place, "rows"), row["rows"], Spot("quality", i, "rows"))
        book.put((*place, "of"), row["of"], Spot("quality", i, "of"))
    return book
