"""A covariate that tells each person from the next is refused by name, and none of its values is said."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from riskset.errors import SpecError
from riskset.exposure.identifying import refuse_identifying
from riskset.registers.engines.duckdb import DuckDB
from riskset.run import run_study
from riskset.spec.study import Study
from tests import recognisable
from tests.recognisable import BIRTHS, NAMES, Column
from tests.shown import Evidence, shows

PERSONAL: dict[str, Column] = {
    "identifier": lambda i: NAMES[i],
    "name": lambda i: f"Anna Svensson {i}",
    "birth date": lambda i: BIRTHS[i].isoformat(),
    "some date": lambda i: (date(1980, 1, 1) + timedelta(days=i // 2)).isoformat(),
    "postal code": lambda i: f"{11100 + i * 10 // 15}",
    "couple": lambda i: f"couple {i % (recognisable.PERSONS // 2)}",
    "income": lambda i: str(200_000 + 17 * i),
}
SHARED: dict[str, Column] = {
    "three": lambda i: "abc"[i % 3],
    "ten": lambda i: f"group {i % 10}",
    "one": lambda i: "all",
    "mostly one": lambda i: f"rare {i}" if i % 6 == 0 else "usual",
}
ADJUSTED = ("education", "civil_status", "country_of_birth", "county")


def asking(covariate: str, how: str) -> Study:
    if how == "prognosis":
        return recognisable.study(prognosis={"endpoint": ["death"], "adjust": [covariate]})
    model = {"kind": "conditional logistic", "measure": "ever", "classes": ["each"]}
    asked = {"adjust": {"adjust": [covariate]}, "subgroups": {"subgroups": [{"by": covariate}]}}
    return recognisable.study(
        models=[model | asked.get(how, {"interactions": [covariate]})], prognosis=None,
        controls=[{"kind": "population", "match": [], "ratio": 3}],
    )  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> DuckDB:
    return DuckDB(threads=1)


@pytest.mark.parametrize(
    ("what", "covariate"), [*((what, "education") for what in PERSONAL), *(("identifier", c) for c in ADJUSTED[1:])]
)
def test_what_hardly_anybody_shares_is_refused(what: str, covariate: str, engine: DuckDB) -> None:
    values = PERSONAL[what]
    found = recognisable.registers(engine, **{covariate: values})
    with pytest.raises(SpecError, match=covariate) as refused:
        run_study(asking(covariate, "adjust"), found)
    said = str(refused.value)
    assert not [value for value in map(values, range(recognisable.PERSONS)) if value in said]
    assert "leave it out" in said or "most_levels" in said


@pytest.mark.parametrize(
    ("covariate", "how"),
    [("education", "subgroups"), ("county", "interactions"), ("onset_site", "prognosis"), ("education", "prognosis")],
)
def test_however_it_is_asked_for(covariate: str, how: str, engine: DuckDB) -> None:
    found = recognisable.registers(engine, **{covariate: PERSONAL["identifier"]})
    with pytest.raises(SpecError, match=f"hardly anybody shares a value of {covariate}"):
        run_study(asking(covariate, how), found)


@pytest.mark.parametrize("what", SHARED)
def test_what_people_share_is_not(what: str, engine: DuckDB) -> None:
    finished = run_study(asking("education", "adjust"), recognisable.registers(engine, education=SHARED[what]))
    assert "education" in finished.released.table("table_one")["variable"].to_pylist()


@shows("study.most_levels", by=Evidence.OUTSIDE)
@shows("study.most_levels", by=Evidence.REFUSED)
def test_the_limit_is_the_studys(engine: DuckDB) -> None:
    found = recognisable.registers(engine, education=SHARED["ten"])
    few = asking("education", "adjust").model_copy(update={"most_levels": 9})
    with pytest.raises(SpecError, match=r"education has 10 levels among .* most_levels = 9"):
        run_study(few, found)
    assert Study.model_validate(json.loads(few.model_dump_json())).most_levels == 9


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        (["a", "b", "c", "d", "e"], False),  # few levels, however rare
        (["a", "b", "c", "d", "e", "f"], True),
        ([None] * 90 + ["a", "b", "c", "d", "e", "f"], True),  # unknown is nobody's value
        (["a"] * 94 + ["b", "c", "d", "e", "f", "g"], False),
        ([], False),
        ([None] * 5, False),
    ],
)
def test_who_shares_a_value(values: list[str | None], refused: bool) -> None:
    person = np.arange(len(values))
    column = pa.array(values, pa.string())
    twice = pa.concat_arrays([column, column]), np.concatenate([person, person])  # people of several sets count once
    for texts, whose in ((column, person), twice):
        if refused:
            with pytest.raises(SpecError):
                refuse_identifying("education", texts, whose, most=50)
        else:
            refuse_identifying("education", texts, whose, most=50)
