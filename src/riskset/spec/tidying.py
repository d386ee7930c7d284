"""Texts that look alike are one text: how whatever was typed or delivered is tidied before it is compared."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from riskset.unseen import EMPTY, IGNORABLE, JOINERS, is_unseen, named

_KEPT = frozenset(map(ord, JOINERS + EMPTY))


def _but_for_kept(first: int, last: int) -> list[tuple[int, int]]:
    """A span of code points in the pieces that lie between those that are kept."""
    ends = [first - 1, *sorted(code for code in _KEPT if first <= code <= last), last + 1]
    return [(a + 1, b - 1) for a, b in pairwise(ends) if b - a > 1]


INVISIBLE = tuple(piece for span in IGNORABLE for piece in _but_for_kept(*span))
"""Signs that are shown as nothing, from and to: soft hyphens, marks of direction and of where a line may break,
variants of a sign, fillers. Joiners are letters of some languages, and what is drawn as a blank is one: they stay."""

_INVISIBLE_HERE = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in INVISIBLE) + "]+")
_BLANKS_HERE = re.compile(rf"[\s{EMPTY}]+")
_AROUND = re.compile(rf"^[\s{EMPTY}]+|[\s{EMPTY}]+$")


def without_invisible(text: str) -> str:
    """A text in Unicode's composed form (NFC), without signs that are shown as nothing."""
    return unicodedata.normalize("NFC", _INVISIBLE_HERE.sub("", text))


def composed(text: str) -> str:
    """The same, without blanks around it: the name of a column."""
    return _AROUND.sub("", without_invisible(text))


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
    seen = "".join(" " if sign in EMPTY else sign for sign in text if sign in EMPTY or not _is_nothing(sign))
    plain = apostrophes.sub("'", dashes.sub("-", seen)).replace("\u200c", "").replace("\u200d", "")
    letters = unicodedata.normalize("NFKC", plain).casefold().translate(_LIKE_LATIN)
    return unicodedata.normalize("NFC", letters)


def _is_nothing(sign: str) -> bool:
    return is_unseen(sign) and not sign.isspace() and unicodedata.category(sign) != "Co"


def foreign(text: str) -> str:
    """The first sign that is taken for one of ASCII, or is of another alphabet: ``р is U+0440, cyrillic small …``.

    Empty where each is what it looks like: of a text of one alphabet that does not look as if all were ASCII.
    """
    if text.isascii():
        return ""
    alike = looks(text).isascii()
    mixed = any("a" <= sign <= "z" for sign in text.casefold())
    signs = (sign for sign in text if not sign.isascii())
    return next(
        (f"{s} is {named(s)}" for s in signs if (alike and _is_taken_for_ascii(s)) or (mixed and _is_no_latin(s))), ""
    )


def _is_no_latin(sign: str) -> bool:
    return sign.isalpha() and "LATIN" not in unicodedata.name(sign, "")


def _is_taken_for_ascii(sign: str) -> bool:
    if ord(sign.casefold()[0]) in _LIKE_LATIN or any(mark.fullmatch(sign) for mark in _MARKS):
        return True
    return unicodedata.decomposition(sign).startswith(("<wide>", "<noBreak>", "<font>")) and looks(sign).isascii()


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
