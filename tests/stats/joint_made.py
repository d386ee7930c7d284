"""Small made data for the joint model, and the same as the plain loops take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riskset.stats.joint.baseline import Baseline
from riskset.stats.joint.data import check_data
from riskset.stats.joint.likelihood import JointLikelihood
from riskset.stats.joint.parameters import Parameters
from riskset.stats.joint.trajectory import Association, Trajectory
from tests.reference.joint import Model, Patient

LINE = Trajectory(bends=(0,))


@dataclass(frozen=True)
class Made:
    """Arrays as `fit_joint` takes them."""

    y: np.ndarray
    time: np.ndarray
    patient: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    event: np.ndarray
    x: np.ndarray

    @property
    def arguments(self) -> dict[str, np.ndarray]:
        """By keyword."""
        return {
            "y": self.y,
            "time": self.time,
            "patient": self.patient,
            "start": self.start,
            "stop": self.stop,
            "event": self.event,
            "x": self.x,
            "w": self.x,
        }

    def patients(self) -> list[Patient]:
        """One by one."""
        found = []
        for i in range(len(self.stop)):
            own = self.patient == i
            visits = tuple((float(t), float(y)) for t, y in zip(self.time[own], self.y[own], strict=True))
            found.append(
                Patient(visits, float(self.start[i]), float(self.stop[i]), int(self.event[i]), float(self.x[i]))
            )
        return found

    def likelihood(
        self, baseline: Baseline, association: Sequence[Association], k: int = 25, factor: int = 2
    ) -> JointLikelihood:
        """Under fine quadrature."""
        data = check_data(
            LINE, self.y, self.time, self.patient, self.stop, self.event, self.start, self.x, self.x, ["x"], ["x"]
        )
        orders = np.full((2, data.n), k)
        return JointLikelihood(data, baseline, tuple(association), orders, points_factor=factor)


def make(n: int = 14, seed: int = 3, *, causes: int = 1, delayed: bool = True) -> Made:
    """Patients who decline, with a marker near 10 and follow-up of a few years; the first has no visit."""
    rng = np.random.default_rng(seed)
    x = (np.arange(n) % 2).astype(float)
    b = rng.multivariate_normal([0, 0], [[4, 0.3], [0.3, 0.25]], n)
    rate = 0.15 * np.exp(-0.1 * b[:, 0] - 0.5 * b[:, 1])
    start = np.where(np.arange(n) % 3 == 1, 0.4, 0.0) if delayed else np.zeros(n)
    stop = start + np.minimum(rng.exponential(1 / rate), rng.uniform(2, 5, n)) + 0.1
    event = np.where(stop < 2.5 + start, 1 + np.arange(n) // 2 % causes, 0)
    event[-2 * causes :] = np.arange(2 * causes) // 2 + 1
    patient = np.repeat(np.arange(1, n), 4)
    time = start[patient] + np.tile([0.0, 0.5, 1.1, 1.9], n - 1)
    kept = time <= stop[patient]
    patient, time = patient[kept], time[kept]
    y = 10 + b[patient, 0] + (-0.8 + b[patient, 1] - 0.2 * x[patient]) * time + rng.normal(0, 0.7, len(time))
    return Made(y, time, patient, start, stop, event, x)


def parameters(model: Model, baseline: np.ndarray, order: Sequence[str]) -> Parameters:
    """A plain model's parameters as the program has them."""
    return Parameters(
        np.array(model.beta),
        model.sigma,
        np.linalg.cholesky(model.covariance),
        baseline,
        np.array(model.gamma)[:, None],
        np.array([[alpha[name] for name in order] for alpha in model.alpha]),
    )
