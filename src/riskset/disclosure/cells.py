"""From a run's tables to one system: each number of persons is a number with a key, and what links them are sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from riskset.disclosure.book import Book, Spot
from riskset.disclosure.cells_of_course import PATIENTS, gather_course
from riskset.disclosure.cells_of_sets import gather_sets
from riskset.disclosure.people_of_rows import CASES
from riskset.disclosure.policy import Policy
from riskset.disclosure.populations import Counted, Groups
from riskset.results.columns import columns_of
from riskset.results.planted_prognosis import CASES as NAME_OF_CASES
from riskset.results.roles import COUNTS
from riskset.results.tables import KINDS, SCHEMAS
from riskset.spec.study import Study

Rows = list[dict[str, Any]]


def rows_of(tables: Mapping[str, pa.Table]) -> dict[str, Rows]:
    """The rows of each table; none of one that a run did not make."""
    return {name: tables[name].to_pylist() if name in tables else [] for name in SCHEMAS}


def gather(study: Study, rows: Mapping[str, Rows], policy: Policy) -> Book:
    """All numbers of persons in a run's tables, with what adds up.

    A count that is not linked to the others is not stated. Those of the points of curves are not among them (they are
    made coarser instead), nor those in diagnostics and notes (which state none but what the tables do).
    """
    book = Book(policy)
    course = gather_course(book, rows)  # before the attrition, which ends in its patients
    sets = gather_sets(book, study, rows)
    _followed(book, sets, course)
    for i, row in enumerate(rows["quality"]):
        place = ("quality", row["table"], row["rule"], row["subject"], row["arguments"])
        book.put((*place, "rows"), row["rows"], Spot("quality", i, "rows"))
        book.put((*place, "of"), row["of"], Spot("quality", i, "of"))
    book.leave_out(_counts(rows))
    return book


def _followed(book: Book, sets: Groups, course: Groups) -> None:
    """Patients at a level are the cases at it, but for those who were not followed."""
    patients = course.levels[Counted(PATIENTS, NAME_OF_CASES)]
    for group, levels in list(sets.levels.items()):
        if group.who == CASES and not group.part:
            for trait, key in patients.items():
                if trait in levels:
                    book.add_up(levels[trait], [key], (*group, *trait, "(not followed)"))


def _counts(tables: Mapping[str, Rows]) -> Iterator[tuple[Spot, int]]:
    """Where counts of persons stand, and which."""
    for table, rows in tables.items():
        columns = [c.name for c in columns_of(KINDS[table]) if c.role in COUNTS]
        if table == "curves":
            columns = ["n_patients"]
        for i, row in enumerate(rows):
            yield from ((Spot(table, i, name), row[name]) for name in columns if row[name] is not None)
