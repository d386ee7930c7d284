"""Delivered files become a store: canonical Parquet tables, a quarantine, the key of identifiers, and a manifest.

The store holds microdata. It is made in a folder of its own beside its place and moved there when it is whole; an
import that was interrupted finds the tables that it had finished.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from riskset.errors import QualityError, RisksetError, SourceError
from riskset.microdata import MicrodataTable
from riskset.registers.checks.amounts import refuse_unmapped_reversals, refuse_wrong_scale
from riskset.registers.checks.checked import Checked
from riskset.registers.checks.checking import check_facts, check_persons, people_of
from riskset.registers.checks.date_hints import refuse_beyond, with_date_ways
from riskset.registers.checks.lost_lines import with_lost_lines
from riskset.registers.checks.remarks import Declared, remarks_of
from riskset.registers.checks.rule import Limits
from riskset.registers.coverage import Coverage
from riskset.registers.delivered.conversion import Mapped, convert
from riskset.registers.delivered.reading import Delivered, find_files, open_file
from riskset.registers.delivered.same_facts import beside
from riskset.registers.delivered.signs import perhaps_amounts
from riskset.registers.delivered.source import Sources
from riskset.registers.delivered.unchanged import Unchanged, changed
from riskset.registers.delivered.whole import digest_when_asked, lacks_end, refuse_twice, refuse_unexpected
from riskset.registers.engine import Engine, as_riskset_error
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.fingerprint import delivery_of, digests_of, fingerprint_of, import_code
from riskset.registers.held import HeldTables
from riskset.registers.observation import OBSERVATION, observe
from riskset.registers.ordering import order_keys
from riskset.registers.place import MANIFEST, begin, manifest_of, put_back, put_in_place, write_json
from riskset.registers.schema import TABLES
from riskset.registers.shelf import Shelf
from riskset.results.columns import as_cells
from riskset.results.quality_vocabulary import QualityAction, QualityRule
from riskset.results.rows import QualityRow
from riskset.results.tables import QUALITY, rows_to_table
from riskset.storage.atomic import replacing
from riskset.storage.folders import private_folder

Progress = Callable[[str], None]

DERIVED = "derived"
"""The folder of a store for tables that runs have derived from it and may use again."""

KEYS = "keys.parquet"
"""The identifiers as delivered, and the numbers that persons have instead."""


def import_registers(
    sources: Sources, store: str | Path, *, engine: DuckDB, progress: Progress | None = None
) -> HeldTables:
    """Import delivered files, or open the store when it was made of the same files by the same description and code.

    Parameters
    ----------
    sources : what is delivered, and what it means
    store : folder of the canonical tables; made, replaced or reused
    engine : who reads and sorts, always an embedded one; one with a folder spills there what outgrows its memory
    progress : is told what begins

    Raises
    ------
    SourceError
        A file, a column or a declared property of a file is not there, a table has no rows, or a file changed while it
        was read.
    QualityError
        More rows of a table than tolerated break a rule; nothing is kept then.
    RisksetError
        The disk is full, or memory.
    """
    tell = progress or _silent
    store = Path(store).resolve()  # of a link, the place that it names is replaced
    with clear_errors(store):
        put_back(store)
        tell("reading the delivered files' fingerprints")
        unchanged = Unchanged(sources)
        digests = digests_of(sources)
        delivery = delivery_of(sources, digests)
        fingerprint = fingerprint_of(delivery)
        if manifest_of(store).get("fingerprint") == fingerprint:
            tell("opening the store: the delivery is as it was")
            return open_store(store, engine=engine, progress=tell)
        if store.is_file():
            raise SourceError("this is a file", where=str(store), remedy="name a folder")
        if any(path.is_file() for path in store.rglob("*")) and not manifest_of(store):
            raise SourceError(
                "this folder holds other files than an import's", where=str(store), remedy="name an empty or a new one"
            )
        find_files(sources)  # all of them, before hours may be spent on the first
        digest = digest_when_asked({part: known for parts in digests.values() for part, known in parts.items()})
        refuse_twice(sources, digest)
        refuse_unexpected(sources, digest)
        folder, as_of = begin(store, fingerprint, sources.as_of)
        work = _Import(sources, folder, engine, delivery, as_of, unchanged, tell)
        try:
            with unchanged, clear_errors(store):
                work.run()
                tell("seeing that no delivered file has changed since")
                if delivery_of(sources, digests_of(sources)) != delivery:
                    raise changed(store)
        except (SourceError, QualityError):  # the delivery's; after the machine's the import may go on
            shutil.rmtree(work.folder, ignore_errors=True)
            raise
        finally:
            work.forget()
        put_in_place(work.folder, store)
        return open_store(store, engine=engine, progress=tell)


def open_store(store: str | Path, *, engine: Engine, progress: Progress | None = None) -> HeldTables:
    """The registers of a store that `import_registers` made, on any engine.

    ``progress`` is told when a derived table is kept in the store or taken from there.

    Raises
    ------
    SourceError
        There is no whole store in this folder.
    """
    store = Path(store)
    manifest = manifest_of(store)
    if not manifest:
        raise SourceError("there is no finished import here", where=str(store), remedy="import the delivery first")
    tag = manifest["fingerprint"][:12]
    files = {name: store / f"{name}.parquet" for name in manifest["tables"]}
    _refuse_damaged(files.values())
    delivered = {name: frozenset(table["delivered"]) for name, table in manifest["tables"].items()}
    sorted_by = {name: TABLES[name].order[0] if name in TABLES else "person_id" for name in files}
    if "residence" in files:
        files[OBSERVATION], sorted_by[OBSERVATION] = store / f"{OBSERVATION}.parquet", "person_id"
        delivered[OBSERVATION] = delivered["residence"]
    return HeldTables(
        engine=engine,
        tables=engine.attach(tag, files, sorted_by),
        delivered=delivered,
        fingerprint=manifest["fingerprint"],
        delivery=manifest.get("delivery", ""),
        code=manifest.get("code", ""),
        quality=rows_to_table([row for t in manifest["tables"].values() for row in t["quality"]], QUALITY),
        starts=_days(manifest["starts"]),
        remarks=tuple(
            dict.fromkeys(QualityRow.read(r) for t in manifest["tables"].values() for r in t.get("remarks", ()))
        ),
        keys=lambda: MicrodataTable(pq.read_table(store / KEYS, columns=["id", "person_id"])),
        shelf=Shelf(store / DERIVED, tag, progress or _silent) if os.access(store, os.W_OK) else None,
        imported=Coverage(
            delivered=date.fromisoformat(manifest["delivered"]),
            ends=_days(manifest["ends"]),
            last=_days({name: table["last"] for name, table in manifest["tables"].items()}),
        ),
    )


def _refuse_damaged(files: Iterable[Path]) -> None:
    """Refuse a store of which a table is not there whole, as after a crash or a copy that was cut off."""
    for file in files:
        try:
            pq.read_metadata(file)
        except (pa.ArrowException, OSError):
            remedy = "remove the store, and import the delivery again"
            raise SourceError("this table of the store is not whole", where=str(file), remedy=remedy) from None


def _days(written: dict[str, str | None]) -> dict[str, date]:
    return {name: date.fromisoformat(day) for name, day in written.items() if day}


class _Import:
    """One run through the tables of a delivery, into the folder of an unfinished store."""

    def __init__(
        self,
        sources: Sources,
        folder: Path,
        engine: DuckDB,
        delivery: str,
        as_of: date,
        unchanged: Unchanged,
        tell: Progress,
    ) -> None:
        self.sources, self.folder, self.engine, self.tell = sources, folder, engine, tell
        self.delivery, self.fingerprint = delivery, fingerprint_of(delivery)
        self.tag = f"import_{self.fingerprint[:12]}"
        self.opened: dict[str, Delivered] = {}
        self.as_of, self.unchanged = as_of, unchanged
        self.starts = sources.starts()

    def run(self) -> None:
        """Person first, then death, then the facts that are held against both."""
        names = [name for name in TABLES if self.sources.named(name)]
        names.sort(key=lambda name: ("person", "death").index(name) if name in ("person", "death") else 2)
        finished = {name: self._finish(name) for name in names}
        if "residence" in names:
            self._observe()
        manifest = {
            "fingerprint": self.fingerprint,
            "delivery": self.delivery,
            "code": import_code(),
            "riskset": version("riskset"),
            "delivered": self.as_of.isoformat(),
            "starts": {name: day.isoformat() for name, day in self.starts.items()},
            "ends": {name: day.isoformat() for name, day in self.sources.ends().items()},
            "tables": finished,
        }
        write_json(self.folder / MANIFEST, manifest)

    def _observe(self) -> None:
        """Keep who is under observation when, unless an interrupted import has."""
        file = f"{OBSERVATION}.parquet"
        if (self.folder / file).exists():
            return
        self.tell("joining spells of residence")
        paths = {name: self.folder / f"{name}.parquet" for name in ("residence", "person", "death")}
        held = {n: self.engine.read_parquet(f"{n}_{self.tag}", path) for n, path in paths.items() if path.exists()}
        joined = observe(held["residence"], held["person"], held.get("death"))
        self._write_sorted(joined, file, ("person_id", "entry"))

    def forget(self) -> None:
        """Drop what the engine holds of the delivery."""
        self.opened.clear()
        for folder in ("text", "parked"):
            shutil.rmtree(self.folder / folder, ignore_errors=True)

    def _finish(self, name: str) -> dict[str, Any]:
        """Import a table, unless an interrupted import has."""
        note = self.folder / f"{name}.json"
        if note.exists():
            self.tell(f"taking over {name}, which was finished")
            return dict(json.loads(note.read_text(encoding="utf-8")))
        self.tell(f"importing {name}")
        delivered = frozenset(column for part in self.sources.named(name) for column in part.columns)
        checked = self._check(name, delivered)
        where = _place(name, self._files_of(name))
        checked = with_lost_lines(self.engine, checked, [self.opened[part.file] for part in self.sources.named(name)])
        if not checked.of and not checked.skipped:
            remedy = "deliver it again, or leave it out of sources.toml"
            raise SourceError("the delivered table has no rows", where=where, remedy=remedy)
        maps, tolerance = self.sources.named(name), self.sources.tolerance_of(name)
        refuse_beyond(self.engine, checked, maps, self.as_of, tolerance, where)
        checked = with_date_ways(self.engine, checked, maps, self.as_of)
        if "ddd" in delivered:
            refuse_wrong_scale(self.engine, checked, [part.columns for part in maps], where)
        checked, last = self._with_remarks(checked), self._last_day(checked.kept)
        self._write(name, checked)
        result = {
            "rows": checked.of - checked.aside - checked.taken_back,
            "delivered": sorted(delivered),
            "last": last and last.isoformat(),
            "quality": [dict(as_cells(row)) for row in checked.quality()],
            "remarks": [dict(as_cells(row)) for row in (*checked.to_consider(), *self._without_end(name))],
        }
        self.unchanged.refuse_otherwise()  # before the note: an import that is taken up again trusts the table
        write_json(note, result)
        return result

    def _check(self, name: str, delivered: frozenset[str]) -> Checked:
        parts = []
        for part in self.sources.named(name):
            file, raw = self.sources.files[part.file], self._open(part.file).raw
            last_day, place = part.last_day or "excluded", _place(name, [part.file])
            unread = part.may_hide_reversals(raw.columns, self.sources.named(name))
            unmapped = perhaps_amounts(self.engine, raw, unread)
            # A file of spells, say, that is mapped to persons too: each person is there as often as they moved.
            once = bool(TABLES[name].key) and any(t.file == part.file and t.name != name for t in self.sources.tables)
            settings = (last_day, part.skip_if_missing, file.decimal, place, file.null, once, unmapped)
            parts.append(Mapped(raw, part.columns, *settings))
        converted = convert(self.engine, name, parts)
        limits = Limits.of(self.as_of, self.starts.get(name))
        if name == "person":
            return check_persons(self.engine, converted, delivered, limits, self.tag)
        parked = self.folder / "parked" / f"{name}.parquet"
        private_folder(parked.parent)
        people = self._people(name)
        where = _place(name, self._files_of(name))
        checked = check_facts(self.engine, name, converted, people, delivered, limits, self.tag, where, parked=parked)
        refuse_unmapped_reversals(self.engine, checked, parts)
        return checked

    def _with_remarks(self, checked: Checked) -> Checked:
        maps = self.sources.named(checked.name)
        declared = Declared(
            listed=frozenset(name for part in maps for name, c in part.columns.items() if c.values is not None),
            days={name: c.day for part in maps for name, c in part.columns.items() if c.day is not None},
            first=self.starts.get(checked.name),
            last=self.sources.ends().get(checked.name),
            delivered=self.as_of,
            tolerance=self.sources.tolerance_of(checked.name),
            where=_place(checked.name, self._files_of(checked.name)),
            beside=beside(checked.name, (part.columns for part in maps)),
        )
        person = self.folder / "person.parquet"
        persons = self.engine.read_parquet(f"persons_{self.tag}", person) if person.exists() else checked.kept
        remarks = remarks_of(self.engine, checked.name, checked.kept, checked.of, declared, persons)
        return replace(checked, remarks=(*checked.remarks, *remarks))

    def _files_of(self, table: str) -> list[str]:
        return sorted({part.file for part in self.sources.named(table)})

    def _without_end(self, table: str) -> list[QualityRow]:
        """Of the texts whose last line has no end, that they may have been cut off."""
        texts = [file for name in self._files_of(table) if (file := self.sources.files[name]).format == "csv"]
        cut = [part.name for file in texts for part in file.parts() if lacks_end(part, file)]
        what = (table, QualityRule.LAST_LINE_OPEN, 1, 1, QualityAction.KEPT)
        return [QualityRow.counted(*what, subject=name) for name in cut]

    def _last_day(self, kept: ir.Table) -> date | None:
        """The last day on which something of a table happened; of spells, on which one began or ended."""
        days = [kept[name] for name in ("date", "start", "stop") if name in kept.columns]
        if not days:
            return None
        latest = ibis.literal(Limits.of(self.as_of).latest)
        known = {f"last_{i}": ibis.ifelse(day <= latest, day, ibis.null("date")).max() for i, day in enumerate(days)}
        [last] = self.engine.collect(kept.agg(**known)).to_pylist()
        return max((day for day in last.values() if day is not None), default=None)

    def _people(self, of: str) -> ir.Table:
        known = self.engine.read_parquet(f"keys_{self.tag}", self.folder / KEYS)
        wrong = self.folder / "quarantine"
        aside = self.engine.read_parquet(f"persons_aside_{self.tag}", wrong / "person.parquet")
        death = self.folder / "death.parquet"
        if of == "death" or not death.exists():
            return people_of(self.engine, known, None, self.tag, aside=aside)
        deaths = self.engine.read_parquet(f"deaths_{self.tag}", death)
        undated = self.engine.read_parquet(f"deaths_aside_{self.tag}", wrong / "death.parquet")
        return people_of(self.engine, known, deaths, self.tag, undated=undated, aside=aside)

    def _open(self, file: str) -> Delivered:
        if file not in self.opened:
            maps = [table for table in self.sources.tables if table.file == file]
            name = f"file_{list(self.sources.files).index(file)}_{self.tag}"
            self.opened[file] = open_file(self.engine, self.sources.files[file], maps, name, self.folder / "text")
        return self.opened[file]

    def _write(self, name: str, checked: Checked) -> None:
        schema = TABLES[name]
        rest = [column.name for column in schema.columns]
        if name == "person":
            self._write_sorted(checked.known, KEYS, ("person_id",))
        # Every column takes part in the order, so that rows delivered in another order make the same file.
        self._write_sorted(checked.kept, f"{name}.parquet", dict.fromkeys((*schema.order, *rest)))
        aside = checked.quarantine
        self._write_sorted(
            aside, f"quarantine/{name}.parquet", dict.fromkeys(("reason", "delivered_id", *aside.columns))
        )
        self.engine.drop(*checked.stored_as)

    def _write_sorted(self, table: ir.Table, file: str, order: Iterable[str]) -> None:
        with replacing(self.folder / file, private=True) as partial:
            self.engine.write_parquet(table.order_by(order_keys(table, order)), partial)


def _place(table: str, files: Sequence[str]) -> str:
    """What messages call a table: with the names that its files have in sources.toml."""
    return f"table {table} (file{'s' * (len(files) > 1)} {', '.join(files)})"


def _silent(doing: str) -> None: ...


@contextmanager
def clear_errors(store: Path) -> Iterator[None]:
    """What the machine complains of, for the person who runs the import; an engine's own words may hold a cell."""
    try:
        yield
    except RisksetError:
        raise
    except Exception as error:
        clear = as_riskset_error(error, str(store))
        if clear is None and isinstance(error, duckdb.Error):
            clear = SourceError(
                f"the engine could not read the delivery ({type(error).__name__})",
                where=str(store),
                remedy="see that CSV files are as declared",
            )
        if clear is None:
            raise
        raise clear from None
