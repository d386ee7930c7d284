"""By what a store is known: the delivered files, their description, and the code that decides what is made of them.

The delivery has a digest of its own, for readers: other code on the same files is no other delivery.
"""

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


def fingerprint_of(delivery: str) -> str:
    """The SHA-256 of a delivery and of the code that reads it.

    Parameters
    ----------
    delivery : as `delivery_of` gives it
    """
    return hashlib.sha256(f"{_FORMAT} {version('riskset')} {import_code()} {delivery}".encode()).hexdigest()


def import_code() -> str:
    """The SHA-256 of the code that decides what an import makes of a delivery, and of the libraries that compute."""
    return code_digest(*_DECIDING)


def delivery_of(sources: Sources, digests: Mapping[str, Mapping[Path, str]]) -> str:
    """The SHA-256 of what is delivered and of what is said of it, whoever reads it.

    Parameters
    ----------
    digests : as `digests_of` gives them
    """
    digest = hashlib.sha256(sources.canonical_json().encode())
    for name, parts in digests.items():
        # Parts by content: neither their names nor their order matter.
        digest.update(f"{name} {' '.join(sorted(parts.values()))}".encode())
    return digest.hexdigest()
