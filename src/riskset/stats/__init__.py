"""How much: estimators on arrays. They take NumPy arrays and return small frozen dataclasses."""

from __future__ import annotations

from riskset.stats.clogit import ClogitFit, fit_clogit
from riskset.stats.inference import (
    Contrast,
    Test,
    likelihood_ratio_test,
    linear_contrast,
    profile_interval,
    profile_test,
    wald_interval,
    wald_test,
)
from riskset.stats.sets import SetLayout
from riskset.stats.trend import Trend, fit_trend

__all__ = [
    "ClogitFit",
    "Contrast",
    "SetLayout",
    "Test",
    "Trend",
    "fit_clogit",
    "fit_trend",
    "likelihood_ratio_test",
    "linear_contrast",
    "profile_interval",
    "profile_test",
    "wald_interval",
    "wald_test",
]
