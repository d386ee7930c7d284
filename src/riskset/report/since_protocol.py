"""Whether a study was run as its protocol describes it, and if not, what changed."""

from __future__ import annotations

from dataclasses import dataclass

from riskset.report.catalogue import english_changes as english
from riskset.results.protocol_file import Protocol
from riskset.results.released import Released
from riskset.spec.difference import differences


@dataclass(frozen=True)
class SinceProtocol:
    """What a report says of the protocol.

    Attributes
    ----------
    summary : a sentence or two, with the protocol's fingerprint
    changes : a sentence for each change since; none where there is none
    """

    summary: str
    changes: tuple[str, ...]


def describe_since_protocol(released: Released) -> SinceProtocol | None:
    """The study that was run beside its protocol; None where the run was given none."""
    protocol = Protocol.of_manifest(released.manifest)
    if protocol is None:
        return None
    described = protocol.study
    changed = differences(described, released.study)
    changes = tuple(english.change_in_words(one) for one in changed)
    summary = english.since_protocol(
        protocol.fingerprint[:12],
        protocol.sha256[:12],
        places=len(changes),
        words_alone=all(one.is_wording for one in changed),
    )
    if described.fingerprint != protocol.fingerprint:
        summary = f"{summary} {english.EDITED}"
    return SinceProtocol(summary, changes)
