"""The conformance suite: tiny nations with answers worked by hand, as tests and as documentation.

``worked.py`` says how to add a case. ``docs/sampling.md`` is made from the suite:
``python -m tests.cohort.conformance`` writes the page again.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

from riskset.registers.engine import Engine
from tests.cohort.nations_given import GIVEN
from tests.cohort.nations_population import POPULATION
from tests.cohort.nations_siblings import SIBLINGS
from tests.cohort.nations_spouses import SPOUSES
from tests.cohort.redrawn import markdown as drawn_again
from tests.cohort.worked import Conformance
from tests.people import Nation, nations

PAGE = Path(__file__).parents[2] / "docs" / "sampling.md"
MARK = "<!-- Below this line the page is made by `python -m tests.cohort.conformance`. -->\n"

SUITE = [*POPULATION, *SIBLINGS, *SPOUSES, *GIVEN]

SECTIONS = [
    ("Population controls", "risk set", POPULATION),
    ("Siblings", "set", SIBLINGS),
    ("Spouses", "set", SPOUSES),
    ("Given controls", "set", GIVEN),
]
"""Heading, what the answer is called, cases."""


def nations_of_all(engine: Engine) -> dict[str, Nation]:
    """The nation of every case, by the case's name; those whose registers begin on the same day, in one import."""
    together: dict[date | None, list[Conformance]] = defaultdict(list)
    for case in SUITE:
        together[case.starts].append(case)
    people: dict[str, Nation] = {}
    for start, cases in together.items():
        starts = {"dispensing": start} if start else {}
        held = nations([case.nation for case in cases], engine, starts=starts)
        people |= dict(zip((case.name for case in cases), held, strict=True))
    return people


def render() -> str:
    """The part of the page that is made: each nation, its answer and the reason."""
    parts = []
    for heading, what, cases in SECTIONS:
        if cases:
            parts.append(f"### {heading}\n")
            parts += [_case(case, what) for case in cases]
    return "\n".join([*parts, drawn_again()])


def _case(case: Conformance, what: str) -> str:
    answer = [f"| {_named(name)} | {_named(members)} |" for name, members in sorted(case.members.items())]
    parts = [f"#### {case.name}\n\n{case.why}\n"]
    if case.study or case.starts:
        parts.append(f"Differs from the study above: {_differences(case)}.\n")
    parts.append(f"```text\n{case.nation}\n```\n")
    parts.append("\n".join([f"| case | {what} |", "|---|---|", *answer]) + "\n")
    if case.violations:
        found = [f"| {check} | {count} |" for check, count in case.violations.items()]
        parts.append("\n".join(["| violation found by the audit | count |", "|---|---|", *found]) + "\n")
    return "\n".join(parts)


def _named(members: str) -> str:
    sets = [", ".join(_on_a_day(member) for member in one.split()) for one in members.split(" / ")]
    return "; and ".join(sets) or "nobody"


def _on_a_day(member: str) -> str:
    name, _, day = member.partition("@")
    return f"{name} on {day}" if day else name


def _differences(case: Conformance) -> str:
    said = [f"`{part}.{key} = {_plain(value)}`" for part, change in case.study.items() for key, value in change.items()]
    return ", ".join(said + ([f"the dispensing register starts on {case.starts}"] if case.starts else []))


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_plain(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_plain(item) for item in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def page() -> str:
    """The whole page: what stands above the mark stays."""
    return PAGE.read_text(encoding="utf-8").partition(MARK)[0] + MARK + "\n" + render()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")
