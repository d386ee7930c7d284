"""What patients were like at diagnosis: the covariates of everyone, and those that only a case has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.calendar import MONTH, Days
from riskset.cohort.quality_register import first_days, items_of
from riskset.exposure.covariates import measure_covariates, refuse_other_kind, require_derivations
from riskset.exposure.identifying import refuse_identifying
from riskset.lookup import date_of, row_of
from riskset.registers.registers import Registers
from riskset.spec.covariates import BUILT_IN, PROGNOSIS_COVARIATES
from riskset.spec.measures import Covariate


def describe_patients(
    registers: Registers,
    patients: pa.Table,
    names: Sequence[str],
    defined: Sequence[Covariate] = (),
    *,
    register: str | None,
    most_levels: int,
) -> pa.Table:
    """Measure covariates of patients at diagnosis; what is unknown is null.

    ``bmi`` is the measurement ``bmi`` nearest to diagnosis, within the days of its row (of two as near, the earlier; of
    one day an import leaves one value);
    ``bmi_prediagnostic`` the last measurement of that name before diagnosis, kept apart because body mass falls with
    the disease; ``onset_site`` the register's first; ``diagnostic_delay`` the months from onset to diagnosis, unknown
    where onset is later. All others are as `measure_covariates` has them on the index date.

    Parameters
    ----------
    patients : person_id, index_date (diagnosis), each person once
    names : built-in covariates, those ``defined``, and ``PROGNOSIS_COVARIATES``
    defined : covariates of the study
    register : the quality register whose items count, as ``Study.quality_register``
    most_levels : that a covariate of texts may have

    Returns
    -------
    person_id and a column per name, in the order of the patients.

    Raises
    ------
    SourceError
        A table or column is not there.
    SpecError
        A covariate of texts has more levels than the study allows, or nearly nobody shares its values.
    """
    person = patients["person_id"].to_numpy()
    plain = [name for name in names if name not in PROGNOSIS_COVARIATES]
    columns: dict[str, pa.Array] = {}
    if plain:
        at_index = patients.select(["person_id", "index_date"])
        measured = measure_covariates(registers, at_index, plain, defined, most_levels=most_levels)
        at = row_of(measured["person_id"].to_numpy(), person)
        columns |= {name: measured[name].take(pa.array(at)).combine_chunks() for name in plain}
    for name in (name for name in names if name in PROGNOSIS_COVARIATES):
        days = BUILT_IN[name].days
        values = _measured(registers, name, patients, days) if days else OF_CASE[name](registers, patients, register)
        refuse_other_kind(name, values)
        refuse_identifying(name, values, person, most=most_levels)
        columns[name] = values
    return pa.table({"person_id": patients["person_id"], **{name: columns[name] for name in names}})


def _measured(registers: Registers, name: str, patients: pa.Table, within: tuple[int, int]) -> pa.Array:
    """The value nearest to diagnosis of those measured ``within`` so many days of it, both ends included."""
    rows = registers["measurement"]
    measured = _collect(registers, patients, rows.filter(rows["name"] == name).select("person_id", "date", "value"))
    person = patients["person_id"].to_numpy()
    row = row_of(person, measured["person_id"].to_numpy())
    diagnosis = patients["index_date"].to_numpy().astype("datetime64[D]")
    away = (measured["date"].to_numpy().astype("datetime64[D]") - diagnosis[row]).astype(np.int64)
    value = np.asarray(measured["value"].to_numpy(), float)
    inside = np.flatnonzero((away >= within[0]) & (away <= within[1]) & np.isfinite(value))
    best = inside[np.lexsort((value[inside], away[inside], np.abs(away[inside]), row[inside]))]
    who, first = np.unique(row[best], return_index=True)
    known: NDArray[np.bool_] = np.zeros(len(person), bool)
    result = np.zeros(len(person))
    known[who], result[who] = True, value[best[first]]
    return pa.array(result, mask=~known)


def _delay(registers: Registers, patients: pa.Table, register: str | None) -> pa.Array:
    """Months from onset to diagnosis."""
    diagnosis = patients["index_date"].to_numpy().astype("datetime64[D]")
    onset = _onset(registers, patients, register)
    unknown = ~(onset <= diagnosis)  # NaT is neither
    months = (diagnosis - np.where(unknown, diagnosis, onset)).astype(float) / MONTH
    return pa.array(months, mask=unknown)


def _onset(registers: Registers, patients: pa.Table, register: str | None) -> Days:
    onsets = _collect(registers, patients, first_days(registers, "onset_date", register))
    return date_of(onsets, patients["person_id"].to_numpy())


def _site(registers: Registers, patients: pa.Table, register: str | None) -> pa.Array:
    items = items_of(registers, "onset_site", register)
    rows = _collect(registers, patients, items.select("person_id", "date", "text")).drop_null()
    first: dict[int, str] = {}
    for row in rows.sort_by([(name, "descending") for name in ("date", "text")]).to_pylist():
        first[row["person_id"]] = row["text"]
    return pa.array([first.get(person) for person in patients["person_id"].to_pylist()], pa.string())


OF_CASE: Mapping[str, Callable[[Registers, pa.Table, str | None], pa.Array]] = {
    "onset_site": _site,
    "diagnostic_delay": _delay,
}
"""How what only a case has is measured, where it is no measurement of its name."""

require_derivations("case", OF_CASE)


def _collect(registers: Registers, patients: pa.Table, rows: ir.Table) -> pa.Table:
    engine = registers.engine
    held = engine.load("described_patients", patients.select(["person_id"]))
    collected = engine.collect(rows.semi_join(held, "person_id"))
    engine.drop("described_patients")
    return collected
