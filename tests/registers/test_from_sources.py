"""Delivered files from a notebook: the import of the command line, its checks and its store."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from riskset.errors import RisksetError, SourceError, SpecError
from riskset.registers.delivered.source import Sources
from riskset.registers.engine import Engine
from riskset.registers.ingest import open_store
from riskset.registers.registers import Registers
from riskset.storage.lock import only_one
from tests import recognisable
from tests.registers.delivery import PERSON, deliver, rows

MAPPING = {
    "files": {"person": {"path": "person.csv", "format": "csv", "delimiter": ";", "encoding": "utf-8"}},
    "tables": [
        {
            "name": "person",
            "file": "person",
            "columns": {
                "person_id": "id",
                "sex": {"column": "kon", "values": {"1": "male", "2": "female"}},
                "birth_date": "fodd",
            },
        }
    ],
}


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    deliver(tmp_path / "delivery")
    return tmp_path / "delivery"


def test_a_path_as_text_or_path_makes_a_store_and_uses_it_again(delivery: Path, tmp_path: Path) -> None:
    begun: list[str] = []
    first = Registers.from_sources(str(delivery / "sources.toml"), store=str(tmp_path / "kept"), progress=begun.append)
    assert "importing person" in begun
    begun.clear()
    again = Registers.from_sources(delivery / "sources.toml", store=tmp_path / "kept", progress=begun.append)
    assert "importing person" not in begun
    assert any("opening the store" in doing for doing in begun)
    assert first.fingerprint == again.fingerprint
    assert rows(first, "person") == rows(again, "person")
    assert open_store(str(tmp_path / "kept"), engine=Engine()).fingerprint == first.fingerprint


def test_the_store_lies_beside_sources_toml_unless_named(delivery: Path) -> None:
    Registers.from_sources(delivery / "sources.toml")
    assert (delivery / "store" / "person.parquet").exists()


def test_a_mapping_in_memory_gives_the_same_registers(
    delivery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its paths are relative to the folder that is named, else to the working directory."""
    toml = Registers.from_sources(delivery / "sources.toml", store=tmp_path / "a")
    named = Sources.from_dict(MAPPING, folder=str(delivery))
    assert Registers.from_sources(named, store=tmp_path / "b").fingerprint == toml.fingerprint
    with pytest.raises(SourceError, match="there is no such file"):
        Registers.from_sources(MAPPING, store=tmp_path / "c")
    monkeypatch.chdir(delivery)
    for mapping in (MAPPING, Sources.model_validate(MAPPING)):
        assert Registers.from_sources(mapping, store=tmp_path / "c").fingerprint == toml.fingerprint


def test_a_mapping_is_judged_as_sources_toml_is() -> None:
    table = {"name": "person", "file": "person", "columns": {"person_id": "id", "birth_date": "fodd"}}
    with pytest.raises(SpecError, match=r"tables\[0\].*: person needs the column sex; map it"):
        Sources.from_dict({**MAPPING, "tables": [table]})


def test_places_are_refused_as_at_the_command_line(delivery: Path, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="holds delivered files; name a folder of its own"):
        Registers.from_sources(delivery / "sources.toml", store=delivery)
    with pytest.raises(SpecError, match="store: a mapping in memory has no folder of its own"):
        Registers.from_sources(MAPPING)
    with pytest.raises(SpecError, match="is a file"):
        Registers.from_sources(delivery / "sources.toml", store=delivery / "person.csv" / "store")
    with only_one(tmp_path / "kept"), pytest.raises(RisksetError, match="another run is writing here"):
        Registers.from_sources(delivery / "sources.toml", store=tmp_path / "kept")


def test_a_study_that_needs_more_is_refused_before_anything_is_read(delivery: Path, tmp_path: Path) -> None:
    (delivery / "person.csv").write_text(PERSON.replace("a;2", "a;nonsense"), encoding="utf-8")
    with pytest.raises(SourceError, match="needs the table dispensing, which no file is mapped to"):
        Registers.from_sources(delivery / "sources.toml", store=tmp_path / "kept", study=recognisable.study())
    assert not (tmp_path / "kept").exists()


def test_what_is_spilled_goes_with_the_process(delivery: Path, tmp_path: Path) -> None:
    code = (
        "from riskset import Registers; from pathlib import Path; import sys;"
        "r = Registers.from_sources(sys.argv[1], store=sys.argv[2]);"
        "print(*sorted(p.name for p in Path(sys.argv[2]).parent.iterdir()))"
    )
    arguments = [str(delivery / "sources.toml"), str(tmp_path / "kept")]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert "kept.spill-" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["delivery", "kept"]
