"""Which delivered texts may stand in a message: names that a header or a register gave, never a cell of a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from riskset.registers.delivered.known_names import KNOWN
from riskset.spec.spelling import near
from riskset.spec.tidying import looks

_AT_MOST = 40
"""Names in one message."""

_NAME = re.compile(r"[^\W\d_][\w .%()/-]{0,49}|_[^\W\d]\w{0,48}")
_HEXADECIMAL = re.compile(r"[0-9a-f]*[0-9][0-9a-f]*")


def is_name(text: str) -> bool:
    """Whether a text looks like the name of a column or a register, and not like an identifier, a date or a number.

    A letter comes first; a year may follow (``income_2019``), and two of them, but no more digits than these together
    and no five in a row; letters and digits mixed as in a hash or a key are none.
    """
    text = text.strip()
    if (
        text.lower() in ("inf", "infinity", "nan")
        or not _NAME.fullmatch(text)
        or re.search(r"\d{5}", re.sub(r"[ ./-]", "", text))
    ):
        return False
    digits = len(re.findall(r"\d", text))
    parts = re.findall(r"[^\W_]+", text)
    if digits > 8 or any(_is_coded(part) for part in parts):
        return False
    return not re.fullmatch(r"\w{0,2}\d{3,}", text)


def _is_coded(part: str) -> bool:
    """Whether digits and letters change places too often for a word: ``a3f9c2``, ``kJ8xQ2``, ``P0001``."""
    changes = len(re.findall(r"(?<=\d)[^\W\d]|(?<=[^\W\d])\d", part))
    hexadecimal = len(part) > 5 and _HEXADECIMAL.fullmatch(part.casefold()) is not None
    return changes > 2 or hexadecimal or re.fullmatch(r"[A-Za-z]{1,2}\d{4,}", part) is not None


def _plain(name: str) -> str:
    """A name as it looks, in small letters without marks on them: Kön is kon."""
    letters = unicodedata.normalize("NFKD", looks(name.strip())).translate({ord("ø"): "o", ord("æ"): "ae"})
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def is_known(name: str) -> bool:
    """Whether a name is one of a column in our tables or in Nordic registers, and so no person's."""
    return _plain(name) in KNOWN


def is_header(header: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether a file's first line is a header for certain.

    Each of its cells looks like a name, no two are the same, and two at least are names of columns: mapped ones, in
    whatever capitals and with whatever marks on letters, or known ones. The first person of a file without a header may
    have one of these as a name.
    """
    names = [name for name in header if name]
    plain = len(set(names)) == len(names) and all(is_name(name) for name in names)
    asked = {_plain(name) for name in wanted}
    columns = [name for name in names if _plain(name) in asked or is_known(name)]
    return plain and len(columns) > 1


def tellable(header: Sequence[str], wanted: Sequence[str], *, certain: int = 3) -> list[str]:
    """The names of a header that a message may tell.

    None where it is no header for certain (`is_header`). All where most mapped columns are there as they are written,
    and so many of them as make it ``certain``. Else those that are mapped, known, or spelt much like a mapped one: the
    others may be a person's.
    """
    if not is_header(header, wanted):
        return []
    mapped = len(set(header) & set(wanted))
    if mapped >= certain and 2 * mapped > len(set(wanted)):
        return list(header)
    asked = {_plain(name) for name in wanted}
    return [name for name in header if _plain(name) in asked or is_known(name) or near(name, wanted)]


def columns_in_words(header: Sequence[str], wanted: Sequence[str]) -> str:
    """Those names for a message, and how many others there are: ``lopnr, kon and 2 others``."""
    names = tellable(header, wanted)
    others = len(header) - len(names)
    return ", ".join(names) + (f" and {others} other{'s' * (others > 1)}" if others else "")


def all_names(texts: Sequence[str]) -> list[str]:
    """Delivered texts for a message, each once and sorted; none where one of them looks like no name."""
    shown = sorted(text for text in set(texts) if is_name(text))
    return [] if len(shown) < len(set(texts)) or len(shown) > _AT_MOST else shown
