"""What stands in the manifest of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict, cast


class StudyFacts(TypedDict, total=False):
    """Which description was run; ``left_out`` names parts of it that were not."""

    name: str
    fingerprint: str
    words: str
    seed: int
    left_out: list[str]


class CoverageStated(TypedDict):
    """The day of a delivery, and by table the days that a register is stated to begin and to end on."""

    delivered: str | None
    starts: dict[str, str]
    ends: dict[str, str]


class RegisterFacts(TypedDict, total=False):
    """On which delivery, read by which code, and what of it is stated as in `CoverageStated`.

    ``fingerprint`` is of both, and tells stores from one another.
    """

    fingerprint: str
    delivery: str
    code: str
    delivered: str | None
    starts: dict[str, str]
    ends: dict[str, str]


class NationFacts(TypedDict, total=False):
    """Of a synthetic nation: persons, seed, and how much its incidence is raised."""

    persons: int | None
    seed: int | None
    incidence: float | None


class Manifest(TypedDict, total=False):
    """What is written of a run; of one that is released, a part."""

    study: StudyFacts
    protocol: Mapping[str, str]
    registers: RegisterFacts
    nation: NationFacts
    tables: int
    engine: str
    versions: Mapping[str, str]
    stages: Mapping[str, str]
    rows: Mapping[str, int]
    frames: Mapping[str, str]
    digests: Mapping[str, str]
    seconds: Mapping[str, float]
    date: str
    files: list[str]


def facts_that_leave(manifest: Manifest) -> Manifest:
    """What of it leaves with a release; a digest of a table would let a withheld number be found by trying."""
    return cast(Manifest, {name: fact for name, fact in manifest.items() if name in _LEAVING})


_LEAVING = ("study", "registers", "tables", "engine", "versions", "nation", "date")
