"""The keys of ``study.toml``, for editors (JSON Schema) and for people (Markdown).

``python -m riskset.spec.json_schema docs`` writes both anew: ``docs/study.schema.json`` and the end of
``docs/study.md``.
"""

from __future__ import annotations

import json
import re
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from riskset.spec.base import Part
from riskset.spec.complaints import members
from riskset.spec.study import Study
from riskset.spec.time import Duration

HEADING = "## Every key\n"
"""What follows this line in ``docs/study.md`` is generated."""


def json_schema() -> dict[str, Any]:
    """JSON Schema of a study description, for completion and checks in an editor."""
    schema = Study.model_json_schema()
    for part in schema["$defs"].values():
        if "kind" in part.get("properties", {}):
            part["required"] = ["kind", *part.get("required", [])]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "study.toml", **_plain(schema)}


def markdown() -> str:
    """Every part of the description with its keys: type, default, meaning."""
    return HEADING + "".join(_part(kind, path) for path, kind in _parts())


def write(folder: Path) -> None:
    """Write ``study.schema.json`` and the end of ``study.md`` in the folder of the documentation."""
    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    (folder / "study.schema.json").write_text(text, encoding="utf-8")
    page = folder / "study.md"
    head, _, _ = page.read_text(encoding="utf-8").partition(HEADING)
    page.write_text(head + markdown(), encoding="utf-8")


def _plain(schema: object) -> Any:
    # Titles that only repeat the key, and docstrings broken into lines, are noise in an editor.
    if isinstance(schema, dict):
        kept = {key: _plain(value) for key, value in schema.items() if key != "title" or isinstance(value, dict)}
        if isinstance(kept.get("description"), str):
            kept["description"] = " ".join(kept["description"].split())
        return kept
    return [_plain(item) for item in schema] if isinstance(schema, list) else schema


def _parts() -> list[tuple[str, type[BaseModel]]]:
    """Each part once, with the path where it first stands, in the order of the description."""
    paths: dict[type[BaseModel], str] = {}

    def walk(kind: type[BaseModel], path: str) -> None:
        if kind in paths:
            return
        paths[kind] = path
        for name, field in kind.model_fields.items():
            listed, inner = _inner(field.annotation)
            for part in inner:
                if isinstance(part, type) and issubclass(part, Part):
                    place = f"{path}.{name}" if path else name
                    walk(part, place + ("[]" if listed else ""))

    walk(Study, "")
    return [(path, kind) for kind, path in paths.items()]


def _inner(annotation: object) -> tuple[bool, list[object]]:
    """Whether it is a list of any length, and what the annotation (or an item of the list) may be."""
    allowed = members(annotation)
    if get_origin(allowed[0]) is tuple and Ellipsis in get_args(allowed[0]):
        return True, members(get_args(allowed[0])[0])
    return False, allowed


def _part(kind: type[BaseModel], path: str) -> str:
    tag = kind.model_fields.get("kind")
    title = f"`{path}`" if path else "The study"
    if tag is not None:
        title += f' with `kind = "{get_args(tag.annotation)[0]}"`'
    rows = "".join(_row(name, field) for name, field in kind.model_fields.items() if name != "kind")
    table = f"\n| key | type | default | meaning |\n|---|---|---|---|\n{rows}" if rows else ""
    doc = re.sub(r"`+", "`", " ".join((kind.__doc__ or "").split()))
    return f"\n### {title}\n\n{doc} In Python: `{kind.__name__}`.\n{table}"


def _row(name: str, field: FieldInfo) -> str:
    default = "required" if field.is_required() else _default(field.get_default(call_default_factory=True))
    meaning = " ".join((field.description or "").split())
    return "| " + " | ".join(_cell(c) for c in (f"`{name}`", _type(field), default, meaning)) + " |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, Part):
        return "its defaults"
    if isinstance(value, dict) and not value:
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, Duration):
        return f'`"{value}"`'
    if isinstance(value, tuple):
        return f"`{json.dumps(value)}`"
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _type(field: FieldInfo) -> str:
    listed, inner = _inner(field.annotation)
    bounds = "".join(_bound(m) for m in (*field.metadata, *_metadata(field.annotation)))
    if listed:
        at_least = ", at least one" if any(isinstance(m, annotated_types.MinLen) for m in field.metadata) else ""
        return f"list of {_names(inner, plural=True)}{at_least}"
    if get_origin(inner[0]) is dict:
        return "section with keys of its own"
    if get_origin(inner[0]) is tuple:
        return f"list of {len(get_args(inner[0]))} {_names(members(get_args(inner[0])[0]), plural=True)}"
    return _names(inner, plural=False) + bounds


def _metadata(annotation: object) -> list[object]:
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        return [m for f in metadata for m in (f.metadata if isinstance(f, FieldInfo) else [f])] + _metadata(inner)
    if get_origin(annotation) in (Union, types.UnionType):
        return [m for part in get_args(annotation) for m in _metadata(part)]
    return []


def _bound(bound: object) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    for name, sign in signs.items():
        limit = getattr(bound, name, None)
        if limit is not None:
            return f" {sign} {'2⁶³' if limit == 2**63 else limit}"
    return ""


def _names(kinds: Sequence[object], *, plural: bool) -> str:
    if get_origin(kinds[0]) is Literal:
        return (", " if plural else " or ").join(f'`"{value}"`' for value in get_args(kinds[0]))
    if isinstance(kinds[0], type) and issubclass(kinds[0], Part):
        return "sections" if plural else "section"
    if len(kinds) > 1 and not any(isinstance(kind, type) and issubclass(kind, Part) for kind in kinds):
        return " or ".join(_names([kind], plural=plural) for kind in kinds)
    words: dict[object, str] = {
        bool: "yes or no",
        int: "whole number",
        float: "number",
        str: "text",
        Duration: "duration",
    }
    word = words.get(kinds[0], "date")
    return word + "s" if plural else word


if __name__ == "__main__":
    write(Path(sys.argv[1]))
