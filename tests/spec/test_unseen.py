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
from riskset.spec.complaints import shown
from riskset.spec.from_toml import parse
from riskset.spec.study import Study
from riskset.unseen import EMPTY, IGNORABLE, is_unseen

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


SEEN = st.characters(categories=["L", "M", "N", "P", "S", "Zs"]).filter(
    lambda sign: sign not in EMPTY and not any(first <= ord(sign) <= last for first, last in IGNORABLE)
)


@given(st.text(SEEN, min_size=1).filter(lambda text: not text.isspace()))
def test_what_can_be_seen_is_taken(text: str) -> None:
    assert parse(Study, ALS | {"title": text, "description": f"{text}\n{text}"}).title == text


def test_joiners_are_letters_of_some_languages() -> None:
    assert not any(map(is_unseen, "\u200c\u200d"))


def test_every_sign_that_unicode_hides_is_unseen() -> None:
    """By its categories and by the property that has none: Default_Ignorable_Code_Point."""
    hidden = {chr(i) for i in range(0x110000) if unicodedata.category(chr(i)) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")}
    ignorable = {chr(code) for first, last in IGNORABLE for code in range(first, last + 1)}
    assert len(ignorable) == 4174  # as DerivedCoreProperties.txt counts them
    assert {sign for sign in hidden | ignorable if not is_unseen(sign)} == set("\u200c\u200d")
    others = set(UNSEEN) - hidden - ignorable
    assert {sign for sign in others if unicodedata.category(sign) != "Cn"} == {"\u2800"}
    assert sum(unicodedata.category(sign) == "Cn" for sign in others) == 66  # no characters


BLANK_LOOKING = (
    "\u2800\u3164\u115f\u1160\uffa0\ufe0f\ufe00\u034f\u17b4\u17b5\u180b\u180e\U000e0041\U000e0100\ue000\uffff"
)


@pytest.mark.parametrize("sign", BLANK_LOOKING)
def test_what_looks_blank_is_refused_and_written_out(sign: str) -> None:
    with pytest.raises(
        SpecError, match=rf"title: a sign that cannot be seen stands in this text \(U\+{ord(sign):04X}, "
    ):
        parse(Study, ALS | {"title": f"A{sign}study"}, where="study.toml")
    with pytest.raises(SpecError) as refused:
        parse(Study, ALS | {"number_style": f"AM{sign}A"}, where="study.toml")
    assert sign not in str(refused.value)
    assert sign.encode("unicode_escape").decode() in str(refused.value)
    assert "\\\\" not in str(refused.value)


@given(st.text(st.sampled_from(UNSEEN) | st.characters(exclude_categories=["Cs"]), max_size=20))
def test_no_message_holds_what_cannot_be_seen(text: str) -> None:
    told = str(SpecError(f"{shown(text)} is not known", where=text, remedy=text))
    assert not any(map(is_unseen, told))
    assert not any(map(is_unseen, shown(text)))
