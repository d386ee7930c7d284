"""The cells of a row as a table gives them back, by column: as in `results.rows`, but closed values and JSON as texts.

A number that disclosure control has withheld is a `HiddenNumber`, which is a float. That these are the columns of
`results.rows` is held by ``tests/results/test_row_cells.py``.
"""

from __future__ import annotations

from typing import Any, TypedDict

from riskset.results.withheld import HiddenNumber

Cell = str | int | float | bool | None
"""What stands in a cell."""

Row = dict[str, Any]
"""A row of any of the tables, for what goes through columns by their names."""


class ModelCells(TypedDict):
    """The model that a row is of."""

    analysis: str
    family: str
    form: str
    measure: str
    model_name: str
    estimator: str
    association: str
    cause: str
    sensitivity: str


class EstimateCells(ModelCells):
    """A row of ``estimates``."""

    model_id: str
    comparison: str
    exposure: str
    role: str
    covariate: str
    level: str
    contrast: str
    modifier: str
    stratum: str
    against: str
    unit: str
    scale: str
    horizon: float | None
    adjusted_for: str
    reference: str
    value_of: str
    estimate: float | None
    std_error: float | None
    conf_low: float | None
    conf_high: float | None
    conf_level: float | None
    statistic: float | None
    p_value: float | None
    n_sets: int | None
    n_informative: int | None
    n_cases: int | None
    n_controls: int | None
    n_exposed_cases: int | None
    n_exposed_controls: int | None
    n_events: int | None
    person_years: float | None
    n_exposed_events: int | None
    n_scores: int | None
    converged: bool | None
    notes: str


class CurveCells(ModelCells):
    """A row of ``curves``."""

    model_id: str
    exposure: str
    level: str
    curve: str
    time: float
    unit: str
    estimate: float | None
    conf_low: float | None
    conf_high: float | None
    conf_level: float | None
    n_risk: int | HiddenNumber | None
    n_events: int | None
    n_patients: int | None
    n_scores: int | None
    notes: str


class DiagnosticCells(ModelCells):
    """A row of ``diagnostics``."""

    model_id: str
    comparison: str
    code: str
    who: str
    exposure: str
    covariate: str
    level: str
    modifier: str
    stratum: str
    contrast: str
    value: float | None
    notes: str


class DescribedCells(TypedDict):
    """A row of ``table_one``."""

    comparison: str
    about: str
    variable: str
    exposure: str
    measure: str
    level: str
    kind: str
    cases_n: int | None
    cases_value: float | None
    cases_spread: float | None
    controls_n: int | None
    controls_value: float | None
    controls_spread: float | None
    smd: float | None
    smd_variable: float | None


class AttritionCells(TypedDict):
    """A row of ``attrition``."""

    part: str
    comparison: str
    step: int
    rule: str
    arguments: str
    removed: int
    remaining: int
    unit: str


class AuditCells(TypedDict):
    """A row of ``audit``."""

    comparison: str
    check: str
    subject: str
    count: int
    of: int
    verdict: str
    arguments: str


class QualityCells(TypedDict):
    """A row of ``quality``."""

    table: str
    rule: str
    subject: str
    arguments: str
    rows: int
    of: int
    share: float
    action: str


class KnownCells(ModelCells):
    """A row of ``planted``."""

    comparison: str
    exposure: str
    role: str
    covariate: str
    level: str
    contrast: str
    scale: str
    horizon: float | None
    truth: str
    value: float
    n_persons: int | None
    is_causal_only: bool


class FailureCells(ModelCells):
    """A row of the failures."""

    comparison: str
    exposures: str
    notes: str
