"""``fit_cox`` against ``survival::coxph`` run beside it, on data made here with many ties."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from riskset.stats import fit_cox

pytestmark = pytest.mark.r

OPTIONS = {
    "plain": (),
    "strata": ("strata",),
    "entry": ("start",),
    "entry_strata": ("start", "strata"),
    "weights": ("weights", "cluster_rows"),
    "cluster": ("cluster",),
    "all": ("start", "strata", "weights", "cluster"),
}
CASES = [
    (name, ties)
    for ties in ("efron", "breslow", "exact")
    for name in OPTIONS
    if ties != "exact" or name in ("plain", "strata")
]


@pytest.fixture(scope="module")
def data() -> dict[str, np.ndarray]:
    """240 rows on whole days, so that about eight events share a day; groups of three rows."""
    rng = np.random.default_rng(17)
    n = 240
    start = rng.integers(0, 4, n)
    x = np.column_stack([rng.random(n) < 0.4, rng.normal(size=n)])
    length = np.ceil(rng.exponential(8 * np.exp(-0.6 * x[:, 0] + 0.3 * x[:, 1])))
    stop = start + np.minimum(length, 12)
    return {
        "start": start, "stop": stop, "event": (length <= 12).astype(int), "x1": x[:, 0], "x2": x[:, 1],
        "s": rng.integers(0, 3, n), "g": np.arange(n) // 3, "w": rng.uniform(0.5, 2.5, n), "row": np.arange(n),
    }  # fmt: skip


@pytest.fixture(scope="module")
def from_r(data: dict[str, np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """The numbers of each fit, in the order in which the script prints them."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("there is no Rscript")
    path = tmp_path_factory.mktemp("r") / "rows.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([list(data), *zip(*(column.tolist() for column in data.values()), strict=True)])
    script = str(Path(__file__).with_name("cox_live.R"))
    done = subprocess.run([rscript, script, str(path)], capture_output=True, text=True, check=False, timeout=60)
    if "there is no package called" in done.stderr:
        pytest.skip("R has no survival package")
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    return {name: np.array(numbers, float) for name, *numbers in lines}


@pytest.mark.parametrize(("name", "ties"), CASES)
def test_coefficients_errors_and_likelihood(
    data: dict[str, np.ndarray], from_r: dict[str, np.ndarray], name: str, ties: str
) -> None:
    given = {
        "start": ("start", data["start"]),
        "strata": ("strata", data["s"]),
        "weights": ("weights", data["w"]),
        "cluster": ("cluster", data["g"]),
        "cluster_rows": ("cluster", data["row"]),
    }
    options = dict(given[option] for option in OPTIONS[name])
    fit = fit_cox(np.column_stack([data["x1"], data["x2"]]), data["stop"], data["event"], ties=ties, **options)
    coefficients, covariance, model, loglik, score = np.split(from_r[f"{name}_{ties}"], [2, 6, 10, 12])
    np.testing.assert_allclose(fit.beta, coefficients, rtol=0, atol=1e-9)
    np.testing.assert_allclose(fit.covariance.ravel(), covariance, rtol=1e-7)
    np.testing.assert_allclose(fit.covariance_model.ravel(), model, rtol=1e-7)
    np.testing.assert_allclose([fit.loglik_null, fit.loglik], loglik, rtol=1e-10)
    assert fit.score.statistic == pytest.approx(score[0], rel=1e-8)
