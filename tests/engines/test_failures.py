"""Engines that cannot be reached, and engines that end half-way: one sentence, and nothing half taken for whole."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from riskset.errors import SourceError, SpecError
from riskset.registers import engine as door
from riskset.registers.engine import open_engine
from tests.cli import town
from tests.cli.conftest import files_in
from tests.engines.conftest import ENGINES


def test_an_engine_that_is_none() -> None:
    with pytest.raises(SpecError, match="there is no engine 'oracle'; there are duckdb, postgres, spark"):
        open_engine("oracle")


@pytest.mark.parametrize(("name", "library"), [("postgres", "psycopg"), ("spark", "pyspark")])
def test_an_engine_that_is_not_installed(name: str, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, door.ENGINES[name][0], raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(SourceError, match=rf"not installed; pip install 'riskset\[{name}\]'"):
        open_engine(name)


@pytest.mark.postgres
def test_no_server_at_the_address() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening
        port = taken.getsockname()[1]
        with pytest.raises(SourceError, match=f"PostgreSQL at 127.0.0.1:{port}: no PostgreSQL answers"):
            open_engine(f"postgresql://ann@127.0.0.1:{port}/study")


@pytest.mark.postgres
def test_the_address_may_come_from_the_environment(postgres_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = postgres_address.rpartition(":")[2].partition("/")[0]
    for name, value in {"HOST": "127.0.0.1", "PORT": port, "USER": "tester", "DATABASE": "postgres"}.items():
        monkeypatch.setenv(f"PG{name}", value)
    with open_engine("postgres") as engine:
        assert engine.name == "postgres"
    monkeypatch.setenv("PGDATABASE", "nowhere")
    with pytest.raises(SourceError, match="PostgreSQL has no such database"):
        open_engine("postgres")
    monkeypatch.setenv("PGUSER", "nobody")
    with pytest.raises(SourceError, match="PostgreSQL refuses this user"):
        open_engine("postgres")


@pytest.mark.postgres
@pytest.mark.parametrize("address", ["postgresql://ann:s3cret@127.0.0.1/x", "postgresql://ann@h/x?password=s3cret"])
def test_a_password_is_not_taken_from_the_command_line_nor_repeated(address: str) -> None:
    with pytest.raises(SpecError, match="holds a password") as refused:
        open_engine(address)
    assert "s3cret" not in str(refused.value)


@pytest.mark.postgres
def test_an_address_that_is_none() -> None:
    with pytest.raises(SpecError, match="no address of a PostgreSQL"):
        open_engine("postgresql://[half")


@pytest.mark.postgres
def test_a_store_is_copied_once_whole_and_again_when_part_is_gone(postgres_address: str, tmp_path: Path) -> None:
    psycopg = pytest.importorskip("psycopg")
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = {name: tmp_path / f"{name}.parquet" for name in ("person", "death")}
    for file in files.values():
        pq.write_table(pa.table({"person_id": [1, 2]}), file)
    order = dict.fromkeys(files, "person_id")

    def made() -> list[int]:
        with open_engine(postgres_address) as engine:
            engine.attach("kept", files, order)
        with psycopg.connect(postgres_address) as server:
            rows = server.execute(
                "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
                "WHERE nspname = 'riskset_kept' AND relkind = 'r' ORDER BY relname"
            )
            return [oid for (oid,) in rows]

    first = made()
    assert len(first) == 2
    assert made() == first
    with psycopg.connect(postgres_address) as server:
        server.execute("DROP TABLE riskset_kept.death")
    again = made()
    assert len(again) == 2
    assert not set(again) & set(first)

    files["death"].write_bytes(b"no Parquet")
    with psycopg.connect(postgres_address) as server:
        server.execute("DROP SCHEMA riskset_kept CASCADE")
    with pytest.raises(Exception, match=r"(?i)parquet"):
        made()
    with psycopg.connect(postgres_address) as server:
        assert not server.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'riskset_kept'").fetchall()


@pytest.mark.spark
def test_no_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(SourceError, match=r"Spark needs Java 17 and there is none at .*; install openjdk-17"):
        open_engine("spark")
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n", encoding="utf-8")
    java.chmod(0o755)
    with pytest.raises(SourceError, match="is Java 11"):
        open_engine("spark")


LONGEST = """
import pyarrow as pa
from riskset.registers.engine import open_engine

with open_engine("spark", memory="1GB", threads=1) as engine:
    n = engine.load("numbers", pa.table({"n": list(range(3000))}))
    triples = n.cross_join(n.rename(m="n").view()).cross_join(n.rename(k="n").view())
    print("now", flush=True)
    try:
        engine.collect(triples.agg(n=(triples["n"] * triples["m"] % 7 * triples["k"] % 5).sum()))
    except KeyboardInterrupt:
        print("stopped", flush=True)
"""


@pytest.mark.spark
@pytest.mark.parametrize("seconds", [0.2, 2, 4])
def test_ctrl_c_ends_a_query_of_spark_wherever_it_is(seconds: float) -> None:
    pytest.importorskip("pyspark")
    with subprocess.Popen([sys.executable, "-c", LONGEST], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"now\n"
        time.sleep(seconds)  # as it plans, as the query begins, as rows are waited for
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=120)
    assert out == b"stopped\n"


KILLED_WRITING = """
import sys, threading, time
from pathlib import Path
import pyarrow as pa
from riskset.registers.engine import open_engine
from riskset.registers.shelf import Shelf

folder = Path(sys.argv[1])
shelf = Shelf(folder, "0123456789ab")

def kill(engine):
    while not any(folder.rglob("part-*")):  # Spark writes one
        time.sleep(0.01)
    engine._gateway.proc.kill()

with open_engine("spark", memory="1GB", threads=1) as engine:
    n = engine.load("numbers", pa.table({"n": list(range(10000))}))
    pairs = n.cross_join(n.rename(m="n").view())
    threading.Thread(target=kill, args=(engine,), daemon=True).start()
    try:
        engine.keep(shelf, "frame", pairs)
    except Exception:
        print("killed", flush=True)
print(shelf.find("frame.spark"), [path.name for path in folder.iterdir()])
"""


@pytest.mark.spark
def test_spark_killed_while_it_writes_leaves_nothing_that_is_taken_for_whole(tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    command = [sys.executable, "-c", KILLED_WRITING, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ended.stdout.splitlines() == ["killed", "None []"], ended.stderr[-2000:]


ROOT = Path(__file__).parents[2]

HOOKED = """
import os, signal, sys
import riskset.stages
from riskset.cli import main

how, measure = sys.argv[1], riskset.stages.measure_exposures

def hooked(registers, *rest, **options):
    engine = registers.engine
    if how == "killed" and engine.name == "spark":
        engine._gateway.proc.kill()
        engine._gateway.proc.wait()
    elif how == "killed":
        import psycopg
        with psycopg.connect(sys.argv[-1]) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (engine._server.info.backend_pid,))
    elif how == "stopped":
        person = registers["person"].select("person_id")
        long = person
        for i in range(8):
            long = long.cross_join(person.rename(**{f"n{i}": "person_id"}).view())
        print("now", flush=True)
        engine.collect(long.agg(n=(long["person_id"] * long["n0"] % 7).sum()))
    return measure(registers, *rest, **options)

riskset.stages.measure_exposures = hooked
main(sys.argv[2:])
"""


def _run(how: str, folder: Path, address: str) -> subprocess.Popen[str]:
    command = ["run", "study.toml", "sources.toml", "--out", "run", "--memory", "1GB", "--threads", "1"]
    return subprocess.Popen(
        [sys.executable, "-c", HOOKED, how, *command, "--engine", address],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("name", ENGINES[1:])
def test_an_engine_that_ends_half_way_leaves_nothing_half(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    pytest.importorskip({"postgres": "psycopg", "spark": "pyspark"}[name])
    address = request.getfixturevalue("postgres_address") if name == "postgres" else name
    town.build(tmp_path)
    sentence = {"postgres": "the connection to PostgreSQL was lost", "spark": "Spark has stopped"}[name]
    kept = tmp_path / "run" / "internal" / "stages"

    with _run("killed", tmp_path, address) as process:
        _, said = process.communicate()
    assert process.returncode == 1
    assert sentence in said.splitlines()[-1]
    assert "Traceback" not in said
    assert [path.name.partition("-")[0] for path in kept.iterdir()] == ["sets"]
    assert not (tmp_path / "run" / "report.html").exists()

    with _run("stopped", tmp_path, address) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "now\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == 130
    assert said.splitlines()[-1] == "Stopped; what was finished is kept, and the same command goes on from there."
    assert not [file for file in files_in(tmp_path / "run") if "spill" in file or "partial" in file]

    with _run("whole", tmp_path, address) as process:
        out, said = process.communicate()
    assert process.returncode == 0, said
    written = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert written["engine"] == name
    assert address not in (tmp_path / "run" / "manifest.json").read_text(encoding="utf-8") or name == "spark"

    first = {path.name: path.read_bytes() for path in (tmp_path / "run" / "internal").glob("*.csv")}
    with _run("whole", tmp_path, "duckdb") as process:
        out, said = process.communicate()
    assert process.returncode == 0, said
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "run" / "internal").glob("*.csv")}
    assert first
    assert out.startswith("The report")
