"""Invented people whose every value would be known again: identifiers and dates that stand nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from riskset.spec.study import Study

FAMILIES = 24
"""Each of a case, a sibling and a spouse."""

PERSONS = 3 * FAMILIES
STARTS = {"dispensing": date(2005, 7, 1)}


def name_of(number: int) -> str:
    """The delivered identifier of a person."""
    return f"PNR{number:03d}7531"


NAMES = [name_of(i) for i in range(PERSONS)]
BIRTHS = [date(1951, 3, 4) + timedelta(days=i % FAMILIES + 7 * (i // FAMILIES)) for i in range(PERSONS)]
ONSETS = [date(2014, 2, 3) + timedelta(days=11 * i) for i in range(FAMILIES)]
DIAGNOSES = [day + timedelta(days=200) for day in ONSETS]

Column = Callable[[int], str]
"""From the number of a person to the text that a register has."""


def tables(**texts: Column) -> dict[str, pa.Table]:
    """Canonical tables; a covariate of texts may be given by name, the others have three values."""
    text = {name: texts.get(name, lambda i: "abc"[i % 3] + "-group") for name in
            ("education", "civil_status", "county", "country_of_birth", "onset_site")}  # fmt: skip
    everyone, cases = range(PERSONS), range(FAMILIES)
    known = [{"person_id": NAMES[i], "sex": ("female", "male")[i % 2], "birth_date": BIRTHS[i]} for i in everyone]
    parents = [
        {
            "mother_id": f"PNRM{i % FAMILIES}",
            "father_id": f"PNRF{i % FAMILIES}",
            "country_of_birth": text["country_of_birth"](i),
        }
        for i in everyone
    ]
    older = [
        {"person_id": f"PNR{who}{i}", "sex": sex, "birth_date": date(1925, 1, 1)}
        for i in cases
        for who, sex in (("M", "female"), ("F", "male"))
    ]
    kept = {"county": text["county"], "start": lambda i: date(1990, 1, 1), "stop": lambda i: None}
    year = {"education": text["education"], "civil_status": text["civil_status"], "income": lambda i: 1000.0 + i}
    rows: dict[str, list[dict[str, Any]]] = {
        "person": [*(a | b for a, b in zip(known, parents, strict=True)), *older],
        "residence": [{"person_id": NAMES[i]} | {n: f(i) for n, f in kept.items()} for i in everyone],
        "socioeconomic": [{"person_id": NAMES[i], "year": 2010} | {n: f(i) for n, f in year.items()} for i in everyone],
        "dispensing": [
            {"person_id": NAMES[i], "date": date(2009, 1, 5) + timedelta(days=3 * i + 31 * k), "atc": "N05BA01"}
            for i in everyone
            for k in range(2)
            if i % 3 or i % 7 == 0
        ],
        "death": [{"person_id": NAMES[i], "date": DIAGNOSES[i] + timedelta(days=300 + 13 * i)} for i in cases[::2]],
        "couple": [
            {"person_id": one, "partner_id": other, "start": date(2000, 1, 1), "stop": None, "kind": "married"}
            for i in cases
            for one, other in ((NAMES[i], NAMES[i + 2 * FAMILIES]), (NAMES[i + 2 * FAMILIES], NAMES[i]))
        ],
        "registry_item": [
            {"person_id": NAMES[i], "registry": "mnd", "date": day, "name": name, "text": said}
            for i in cases
            for name, day, said in (
                ("diagnosis", DIAGNOSES[i], "ALS"),
                ("registration", DIAGNOSES[i] + timedelta(days=17), None),
                ("onset_date", ONSETS[i], None),
                ("onset_site", DIAGNOSES[i], text["onset_site"](i)),
            )
        ],
        "measurement": [
            {
                "person_id": NAMES[i],
                "date": DIAGNOSES[i] + timedelta(days=60 * k),
                "name": "alsfrs_r",
                "value": 40.0 - k,
            }
            for i in cases
            for k in range(3)
        ],
    }
    return {name: pa.Table.from_pylist(held) for name, held in rows.items()}


def registers(engine: Engine | None = None, **texts: Column) -> Registers:
    return Registers.from_tables(tables(**texts), engine=engine, starts=STARTS, tolerance=1.0)


def study(**changed: Any) -> Study:
    """Population, siblings and spouses, and the course; nothing is adjusted for."""
    described: Mapping[str, Any] = {
        "name": "Recognisable",
        "period": {"start": "2014-01-01", "stop": "2017-01-01"},
        "cases": {"first": {"registry": "mnd", "diagnosis": ["ALS"]}},
        "eligibility": {"run_in": "0d"},
        "controls": [{"kind": "population", "match": [], "ratio": 3}, {"kind": "siblings"}, {"kind": "spouses"}],
        "exposures": [{"name": "anxiolytics", "codes": {"atc": ["N05B"]}, "measures": [{"kind": "ever", "lag": "1y"}]}],
        "models": [{"kind": "conditional logistic", "measure": "ever", "classes": ["each"]}],
        "prognosis": {"endpoint": ["death"]},
    }
    return Study.model_validate({**described, **changed})
