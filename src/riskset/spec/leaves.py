"""A description taken apart: each of its values with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from riskset.plain import Plain
from riskset.spec.base import Part


class Leaf(NamedTuple):
    """A value of a description that is no section.

    Attributes
    ----------
    path : its place, as ``exposures[0].codes.atc``
    value : as JSON has it; of a list of plain values the list
    is_wording : whether no number depends on it
    is_default : whether it is what it would be if it were left out
    """

    path: str
    value: Plain
    is_wording: bool
    is_default: bool


def leaves(part: Part, path: str = "") -> Iterator[Leaf]:
    """Every value of a part in the order of its keys, defaults too."""
    plain = part.model_dump(mode="json")
    for name, field in type(part).model_fields.items():
        value, place = getattr(part, name), f"{path}.{name}" if path else name
        if isinstance(value, Part):
            yield from leaves(value, place)
        elif isinstance(value, tuple) and value and isinstance(value[0], Part):
            for i, item in enumerate(value):
                yield from leaves(item, f"{place}[{i}]")
        else:
            is_wording = bool(field.exclude)
            is_default = value == field.get_default(call_default_factory=True)
            yield Leaf(place, value if is_wording else plain[name], is_wording, is_default)
