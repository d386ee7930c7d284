"""A block as canonical register tables (the columns of ``registers.schema``), ends half-open, ICD-10 without dot."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.nation.arithmetic import exp, interpolate
from riskset.nation.block import ATC, STRIDE, NationBlock
from riskset.nation.confounders import PSYCHIATRIC_CODES
from riskset.nation.people import BIRTHPLACES, COUNTIES, END, START, make_residence
from riskset.nation.settings import EDUCATION
from riskset.nation.streams import NEVER, YEAR, Bools, Floats, Ints, Stream, day_number, spread, stream
from riskset.nation.unions import COHABITING, KINDS

SNAPSHOTS = (1999, 2004, 2009, 2014, 2019)
"""Years at whose end the socioeconomic register is delivered: every fifth, to keep it small."""
OUTPATIENT_START = day_number(date(2001, 1, 1))

CAUSES = {"I219": 0.30, "C349": 0.26, "F039": 0.10, "J449": 0.08, "I649": 0.10, "W199": 0.05, "R999": 0.11}
"""Underlying causes of other deaths."""
OTHER_DIAGNOSES = {
    "I109": 3.0,
    "E119": 1.0,
    "M545": 1.5,
    "S720": 0.4,
    "J189": 0.9,
    "I489": 0.9,
    "K358": 0.3,
    "Z038": 2.0,
}
"""Diagnoses without any effect, per 100 persons and year."""
ALS_CODE = "G122"
RECORDED = 0.97
"""Share of ALS patients whom the patient register holds under `ALS_CODE`."""


def make_tables(block: NationBlock) -> dict[str, pa.Table]:
    """All canonical tables of a block. ``dispensing.atc`` is dictionary-encoded."""
    rows = len(block.people) + len(block.families.sex)
    ids = 1 + block.number * STRIDE + stream(block.seed, "identifiers", block.number).permutation(rows)
    return {
        "person": _person(block, ids),
        "residence": _residence(block, ids),
        "couple": _couple(block, ids),
        "death": _death(block, ids),
        "diagnosis": _diagnosis(block, ids),
        "dispensing": _dispensing(block, ids),
        "socioeconomic": _socioeconomic(block, ids),
        "registry_item": _registry(block, ids),
        "measurement": _measurement(block, ids),
        "procedure": _procedure(block, ids),
    }


def _table(**columns: pa.Array | NDArray[np.generic]) -> pa.Table:
    return pa.table(columns)


def _days(days: Ints) -> pa.Array:
    return pa.array(days.astype(np.int32)).cast(pa.date32())


def _texts(code: Ints, texts: Iterable[str], missing: Bools | None = None) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(code.astype(np.int32), mask=missing), list(texts)).cast(pa.string())


def _kin(position: Ints, ids: Ints) -> pa.Array:
    return pa.array(ids[position], mask=position < 0)


def _person(block: NationBlock, ids: Ints) -> pa.Table:
    people, families = block.people, block.families
    more = len(families.sex)
    unknown = np.full(more, -1)
    return _table(
        person_id=ids,
        sex=_texts(np.concatenate([people.sex, families.sex]), ["female", "male"]),
        birth_date=_days(np.concatenate([people.birth, families.birth])),
        mother_id=_kin(np.concatenate([families.mother, unknown]), ids),
        father_id=_kin(np.concatenate([families.father, unknown]), ids),
        country_of_birth=_texts(np.concatenate([people.birthplace, np.zeros(more, np.int64)]), BIRTHPLACES),
    )


def _residence(block: NationBlock, ids: Ints) -> pa.Table:
    person, start, stop, county = make_residence(block.people, block.seed, block.number)
    return _table(person_id=ids[person], start=_days(start), stop=_days(stop), county=_texts(county, COUNTIES))


def _couple(block: NationBlock, ids: Ints) -> pa.Table:
    unions = block.families.unions
    one, other = np.concatenate([unions.one, unions.other]), np.concatenate([unions.other, unions.one])
    return _table(
        person_id=ids[one],
        partner_id=ids[other],
        start=_days(np.tile(unions.start, 2)),
        stop=_days(np.tile(unions.stop, 2)),
        kind=_texts(np.tile(unions.kind, 2), KINDS),
    )


def _death(block: NationBlock, ids: Ints) -> pa.Table:
    death = np.concatenate([block.people.death, block.families.death])
    who = np.flatnonzero(death != NEVER)
    rng = stream(block.seed, "causes", block.number)
    shares = np.cumsum([*CAUSES.values()])
    cause = np.searchsorted(shares, rng.random(len(death)) * shares[-1], side="right")
    patients = block.patients
    cause[patients.person[patients.of_als]] = len(CAUSES)
    return _table(person_id=ids[who], date=_days(death[who]), cause=_texts(cause[who], [*CAUSES, ALS_CODE]))


def _diagnosis(block: NationBlock, ids: Ints) -> pa.Table:
    people, psychiatric = block.people, block.psychiatric
    rng = stream(block.seed, "diagnoses", block.number)
    person, day, code = [psychiatric.person], [psychiatric.day], [psychiatric.code]
    codes = [f"{code}9" for code in PSYCHIATRIC_CODES] + [*OTHER_DIAGNOSES, ALS_CODE]
    for number, rate in enumerate(OTHER_DIAGNOSES.values()):
        count = int(rng.poisson(rate / 100 * len(people) * (END - START) / YEAR, 1)[0])
        person.append(rng.integers(0, len(people), count))
        day.append(rng.integers(START, END, count))
        code.append(np.full(count, len(PSYCHIATRIC_CODES) + number))
    row, when = _als_contacts(block, rng)
    person.append(block.patients.person[row])
    day.append(when)
    code.append(np.full(len(row), len(codes) - 1))
    who, days, what = np.concatenate(person), np.concatenate(day), np.concatenate(code)
    keep = (days <= people.death[who]) & (people.present(who, days) | (days < START))
    who, days, what = who[keep], days[keep], what[keep]
    outpatient = (rng.random(len(who)) < 0.75) & (days >= OUTPATIENT_START)
    return _table(
        person_id=ids[who],
        date=_days(days),
        system=pa.array(["icd10"], pa.string()).take(pa.array(np.zeros(len(who), np.int64))),
        code=_texts(what, codes),
        source=_texts(outpatient.astype(np.int64), ["inpatient", "outpatient"]),
        main=pa.array(rng.random(len(who)) < 0.7),
    )


def _als_contacts(block: NationBlock, rng: Stream) -> tuple[Ints, Ints]:
    """Contacts of patients with the diagnosis, the first on its day."""
    patients = block.patients
    recorded = rng.random(len(patients.person)) < RECORDED
    row, number = spread(np.where(recorded, 1 + rng.poisson(2.0, len(recorded)), 0))
    later = np.ceil(120 * rng.standard_exponential(len(row))).astype(np.int64)
    return row, patients.diagnosis[row] + np.where(number == 0, 0, later)


def _dispensing(block: NationBlock, ids: Ints) -> pa.Table:
    fills = block.fills
    packages = 1 + (stream(block.seed, "packages", block.number).random(len(fills)) < 0.12)
    return _table(
        person_id=ids[fills.person],
        date=_days(fills.day),
        atc=pa.DictionaryArray.from_arrays(pa.array(fills.medicine.astype(np.int32)), ATC),
        ddd=fills.ddd * packages,
        packages=packages,
    )


def _socioeconomic(block: NationBlock, ids: Ints) -> pa.Table:
    people = block.people
    rng = stream(block.seed, "socioeconomic", block.number)
    wealth = np.array([0.80, 1.0, 1.35])[block.education] * exp(0.45 * rng.standard_normal(len(people)))
    parts = []
    for year in SNAPSHOTS:
        day = day_number(date(year, 12, 31))
        age = people.age(day)
        who = np.flatnonzero(people.present(slice(None), day) & (age >= 16))
        level = np.where(age < 19, 0, np.where(age < 25, np.minimum(block.education, 1), block.education))
        income = 280_000 * interpolate(age, (16, 25, 45, 60, 67, 100), (0.05, 0.6, 1.15, 1.1, 0.7, 0.6)) * wealth
        civil = _civil_status(block, day)
        parts.append(
            _table(
                person_id=ids[who],
                year=np.full(len(who), year),
                education=_texts(level[who], EDUCATION),
                income=100 * np.rint(income[who] / 100).astype(np.int64),
                civil_status=_texts(civil[who], ["unmarried", "married", "divorced", "widowed"]),
            )
        )
    return pa.concat_tables(parts)


def _civil_status(block: NationBlock, day: int) -> Ints:
    """By the latest marriage or registered partnership that had begun by the day."""
    unions, death = block.families.unions, block.people.death
    status, begun = np.zeros(len(block.people), np.int64), np.full(len(block.people), -NEVER)
    formal = unions.where((unions.kind != COHABITING) & (unions.start <= day))
    for person in (formal.one, formal.other):
        np.maximum.at(begun, person, formal.start)
    for one, other in ((formal.one, formal.other), (formal.other, formal.one)):
        latest = formal.start == begun[one]
        state = np.where(day < formal.stop, 1, np.where(death[other] <= day, 3, 2))
        status[one[latest]] = state[latest]
    return status


def _registry(block: NationBlock, ids: Ints) -> pa.Table:
    patients = block.patients
    who = np.flatnonzero(patients.registration != NEVER)
    person, many = ids[patients.person[who]], len(who)
    items = (
        ("diagnosis", patients.diagnosis[who], ["ALS"] * many),
        ("registration", patients.registration[who], [None] * many),
        ("onset_date", patients.onset[who], [None] * many),
        ("onset_site", patients.registration[who], np.where(patients.bulbar[who], "bulbar", "spinal").tolist()),
    )
    return pa.concat_tables(
        _table(
            person_id=person,
            registry=pa.array(["mnd"] * many, pa.string()),
            date=_days(days),
            name=pa.array([name] * many, pa.string()),
            text=pa.array(texts, pa.string()),
        )
        for name, days, texts in items
    )


def _measurement(block: NationBlock, ids: Ints) -> pa.Table:
    patients = block.patients
    parts = {"alsfrs_r": patients.visits, "bmi": patients.bmi, "bmi_prediagnostic": patients.bmi_before}

    def part(name: str, rows: tuple[Ints, Ints, Floats]) -> pa.Table:
        patient, day, value = rows
        names = pa.array([name] * len(day), pa.string())
        return _table(person_id=ids[patients.person[patient]], date=_days(day), name=names, value=value)

    return pa.concat_tables(part(name, rows) for name, rows in parts.items())


def _procedure(block: NationBlock, ids: Ints) -> pa.Table:
    patients = block.patients
    who = np.flatnonzero(patients.ventilation != NEVER)
    return _table(
        person_id=ids[patients.person[who]],
        date=_days(patients.ventilation[who]),
        system=pa.array(["riskset"] * len(who), pa.string()),
        code=pa.array(["invasive_ventilation"] * len(who), pa.string()),
    )
