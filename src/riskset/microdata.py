"""What holds persons' values is never printed: shown, it says of each part how large it is, and not what it holds.

A notebook stores what a cell shows, a log what is printed, and neither is a place for microdata.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import wraps
from html import escape
from typing import Any

from riskset.errors import SpecError

FEWEST = 5
"""A delivered text that fewer persons have is never shown: it may be of one of them, as a name or a rare occupation. It
is the smallest count that most rules of places let be known, and holds whatever policy a release is given."""


class Microdata:
    """Base of what holds persons' values; a dataclass that has it as its base is shown by `summary`."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__repr__" not in cls.__dict__:  # in the class itself, so that ``@dataclass`` makes none of its own
            ours = (c for c in cls.__mro__[1:] if issubclass(c, Microdata) and "__repr__" in vars(c))
            cls.__repr__ = next((c.__repr__ for c in ours), summary)  # type: ignore[method-assign]
        cls.__str__ = cls.__repr__  # type: ignore[method-assign]


def as_html(lines: Iterable[str]) -> str:
    """A few lines for a notebook, the first as a heading."""
    first, *rest = [escape(line.strip()) for line in lines]
    return f"<div><strong>{first}</strong>{''.join(f'<br>{line}' for line in rest)}</div>"


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


class _Veiled(Microdata):
    """An Arrow thing of persons, which works as itself, and whatever is taken from it is veiled again.

    `to_arrow` gives the thing itself, for functions that take no other; so do the other conversions (`WAYS_OUT`), whose
    names say that values come out. Nothing else gives a value: a text of it is refused.
    """

    __slots__ = ("_held",)

    def __init__(self, held: Any) -> None:
        self._held = held

    def to_arrow(self) -> Any:
        """The thing itself, which prints its values."""
        return self._held

    def __repr__(self) -> str:
        return f"Microdata({type(self._held).__name__})"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") and name not in _PROTOCOLS:  # nothing that shows it
            raise AttributeError(name)
        member = getattr(self._held, name)
        if name in WAYS_OUT or name in _PROTOCOLS:
            return member
        if not callable(member):
            return _veiled(member, is_fact=True)
        if name in _TEXTS:
            what = f"{name}() would show the values of persons"
            raise SpecError(what, where="microdata", remedy=f"take to_arrow().{name}() where nobody else sees it")

        @wraps(member)
        def veiling(*args: Any, **kwargs: Any) -> Any:
            return _veiled(member(*map(_bare, args), **{key: _bare(value) for key, value in kwargs.items()}))

        return veiling

    def __getitem__(self, key: Any) -> Any:
        return _veiled(self._held[key])

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Any]:
        return map(_veiled, iter(self._held))

    def __eq__(self, other: object) -> bool:
        return bool(self._held == _bare(other))

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._held,)


WAYS_OUT = frozenset({"to_arrow", "to_pandas", "read_pandas", "to_pylist", "to_pydict", "to_numpy", "as_py", "tolist"})
"""Conversions by which the values come out, in the open."""

_PROTOCOLS = frozenset({"__arrow_c_stream__", "__array__"})
"""By which other libraries are given the values."""

_TEXTS = frozenset({"to_string", "format"})
"""What would give the values as a text."""


class MicrodataTable(_Veiled):
    """An Arrow table of persons: works as the table that it holds, but shown it tells its rows and columns alone.

    What is taken from it (``filter``, ``select``, ``slice``, a column) is not shown either.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"MicrodataTable({shape(self._held)})"

    def __iter__(self) -> Iterator[Any]:
        return map(_veiled, self._held.columns)


class NumberedTable(MicrodataTable):
    """A `MicrodataTable` whose ``person_id`` is the number that persons have in certain registers, which it remembers.

    Some of its rows or columns are numbered as it is; anything else made of it is a table without registers.

    Parameters
    ----------
    held : the Arrow table
    registers : the fingerprint of the registers
    """

    __slots__ = ("_registers",)

    __repr__ = MicrodataTable.__repr__

    def __init__(self, held: Any, registers: str) -> None:
        super().__init__(held)
        self._registers = registers

    @property
    def registers(self) -> str:
        """The fingerprint of the registers that its persons have their numbers of."""
        return self._registers

    def __getattr__(self, name: str) -> Any:
        method = super().__getattr__(name)
        if name not in _KEEP_NUMBERS:
            return method

        @wraps(method)
        def keeping(*args: Any, **kwargs: Any) -> NumberedTable:
            return NumberedTable(method(*args, **kwargs).to_arrow(), self._registers)

        return keeping

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._held, self._registers)


_KEEP_NUMBERS = frozenset({"filter", "slice", "take", "sort_by", "select", "drop_columns", "combine_chunks"})


class MicrodataColumn(_Veiled):
    """A column of a `MicrodataTable`: works as the Arrow array that it holds, but shown it tells its length alone."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"MicrodataColumn({len(self._held):,} of {self._held.type})"


class MicrodataValue(_Veiled):
    """A cell: ``as_py()`` gives the value, and shown it tells its type alone."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"MicrodataValue({self._held.type})"

    def __bool__(self) -> bool:
        return bool(self._held)


def _veiled(part: Any, *, is_fact: bool = False) -> Any:
    """A part as it may be shown: what is not known to hold no values is veiled, whatever it is.

    Parameters
    ----------
    is_fact : whether it is an attribute: numbers and texts are then counts and names of columns, and else may be cells
    """
    if hasattr(part, "num_rows") and hasattr(part, "column_names"):
        return MicrodataTable(part)
    if hasattr(part, "null_count") and hasattr(part, "to_pylist"):
        return MicrodataColumn(part)
    if hasattr(part, "as_py"):
        return MicrodataValue(part)
    if isinstance(part, list | tuple):
        return [_veiled(one, is_fact=is_fact) for one in part]
    if is_fact and isinstance(part, int | str):
        return part
    kinds = {kind.__name__ for kind in type(part).__mro__}
    describes = part is None or isinstance(part, bool) or kinds & {"Schema", "Field", "DataType"}
    return part if describes else _Veiled(part)


def _bare(part: Any) -> Any:
    if isinstance(part, list | tuple):
        return [_bare(one) for one in part]
    return part.to_arrow() if isinstance(part, _Veiled) else part
