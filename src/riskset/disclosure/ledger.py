"""A project's ledger of releases: a line each, chained, by which a new one is checked against all earlier ones.

It stays inside, beside the runs: it holds every number of persons that a release had, those withheld, too, without
which nobody could tell what the next release gives away of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskset.disclosure.door import Cleared, Earlier
from riskset.disclosure.over_time import Numbers
from riskset.disclosure.series import Before, Series
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
    numbers : all of them, and what adds up
    withheld : the keys of numbers that stood in a table and did not leave
    curves : those without a model
    """

    number: int
    before: str
    policy: str
    study: str
    data: str
    folder: str
    files: Mapping[str, str]
    numbers: Numbers
    withheld: frozenset[Key]
    curves: tuple[Series, ...] = ()

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
            keys: list[Key] = [tuple(key) for key in facts.pop("keys")]
            withheld = frozenset(keys[at] for at in facts["withheld"])
            curves = tuple(map(_curve, facts["curves"]))
            numbers = _numbers(keys, facts["numbers"], facts["study"])
            line = cls(**{**facts, "numbers": numbers, "withheld": withheld, "curves": curves})
        except (AttributeError, KeyError, TypeError, IndexError) as error:
            raise ValueError("no line of a ledger") from error
        if line.digest != digest or line.as_json() != text:
            raise ValueError("the digest is another")
        return line

    def _facts(self) -> dict[str, Any]:
        """What the line holds; a number is named by its place among the keys."""
        numbers = self.numbers
        at = {key: place for place, key in enumerate(numbers.values)}
        return {
            **{name: getattr(self, name) for name in ("number", "before", "policy", "study", "data", "folder")},
            "files": dict(self.files),
            "keys": [list(key) for key in at],
            "numbers": {
                "values": [numbers.values[key] for key in at],
                "names": [[list(name), at[key]] for name, key in numbers.names.items()],
                "sums": [sorted([at[key], times] for key, times in terms.items()) for terms in numbers.sums],
                "published": [[at[key], *ends] for key, ends in sorted(numbers.published.items())],
            },
            "withheld": sorted(at[key] for key in self.withheld),
            "curves": [_facts_of(curve) for curve in self.curves],
        }


def _numbers(keys: Sequence[Key], facts: Mapping[str, Any], study: str) -> Numbers:
    return Numbers(
        dict(zip(keys, facts["values"], strict=True)),
        {tuple(name): keys[at] for name, at in facts["names"]},
        [{keys[at]: times for at, times in terms} for terms in facts["sums"]],
        {keys[at]: (low, high) for at, low, high in facts["published"]},
        study,
    )


def _facts_of(curve: Series) -> dict[str, Any]:
    def line(time: float) -> list[Any]:
        return [time, curve.events.get(time), curve.at_risk.get(time), time in curve.shown, time in curve.shown_at_risk]

    times = sorted(curve.events.keys() | curve.at_risk.keys())
    return {
        "of": list(curve.of),
        "level": curve.level,
        "cause": curve.cause,
        "patients": curve.patients,
        "total": curve.total,
        "points": [line(time) for time in times],
    }


def _curve(facts: Mapping[str, Any]) -> Series:
    points = facts["points"]
    return Series(
        (facts["of"][0], facts["of"][1]),
        facts["level"],
        facts["cause"],
        {time: at_risk for time, _, at_risk, *_ in points if at_risk is not None},
        {time: events for time, events, *_ in points if events is not None},
        facts["patients"],
        facts["total"],
        shown=frozenset(time for time, *_, is_shown, _ in points if is_shown),
        shown_at_risk=frozenset(time for time, *_, is_shown in points if is_shown),
    )


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
    hidden, policy, linked = cleared.pattern.hidden, cleared.policy, cleared.linked
    cells = [cell for cell in cleared.system.cells if cell.key in linked.spots]
    keys = {cell.key for cell in cells}
    numbers = Numbers(
        {cell.key: cell.value for cell in cells},
        linked.names,
        [equation.coefficients for equation in cleared.system.equations if equation.coefficients.keys() <= keys],
        {cell.key: policy.readable(cell) for cell in cells if linked.spots[cell.key] and cell.key not in hidden},
        _study_of(cleared.released),
    )
    return PastRelease(
        number=len(lines) + 1,
        before=lines[-1].digest if lines else BEGINNING,
        policy=policy.name,
        study=_study_of(cleared.released),
        data=_data_of(cleared.released),
        folder=folder,
        files=files,
        numbers=numbers,
        withheld=frozenset(cell.key for cell in cells if linked.spots[cell.key] and cell.key in hidden),
        curves=cleared.curves,
    )


def earlier_of(lines: Sequence[PastRelease], internal: Released) -> Earlier:
    """What earlier releases mean for a new one.

    Of the same description on the same data a number is the same: what has left stays known, what was withheld stays
    withheld. Of other data or another description the numbers are others, and what lies between is a number, too.
    """
    published: dict[Key, tuple[int, int]] = {}
    withheld: set[Key] = set()
    others: dict[tuple[str, str], Numbers] = {}
    for line in lines:
        what = line.study, line.data
        if what == (_study_of(internal), _data_of(internal)):
            published |= line.numbers.published
            withheld |= line.withheld
        else:
            others[what] = others[what].together(line.numbers) if what in others else line.numbers
    curves = [Before(line.curves) for line in lines]
    return Earlier(published, frozenset(withheld - published.keys()), tuple(others.values()), curves)


def _study_of(released: Released) -> str:
    return released.study.fingerprint


def _data_of(released: Released) -> str:
    registers: Any = released.manifest.get("registers", {})
    return str(registers.get("fingerprint", ""))
