"""A PostgreSQL of the tests' own: a private cluster on loopback, made and removed by them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


class Missing(Exception):
    """The machine lacks what an engine needs; says what."""


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a new, empty PostgreSQL."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    found = str(programs[-1]) if programs else shutil.which("initdb")
    if found is None:
        raise Missing("no PostgreSQL server is installed (apt-get install postgresql)")
    programs_in = Path(found).parent
    place = Path(tempfile.mkdtemp(prefix="riskset-pg-"))
    if os.geteuid() == 0:  # PostgreSQL will not run as root
        shutil.chown(place, "postgres", "postgres")
    data, port = place / "data", _free_port()
    locale = ["--locale=C.UTF-8", "--encoding=UTF8"]
    try:
        _run([programs_in / "initdb", "-D", data, "-U", "tester", "--auth=trust", "--no-sync", *locale], place)
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={place} -c fsync=off"
        _run([programs_in / "pg_ctl", "-D", data, "-w", "-l", place / "log", "-o", options, "start"], place)
        try:
            yield f"postgresql://tester@127.0.0.1:{port}/postgres"
        finally:
            _run([programs_in / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _run(command: Sequence[object], folder: Path) -> None:
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        words = ["runuser", "-u", "postgres", "--", *words]
    done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise RuntimeError(f"{Path(str(command[0])).name} ended with {done.returncode}")


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
