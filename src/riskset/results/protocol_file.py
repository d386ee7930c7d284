"""A protocol that was written before the run: which file it is, and the study that it describes."""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from riskset.errors import SpecError
from riskset.results.manifest_keys import Manifest
from riskset.spec.from_toml import LARGEST, parse_toml
from riskset.spec.study import Study

APPENDIX = "Appendix: the description in full"
"""The heading of the appendix; in Markdown the description is found below it."""

STATED = "Fingerprint of the description"
"""What stands before the fingerprint that a protocol states, with a colon."""


@dataclass(frozen=True)
class Protocol:
    """A protocol, as a run's manifest has it.

    Attributes
    ----------
    sha256 : of the file as it is, with what authors wrote
    fingerprint : of the description, as the protocol states it
    description : the description in it, as TOML
    """

    sha256: str
    fingerprint: str
    description: str

    @property
    def study(self) -> Study:
        """The study that it describes."""
        return parse_toml(Study, self.description, where="the protocol")

    def as_json(self) -> dict[str, str]:
        """For a manifest; `of_manifest` reads it back."""
        return asdict(self)

    @classmethod
    def of_manifest(cls, manifest: Manifest) -> Protocol | None:
        """The protocol that a run was given; None where it was given none."""
        kept = manifest.get("protocol")
        return cls(**kept) if kept else None


def read_protocol(path: str | Path) -> Protocol:
    """Read a protocol that ``riskset protocol`` wrote and authors have gone on with.

    Raises
    ------
    SpecError
        No such file, or none with a description and its fingerprint, or the description can no longer be meant.
    """
    path = Path(path)
    if not path.is_file():
        raise SpecError("there is no such file", where=str(path), remedy="give a file that riskset protocol wrote")
    in_file = description_in(path)
    if in_file is None:
        remedy = "give a file that riskset protocol wrote, with its appendix"
        raise SpecError("no description of a study is in this file", where=str(path), remedy=remedy)
    fingerprint, description = in_file
    parse_toml(Study, description, where=path.name)
    return Protocol(hashlib.sha256(path.read_bytes()).hexdigest(), fingerprint, description)


_FINGERPRINT = re.compile(rf"{STATED}: (?:`|<code>)([0-9a-f]{{64}})")
_IN_HTML = re.compile(r'<pre id="description">(.*?)</pre>', re.DOTALL)
_IN_MARKDOWN = re.compile(rf"^## {APPENDIX}\s+^```toml\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def description_in(path: Path) -> tuple[str, str] | None:
    """The fingerprint that a protocol states and the description in it; None of any other file."""
    try:
        if path.stat().st_size > 10 * LARGEST:
            return None
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    stated, in_html, in_markdown = (pattern.search(text) for pattern in (_FINGERPRINT, _IN_HTML, _IN_MARKDOWN))
    if stated and in_html:
        return stated[1], html.unescape(in_html[1])
    return (stated[1], in_markdown[1]) if stated and in_markdown else None
