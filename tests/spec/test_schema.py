"""What editors and readers are told about the keys is what the program accepts."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel

from riskset.spec import Study
from riskset.spec.base import Part
from riskset.spec.complaints import members
from riskset.spec.from_toml import parse_toml
from riskset.spec.json_schema import HEADING, json_schema, markdown, write
from tests.spec.studies import STUDY

ROOT = Path(__file__).parents[2]


def as_json(toml: str) -> Any:
    return json.loads(json.dumps(tomllib.loads(toml), default=str))


def test_the_stored_schema_is_the_present_one() -> None:
    stored = json.loads((ROOT / "docs" / "study.schema.json").read_text(encoding="utf-8"))
    assert stored == json_schema(), "run python -m riskset.spec.json_schema docs"


def test_the_page_has_every_key_as_it_is_now() -> None:
    page = (ROOT / "docs" / "study.md").read_text(encoding="utf-8")
    assert page.endswith(markdown()), "run python -m riskset.spec.json_schema docs"


def test_writing_changes_only_what_is_generated(tmp_path: Path) -> None:
    (tmp_path / "study.md").write_text(f"By hand.\n\n{HEADING}old\n", encoding="utf-8")
    write(tmp_path)
    assert (tmp_path / "study.md").read_text(encoding="utf-8") == "By hand.\n\n" + markdown()
    assert json.loads((tmp_path / "study.schema.json").read_text(encoding="utf-8")) == json_schema()


@pytest.mark.parametrize("toml", [STUDY, (ROOT / "examples/als/study.toml").read_text(encoding="utf-8")])
def test_a_study_meets_the_schema(toml: str) -> None:
    jsonschema.validate(as_json(toml), json_schema())
    jsonschema.validate(as_json(parse_toml(Study, toml).to_toml()), json_schema())


@pytest.mark.parametrize(
    ("instead_of", "written"),
    [
        ("ratio = 5", "ratoi = 5"),
        ("ratio = 5", "ratio = 0"),
        ('kind = "population"', 'kind = "neighbours"'),
        ('kind = "ever"', "lag_only = 'level'"),
        ('cuts = ["1y", "5y"]', 'cuts = ["1 year"]'),
        ('name = "psychiatric"', 'name = "psychiatric history"'),
        ("stop = 2020-01-01", ""),
    ],
)
def test_an_editor_marks_what_would_be_refused(instead_of: str, written: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(as_json(STUDY.replace(instead_of, written, 1)), json_schema())


def test_every_key_says_what_it_means() -> None:
    silent = []

    def walk(kind: type[BaseModel]) -> None:
        for name, field in kind.model_fields.items():
            if name != "kind" and not field.description:
                silent.append(f"{kind.__name__}.{name}")
            for inner in members(field.annotation):
                for part in members(inner.__args__[0]) if getattr(inner, "__args__", None) else [inner]:
                    if isinstance(part, type) and issubclass(part, Part):
                        walk(part)

    walk(Study)
    assert silent == []


def test_the_toml_of_the_page_is_a_study() -> None:
    page = (ROOT / "docs" / "study.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)
    assert blocks
    for block in blocks:
        assert parse_toml(Study, block).models
