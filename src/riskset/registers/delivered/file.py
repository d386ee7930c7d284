"""A delivered file as sources.toml declares it: where it lies, its format, and of a text its dialect."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from riskset.registers.delivered.paths import find_parts
from riskset.spec.base import Part, Whole
from riskset.spec.complaints import Wrong, refuse, shown

_ENCODINGS = re.compile(r"ascii|utf-(8|16|32)(-sig|-le|-be)?|iso8859-\d+|cp125\d|cp(437|8\d\d)|mac-\w+|koi8-\w")
"""By Python's names. Its codecs are more than these, and some are not of texts: punycode, rot13, hex."""


def _checksum(text: str) -> str:
    if not re.fullmatch("[0-9a-fA-F]{64}", text):
        raise Wrong(f"{shown(text)} is no SHA-256 checksum", "write its 64 hexadecimal digits")
    return text.lower()


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class File(Part):
    """A delivered file, or one delivered in parts with the same columns."""

    as_delivered: ClassVar = frozenset({"path", "delimiter", "quote", "null"})

    path: str | Annotated[tuple[str, ...], Field(min_length=1)]
    """Relative to sources.toml; a list, or a pattern such as `dispensing_*.csv`, names the parts of one file.
    Where a file or a folder has `*`, `?` or `[` in its own name, that is what is meant."""
    format: Literal["parquet", "csv"]
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """CSV: the character between two cells. Declared, never guessed."""
    encoding: str | None = None
    """CSV: utf-8, latin-1, cp1252, utf-16… Declared, never guessed."""
    decimal: Literal[".", ","] = "."
    """The decimal mark of numbers written as text."""
    quote: Annotated[str, Field(max_length=1)] = '"'
    """CSV: the character around cells that hold a delimiter; empty for none."""
    null: tuple[str, ...] = ("",)
    """CSV: cells that mean that there is no value."""
    rows: Annotated[Whole, Field(ge=0)] | None = None
    """How many rows the sender says that it has, all parts together; any other number is refused."""
    sha256: (
        Annotated[tuple[Annotated[str, AfterValidator(_checksum)], ...], BeforeValidator(_listed), Field(min_length=1)]
        | None
    ) = None
    """The checksum that the sender gives, of several parts one for each; a file with another is refused."""

    @model_validator(mode="after")
    def _dialect(self) -> File:
        if self.format == "csv":
            if self.delimiter is None or self.encoding is None:
                raise Wrong("a CSV file needs its dialect", "state delimiter and encoding")
            if not _is_encoding(self.encoding):
                raise Wrong(
                    f"{shown(self.encoding)} is no encoding",
                    "write one such as utf-8, latin-1, cp1252 or utf-16",
                    at="encoding",
                )
            refuse(self._odd_signs(self.delimiter))
            if self.quote == self.delimiter:
                raise Wrong(
                    f"{shown(self.quote)} is the delimiter, too",
                    "give another character, or an empty one where no cell is quoted",
                    at="quote",
                )
        elif self.delimiter is not None or self.encoding is not None:
            raise Wrong("delimiter and encoding are for CSV files", 'remove them, or write format = "csv"')
        return self

    def _odd_signs(self, delimiter: str) -> Iterator[Wrong]:
        """Signs that stand in cells or end lines, and so neither part nor enclose cells."""
        for at, sign in (("delimiter", delimiter), ("quote", self.quote)):
            if sign and (sign.isalnum() or sign in "\r\n\0\x1a"):
                why = "stands in cells" if sign.isalnum() else "ends lines or files"
                yield Wrong(f"{shown(sign)} {why}", "give the character that parts or encloses them", at=at)
        if not self.quote.isascii():
            what = f"{shown(self.quote)} is no sign of ASCII, by which alone cells are quoted"
            yield Wrong(what, "have the file written with another quote", at="quote")
        for i, text in enumerate(self.null):
            if delimiter in text or (self.quote and self.quote in text):
                what = f"{shown(text)} holds the delimiter or the quote, which no cell does"
                yield Wrong(what, "write the cell as it is without them", at=f"null[{i}]")

    @property
    def patterns(self) -> tuple[str, ...]:
        return (self.path,) if isinstance(self.path, str) else self.path

    def parts(self) -> list[Path]:
        """The files on disk, sorted by name.

        Raises
        ------
        SourceError
            A named file is not there, or a pattern matches none.
        """
        return find_parts(self.patterns)


def _is_encoding(name: str) -> bool:
    try:
        return _ENCODINGS.fullmatch(codecs.lookup(name).name) is not None
    except (LookupError, ValueError):
        return False
