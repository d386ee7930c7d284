"""Every restriction of an event, alone and with others, against the slow reference: who has it, and when first."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import chain, combinations, product
from typing import Any

import pytest

from riskset.cohort.events import find_events
from riskset.registers.engine import Engine
from riskset.spec.design import Event
from tests.people import Nation, unchecked_nation
from tests.reference.cohort import Reference
from tests.shown import Evidence, shows

SOURCES = ("inpatient", "outpatient", "death", "registry")
CAUSES = ("G122", "G12", "F03", None)
FIRST = date(2015, 1, 1)
RECORDS = (1, 2)
SOME_SOURCES = tuple(chain.from_iterable(combinations(SOURCES, size) for size in range(len(SOURCES) + 1)))


@pytest.fixture(scope="module")
def people(engine: Engine) -> Nation:
    """One person for each source and kind of diagnosis, and for each cause of death; one with all the diagnoses."""
    kinds = list(product(SOURCES, (True, False, None), ("G122", "F03")))
    everyone = [f"p{i:02}" for i in range(len(kinds))] + [f"d{i}" for i in range(len(CAUSES))] + ["all"]
    diagnoses = []
    for i, (source, main, code) in enumerate(kinds):
        one = {"date": FIRST + timedelta(days=i), "system": "icd10", "code": code, "source": source, "main": main}
        diagnoses += [{"person_id": name, **one} for name in (f"p{i:02}", "all")]
    born = {"sex": "female", "birth_date": date(1950, 1, 1)}
    always = {"start": date(1990, 1, 1), "stop": date(2030, 1, 1), "county": None}
    rows: dict[str, list[dict[str, Any]]] = {
        "person": [{"person_id": name, **born} for name in everyone],
        "residence": [{"person_id": name, **always} for name in everyone],
        "diagnosis": diagnoses,
        "death": [{"person_id": f"d{i}", "date": FIRST, "cause": cause} for i, cause in enumerate(CAUSES)],
    }
    return unchecked_nation(rows, engine=engine)


def require_equal(people: Nation, event: Event) -> int:
    """How many have the event, by both."""
    rows = people.registers.engine.collect(find_events(people.registers, event)).to_pylist()
    reference = Reference(people.rows, {})
    expected = {person: day for person in people.ids.values() if (day := reference.first(person, event)) is not None}
    assert {row["person_id"]: row["date"] for row in rows} == expected
    return len(expected)


@shows(
    "event.icd10",
    "event.source=inpatient",
    "event.source=outpatient",
    "event.source=death",
    "event.source=registry",
    "event.main=true",
    "event.main=false",
    "event.record",
    by=Evidence.REFERENCE,
)
@pytest.mark.parametrize("main", [None, True, False])
def test_a_diagnosis_by_where_and_how_it_was_made(people: Nation, main: bool | None) -> None:
    counts = {
        (source, record): require_equal(people, Event(icd10=("G12.2",), source=source, main=main, record=record))
        for source in SOME_SOURCES
        for record in RECORDS
    }
    of_each = 3 if main is None else 1
    assert counts[("inpatient",), 1] == of_each + 1  # and the one who has them all
    assert counts[("inpatient", "death"), 1] == 2 * of_each + 1
    assert counts[(), 1] == 4 * of_each + 1


@shows("event.death=true", "event.cause", by=Evidence.REFERENCE)
@pytest.mark.parametrize(("cause", "number"), [((), 4), (("G12.2",), 1), (("G12",), 2), (("F", "G12.2"), 2)])
def test_a_death_by_its_cause(people: Nation, cause: tuple[str, ...], number: int) -> None:
    assert require_equal(people, Event(death=True, cause=cause)) == number
