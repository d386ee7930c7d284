"""What was planted, as plain data: the contents of ``truth.json``, which only reports and tests read."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import numpy as np

from riskset.nation.progression import GRID, solve_scale, typical_survival
from riskset.nation.settings import CLASSES, EDUCATION, LEVELS, PUBLISHED, Course, Effects, NationSettings

MODEL = "mutually adjusted"
"""The model form whose truth the nine ratios are: all classes' windows together, and the confounders."""


DEFINITION = {
    "cases": [{"registry": "mnd", "diagnosis": ["ALS"]}, {"icd10": ["G122"]}],
    "exposures": {name: [code] for name, code in CLASSES.items()},
    "at_least": 2,
    "measures": {
        "first_use": {"kind": "first_use", "cuts": ["1y", "5y"]},
        "ever": {"kind": "ever", "lag": "1y", "lag_only": "reference"},
    },
    "match": ["sex", "birth_year"],
    "confounders": ["education", "diagnosis F before 1y"],
}
"""What a study must mean by its words for these to be its truths, in the spelling of ``study.toml``."""


def truth_of(settings: NationSettings) -> dict[str, Any]:
    """The truth of a nation: settings, nine planted log ratios, confounders, prognosis, limits of other models."""
    return {
        "about": "A synthetic nation. The hazard of ALS is multiplied by a ratio for each class and time since the "
        "qualifying date (second distinct dispensing date); published values were planted, so a result that agrees "
        "with them is not a replication.",
        "settings": settings.as_dict(),
        "definition": DEFINITION,
        "effects": [_effect(settings.effects, name, level) for name in CLASSES for level in LEVELS],
        "confounders": _confounders(settings.effects),
        "prognosis": _prognosis(settings.course),
        "limits": _limits(settings),
    }


def _effect(effects: Effects, name: str, level: str) -> dict[str, Any]:
    return {
        "exposure": name,
        "codes": [CLASSES[name]],
        "measure": "first_use",
        "level": level,
        "scale": "log_or",
        "value": float(np.log(effects.of(name)[LEVELS.index(level)])),
        "source": _source(effects, name, level),
        "model": MODEL,
    }


def _source(effects: Effects, name: str, level: str) -> str:
    at = LEVELS.index(level)
    published = (name, level) in PUBLISHED and effects.of(name)[at] == Effects().of(name)[at]
    return "planted (published)" if published else "planted (assumed)"


def _confounders(effects: Effects) -> list[dict[str, Any]]:
    reference = effects.education_risk[1], effects.education_use[1]
    rows = [
        {"name": "education", "level": level, "reference": EDUCATION[1], "scale": "log_or",
         "value": float(np.log(risk / reference[0])), "on_use": float(np.log(use / reference[1]))}
        for level, risk, use in zip(EDUCATION, effects.education_risk, effects.education_use, strict=True)
        if level != EDUCATION[1]
    ]  # fmt: skip
    rows.append(
        {"name": "psychiatric", "level": "a diagnosis of chapter F more than 1 year before", "reference": "none",
         "scale": "log_or", "value": float(np.log(effects.psychiatric_risk)),
         "on_use": float(np.log(effects.psychiatric_use))}
    )  # fmt: skip
    return [row | {"source": "planted (assumed)"} for row in rows]


def _prognosis(course: Course) -> list[dict[str, Any]]:
    """Direct log hazard ratios (given the current score), and the total effect of use on survival."""
    rows: list[dict[str, Any]] = []
    scale = solve_scale(course)
    for name in CLASSES:
        with_use, without = (typical_survival(course, scale, {name: used}) for used in (True, False))
        at = int(np.searchsorted(GRID, 24.0))
        common = {"exposure": name, "measure": "ever", "level": "qualified more than 1 year before diagnosis"}
        rows.append(
            common | {"scale": "log_hr", "effect": "direct", "value": float(np.log(getattr(course, name))),
                      "model": "joint model, current value", "source": "planted (published)"}
        )  # fmt: skip
        rows.append(
            common | {"scale": "log ratio of cumulative hazards at 24 months", "effect": "total",
                      "value": float(np.log(np.log(with_use[at]) / np.log(without[at]))), "model": "marginal survival",
                      "survival_24_months": [float(without[at]), float(with_use[at])],
                      "source": "solved from what was planted"}
        )  # fmt: skip
    rows.append(
        {"exposure": "antidepressants", "measure": "slope", "level": "qualified more than 1 year before diagnosis",
         "scale": "mean", "effect": "points a month", "value": course.antidepressant_slope, "model": "latent score",
         "source": "planted (assumed)"}
    )  # fmt: skip
    return rows


def _limits(settings: NationSettings) -> list[dict[str, Any]]:
    """Truths of other model forms, computed once for the default effects (``limits.json``); none for other effects."""
    stored = files("riskset.nation").joinpath("limits.json")
    if settings.effects != Effects() or not stored.is_file():
        return []
    limits: list[dict[str, Any]] = json.loads(stored.read_text(encoding="utf-8"))
    return limits
