"""The store: the same tables however rows and files are ordered, reused when nothing changed, whole or not there."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from riskset.errors import QualityError, RisksetError, SourceError
from riskset.registers import fingerprint
from riskset.registers.delivered.source import Sources
from riskset.registers.engine import Engine
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.ingest import import_registers, open_store
from tests.registers.delivery import DEATH_MAP, PERSON, PERSON_MAP, broken, deliver, imported, named, rows
from tests.shown import Evidence, shows

DISPENSING_MAP = """
[files.dispensing]
path = "dispensing*.csv"
format = "csv"
delimiter = ","
encoding = "utf-8"
[[tables]]
name = "dispensing"
file = "dispensing"
starts = 2005-07-01
[tables.columns]
person_id = "id"
date = "dag"
atc = "atc"
"""
MAPS = PERSON_MAP + DEATH_MAP + DISPENSING_MAP
DEATH = "id;dag\nb;2012-02-29\n"
DISPENSING = "id,dag,atc\nc,2010-01-02,N05BA01\na,2010-01-02,N06AB04\nb,2010-01-01,N05BA01\na,2009-01-02,N05BA01\n"


def delivered(folder: Path, **texts: str) -> Sources:
    return deliver(folder, MAPS, **{"death": DEATH, "dispensing1": DISPENSING, **texts})


def upside_down(text: str) -> str:
    header, *lines = text.splitlines(keepends=True)
    return "".join([header, *reversed(lines)])


def content(store: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of the store's files in their order."""
    return {path.stem: pq.read_table(path).to_pylist() for path in sorted(store.glob("*.parquet"))}


def test_the_store_holds_canonical_tables_in_their_order(tmp_path: Path) -> None:
    registers = imported(delivered(tmp_path / "in"), tmp_path / "store")
    store = content(tmp_path / "store")
    assert list(store) == ["death", "dispensing", "keys", "person"]
    assert [(r["atc"], r["person_id"], r["date"].year) for r in store["dispensing"]] == [
        ("N05BA01", 1, 2009),
        ("N05BA01", 2, 2010),
        ("N05BA01", 3, 2010),
        ("N06AB04", 1, 2010),
    ]
    assert [(k["person_id"], k["id"]) for k in store["keys"]] == [(1, "a"), (2, "b"), (3, "c")]
    assert registers.starts["dispensing"].isoformat() == "2005-07-01"
    assert registers.has("dispensing", "atc")
    assert not registers.has("dispensing", "ddd")
    for name in registers.tables:
        schema = pq.read_schema(tmp_path / "store" / f"{name}.parquet")
        assert registers.engine.collect(registers[name]).schema.names == schema.names


def test_row_and_file_order_do_not_matter(tmp_path: Path) -> None:
    imported(delivered(tmp_path / "in"), tmp_path / "store")
    header, *lines = DISPENSING.splitlines(keepends=True)
    turned = delivered(
        tmp_path / "other",
        person=upside_down(PERSON),
        dispensing1="".join([header, *lines[2:]]),
        dispensing2="".join([header, *lines[:2]]),
    )
    imported(turned, tmp_path / "turned")
    assert content(tmp_path / "store") == content(tmp_path / "turned")


def test_ids_are_ranked_as_texts_by_code_point(tmp_path: Path) -> None:
    ids = ["é", "Z", "a", "10", "9", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "007", "å"]
    text = "id;kon;fodd\n" + "".join(f"{who};1;{1950 + i}-01-01\n" for i, who in enumerate(ids))
    imported(deliver(tmp_path / "in", person=text), tmp_path / "store")
    keys = pq.read_table(tmp_path / "store" / "keys.parquet").to_pylist()
    assert [(k["id"], k["person_id"]) for k in keys] == [(who, i) for i, who in enumerate(sorted(ids), 1)]


def test_nothing_changed_then_the_store_is_reused(tmp_path: Path) -> None:
    sources = delivered(tmp_path / "in")
    first = imported(sources, tmp_path / "store")
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "store").rglob("*")}
    said: list[str] = []
    again = import_registers(
        Sources.load(tmp_path / "in" / "sources.toml"), tmp_path / "store", engine=Engine(), progress=said.append
    )
    assert said[1:] == ["opening the store: the delivery is as it was"]
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "store").rglob("*")} == before
    assert again.fingerprint == first.fingerprint
    assert again.quality.equals(first.quality)
    assert again.delivered == first.delivered
    assert again.starts == first.starts


@pytest.mark.parametrize(
    "change",
    [
        {"death": DEATH.replace("29", "28")},
        {"dispensing2": DISPENSING + "a,2011-01-02,N05BA01\n"},
        {"sources": MAPS.replace("2005-07-01", "2006-07-01")},
    ],
)
def test_a_changed_delivery_or_mapping_replaces_the_store(tmp_path: Path, change: dict[str, str]) -> None:
    first = imported(delivered(tmp_path / "in"), tmp_path / "store")
    changed = deliver(tmp_path / "in", **{"sources": MAPS, "death": DEATH, "dispensing1": DISPENSING, **change})
    again = imported(changed, tmp_path / "store")
    assert again.fingerprint != first.fingerprint
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "store"]


def test_other_code_imports_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = delivered(tmp_path / "in")
    first = imported(sources, tmp_path / "store")
    monkeypatch.setattr(fingerprint, "code_digest", lambda *rooms: "other code")
    assert imported(sources, tmp_path / "store").fingerprint != first.fingerprint


def test_where_the_files_lie_does_not_matter(tmp_path: Path) -> None:
    one = imported(delivered(tmp_path / "in"), tmp_path / "store")
    (tmp_path / "in").rename(tmp_path / "elsewhere")
    other = imported(Sources.load(tmp_path / "elsewhere" / "sources.toml"), tmp_path / "store")
    assert other.fingerprint == one.fingerprint


def test_delivered_files_are_never_changed(tmp_path: Path) -> None:
    sources = delivered(tmp_path / "in")
    before = {p: p.read_bytes() for p in (tmp_path / "in").iterdir()}
    imported(sources, tmp_path / "store")
    assert {p: p.read_bytes() for p in (tmp_path / "in").iterdir()} == before


def _fail_at(monkeypatch: pytest.MonkeyPatch, name: str, error: BaseException) -> None:
    """Writing of a table half succeeds, then fails."""
    write = DuckDB.write_parquet

    def half(self: DuckDB, expression: Any, path: Path, **options: Any) -> None:
        if name in path.name:
            path.write_bytes(b"PAR1 half a table")
            raise error
        write(self, expression, path, **options)

    monkeypatch.setattr(DuckDB, "write_parquet", half)


def test_an_interrupted_import_resumes_with_what_it_had_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources, store = delivered(tmp_path / "in"), tmp_path / "store"
    with monkeypatch.context() as patch:
        _fail_at(patch, "dispensing.", KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            imported(sources, store)
    assert not store.exists()
    assert not [
        p for p in (tmp_path / "store.partial").rglob("*") if p.is_file() and "half" in p.read_text(errors="replace")
    ]
    said: list[str] = []
    registers = import_registers(sources, store, engine=Engine(), progress=said.append)
    assert said[1:] == [
        "taking over person, which was finished",
        "taking over death, which was finished",
        "importing dispensing",
        "seeing that no delivered file has changed since",
    ]
    imported(sources, tmp_path / "whole")
    assert content(store) == content(tmp_path / "whole")
    assert registers.quality.equals(open_store(tmp_path / "whole", engine=Engine()).quality)
    assert not (tmp_path / "store.partial").exists()


def test_an_import_of_another_delivery_does_not_resume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        _fail_at(patch, "dispensing.", KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            imported(delivered(tmp_path / "in"), tmp_path / "store")
    registers = imported(delivered(tmp_path / "in", person=PERSON.replace("a;2", "a;1")), tmp_path / "store")
    assert rows(registers, "person", "sex")[:1] == ["female"]
    assert rows(registers, "person", "sex").count("male") == 2


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (duckdb.IOException("Could not write file: No space left on device"), "the disk is full"),
        (duckdb.OutOfMemoryException("could not allocate block"), "outgrow the memory"),
        (duckdb.ConversionException("Could not convert string '19121212-1212'"), "could not read the delivery"),
        (PermissionError(errno.EACCES, "Permission denied"), "Permission denied"),
    ],
)
def test_a_full_disk_and_other_failures_are_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    store = tmp_path / "store"
    imported(delivered(tmp_path / "in"), store)
    before = content(store)
    changed = delivered(tmp_path / "in", death="id;dag\na;2012-02-29\n")
    with monkeypatch.context() as patch:
        _fail_at(patch, "dispensing.", error)
        with pytest.raises(RisksetError, match=words) as told:
            imported(changed, store)
    assert "1912" not in str(told.value)
    assert told.value.__suppress_context__
    assert content(store) == before
    assert rows(imported(changed, store), "death", "person_id") == [1]


def test_beyond_the_tolerance_nothing_is_kept(tmp_path: Path) -> None:
    sources = delivered(tmp_path / "in", death="id;dag\nb;2012-02-29\na;2012-02-30\n")
    with pytest.raises(
        QualityError, match=r"^table death \(file death\): 1 of 2 rows are wrong \(date unreadable: 1\)"
    ):
        imported(sources, tmp_path / "store")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in"]
    for tolerant in (MAPS.replace('name = "death"', 'name = "death"\ntolerance = 0.5'), "tolerance = 0.5\n" + MAPS):
        sources = deliver(tmp_path / "in", tolerant)
        registers = imported(sources, tmp_path / "store")
        assert broken(registers, "death") == {"date unreadable": 1}
    aside = pq.read_table(tmp_path / "store" / "quarantine" / "death.parquet").to_pylist()
    assert [(r["delivered_id"], r["reason"], r["delivered_cell"]) for r in aside] == [
        ("a", "date unreadable", "2012-02-30")
    ]


def test_tables_are_stacked_and_rows_without_a_fact_left_out(tmp_path: Path) -> None:
    described = PERSON_MAP
    for column, code in (("ins", "A10A"), ("oad", "A10B")):
        described += f"""
[[tables]]
name = "dispensing"
file = "person"
skip_if_missing = ["{column}"]
[tables.columns]
person_id = "id"
date = "{column}"
atc = {{ constant = "{code}" }}
"""
    text = "id;kon;fodd;ins;oad\na;2;1950-01-01;2000-01-01;\nb;1;1950-01-01;;\nc;1;1950-01-01;2001-01-01;2000-01-01\n"
    registers = imported(deliver(tmp_path / "in", described, person=text), tmp_path / "store")
    assert rows(registers, "dispensing", "person_id", "atc") == [(1, "A10A"), (3, "A10A"), (3, "A10B")]
    [skipped] = [q for q in registers.quality.to_pylist() if named(q) == "no fact in the row"]
    assert (skipped["rows"], skipped["of"]) == (3, 6)


@pytest.mark.parametrize(("last_day", "stop"), [("included", "2001-01-01"), ("excluded", "2000-12-31")])
def test_the_last_day_is_as_stated(tmp_path: Path, last_day: str, stop: str) -> None:
    described = DEATH_MAP.replace("death", "residence").replace('date = "dag"', 'start = "in"\nstop = "ut"')
    described = described.replace("[tables.columns]", f'last_day = "{last_day}"\n[tables.columns]')
    text = "id;in;ut\na;2000-01-01;2000-12-31\nb;2000-01-01;\nc;2000-01-01;9999-12-31\n"
    registers = imported(deliver(tmp_path / "in", PERSON_MAP + described, residence=text), tmp_path / "store")
    assert [str(d) for d in rows(registers, "residence", "stop")] == [stop, "2200-01-01", "2200-01-01"]


def test_one_day_is_a_spell_when_the_last_day_is_included(tmp_path: Path) -> None:
    described = DEATH_MAP.replace("death", "residence").replace('date = "dag"', 'start = "in"\nstop = "in"')
    for last_day, stays in (("included", 1), ("excluded", 0)):
        stated = described.replace("[tables.columns]", f'last_day = "{last_day}"\n[tables.columns]')
        sources = deliver(tmp_path / "in", "tolerance = 1.0\n" + PERSON_MAP + stated, residence="id;in\na;2000-01-01\n")
        assert len(rows(imported(sources, tmp_path / "store"), "residence")) == stays


def test_a_folder_of_other_things_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "thesis.docx").write_text("mine")
    with pytest.raises(SourceError, match="holds other files than an import's"):
        imported(delivered(tmp_path / "in"), tmp_path / "store")
    assert (tmp_path / "store" / "thesis.docx").read_text() == "mine"
    with pytest.raises(SourceError, match="no finished import"):
        open_store(tmp_path / "store", engine=Engine())


def test_identifiers_are_in_the_key_and_the_quarantine_alone(tmp_path: Path) -> None:
    people = PERSON.replace("a;", "MARKER1;").replace("c;2", "MARKER2;9")
    sources = deliver(tmp_path / "in", "tolerance = 0.5\n" + PERSON_MAP, person=people)
    imported(sources, tmp_path / "store")
    holding = [
        p.relative_to(tmp_path / "store")
        for p in (tmp_path / "store").rglob("*.parquet")
        if "MARKER" in str(pq.read_table(p).to_pylist())
    ]
    assert sorted(map(str, holding)) == ["keys.parquet", "quarantine/person.parquet"]
    assert "MARKER" not in json.dumps(json.loads((tmp_path / "store" / "manifest.json").read_text()))


def test_the_quarantine_shows_the_cell_that_is_the_reason(tmp_path: Path) -> None:
    text = "id,dag,atc\na,later,Z\nb,1849-01-01,Z\nc,2010-01-01,Z\nnobody,2010-01-01,N\n"
    described = MAPS.replace('atc = "atc"', 'atc = { column = "atc", values = { N = "N05BA01" } }')
    sources = deliver(tmp_path / "in", "tolerance = 1.0\n" + described, death=DEATH, dispensing1=text)
    imported(sources, tmp_path / "store")
    aside = pq.read_table(tmp_path / "store" / "quarantine" / "dispensing.parquet").to_pylist()
    assert sorted((r["delivered_id"], r["reason"], r["delivered_cell"], str(r["date"])) for r in aside) == [
        ("a", "date unreadable", "later", "None"),
        ("b", "date absurd", None, "1849-01-01"),
        ("c", "atc not among its values", "Z", "2010-01-01"),
        ("nobody", "person not in the person table", None, "2010-01-01"),
    ]


def test_a_replacement_that_was_stopped_between_its_renames_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    imported(delivered(tmp_path / "in"), store)
    before = content(store)
    changed = delivered(tmp_path / "in", death="id;dag\na;2012-02-29\n")
    rename = Path.rename

    def stopped(self: Path, target: Path) -> Path:
        if self.name == "store.partial":
            raise KeyboardInterrupt
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", stopped)
        with pytest.raises(KeyboardInterrupt):
            imported(changed, store)
    assert not store.exists()
    with monkeypatch.context() as patch:
        _fail_at(patch, "person", KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            imported(changed, store)
    assert content(store) == before
    assert rows(imported(changed, store), "death", "person_id") == [1]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "store"]


def test_a_store_behind_a_link_is_replaced_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "store").symlink_to(tmp_path / "disk" / "store")
    for death in (DEATH, DEATH.replace("29", "28"), DEATH.replace("29", "27")):
        imported(delivered(tmp_path / "in", death=death), tmp_path / "store")
    assert (tmp_path / "store").is_symlink()
    assert [p.name for p in (tmp_path / "disk").iterdir()] == ["store"]


@shows("QualityRule=no fact in the row", "QualityRule=two people under one identifier", by=Evidence.OUTSIDE)
def test_a_file_of_spells_that_is_mapped_to_persons_too(tmp_path: Path) -> None:
    spells = "".join(
        f"{who};{born};{start}\n"
        for who, born in (("a;2", "1950-01-01"), ("b;1", "1960-05-05"))
        for start in ("2000-01-01;2004-12-31", "2005-01-01;2009-12-31", "2012-01-01;")
    )
    residence = """
[[tables]]
name = "residence"
file = "person"
last_day = "included"
[tables.columns]
person_id = "id"
start = "fran"
stop = "till"
"""
    sources = deliver(tmp_path / "in", PERSON_MAP + residence, person="id;kon;fodd;fran;till\n" + spells)
    registers = imported(sources, tmp_path / "store")
    assert len(rows(registers, "person")) == 2
    assert len(rows(registers, "residence")) == 6
    assert broken(registers, "person") == {"no fact in the row": 4}
    # Who is two people in such a file is not settled by it.
    spells += "a;1;1950-01-01;2015-01-01;\n"
    sources = deliver(tmp_path / "two", PERSON_MAP + residence, person="id;kon;fodd;fran;till\n" + spells)
    with pytest.raises(QualityError, match="two people under one identifier: 2"):
        imported(sources, tmp_path / "store two")
