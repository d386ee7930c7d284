"""Bytes that are no text: told by what they are, where that can be seen, so that no encoding is suggested for them."""

from __future__ import annotations

import zlib

_CONTROLS = bytes(range(8)) + bytes(range(0x0E, 0x1A)) + b"\x1c\x1d\x1e\x1f"
"""Control characters that stand in no text, whatever its encoding."""
_HIGH = bytes(range(0x80, 0x100))
_FEW, _SHARE = 2, 0.01
"""So many may have strayed into a text, or such a share of its bytes. Of packed or encrypted bytes they are a tenth."""
_BEGINNING = 1 << 12
_EBCDIC = 0.95
_IN_EBCDIC = frozenset(" abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,;.:-_/|\"'()\t\r\n\x85")


def what_else(beginning: bytes) -> tuple[str, str] | None:
    """What the first bytes of a file are that is declared a text, with what to do; None where they may be a text."""
    beginning = beginning[:_BEGINNING]
    if _is_zlib(beginning):
        return "this file is compressed (zlib)", "unpack it, and give the file that is in it"
    if _is_ebcdic(beginning):
        return "this is text of a mainframe (EBCDIC), which is not read", "have it written anew in UTF-8"
    return None


def is_no_text(sample: bytes) -> bool:
    """Whether bytes of one-byte letters, or of UTF-8, hold more of what no text has than may have strayed into it."""
    controls, ascii_letters = controls_in(sample), len(sample.translate(None, _HIGH))
    return are_too_many(controls, len(sample)) or (controls > 0 and 2 * ascii_letters < len(sample))


def controls_in(sample: bytes) -> int:
    """How many control characters there are that stand in no text."""
    return len(sample) - len(sample.translate(None, _CONTROLS))


def are_too_many(controls: int, of: int) -> bool:
    """Whether there are more of them than may have strayed into a text of so many bytes."""
    return controls > max(_FEW, _SHARE * of)


def _is_zlib(beginning: bytes) -> bool:
    if len(beginning) < 8 or beginning[0] & 0x0F != 8 or int.from_bytes(beginning[:2], "big") % 31:
        return False
    try:
        return bool(zlib.decompressobj().decompress(beginning, _BEGINNING)) and is_no_text(beginning[2:])
    except zlib.error:
        return False


def _is_ebcdic(beginning: bytes) -> bool:
    """Its letters and digits are bytes that are rare in any other text, of which most are ASCII."""
    ours = len(beginning) - len(beginning.translate(None, bytes(range(0x80, 0x100))))
    if not beginning or 2 * ours < len(beginning):
        return False
    letters = beginning.decode("cp037")
    return sum(letter in _IN_EBCDIC for letter in letters) >= _EBCDIC * len(letters)
