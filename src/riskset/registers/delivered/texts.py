"""Texts that look alike are one text: how a delivered cell is tidied before anything is read from it or matched.

The same as `spec.tidying` does in Python for what is written in a description, in the engine that imports.
"""

from __future__ import annotations

import re

import ibis
import ibis.expr.types as ir

from riskset.spec.tidying import INVISIBLE
from riskset.unseen import EMPTY

_BLANKS = r"[\s\x{0B}\x{1C}-\x{1F}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}"
_BLANKS += "".join(rf"\x{{{ord(sign):X}}}" for sign in EMPTY) + "]+"
"""As RE2 writes it: every blank and line end of Unicode, and what is drawn as a blank."""
_INVISIBLE = "[" + "".join(rf"\x{{{first:X}}}-\x{{{last:X}}}" for first, last in INVISIBLE) + "]+"

MISSING = (
    "null", "(null)", "<null>", "#null!", "na", "<na>", "n/a", "#n/a", "n.a.", "nan", "nat", "none", "nil", "missing",
    r"\n", ".", "..", "...", "-", "--", "—", "–", "?", "*",
)  # fmt: skip
"""How programs write that there is no value, in lower case: SAS and Stata, R, SQL, Excel, Python."""


MINUS = "[-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]"
_MISSING = f"^(?i:{'|'.join(map(re.escape, MISSING))})$"


@ibis.udf.scalar.builtin(name="nfc_normalize")  # type: ignore[untyped-decorator]
def _nfc(text: str) -> str: ...  # type: ignore[empty-body]


def tidied(text: ir.StringValue) -> ir.StringValue:
    """A column of texts as `spec.tidying.tidy` makes a text; null where nothing is left."""
    return _nfc(text.re_replace(_INVISIBLE, "")).re_replace(_BLANKS, " ").strip().nullif("")


def with_sign(text: ir.StringValue) -> ir.StringValue:
    """A number whose minus is another sign than the hyphen (−1, –1), with that: programs and fonts write several."""
    return text.re_replace(rf"^{MINUS}\s?([0-9.,])", r"-\1")


def with_sign_of_amount(text: ir.StringValue) -> ir.StringValue:
    """The same of an amount of medicine, whose minus may also follow it (1-), or be brackets about it.

    The dash of 100,- stands for no parts, and is no sign.
    """
    taken = with_sign(text).re_replace(rf"^([0-9]|[0-9][0-9.,]*[0-9])\s?{MINUS}$", r"-\1")
    return taken.re_replace(r"^\(([0-9][0-9.,]*)\)$", r"-\1")


def reads_missing(text: ir.StringValue) -> ir.BooleanValue:
    """Whether a tidied text is one that programs write for no value."""
    return text.re_search(_MISSING).fill_null(False)
