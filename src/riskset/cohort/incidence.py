"""How often it happens at all: the cases beside the person-time that they came from."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from riskset.cohort.population import find_observation
from riskset.registers.registers import Registers
from riskset.spec.study import Study
from riskset.spec.time import Duration


def person_years(registers: Registers, study: Study) -> float:
    """Person-years of the population at an eligible age in the study's period.

    Days under observation in ``[period.start, period.stop)`` at an age of ``eligibility.age`` (completed years, both
    ends included), divided by 365.25. The rarer rules of eligibility and freedom from the disease are left out.
    """
    engine = registers.engine
    person = registers["person"]
    born = engine.collect(person.select("birth_date").distinct())["birth_date"]
    low, high = study.eligibility.age
    ages = pa.table(
        {
            "birth_date": born.cast(pa.date32()),
            "from_day": _birthday(born, low),
            "to_day": _birthday(born, high + 1),
        }
    )
    eligible = engine.load("eligible_ages", ages)
    spells = find_observation(registers).inner_join(person.select("person_id", "birth_date"), "person_id")
    spells = spells.inner_join(eligible, "birth_date")
    start, stop = ibis.literal(study.period.start), ibis.literal(study.period.stop)
    clipped = spells.select(
        first=ibis.greatest(spells["entry"], spells["from_day"], start),
        last=ibis.least(spells["exit"], spells["to_day"], stop),
    )
    clipped = engine.materialise("person_time", clipped.filter(clipped["first"] < clipped["last"]))
    days = sum(
        sign * _sum_of_days(engine.collect(clipped.group_by(day=clipped[name]).agg(spells=clipped.count())))
        for sign, name in ((1, "last"), (-1, "first"))
    )
    engine.drop("person_time", "eligible_ages")
    return days / 365.25


def describe_incidence(registers: Registers, study: Study, cases: int) -> list[dict[str, Any]]:
    """Person-years and incidence as rows of ``results.tables.DIAGNOSTICS``."""
    years = person_years(registers, study)
    note = f"residents aged {study.eligibility.age[0]} to {study.eligibility.age[1]} in the period"
    rows = [{"name": "person-years of the population", "value": years, "note": note}]
    if years:
        note = "cases of the study, so of the register that makes them, over those person-years"
        rows.append({"name": "incidence per 100,000 person-years", "value": 1e5 * cases / years, "note": note})
    return [{"analysis": "cohort"} | row for row in rows]


def _birthday(born: pa.ChunkedArray, years: int) -> pa.Array:
    """The day on which that many years are completed; beyond the calendar's end for an age without an end."""
    days = born.to_numpy().astype("datetime64[D]")
    reached = Duration(years, "y").after(days)
    return pa.array(np.minimum(reached, np.datetime64("9999-12-31")), pa.date32())


def _sum_of_days(counts: pa.Table) -> int:
    days = counts["day"].cast(pa.int32()).to_numpy().astype(np.int64)
    return int(days @ counts["spells"].to_numpy().astype(np.int64))
