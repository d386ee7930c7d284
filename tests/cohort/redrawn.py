"""What a draw depends on: the seed and the numbers of the persons, and never the order of rows."""

from __future__ import annotations

from typing import Any

from riskset.cohort.cases import find_cases
from riskset.cohort.sets import sets_for
from riskset.registers.engine import Engine
from riskset.registers.schema import TABLES
from tests.cohort.worked import HOME, Conformance, found, in_names
from tests.people import FIRST_ID, Nation, nation, numbered_nation

NAMES = ["eve", "fay", "gia", "hea", "ida", "joy", "kim", "lea", "may", "nan"]


def shuffled(people: str) -> str:
    """The same people, the last row first."""
    return "\n".join(reversed(people.strip().splitlines()))


def the_other_way_round(people: Nation, engine: Engine | None = None, tag: str = "the other way round") -> Nation:
    """The same people: the last row first, and the identifiers given out in the opposite order."""
    last = FIRST_ID + max(people.ids.values())

    def turned(name: str, row: dict[str, Any]) -> dict[str, Any]:
        return row | {c.name: last - row[c.name] for c in TABLES[name].columns if c.person and row.get(c.name)}

    rows = {name: [turned(name, row) for row in reversed(held)] for name, held in people.rows.items() if name in TABLES}
    ids = {name: last - number for name, number in people.ids.items()}
    return numbered_nation(rows, ids, starts=people.registers.starts, engine=engine, tag=tag)


_PEOPLE = "\n".join(f"{name} f 1950-01-01 {HOME}" for name in NAMES)
_TEXT = """### Drawn again

Three controls of ten, from one risk set. The order of rows changes nothing, on any engine. Another seed draws others.
So does re-labelling, because persons are numbered in the order of their identifiers; the risk set stays as it is. Here
the identifiers are given out in the opposite order, and the names are what they were. The tests do the same with
every nation above: rows shuffled, seed changed and identifiers re-labelled, the answer stays.
"""
_HEAD = "| drawn | Ann's controls |\n|---|---|"

CASE = Conformance("Drawn again", "", _PEOPLE, {"ann": " ".join(NAMES)}, {"controls": {"ratio": 3}})

DRAWN = {
    "as it is": "eve hea joy",
    "row order shuffled": "eve hea joy",
    "seed changed": "gia hea may",
    "ids re-labelled": "ida kim nan",
}
"""How it is drawn → Ann's controls; the same on every engine."""


def draw(how: str, engine: Engine | None = None) -> tuple[dict[str, str], dict[str, str]]:
    """Ann's risk set and her sampled set, drawn in one of the ways of ``DRAWN``."""
    people = nation(shuffled(CASE.nation) if how == "row order shuffled" else CASE.nation, engine=engine)
    if how == "ids re-labelled":
        people = the_other_way_round(people, engine)
    study = CASE.asked(seed=2 if how == "seed changed" else 1)
    cases = find_cases(people.registers, study.case_definition)
    sampled = sets_for(
        people.registers, study.case_definition, study.controls[0], cases, seed=study.seed
    ).table.to_pylist()
    return found(people, study, cases), in_names(people, cases, sampled)


def markdown() -> str:
    """The section of the page."""
    rows = [f"| {how} | {', '.join(names.split())} |" for how, names in DRAWN.items()]
    return "\n".join([_TEXT, f"```text\n{CASE.nation}\n```\n", _HEAD, *rows, ""])
