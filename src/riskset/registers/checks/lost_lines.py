"""Lines of delivered texts that could not be parted into columns: counted among the rows, and set aside."""

from __future__ import annotations

from collections.abc import Iterable

from riskset.registers.checks.checked import Checked
from riskset.registers.delivered.reading import Delivered
from riskset.registers.engines.duckdb import DuckDB


def with_lost_lines(engine: DuckDB, checked: Checked, read: Iterable[Delivered]) -> Checked:
    """Count the lines of texts that gave no row; a line that an unclosed quote took in is one of them.

    Parameters
    ----------
    checked : a table of all rows that these files gave
    read : the files, whose rows the engine has read
    """
    read = list(read)
    texts = [(file.name, file.delimiter) for file in read if file.delimiter]
    if not texts:
        return checked
    shown = engine.lost_lines(*dict(texts))
    known = engine.collect(shown.agg(n=shown.count()))["n"][0].as_py()
    n = sum(file.lines for file in read) - checked.of - checked.skipped
    for text, delimiter in texts if n > known else ():
        ends, swallowed = engine.lines_in_cells(text, delimiter)
        n -= ends - swallowed
    return checked.with_lost_lines(shown, max(n, known))
