"""Whether a study was run as its protocol describes it, and if not, what changed."""

from __future__ import annotations

from dataclasses import dataclass

from riskset.report.catalogue.english_changes import change_in_words
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
    changes = tuple(change_in_words(one) for one in changed)
    which = f"its protocol (description {protocol.fingerprint[:12]}, file {protocol.sha256[:12]})"
    if not changes:
        summary = f"The study was run as {which} describes it."
    elif all(one.is_wording for one in changed):
        summary = f"The study was run as {which} describes it, but for words on which no number depends."
    else:
        places = "1 place" if len(changes) == 1 else f"{len(changes)} places"
        summary = f"The study differs from {which} in {places}."
    if described.fingerprint != protocol.fingerprint:
        summary += (
            " The fingerprint that the protocol states is not that of the description in it: the description was "
            "edited there, or another version of riskset wrote it."
        )
    return SinceProtocol(summary, changes)
