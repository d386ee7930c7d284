"""What every part of the description shares: it is frozen, and it refuses names and types it does not know."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, TypeVar, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, ValidationError

from riskset.spec.complaints import Wrong, as_spec_error, shown

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
    """A part of a study description."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _name(text: str) -> str:
    if not re.fullmatch(_NAME, text):
        raise Wrong(
            f"{shown(text)} cannot be a name",
            "a letter comes first, then at most 39 letters, digits and _, as co_medication2",
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


WordsOfValues = Annotated[dict[str, str], AfterValidator(FrozenDict)]
"""Value as delivered → the words that a report shows for it."""
