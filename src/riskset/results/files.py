"""Files of a run: written under another name and renamed, so that a reader never meets half of one.

What holds microdata is private: of its owner alone, whatever the umask, from the moment it is made. What leaves as CSV
is data for a spreadsheet too, and no cell of it is a formula there.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from riskset.errors import RisksetError
from riskset.results.rounding import WRITTEN, rounded_table


def private_folder(folder: Path) -> None:
    """Make a folder that nobody but its owner may enter; one that is there stays as it is.

    Folders above it that are not there are made in the usual way.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)


@contextmanager
def privately() -> Iterator[None]:
    """Whatever this process makes meanwhile, an engine's files among it, is its owner's alone (files 600, folders 700).

    The umask is the whole process's; all that it could wrongly touch here is made more private than need be.
    """
    usual = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(usual)


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[Path]:
    """Give a temporary name beside ``path`` to write to; rename it when all went well, remove it when not.

    With ``private``, what was written is the owner's alone (files 600, folders 700), and so is a folder made for it.
    """
    if private:
        private_folder(path.parent)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    _remove(partial)
    try:
        with privately() if private else nullcontext():
            yield partial
        if private:
            _make_private(partial)  # what another process wrote, as Spark's does, has that one's umask
        if partial.is_dir():
            _remove(path)
        os.replace(partial, path)
    finally:
        _remove(partial)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Let one process at a time write to a folder; the lock is a file beside it and goes with the process.

    Raises
    ------
    RisksetError
        Another process holds it.
    """
    path = folder.with_name(f".{folder.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with path.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RisksetError(
                    "another run is writing here", where=str(folder), remedy="wait for it, or name another folder"
                ) from None
            if not _is_still(path, lock):
                continue  # its holder removed it between opening and locking
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
            return


def _is_still(path: Path, file: IO[str]) -> bool:
    try:
        return path.stat().st_ino == os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return False


def _make_private(path: Path) -> None:
    path.chmod(0o700 if path.is_dir() else 0o600)
    for inside in path.rglob("*") if path.is_dir() else ():
        inside.chmod(0o700 if inside.is_dir() else 0o600)


def write_text(path: Path, text: str, *, private: bool = False) -> None:
    """Write a text file in one piece."""
    with replacing(path, private=private) as partial:
        partial.write_text(text, encoding="utf-8")


def write_tables(folder: Path, tables: Mapping[str, pa.Table]) -> None:
    """Write each table as Parquet, to the last bit, and as CSV (UTF-8, comma, dates as 2015-01-31)."""
    for name, table in tables.items():
        with replacing(folder / f"{name}.parquet") as partial:
            pq.write_table(table, partial)
        write_csv(folder / f"{name}.csv", table)


FORMULA = r"^[\s\x{A0}]*[-=+@\x{FF0B}\x{FF0D}\x{FF1D}\x{FF20}]|^[\t\r\n]"
"""A text that a spreadsheet would compute, full-width signs included, or whose first character moves it to a cell."""


def write_csv(path: Path, table: pa.Table) -> None:
    """Write a table as CSV for people and their spreadsheets: the one way in which results leave as text.

    Floating numbers have `WRITTEN` significant digits. A text that begins like a formula gets an apostrophe in front,
    which makes it a text to a spreadsheet too; numbers, negative ones among them, stay numbers.
    """
    table = rounded_table(table, WRITTEN)
    columns = [_defused(column) for column in table.columns]
    with replacing(path) as partial:
        pyarrow.csv.write_csv(pa.table(columns, names=table.column_names), partial)


def _defused(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts, in whichever of Arrow's types, without formulas; anything else as it is."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return column
    texts = column.cast(pa.string())
    is_formula = pc.match_substring_regex(texts, FORMULA)
    return pc.if_else(is_formula, pc.binary_join_element_wise("'", texts, ""), texts)


def write_stage(folder: Path, tables: Mapping[str, pa.Table]) -> None:
    """Write the tables of a finished stage, which are microdata, as one folder that appears whole or not at all."""
    with replacing(folder, private=True) as partial:
        private_folder(partial)
        for name, table in tables.items():
            pq.write_table(table, partial / f"{name}.parquet")


def read_stage(folder: Path) -> dict[str, pa.Table] | None:
    """The tables of a finished stage, or None where there is no such stage, or one that cannot be read any more."""
    if not folder.is_dir():
        return None
    try:
        return {path.stem: pq.read_table(path) for path in sorted(folder.glob("*.parquet"))}
    except (pa.ArrowInvalid, OSError):  # as a crash of the machine leaves it
        return None


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
