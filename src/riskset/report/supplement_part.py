"""The parts of the supplement that every run may have, by the anchors of their headings."""

from __future__ import annotations

from enum import StrEnum


class SupplementPart(StrEnum):
    """A part of the supplement, besides one for each comparison, in the order of the page."""

    SUMMARY = "summary"
    ASKED = "asked"
    ATTRITION = "attrition"
    TOGETHER = "together"
    COURSE = "course"
    DIAGNOSTICS = "diagnostics"
    QUALITY = "quality"
    EVERYTHING = "everything"
    PROTOCOL = "protocol"
    RECORD_PE = "record-pe"
    MANIFEST = "manifest"

    @classmethod
    def _missing_(cls, value: object) -> None:
        raise ValueError(f"the supplement's part {value} is no SupplementPart; give it a value there, and its words")
