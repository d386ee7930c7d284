"""What was run, on what, with what: enough to say whether two runs are the same."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version

import pyarrow as pa

from riskset.results.manifest_keys import Manifest, RegisterFacts, StudyFacts
from riskset.results.protocol_file import Protocol
from riskset.results.tables import VERSION
from riskset.spec.study import Study
from riskset.storage.digest import digest

LIBRARIES = ("riskset", "ibis-framework", "duckdb", "numpy", "scipy", "pyarrow")


def make_manifest(
    study: Study,
    *,
    registers: RegisterFacts,
    engine: str,
    stage_keys: Mapping[str, str],
    seconds: Mapping[str, float],
    tables: Mapping[str, pa.Table],
    frames: Mapping[str, str],
    left_out: tuple[str, ...],
    protocol: Protocol | None = None,
) -> Manifest:
    """The manifest of a run; all of it but ``seconds`` and ``date`` is equal for equal runs on equal software.

    ``registers`` has the digests of the delivery and of the code that imported it, the day of the delivery, and the
    first and last days that registers are stated to cover.
    ``frames`` are the digests of the sampler's frames by comparison: with the seed they fix every draw.
    """
    asked: StudyFacts = {
        "name": study.name,
        "fingerprint": study.fingerprint,
        "words": study.words_fingerprint,
        "seed": study.seed,
        "left_out": list(left_out),
    }
    begin: Manifest = {"study": asked}
    if protocol:
        begin["protocol"] = protocol.as_json()
    return begin | {
        "registers": registers,
        "tables": VERSION,
        "engine": engine,
        "versions": {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES},
        "stages": dict(stage_keys),
        "rows": {name: table.num_rows for name, table in tables.items()},
        "frames": dict(frames),
        "digests": {name: digest(table) for name, table in tables.items()},
        "seconds": dict(seconds),
        "date": datetime.now(UTC).date().isoformat(),
    }
