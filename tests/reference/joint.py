"""The likelihood of a joint model by plain loops: visits one by one, time by Simpson's rule, random effects on a grid.

Nothing here is shared with the program: the score's density is the product over visits, hazards are written out, and
the random effects are summed over a wide, fine, even grid, which for smooth, vanishing integrands is as good as exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

STEPS = 16
"""Of Simpson's rule in each piece of the baseline."""


@dataclass(frozen=True)
class Model:
    """A joint model with a random intercept and slope, and one covariate.

    The score is b0 + β0 + (β1 + b1) t + β2 t·x + ε; cause k has the hazard h0(t) exp(γ_k x + Σ α_ka f_a(t)), with
    features among value, slope, cumulative, b0 and b1, in that order.
    """

    beta: tuple[float, float, float]
    sigma: float
    covariance: np.ndarray
    log_baseline: tuple[Callable[[float], float], ...]
    gamma: tuple[float, ...]
    alpha: tuple[dict[str, float], ...]


@dataclass(frozen=True)
class Patient:
    """One patient: visits (time, score), entry, last time, cause of the event then (0 none), covariate."""

    visits: tuple[tuple[float, float], ...]
    start: float
    stop: float
    event: int
    x: float


def log_hazard(model: Model, cause: int, t: float, x: float, b0: np.ndarray, b1: np.ndarray) -> np.ndarray:
    """At random effects on a grid."""
    intercept = model.beta[0] + b0
    slope = model.beta[1] + model.beta[2] * x + b1
    feature = {
        "value": intercept + slope * t,
        "slope": slope,
        "cumulative": intercept * t + slope * t**2 / 2,
        "b0": b0,
        "b1": b1,
    }
    total = model.log_baseline[cause](t) + model.gamma[cause] * x
    for name, value in model.alpha[cause].items():
        total = total + value * feature[name]
    return np.asarray(total)


def natural_spline(coefficients: Sequence[float], knots: Sequence[float]) -> Callable[[float], float]:
    """A restricted cubic spline of time over the last knot, term by term from its truncated powers."""
    xi = [knot / knots[-1] for knot in knots]

    def cube(v: float) -> float:
        return v**3 if v > 0 else 0.0

    def at(t: float) -> float:
        v = t / knots[-1]
        total = coefficients[0] + coefficients[1] * v
        for j in range(len(xi) - 2):
            this = (cube(v - xi[j]) - cube(v - xi[-1])) / (xi[-1] - xi[j])
            last = (cube(v - xi[-2]) - cube(v - xi[-1])) / (xi[-1] - xi[-2])
            total += coefficients[2 + j] * (this - last) / (xi[-1] - xi[0])
        return total

    return at


def cumulative_hazard(
    model: Model,
    until: float,
    x: float,
    b0: np.ndarray,
    b1: np.ndarray,
    cuts: tuple[float, ...],
    since: float = 0.0,
    steps: int = STEPS,
) -> np.ndarray:
    """Of all causes, by Simpson's rule within each piece of the baseline."""
    total = np.zeros_like(b0)
    edges = [since, *(cut for cut in cuts if since < cut < until), until]
    for low, high in pairwise(edges):
        for i in range(steps + 1):
            weight = (1 if i in (0, steps) else 4 if i % 2 else 2) * (high - low) / steps / 3
            t = low + (high - low) * (1e-9 + i * (1 - 2e-9) / steps)
            for cause in range(len(model.alpha)):
                total = total + weight * np.exp(log_hazard(model, cause, t, x, b0, b1))
    return total


def grid_for(model: Model, points: int = 71, reach: float = 6.5) -> tuple[np.ndarray, np.ndarray, float]:
    """Random effects on an even grid along the root of D, and the size of a cell."""
    root = np.linalg.cholesky(model.covariance)
    axis = np.linspace(-reach, reach, points)
    z0, z1 = np.meshgrid(axis, axis, indexing="ij")
    cell = (axis[1] - axis[0]) ** 2 * root[0, 0] * root[1, 1]
    return root[0, 0] * z0, root[1, 0] * z0 + root[1, 1] * z1, cell


def log_density(model: Model, b0: np.ndarray, b1: np.ndarray) -> np.ndarray:
    """Of the random effects."""
    inverse = np.linalg.inv(model.covariance)
    quadratic = inverse[0, 0] * b0**2 + 2 * inverse[0, 1] * b0 * b1 + inverse[1, 1] * b1**2
    return np.asarray(-0.5 * quadratic - math.log(2 * math.pi) - 0.5 * math.log(np.linalg.det(model.covariance)))


def log_joint(
    model: Model, patient: Patient, b0: np.ndarray, b1: np.ndarray, cuts: tuple[float, ...], steps: int = STEPS
) -> np.ndarray:
    """Log density of a patient's visits, survival and random effects together."""
    total = log_density(model, b0, b1)
    for t, y in patient.visits:
        expected = model.beta[0] + b0 + (model.beta[1] + b1) * t + model.beta[2] * t * patient.x
        total = total - 0.5 * ((y - expected) / model.sigma) ** 2 - math.log(model.sigma * math.sqrt(2 * math.pi))
    if patient.event:
        total = total + log_hazard(model, patient.event - 1, patient.stop, patient.x, b0, b1)
    return np.asarray(total - cumulative_hazard(model, patient.stop, patient.x, b0, b1, cuts, steps=steps))


def log_likelihood(model: Model, patients: list[Patient], cuts: tuple[float, ...], steps: int = STEPS) -> float:
    """Of all patients, given that each lived to entry."""
    total = 0.0
    for patient in patients:

        def seen(b0: np.ndarray, b1: np.ndarray, patient: Patient = patient) -> np.ndarray:
            return log_joint(model, patient, b0, b1, cuts, steps)

        def lived(b0: np.ndarray, b1: np.ndarray, patient: Patient = patient) -> np.ndarray:
            hazard = cumulative_hazard(model, patient.start, patient.x, b0, b1, cuts, steps=steps)
            return log_density(model, b0, b1) - hazard

        total += log_integral(model, seen)
        if patient.start > 0:
            total -= log_integral(model, lived)
    return total


def log_integral(model: Model, height: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> float:
    """Log of the integral of exp(height) over the random effects: a wide grid shows where a finer one should lie."""
    b0, b1, _ = grid_for(model)
    weight = np.exp(height(b0, b1) - height(b0, b1).max())
    weight /= weight.sum()
    axes = []
    for b in (b0, b1):
        mean = float((weight * b).sum())
        deviation = max(math.sqrt(float((weight * (b - mean) ** 2).sum())), 1e-3)
        axes.append(np.linspace(mean - 9 * deviation, mean + 9 * deviation, 121))
    fine = np.meshgrid(*axes, indexing="ij")
    cell = (axes[0][1] - axes[0][0]) * (axes[1][1] - axes[1][0])
    values = height(fine[0], fine[1])
    return float(values.max() + math.log(np.exp(values - values.max()).sum() * cell))


def conditional_survival(
    model: Model, patient: Patient, until: float, cuts: tuple[float, ...]
) -> tuple[float, float, float]:
    """Of a patient alive at ``stop``: the chance to live to ``until``, and the mean score then: all, the living."""
    b0, b1, _ = grid_for(model, 121)
    weight = np.exp(log_joint(model, patient, b0, b1, cuts))
    weight /= weight.sum()
    alive = np.exp(-cumulative_hazard(model, until, patient.x, b0, b1, cuts, since=patient.stop))
    score = model.beta[0] + b0 + (model.beta[1] + model.beta[2] * patient.x + b1) * until
    survival = float((weight * alive).sum())
    return survival, float((weight * score).sum()), float((weight * alive * score).sum() / survival)


@dataclass(frozen=True)
class Lives:
    """Simulated patients: random effects, entry and death, each (n,)."""

    b0: np.ndarray
    b1: np.ndarray
    entry: np.ndarray
    death: np.ndarray


def simulate(model: Model, x: float, until: float, *, n: int, mean_entry: float, seed: int, steps: int = 1000) -> Lives:
    """Patients drawn from the model, followed in small steps until each one's hazard has used up his exponential.

    Entry is exponential whatever becomes of the patient; who dies before it is never seen. Death is infinite after
    ``until``.
    """
    rng = np.random.default_rng(seed)
    b0, b1 = rng.multivariate_normal([0.0, 0.0], model.covariance, n).T
    entry = mean_entry * rng.standard_exponential(n)
    budget, used, death = rng.standard_exponential(n), np.zeros(n), np.full(n, np.inf)
    width = until / steps
    for step in range(steps):
        used += width * np.exp(log_hazard(model, 0, (step + 0.5) * width, x, b0, b1))
        death[(used >= budget) & np.isinf(death)] = (step + 1) * width
    return Lives(b0, b1, entry, death)


def mean_of_the_seen(model: Model, lives: Lives, x: float, t: float) -> tuple[float, float]:
    """Mean latent score at ``t`` of those who have entered and live, and its standard error."""
    seen = (lives.entry <= t) & (lives.death > t)
    score = model.beta[0] + lives.b0[seen] + (model.beta[1] + model.beta[2] * x + lives.b1[seen]) * t
    return float(score.mean()), float(score.std() / math.sqrt(seen.sum()))
