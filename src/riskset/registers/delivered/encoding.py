"""Whether a delivered text is in the encoding that is declared, and which other one is plausible where it is not.

A message here names the file and encodings; never a byte of it.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from riskset.errors import SourceError
from riskset.registers.delivered.no_text import are_too_many, controls_in, is_no_text, what_else

_MARKS = {
    codecs.BOM_UTF32_LE: ("utf-32", "utf-32-le"),  # before that of UTF-16, with which it begins
    codecs.BOM_UTF32_BE: ("utf-32", "utf-32-be"),
    codecs.BOM_UTF16_LE: ("utf-16", "utf-16-le"),
    codecs.BOM_UTF16_BE: ("utf-16", "utf-16-be"),
}
"""Byte-order marks, each with the encodings whose texts may begin with it."""
_OF_WINDOWS = bytes(range(0x80, 0xA0))
"""Letters and quotes in Windows' code pages, control characters in ISO 8859, which no text has."""


class EncodingCheck:
    """Reads a file's bytes in order, and complains of the first that cannot be in the declared encoding.

    ``stated`` is whether another encoding could be stated, in sources.toml; else the file is to be written anew.
    """

    def __init__(self, path: Path, encoding: str, *, stated: bool = True) -> None:
        self.path, self.encoding, self.stated = path, encoding, stated
        self.declared = codecs.getincrementaldecoder(encoding)()
        self.one_byte = len("å".encode(encoding, "replace")) == 1
        self.as_utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
        self.foreign = self.started = False
        self.windows: str | None = None
        self.read = self.controls = 0
        self.wide = codecs.lookup(encoding).name.startswith(("utf-16", "utf-32"))
        self.without_windows = codecs.lookup(encoding).name.startswith("iso8859")

    def feed(self, chunk: bytes, final: bool = False) -> None:
        if not self.started and chunk:
            self.started = True
            self._refuse_beginning(chunk)
        try:
            if not (chunk.isascii() and self._between_letters()):
                self.declared.decode(chunk, final)
        except UnicodeError:  # of UTF-16 and UTF-32 not always its kind for bytes
            if final:
                raise SourceError(
                    "the file ends in the middle of a letter",
                    where=str(self.path),
                    remedy="it was cut off: deliver it again",
                ) from None
            raise self._not_as_declared(chunk) from None
        if not self.wide and b"\0" in chunk:
            raise _zeros(self.path)
        if self.one_byte:
            self.read, self.controls = self.read + len(chunk), self.controls + controls_in(chunk)
        if self.without_windows and not self.windows and _has_windows(chunk):
            self.windows = _of_one_byte(chunk)
        if self.one_byte and self.as_utf8 is not None and (not chunk.isascii() or self.as_utf8.getstate()[0]):
            self.foreign = True
            try:
                self.as_utf8.decode(chunk, final)
            except UnicodeDecodeError:
                self.as_utf8 = None

    def finish(self) -> None:
        self.feed(b"", final=True)
        self.refuse_seen()

    def refuse_seen(self) -> None:
        """Refuse what has been read so far where it is plainly something else."""
        if are_too_many(self.controls, self.read):
            raise _no_text(self.path)
        if self.foreign and self.as_utf8 is not None:
            raise self._other("utf-8")
        if self.windows:
            raise self._other(self.windows)

    def _between_letters(self) -> bool:
        return self.one_byte or (self.encoding.lower() in ("utf-8", "utf8") and not self.declared.getstate()[0])

    def _refuse_beginning(self, beginning: bytes) -> None:
        """Refuse, by its first bytes, a text whose letters have another number or order of bytes than is declared."""
        name = codecs.lookup(self.encoding).name
        if not self.wide:
            if (else_ := what_else(beginning)) is not None:
                raise SourceError(else_[0], where=str(self.path), remedy=else_[1])
            if beginning.startswith(tuple(_MARKS)) or b"\0" in beginning[:1000]:
                raise self._not_as_declared(beginning)
        elif (mark := _marked(beginning)) is not None:
            if name not in mark:
                raise self._other(mark[0])
        elif name in ("utf-16", "utf-32"):
            self._refuse_without_mark(beginning)
        elif _wide(beginning) not in (name, None) or b"\0" not in beginning[:1000]:
            raise self._not_as_declared(beginning)

    def _refuse_without_mark(self, beginning: bytes) -> None:
        plausible = _wide(beginning) or _plausible(beginning)
        if _wide(beginning) is None and (is_no_text(beginning) or b"\0" in beginning):
            raise _no_text(self.path)
        what = f"the file does not begin with the byte-order mark of {self.encoding}"
        raise SourceError(what, where=str(self.path), remedy=self._remedy(plausible))

    def _not_as_declared(self, chunk: bytes) -> SourceError:
        wide = _wide(chunk)
        if wide is None and is_no_text(chunk):
            return _no_text(self.path)
        if wide is None and b"\0" in chunk:
            return _zeros(self.path)
        return self._other(wide or _plausible(chunk))

    def _other(self, plausible: str | None) -> SourceError:
        what = f"the file is not {self.encoding} text{' as declared' if self.stated else ''}"
        return SourceError(what, where=str(self.path), remedy=self._remedy(plausible))

    def _remedy(self, plausible: str | None) -> str:
        if not self.stated:
            return f"save it as {self.encoding}" + (f"; it is plausibly {plausible}" if plausible else "")
        return f"state its encoding; {plausible} is plausible" if plausible else _ASK


_ASK = "ask the sender for its encoding, and state that"


def _no_text(path: Path) -> SourceError:
    return SourceError(
        "this is no text file: it holds bytes that no text has",
        where=str(path),
        remedy="see what format it is of, and write it as a CSV or Parquet file",
    )


def _zeros(path: Path) -> SourceError:
    return SourceError(
        "this text holds bytes of zero, which no text has",
        where=str(path),
        remedy="it was damaged, or its writing interrupted: deliver it again",
    )


def _wide(chunk: bytes) -> str | None:
    """Which encoding of several bytes a letter a text plausibly is in, by its mark or the zeros of Latin letters."""
    if (mark := _marked(chunk)) is not None:
        return mark[0]
    bytes_of_letters = [chunk[i:1000:4] for i in range(4)]
    zeros = "".join("0" if 2 * each.count(0) > len(each) else "x" for each in bytes_of_letters)
    return {"x0x0": "utf-16-le", "0x0x": "utf-16-be", "x000": "utf-32-le", "000x": "utf-32-be"}.get(zeros)


def _marked(beginning: bytes) -> tuple[str, ...] | None:
    """The encodings whose byte-order mark a text begins with, the one that needs it first; None without a mark."""
    return next((encodings for mark, encodings in _MARKS.items() if beginning.startswith(mark)), None)


def _plausible(sample: bytes) -> str | None:
    """Which other encoding of one-byte letters, or UTF-8, a text plausibly is in; None where none can be told."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return _of_one_byte(sample)
    return "utf-8"


def _of_one_byte(sample: bytes) -> str | None:
    """By the letters that Nordic names have; None where most letters are of another alphabet."""
    others = sample.translate(None, _ASCII)
    if len(sample) >= _ENOUGH and 3 * len(others) > len(sample):
        return None
    western = "cp1252" if _has_windows(sample) else "latin-1"
    letters = {e: sum(letter in _LETTERS for letter in others.decode(e, "replace")) for e in (western, *_OLDER)}
    best = max(letters, key=lambda encoding: letters[encoding])
    return best if 2 * letters[best] > len(others) and letters[best] > letters[western] else western


_ENOUGH = 100
"""Bytes from which their share tells an alphabet."""
_ASCII = bytes(range(0x80))
_LETTERS = frozenset("åäöæøéüðþáíóúýÅÄÖÆØÉÜÐÞÁÍÓÚÝ")
_OLDER = ("cp850", "mac-roman")


def _has_windows(chunk: bytes) -> bool:
    return not chunk.isascii() and len(chunk.translate(None, _OF_WINDOWS)) < len(chunk)
