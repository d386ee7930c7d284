"""What was planted, as plain data: the contents of ``truth.json``, which only reports and tests read."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np

from riskset.nation.arithmetic import log
from riskset.nation.mechanism import Mechanism
from riskset.nation.progression import GRID, solve_scale, typical_survival
from riskset.nation.settings import CLASSES, EDUCATION, LEVELS, PUBLISHED, DiseaseCourse, Effects, NationSettings
from riskset.plain import Plain

MODEL = "mutually adjusted"
"""The model form whose truth the nine ratios are: all classes' windows together, and the confounders."""
PUBLISHED_RATIO, ASSUMED = "planted, published", "planted, assumed"
"""What kind of truth a planted number is."""
DIGITS = 6
"""Decimals of a truth that is computed; a limit has 5."""


DEFINITION: dict[str, Plain] = {
    "cases": [{"registry": "mnd", "diagnosis": ["ALS"]}, {"icd10": ["G122"]}],
    "exposures": {name: [code] for name, code in CLASSES.items()},
    "at_least": 2,
    "measures": {
        "first_use": {"kind": "first_use", "cuts": ["1y", "5y"]},
        "ever": {"kind": "ever", "lag": "1y", "lag_only": "reference"},
    },
    "comparisons": [
        "population",
        *(
            f"{who}{at}"
            for who in ("siblings", "siblings and half-siblings", "half-siblings")
            for at in ("", " at the same age")
        ),
        "spouses",
    ],
    "match": ["sex", "birth_year"],
    "confounders": ["education", "diagnosis F before 1y"],
}
"""What a study must mean by its words for these to be its truths, in the spelling of ``study.toml``.

The planted ratios are the truth of every listed comparison: the confounders are each person's own and recorded, so that
sets of siblings or of spouses, in a model with age, sex and the confounders, aim at the same nine numbers. ``match`` is
of population sets, and the limits of other model forms hold in these alone.
"""


SHARED_BY = {
    "constant": "full siblings in full; half-siblings, parents and children not at all",
    "half_shared": "full siblings, and a parent and a child, by 1/2; half-siblings by 1/4",
    "non_shared": "nobody",
    "couple": "the partners of a first couple in full",
}


def truth_of(settings: NationSettings) -> dict[str, Plain]:
    """The truth of a nation: settings, nine planted log ratios, confounders, prognosis, limits of other models."""
    return {
        "about": "A synthetic nation. The hazard of ALS is multiplied by a ratio for each class and time since the "
        "qualifying date (second distinct dispensing date); published values were planted, so a result that agrees "
        "with them is not a replication.",
        "settings": settings.as_dict(),
        "definition": DEFINITION,
        "mechanism": _mechanism(settings.mechanism),
        "effects": [_effect(settings, name, level) for name in CLASSES for level in LEVELS],
        "confounders": _confounders(settings.effects),
        "prognosis": _prognosis(settings.course),
        "limits": _limits(settings),
    }


def _log_of(ratio: float) -> float:
    return round(float(log(ratio)), DIGITS)


def _effect(settings: NationSettings, name: str, level: str) -> dict[str, Plain]:
    effects = settings.effects
    return {
        "exposure": name,
        "codes": [CLASSES[name]],
        "measure": "first_use",
        "level": level,
        "scale": "log_or",
        "value": _log_of(effects.of(name)[LEVELS.index(level)]),
        "truth": _kind(effects, name, level),
        "causal_only": settings.mechanism.distorts,
        "model": MODEL,
    }


def _mechanism(mechanism: Mechanism) -> dict[str, Plain]:
    """What stands between use and disease besides the effect, and of what the planted ratios are the truth."""
    liability: dict[str, Plain] = {
        name: {"on_use": part.on_use, "on_risk": part.on_risk, "shared_by": SHARED_BY[name]}
        for name, part in mechanism.parts.items()
        if part.on_use or part.on_risk
    }
    return {
        "mode": "effect" if mechanism == Mechanism() else "mechanism",
        "planted_ratios": "the causal truth, which no model of these registers estimates without bias"
        if mechanism.distorts
        else "the truth of the mutually adjusted model, in every comparison",
        "liability": liability,
        "unit": "log ratio per standard deviation",
        "unrecorded_users": mechanism.unrecorded_users,
        "unrecorded_dispensings": mechanism.unrecorded_dispensings,
        "not_taken": mechanism.not_taken,
    }


def _kind(effects: Effects, name: str, level: str) -> str:
    at = LEVELS.index(level)
    published = (name, level) in PUBLISHED and effects.of(name)[at] == Effects().of(name)[at]
    return PUBLISHED_RATIO if published else ASSUMED


def _confounders(effects: Effects) -> list[dict[str, Plain]]:
    reference = effects.education_risk[1], effects.education_use[1]
    rows: list[dict[str, Plain]] = [
        {"name": "education", "level": level, "reference": EDUCATION[1], "scale": "log_or",
         "value": _log_of(risk / reference[0]), "on_use": _log_of(use / reference[1])}
        for level, risk, use in zip(EDUCATION, effects.education_risk, effects.education_use, strict=True)
        if level != EDUCATION[1]
    ]  # fmt: skip
    rows.append(
        {"name": "psychiatric", "level": "a diagnosis of chapter F more than 1 year before", "reference": "none",
         "scale": "log_or", "value": _log_of(effects.psychiatric_risk),
         "on_use": _log_of(effects.psychiatric_use)}
    )  # fmt: skip
    return [row | {"truth": ASSUMED} for row in rows]


def _prognosis(course: DiseaseCourse) -> list[dict[str, Plain]]:
    """Direct log hazard ratios (given the current score), and the total effect of use on survival."""
    rows: list[dict[str, Plain]] = []
    scale = solve_scale(course)
    for name in CLASSES:
        with_use, without = (typical_survival(course, scale, {name: used}) for used in (True, False))
        at = int(np.searchsorted(GRID, 24.0))
        common: dict[str, Plain] = {
            "exposure": name,
            "measure": "ever",
            "level": "qualified more than 1 year before diagnosis",
        }
        rows.append(
            common | {"scale": "log_hr", "effect": "direct", "value": _log_of(getattr(course, name)),
                      "model": "joint model, current value", "truth": PUBLISHED_RATIO}
        )  # fmt: skip
        rows.append(
            common | {"scale": "log ratio of cumulative hazards at 24 months", "effect": "total",
                      "value": _log_of(float(log(with_use[at]) / log(without[at]))), "model": "marginal survival",
                      "survival_24_months": [round(float(share[at]), DIGITS) for share in (without, with_use)],
                      "truth": "solved from what was planted"}
        )  # fmt: skip
    rows.append(
        {"exposure": "antidepressants", "measure": "slope", "level": "qualified more than 1 year before diagnosis",
         "scale": "mean", "effect": "points a month", "value": course.antidepressant_slope, "model": "latent score",
         "truth": ASSUMED}
    )  # fmt: skip
    return rows


def _limits(settings: NationSettings) -> list[dict[str, Plain]]:
    """Truths of other model forms, computed once for the default effects (``limits.json``); none for other settings."""
    stored = files("riskset.nation").joinpath("limits.json")
    if settings.effects != Effects() or settings.mechanism != Mechanism() or not stored.is_file():
        return []
    limits: list[dict[str, Plain]] = json.loads(stored.read_text(encoding="utf-8"))
    return [row | {"comparison": "population"} for row in limits]
