"""What pydantic has against a description, in our words: the exact path, one clear clause, what would be right."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from riskset.errors import SpecError, several, there_are
from riskset.spec.spelling import near
from riskset.spec.tidying import foreign
from riskset.unseen import escaped

FEW = 1000
"""Of more complaints than these the further ones are put in words only where they are of another kind."""

_LONGEST = 60
"""Characters of a value or a key that a message shows."""


class Wrong(ValueError):
    """Raised by a check inside the description.

    Parameters
    ----------
    what : what is wrong, one clause
    remedy : what would be right
    at : the path below the part that was checked (``models[0].measure``)
    """

    def __init__(self, what: str, remedy: str = "", *, at: str = "") -> None:
        super().__init__(what)
        self.what, self.remedy, self.at = what, remedy, at
        self.each: tuple[Wrong, ...] = (self,)


def refuse(problems: Iterable[Wrong]) -> None:
    """Raise what a check has found, all of it; nothing where it has found nothing."""
    each = tuple(problems)
    if each:
        each[0].each = each
        raise each[0]


def as_spec_error(error: ValidationError, kind: type[BaseModel], where: str = "") -> SpecError:
    """All complaints as one SpecError; a key that is not known comes before one that is missing.

    Parameters
    ----------
    error : what pydantic raised on building ``kind``
    kind : the part of a description that was to be built
    where : the file, or the name of the part in a program
    """
    chosen, untold = of_each_kind(error.errors(include_url=False))
    return several(complaints(chosen, kind, where), untold=untold)


def of_each_kind(problems: Sequence[Any]) -> tuple[list[Any], int]:
    """Problems as pydantic lists them, of many the first and those of other kinds, and how many are left out."""
    chosen, seen = list(problems[:FEW]), set(map(_kind, problems[:FEW]))
    for problem in problems[FEW:]:
        if (kind := _kind(problem)) not in seen:
            seen.add(kind)
            chosen.append(problem)
    return chosen, len(problems) - len(chosen)


def _kind(problem: Any) -> tuple[str, ...]:
    return (problem["type"], *(step for step in problem["loc"][:-1] if isinstance(step, str)))


def complaints(problems: Sequence[Any], kind: type[BaseModel], where: str) -> list[SpecError]:
    """Problems as pydantic lists them, in our words."""
    kept = _told_once(problems, kind)
    kept.sort(key=lambda problem: problem["type"] != "extra_forbidden")
    return [one for problem in kept for one in _as_errors(problem, kind, where)]


def _as_errors(problem: Any, kind: type[BaseModel], where: str) -> list[SpecError]:
    path, _, annotation = follow(kind, problem["loc"])
    cause = problem.get("ctx", {}).get("error")
    if isinstance(cause, Wrong):
        described = [(".".join(p for p in (path, wrong.at) if p), wrong.what, wrong.remedy) for wrong in cause.each]
    else:
        if problem["type"].startswith("union_tag"):
            path = f"{path}.kind" if path else "kind"
        described = [(path, *_in_words(problem, annotation))]
    return [
        SpecError(what, where=" ".join(p for p in (where, at) if p), remedy=remedy) for at, what, remedy in described
    ]


def _told_once(problems: Sequence[Any], kind: type[BaseModel]) -> list[Any]:
    problems = _of_one_member(problems, kind)
    # A list whose only item is wrong is also called too short, and a key that is misspelt also missing.
    above = {p["loc"][:n] for p in problems for n in range(len(p["loc"]))}
    misspelt = {
        (*p["loc"][:-1], near(str(p["loc"][-1]), list(part.model_fields)))
        for p in problems
        if p["type"] == "extra_forbidden" and (part := part_of(follow(kind, p["loc"])[2][-2])) is not None
    }
    return [
        p
        for p in problems
        if not (p["type"] == "too_short" and p["loc"] in above)
        and not (p["type"] == "missing" and p["loc"] in misspelt)
    ]


def _of_one_member(problems: Sequence[Any], kind: type[BaseModel]) -> list[Any]:
    """Of a value that may be of several types, what is wrong as the one that it is; as none, the first is told."""
    kept: list[Any] = []
    for problem in problems:
        above, type_only = problem["loc"][:-1], problem["type"].endswith("_type")
        if type_only and len(problem["loc"]) > 1 and follow(kind, problem["loc"])[1][-1] is None:
            others = [p for p in problems if p is not problem and p["loc"][: len(above)] == above]
            if any(p in kept or not _is_type_alone(p, above) for p in others):
                continue
        kept.append(problem)
    return kept


def _is_type_alone(problem: Any, above: Sequence[int | str]) -> bool:
    return problem["type"].endswith("_type") and len(problem["loc"]) == len(above) + 1


def closest(word: object, known: Sequence[str]) -> str:
    """``did you mean 'ratio'?``, or every known word where none is a spelling of this one."""
    meant = near(str(word)[: 2 * _LONGEST], known)
    return f"did you mean {shown(meant)}?" if meant else there_are(known)


def among(word: str, known: Sequence[str]) -> str:
    """``did you mean 'mnd'? There are mnd, ms``: what a name was meant for, and all that there are."""
    meant, there = near(word[: 2 * _LONGEST], known), there_are(known)
    return f"did you mean {shown(meant)}? {there[:1].upper()}{there[1:]}" if meant else there


def shown(value: object) -> str:
    """A value of a description as a message shows it: in quotes, cut where it is long, and what cannot be seen escaped.

    Of a text that looks as if all its signs were ASCII, and has others, the first of them is named.
    """
    if isinstance(value, str):
        text = repr(value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…")
        other = foreign(value[:_LONGEST])
        return escaped(text) + (f" ({other})" if other else "")
    if isinstance(value, bool | float) or (isinstance(value, int) and value.bit_length() < 200):
        return repr(value)
    return "this value"


def listed(names: Sequence[str]) -> str:
    """Names in a row, for a message."""
    return ", ".join(names) or "none"


def members(annotation: object) -> list[Any]:
    """What an annotation allows, None and Annotated taken off: one entry, or several for a union."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        return [m for part in get_args(annotation) for m in members(part) if m is not types.NoneType]
    return [annotation]


def part_of(annotation: object) -> type[BaseModel] | None:
    """The model that an annotation names, if it names just one."""
    allowed = members(annotation)
    if len(allowed) == 1 and isinstance(allowed[0], type) and issubclass(allowed[0], BaseModel):
        return allowed[0]
    return None


def follow(kind: object, steps: Sequence[int | str]) -> tuple[str, list[int | str | None], list[Any]]:
    """Walk a location of pydantic's through the types: its path in the file, a key for each step, each type passed.

    Where a type is a union, pydantic puts the label of the member into the location (the `kind`, or a type's name);
    that label is no key of the file, and has None instead.
    """
    path, annotation, passed = "", kind, [kind]
    keys: list[int | str | None] = [None] * len(steps)
    for n, step in enumerate(steps):
        allowed = members(annotation)
        if isinstance(step, int):
            path += f"[{step}]"
            keys[n] = step
            annotation = _item(allowed[0], step)
        elif len(allowed) > 1:
            annotation = next((m for m in allowed if step in _labels(m)), Any)
        elif not step.startswith("["):
            plain = re.fullmatch(rf"[\w-]{{1,{_LONGEST}}}", step) and not foreign(step)
            key = step if plain else shown(step)
            path += f".{key}" if path else key
            keys[n] = step
            annotation = _field(allowed[0], step)
        passed.append(annotation)
    return path, keys, passed


def _labels(member: object) -> tuple[str, ...]:
    name = str(getattr(member, "__name__", member))
    if isinstance(member, type) and issubclass(member, BaseModel) and "kind" in member.model_fields:
        return (name, *get_args(member.model_fields["kind"].annotation))
    return (name,)


def _item(annotation: object, position: int) -> Any:
    inner = get_args(annotation)
    if get_origin(annotation) is tuple and len(inner) > position and Ellipsis not in inner:
        return inner[position]
    return inner[0] if inner else Any


def _field(annotation: object, name: str) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(name)
        return Any if field is None else field.annotation
    if get_origin(annotation) in (dict, Mapping):
        return get_args(annotation)[1]
    return Any


_WANTED = {
    "string_type": ("this must be text", "write it in quotes"),
    "int_type": ("this must be a whole number", "write it without quotes and point, as 5"),
    "float_type": ("this must be a number", "write it without quotes, as 0.5"),
    "bool_type": ("this must be yes or no", "write true or false, without quotes"),
    "tuple_type": ("this must be a list", "write it in square brackets, as [1, 2]"),
    "dict_type": ("this must be a section with keys of its own", "write { name = { … } }"),
    "finite_number": ("this must be a finite number", ""),
}


def _in_words(problem: Any, passed: list[Any]) -> tuple[str, str]:
    kind, context, value = problem["type"], problem.get("ctx", {}), problem["input"]
    if kind == "value_error":
        what, _, remedy = str(context["error"]).partition("; ")
        return what, remedy
    if kind == "extra_forbidden":
        return "unknown key", _known_keys(str(problem["loc"][-1]), passed)
    if kind == "missing":
        return _missing(problem["loc"][-1], passed)
    if kind == "literal_error":
        return f"{shown(value)} is not known", closest(value, [str(v) for v in _literals(passed[-1])])
    if kind == "union_tag_invalid":
        tags = [tag.strip(" '") for tag in context["expected_tags"].split(",")]
        return f"{shown(context['tag'])} is no kind", closest(context["tag"], tags)
    if kind == "union_tag_not_found":
        tags = [label for member in members(passed[-1]) for label in _labels(member)[1:]]
        return "the kind is missing", f"add kind = one of {listed(tags)}"
    if kind in ("model_type", "model_attributes_type"):
        part = part_of(passed[-1])
        keys = [name for name, field in part.model_fields.items() if field.is_required()] if part else []
        return _WANTED["dict_type"][0], f"write {{ {(keys or ['key'])[0]} = … }}"
    if kind == "tuple_type" and isinstance(value, dict) and _is_of_parts(passed[-1]):
        return "there may be several of this section", f"write [[{problem['loc'][-1]}]], in double brackets"
    if kind == "tuple_type" and isinstance(value, str | dict) and value:
        value = value if isinstance(value, str) else str(next(iter(value)))
        example = value if len(value) <= _LONGEST and value.isprintable() else "…"
        return "this must be a list", f'write it in square brackets, as ["{example}"]'
    return _WANTED.get(kind) or _limits(kind, context) or (_lower(str(problem["msg"])), "")


def _is_of_parts(annotation: Any) -> bool:
    """Whether a list has sections of its own, rather than words or numbers."""
    entries = [entry for listed in members(annotation) for entry in get_args(listed)]
    return any(isinstance(one, type) and issubclass(one, BaseModel) for entry in entries for one in members(entry))


def _known_keys(name: str, passed: list[Any]) -> str:
    """What a key was meant for: another spelling, another place of the description, or one of those that are here."""
    part = part_of(passed[-2])
    if part is None:
        return "remove it"
    known = list(part.model_fields)
    places = _places(passed[0]).get(name, [])
    if places and not near(name, known):
        return f"{name} is a key of {listed(places)}"
    return closest(name, known)


@cache
def _places(kind: object) -> dict[str, list[str]]:
    """The keys of a description with the sections that have them: ``exposures.measures``; not those at its top."""
    by_key: dict[str, list[str]] = {}
    _add_places(kind, "", by_key)
    return by_key


def _add_places(kind: object, path: str, by_key: dict[str, list[str]]) -> None:
    for member in members(kind):
        inside = get_args(member)
        if get_origin(member) is tuple and inside:
            _add_places(inside[0], path, by_key)
        elif get_origin(member) in (dict, Mapping):
            _add_places(inside[1], path, by_key)
        elif isinstance(member, type) and issubclass(member, BaseModel):
            for key, field in member.model_fields.items():
                places = by_key.setdefault(key, [])
                if path and path not in places:
                    places.append(path)
                _add_places(field.annotation, f"{path}.{key}" if path else key, by_key)


def _missing(name: int | str, passed: list[Any]) -> tuple[str, str]:
    if isinstance(name, int):
        return "the list is too short", f"write {len(get_args(members(passed[-2])[0]))} values"
    wanted = members(passed[-1])[0]
    inside = members(_item(wanted, 0)) if get_origin(wanted) is tuple else [wanted]
    if all(isinstance(m, type) and issubclass(m, BaseModel) for m in inside):
        return "this section is missing", f"add {f'[{name}]' if inside == [wanted] else f'[[{name}]]'}"
    return "a required key is missing", "add it"


def _literals(annotation: object) -> tuple[Any, ...]:
    return next((get_args(m) for m in members(annotation) if get_origin(m) is Literal), ())


def _limits(kind: str, context: Mapping[str, Any]) -> tuple[str, str] | None:
    if kind == "string_too_short":
        return "this must not be empty", ""
    if kind == "string_too_long":
        most = context["max_length"]
        return "the text is too long", "write one character" if most == 1 else f"write at most {most} characters"
    if kind == "too_short":
        return "the list is too short", f"write at least {context['min_length']}"
    if kind == "too_long":
        return "the list is too long", f"write at most {context['max_length']} values"
    bounds = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    for bound, word in bounds.items():
        if bound in context:
            return "the number is out of range", f"it must be {word} {context[bound]:g}"
    return None


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
