"""What a draw depends on: the seed and the numbers of the persons, and never the order of rows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from riskset.cohort.cases import find_cases
from riskset.cohort.sets import sets_for
from riskset.registers.engine import Engine
from tests.cohort.worked import HOME, Conformance, found, in_names
from tests.people import nation

NAMES = ["eve", "fay", "gia", "hea", "ida", "joy", "kim", "lea", "may", "nan"]


def shuffled(people: str) -> str:
    """The same people, the last row first."""
    return "\n".join(reversed(people.strip().splitlines()))


def other_names(names: Iterable[str]) -> dict[str, str]:
    """Each name's new one, by which the order of identifiers is reversed."""
    ordered = sorted(names)
    return dict(zip(ordered, (f"x{i:02d}" for i in range(len(ordered), 0, -1)), strict=True))


def relabelled(people: str, renamed: dict[str, str]) -> str:
    """The same people under other identifiers."""
    return re.sub(r"\b\w+\b", lambda word: renamed.get(word[0], word[0]), people)


def named_back(answer: dict[str, str], renamed: dict[str, str]) -> dict[str, str]:
    """The answer in the names that the people had before."""
    names = {new: old for old, new in renamed.items()}

    def old(members: str) -> str:
        return " / ".join(" ".join(sorted(_renamed(m, names) for m in s.split())) for s in members.split(" / "))

    return {old(case): old(members) for case, members in answer.items()}


def _renamed(member: str, names: dict[str, str]) -> str:
    name, at, day = member.partition("@")
    return names.get(name, name) + at + day


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
    renamed = other_names(["ann", *NAMES]) if how == "ids re-labelled" else {}
    text = shuffled(CASE.nation) if how == "row order shuffled" else relabelled(CASE.nation, renamed)
    people, study = nation(text, engine=engine), CASE.asked(seed=2 if how == "seed changed" else 1)
    cases = find_cases(people.registers, study)
    sampled = sets_for(people.registers, study, study.controls[0], cases).table.to_pylist()
    answers = found(people, study, cases), in_names(people, cases, sampled)
    return tuple(named_back(answer, renamed) for answer in answers)  # type: ignore[return-value]


def markdown() -> str:
    """The section of the page."""
    rows = [f"| {how} | {', '.join(names.split())} |" for how, names in DRAWN.items()]
    return "\n".join([_TEXT, f"```text\n{CASE.nation}\n```\n", _HEAD, *rows, ""])
