"""What a name was meant for: another spelling of it, never another word."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from riskset.registers.delivered.source import Sources
from riskset.registers.schema import TABLES
from riskset.spec import Study
from riskset.spec.base import Part
from riskset.spec.complaints import members
from riskset.spec.covariates import BUILT_IN_COVARIATES, PROGNOSIS_COVARIATES
from riskset.spec.spelling import WORDS, _edits, _words, near


def parts(kind: Any) -> set[type[Part]]:
    """Every part that a description may hold."""
    found: set[type[Part]] = set()
    for member in members(kind):
        if isinstance(member, type) and issubclass(member, Part):
            found.add(member)
            for field in member.model_fields.values():
                found |= parts(field.annotation)
        else:
            for inside in get_args(member):
                found |= parts(inside) if inside is not Ellipsis else set()
    return found


KEYS = {key for kind in (Study, Sources) for part in parts(kind) for key in part.model_fields}
COLUMNS = {column.name for table in TABLES.values() for column in table.columns}
NAMES = sorted(KEYS | COLUMNS | set(TABLES) | set(BUILT_IN_COVARIATES) | set(PROGNOSIS_COVARIATES))


def test_every_word_of_a_name_of_ours_is_a_word() -> None:
    assert sorted({word for name in NAMES for word in _words(name)} - WORDS) == []


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("county_of_birth", ["country_of_birth", "county"], None),
        ("country_of_birth", ["county_of_birth"], None),
        ("county_of_birth", ["country_of_birth", "birth_county"], "birth_county"),
        ("country", ["county"], None),
        ("outcome", ["income"], None),
        ("mother_id", ["father_id", "other_id"], None),
        ("snri", ["ssri"], None),
        ("height", ["weight"], None),
        ("start", ["stop", "starts"], "starts"),
        ("birthyear", ["birth_year"], "birth_year"),
        ("Ratio", ["ratio"], "ratio"),
        ("ratoi", ["ratio"], "ratio"),
        ("xposures", ["exposures"], "exposures"),
        ("nmae", ["name"], "name"),
        ("", ["name"], None),
        ("-", ["name"], None),
    ],
)
def test_spellings(name: str, known: list[str], meant: str | None) -> None:
    assert near(name, known) == meant


@given(st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_no_name_of_ours_is_taken_for_another(one: str, other: str) -> None:
    assume(set(_words(one)) - {"of"} != set(_words(other)) - {"of"} and "".join(_words(one)) != "".join(_words(other)))
    assert near(one, [other]) is None


@given(st.sampled_from([name for name in NAMES if len(name) > 5]), st.data())
def test_one_letter_amiss_is_seen_unless_it_makes_another_word(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(name) - 1))
    letter = data.draw(st.sampled_from("qxz"))
    slip = data.draw(st.sampled_from([name[:at] + letter + name[at:], name[:at] + letter + name[at + 1 :]]))
    assume(not set(_words(slip)) <= WORDS)
    assert near(slip, [name]) == name


@given(st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_edits_are_a_distance(one: str, other: str) -> None:
    assert _edits(one, other) == _edits(other, one)
    assert (_edits(one, other) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= _edits(one, other) <= max(len(one), len(other))
