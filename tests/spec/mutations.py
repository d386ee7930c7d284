"""Every study that differs from another in one field, made from the fields of the parts, so that none is forgotten."""

from __future__ import annotations

import types
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Literal, get_args, get_origin

from riskset.spec.base import FrozenDict, Part
from riskset.spec.complaints import members
from riskset.spec.study import Study
from riskset.spec.time import Duration


def one_field_changed(part: Part) -> Iterator[tuple[str, Any]]:
    """Each field of a part and of the parts in it, with the part in which it alone has another value.

    The values are of the right type and otherwise unchecked. What tells kinds of parts apart stays: a part of another
    kind is another part.
    """
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        if name == "kind":
            continue
        yield name, part.model_copy(update={name: _another(value, field.annotation)})
        if isinstance(value, Part):
            for inner, changed in one_field_changed(value):
                yield f"{name}.{inner}", part.model_copy(update={name: changed})
        elif isinstance(value, tuple):
            for i, item in enumerate(value):
                others = one_field_changed(item) if isinstance(item, Part) else ()
                for inner, changed in others:
                    items = (*value[:i], changed, *value[i + 1 :])
                    yield f"{name}[{i}].{inner}", part.model_copy(update={name: items})
            if len(set(value)) > 1:
                yield f"{name} in another order", part.model_copy(update={name: (*value[1:], value[0])})


def _another(value: Any, annotation: Any) -> Any:
    """A value of the field's type that is not the one it has."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case Duration():
            return Duration(value.count + 1, value.unit)
        case date():
            return value + timedelta(days=1)
        case str():
            choices = [choice for m in members(annotation) if get_origin(m) is Literal for choice in get_args(m)]
            return next((choice for choice in choices if choice != value), f"{value}2")
        case dict() if get_origin(members(get_args(members(annotation)[0])[1])[0]) is tuple:
            return FrozenDict({**value, "education": ("x",)})
        case dict():
            return FrozenDict({**value, "sex": FrozenDict({"1": f"{value}"})})
        case tuple() if Ellipsis not in get_args(members(annotation)[0]):
            return (*value[:-1], _another(value[-1], Any))
        case tuple():
            return value[1:] if value else (_made(annotation),)
        case None:
            return _made(annotation)
        case Part():
            return next(changed for _, changed in one_field_changed(value))
    raise TypeError(f"no other value of {annotation} is known")


def _made(annotation: Any) -> Any:
    """Some value of a type."""
    kind = members(annotation)[0]
    if get_origin(kind) is tuple:
        return _made(get_args(kind)[0])
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if isinstance(kind, type) and issubclass(kind, Part):
        required = {n: _made(f.annotation) for n, f in kind.model_fields.items() if f.is_required()}
        return kind.model_construct(**required)
    made = {str: "x", int: 1, float: 1.5, bool: True, date: date(2001, 2, 3), Duration: Duration(1, "y")}
    return made[kind]


def all_fields(part: type[Part], before: tuple[type[Part], ...] = ()) -> set[tuple[str, str]]:
    """Every field of every part that a study may hold, by part."""
    if part in before:
        return set()
    found = {(part.__name__, name) for name in part.model_fields}
    for field in part.model_fields.values():
        for inner in _held(field.annotation):
            found |= all_fields(inner, (*before, part))
    return found


def _held(annotation: Any) -> Iterator[type[Part]]:
    for member in members(annotation):
        if isinstance(member, type) and not isinstance(member, types.GenericAlias) and issubclass(member, Part):
            yield member
        else:
            for inside in get_args(member):
                yield from _held(inside) if inside is not Ellipsis else ()


STUDY_FIELDS = all_fields(Study)
