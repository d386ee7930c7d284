"""Texts that look alike are one text: how a delivered cell is tidied before anything is read from it or matched.

The same in Python, for what is written in sources.toml, and in the engine that imports, for what is delivered.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import ibis

_BLANKS = (
    r"[\s\x{0B}\x{1C}-\x{1F}\x{85}\x{A0}\x{1680}\x{2000}-\x{200B}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}]+"
)
"""As RE2 writes it: every blank and line end of Unicode, and the two that have no width."""
_BLANKS_HERE = re.compile(r"[\s\u200b\ufeff]+")

MISSING = (
    "null", "(null)", "<null>", "#null!", "na", "<na>", "n/a", "#n/a", "n.a.", "nan", "nat", "none", "nil", "missing",
    r"\n", ".", "..", "...", "-", "--", "—", "–", "?", "*",
)  # fmt: skip
"""How programs write that there is no value, in lower case: SAS and Stata, R, SQL, Excel, Python."""


MINUS = "[-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]"
_MISSING = f"^(?i:{'|'.join(map(re.escape, MISSING))})$"


@ibis.udf.scalar.builtin(name="nfc_normalize")  # type: ignore[untyped-decorator]
def _nfc(text: str) -> str: ...  # type: ignore[empty-body]


def tidy(text: str) -> str:
    """A text in Unicode's composed form (NFC), each run of blanks one blank, none around it."""
    return _BLANKS_HERE.sub(" ", unicodedata.normalize("NFC", text)).strip(" ")


def composed(text: str) -> str:
    """A column's name, composed and without blanks around it."""
    return unicodedata.normalize("NFC", text).strip().strip("\u200b\ufeff")


def tidied(text: Any) -> Any:
    """The same of a column of texts; null where nothing is left."""
    return _nfc(text).re_replace(_BLANKS, " ").strip().nullif("")


def with_sign(text: Any) -> Any:
    """A number whose minus is another sign than the hyphen (−1, –1), with that: programs and fonts write several."""
    return text.re_replace(rf"^{MINUS}\s?([0-9.,])", r"-\1")


def with_sign_of_amount(text: Any) -> Any:
    """The same of an amount of medicine, whose minus may also follow it (1-), or be brackets about it.

    The dash of 100,- stands for no parts, and is no sign.
    """
    taken = with_sign(text).re_replace(rf"^([0-9]|[0-9][0-9.,]*[0-9])\s?{MINUS}$", r"-\1")
    return taken.re_replace(r"^\(([0-9][0-9.,]*)\)$", r"-\1")


def reads_missing(text: Any) -> Any:
    """Whether a tidied text is one that programs write for no value."""
    return text.re_search(_MISSING).fill_null(False)
