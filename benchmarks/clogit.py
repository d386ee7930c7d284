"""``fit_clogit`` against R's survival::clogit and statsmodels, on the same simulated sets in one run.

    python -m benchmarks.clogit [--sizes 10000,100000,1000000] [--r-up-to 1000000]

Sets of one case and five controls, ten columns (half binary). Seconds are of processor time, the best of a few
repeats, reading excluded; ours includes finding the sets. Peak memory is that of ours, beyond the data given to it.
R is left out where there is no Rscript with survival; statsmodels above 10,000 sets.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from riskset.stats import fit_clogit

SIZE, COLUMNS = 6, 10
BETA = np.linspace(-0.5, 0.6, COLUMNS)
STATSMODELS_UP_TO = 10_000


def simulate(n_sets: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x (6n, 10), case (6n,), set_id (6n,); the case is drawn with odds exp(xβ)."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n_sets * SIZE, COLUMNS))
    x[:, : COLUMNS // 2] = rng.random((n_sets * SIZE, COLUMNS // 2)) < 0.3
    utility = (x @ BETA).reshape(n_sets, SIZE) + rng.gumbel(size=(n_sets, SIZE))
    case = utility == utility.max(axis=1, keepdims=True)
    return x, case.ravel(), np.repeat(np.arange(n_sets), SIZE)


def best_seconds(work: Callable[[], object], repeats: int) -> float:
    spent = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def peak_megabytes(work: Callable[[], object]) -> float:
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def time_r(x: np.ndarray, case: np.ndarray, set_id: np.ndarray, repeats: int) -> tuple[float, np.ndarray] | None:
    """Best seconds and coefficients of R's clogit; None, with a line to say so, where it cannot run."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        print("  R is left out: there is no Rscript")
        return None
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        np.column_stack([set_id, case, x]).astype("<f8").T.tofile(file)
        file.flush()
        script = Path(__file__).with_suffix(".R")
        command = [rscript, str(script), file.name, str(len(x)), str(x.shape[1]), str(repeats)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"  R is left out: {done.stderr.strip().splitlines()[-1]}")
        return None
    found = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    return min(map(float, found["seconds"])), np.array(found["coef"], float)


def time_statsmodels(x: np.ndarray, case: np.ndarray, set_id: np.ndarray) -> tuple[float, np.ndarray]:
    from statsmodels.discrete.conditional_models import ConditionalLogit

    found: list[np.ndarray] = []

    def fit() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = ConditionalLogit(case.astype(float), x, groups=set_id)
            found.append(np.asarray(model.fit(method="newton", disp=False).params))

    return best_seconds(fit, 1), found[-1]


def compare(n_sets: int, r_up_to: int) -> None:
    x, case, set_id = simulate(n_sets)
    repeats = 5 if n_sets <= 100_000 else 2
    fit = fit_clogit(x, case, set_id)
    ours = best_seconds(lambda: fit_clogit(x, case, set_id), repeats)
    memory = peak_megabytes(lambda: fit_clogit(x, case, set_id))
    print(f"{n_sets:,} sets × {SIZE}, {COLUMNS} columns ({x.nbytes / 1e6:.0f} MB)")
    print(f"  riskset      {ours:8.3f} s, {fit.iterations} steps, peak {memory:.0f} MB beyond the data")
    peers = {}
    if n_sets <= r_up_to and (r := time_r(x, case, set_id, min(repeats, 3))) is not None:
        peers["R survival"] = r
    if n_sets <= STATSMODELS_UP_TO:
        peers["statsmodels"] = time_statsmodels(x, case, set_id)
    for name, (seconds, beta) in peers.items():
        apart = np.abs(beta - fit.beta).max()
        print(f"  {name:12s} {seconds:8.3f} s, {seconds / ours:6.1f} times ours; coefficients within {apart:.0e}")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="numbers of sets")
    parser.add_argument("--r-up-to", type=int, default=1_000_000, help="largest number of sets to run in R")
    given = parser.parse_args()
    for n_sets in map(int, given.sizes.split(",")):
        compare(n_sets, given.r_up_to)


if __name__ == "__main__":
    main()
