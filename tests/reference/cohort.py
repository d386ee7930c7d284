"""Every definition of the cohort as slow plain Python, one person and one day at a time.

Nothing here is shared with the package except the study description. Rows are dictionaries of the canonical columns.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from riskset.spec.design import Event, PopulationControls
from riskset.spec.study import Study
from riskset.spec.time import Duration

Rows = Mapping[str, list[dict[str, Any]]]
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Case:
    person_id: int
    index_date: date


def back(day: date, length: Duration) -> date:
    """Calendar subtraction: the last day of a month where the day does not exist."""
    if length.unit in "dw":
        return day - timedelta(days=length.count * (7 if length.unit == "w" else 1))
    months = day.year * 12 + day.month - 1 - length.count * (12 if length.unit == "y" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def age(born: date, day: date) -> int:
    """Birthdays that have come; who is born on 29 February has them on 1 March in other years."""
    years = day.year - born.year
    return years if (day.month, day.day) >= (born.month, born.day) else years - 1


class Reference:
    """The people of a nation, to be asked slowly."""

    def __init__(self, rows: Rows, starts: Mapping[str, date]) -> None:
        self.rows = rows
        self.start = starts.get("dispensing") if "dispensing" in rows else None
        self.person = {row["person_id"]: row for row in rows["person"]}
        self.death = {row["person_id"]: row["date"] for row in rows.get("death", [])}
        self.homes: dict[int, list[dict[str, Any]]] = {person: [] for person in self.person}
        for row in rows["residence"]:
            self.homes[row["person_id"]].append(row)

    def resident(self, person: int, day: date) -> bool:
        """Under observation: living in the country, born, and not dead before that day."""
        if day < self.person[person]["birth_date"] or day > self.death.get(person, date.max):
            return False
        return any(row["start"] <= day < row["stop"] for row in self.homes[person])

    def since(self, person: int, day: date) -> date:
        """The first day of the unbroken observation that covers ``day``."""
        while True:
            # From one spell's start to that of an earlier spell that reaches it, and no further than birth.
            reaching = [row["start"] for row in self.homes[person] if row["start"] < day <= row["stop"]]
            started = [row["start"] for row in self.homes[person] if row["start"] <= day < row["stop"]]
            earliest = min(reaching + started)
            if earliest == day:
                return max(day, self.person[person]["birth_date"])
            day = earliest

    def county(self, person: int, day: date) -> str | None:
        """Where the delivered spell that began last says that the person, who is resident, lives."""
        begun = [row for row in self.homes[person] if row["start"] <= day]
        return max(begun, key=lambda row: row["start"])["county"] if self.resident(person, day) else None

    def dates(self, person: int, event: Event) -> list[date]:
        """The distinct dates of an event, from the ``record``-th on."""
        found = {row["date"] for row in self._matching(event) if row["person_id"] == person}
        return sorted(found)[event.record - 1 :]

    def first(self, person: int, *events: Event) -> date | None:
        return min((day for event in events for day in self.dates(person, event)[:1]), default=None)

    def _matching(self, event: Event) -> Iterator[dict[str, Any]]:
        if event.registry:
            for row in self.rows.get("registry_item", []):
                named = row["registry"] == event.registry and row["name"] == "diagnosis"
                if named and (not event.diagnosis or row["text"] in event.diagnosis):
                    yield row
        elif event.icd10:
            for row in self.rows.get("diagnosis", []):
                source = not event.source or row["source"] in event.source
                main = event.main is None or row.get("main") == event.main
                if row["system"] == "icd10" and row["code"].startswith(event.icd10) and source and main:
                    yield row
        elif event.atc:
            for row in self.rows.get("dispensing", []):
                if row["atc"].startswith(event.atc):
                    yield row
        else:
            for row in self.rows.get("death", []):
                if not event.cause or (row["cause"] or "").startswith(event.cause):
                    yield row

    def eligible(self, person: int, day: date, study: Study) -> bool:
        """What cases and candidates alike must meet on the index date."""
        rule = study.eligibility
        if not self.resident(person, day):
            return False
        since = self.since(person, day)
        low, high = rule.age
        if not low <= age(self.person[person]["birth_date"], day) <= high:
            return False
        if since > back(day, rule.min_residence) or since > back(day, rule.min_history):
            return False
        if self.start and any(self.start > back(day, length) for length in (rule.run_in, rule.min_history) if length):
            return False
        return not any(self.washed_out(person, day, washout) for washout in rule.washout)

    def washed_out(self, person: int, day: date, washout: Any) -> bool:
        before = [d for d in self.dates(person, washout.event) if d < day]
        if washout.within is not None:
            before = [d for d in before if d >= back(day, washout.within)]
        return bool(before)

    def cases(self, study: Study) -> list[Case]:
        """The cases in order of (index date, person)."""
        found = []
        for person in self.person:
            day = self.first(person, study.cases.first)
            in_period = day is not None and study.period.start <= day < study.period.stop
            if in_period and self.eligible(person, day, study):
                found.append(Case(person, day))
        return sorted(found, key=lambda case: (case.index_date, case.person_id))

    def keys(self, person: int, day: date, controls: PopulationControls) -> tuple[Any, ...]:
        """The matching keys as on a day."""
        row = self.person[person]
        value = {
            "sex": row["sex"],
            "birth_year": row["birth_date"].year,
            "country_of_birth": row.get("country_of_birth"),
            "county": self.county(person, day),
        }
        if "history" in controls.match:
            value["history"] = min(age(self.since(person, day), day), controls.history_cap.count)
        return tuple(value[key] for key in controls.match)

    def born_near(self, case: Case, person: int, controls: PopulationControls) -> bool:
        """Within the caliper, where there is one."""
        if controls.caliper is None:
            return True
        born = self.person[case.person_id]["birth_date"]
        last = back(born, Duration(-controls.caliper.count, controls.caliper.unit))
        return back(born, controls.caliper) <= self.person[person]["birth_date"] <= last

    def risk_set(self, case: Case, study: Study, controls: PopulationControls) -> set[int]:
        """Everyone who could be a control of the case; nobody if a matching key of the case is unknown."""
        day, found = case.index_date, set()
        wanted = self.keys(case.person_id, day, controls)
        if None in wanted:
            return set()
        for person in self.person:
            if person == case.person_id or not self.eligible(person, day, study):
                continue
            ill = self.first(person, *study.cases.freedom())
            alike = self.keys(person, day, controls) == wanted and self.born_near(case, person, controls)
            if (ill is None or ill > day) and alike:
                found.add(person)
        return found
