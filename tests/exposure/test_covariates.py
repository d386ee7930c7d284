"""Hand-worked covariates on the index date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from riskset.calendar import completed_years
from riskset.errors import RisksetError, SourceError, SpecError
from riskset.exposure.covariates import measure_covariates
from riskset.spec.covariates import BUILT_IN_COVARIATES
from riskset.spec.study import Study
from tests.exposure.by_hand import anchors, dispensings_of, registers_of
from tests.shown import Evidence, shows


def study_of(*covariates: dict[str, Any]) -> Study:
    """A study that defines these covariates."""
    return Study.model_validate(
        {
            "name": "covariates",
            "period": {"start": date(2010, 1, 1), "stop": date(2020, 1, 1)},
            "cases": {"first": {"icd10": ["G122"]}},
            "controls": [{"kind": "population"}],
            "covariates": list(covariates),
        }
    )


PERSON = {"person_id": 1, "sex": "female", "birth_date": date(1950, 6, 15), "country_of_birth": "Finland"}
BUILT_IN = study_of()


def of_person_one(
    tables: dict[str, Sequence[Any]], index: str, names: Sequence[str], study: Study = BUILT_IN, **options: Any
) -> dict[str, Any]:
    """What is measured of person 1, without the keys."""
    measured = measure_covariates(
        registers_of(tables, **options), anchors((1, index)), names, study.covariates, most_levels=study.most_levels
    )
    assert measured.column_names == ["person_id", "index_date", *names]
    row = measured.to_pylist()[0]
    return {name: row[name] for name in names}


@shows("covariate=age", "covariate=sex", "covariate=birth_year", "covariate=country_of_birth", by=Evidence.OUTSIDE)
def test_what_a_person_is_born_with_and_exact_age() -> None:
    names = ["country_of_birth", "sex", "birth_year", "age"]
    found = of_person_one({"person": [PERSON]}, "2015-06-15", names)
    assert found == {
        "country_of_birth": "Finland",
        "sex": "female",
        "birth_year": 1950,
        "age": 65.0,
    }


@shows("covariate=age", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("born", "index", "age"),
    [
        ("1950-06-15", "2015-06-14", 64 + 364 / 365),
        ("1950-06-15", "2015-06-15", 65.0),
        ("1950-06-15", "2015-06-16", 65 + 1 / 366),  # the year of life has 29 February 2016
        ("1950-06-15", "2016-06-14", 65 + 365 / 366),
        ("1950-12-31", "2016-01-01", 65 + 1 / 366),
        ("1952-02-29", "2017-02-28", 64 + 365 / 366),
        ("1952-02-29", "2017-03-01", 65.0),
        ("1952-02-29", "2016-02-29", 64.0),
        ("1952-02-29", "2016-02-28", 63 + 364 / 365),
        ("2015-06-15", "2015-06-15", 0.0),
        ("2015-06-16", "2015-06-15", -1 / 365),
    ],
)
def test_an_age_is_reached_on_the_birthday(born: str, index: str, age: float) -> None:
    person = PERSON | {"birth_date": date.fromisoformat(born)}
    assert of_person_one({"person": [person]}, index, ["age"]) == {"age": pytest.approx(age, abs=1e-12)}


@pytest.mark.parametrize("birth", [date(1948, 2, 29), date(1951, 3, 1), date(1949, 12, 31), date(1951, 7, 7)])
def test_at_least_65_is_65_completed_years_on_every_day(birth: date) -> None:
    days = np.arange(np.datetime64(birth) + 63 * 365, np.datetime64(birth) + 68 * 365).astype("datetime64[D]")
    asked = pa.table({"person_id": pa.array([1] * len(days), pa.int64()), "index_date": pa.array(days)})
    registers = registers_of({"person": [PERSON | {"birth_date": birth}]})
    age = measure_covariates(registers, asked, ["age"], BUILT_IN.covariates, most_levels=BUILT_IN.most_levels)[
        "age"
    ].to_numpy()
    assert np.floor(age).tolist() == completed_years(np.datetime64(birth), days).tolist()
    assert (np.diff(age) > 0).all()


@shows("covariate=education", "covariate=income", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("index", "education", "income"),
    [
        ("2015-01-01", "secondary", 200),  # the year before the index year
        ("2014-12-31", "primary", 100),  # what is recorded at the end of the index year is not known yet
        ("2019-05-05", "secondary", 200),
        ("2012-12-31", None, None),
    ],
)
def test_socioeconomic_values_are_of_the_last_year_before_the_index_year(
    index: str, education: str | None, income: int | None
) -> None:
    rows = [
        {"person_id": 1, "year": 2014, "education": "secondary", "income": 200},
        {"person_id": 1, "year": 2012, "education": "primary", "income": 100},
        {"person_id": 2, "year": 2014, "education": "university", "income": 900},
    ]
    found = of_person_one({"socioeconomic": rows}, index, ["education", "income", "civil_status"])
    assert found == {"education": education, "income": income, "civil_status": None}


@shows("covariate=county", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("index", "county"),
    [("2009-12-31", None), ("2010-01-01", "A"), ("2011-12-31", "A"), ("2012-01-01", "B"), ("2014-01-01", None)],
)
def test_county_is_that_of_the_residence_on_the_index_date(index: str, county: str | None) -> None:
    rows = [
        {"person_id": 1, "start": date(2012, 1, 1), "stop": date(2014, 1, 1), "county": "B"},
        {"person_id": 1, "start": date(2010, 1, 1), "stop": date(2012, 1, 1), "county": "A"},
        {"person_id": 0, "start": date(2010, 1, 1), "stop": date(2030, 1, 1), "county": "C"},
    ]
    assert of_person_one({"residence": rows}, index, ["county"]) == {"county": county}


PSYCHIATRIC = {"kind": "diagnosis", "name": "psychiatric", "icd10": ["F3", "F41"], "lag": "1y", "lookback": "5y"}


@shows("diagnosis", "diagnosis.lag", "diagnosis.lookback", "diagnosis.icd10", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("code", "day", "answer"),
    [
        ("F32", "2015-06-14", True),
        ("F32", "2015-06-15", False),
        ("F32", "2011-06-15", True),
        ("F32", "2011-06-14", False),
        ("F410", "2015-01-01", True),
        ("F40", "2015-01-01", False),
        ("F42", "2015-01-01", False),
    ],
)
def test_a_diagnosis_counts_inside_its_window(code: str, day: str, answer: bool) -> None:
    rows = [{"person_id": 1, "date": date.fromisoformat(day), "system": "icd10", "code": code, "source": "outpatient"}]
    assert of_person_one({"diagnosis": rows}, "2016-06-15", ["psychiatric"], study_of(PSYCHIATRIC)) == {
        "psychiatric": answer
    }


@shows("diagnosis.source=inpatient", "diagnosis.source=death", by=Evidence.OUTSIDE)
def test_a_diagnosis_counts_from_the_sources_asked_for_and_in_icd10_only() -> None:
    row = {"person_id": 1, "date": date(2014, 1, 1), "system": "icd10", "code": "F32", "source": "outpatient"}
    inpatient = study_of(PSYCHIATRIC | {"source": ["inpatient", "death"]})
    names = ["psychiatric"]
    assert of_person_one({"diagnosis": [row]}, "2016-06-15", names, inpatient) == {"psychiatric": False}
    row["source"] = "death"
    assert of_person_one({"diagnosis": [row]}, "2016-06-15", names, inpatient) == {"psychiatric": True}
    row["system"] = "icd9"
    assert of_person_one({"diagnosis": [row]}, "2016-06-15", names, inpatient) == {"psychiatric": False}


def test_diagnoses_before_the_stated_start_are_not_used() -> None:
    row = {"person_id": 1, "date": date(2014, 6, 30), "system": "icd10", "code": "F32", "source": "outpatient"}
    asked = {"index": "2016-06-15", "names": ["psychiatric"], "study": study_of(PSYCHIATRIC)}
    starts = {"diagnosis": date(2014, 7, 1), "dispensing": date(1999, 1, 1)}
    assert of_person_one({"diagnosis": [row]}, **asked, starts=starts) == {"psychiatric": False}
    row["date"] = date(2014, 7, 1)
    assert of_person_one({"diagnosis": [row]}, **asked, starts=starts) == {"psychiatric": True}
    row["date"] = date(2014, 6, 30)
    assert of_person_one({"diagnosis": [row]}, **asked) == {"psychiatric": True}


@shows("dispensing", "dispensing.lookback", "dispensing.at_least", by=Evidence.OUTSIDE)
def test_co_medication_needs_enough_distinct_dates_in_the_window() -> None:
    statins = {"kind": "dispensing", "name": "statins", "codes": {"atc": ["C10AA"]}, "at_least": 2, "lookback": "1y"}
    aspirin = {"kind": "dispensing", "name": "aspirin", "codes": {"atc": ["B01AC06"]}}
    rows = dispensings_of(1, "2015-06-14", "2016-01-01", "2016-01-01", atc="C10AA01")
    names, study = ["aspirin", "statins"], study_of(statins, aspirin)
    assert of_person_one({"dispensing": rows}, "2016-06-15", names, study) == {"aspirin": False, "statins": False}
    rows += dispensings_of(1, "2016-06-14", atc="C10AA05") + dispensings_of(1, "2005-01-01", atc="B01AC06")
    assert of_person_one({"dispensing": rows}, "2016-06-15", names, study) == {"aspirin": True, "statins": True}
    starts = {"dispensing": date(2005, 7, 1)}
    later = of_person_one({"dispensing": rows}, "2016-06-15", names, study, starts=starts)
    assert later == {"aspirin": False, "statins": True}


def test_rows_are_sorted_and_each_index_date_has_its_own() -> None:
    people = [PERSON, PERSON | {"person_id": 2, "sex": "male", "birth_date": date(1960, 1, 1)}]
    registers = registers_of({"person": people})
    asked = anchors((2, "2012-01-01"), (1, "2014-06-15"), (1, "2010-06-15"), (2, "2012-01-01"), (3, "2012-01-01"))
    measured = measure_covariates(
        registers, asked, ["birth_year", "sex", "age"], BUILT_IN.covariates, most_levels=BUILT_IN.most_levels
    )
    assert measured["person_id"].to_pylist() == [1, 1, 2, 3]
    assert measured["index_date"].to_pylist() == [
        date(2010, 6, 15),
        date(2014, 6, 15),
        date(2012, 1, 1),
        date(2012, 1, 1),
    ]
    assert measured["sex"].to_pylist() == ["female", "female", "male", None]
    assert measured["birth_year"].to_pylist() == [1950, 1950, 1960, None]
    assert measured["age"].is_null().to_pylist() == [False, False, False, True]


def test_no_anchors_give_every_column_without_rows() -> None:
    tables: dict[str, Sequence[Any]] = {"person": [PERSON], "socioeconomic": [], "residence": [], "diagnosis": []}
    study = study_of(PSYCHIATRIC)
    measured = measure_covariates(
        registers_of(tables),
        anchors(),
        [*BUILT_IN_COVARIATES, "psychiatric"],
        study.covariates,
        most_levels=study.most_levels,
    )
    assert measured.num_rows == 0
    assert measured.column_names[2:] == [*BUILT_IN_COVARIATES, "psychiatric"]


@shows("covariate=education", "covariate=income", "covariate=county", "diagnosis", by=Evidence.REFUSED)
@pytest.mark.parametrize(
    ("name", "tables", "lacking", "error", "sentence"),
    [
        (
            "education",
            {"person": []},
            [],
            SourceError,
            "no table 'socioeconomic', which the covariate 'education' needs",
        ),
        ("income", {"socioeconomic": []}, ["socioeconomic.income"], SourceError, "no column 'income', which the cov"),
        ("county", {"residence": []}, ["residence.county"], SourceError, "'residence' has no column 'county'"),
        ("psychiatric", {}, [], SourceError, "no table 'diagnosis', which the covariate 'psychiatric' needs"),
        ("shoe_size", {}, [], SpecError, "'shoe_size' is no covariate; there are age, sex"),
    ],
)
def test_what_is_not_there_is_refused_by_name(
    name: str, tables: dict[str, Sequence[Any]], lacking: list[str], error: type[RisksetError], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        of_person_one(tables, "2016-06-15", [name], study_of(PSYCHIATRIC), lacking=lacking)
