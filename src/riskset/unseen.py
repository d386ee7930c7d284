"""Signs of a text that cannot be seen, from Unicode's own tables: no list of examples."""

from __future__ import annotations

import unicodedata

IGNORABLE = (
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
    *((0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
"""From and to, the code points of the property Default_Ignorable_Code_Point (DerivedCoreProperties.txt of the Unicode
Standard, 14.0 to 16.0; the standard library has it not): what is shown as nothing where a font has nothing for it."""

JOINERS = "\u200c\u200d"
"""Letters of some languages: of these signs the ones that a text may hold."""

EMPTY = "\u2800\u3164\uffa0"
"""Signs that are drawn as a blank and are none to a program: the empty pattern of Braille, fillers of Hangul."""

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Controls, formats, halves of a sign, private use, ends of lines and paragraphs."""


def is_unseen(sign: str) -> bool:
    """Whether a sign cannot be seen, or not by every reader: controls, line ends, marks of direction, private use."""
    if sign in JOINERS or " " <= sign <= "~":
        return False
    code = ord(sign)
    return (
        unicodedata.category(sign) in _HIDDEN
        or sign in EMPTY
        or code & 0xFFFE == 0xFFFE  # no characters, by definition
        or 0xFDD0 <= code <= 0xFDEF
        or any(first <= code <= last for first, last in IGNORABLE)
    )


def named(sign: str) -> str:
    """A sign by its code point and name: ``U+200B, zero width space``."""
    kinds = {"Cc": "a control character", "Co": "for private use", "Cs": "half of a sign"}
    return f"U+{ord(sign):04X}, {unicodedata.name(sign, kinds.get(unicodedata.category(sign), 'no character')).lower()}"


def escaped(text: str) -> str:
    r"""A text in which what cannot be seen or printed is written out, as ``\u200b``."""
    return "".join(_escape(sign) if is_unseen(sign) or not sign.isprintable() else sign for sign in text)


def _escape(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")
