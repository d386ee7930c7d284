"""What a person at the command line is told while something runs."""

from __future__ import annotations

import time


class Teller:
    """Says on standard error what is being done, and how long it took."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False)
        self._status = self._console.status("")
        self._started = self._previous = time.perf_counter()
        self._doing = ""

    def __call__(self, doing: str) -> None:
        """Begin something; what was being done is finished."""
        self._finish()
        self._doing, self._previous = doing, time.perf_counter()
        self._status.update(doing)

    def at(self, done: int, total: int) -> None:
        """How far along it is."""
        self._status.update(f"{self._doing}: {done} of {total}")

    def __enter__(self) -> Teller:
        self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._status.stop()
        if kind is None:
            self._finish()

    def _finish(self) -> None:
        if self._doing:
            now = time.perf_counter()
            said = f"[dim]{now - self._started:6.1f} s[/dim]  {self._doing} ({now - self._previous:.1f} s)"
            self._console.print(said, soft_wrap=True)
