"""``riskset audit`` on the engine asked for: the table is that of the embedded one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import town
from tests.engines.conftest import ENGINES


def _audited(folder: Path, engine: str, out: str) -> str:
    command = [
        "audit",
        "study.toml",
        "sources.toml",
        "--out",
        out,
        "--engine",
        engine,
        "--memory",
        "1GB",
        "--threads",
        "1",
    ]
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from riskset.cli import main; main(sys.argv[1:])", *command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ENGINES[1:])
def test_the_audit_is_the_same(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    pytest.importorskip({"postgres": "psycopg", "spark": "pyspark"}[name])
    address = request.getfixturevalue("postgres_address") if name == "postgres" else name
    town.build(tmp_path)
    assert _audited(tmp_path, address, "there") == _audited(tmp_path, "duckdb", "here")
    for table in ("audit.csv", "attrition.csv"):
        assert (tmp_path / "there" / table).read_bytes() == (tmp_path / "here" / table).read_bytes()
    assert sorted(path.suffix for path in (tmp_path / "store" / "derived").iterdir()) == sorted(
        [".duckdb"] if name == "postgres" else [".duckdb", ".spark"]
    )
