"""What holds persons' values is never printed: shown, it says of each part how large it is, and not what it holds.

A notebook stores what a cell shows, a log what is printed, and neither is a place for microdata.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import fields, is_dataclass
from typing import Any


class Microdata:
    """Base of what holds persons' values; a dataclass that has it as its base is shown by `summary`."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__repr__" not in cls.__dict__:  # in the class itself, so that ``@dataclass`` makes none of its own
            cls.__repr__ = summary  # type: ignore[method-assign]
        cls.__str__ = cls.__repr__  # type: ignore[method-assign]


def summary(holder: Any) -> str:
    """The name of a thing that holds microdata, and the shapes of its parts."""
    parts = {f.name: getattr(holder, f.name) for f in fields(holder)} if is_dataclass(holder) else {}
    return f"{type(holder).__name__}({', '.join(f'{name}: {shape(part)}' for name, part in parts.items())})"


def shape(part: Any) -> str:
    """``24 rows of person_id, date``, ``array (24, 3)``, ``3 entries``; of anything else its type."""
    if isinstance(part, Microdata):
        return str(part)
    if hasattr(part, "num_rows"):
        return f"{part.num_rows:,} rows of {', '.join(map(str, part.column_names))}"
    if hasattr(part, "shape") and hasattr(part, "dtype"):
        return f"array {part.shape}"
    if hasattr(part, "columns") and hasattr(part, "schema"):
        return f"table of {', '.join(map(str, part.columns))}"
    if isinstance(part, Collection) and not isinstance(part, str | bytes):
        return f"{len(part):,} entr{'y' if len(part) == 1 else 'ies'}"
    return "none" if part is None else type(part).__name__


class MicrodataTable(Microdata):
    """An Arrow table of persons: works as the table that it holds, but shown it tells its rows and columns alone.

    `to_arrow` gives the table itself, for functions that take no other.
    """

    __slots__ = ("_table",)

    def __init__(self, table: Any) -> None:
        self._table = table

    def __repr__(self) -> str:
        return f"MicrodataTable({shape(self._table)})"

    def to_arrow(self) -> Any:
        """The table itself, which prints its rows."""
        return self._table

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") and name != "__arrow_c_stream__":  # nothing that shows it, such as _repr_html_
            raise AttributeError(name)
        return getattr(self._table, name)

    def __getitem__(self, key: Any) -> Any:
        return self._table[key]

    def __len__(self) -> int:
        return len(self._table)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._table.columns)

    def __eq__(self, other: object) -> bool:
        return bool(self._table == (other.to_arrow() if isinstance(other, MicrodataTable) else other))

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return MicrodataTable, (self._table,)
