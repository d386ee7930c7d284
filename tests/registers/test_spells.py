"""Spells held against a plain loop: one of each start, and then whoever overlaps none that stays."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.registers.checks.spells import overlaps_kept
from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from tests.examples import examples
from tests.registers.delivery import arrow, broken, people, rows
from tests.shown import Evidence, shows

ENGINE = Engine(threads=1)
FIRST = date(2000, 1, 1)
FIRST_DAY = np.datetime64(FIRST, "D")
TWICE, OVERLAPS = "person_id and start delivered before", "overlaps an earlier spell"
IN_CONFLICT = "county in conflict"


def checked(**tables: pa.Table) -> Registers:
    return Registers.from_tables(people(**tables), tolerance=1.0, engine=ENGINE, remarks=False)


@pytest.mark.parametrize(("counties", "stays"), [(["01", "01"], "01"), (["03", "01"], None), ([None, "01"], "01")])
def test_of_a_spell_delivered_twice_exactly_one_stays(counties: list[str | None], stays: str | None) -> None:
    n = 3000  # so many that rows which tie do not stay in the order of the delivery
    ids = [f"p{i}" for i in range(n)]
    spells = pa.table(
        {
            "person_id": ids * 2,
            "start": pa.array([FIRST] * (2 * n), pa.date32()),
            "stop": pa.array([date(2001, 1, 1)] * (2 * n), pa.date32()),
            "county": pa.array([county for county in counties for _ in ids], pa.string()),
        }
    )
    shuffled = spells.take(np.random.default_rng(1).permutation(2 * n))
    born = pa.array([date(1950, 1, 1)] * n, pa.date32())
    person = pa.table({"person_id": ids, "sex": ["male"] * n, "birth_date": born})
    registers = Registers.from_tables({"person": person, "residence": shuffled}, tolerance=1.0, engine=ENGINE)
    assert broken(registers, "residence") == {TWICE: n} | ({} if stays else {IN_CONFLICT: n})
    assert rows(registers, "residence", "county") == [stays] * n


def test_of_a_couple_delivered_twice_exactly_one_stays() -> None:
    spell = {"start": ["2000-01-01"] * 3, "stop": ["2001-01-01"] * 3, "kind": ["married", "cohabiting", "married"]}
    registers = checked(couple=arrow(person_id=["a"] * 3, partner_id=["b"] * 3, **spell))
    assert broken(registers, "couple") == {TWICE: 2, "kind in conflict": 1}
    assert rows(registers, "couple", "partner_id", "kind") == [(2, None)]


@shows("QualityRule=two partners from one day", by=Evidence.OUTSIDE)
def test_of_two_partners_from_one_day_none_is_known_to_be_the_one() -> None:
    spell = {"start": ["2000-01-01"] * 3 + ["2005-01-01"], "stop": ["2001-01-01"] * 3 + [None], "kind": ["married"] * 4}
    registers = checked(couple=arrow(person_id=["a"] * 4, partner_id=["c", "b", "b", "c"], **spell))
    assert broken(registers, "couple") == {"two partners from one day": 3}
    assert rows(registers, "couple", "start") == [date(2005, 1, 1)]


def test_a_spell_that_is_set_aside_hides_no_later_one() -> None:
    start, stop = ["2000-01-01", "2001-01-01", "2015-01-01"], ["2010-01-01", "2020-01-01", "2030-01-01"]
    registers = checked(residence=arrow(person_id=["a"] * 3, start=start, stop=stop))
    assert broken(registers, "residence") == {OVERLAPS: 1}
    assert rows(registers, "residence", "start") == [FIRST, date(2015, 1, 1)]


SPELLS = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 40), st.integers(-1, 12), st.sampled_from([None, "01", "03"])),
    max_size=60,
)


def greedy(spells: list[tuple[str, int, int, str | None]]) -> tuple[list[Any], dict[str, int]]:
    """What stays, and how many spells break which rule, one spell after another."""
    kept: list[tuple[str, int, int, str | None]] = []
    starts = set()
    reach: dict[str, int] = {}
    counts = {"stop not after start": 0, TWICE: 0, OVERLAPS: 0, IN_CONFLICT: 0}
    for who, start, days, _ in sorted(spells, key=lambda s: (s[0], s[1], -s[2])):
        if days <= 0:
            counts["stop not after start"] += 1
        elif (who, start) in starts:
            counts[TWICE] += 1
        else:
            starts.add((who, start))
            if start < reach.get(who, start):
                counts[OVERLAPS] += 1
            else:
                reach[who] = start + days
                counties = {c for *spell, c in spells if spell == [who, start, days] and c}
                counts[IN_CONFLICT] += len(counties) > 1
                kept.append((who, start, days, counties.pop() if len(counties) == 1 else None))
    return kept, {rule: n for rule, n in counts.items() if n}


@settings(max_examples=examples(12), deadline=None)
@given(SPELLS)
def test_what_stays_is_what_a_plain_loop_keeps(spells: list[tuple[str, int, int, str | None]]) -> None:
    days = [(FIRST + timedelta(start), FIRST + timedelta(start + length)) for _, start, length, _ in spells]
    table = pa.table(
        {
            "person_id": pa.array([who for who, *_ in spells], pa.string()),
            "start": pa.array([start for start, _ in days], pa.date32()),
            "stop": pa.array([stop for _, stop in days], pa.date32()),
            "county": pa.array([county for *_, county in spells], pa.string()),
        }
    )
    registers = checked(residence=table)
    kept, counts = greedy(spells)
    expected = [
        ("abc".index(who) + 1, FIRST + timedelta(start), FIRST + timedelta(start + length), county)
        for who, start, length, county in kept
    ]
    assert rows(registers, "residence", "person_id", "start", "stop", "county") == sorted(expected, key=repr)
    assert broken(registers, "residence") == counts


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 40), st.integers(1, 12)), unique_by=lambda s: s[:2]))
def test_the_earlier_spell_that_stays_decides(spells: list[tuple[int, int, int]]) -> None:
    kept, _ = greedy([(str(who), start, length, None) for who, start, length in spells])
    who, start, length = np.array(spells, np.int64).reshape(-1, 3).T
    aside = overlaps_kept(who, FIRST_DAY + start, FIRST_DAY + start + length)
    expected = {(person, begin) for person, begin, *_ in kept}
    assert [(str(p), b) not in expected for p, b, _ in spells] == aside.tolist()


def unions(spells: list[tuple[int, int, int, int]]) -> set[tuple[int, int]]:
    """Person and first day of what stays, one spell after another: each that overlaps none that stays with another."""
    kept: list[tuple[int, int, int, int]] = []
    for who, start, days, partner in sorted(spells):
        met = [k for k in kept if k[0] == who and k[3] != partner and start < k[1] + k[2]]
        if not met:
            kept.append((who, start, days, partner))
    return {(who, start) for who, start, *_ in kept}


COUPLES = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 40), st.integers(1, 12), st.integers(1, 2)), unique_by=lambda s: s[:2]
)


@given(COUPLES)
def test_spells_with_one_partner_hide_none_of_each_other(spells: list[tuple[int, int, int, int]]) -> None:
    who, start, length, partner = np.array(spells, np.int64).reshape(-1, 4).T
    aside = overlaps_kept(who, FIRST_DAY + start, FIRST_DAY + start + length, partner)
    assert {(p, b) for (p, b, *_), out in zip(spells, aside, strict=True) if not out} == unions(spells)


@settings(max_examples=examples(12), deadline=None)
@given(COUPLES)
def test_no_day_of_a_couple_is_lost_where_its_spells_overlap(spells: list[tuple[int, int, int, int]]) -> None:
    """A wedding on the last day of cohabiting leaves the marriage; and no kind makes up for another partner."""
    kinds = ["cohabiting", "married"]
    table = arrow(
        person_id=["abc"[who - 1] for who, *_ in spells],
        partner_id=["abc"[(who - 1 + partner) % 3] for who, _, _, partner in spells],
        start=[str(FIRST + timedelta(start)) for _, start, *_ in spells],
        stop=[str(FIRST + timedelta(start + days)) for _, start, days, _ in spells],
        kind=[kinds[i % 2] for i in range(len(spells))],
    )
    born_before = {"birth_date": ["1900-01-01"] * 3, "person_id": list("abc"), "sex": ["male"] * 3}
    tables = {"person": arrow(**born_before), "couple": table}
    registers = Registers.from_tables(tables, tolerance=1.0, engine=ENGINE, remarks=False)
    expected = [(who, FIRST + timedelta(start)) for who, start in sorted(unions(spells))]
    assert rows(registers, "couple", "person_id", "start") == sorted(expected, key=repr)


@st.composite
def halves(draw: st.DrawFn) -> tuple[list[tuple[int, int, str]], list[tuple[int, int, str]]]:
    """A couple's unions of two kinds one after another, as each of the two has them: cut on days of their own."""
    days = sorted(draw(st.sets(st.integers(0, 60), min_size=2, max_size=5)))
    unions = [(a, b, draw(st.sampled_from(["married", "cohabiting"]))) for a, b in pairwise(days)]
    cut: list[list[tuple[int, int, str]]] = []
    for _ in range(2):
        spells = []
        for a, b, kind in unions:
            ends = sorted({a, b, *draw(st.sets(st.integers(a, b), max_size=2))})
            spells += [(begin, end, kind) for begin, end in pairwise(ends)]
        cut.append(spells)
    return cut[0], cut[1]


def of_two(one: list[tuple[int, int, str]], other: list[tuple[int, int, str]]) -> Registers:
    rows = [("a", "b", *spell) for spell in one] + [("b", "a", *spell) for spell in other]
    table = arrow(
        person_id=[who for who, *_ in rows],
        partner_id=[whom for _, whom, *_ in rows],
        start=[str(FIRST + timedelta(start)) for _, _, start, *_ in rows],
        stop=[str(FIRST + timedelta(stop)) for *_, stop, _ in rows],
        kind=[kind for *_, kind in rows],
    )
    return Registers.from_tables(people(couple=table), tolerance=1.0, engine=ENGINE)


@settings(max_examples=examples(12), deadline=None)
@given(halves(), st.data())
def test_halves_of_a_couple_disagree_on_days_and_not_on_where_a_spell_is_cut(
    cut: tuple[list[tuple[int, int, str]], list[tuple[int, int, str]]], data: st.DataObject
) -> None:
    one, other = cut
    assert "halves of a couple disagree" not in broken(of_two(one, other), "couple")
    start, stop, kind = other[-1]
    changed = (start, stop, "registered") if data.draw(st.booleans()) else (start, stop + 1, kind)
    assert broken(of_two(one, [*other[:-1], changed]), "couple")["halves of a couple disagree"] >= 2


def test_no_spells_overlap_nothing() -> None:
    none = np.array([], "datetime64[D]")
    assert overlaps_kept(np.array([], np.int64), none, none).tolist() == []
