"""What every part of the description shares: it is frozen, and it refuses names and types it does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NoReturn, TypeVar, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    model_validator,
)

from riskset.spec.complaints import Wrong, as_spec_error, refuse, shown
from riskset.spec.tidying import tidy
from riskset.unseen import is_unseen, named

if TYPE_CHECKING:  # pydantic does not export its metaclass
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)


K = TypeVar("K")
V = TypeVar("V")


class _InOurWords(ModelMetaclass):
    """Building a part in a program fails with the same SpecError as reading it from TOML."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().__call__(*args, **kwargs)
        except ValidationError as error:
            raise as_spec_error(error, cast(type[BaseModel], cls), cls.__name__) from None


class Part(BaseModel, metaclass=_InOurWords):
    """A part of a study description. None of its texts holds a sign that cannot be seen."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    on_several_lines: ClassVar[frozenset[str]] = frozenset()
    """Fields whose text may have several lines."""
    as_delivered: ClassVar[frozenset[str]] = frozenset()
    """Fields that say what stands in a delivered file, which may be anything; of a mapping, its keys do."""

    @model_validator(mode="after")
    def _can_be_seen(self) -> Part:
        refuse(wrong for name in type(self).model_fields for wrong in self._unseen(name))
        return self

    def _unseen(self, name: str) -> Iterator[Wrong]:
        for at, text, delivered in _texts(getattr(self, name), name):
            unseen = next(filter(is_unseen, text), None)
            if name in self.on_several_lines:
                unseen = next(filter(is_unseen, text.replace("\n", " ")), None)
            if unseen is not None and not (delivered and name in self.as_delivered):
                yield _unseen_sign(unseen, at)
            elif text.isspace() and not (delivered and name in self.as_delivered):
                yield Wrong("this text has nothing but blanks", "write it, or leave it out", at=at)


def _texts(value: object, at: str) -> Iterator[tuple[str, str, bool]]:
    """Each text of a field with its path, and whether it would be one of a delivered file."""
    if isinstance(value, str):
        yield at, value, True
    elif isinstance(value, tuple):
        for i, one in enumerate(value):
            yield from _texts(one, f"{at}[{i}]")
    elif isinstance(value, Mapping):
        for key, held in value.items():
            yield at, str(key), True
            yield from ((where, text, False) for where, text, _ in _texts(held, at))


def _unseen_sign(sign: str, at: str) -> Wrong:
    if sign in _LINE_ENDS:
        what = f"a line end or a tab stands in this text (U+{ord(sign):04X})"
        return Wrong(what, "write it on one line, with blanks", at=at)
    return Wrong(f"a sign that cannot be seen stands in this text ({named(sign)})", "remove it", at=at)


_LINE_ENDS = "\t\n\x0b\x0c\r\x85\u2028\u2029"


def _name(text: str) -> str:
    if not re.fullmatch(_NAME, text):
        first = "a letter from a to z" if not text.isascii() else "a letter"
        raise Wrong(
            f"{shown(text)} cannot be a name",
            f"{first} comes first, then at most 39 letters, digits and _, as co_medication2",
        )
    return text


def as_day(value: object) -> date:
    """A calendar day of a date, or a text such as 2015-01-31; `Wrong` for others, timestamps among them."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise Wrong(f"{shown(value)} is no date", _A_DATE) from None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise Wrong("this must be a date", _A_DATE)
    return value


_A_DATE = "write year-month-day, as 2015-01-31"
_NAME = r"[A-Za-z][A-Za-z0-9_]{0,39}"

Name = Annotated[str, AfterValidator(_name), Field(json_schema_extra={"pattern": f"^{_NAME}$"})]
"""What models and tables call something."""
Day = Annotated[date, BeforeValidator(as_day)]
"""A calendar day; in TOML without quotes."""
Whole = Annotated[int, Strict()]
"""A whole number, no text and no fraction."""
Real = Annotated[float, Strict(), Field(allow_inf_nan=False)]
"""A finite number."""
YesNo = Annotated[bool, Strict()]
"""True or false, no text and no number."""
Wording = Annotated[str, Field(exclude=True)]
"""Words for the reader of a report. No number depends on them, so they are in no dump of a part: neither in the
fingerprint of a study nor in the key of a stage."""

NumberStyle = Literal["AMA", "SI"]
"""How a report sets numbers: as American medical journals (95% CI, June 30, 2023; a, b, and c), or with a space before
the sign (95 % CI, 30 June 2023; a, b and c)."""


class FrozenDict(dict[K, V]):
    """A dictionary that stays as it was made, so that a part that holds it is frozen, too, and has a hash."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[FrozenDict[K, V]], tuple[dict[K, V]]]:
        return FrozenDict, (dict(self),)

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("this dictionary is frozen")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse


def _as_stored(text: str) -> str:
    """A text as delivered ones are stored, so that it is found however it is spelled; with a sign unseen, as it is."""
    return text if any(map(is_unseen, text)) else tidy(text)


AsStored = Annotated[str, AfterValidator(_as_stored)]
"""A text that is looked for among delivered ones: a register's name, a diagnosis, a level."""


def _once_each(words: object) -> object:
    """Words of values of which no two are read alike: one would have overwritten the other."""
    if isinstance(words, dict):
        read: dict[str, object] = {}
        for value, worded in words.items():
            if isinstance(value, str) and read.setdefault(_as_stored(value), worded) != worded:
                raise Wrong(
                    f"{shown(value)} is there in two spellings that are read alike, with two meanings",
                    "leave one of them out",
                )
    return words


WordsOfValues = Annotated[dict[AsStored, str], BeforeValidator(_once_each), AfterValidator(FrozenDict)]
"""Value as delivered → the words that a report shows for it."""
