"""What several pages state of a run, from its manifest: programs, fingerprints, the days that registers cover."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from riskset.results.manifest_keys import Manifest
from riskset.results.released import Released

SOFTWARE = {"riskset": "riskset", "python": "Python", "duckdb": "DuckDB", "numpy": "NumPy", "scipy": "SciPy"}
"""What is named, by its key in the manifest."""


def software_of(manifest: Manifest) -> list[str]:
    """Programs with their versions: ``NumPy 2.1``."""
    versions = manifest.get("versions", {})
    return [f"{name} {versions[key]}" for key, name in SOFTWARE.items() if key in versions]


def fingerprint_of(released: Released) -> str:
    """That of the description."""
    return str(released.manifest.get("study", {}).get("fingerprint") or released.study.fingerprint)


def delivery_of(manifest: Manifest) -> str:
    """The digest of what was delivered; in a run from before it was kept apart, that of delivery and code."""
    registers = manifest.get("registers", {})
    return registers.get("delivery") or registers.get("fingerprint", "")


def import_of(manifest: Manifest) -> str:
    """The digest of the code that imported the delivery; empty where there was no import."""
    return manifest.get("registers", {}).get("code", "")


def times_as_common(manifest: Manifest) -> float:
    """How many times as common a nation's disease is as a real one's; 1 of a real delivery."""
    return manifest.get("nation", {}).get("incidence") or 1


def days_of(stated: Mapping[str, str] | None) -> dict[str, date]:
    """Days that registers are stated to begin or to end on, by canonical table."""
    return {table: date.fromisoformat(day) for table, day in (stated or {}).items()}


def starts_of(manifest: Manifest) -> dict[str, date]:
    """The first day that each register is stated to cover, by canonical table."""
    return days_of(manifest.get("registers", {}).get("starts"))
