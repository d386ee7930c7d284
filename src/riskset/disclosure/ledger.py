"""A project's ledger of releases: a line each, chained, by which a new one is checked against all earlier ones.

It stays inside. It holds the numbers that have left, which anybody may know, and the names of those that were withheld,
never their values.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskset.disclosure.door import Cleared, Earlier
from riskset.disclosure.policy import Policy
from riskset.disclosure.system import Key
from riskset.errors import DisclosureError
from riskset.results.released import Released
from riskset.storage.atomic import write_text

BEGINNING = "0" * 64
"""What stands before the first line."""


@dataclass(frozen=True)
class PastRelease:
    """A release of the past.

    Attributes
    ----------
    number : from 1
    before : the digest of the line before
    policy : its name
    study, data : fingerprints of the description and of the registers
    folder : where the files were written, relative to the ledger where it can be
    files : each file with its SHA-256
    published : numbers that left: the lowest and the highest count that each stands for
    withheld : the names of numbers that did not
    """

    number: int
    before: str
    policy: str
    study: str
    data: str
    folder: str
    files: Mapping[str, str]
    published: Mapping[Key, tuple[int, int]]
    withheld: frozenset[Key]

    @property
    def digest(self) -> str:
        """SHA-256 over everything in the line, the digest of the line before included."""
        return hashlib.sha256(_canonical(self._facts()).encode()).hexdigest()

    def as_json(self) -> str:
        """The line as it is written."""
        return _canonical({**self._facts(), "digest": self.digest})

    @classmethod
    def read(cls, text: str) -> PastRelease:
        """A line from its text.

        Raises
        ------
        ValueError
            It is no such line, or its digest is not that of what stands in it.
        """
        facts: dict[str, Any] = json.loads(text)
        try:
            digest = facts.pop("digest")
            published = {
                tuple(json.loads(key)): (int(low), int(high)) for key, (low, high) in facts["published"].items()
            }
            withheld = frozenset(tuple(json.loads(key)) for key in facts["withheld"])
            line = cls(**{**facts, "published": published, "withheld": withheld})
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError("no line of a ledger") from error
        if line.digest != digest or line.as_json() != text:
            raise ValueError("the digest is another")
        return line

    def _facts(self) -> dict[str, Any]:
        return {
            **{name: getattr(self, name) for name in ("number", "before", "policy", "study", "data", "folder")},
            "files": dict(self.files),
            "published": {json.dumps(key): list(ends) for key, ends in sorted(self.published.items())},
            "withheld": sorted(json.dumps(key) for key in self.withheld),
        }


def _canonical(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def read_ledger(path: Path) -> tuple[PastRelease, ...]:
    """The releases of a project; none where there is no ledger yet.

    Raises
    ------
    DisclosureError
        A line was changed, removed, added or moved, or a file of a release is not there as it was written.
    """
    head = _head(path)
    if not path.exists() and not head.exists():
        return ()
    try:
        texts = path.read_text(encoding="utf-8").splitlines()
        last = head.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise _tampered(path, "the ledger or its head is not there, or cannot be read") from None
    lines: list[PastRelease] = []
    for number, text in enumerate(texts, 1):
        try:
            line = PastRelease.read(text)
        except ValueError:
            raise _tampered(path, f"line {number} was changed") from None
        before = lines[-1].digest if lines else BEGINNING
        if (line.number, line.before) != (number, before):
            raise _tampered(path, f"line {number} does not follow the line before it")
        lines.append(line)
    if last != (lines[-1].digest if lines else BEGINNING):
        raise _tampered(path, "the last line is not the last that was written")
    _refuse_changed_files(path, lines)
    return tuple(lines)


def _refuse_changed_files(path: Path, lines: Sequence[PastRelease]) -> None:
    """The files of each folder are those of the last release into it."""
    for folder, line in {line.folder: line for line in lines}.items():
        for name, digest in line.files.items():
            file = path.parent / folder / name
            if not file.is_file():
                raise _tampered(path, f"{name} of release {line.number} is not there")
            if hashlib.sha256(file.read_bytes()).hexdigest() != digest:
                raise _tampered(path, f"{name} of release {line.number} was changed")


def _tampered(path: Path, what: str) -> DisclosureError:
    return DisclosureError(what, where=str(path), remedy="restore the ledger and the releases from a copy")


def _head(path: Path) -> Path:
    return path.with_name(f"{path.name}.head")


def append(path: Path, lines: Sequence[PastRelease], line: PastRelease) -> None:
    """Write a ledger with one more line; the caller holds its lock."""
    write_text(path, "".join(f"{each.as_json()}\n" for each in (*lines, line)), private=True)
    write_text(_head(path), f"{line.digest}\n", private=True)


def line_of(lines: Sequence[PastRelease], cleared: Cleared, folder: str, files: Mapping[str, str]) -> PastRelease:
    """The line of a release that is about to be written."""
    hidden, policy = cleared.pattern.hidden, cleared.policy
    cells = [cell for cell in cleared.system.cells if cleared.linked.spots[cell.key]]
    return PastRelease(
        number=len(lines) + 1,
        before=lines[-1].digest if lines else BEGINNING,
        policy=policy.name,
        study=_study_of(cleared.released),
        data=_data_of(cleared.released),
        folder=folder,
        files=files,
        published={cell.key: policy.readable(cell) for cell in cells if cell.key not in hidden},
        withheld=frozenset(cell.key for cell in cells if cell.key in hidden),
    )


def earlier_of(lines: Sequence[PastRelease], internal: Released, numbers: Mapping[Key, int], policy: Policy) -> Earlier:
    """What earlier releases mean for a new one.

    Of the same description on the same data a number is the same: what has left stays known, what was withheld stays
    withheld. Of other data or another description the difference of two numbers of one name is itself a number: where
    it is of fewer people than the policy lets be known, the new one is withheld. What such a release withheld stays
    withheld, too, if it differs from this one by few anywhere: else each would give away what the other withholds.

    Parameters
    ----------
    numbers : key → the number in the new release
    """
    published: dict[Key, tuple[int, int]] = {}
    withheld: set[Key] = set()
    close: set[Key] = set()
    for line in lines:
        if (line.study, line.data) == (_study_of(internal), _data_of(internal)):
            published |= line.published
            withheld |= line.withheld
            continue
        near = {key for key, away in _differences(line, numbers) if away < policy.minimum}
        close |= {key for key, away in _differences(line, numbers) if 0 < away < policy.minimum}
        if any(numbers[key] >= policy.minimum for key in near):
            withheld |= line.withheld
    return Earlier(published, frozenset(withheld - published.keys()), frozenset(close))


def _differences(line: PastRelease, numbers: Mapping[Key, int]) -> Iterator[tuple[Key, int]]:
    """How far each number is from what an earlier release says of it."""
    for key, (low, high) in line.published.items():
        if key in numbers:
            yield key, max(low - numbers[key], numbers[key] - high, 0)


def _study_of(released: Released) -> str:
    return released.study.fingerprint


def _data_of(released: Released) -> str:
    registers: Any = released.manifest.get("registers", {})
    return str(registers.get("fingerprint", ""))
