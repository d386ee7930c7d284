"""Families with a case, and a study of them with relatives as controls."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from riskset.spec.study import Study

HOME = "lives 1990-01-01..2030-01-01"
START = date(2005, 7, 1)
KINDS: list[dict[str, Any]] = [
    {"kind": "population", "ratio": 2, "match": []},
    {"kind": "siblings", "half": True},
    {"kind": "siblings", "at": "same age"},
    {"kind": "spouses"},
]


def study(**more: Any) -> Study:
    measures = [{"kind": "ever", "lag": "1y"}, {"kind": "first_use", "cuts": ["1y"]}]
    return Study.model_validate(
        {
            "name": "kin",
            "period": {"start": "2011-01-01", "stop": "2020-01-01"},
            "eligibility": {"age": [18, 110]},
            "cases": {"first": {"registry": "mnd", "diagnosis": ["ALS"]}},
            "controls": KINDS,
            "exposures": [{"name": "pills", "codes": {"atc": ["N05B"]}, "at_least": 1, "measures": measures}],
            "models": [{"kind": "conditional logistic", "measure": "ever", "classes": ["each"]}],
            **more,
        }
    )


def family(i: int) -> str:
    """A case with an older sister, a younger half-brother and a husband; use differs from family to family."""
    day = date(2013, 1, 1) + timedelta(days=97 * i)
    early, late = day - timedelta(days=2900 - 10 * i), day - timedelta(days=700)
    uses = [f"takes N05BA01 {d}" for d in (early, late, late)]
    case, sister, brother, man = (uses[(i + j) % 3] if (i * 7 + j * 3) % 5 < 2 else "" for j in range(4))
    return f"""
    mum{i} f 1920-01-01
    dad{i} m 1920-01-01
    don{i} m 1920-01-01
    ann{i} f {1950 + i % 9}-03-01 {HOME} als {day} mother mum{i} father dad{i} with man{i} 1975-01-01..2030-01-01 {case}
    eve{i} f {1948 + i % 9}-03-01 {HOME} mother mum{i} father dad{i} {sister}
    bob{i} m {1952 + i % 9}-03-01 {HOME} mother mum{i} father don{i} {brother}
    man{i} m {1949 + i % 7}-03-01 {HOME} {man}
    """
