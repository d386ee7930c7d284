"""By what a store is known: the delivered files, their description, and the code that decides what is made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from riskset.registers.delivered.reading import digest_of_file
from riskset.registers.delivered.source import Sources
from riskset.storage.code import code_digest

_FORMAT = 3
_DECIDING = (
    *("registers", "calendar.py", "results/quality_vocabulary.py"),
    *("spec/base.py", "spec/codes.py", "spec/tidying.py", "unseen.py"),
)
"""The code that decides what an import makes of a delivery."""


def digests_of(sources: Sources) -> dict[str, dict[Path, str]]:
    """The SHA-256 of each part of each file."""
    return {
        name: {part: digest_of_file(part, file.encoding) for part in file.parts()}
        for name, file in sorted(sources.files.items())
    }


def fingerprint_of(sources: Sources, digests: Mapping[str, Mapping[Path, str]]) -> str:
    """The SHA-256 of a delivery, of what is said of it and of the code that reads it.

    Parameters
    ----------
    digests : as `digests_of` gives them
    """
    code = code_digest(*_DECIDING)
    digest = hashlib.sha256(f"{_FORMAT} {version('riskset')} {code} {sources.canonical_json()}".encode())
    for name, parts in digests.items():
        # Parts by content: neither their names nor their order matter.
        digest.update(f"{name} {' '.join(sorted(parts.values()))}".encode())
    return digest.hexdigest()
