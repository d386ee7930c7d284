"""The patients: their follow-up, exposure, covariates and scores, as arrays side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.analysis.frame import Rows
from riskset.calendar import MONTH, YEAR
from riskset.cohort.cases import CaseList
from riskset.cohort.followup import FollowUp, find_followup
from riskset.cohort.scores import SCORES, find_scores
from riskset.exposure.at_diagnosis import describe_patients
from riskset.exposure.identifying import pool_rare
from riskset.exposure.splitting import find_changes
from riskset.exposure.windows import measure_exposures
from riskset.lookup import row_of
from riskset.microdata import Microdata
from riskset.registers.registers import Registers
from riskset.results.planted_prognosis import CASES
from riskset.results.rows import Diagnostic
from riskset.results.tables import ATTRITION
from riskset.results.vocabulary import Analysis
from riskset.spec.levels import EVER, LAG_ONLY, NEVER, unexposed_name
from riskset.spec.measures import Ever, Exposure
from riskset.spec.study import Study

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

REFERENCE = NEVER


@dataclass(frozen=True)
class Patients(Microdata):
    """n patients under follow-up.

    Attributes
    ----------
    start, stop, event
        (n,) whole days from the origin, (start, stop], and the cause at ``stop``, 0 for none.
    causes, n_endpoints
        What event 1, 2, … is; the first so many are endpoints.
    level
        Exposure → (n,) text: ``never``, ``ever`` (qualified before the lag), ``lag only``.
    covariates
        Name → value at diagnosis, null where unknown.
    patient, day, score
        (N,) whose score, how many days after the origin, and what it was.
    changes
        Exposure → (n,) days from the origin after which who had not qualified before diagnosis has; NaN for the others.
    attrition, diagnostics
        What was left out, and what a reader must know of it.
    """

    start: Ints
    stop: Ints
    event: Ints
    causes: tuple[str, ...]
    n_endpoints: int
    level: Mapping[str, NDArray[np.str_]]
    covariates: Mapping[str, pa.Array]
    patient: Ints
    day: Ints
    score: Floats
    changes: Mapping[str, Floats] = field(default_factory=dict)
    attrition: pa.Table = field(default_factory=ATTRITION.empty_table)
    diagnostics: tuple[Diagnostic, ...] = ()
    unexposed: str = REFERENCE
    """What results call the reference, by whom it holds."""

    def __len__(self) -> int:
        return len(self.stop)

    @cached_property
    def endpoint(self) -> Rows:
        """(n,) whether follow-up ended with an endpoint."""
        return np.asarray((self.event > 0) & (self.event <= self.n_endpoints))

    @property
    def delayed(self) -> bool:
        """Whether anybody enters after the origin."""
        return bool((self.start > 0).any())

    @cached_property
    def month(self) -> Floats:
        """(N,) months from the origin to each score."""
        return np.asarray(self.day / MONTH)

    def person_years(self, rows: Rows | None = None) -> float:
        """Time at risk, in years, of all or of some."""
        days = self.stop - self.start
        return float((days if rows is None else days[rows]).sum() / YEAR)

    def levels_of(self, exposure: str) -> tuple[str, ...]:
        """The levels of an exposure that some patient has, the reference first."""
        return tuple(name for name in (REFERENCE, EVER, LAG_ONLY) if (self.level[exposure] == name).any())


def read_patients(registers: Registers, study: Study, cases: CaseList) -> Patients:
    """Follow the cases and measure them at diagnosis.

    Exposure is having qualified more than ``prognosis.lag`` before diagnosis; who qualified inside the lag only is a
    level of its own, or counts as the study says.
    """
    course = study.course
    asked, exposures = course.asked, course.exposures
    followup = find_followup(registers, course, cases)
    at_diagnosis = followup.table.select(["person_id", "index_date"])
    diagnostics: list[Diagnostic] = [*followup.diagnostics]
    level: dict[str, NDArray[np.str_]] = {}
    if exposures:
        ever = Ever(lag=asked.lag, lag_only=asked.lag_only)
        measured = measure_exposures(
            registers,
            at_diagnosis,
            [exposure.model_copy(update={"measures": (ever,)}) for exposure in exposures],
            run_in=study.eligibility.run_in,
        )
        diagnostics += [
            replace(row, model=row.model.but(analysis=Analysis.PROGNOSIS), comparison=CASES)
            for row in measured.diagnostics
        ]
        level = {e.name: _levels(followup, measured.values, e.name, asked.lag_only) for e in exposures}
    scores = SCORES.empty_table()
    if asked.marker:
        marker = find_scores(registers, asked, followup)
        scores, diagnostics = marker.table, [*diagnostics, *marker.diagnostics]
    pooled = pool_rare(
        registers,
        study.levels,
        describe_patients(
            registers,
            at_diagnosis,
            asked.adjust,
            study.covariates,
            register=course.register,
            most_levels=study.most_levels,
        ),
        asked.adjust,
        analysis=Analysis.PROGNOSIS,
        comparison=CASES,
    )
    person = followup.table["person_id"].to_numpy()
    return Patients(
        start=followup.table["start"].to_numpy(),
        stop=followup.table["stop"].to_numpy(),
        event=followup.table["event"].to_numpy(),
        causes=followup.causes,
        n_endpoints=followup.n_endpoints,
        level=level,
        covariates={name: pooled.table[name].combine_chunks() for name in asked.adjust},
        patient=row_of(person, scores["person_id"].to_numpy()),
        day=scores["day"].to_numpy(),
        score=scores["value"].to_numpy(),
        changes=_changes(registers, followup, exposures, level) if asked.time_varying and exposures else {},
        attrition=followup.attrition,
        diagnostics=(*diagnostics, *pooled.diagnostics),
        unexposed=unexposed_name(asked.lag, asked.lag_only),
    )


def _levels(followup: FollowUp, values: pa.Table, exposure: str, lag_only: str) -> NDArray[np.str_]:
    person = followup.table["person_id"].to_numpy()
    level = np.full(len(person), REFERENCE, dtype=f"<U{len(LAG_ONLY)}")
    for name in (EVER, LAG_ONLY):
        having = values.filter(np.asarray(values["term"].to_pylist(), dtype=object) == f"{exposure}|ever|{name}")
        level[np.isin(person, having["person_id"].to_numpy())] = name
    return np.where(level == LAG_ONLY, REFERENCE, level) if lag_only == "reference" else level


def _changes(
    registers: Registers, followup: FollowUp, exposures: Sequence[Exposure], level: Mapping[str, NDArray[np.str_]]
) -> dict[str, Floats]:
    origin, diagnosis = (followup.table[name].to_numpy().astype("datetime64[D]") for name in ("origin", "index_date"))
    changes = {}
    for name, date in find_changes(registers, followup.table, exposures).items():
        day = (date - origin).astype(np.int64) + 1.0  # exposed from the day after
        changes[name] = np.where((date >= diagnosis) & (level[name] == REFERENCE), day, np.nan)
    return changes
