"""Delivered files are the same from the first byte that is hashed to the last row that is read.

A file that is written anew meanwhile would be kept under the fingerprint of what it was before.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from riskset.errors import RisksetError, SourceError
from riskset.registers.delivered.source import Sources


class Unchanged:
    """Remembers which files there are, and their size, place on the disk and times, to see later that all is as it was.

    As a context, what goes wrong with files that have changed is told as that.
    """

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.before = self._seen()

    def refuse_otherwise(self) -> None:
        """Raise SourceError when a file is another, or one more or less is there."""
        now = self._seen()
        for path in sorted(self.before.keys() | now.keys()):
            if self.before.get(path) != now.get(path):
                raise changed(path)

    def _seen(self) -> dict[Path, tuple[int, ...]]:
        states: dict[Path, tuple[int, ...]] = {}
        for file in self.sources.files.values():
            try:
                parts = file.parts()
            except SourceError:  # taken away
                continue
            for part in parts:
                try:
                    of = part.stat()
                except FileNotFoundError:
                    continue
                states[part] = (of.st_dev, of.st_ino, of.st_size, of.st_mtime_ns, of.st_ctime_ns)
        return states

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, RisksetError):
            self.refuse_otherwise()


def changed(path: Path) -> SourceError:
    """A delivered file is not what its fingerprint was taken of."""
    return SourceError(
        "a delivered file changed while it was read",
        where=str(path),
        remedy="import again when nothing is written to the delivery any more; nothing is kept of it",
    )
