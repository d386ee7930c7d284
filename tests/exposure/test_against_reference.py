"""The engine against the slow reference, on invented histories whose days crowd around the edges of windows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings

from riskset.exposure.covariates import measure_covariates
from riskset.exposure.diagnostics import find_history_starts
from riskset.exposure.history import Anchors
from riskset.exposure.windows import measure_exposures
from riskset.results.vocabulary import DiagnosticCode
from riskset.spec.measures import Exposure
from riskset.spec.time import Duration
from tests.examples import examples
from tests.exposure.by_hand import ENGINE, registers_of
from tests.exposure.test_covariates import study_of
from tests.reference import exposure as reference
from tests.shown import Evidence, shows

PERSONS = st.integers(1, 5)
LENGTHS = ("0d", "30d", "6w", "3m", "90d", "1y", "18m", "2y", "5y")
INDEX_DATES = [date(2016, 2, 29), date(2016, 3, 1), date(2017, 2, 28), date(2015, 12, 31), date(2018, 6, 15)]
EDGES = sorted({reference.back(index, Duration.parse(length)) for index in INDEX_DATES for length in LENGTHS})
DAYS = st.builds(lambda edge, off: edge + timedelta(days=off), st.sampled_from(EDGES), st.sampled_from([-1, 0, 0, 1]))
ATC = st.sampled_from(["N05BA01", "N05CF02", "N05CM01", "N06AB04", "N06AX11", "N06B", "N05", "A01"])
DISPENSINGS = st.lists(
    st.fixed_dictionaries(
        {
            "person_id": PERSONS,
            "date": DAYS,
            "atc": ATC,
            "ddd": st.one_of(st.none(), st.sampled_from([0, 1, 500, 999, 1000, 28_000, 99_000])),
        }
    ),
    max_size=40,
)
ANCHORS = st.lists(st.tuples(PERSONS, st.sampled_from(INDEX_DATES)), min_size=1, max_size=12)
STARTS = st.sampled_from([None, None, date(2011, 2, 28), date(2015, 3, 1)])
CUTS = st.sampled_from([("1y",), ("1y", "5y"), ("90d", "1y"), ("30d", "3m", "18m", "2y")])
BANDS = st.sampled_from([(1,), (1, 2, 4), (2, 3), (1, 100), (3, 50)])
WINDOW = st.sampled_from([("0d", None), ("1y", None), ("0d", "90d"), ("30d", "1y"), ("1y", "5y"), ("0d", "18m")])
CODES = st.sampled_from(
    [{"atc": ["N05B"]}, {"atc": ["N05C"], "without": ["N05CM"]}, {"atc": ["N06A", "N05B"]}, {"atc": ["N"]}]
)


@st.composite
def exposures(draw: st.DrawFn, name: str) -> Exposure:
    """An exposure with one measure of each kind."""
    windows = [dict(zip(("lag", "lookback"), draw(WINDOW), strict=True)) for _ in range(4)]
    return Exposure.model_validate(
        {
            "name": name,
            "codes": draw(CODES),
            "at_least": draw(st.integers(1, 3)),
            "measures": [
                {"kind": "ever", "lag": draw(st.sampled_from(LENGTHS))},
                {"kind": "any_use", **windows[0]},
                {"kind": "first_use", "cuts": draw(CUTS)},
                {"kind": "count", "bands": draw(BANDS), **windows[1]},
                {"kind": "ddd", "bands": draw(BANDS), **windows[2]},
                {"kind": "ddd", "name": "per_dose", "per": 100, **windows[3]},
                {"kind": "recency", "cuts": draw(CUTS)},
            ],
        }
    )


def as_table(pairs: list[tuple[int, date]]) -> pa.Table:
    person, day = [list(column) for column in zip(*pairs, strict=True)]
    return pa.table({"person_id": pa.array(person, pa.int64()), "index_date": pa.array(day, pa.date32())})


ENOUGH = settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])


@shows(
    "exposure.at_least",
    "atc_codes.atc",
    "atc_codes.without",
    "ever",
    "ever.lag",
    "any_use",
    "any_use.lag",
    "any_use.lookback",
    "first_use",
    "first_use.cuts",
    "count",
    "count.lag",
    "count.lookback",
    "count.bands",
    "ddd",
    "ddd.lag",
    "ddd.lookback",
    "ddd.bands",
    "ddd.per",
    "recency",
    "recency.cuts",
    by=Evidence.REFERENCE,
)
@ENOUGH
@given(DISPENSINGS, ANCHORS, exposures("first"), exposures("second"), STARTS)
def test_exposures_equal_the_reference(
    dispensings: list[dict[str, Any]], pairs: list[tuple[int, date]], one: Exposure, two: Exposure, start: date | None
) -> None:
    starts = {} if start is None else {"dispensing": start}
    registers = registers_of({"dispensing": dispensings}, starts=starts)
    measured = measure_exposures(registers, as_table(pairs), [one, two])
    found = [tuple(row.values()) for row in measured.values.to_pylist()]
    assert found == reference.measures(dispensings, pairs, [one, two], start)
    assert {term for _, _, term, _ in found} <= set(measured.terms["term"].to_pylist())


@ENOUGH
@given(DISPENSINGS, ANCHORS, exposures("drug"))
def test_levels_of_time_part_those_who_qualified(
    dispensings: list[dict[str, Any]], pairs: list[tuple[int, date]], asked: Exposure
) -> None:
    """Ever and lag only, the levels of first use, and those of recency each sum to: qualified before the index date."""
    registers = registers_of({"dispensing": dispensings})
    measured = measure_exposures(registers, as_table(pairs), [asked])
    qualified = next(row.value for row in measured.diagnostics if row.code == DiagnosticCode.QUALIFIED)
    terms = {row["term"]: row["measure"] for row in measured.terms.to_pylist()}
    kinds = [terms[term] for term in measured.values["term"].to_pylist()]
    assert [kinds.count(kind) for kind in ("ever", "first_use", "recency")] == [qualified] * 3


SPELLS = st.lists(
    st.builds(
        lambda person, start, days, county: {
            "person_id": person,
            "start": start,
            "stop": start + timedelta(days=days),
            "county": county,
        },
        PERSONS,
        DAYS,
        st.sampled_from([1, 31, 90, 365, 366, 5000]),
        st.sampled_from(["A", "B", None]),
    ),
    max_size=12,
)


@ENOUGH
@given(SPELLS, ANCHORS, STARTS)
def test_history_begins_as_in_the_reference(
    residence: list[dict[str, Any]], pairs: list[tuple[int, date]], start: date | None
) -> None:
    people = [{"person_id": person, "sex": "male", "birth_date": date(1900, 1, 1)} for person in range(1, 6)]
    starts = {} if start is None else {"dispensing": start}
    registers = registers_of({"person": people, "residence": residence}, starts=starts)
    who = Anchors.of(ENGINE, as_table(pairs))
    begins = find_history_starts(registers, who)
    expected = [reference.history_start(residence, person, index, start) for person, index in sorted(set(pairs))]
    assert begins.tolist() == np.array(expected, "datetime64[D]").tolist()


DIAGNOSES = st.lists(
    st.fixed_dictionaries(
        {
            "person_id": PERSONS,
            "date": DAYS,
            "system": st.sampled_from(["icd10", "icd10", "icd9"]),
            "code": st.sampled_from(["F32", "F321", "F41", "F4", "G122", "F3"]),
            "source": st.sampled_from(["inpatient", "outpatient", "death", "registry"]),
        }
    ),
    max_size=15,
)
YEARS = st.lists(
    st.fixed_dictionaries(
        {
            "person_id": PERSONS,
            "year": st.integers(2012, 2019),
            "education": st.sampled_from(["primary", "university", None]),
            "income": st.one_of(st.none(), st.integers(0, 500)),
            "civil_status": st.sampled_from(["married", "divorced", None]),
        }
    ),
    max_size=12,
    unique_by=lambda row: (row["person_id"], row["year"]),
)
BORN = st.fixed_dictionaries(
    {
        "birth_date": st.dates(date(1900, 1, 1), date(2000, 12, 31)),
        "sex": st.sampled_from(["female", "male"]),
        "country_of_birth": st.sampled_from(["Finland", "Sweden", None]),
    }
)
PEOPLE = st.lists(BORN, min_size=5, max_size=5)


@shows(
    "diagnosis",
    "diagnosis.lag",
    "diagnosis.lookback",
    "diagnosis.icd10",
    "diagnosis.source=inpatient",
    "diagnosis.source=outpatient",
    "diagnosis.source=death",
    "diagnosis.source=registry",
    "dispensing",
    "dispensing.lag",
    "dispensing.lookback",
    "covariate=age",
    "covariate=sex",
    "covariate=birth_year",
    "covariate=education",
    "covariate=income",
    "covariate=civil_status",
    "covariate=country_of_birth",
    "covariate=county",
    by=Evidence.REFERENCE,
)
@ENOUGH
@given(st.data(), DISPENSINGS, DIAGNOSES, YEARS, SPELLS, PEOPLE, ANCHORS, STARTS, STARTS)
def test_covariates_equal_the_reference(
    data: st.DataObject,
    dispensings: list[dict[str, Any]],
    diagnoses: list[dict[str, Any]],
    years: list[dict[str, Any]],
    spells: list[dict[str, Any]],
    born: list[dict[str, Any]],
    pairs: list[tuple[int, date]],
    start: date | None,
    diagnosed_since: date | None,
) -> None:
    windows = [dict(zip(("lag", "lookback"), data.draw(WINDOW), strict=True)) for _ in range(3)]
    sources = data.draw(st.lists(st.sampled_from(["inpatient", "outpatient", "death", "registry"]), unique=True))
    study = study_of(
        {"kind": "diagnosis", "name": "mood", "icd10": ["F3"], "source": sources, **windows[0]},
        {"kind": "diagnosis", "name": "any_f", "icd10": ["F", "F41"], **windows[1]},
        {"kind": "dispensing", "name": "drug", "codes": data.draw(CODES), "at_least": 2, **windows[2]},
    )
    residence = without_overlap(spells)
    people = [{"person_id": n, **one} for n, one in enumerate(born, start=1)]
    tables = {
        "person": people,
        "residence": residence,
        "socioeconomic": years,
        "diagnosis": diagnoses,
        "dispensing": dispensings,
    }
    starts = {"dispensing": start, "diagnosis": diagnosed_since}
    registers = registers_of(tables, starts={name: day for name, day in starts.items() if day is not None})
    names = ["drug", "age", "education", "birth_year", "income", "county", "any_f", "mood"]
    names += ["sex", "country_of_birth", "civil_status"]
    mood, any_f, drug = study.covariates
    measured = measure_covariates(registers, as_table(pairs), names, study.covariates, most_levels=study.most_levels)
    expected = [
        {
            "person_id": person,
            "index_date": index,
            "drug": reference.dispensed(dispensings, person, index, drug, start),
            "age": reference.age(born[person - 1]["birth_date"], index),
            "education": reference.last_year(years, person, index, "education"),
            "birth_year": born[person - 1]["birth_date"].year,
            "income": reference.last_year(years, person, index, "income"),
            "county": reference.county(residence, person, index),
            "any_f": reference.diagnosed(diagnoses, person, index, any_f, diagnosed_since),
            "mood": reference.diagnosed(diagnoses, person, index, mood, diagnosed_since),
            "sex": born[person - 1]["sex"],
            "country_of_birth": born[person - 1]["country_of_birth"],
            "civil_status": reference.last_year(years, person, index, "civil_status"),
        }
        for person, index in sorted(set(pairs))
    ]
    assert measured.to_pylist() == expected


def without_overlap(spells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The spells that overlap none kept before."""
    kept: list[dict[str, Any]] = []
    for spell in spells:
        if all(
            other["person_id"] != spell["person_id"]
            or other["stop"] <= spell["start"]
            or spell["stop"] <= other["start"]
            for other in kept
        ):
            kept.append(spell)
    return kept
