"""The command line in this process: what was typed, what it said, how it ended."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from riskset.cli import main
from tests.cli import town

_PROGRESS = re.compile(r" *\d+\.\d s  .* \(\d+\.\d s\)")


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes
    ----------
    code : the exit code
    out : standard output
    done : the lines of progress on standard error
    said : the other lines on standard error
    """

    code: int
    out: str
    done: tuple[str, ...]
    said: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The one sentence on standard error."""
        (only,) = self.said
        return only


def riskset(*words: str | Path) -> Ended:
    """Type ``riskset`` and words."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    lines = err.getvalue().splitlines()
    done = tuple(line for line in lines if _PROGRESS.fullmatch(line))
    said = tuple(line for line in lines if not _PROGRESS.fullmatch(line))
    assert isinstance(ended.value.code, int)
    return Ended(ended.value.code, out.getvalue(), done, said)


def files_in(folder: Path) -> set[str]:
    """Every file below a folder, by its path in it."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the town, and a run of its study in ``run``. For reading only."""
    folder = tmp_path_factory.mktemp("town")
    town.build(folder)
    ended = riskset("run", folder / "study.toml", folder / "sources.toml", "--out", folder / "run")
    assert ended.code == 0, ended.said
    return folder
