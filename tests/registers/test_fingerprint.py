"""A store is taken again only where the code that decides what a delivery becomes is the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from riskset.registers import fingerprint
from tests.registers.delivery import PERSON, PERSON_MAP, deliver

_PACKAGE = Path(fingerprint.__file__).parents[1]

DECIDING_NOTHING = (
    *("errors", "microdata", "storage/", "spec/complaints", "spec/spelling", "spec/words"),
    *(
        "results/columns",
        "results/manifest_keys",
        "results/notes",
        "results/rows",
        "results/tables",
        "results/vocabulary",
    ),
    *("spec/check", "spec/design", "spec/from_toml", "spec/measures", "spec/study"),
)
"""What registers import beside the code that decides what a delivery becomes: words and files, the rows that tell of
it, and the studies that ask for it."""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders and files of the package whose code is in the fingerprint."""
    rooms: list[str] = []
    monkeypatch.setattr(fingerprint, "code_digest", lambda *of: rooms.extend(of) or "")
    sources = deliver(tmp_path, PERSON_MAP, person=PERSON)
    fingerprint.fingerprint_of(fingerprint.delivery_of(sources, fingerprint.digests_of(sources)))
    return rooms


def test_the_code_that_decides_an_import_is_in_its_fingerprint(asked: list[str]) -> None:
    assert {"registers", "calendar.py"} <= set(asked)
    assert all((_PACKAGE / room).exists() for room in asked)


def test_so_is_what_that_code_imports(asked: list[str]) -> None:
    imported = {
        f"{module.replace('.', '/')}.py"
        for path in (_PACKAGE / "registers").rglob("*.py")
        for module in re.findall(r"^from riskset\.(?!registers)([a-z0-9_.]+) import", path.read_text("utf-8"), re.M)
    }
    assert imported > set(asked) - {"registers", "calendar.py"}
    assert sorted(one for one in imported - set(asked) if not one.startswith(DECIDING_NOTHING)) == []


def test_the_delivery_s_digest_is_of_files_and_what_is_said_of_them_and_not_of_the_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known(name: str, mapping: str = PERSON_MAP, person: str = PERSON) -> tuple[str, str]:
        sources = deliver(tmp_path / name, mapping, person=person)
        delivery = fingerprint.delivery_of(sources, fingerprint.digests_of(sources))
        return delivery, fingerprint.fingerprint_of(delivery)

    before = known("a")
    assert known("elsewhere") == before
    more, said = known("more", person=f"{PERSON}d;1;1970-01-01\n"), known("said", PERSON_MAP.replace("fodd", "kon"))
    assert len({before[0], more[0], said[0]}) == 3
    monkeypatch.setattr(fingerprint, "code_digest", lambda *of: "another code")
    other = known("other")
    assert other[0] == before[0]
    assert other[1] != before[1]
