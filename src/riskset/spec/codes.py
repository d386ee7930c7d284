"""Code systems: the only place that knows what an ATC or an ICD-10 code looks like.

A study names code *prefixes*; every code below a prefix belongs to it. Codes are kept upper case and without a dot.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator

from riskset.spec.complaints import Wrong, shown

ATC = re.compile(r"[A-DGHJL-NPRSV]([0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?)?")
ICD10 = re.compile(r"[A-Z]([0-9]{2}[A-Z0-9]{0,4}|[0-9])?")
"""Either pattern is of whole texts, at any level of the system."""


def atc_prefix(text: str) -> str:
    """An ATC code at any of its five levels (``N``, ``N05``, ``N05B``, ``N05BA``, ``N05BA01``), or ValueError."""
    code = text.strip().upper()
    if not ATC.fullmatch(code):
        if meant := _beginning(code, ATC):
            raise Wrong(f"{shown(text)} is no ATC code", meant)
        raise Wrong(
            f"{shown(text)} is no ATC code",
            "the levels are a letter (A B C D G H J L M N P R S V), two digits, a letter, a letter, two digits: "
            "N, N05, N05B, N05BA, N05BA01",
        )
    return code


def icd10_prefix(text: str) -> str:
    """An ICD-10 code or the beginning of one, the dot removed (``G12.2`` → ``G122``), or ValueError."""
    code = text.strip().upper().replace(".", "")
    if not ICD10.fullmatch(code):
        if meant := _beginning(code, ICD10):
            raise Wrong(f"{shown(text)} is no ICD-10 code", meant)
        raise Wrong(f"{shown(text)} is no ICD-10 code", "write a letter, two digits and what follows: F, F32, F32.1")
    return code


def _beginning(code: str, pattern: re.Pattern[str]) -> str:
    """What to write where a code was meant with all below it, or a range of codes; empty where neither was."""
    beginning = re.sub(r"[*%…_-]+$", "", code)
    if beginning != code and pattern.fullmatch(beginning):
        return f"write {beginning!r}, which stands for every code that begins so"
    if all(pattern.fullmatch(end) for end in re.split(r" ?[-–:] ?", code)):
        return "name each code of a range, as F30, F31, F32; one stands for every code that begins so"
    return ""


def successor(prefix: str) -> str:
    """The first text after every code that begins with ``prefix``: ``N05B`` → ``N05C``.

    ``code >= prefix and code < successor(prefix)`` is a range that Parquet statistics can prune.
    """
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def outermost(prefixes: Iterable[str]) -> tuple[str, ...]:
    """The prefixes without those already covered by a shorter one, sorted."""
    kept: list[str] = []
    for prefix in sorted(set(prefixes)):
        if not any(prefix.startswith(shorter) for shorter in kept):
            kept.append(prefix)
    return tuple(kept)


AtcPrefix = Annotated[str, AfterValidator(atc_prefix)]
Icd10Prefix = Annotated[str, AfterValidator(icd10_prefix)]
