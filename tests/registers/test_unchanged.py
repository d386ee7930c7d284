"""What is stored under a fingerprint is what the fingerprint was taken of, whatever happens to the files meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from riskset.errors import SourceError
from riskset.registers import ingest
from riskset.registers.delivered.source import Sources
from riskset.registers.engine import Engine
from riskset.registers.ingest import import_registers
from riskset.registers.registers import Registers
from tests.registers.delivery import DEATH_MAP, PERSON, PERSON_MAP, deliver, rows

MAPS = "delivered = 2024-01-01\n" + PERSON_MAP + DEATH_MAP.replace('"death.csv"', '"death*.csv"')
DEATH, OTHER = "id;dag\nb;2012-02-29\n", "id;dag\na;2013-03-30\n"


def meddled(sources: Sources, store: Path, at: str, meddle: Callable[[], None]) -> Registers:
    """An import in the midst of which, when it says so, something happens."""

    def tell(words: str) -> None:
        if words.startswith(at):
            meddle()

    return import_registers(sources, store, engine=Engine(), progress=tell)


def rewrite(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def rewrite_with_its_times(path: Path, text: str) -> None:
    """As a copy does that keeps size and times."""
    before = path.stat()
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace(path: Path, text: str) -> None:
    new = path.with_name("new")
    new.write_text(text, encoding="utf-8")
    new.rename(path)


def there_and_back(path: Path, text: str) -> None:
    before = path.read_text(encoding="utf-8")
    rewrite_with_its_times(path, text)
    rewrite_with_its_times(path, before)


def one_more(path: Path, text: str) -> None:
    path.with_name("death_more.csv").write_text(text, encoding="utf-8")


def take_away(path: Path, _: str) -> None:
    path.unlink()


def cut(path: Path, _: str) -> None:
    path.write_bytes(path.read_bytes()[:-9])


HAPPENS = [rewrite, rewrite_with_its_times, replace, there_and_back, one_more, take_away, cut]


@pytest.mark.parametrize("at", ["importing person", "importing death", "seeing that no delivered file"])
@pytest.mark.parametrize("happens", HAPPENS)
def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, at: str, happens: Callable[[Path, str], None]
) -> None:
    sources, store = deliver(tmp_path / "in", MAPS, death=DEATH), tmp_path / "store"
    with pytest.raises(SourceError, match="a delivered file changed while it was read; import again") as told:
        meddled(sources, store, at, lambda: happens(tmp_path / "in" / "death.csv", OTHER))
    assert told.value.exit_code == 11
    assert not store.exists()
    assert not (tmp_path / "store.partial").exists()


def test_the_file_of_a_table_that_was_finished_is_seen_too(tmp_path: Path) -> None:
    sources, store = deliver(tmp_path / "in", MAPS, death=DEATH), tmp_path / "store"
    with pytest.raises(SourceError, match=r"person\.csv: a delivered file changed"):
        meddled(sources, store, "importing death", lambda: rewrite(tmp_path / "in" / "person.csv", PERSON))


def test_a_change_that_no_time_and_size_tells_is_seen_by_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a network's disk whose times are kept for a while."""
    sources, store = deliver(tmp_path / "in", MAPS, death=DEATH), tmp_path / "store"
    monkeypatch.setattr(ingest.Unchanged, "_seen", lambda self: {})
    with pytest.raises(SourceError, match="a delivered file changed while it was read"):
        meddled(sources, store, "importing death", lambda: rewrite(tmp_path / "in" / "death.csv", OTHER))
    assert not store.exists()


def test_an_earlier_store_stays_as_it_was_and_a_quiet_import_replaces_it(tmp_path: Path) -> None:
    store = tmp_path / "store"
    meddled(deliver(tmp_path / "in", MAPS, death=DEATH), store, "never", lambda: None)
    changed = deliver(tmp_path / "in", MAPS, death=OTHER)
    with pytest.raises(SourceError):
        meddled(changed, store, "importing death", lambda: rewrite(tmp_path / "in" / "death.csv", DEATH))
    registers = meddled(deliver(tmp_path / "in", MAPS, death=OTHER), store, "never", lambda: None)
    assert rows(registers, "death", "person_id", "date") == [(1, date(2013, 3, 30))]


def test_a_table_read_from_a_changed_file_is_not_taken_over_when_the_file_is_put_back(tmp_path: Path) -> None:
    """Changed, read, stopped, put back: the fingerprint is the old one again, the finished table would not be."""
    sources, store = deliver(tmp_path / "in", MAPS, death=DEATH), tmp_path / "store"
    path = tmp_path / "in" / "death.csv"

    def tell(words: str) -> None:
        if words.startswith("importing death"):
            rewrite(path, OTHER)
        if words.startswith("seeing"):
            raise KeyboardInterrupt

    with pytest.raises((KeyboardInterrupt, SourceError)):
        import_registers(sources, store, engine=Engine(), progress=tell)
    rewrite(path, DEATH)
    registers = meddled(sources, store, "never", lambda: None)
    assert rows(registers, "death", "person_id", "date") == [(2, date(2012, 2, 29))]


def test_an_import_that_goes_on_the_next_day_is_of_the_day_on_which_it_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources, store = deliver(tmp_path / "in", PERSON_MAP + DEATH_MAP, death=DEATH), tmp_path / "store"

    def stop() -> None:
        raise KeyboardInterrupt

    today = date(2024, 12, 31)
    monkeypatch.setattr(Sources, "as_of", property(lambda self: today))
    with pytest.raises(KeyboardInterrupt):
        meddled(sources, store, "importing death", stop)
    monkeypatch.setattr(Sources, "as_of", property(lambda self: today + timedelta(days=1)))
    registers = meddled(sources, store, "never", lambda: None)
    assert registers.imported.delivered == today
