"""How often it happens at all: the cases beside the person-time that they came from."""

from __future__ import annotations

import ibis
import numpy as np
import pyarrow as pa

from riskset.calendar import YEAR, birthday
from riskset.cohort.events import find_first
from riskset.cohort.population import find_observation
from riskset.registers.registers import Registers
from riskset.results.notes import Note, NoteCode, note
from riskset.results.rows import Diagnostic
from riskset.results.vocabulary import Analysis, DiagnosticCode, Model
from riskset.spec.design import AtRisk


def find_person_years(registers: Registers, at_risk: AtRisk) -> pa.Table:
    """Person-years of the population at risk in the period, by sex and birth year.

    Days under observation in ``[period.start, period.stop)`` at an age of ``eligibility.age`` (completed years, both
    ends included) and free of what ``free_of`` names (until the day before it), divided by 365.25. The other
    rules of eligibility are left out.

    Returns
    -------
    ``sex, birth_year, person_years``, sorted.
    """
    engine = registers.engine
    person = registers["person"].select("person_id", "sex", "birth_date")
    born = engine.collect(person.select("birth_date").distinct())["birth_date"]
    low, high = at_risk.eligibility.age
    ages = {"birth_date": born.cast(pa.date32()), "from_day": _reached(born, low), "to_day": _reached(born, high + 1)}
    eligible = engine.load("eligible_ages", pa.table(ages))
    had = find_first(registers, at_risk.free_of).rename(had="date")
    spells = (
        find_observation(registers, during=at_risk.period)
        .inner_join(person, "person_id")
        .inner_join(eligible, "birth_date")
    )
    spells = spells.left_join(had, "person_id")
    start, stop = ibis.literal(at_risk.period.start), ibis.literal(at_risk.period.stop)
    clipped = spells.select(
        sex=spells["sex"],
        birth_year=spells["birth_date"].year().cast("int64"),
        first=ibis.greatest(spells["entry"], spells["from_day"], start),
        last=ibis.least(spells["exit"], spells["to_day"], stop, ibis.coalesce(spells["had"], stop)),
    )
    clipped = clipped.filter(clipped["first"] < clipped["last"])
    days = clipped["last"].delta(clipped["first"], unit="day").cast("int64")
    summed = clipped.group_by("sex", "birth_year").agg(days=days.sum().cast("int64"))
    strata = engine.collect(summed).sort_by([("sex", "ascending"), ("birth_year", "ascending")])
    engine.drop("eligible_ages")
    years = strata["days"].to_numpy() / YEAR
    return strata.drop(["days"]).append_column("person_years", pa.array(years))


def describe_incidence(registers: Registers, at_risk: AtRisk, cases: pa.Table) -> list[Diagnostic]:
    """Person-years and incidence as rows of ``results.tables.DIAGNOSTICS``.

    The incidence at the cases' sex and birth year is the mean over the cases of their stratum's incidence: that of a
    population like the cases, to which the exposed share of matched controls belongs too. A stratum's incidence is
    taken without the case itself, (d − 1) / person-years, else each would raise its own: E d(d − 1) = μ² for a Poisson
    count with mean μ.
    """
    person_years = find_person_years(registers, at_risk)
    total = float(np.sum(person_years["person_years"].to_numpy()))
    low, high = at_risk.eligibility.age
    rows = [_diagnostic(DiagnosticCode.PERSON_YEARS_AT_RISK, total, note(NoteCode.AGED, low=low, high=high))]
    by_stratum = cases.group_by(["sex", "birth_year"]).aggregate([([], "count_all")])
    joined = by_stratum.join(person_years, ["sex", "birth_year"], join_type="inner")
    count, years = (joined[name].to_numpy().astype(float) for name in ("count_all", "person_years"))
    if total > 0 and len(count):
        rows.append(_diagnostic(DiagnosticCode.INCIDENCE, 1e5 * len(cases) / total))
        at_strata = 1e5 * float(np.sum(count * (count - 1) / years) / np.sum(count))
        if at_strata:
            rows.append(_diagnostic(DiagnosticCode.INCIDENCE_LIKE_CASES, at_strata))
    return rows


def _diagnostic(code: DiagnosticCode, value: float, *notes: Note) -> Diagnostic:
    return Diagnostic(model=Model(Analysis.COHORT), code=code, value=value, notes=notes)


def _reached(born: pa.ChunkedArray, years: int) -> pa.Array:
    """The birthday on which that many years are completed; the calendar's end for an age without an end."""
    days = birthday(born.to_numpy().astype("datetime64[D]"), years)
    return pa.array(np.minimum(days, np.datetime64("9999-12-31")), pa.date32())
