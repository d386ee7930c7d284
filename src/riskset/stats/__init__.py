"""How much: estimators on arrays. They take NumPy arrays and return small frozen dataclasses."""

from __future__ import annotations

from riskset.stats.bases import NaturalSpline, Polynomial, TimeBasis
from riskset.stats.clogit.fitting import ClogitFit, fit_clogit
from riskset.stats.clogit.layout import SetLayout
from riskset.stats.cox.fine_gray import Observable, fit_fine_gray
from riskset.stats.cox.fitting import CoxFit, fit_cox
from riskset.stats.cox.prediction import Prediction, predict_survival
from riskset.stats.cox.proportionality import ProportionalityTest, proportional_hazards_test
from riskset.stats.cox.residuals import (
    Schoenfeld,
    deviance_residuals,
    dfbeta_residuals,
    martingale_residuals,
    schoenfeld_residuals,
    score_residuals,
)
from riskset.stats.curves.competing import aalen_johansen, gray_test
from riskset.stats.curves.kaplan_meier import Curve, CurveTable, Quantiles, kaplan_meier, nelson_aalen, quantiles
from riskset.stats.curves.logrank import LogRank, log_rank_test
from riskset.stats.curves.person_time import Rates, poisson_limits, rates
from riskset.stats.curves.rmst import RestrictedMean, restricted_mean, restricted_mean_difference
from riskset.stats.inference import (
    LinearContrast,
    Test,
    likelihood_ratio_test,
    profile_interval,
    profile_test,
    wald_interval,
    wald_test,
)
from riskset.stats.joint import (
    Calibration,
    Forecast,
    JointFit,
    JointResiduals,
    MeanScores,
    NaturalSplineBaseline,
    Performance,
    PiecewiseConstant,
    SplineBaseline,
    Trajectory,
    Weibull,
    fit_joint,
    forecast,
    joint_residuals,
    landmark_risk,
    mean_scores,
    measure_calibration,
    measure_performance,
)
from riskset.stats.mixed.fitting import MixedFit, fit_mixed
from riskset.stats.summaries import FitTable

__all__ = [
    "Calibration",
    "ClogitFit",
    "CoxFit",
    "Curve",
    "CurveTable",
    "FitTable",
    "Forecast",
    "JointFit",
    "JointResiduals",
    "LinearContrast",
    "LogRank",
    "MeanScores",
    "MixedFit",
    "NaturalSpline",
    "NaturalSplineBaseline",
    "Observable",
    "Performance",
    "PiecewiseConstant",
    "Polynomial",
    "Prediction",
    "ProportionalityTest",
    "Quantiles",
    "Rates",
    "RestrictedMean",
    "Schoenfeld",
    "SetLayout",
    "SplineBaseline",
    "Test",
    "TimeBasis",
    "Trajectory",
    "Weibull",
    "aalen_johansen",
    "deviance_residuals",
    "dfbeta_residuals",
    "fit_clogit",
    "fit_cox",
    "fit_fine_gray",
    "fit_joint",
    "fit_mixed",
    "forecast",
    "gray_test",
    "joint_residuals",
    "kaplan_meier",
    "landmark_risk",
    "likelihood_ratio_test",
    "log_rank_test",
    "martingale_residuals",
    "mean_scores",
    "measure_calibration",
    "measure_performance",
    "nelson_aalen",
    "poisson_limits",
    "predict_survival",
    "profile_interval",
    "profile_test",
    "proportional_hazards_test",
    "quantiles",
    "rates",
    "restricted_mean",
    "restricted_mean_difference",
    "schoenfeld_residuals",
    "score_residuals",
    "wald_interval",
    "wald_test",
]
