"""Confidence limits of probabilities by transformation."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy import special

from riskset.stats.arrays import Floats
from riskset.stats.inference import normal_quantile

ConfType = Literal["log-log", "log", "plain", "logit", "arcsin"]


def survival_limits(estimate: Floats, std_error: Floats, conf_type: ConfType, level: float) -> tuple[Floats, Floats]:
    """Limits of probabilities, of any shape, symmetric on a transformed scale and cut to [0, 1].

    ``"log-log"`` is log(−log p), ``"log"`` log p, ``"logit"`` log(p/(1 − p)), ``"arcsin"`` arcsin √p. Where the
    transform of 0 or 1 is infinite the limits are NaN, as in R's ``survfit`` (Kalbfleisch & Prentice 2002, §1.4).
    """
    z = normal_quantile(level)
    p = np.asarray(estimate, float)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if conf_type == "plain":
            low, high = p - z * std_error, p + z * std_error
        elif conf_type == "log":
            p = np.where(p == 0, np.nan, p)
            low, high = p * np.exp(-z * std_error / p), p * np.exp(z * std_error / p)
        elif conf_type == "log-log":
            p = np.where((p <= 0) | (p >= 1), np.nan, p)
            reach = z * std_error / (p * np.abs(np.log(p)))
            low, high = p ** np.exp(reach), p ** np.exp(-reach)
        elif conf_type == "logit":
            p = np.where((p <= 0) | (p >= 1), np.nan, p)
            reach = z * std_error / (p * (1 - p))
            low, high = special.expit(special.logit(p) - reach), special.expit(special.logit(p) + reach)
        elif conf_type == "arcsin":
            reach = z * std_error / (2 * np.sqrt(p * (1 - p)))
            middle = np.arcsin(np.sqrt(p))
            low = np.sin(np.maximum(middle - reach, 0)) ** 2
            high = np.sin(np.minimum(middle + reach, np.pi / 2)) ** 2
        else:
            raise ValueError(f'conf_type is {conf_type!r}; it should be "log-log", "log", "plain", "logit" or "arcsin"')
    return np.clip(low, 0, 1), np.clip(high, 0, 1)
