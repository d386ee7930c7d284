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
from riskset.results.columns import as_cells
from riskset.results.notes import Arguments, NoteCode, read_notes
from riskset.results.vocabulary import DiagnosticCode
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


Row = dict[str, Any]


def of(family: str, form: str = "", *, sensitivity: str = "", **facts: str) -> dict[str, str]:
    """The columns of a model."""
    return {"family": family, "form": form, "sensitivity": sensitivity, **facts}


def joint(form: str, association: str = "value", **facts: str) -> dict[str, str]:
    """The columns of a joint model."""
    return of("joint", form, association=association, **facts)


RATIO = {"scale": "log_hr", "role": "exposure"}
"""Columns of a hazard ratio of an exposure."""


def rows(result: PrognosisResult, **wanted: Any) -> list[Row]:
    """The estimates with these columns."""
    return _with(result.estimates, wanted)


def one(result: PrognosisResult, **wanted: Any) -> Row:
    (row,) = rows(result, **wanted)
    return row


def points(result: PrognosisResult, **wanted: Any) -> list[Row]:
    """The points of curves with these columns."""
    return _with(result.curves, wanted)


def diagnosed(result: PrognosisResult, code: DiagnosticCode, **wanted: Any) -> list[Row]:
    """The diagnostics of a code with these columns."""
    return _with(result.diagnostics, {"code": code, **wanted})


def noted(row: Row) -> dict[NoteCode, Arguments]:
    """The notes of a row, by code."""
    return {one.code: one.arguments for one in read_notes(row["notes"])}


def _with(made: Sequence[Any], wanted: dict[str, Any]) -> list[Row]:
    cells = [dict(as_cells(row)) for row in made]
    return [row for row in cells if all(row[key] == value for key, value in wanted.items())]
