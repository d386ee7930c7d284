"""Whether the joint model finds the course that was planted, beside what plainer models make of it.

``python -m tests.simulation.joint [replicates [first seed]]`` writes docs/data/joint_recovery.csv and prints it.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from riskset.nation.settings import DiseaseCourse
from riskset.stats import Trajectory, Weibull, fit_cox, fit_joint, fit_mixed
from tests.simulation.patients import ANTIDEPRESSANTS, COVARIATES, Patients, draw_patients, truth

PATIENTS = 1_000
TABLE = Path(__file__).parents[2] / "docs" / "data" / "joint_recovery.csv"
SLOPE_TERMS = ("1", "t", "t:antidepressants")
HAZARD_TERMS = (*COVARIATES, "alpha[value]")
TERMS = (*SLOPE_TERMS, *HAZARD_TERMS, "log sigma")


class Fitted(NamedTuple):
    """What one model found: which, and (estimate, standard error) by term."""

    entry: str
    score: str
    model: str
    found: dict[str, tuple[float, float]]
    converged: bool


class Row(NamedTuple):
    """A line of the table."""

    entry: str
    score: str
    model: str
    term: str
    truth: float
    replicates: int
    not_converged: int
    bias: float
    bias_std_error: float
    std_deviation: float
    mean_std_error: float
    coverage: float


def fit_all(seed: int, *, delayed: bool, patients: int = PATIENTS) -> Iterator[Fitted]:
    """Every model on one draw, with the latent and with the delivered score."""
    drawn = draw_patients(patients, seed, delayed=delayed)
    entry = "delayed" if delayed else "from diagnosis"
    for score, y in (("latent", drawn.latent), ("delivered", drawn.delivered)):
        joint = fit_joint(
            y,
            drawn.time,
            drawn.patient,
            drawn.stop,
            drawn.event,
            start=drawn.start,
            x=drawn.covariates[:, ANTIDEPRESSANTS],
            w=drawn.covariates,
            trajectory=Trajectory(bends=(0,)),
            baseline=Weibull(),
            x_names=["antidepressants"],
            w_names=COVARIATES,
        )
        both = dict(zip(joint.names, zip(joint.theta, joint.std_error, strict=True), strict=True))
        yield Fitted(entry, score, "joint model", {term: both[term] for term in TERMS}, joint.converged)
        design = np.column_stack(
            [np.ones_like(y), drawn.time, drawn.time * drawn.covariates[drawn.patient, ANTIDEPRESSANTS]]
        )
        mixed = fit_mixed(y, design, design[:, :2], drawn.patient)
        both = dict(zip(SLOPE_TERMS, zip(mixed.beta, mixed.std_error, strict=True), strict=True))
        yield Fitted(entry, score, "mixed model alone", both, mixed.converged)
        yield _last_score(drawn, y, entry, score)


def _last_score(drawn: Patients, y: np.ndarray, entry: str, score: str) -> Fitted:
    """A Cox model with the last score carried forward, from the first visit on."""
    order = np.lexsort((drawn.time, drawn.patient))
    who, time, value = drawn.patient[order], drawn.time[order], y[order]
    last = np.append(who[1:] != who[:-1], True)
    stop = np.where(last, drawn.stop[who], np.append(time[1:], 0.0))
    kept = stop > time
    x = np.column_stack([drawn.covariates[who], value])[kept]
    event = (last & (drawn.event[who] == 1))[kept]
    cox = fit_cox(x, stop[kept], event, start=time[kept], names=HAZARD_TERMS)
    both = dict(zip(HAZARD_TERMS, zip(cox.beta, np.sqrt(np.diagonal(cox.covariance)), strict=True), strict=True))
    return Fitted(entry, score, "Cox, last score", both, cox.converged)


def summarise(fits: list[Fitted]) -> list[Row]:
    """Bias and coverage of each term; a fit that did not converge counts as one, and gives no interval."""
    planted = truth(DiseaseCourse())
    rows = []
    for entry, score, model in dict.fromkeys(fit[:3] for fit in fits):
        own = [fit for fit in fits if fit[:3] == (entry, score, model)]
        good = [fit for fit in own if fit.converged]
        for term in good[0].found:
            estimate, error = np.array([fit.found[term] for fit in good]).T
            away = estimate - planted[term]
            rows.append(
                Row(
                    entry, score, model, term, planted[term], len(own), len(own) - len(good),
                    float(away.mean()), float(away.std(ddof=1) / np.sqrt(len(good))), float(away.std(ddof=1)),
                    float(error.mean()), float(np.mean(np.abs(away) < 1.959964 * error)),
                )
            )  # fmt: skip
    return rows


def main() -> None:
    replicates = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    fits = []
    for seed in range(first, first + replicates):
        for delayed in (False, True):
            fits += fit_all(seed, delayed=delayed)
        if seed % 20 == 0:
            print(f"{seed - first + 1} of {replicates}", file=sys.stderr, flush=True)
    rows = summarise(fits)
    TABLE.parent.mkdir(exist_ok=True)
    with TABLE.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(Row._fields)
        writer.writerows([f"{value:.4f}" if isinstance(value, float) else value for value in row] for row in rows)
    print(TABLE.read_text())


if __name__ == "__main__":
    main()
