"""No text of a description holds a sign that cannot be seen: a line end, a control, a mark of direction."""

from __future__ import annotations

import copy
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.errors import SpecError
from riskset.registers.delivered.source import Sources
from riskset.spec.base import is_unseen
from riskset.spec.from_toml import parse
from riskset.spec.study import Study

ALS = tomllib.loads(Path("examples/als/study.toml").read_text())
DELIVERY: dict[str, Any] = {
    "files": {"person": {"path": "person.csv", "format": "csv", "delimiter": ";", "encoding": "utf-8"}},
    "tables": [
        {
            "name": "person",
            "file": "person",
            "columns": {
                "person_id": "id",
                "sex": {"column": "kon", "values": {"1": "male", "2": "female"}},
                "birth_date": {"column": "fodd", "date": "%Y-%m-%d"},
                "birth_county": {"constant": "Skåne"},
                "country_of_birth": {"column": "land", "values": {"SE": "Sweden"}, "missing": ["99"]},
            },
        }
    ],
}
OF_A_FILE = ("path", "delimiter", "null", "column", "missing", "quote")
UNSEEN = [chr(i) for i in range(0x110000) if is_unseen(chr(i))]
Path_ = tuple[str | int, ...]


def texts(held: Any, path: Path_ = ()) -> Iterator[Path_]:
    if isinstance(held, str):
        yield path
    elif isinstance(held, dict | list):
        for step, inside in held.items() if isinstance(held, dict) else enumerate(held):
            yield from texts(inside, (*path, step))


def planted(data: dict[str, Any], path: Path_, sign: str) -> dict[str, Any]:
    """The description with the sign within the text at this path."""
    changed = copy.deepcopy(data)
    held: Any = changed
    for step in path[:-1]:
        held = held[step]
    text = held[path[-1]]
    held[path[-1]] = text[: len(text) // 2] + sign + text[len(text) // 2 :] + "x" * (len(text) < 2)
    return changed


IN_A_STUDY = list(texts(ALS))
IN_A_DELIVERY = [path for path in texts(DELIVERY) if not set(path) & set(OF_A_FILE) and path[-1] != "person_id"]


@pytest.mark.parametrize("key", ["title", "name"])
@pytest.mark.parametrize("blanks", [" ", "  ", "\u00a0", "\u3000"])
def test_a_text_of_blanks(key: str, blanks: str) -> None:
    with pytest.raises(SpecError, match=f"{key}: this text has nothing but blanks; write it"):
        parse(Study, ALS | {key: blanks}, where="study.toml")


@given(st.sampled_from(IN_A_STUDY), st.sampled_from(UNSEEN))
def test_every_text_of_a_study(path: Path_, sign: str) -> None:
    if path == ("description",) and sign == "\n":
        return
    with pytest.raises(SpecError) as refused:
        parse(Study, planted(ALS, path, sign), where="study.toml")
    told = str(refused.value)
    assert sign not in told.replace("\n", "") or sign == "\n"
    assert str(path[0]) in told


@pytest.mark.parametrize("path", IN_A_DELIVERY, ids=lambda path: ".".join(map(str, path)))
@pytest.mark.parametrize("sign", ["\t", "\u202e", "\x1b", "\ufeff"])
def test_every_text_of_a_delivery_that_is_ours(path: Path_, sign: str) -> None:
    with pytest.raises(SpecError):
        parse(Sources, planted(DELIVERY, path, sign))


@pytest.mark.parametrize("path", [("files", "person", "path"), ("tables", 0, "columns", "person_id")])
@pytest.mark.parametrize("sign", ["\t", "\u200b", "\u00ad"])
def test_what_stands_in_a_file_may_be_anything(path: Path_, sign: str) -> None:
    assert parse(Sources, planted(DELIVERY, path, sign))


def test_delivered_values_and_marks_may_be_anything() -> None:
    held = copy.deepcopy(DELIVERY)
    held["files"]["person"] |= {"delimiter": "\t", "null": ["", "\x1a"]}
    columns = held["tables"][0]["columns"]
    columns["country_of_birth"] |= {"values": {"S\u00adE": "Sweden"}, "missing": ["\u200b"]}
    assert parse(Sources, held)
    columns["country_of_birth"]["values"] = {"SE": "Swe\u202eden"}
    with pytest.raises(SpecError, match=r"tables\[0\]\.columns\.country_of_birth\.values: .*U\+202E"):
        parse(Sources, held)


@pytest.mark.parametrize(
    ("key", "sign", "says"),
    [
        ("title", "\t", "title: a line end or a tab stands in this text (U+0009); write it on one line, with blanks."),
        ("subtitle", "\u2028", "subtitle: a line end or a tab stands in this text (U+2028)"),
        ("name", "\u202e", "name: a sign that cannot be seen stands in this text (U+202E, right-to-left override)"),
        ("description", "\x1b", "description: a sign that cannot be seen stands in this text (U+001B, a control"),
    ],
)
def test_one_sentence_names_the_key(key: str, sign: str, says: str) -> None:
    with pytest.raises(SpecError) as refused:
        parse(Study, ALS | {key: f"A{sign}study"}, where="study.toml")
    assert str(refused.value).startswith(f"study.toml {says}")


def test_words_of_values_and_their_keys() -> None:
    for values in ({"1": "pri\u202emary"}, {"1\u200b": "primary"}):
        with pytest.raises(SpecError, match=r"values"):
            parse(Study, ALS | {"values": {"education": values}})


@given(
    st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"]), min_size=1).filter(
        lambda text: not text.isspace()
    )
)
def test_what_can_be_seen_is_taken(text: str) -> None:
    assert parse(Study, ALS | {"title": text, "description": f"{text}\n{text}"}).title == text


def test_joiners_are_letters_of_some_languages() -> None:
    assert not any(map(is_unseen, "\u200c\u200d"))
    assert {unicodedata.category(sign) for sign in UNSEEN} == {"Cc", "Cf", "Cs", "Zl", "Zp"}
