"""Code systems: the only place that knows what an ATC or an ICD-10 code looks like.

A study names code *prefixes*; every code below a prefix belongs to it. Codes are kept upper case and without a dot.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import AfterValidator

from riskset.spec.complaints import Wrong, shown

ATC = re.compile(r"[A-DGHJL-NPRSV]([0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?)?")
ICD10 = re.compile(r"[A-Z]([0-9]{2}[A-Z0-9]{0,4}|[0-9])?")
"""Either pattern is of whole texts, at any level of the system."""


_LAST_GROUP: Mapping[str, int] = {
    "A": 16,
    "B": 6,
    "C": 10,
    "D": 11,
    "G": 4,
    "H": 5,
    "J": 7,
    "L": 4,
    "M": 9,
    "N": 7,
    "P": 3,
    "R": 7,
    "S": 3,
    "V": 20,
}
"""The last therapeutic group of each anatomical one in ATC: N01 to N07."""

_OLDER_SUPPLEMENT = re.compile("(E[89][0-9]{2}|V[0-9]{2})[A-WYZ]|E9[1-9][0-9]?")
"""External causes and factors of health in ICD-9, with the letter that Nordic editions end in; ICD-10 ends at E90."""

_OTHER_ALPHABET = (re.compile("(?s).*[^\x00-\x7f]"), "one of its letters is of another alphabet")
_NO_ICD10 = (
    _OTHER_ALPHABET,
    (re.compile("[0-9]{3}"), "codes that begin with digits are of ICD-7, ICD-8 or ICD-9"),
    (re.compile("D[A-Z][0-9]"), "leave out the D that the Danish SKS writes before a code of ICD-10"),
    (re.compile("[A-Z]([0-9][OIL]|[OIL][0-9]|[OIL]{2})"), "mind 0 and O, 1 and I or l"),
    (re.compile("[A-Z]{3}[0-9]"), "letters followed by digits are a procedure's code, as of NOMESCO"),
)
"""How what is no ICD-10 code begins, and what it is likely to be."""

_NO_ATC = (
    _OTHER_ALPHABET,
    (re.compile("Q[A-Z][0-9]"), "Q begins codes of ATCvet, of medicines for animals"),
    (re.compile("[0-9]{5,}"), "a number is an article's, as of Vnr or PZN"),
    (re.compile("[A-Z][0-9]{2}[.]?[0-9]"), "this has the form of an ICD-10 code"),
    (re.compile("[A-Z]([0-9]O|O[0-9]|OO)"), "mind 0 and O"),
)


def _likely(code: str, forms: Iterable[tuple[re.Pattern[str], str]], otherwise: str) -> str:
    return next((f"{cause}; {otherwise}" for form, cause in forms if form.match(code)), otherwise)


def atc_prefix(text: str) -> str:
    """An ATC code at any of its five levels (``N``, ``N05``, ``N05B``, ``N05BA``, ``N05BA01``), or ValueError."""
    code = text.strip().upper()
    if not ATC.fullmatch(code):
        if meant := _beginning(code, ATC):
            raise Wrong(f"{shown(text)} is no ATC code", meant)
        levels = (
            "the levels are a letter (A B C D G H J L M N P R S V), two digits, a letter, a letter, two digits: "
            "N, N05, N05B, N05BA, N05BA01"
        )
        raise Wrong(f"{shown(text)} is no ATC code", _likely(code, _NO_ATC, levels))
    return code


def icd10_prefix(text: str) -> str:
    """An ICD-10 code or the beginning of one, the dot removed (``G12.2`` → ``G122``), or ValueError."""
    code = text.strip().upper().replace(".", "")
    if not ICD10.fullmatch(code):
        if meant := _beginning(code, ICD10):
            raise Wrong(f"{shown(text)} is no ICD-10 code", meant)
        written = "write a letter, two digits and what follows: F, F32, F32.1"
        raise Wrong(f"{shown(text)} is no ICD-10 code", _likely(code, _NO_ICD10, written))
    return code


def _beginning(code: str, pattern: re.Pattern[str]) -> str:
    """What to write where a code was meant with all below it, or a range of codes; empty where neither was."""
    beginning = re.sub(r"[*%…_-]+$", "", code)
    if beginning != code and pattern.fullmatch(beginning):
        return f"write {beginning!r}, which stands for every code that begins so"
    if all(pattern.fullmatch(end) for end in re.split(r" ?[-–:] ?", code)):
        return "name each code of a range, as F30, F31, F32; one stands for every code that begins so"
    return ""


def doubts_of_icd10(code: str) -> str:
    """Why a code that could be of ICD-10 is likely of another system; nothing where it is not.

    ``E880A`` of 1990 is a fall, and no ICD-10 code of a disorder of plasma proteins.
    """
    if _OLDER_SUPPLEMENT.fullmatch(code):
        return "has the form of an external cause or factor of health in ICD-9"
    if len(code) > 3 and ATC.fullmatch(code) and not doubts_of_atc(code):
        return "has the form of an ATC code"
    return ""


def doubts_of_atc(code: str) -> str:
    """The same of an ATC code: ``G12`` is no group of ATC."""
    if len(code) >= 3 and int(code[1:3]) not in range(1, _LAST_GROUP[code[0]] + 1):
        return f"lies in no group of ATC, which has {code[0]}01 to {code[0]}{_LAST_GROUP[code[0]]:02d}"
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
