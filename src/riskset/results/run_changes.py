"""What changed between two finished runs: description, data, software, numbers. Typed, and without a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isclose
from pathlib import Path

import pyarrow as pa

from riskset.precision import NOTHING
from riskset.results.columns import key_of
from riskset.results.manifest_keys import Manifest, NationFacts, RegisterFacts
from riskset.results.row_cells import Cell
from riskset.results.run_folder import MANIFEST, read_results
from riskset.results.tables import KINDS
from riskset.results.vocabulary import DiagnosticCode
from riskset.spec.difference import Change, Difference, differences
from riskset.spec.study import Study
from riskset.storage.digest import TOLERANCE


class FactKind(StrEnum):
    """What a fact of a run is about."""

    DATA = "data"
    SOFTWARE = "software"
    SIZE = "size"


Fact = str | int | NationFacts | None
"""What a run has of a fact: a fingerprint, a version, a number of rows, the settings of a nation."""


@dataclass(frozen=True)
class FactChange:
    """A fact of the manifest that is another one.

    Attributes
    ----------
    kind : what it is about
    name : which one: ``registers``, ``numpy``, ``sets``
    before, after : None where a run has no such fact
    """

    kind: FactKind
    name: str
    before: Fact
    after: Fact


@dataclass(frozen=True)
class RowChange:
    """A row of a table of results that came, went or has other values.

    Attributes
    ----------
    table : its name
    change : what became of the row
    key : column → value, of the columns that tell the row from all others
    before, after : column → value; of a row that stayed those that differ beyond rounding, else all
    """

    table: str
    change: Change
    key: Mapping[str, Cell]
    before: Mapping[str, Cell]
    after: Mapping[str, Cell]


@dataclass(frozen=True)
class RunChanges:
    """What changed from one run to another.

    Attributes
    ----------
    description : of the study that was run
    facts : of data, software and sizes
    rows : of the tables of results, in their order
    """

    description: tuple[Difference, ...]
    facts: tuple[FactChange, ...]
    rows: tuple[RowChange, ...]

    @property
    def are_alike(self) -> bool:
        """Whether nothing changed."""
        return not (self.description or self.facts or self.rows)


IMPORT = "import of registers"
"""The code that made a store of the delivery: a fact of software, known by its digest."""

NOT_PROMISED = (DiagnosticCode.ITERATIONS, DiagnosticCode.DECREMENT)
"""Diagnostics of how a fit was reached, which are the machine's."""

FOLLOWING = ("model_id",)
"""Columns that say again what others say: a change of theirs is one of the others."""


def compare_runs(before: str | Path, after: str | Path) -> RunChanges:
    """Compare the folders of two finished runs.

    Numbers differ when they are further apart than `storage.digest.TOLERANCE` of their size: beyond the digits that are
    promised. What the two have alike is nowhere in the result.

    Raises
    ------
    SourceError
        A folder holds no finished run, or one whose tables are of another version.
    SpecError
        The description in a folder can no longer be meant.
    """
    folders = Path(before), Path(after)
    old, new = (read_results(folder) for folder in folders)
    studies = [Study.load(folder / "study.toml") for folder in folders]
    manifests: list[Manifest] = [json.loads((folder / MANIFEST).read_text(encoding="utf-8")) for folder in folders]
    is_apart = all("delivery" in manifest["registers"] for manifest in manifests)
    facts = [_facts(manifest, is_apart) for manifest in manifests]
    return RunChanges(
        differences(*studies),
        tuple(_changed_facts(*facts)),
        tuple(row for name in KINDS for row in _changed_rows(name, old.get(name), new.get(name))),
    )


def _facts(manifest: Manifest, is_apart: bool) -> dict[tuple[FactKind, str], Fact]:
    facts: dict[tuple[FactKind, str], Fact] = {
        **dict(_of_registers(manifest["registers"], is_apart)),
        (FactKind.DATA, "nation"): manifest.get("nation"),
        (FactKind.DATA, "matched sets"): manifest["digests"].get("sets"),
        (FactKind.SOFTWARE, "engine"): manifest["engine"],
    }
    facts |= {(FactKind.DATA, f"sampling frame, {name}"): digest for name, digest in manifest["frames"].items()}
    facts |= {(FactKind.SOFTWARE, name): version for name, version in manifest["versions"].items()}
    return facts | {(FactKind.SIZE, name): rows for name, rows in manifest["rows"].items()}


def _of_registers(registers: RegisterFacts, is_apart: bool) -> Iterator[tuple[tuple[FactKind, str], Fact]]:
    """The delivery is data, the code that imported it software; beside a run from before they were told apart, both are
    one."""
    if not is_apart:
        yield (FactKind.DATA, "registers"), registers["fingerprint"]
        return
    yield (FactKind.DATA, "registers"), registers["delivery"]
    yield (FactKind.SOFTWARE, IMPORT), registers.get("code") or None


def _changed_facts(
    before: Mapping[tuple[FactKind, str], Fact], after: Mapping[tuple[FactKind, str], Fact]
) -> Iterator[FactChange]:
    for kind, name in dict.fromkeys([*before, *after]):
        old, new = before.get((kind, name)), after.get((kind, name))
        if old != new:
            yield FactChange(kind, name, old, new)


def _changed_rows(table: str, before: pa.Table | None, after: pa.Table | None) -> Iterator[RowChange]:
    key = key_of(KINDS[table])
    old, new = _by_key(before, key), _by_key(after, key)
    for place, row in old.items():
        named = dict(zip(key, place, strict=True))
        if place not in new:
            yield RowChange(table, Change.REMOVED, named, row, {})
            continue
        changed = [name for name in row if not _alike(row[name], new[place].get(name))]
        if changed:
            was, now = ({name: one[name] for name in changed} for one in (row, new[place]))
            yield RowChange(table, Change.CHANGED, named, was, now)
    for place, row in new.items():
        if place not in old:
            named = dict(zip(key, place, strict=True))
            yield RowChange(table, Change.ADDED, named, {}, row)


def _by_key(table: pa.Table | None, key: tuple[str, ...]) -> dict[tuple[Cell, ...], dict[str, Cell]]:
    rows = [] if table is None else table.to_pylist()
    rows = [row for row in rows if row.get("code") not in NOT_PROMISED]
    left_out = {*key, *FOLLOWING}
    return {tuple(row[name] for name in key): {n: v for n, v in row.items() if n not in left_out} for row in rows}


def _alike(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=TOLERANCE, abs_tol=NOTHING)
    return bool(one == other)
