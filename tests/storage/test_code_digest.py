"""A kept result is taken for this one's only where code and libraries are the same."""

from __future__ import annotations

import pytest

from riskset.storage import code
from riskset.storage.code import code_digest


def test_a_room_has_a_digest_of_its_own() -> None:
    digests = [code_digest(), code_digest("registers"), code_digest("registers", "calendar.py"), code_digest("spec")]
    assert len(set(digests)) == 4
    assert code_digest("registers") == digests[1]


@pytest.mark.parametrize("library", ["duckdb", "ibis-framework", "numpy", "pyarrow", "scipy"])
def test_another_release_of_a_library_is_other_code(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    present, version = code_digest(), code.version
    monkeypatch.setattr(code, "version", lambda name: "999" if name == library else version(name))
    assert code_digest.__wrapped__() != present
