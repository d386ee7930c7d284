"""Matched sets written down by hand, for tests of the analysis."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from riskset.analysis.frame import AnalysisFrame
from riskset.spec.study import Study, parse

DAY = dt.date(2015, 6, 1)


def study(**changes: Any) -> Study:
    """A small study of one drug class, `pills`, measured as ever used before a year."""
    plain: dict[str, Any] = {
        "name": "by hand",
        "period": {"start": dt.date(2015, 1, 1), "stop": dt.date(2016, 1, 1)},
        "cases": {"first": {"icd10": ["G12.2"]}},
        "controls": [{"kind": "population", "ratio": 1}],
        "exposures": [
            {"name": name, "codes": {"atc": [code]}, "measures": [{"kind": "ever", "lag": "1y"}]}
            for name, code in (("pills", "N05B"), ("drops", "N06A"))
        ],
        "models": [{"kind": "conditional logistic", "measure": "ever", "classes": ["each"]}],
    }
    return parse(Study, plain | changes)


def frame(
    sets: Sequence[Sequence[dict[str, Any]]], *, levels: Sequence[str] = ("ever", "lag only"), measure: str = "ever"
) -> AnalysisFrame:
    """Sets of members, the case first; a member names its exposure levels (``pills="ever"``) and covariates.

    A covariate that a member does not name is unknown.
    """
    members = [member | {"set": i, "case": j == 0} for i, group in enumerate(sets) for j, member in enumerate(group)]
    names = sorted({key for member in members for key in member} - {"set", "case", "pills", "drops"})
    number = len(members)
    days = pa.array([DAY] * number, pa.date32())
    persons = pa.array(range(number), pa.int64())
    rows = pa.table(
        {
            "comparison": ["population"] * number,
            "set_id": pa.array([m["set"] for m in members], pa.int64()),
            "person_id": persons,
            "case": [m["case"] for m in members],
            "index_date": days,
            "anchor_date": days,
        }
    )
    terms = pa.Table.from_pylist(
        [
            {
                "term": f"{drug}|ever|{level}",
                "exposure": drug,
                "measure": measure,
                "level": level,
                "order": order,
                "reference": "never",
            }
            for drug in ("pills", "drops")
            for order, level in enumerate(levels, start=1)
        ]
    )
    measured = [
        {"person_id": i, "index_date": DAY, "term": f"{drug}|ever|{member[drug]}", "value": 1}
        for i, member in enumerate(members)
        for drug in ("pills", "drops")
        if member.get(drug)
    ]
    schema = pa.schema(
        [("person_id", pa.int64()), ("index_date", pa.date32()), ("term", pa.string()), ("value", pa.int64())]
    )
    covariates = pa.table({"person_id": persons, "index_date": days} | {n: [m.get(n) for m in members] for n in names})
    return AnalysisFrame(rows, terms, pa.Table.from_pylist(measured, schema=schema), covariates)
