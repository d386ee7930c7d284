"""What changed between two descriptions of a study, each change with its place: typed, and without a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from riskset.spec.base import Part
from riskset.spec.study import Study


class Change(StrEnum):
    """What became of a place of a description."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REORDERED = "reordered"


@dataclass(frozen=True)
class Difference:
    """One change.

    Attributes
    ----------
    path : the place, from the outside in: ``("exposures", "anxiolytics", "at_least")``; what stands in a list is known
        by its name, and by its number from 1 where it has none
    change : what became of it
    before, after : the value or the part; None where there was none, or is none. Of a list in another order the names
    is_wording : whether it is of words alone, on which no number depends
    """

    path: tuple[str, ...]
    change: Change
    before: Any = None
    after: Any = None
    is_wording: bool = False


def differences(before: Study, after: Study) -> tuple[Difference, ...]:
    """Every change from one study to another, in the order of the description; none if and only if they are equal."""
    return tuple(_of_parts(before, after, ()))


def _of_parts(before: Part, after: Part, path: tuple[str, ...]) -> Iterator[Difference]:
    for name, field in type(before).model_fields.items():
        old, new, place = getattr(before, name), getattr(after, name), (*path, name)
        if old == new:
            continue
        if isinstance(old, Part) and type(old) is type(new):
            yield from _of_parts(old, new, place)
        elif _holds_parts(old) or _holds_parts(new):
            yield from _of_lists(old, new, place)
        elif isinstance(old, Mapping):
            yield from _of_mappings(old, new, place, bool(field.exclude))
        else:
            yield Difference(place, Change.CHANGED, old, new, bool(field.exclude))


def _of_lists(before: Sequence[Part], after: Sequence[Part], path: tuple[str, ...]) -> Iterator[Difference]:
    old, new = dict(_named(before)), dict(_named(after))
    for name, part in old.items():
        other, place = new.get(name), (*path, name)
        if other is None:
            yield Difference(place, Change.REMOVED, before=part)
        elif type(part) is type(other):
            yield from _of_parts(part, other, place)
        else:
            yield Difference(place, Change.CHANGED, part, other)
    yield from (Difference((*path, name), Change.ADDED, after=new[name]) for name in new if name not in old)
    kept, kept_now = [name for name in old if name in new], [name for name in new if name in old]
    if kept != kept_now:
        yield Difference(path, Change.REORDERED, tuple(kept), tuple(kept_now))


def _of_mappings(
    before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[str, ...], is_wording: bool
) -> Iterator[Difference]:
    for key in dict.fromkeys([*before, *after]):
        old, new, place = before.get(key), after.get(key), (*path, key)
        if old == new:
            continue
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _of_mappings(old, new, place, is_wording)
        else:
            change = Change.ADDED if old is None else Change.REMOVED if new is None else Change.CHANGED
            yield Difference(place, change, old, new, is_wording)


def _holds_parts(value: object) -> bool:
    return isinstance(value, tuple) and any(isinstance(item, Part) for item in value)


def _named(parts: Sequence[Part]) -> Iterator[tuple[str, Part]]:
    """Each part of a list by its name; of several of one name the second has its number, and so on."""
    counted: Counter[str] = Counter()
    for i, part in enumerate(parts, start=1):
        name = name_of(part) or str(i)
        counted[name] += 1
        yield f"{name} ({counted[name]})" if counted[name] > 1 else name, part


def name_of(part: Part) -> str:
    """What tells a part from others of its list; nothing where it has no name."""
    fields = type(part).model_fields
    if {"exposure", "measure", "level"} <= set(fields):  # a published figure
        return ", ".join(getattr(part, key) for key in ("analysis", "exposure", "measure", "level"))
    for key in ("comparison", "key", "name", "by"):
        if isinstance(name := getattr(part, key, None), str):
            return name
    return ""
