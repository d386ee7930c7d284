"""The joint model of a score over time and of the events that end it."""

from __future__ import annotations

from riskset.stats.joint.baseline import Baseline, NaturalSplineBaseline, PiecewiseConstant, SplineBaseline, Weibull
from riskset.stats.joint.fitting import Accuracy, JointFit, fit_joint
from riskset.stats.joint.forecasting import Forecast, MeanScores, forecast, landmark_risk, mean_scores
from riskset.stats.joint.performance import Calibration, Performance, measure_calibration, measure_performance
from riskset.stats.joint.residuals import JointResiduals, joint_residuals
from riskset.stats.joint.trajectory import Trajectory

__all__ = [
    "Accuracy",
    "Baseline",
    "Calibration",
    "Forecast",
    "JointFit",
    "JointResiduals",
    "MeanScores",
    "NaturalSplineBaseline",
    "Performance",
    "PiecewiseConstant",
    "SplineBaseline",
    "Trajectory",
    "Weibull",
    "fit_joint",
    "forecast",
    "joint_residuals",
    "landmark_risk",
    "mean_scores",
    "measure_calibration",
    "measure_performance",
]
