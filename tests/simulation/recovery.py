"""Whether what was planted is found: bias by one joint χ², coverage by exact binomial tests.

``python -m tests.simulation.recovery [replicates [nations end to end]]`` prints the tables of docs/validation.md of the
population comparison, and with ``kin`` before the numbers those of siblings and spouses.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import stats

from riskset.nation.settings import CLASSES, LEVELS, Effects
from tests.simulation.replicates import (
    Replicate,
    fit_stacked,
    run_end_to_end,
    run_kin_blocks,
    run_kin_end_to_end,
    run_replicates,
)

LIMITS = Path(__file__).parents[2] / "src" / "riskset" / "nation" / "limits.json"
FORMS = (
    ("mutually adjusted", "first_use"),
    ("mutually adjusted", "ever"),
    ("adjusted", "first_use"),
    ("adjusted", "ever"),
    ("crude", "first_use"),
    ("crude", "ever"),
)
"""Model forms with a truth: the first is what was planted, the others are limits."""


@dataclass(frozen=True)
class Row:
    """One coefficient over the replicates: log ratios, and the share of intervals that hold the truth."""

    model: str
    term: str
    exposure: str
    level: str
    truth: float
    stacked: float
    std_error: float
    mean: float
    covered: int
    replicates: int

    @property
    def coverage_p(self) -> float:
        """Exact binomial test of 95 %."""
        return float(stats.binomtest(self.covered, self.replicates, 0.95).pvalue)


@dataclass(frozen=True)
class Form:
    """A model form: its coefficients, and the joint test that none is biased."""

    rows: tuple[Row, ...]
    chi2: float
    df: int

    @property
    def bias_p(self) -> float:
        return float(stats.chi2.sf(self.chi2, self.df))


def truths() -> dict[tuple[str, str, str, str], float]:
    """(model, term, exposure, level) → log ratio: the planted nine, and the limits of other forms."""
    planted = {
        ("mutually adjusted", "first_use", name, level): float(np.log(ratio))
        for name in CLASSES
        for level, ratio in zip(LEVELS, Effects().of(name), strict=True)
    }
    limits = json.loads(LIMITS.read_text(encoding="utf-8"))
    return planted | {(r["model"], r["measure"], r["exposure"], r["level"]): r["value"] for r in limits}


def judge(replicates: list[Replicate], model: str, term: str) -> Form:
    """Hold one model form to its truth.

    Bias is judged on the estimate from all sets of all replicates together (a mean of maximum-likelihood estimates
    would carry the bias of small samples), coverage on each replicate's own interval.
    """
    if model == "mutually adjusted":
        return _joined([_judged(replicates, model, term, tuple(CLASSES))])
    return _joined([_judged(replicates, model, term, (name,)) for name in CLASSES])


def _judged(
    replicates: list[Replicate], model: str, term: str, classes: tuple[str, ...]
) -> tuple[list[Row], float, int]:
    names, fit = fit_stacked(replicates, term, classes=classes, adjusted=model != "crude")
    known, k = truths(), len(names)
    truth = np.array([known[(model, term, exposure, level)] for exposure, level in names])
    away = fit.beta[:k] - truth
    chi2 = float(away @ np.linalg.solve(fit.covariance[:k, :k], away))
    rows = []
    for i, (exposure, level) in enumerate(names):
        key = (model, term, exposure, level)
        each = np.array([r.estimates[key] for r in replicates if key in r.estimates])
        covered = int((np.abs(each[:, 0] - truth[i]) <= stats.norm.ppf(0.975) * each[:, 1]).sum())
        error = float(np.sqrt(fit.covariance[i, i]))
        rows.append(
            Row(model, term, exposure, level, truth[i], fit.beta[i], error, each[:, 0].mean(), covered, len(each))
        )
    return rows, chi2, k


def _joined(parts: list[tuple[list[Row], float, int]]) -> Form:
    """Classes in models of their own are judged together; their χ² are not independent, so the largest decides."""
    rows = tuple(row for part in parts for row in part[0])
    _, chi2, df = min(parts, key=lambda part: stats.chi2.sf(part[1], part[2]))
    return Form(rows, chi2, df)


def as_markdown(forms: list[Form]) -> str:
    """The table of docs/validation.md."""
    lines = [
        "| model | measure | class | level | truth | found (all sets) | SE of its log | coverage, % | p |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for form in forms:
        for r in form.rows:
            share = 100 * r.covered / r.replicates
            lines.append(
                f"| {r.model} | {r.term} | {r.exposure} | {r.level} | {np.exp(r.truth):.3f} | "
                f"{np.exp(r.stacked):.3f} | {r.std_error:.4f} | {share:.1f} of {r.replicates} | {r.coverage_p:.3f} |"
            )
        lines.append(f"| | | | *joint test of bias* | | χ² = {form.chi2:.1f}, df {form.df} | | | {form.bias_p:.3f} |")
    return "\n".join(lines)


def main(number: int = 1000, nations: int = 50) -> None:
    """Print what ``number`` replicates and ``nations`` end-to-end nations find."""
    if number:
        replicates = run_replicates(range(1, number + 1))
        print(as_markdown([judge(replicates, model, term) for model, term in FORMS]))
        naive = judge_against_planted(replicates)
        print(
            f"\nThe crude model against what was planted: χ² = {naive.chi2:.0f}, df {naive.df}, p = {naive.bias_p:.1e}"
        )
    if nations:
        replicates = run_replicates(range(5001, 5001 + nations), run_end_to_end)
        print("\n" + as_markdown([judge(replicates, *FORMS[0])]))


def kin_replicates(number: int, *, workers: int = 2) -> list[dict[str, Replicate]]:
    """At least so many replicates of relatives, from nations of 20 blocks."""
    nations = run_replicates(range(10_001, 10_001 - (-number // 20)), run_kin_blocks, workers=workers, chunk=1)
    return [block for nation in nations for block in nation]


def main_of_kin(number: int = 1000, nations: int = 50, workers: int = 2) -> None:
    """The same of siblings and spouses, in the form that aims at what was planted."""
    if number:
        print_kin(kin_replicates(number, workers=workers))
    if nations:
        print_kin(run_replicates(range(15_001, 15_001 + nations), run_kin_end_to_end, workers=workers))


def print_kin(found: list[dict[str, Replicate]]) -> None:
    """Print the tables of docs/validation.md of relatives."""
    for comparison in found[0]:
        of_comparison = [each[comparison] for each in found]
        print(f"\n{comparison}, {len(found)} replicates, {_sets_of(of_comparison)} sets on average\n")
        print(as_markdown([judge(of_comparison, *FORMS[0])]), flush=True)


def _sets_of(replicates: list[Replicate]) -> str:
    return f"{np.mean([len(np.unique(r.set_id)) for r in replicates]):.0f}"


def judge_against_planted(replicates: list[Replicate]) -> Form:
    """The crude models of first use held to the planted ratios, which they do not target: this must fail."""
    known = truths()
    parts = []
    for name in CLASSES:
        names, fit = fit_stacked(replicates, "first_use", classes=(name,), adjusted=False)
        truth = np.array([known[("mutually adjusted", "first_use", *key)] for key in names])
        away = fit.beta - truth
        parts.append(([], float(away @ np.linalg.solve(fit.covariance, away)), len(names)))
    return _joined(parts)


if __name__ == "__main__":
    if sys.argv[1:2] == ["kin"]:
        main_of_kin(*(int(text) for text in sys.argv[2:]))
    else:
        main(*(int(text) for text in sys.argv[1:]))
