"""Whether `stop` is the last day or the day after is told where the spells contradict what is declared."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.registers.registers import Registers
from riskset.steps import remarks_on
from tests.examples import examples
from tests.registers.delivery import PERSON_MAP, arrow, broken, deliver, imported
from tests.shown import Evidence, shows

Spell = tuple[str, date, date]
"""Person, first day, last day."""

APART = "successive spells of a person leave one day between them"
SHARED = "successive spells of a person share one day"
BEFORE_DEATH = "spells of the dead end the day before death"


def delivery(table: str, last_day: str) -> str:
    more = 'partner_id = "other"\nkind = { constant = "married" }\n' if table == "couple" else ""
    return f"""
tolerance = 1.0
{PERSON_MAP}
[files.spells]
path = "spells.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
[[tables]]
name = "{table}"
file = "spells"
last_day = "{last_day}"
[tables.columns]
person_id = "id"
start = "from"
stop = "till"
{more}"""


def moves(persons: int, each: int) -> list[Spell]:
    """Persons who move so often, each spell of a hundred days, and live on where they are."""
    first = date(2000, 1, 1)
    return [
        (f"p{i}", first + timedelta(100 * k + i), first + timedelta(100 * k + i + 99))
        for i in range(persons)
        for k in range(each)
    ]


def told(folder: Path, table: str, last_day: str, spells: list[Spell], shift: int) -> list[str]:
    """The sentences on spells whose delivered end is so many days after their last day."""
    ids = sorted({who for who, *_ in spells})
    person = "\n".join(["id;kon;fodd", *(f"{who};1;1950-01-0{1 + i % 9}" for i, who in enumerate(ids)), ""])
    lines = [f"{who};{ids[ids.index(who) - 1]};{first};{last + timedelta(shift)}" for who, first, last in spells]
    text = "\n".join(["id;other;from;till", *lines, ""])
    registers = imported(deliver(folder / "in", delivery(table, last_day), person=person, spells=text), folder / "out")
    return [s for s in remarks_on(registers) if "spells" in s]


@shows("QualityRule=one day between spells", "QualityRule=spells share one day", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("table", ["residence", "couple"])
@pytest.mark.parametrize(("shift", "last_day"), [(0, "included"), (1, "excluded"), (0, "excluded"), (1, "included")])
def test_an_end_that_is_declared_wrongly_is_told(tmp_path: Path, table: str, shift: int, last_day: str) -> None:
    sentences = told(tmp_path, table, last_day, moves(8, 3), shift)
    if (shift, last_day) in ((0, "included"), (1, "excluded")):
        assert sentences == []
    elif last_day == "excluded":
        assert sentences == [
            f"{table}: {APART}: 16 of 24 rows kept; likely stop is the last day: then state last_day = "
            '"included", else that day is lost.'
        ]
    else:
        # The second of three shares a day with both others, and these stay; so does it where all are of one couple.
        n = "16 of 24 rows kept" if table == "couple" else "8 of 24 rows quarantined"
        [sentence] = sentences
        assert sentence.startswith(f"{table}: {SHARED}: {n}; likely stop is the day after the last one: then state")


def test_a_few_are_chance(tmp_path: Path) -> None:
    assert told(tmp_path, "residence", "excluded", moves(3, 4), 0) == []


def frames(spells: list[Spell], died: dict[str, date], shift: int) -> Registers:
    """In memory, where `stop` is the day after the last; delivered so many days later than that."""
    ids = sorted({who for who, *_ in spells} | set(died)) or ["p0"]
    n = len(ids)
    tables = {
        "person": arrow(person_id=ids, sex=["female"] * n, birth_date=["1950-01-01"] * n),
        "death": arrow(person_id=list(died) or ["p0"], date=[str(day) for day in died.values()] or ["2024-01-01"]),
        "residence": arrow(
            person_id=[who for who, *_ in spells],
            start=[str(first) for _, first, _ in spells],
            stop=[str(last + timedelta(1 + shift)) for *_, last in spells],
        ),
    }
    return Registers.from_tables(tables, tolerance=1.0)


@settings(max_examples=examples(8), deadline=None)
@given(seed=st.integers(0, 10**6), moving=st.floats(0, 1), away=st.integers(1, 400))
def test_a_sound_register_is_not_nagged_and_the_same_a_day_off_is(seed: int, moving: float, away: int) -> None:
    """Of those who come again some only moved, and others were abroad for days or years; the dead live to their day."""
    random = np.random.default_rng(seed)
    spells: list[Spell] = []
    died: dict[str, date] = {}
    touching = 0
    for i in range(60):
        begin = date(1990, 1, 1) + timedelta(int(random.integers(0, 3000)))
        for _ in range(int(random.integers(1, 5))):
            end = begin + timedelta(int(random.integers(20, 2000)))
            spells.append((f"p{i}", begin, end))
            moved = random.random() < moving
            touching += moved
            begin = end + timedelta(1 + (0 if moved else int(random.integers(0, away + 1))))
        touching -= moved
        if random.random() < 0.3:
            died[f"p{i}"] = end
    sound = broken(frames(spells, died, 0), "residence")
    assert not {APART, BEFORE_DEATH} & set(sound) or away < 20
    assert SHARED not in sound
    early = broken(frames(spells, died, -1), "residence")
    if touching >= 60:
        assert early[APART] >= touching
    assert (BEFORE_DEATH in early) == (len(died) >= 10)


@shows("QualityRule=ends the day before death", by=Evidence.OUTSIDE)
def test_a_spell_that_leaves_out_the_day_of_death_is_told() -> None:
    spells = [(f"p{i}", date(2000, 1, 1), date(2010, 1, 1) + timedelta(i)) for i in range(30)]
    died = {who: last for who, _, last in spells}
    assert not [s for s in remarks_on(frames(spells, died, 0)) if "death" in s]
    [sentence] = [s for s in remarks_on(frames(spells, died, -1)) if "before death" in s]
    assert sentence == (
        f"residence: {BEFORE_DEATH}: 30 of 30 rows kept; likely stop is the last day: then give the day after it, else "
        "that day is lost."
    )
