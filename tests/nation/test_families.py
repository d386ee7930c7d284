"""Parents, siblings and couples: what must hold of every link, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest

from riskset.nation import Nation, NationSettings, make_nation
from riskset.nation.block import NationBlock
from riskset.nation.calibration import calibrate
from riskset.nation.people import END, START
from riskset.nation.sibships import TWIN_BIRTHS
from riskset.nation.streams import YEAR
from riskset.nation.unions import KINDS, MARRIED_FROM, REGISTERED_FROM, SAME_SEX, last_day_of

GESTATION = 280


def known(block: NationBlock) -> np.ndarray:
    return (block.families.mother >= 0) & (block.families.father >= 0)


def spells(block: NationBlock) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Person, start and stop of both partners' spells, in order."""
    unions = block.families.unions
    person = np.concatenate([unions.one, unions.other])
    start, stop = np.tile(unions.start, 2), np.tile(unions.stop, 2)
    order = np.lexsort((start, person))
    return person[order], start[order], stop[order]


@pytest.fixture(scope="module", params=["usual", "epidemic"])
def blocks(request: pytest.FixtureRequest, nation: Nation) -> tuple[NationBlock, ...]:
    """The shared nation, and one in which ALS takes a third of the young parents."""
    if request.param == "usual":
        return nation.blocks
    return make_nation(NationSettings(persons=20_000, seed=8, incidence=3000)).blocks


def test_children_of_a_mother_are_twins_or_born_at_least_280_days_apart(blocks: tuple[NationBlock, ...]) -> None:
    for block in blocks:
        mother, born = block.families.mother, block.people.birth
        order = np.lexsort((born, mother))
        same = (mother[order][1:] == mother[order][:-1]) & (mother[order][1:] >= 0)
        gap = np.diff(born[order])[same]
        assert ((gap == 0) | (gap >= GESTATION)).all()


def test_parents_live_are_grown_and_no_more_than_fertile(blocks: tuple[NationBlock, ...]) -> None:
    for block in blocks:
        people, families = block.people, block.families
        birth = np.concatenate([people.birth, families.birth])
        death = np.concatenate([people.death, families.death])
        for parent, before in ((families.mother, 0), (families.father, GESTATION)):
            child = np.flatnonzero(parent >= 0)
            age = (people.birth[child] - birth[parent[child]]) / YEAR
            assert age.min() > 15
            assert (death[parent[child]] >= people.birth[child] - before).all()
        child = families.mother >= 0
        assert ((people.birth - birth[families.mother])[child] < 50 * YEAR).all()
        assert not child[people.birth < (1932 - 1970) * YEAR].any()


def test_couples_begin_and_end_while_both_live_there_and_never_two_at_once(blocks: tuple[NationBlock, ...]) -> None:
    for block in blocks:
        people, unions = block.people, block.families.unions
        assert (unions.start < unions.stop).all()
        assert (unions.stop > START).all()
        assert (unions.stop <= END).all()
        for one in (unions.one, unions.other):
            assert (unions.stop <= last_day_of(people)[one]).all()
            assert ((unions.start >= people.enter[one]) | (people.enter[one] == START)).all()
            assert ((unions.start - people.birth[one]) > 14.5 * YEAR).all()  # nine months before a first child
        person, start, stop = spells(block)
        same = person[1:] == person[:-1]
        assert (start[1:] >= stop[:-1])[same].all()


def test_nobody_is_a_partner_of_close_kin(blocks: tuple[NationBlock, ...]) -> None:
    for block in blocks:
        unions, families = block.families.unions, block.families
        assert (unions.one != unions.other).all()
        for parent in (families.mother, families.father):
            assert not ((parent[unions.one] >= 0) & (parent[unions.one] == parent[unions.other])).any()
            assert not ((parent[unions.one] == unions.other) | (parent[unions.other] == unions.one)).any()


def test_a_parents_common_children_are_born_in_their_union(nation: Nation) -> None:
    born, within = 0, 0
    for block in nation.blocks:
        families, people, unions = block.families, block.people, block.families.unions
        n = len(people)
        child = np.flatnonzero(known(block) & (families.mother < n) & (families.father < n) & (people.birth >= START))
        key, keys = families.mother[child] * n + families.father[child], unions.one * n + unions.other
        order = np.argsort(keys)
        at = np.minimum(np.searchsorted(keys[order], key), len(keys) - 1)
        row = order[at]
        found = keys[row] == key
        day = people.birth[child]
        inside = found & (unions.start[row] <= day) & (day < unions.stop[row] + GESTATION)
        born, within = born + len(child), within + inside.sum()
    assert born > 10_000
    # immigrants' couples begin in the register when both have come, which a child may precede by a little
    assert within / born > 0.99


def test_rows_of_couples_are_delivered_for_both_alike(tables: dict[str, pa.Table]) -> None:
    rows = {tuple(row.values()) for row in tables["couple"].to_pylist()}
    assert rows == {(other, one, *rest) for one, other, *rest in rows}
    assert len(rows) == len(tables["couple"]) > 50_000
    assert set(tables["couple"]["kind"].to_pylist()) == set(KINDS)


def test_couples_of_one_sex_register_from_1995_and_marry_from_2009(nation: Nation) -> None:
    alike, all_couples = 0, 0
    for block in nation.blocks:
        unions = block.families.unions
        own = block.people.sex[unions.one] == block.people.sex[unions.other]
        kind, start = np.array(KINDS)[unions.kind], unions.start
        assert not (own & (start < REGISTERED_FROM) & (kind != "cohabiting")).any()
        assert not (own & (start < MARRIED_FROM) & (kind == "married")).any()
        assert not (~own & (kind == "registered")).any()
        alike, all_couples = alike + own.sum(), all_couples + len(unions)
    assert 0.5 * SAME_SEX < alike / all_couples < 1.5 * SAME_SEX


def test_couples_part_are_widowed_and_form_anew(nation: Nation) -> None:
    parted, widowed, several, persons = 0, 0, 0, 0
    for block in nation.blocks:
        people, unions = block.people, block.families.unions
        ended = unions.stop < END
        dead = np.minimum(people.death[unions.one], people.death[unions.other]) + 1 == unions.stop
        left = np.minimum(last_day_of(people)[unions.one], last_day_of(people)[unions.other]) == unions.stop
        widowed += (ended & dead).sum()
        parted += (ended & ~dead & ~left).sum()
        count = np.bincount(spells(block)[0])
        several, persons = several + (count > 1).sum(), persons + (count > 0).sum()
    total = sum(len(block.families.unions) for block in nation.blocks)
    assert 0.05 < parted / total < 0.25
    assert 0.05 < widowed / total < 0.35
    assert 0.08 < several / persons < 0.30


def shares_of_siblings(blocks: tuple[NationBlock, ...]) -> Iterator[tuple[float, float]]:
    """Of those with parents born in spans of years: shares with a half-sibling by the mother, and by the father."""
    for first, past in ((1940, 1960), (1960, 1980), (1980, 2000)):
        shares = []
        for name, other in (("mother", "father"), ("father", "mother")):
            having, of = 0, 0
            for block in blocks:
                parent, second = getattr(block.families, name), getattr(block.families, other)
                both = np.where(known(block), parent * 10**7 + second, -1)
                year = block.people.birth / YEAR + 1970
                those = known(block) & (year >= first) & (year < past)
                all_of_parent, full = (
                    np.unique(key, return_inverse=True, return_counts=True) for key in (parent, both)
                )
                having += (all_of_parent[2][all_of_parent[1]] > full[2][full[1]])[those].sum()
                of += those.sum()
            shares.append(having / of)
        yield shares[0], shares[1]


def test_half_siblings_come_by_both_parents_in_realistic_proportions(nation: Nation) -> None:
    for by_mother, by_father in shares_of_siblings(nation.blocks):
        assert 0.03 < by_mother < 0.20
        assert 0.03 < by_father < 0.20


def test_twins_are_a_little_over_one_birth_in_a_hundred(nation: Nation) -> None:
    twins, births = 0, 0
    for block in nation.blocks:
        sibship, born = block.families.sibship, block.people.birth
        child = np.flatnonzero(sibship >= 0)
        _, count = np.unique(np.stack([sibship[child], born[child]]), axis=1, return_counts=True)
        assert count.max() <= 3
        twins, births = twins + (count > 1).sum(), births + len(count)
    assert abs(twins / births / TWIN_BIRTHS - 1) < 0.15


def test_registered_cases_have_kin_as_often_as_all_cases(nation: Nation) -> None:
    lines = {line.what: line for line in calibrate(nation.blocks, nation.settings)}
    for what, target in (
        ("registered cases with a full sibling, %", 67),
        ("registered cases with a partner on the day of diagnosis, %", 82),
    ):
        assert abs(lines[what].achieved - target) < 4.5 * lines[what].error + 0.04 * target
