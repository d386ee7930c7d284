"""What the form of the baseline hazard does to the association of a joint model.

``python -m tests.simulation.joint_baseline [replicates]`` writes docs/data/joint_baseline.csv and prints it.

Every baseline is fitted to the same sets, so that the difference from a baseline of the true form, with two unknown
coefficients, is free of nearly all of their noise: what that one is off is the bias of maximum likelihood in few
patients, and what others add to it is theirs.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from riskset.stats import PiecewiseConstant, Trajectory, fit_joint
from riskset.stats.joint import Baseline

TABLE = Path(__file__).parents[2] / "docs" / "data" / "joint_baseline.csv"
ALPHA = -0.08
END = 48.0

LOG_HAZARDS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "Weibull, shape 1.5": lambda t: np.log(1.5 / 60) + 0.5 * np.log(t / 60),
    "Weibull, shape 0.7": lambda t: np.log(0.7 / 60) - 0.3 * np.log(t / 60),
    "constant": lambda t: np.log(0.012) + 0 * t,
    "bathtub": lambda t: np.log(0.03 * np.exp(-t / 3) + 0.007 + 0.03 * (t / END) ** 4),
    "hump": lambda t: np.log(0.002 + 0.03 * np.exp(-0.5 * ((t - 12) / 5) ** 2)),
}
"""A month, of a patient whose score stays at 37."""


class Setting(NamedTuple):
    """What is drawn; ``share`` of the replicates asked for are made."""

    truth: str
    patients: int = 300
    delayed: bool = False
    delivered: bool = False
    share: float = 1.0


SETTINGS = (
    Setting("Weibull, shape 1.5"),
    Setting("Weibull, shape 0.7", share=0.6),
    Setting("constant", share=0.6),
    Setting("bathtub", share=0.6),
    Setting("hump"),
    *(Setting(truth, delayed=True, share=0.4) for truth in ("Weibull, shape 1.5", "bathtub", "hump")),
    Setting("Weibull, shape 1.5", delivered=True, share=0.4),
    Setting("Weibull, shape 1.5", 1_500, share=1.6),
    Setting("hump", 1_500, share=0.4),
    Setting("Weibull, shape 1.5", 40),
    Setting("hump", 40),
)


@dataclass(frozen=True)
class TrueForm(Baseline):
    """log h0(t) = φ0 + φ1 g(t), of which the truth has φ0 = 0 and φ1 = 1."""

    truth: str
    points: int = 6
    power: int = 3
    edges: tuple[float, ...] = field(default=(0.0, 6.0, 12.0, 18.0, 30.0, np.inf), init=False)

    @property
    def names(self) -> tuple[str, ...]:
        return ("log h0",) if self.truth == "constant" else ("log h0", "g(t)")

    def terms(self, t: np.ndarray) -> np.ndarray:
        g = LOG_HAZARDS[self.truth](np.maximum(t, 1e-100))
        return np.stack([np.ones_like(t), g], axis=-1)[..., : len(self.names)]


def baselines(truth: str, stop: np.ndarray, event: np.ndarray) -> dict[str, Baseline | None]:
    """What is compared, None being the default of ``fit_joint``; pieces have eight events or more, as in a study."""
    pieces = int(np.clip(event.sum() // 8, 1, 7))
    return {
        "true form": TrueForm(truth),
        "spline (default)": None,
        "7 pieces": PiecewiseConstant.at_quantiles(stop, event, pieces),
    }


def draw(setting: Setting, seed: int) -> dict[str, Any]:
    """One set, as ``fit_joint`` takes it: lines of a score, seen every 3.5 months, and death by inversion on a grid.

    Entry is at diagnosis, or an exponential delay of three months after it and in half of all up to 15 months later.
    """
    n = setting.patients
    rng = np.random.default_rng([seed, n, setting.delayed])
    m = 4 * n if setting.delayed else n
    x = (rng.random(m) < 0.5).astype(float)
    effects = rng.standard_normal((m, 2)) @ np.linalg.cholesky([[25, 1], [1, 0.6]]).T
    level, slope = 37 + effects[:, 0], -1 - 0.2 * x + effects[:, 1]
    edges = np.linspace(0, np.sqrt(END), 401) ** 2
    middle = (edges[1:] + edges[:-1]) / 2
    along = level[:, None] - 37 + slope[:, None] * middle
    rate = np.exp(LOG_HAZARDS[setting.truth](middle) + ALPHA * along + 0.4 * x[:, None])
    hazard = np.concatenate([np.zeros((m, 1)), np.cumsum(rate * np.diff(edges), axis=1)], axis=1)
    target = rng.standard_exponential(m)
    death = np.array([np.interp(e, h, edges, right=np.inf) for e, h in zip(target, hazard, strict=True)])
    entry = np.zeros(m)
    if setting.delayed:
        entry = rng.exponential(3, m) + np.where(rng.random(m) < 0.5, rng.uniform(0, 15, m), 0)
    end = np.maximum(rng.uniform(12, END, m), entry + 1)
    seen = np.flatnonzero(death > entry)[:n]
    x, level, slope, entry, death, end = (part[seen] for part in (x, level, slope, entry, death, end))
    stop = np.minimum(death, end)
    patient, visit = np.divmod(np.arange(6 * n), 6)
    time = entry[patient] + 3.5 * visit
    kept = (time <= stop[patient]) & ((visit == 0) | (rng.random(6 * n) < 0.85))
    patient, time = patient[kept], time[kept]
    y = level[patient] + slope[patient] * time + 1.8 * rng.standard_normal(len(time))
    if setting.delivered:
        y = np.clip(np.round(y), 0, 48)
    return {
        "y": y, "time": time, "patient": patient, "start": entry if setting.delayed else None, "stop": stop,
        "event": (death <= end).astype(int), "x": x, "w": x, "trajectory": Trajectory(bends=(0,)),
    }  # fmt: skip


class Row(NamedTuple):
    """A line of the table: α by one baseline; ``beyond`` is the mean difference from the true form in the same sets."""

    truth: str
    patients: int
    entry: str
    score: str
    baseline: str
    replicates: int
    not_converged: int
    events: float
    bias: float
    bias_std_error: float
    beyond: float
    beyond_std_error: float
    std_deviation: float
    mean_std_error: float
    coverage: float


Fits = dict[str, np.ndarray]


def fit_all(setting: Setting, seeds: Sequence[int]) -> Fits:
    """By baseline (sets, 4): α, its standard error, whether the fit converged, and the events of the set."""
    found: dict[str, list[tuple[float, ...]]] = {}
    for seed in seeds:
        drawn = draw(setting, seed)
        for name, baseline in baselines(setting.truth, drawn["stop"], drawn["event"]).items():
            fit = fit_joint(**drawn, baseline=baseline)
            at = fit.at("alpha[value]")
            found.setdefault(name, []).append(
                (fit.theta[at], fit.std_error[at], fit.converged, float(drawn["event"].sum()))
            )
    return {name: np.array(values, float) for name, values in found.items()}


def summarise(setting: Setting, fits: Fits) -> list[Row]:
    """The rows of a setting; a set counts where all baselines converged."""
    good = np.all([values[:, 2] == 1 for values in fits.values()], axis=0)
    root = float(np.sqrt(good.sum()))
    rows = []
    for name, values in fits.items():
        estimate, error = values[good, 0], values[good, 1]
        beyond = estimate - fits["true form"][good, 0]
        deviation = float(estimate.std(ddof=1))
        rows.append(
            Row(
                setting.truth, setting.patients, "delayed" if setting.delayed else "from diagnosis",
                "delivered" if setting.delivered else "latent", name, len(good), int((values[:, 2] == 0).sum()),
                float(values[:, 3].mean()), float(estimate.mean() - ALPHA), deviation / root, float(beyond.mean()),
                float(beyond.std(ddof=1)) / root, deviation, float(error.mean()),
                float(np.mean(np.abs(estimate - ALPHA) < 1.959964 * error)),
            )
        )  # fmt: skip
    return rows


def write(rows: Sequence[Row]) -> None:
    """The table of the documentation."""
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(Row._fields)
        writer.writerows([f"{value:.5f}" if isinstance(value, float) else value for value in row] for row in rows)


def main() -> None:
    replicates = int(sys.argv[1]) if len(sys.argv) > 1 else 250
    rows: list[Row] = []
    for setting in SETTINGS:
        rows += summarise(setting, fit_all(setting, range(1, 1 + round(replicates * setting.share))))
        print(setting, file=sys.stderr, flush=True)
    write(rows)
    print(TABLE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
