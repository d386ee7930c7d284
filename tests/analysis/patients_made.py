"""Patients for tests of the prognosis: of the nation's course, or eight by hand; and how their results are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from riskset.analysis.prognosis import Patients, PrognosisResult
from riskset.calendar import MONTH
from riskset.spec.study import Study
from tests.simulation.patients import draw_patients

CLASSES = ("anxiolytics", "hypnotics", "antidepressants")


def study(named: Sequence[str] = CLASSES, **prognosis: Any) -> Study:
    exposure = {"codes": {"atc": ["N05B"]}, "at_least": 2, "measures": [{"kind": "ever"}]}
    return Study.model_validate(
        {
            "name": "made",
            "period": {"start": "2015-01-01", "stop": "2018-01-01"},
            "cases": {"first": {"registry": "mnd"}},
            "controls": [{"kind": "population"}],
            "exposures": [exposure | {"name": name} for name in named],
            "prognosis": {"endpoint": ["death"], **prognosis},
        }
    )


@cache
def simulated(n: int = 500, *, delayed: bool = True) -> Patients:
    """Patients of the nation's course, in whole days; the latent score, so that the joint model is the truth."""
    drawn = draw_patients(n, seed=3, delayed=delayed)
    start = np.floor(drawn.start * MONTH).astype(np.int64)
    stop = np.maximum(np.ceil(drawn.stop * MONTH).astype(np.int64), start + 1)
    day = np.minimum(np.floor(drawn.time * MONTH).astype(np.int64), stop[drawn.patient] - 1)
    users = drawn.covariates[:, :3] > 0
    return Patients(
        start=start,
        stop=stop,
        event=drawn.event.astype(np.int64),
        causes=("death",),
        n_endpoints=1,
        level={name: np.where(users[:, i], "ever", "never") for i, name in enumerate(CLASSES)},
        covariates={"age": pa.array(67 + drawn.covariates[:, 3]), "bulbar": pa.array(drawn.covariates[:, 4] > 0)},
        patient=drawn.patient,
        day=day,
        score=drawn.latent,
    )


def few(**changes: Any) -> Patients:
    """Eight patients, four of them exposed."""
    made = Patients(
        start=np.array([0, 0, 10, 0, 0, 0, 0, 5]),
        stop=np.array([100, 200, 300, 400, 150, 250, 350, 50]),
        event=np.array([1, 0, 1, 1, 1, 1, 0, 1]),
        causes=("death",),
        n_endpoints=1,
        level={"anxiolytics": np.array(["ever", "never"] * 4)},
        covariates={},
        patient=np.zeros(0, np.int64),
        day=np.zeros(0, np.int64),
        score=np.zeros(0),
    )
    return replace(made, **changes)


def rows(result: PrognosisResult, **wanted: Any) -> list[dict[str, Any]]:
    return [row for row in result.estimates if all(row[key] == value for key, value in wanted.items())]


def one(result: PrognosisResult, **wanted: Any) -> dict[str, Any]:
    (row,) = rows(result, **wanted)
    return row


def told(result: PrognosisResult, name: str) -> list[dict[str, Any]]:
    return [row for row in result.diagnostics if row["name"] == name]
