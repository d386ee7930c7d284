"""Texts that look alike are one text: how whatever was typed or delivered is tidied before it is compared."""

from __future__ import annotations

import re
import unicodedata

INVISIBLE = (
    *((0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200B), (0x200E, 0x200F), (0x202A, 0x202E)),
    *((0x2060, 0x2064), (0x2066, 0x206F), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
)
"""Signs without width, from and to: soft hyphens, marks of direction and of where a line may break, variants of a
sign. Joiners are letters of some languages, and are none of these."""

_INVISIBLE_HERE = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in INVISIBLE) + "]+")
_BLANKS_HERE = re.compile(r"\s+")


def without_invisible(text: str) -> str:
    """A text in Unicode's composed form (NFC), without signs that have no width."""
    return unicodedata.normalize("NFC", _INVISIBLE_HERE.sub("", text))


def tidy(text: str) -> str:
    """The same, each run of blanks one blank, none around it."""
    return _BLANKS_HERE.sub(" ", without_invisible(text)).strip(" ")


_LIKE_LATIN = str.maketrans(
    "\u0430\u0441\u0501\u0435\u04bb\u0456\u0458\u04cf\u043e\u0440\u051b\u0455\u0443\u051d\u0445\u0432\u043a\u043c\u043d\u0442"
    "\u03b1\u03b9\u03bf\u03c1\u03c5\u03bd\u03ba\u03b2\u03b5\u03b6\u03b7\u03bc\u03c4\u03c7\u0131",
    "acdehijlopqsywxbkmht" + "aiopuvkbezhmtxi",
)
"""Small letters of Cyrillic and Greek (and i without a dot) that look, themselves or as capitals, like Latin ones."""


_MARKS = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]"), re.compile("[\u02bc\u2018\u2019\u2032\u00b4`]")


def looks(text: str) -> str:
    """What a reader sees of a text: two that look alike give one, capitals and small letters too."""
    dashes, apostrophes = _MARKS
    plain = apostrophes.sub("'", dashes.sub("-", text)).replace("\u200c", "").replace("\u200d", "")
    letters = unicodedata.normalize("NFKC", plain).casefold().translate(_LIKE_LATIN)
    return unicodedata.normalize("NFC", letters)


def mixes_scripts(text: str) -> bool:
    """Whether a word of a text has letters of two of Latin, Cyrillic and Greek, as no word has."""
    words = re.findall(r"[^\W\d_]+", text)
    return any(len({script for script in map(_script, word) if script}) > 1 for word in words)


def _script(letter: str) -> str:
    script = unicodedata.name(letter, "").split(" ")[0]
    return script if script in ("LATIN", "CYRILLIC", "GREEK") else ""


def as_read(words: str) -> str:
    """Words without what a reader does not tell apart: capitals, and how often _ or a blank stands."""
    return " ".join(words.casefold().replace("_", " ").split())
