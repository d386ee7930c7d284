"""``fit_cox`` against R's survival::coxph and lifelines, on the same simulated persons in one run.

    python -m benchmarks.cox [--shapes 1000000x10,100000x50] [--lifelines PYTHON]

Half of the columns are binary; half to three quarters of the persons are censored. Times are either continuous, all
different, or whole days of five years, with and without delayed entry. Seconds are of processor time in one thread, the
best of a few repeats taken in turns, reading excluded; ours includes finding the risk sets. Peak memory is ours, beyond
the data given. R is left out where there is no Rscript with survival; lifelines, which is no dependency of
this project, runs in the interpreter that is named.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.clogit import best_seconds, peak_megabytes
from riskset.stats import fit_cox

LIFELINES = """
import sys, time, warnings
import numpy as np, pandas as pd
from lifelines import CoxPHFitter
from threadpoolctl import threadpool_limits
name, n, p, repeats = sys.argv[1], *map(int, sys.argv[2:5])
data = pd.DataFrame(np.fromfile(name).reshape(p + 3, n).T)
given = dict(duration_col=1, event_col=2)
if sys.argv[5] == "1":
    given["entry_col"] = 0
else:
    data = data.drop(columns=0)
seconds = []
warnings.simplefilter("ignore")
with threadpool_limits(1):
    for _ in range(repeats):
        start = time.process_time()
        fit = CoxPHFitter().fit(data, **given)
        seconds.append(time.process_time() - start)
print("seconds", *seconds)
print("coef", *map(repr, map(float, fit.params_)))
"""


@dataclass(frozen=True)
class Persons:
    """Simulated data: x (n, p), start, stop and event (n,)."""

    x: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    event: np.ndarray


def simulate(n: int, p: int, *, days: bool, entry: bool, seed: int = 1) -> Persons:
    """Exponential times with hazard exp(xβ)/3 a year, seen for up to five years and, where ``entry``, from later on."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p))
    x[:, : p // 2] = rng.random((n, p // 2)) < 0.3
    time = 3 * rng.exponential(size=n) * np.exp(-x @ np.linspace(-0.5, 0.6, p))
    end = rng.uniform(0, 5, n)
    stop = np.minimum(time, end)
    start = stop * rng.uniform(0, 0.9, n) if entry else np.zeros(n)
    if days:
        stop = np.ceil(stop * 365.25)
        start = np.minimum(np.floor(start * 365.25), stop - 1)
    return Persons(x, start, stop, (time <= end).astype(float))


def peer(command: list[str], file: str, persons: Persons, repeats: int, entry: bool) -> tuple[float, np.ndarray] | str:
    """Best seconds and coefficients of a program that is told file, rows, columns, repeats and entry; or why not."""
    shape = [str(number) for number in (*persons.x.shape, repeats, int(entry))]
    done = subprocess.run([*command, file, *shape], capture_output=True, text=True, check=False)
    if done.returncode:
        return done.stderr.strip().splitlines()[-1]
    found = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    return min(map(float, found["seconds"])), np.array(found["coef"], float)


def compare(n: int, p: int, *, days: bool, entry: bool, lifelines: str | None) -> None:
    persons = simulate(n, p, days=days, entry=entry)

    def fit() -> object:
        return fit_cox(persons.x, persons.stop, persons.event, start=persons.start if entry else None)

    kind = ("whole days" if days else "continuous") + (", delayed entry" if entry else "")
    ours = best_seconds(fit, 2)
    found = fit_cox(persons.x, persons.stop, persons.event, start=persons.start if entry else None)
    peers: dict[str, tuple[float, np.ndarray] | str] = {}
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        columns = [persons.start, persons.stop, persons.event, *persons.x.T]
        np.array(columns, "<f8").tofile(file)
        file.flush()
        if shutil.which("Rscript") is None:
            peers["R survival"] = "there is no Rscript"
        else:
            script = str(Path(__file__).with_suffix(".R"))
            peers["R survival"] = peer(["Rscript", script], file.name, persons, 2, entry)
        if lifelines is not None:
            peers["lifelines"] = peer([lifelines, "-c", LIFELINES], file.name, persons, 1, entry)
    ours = min(ours, best_seconds(fit, 2))
    print(f"{n:,} × {p}, {kind}: {found.n_events:,} events at {found.n_event_times:,} times")
    print(f"  riskset      {ours:8.3f} s, {found.iterations} steps, peak {peak_megabytes(fit):.0f} MB beyond the data")
    for name, result in peers.items():
        if isinstance(result, str):
            print(f"  {name} is left out: {result}")
            continue
        seconds, beta = result
        apart = np.abs(beta - found.beta).max()
        print(f"  {name:12s} {seconds:8.3f} s, {seconds / ours:6.1f} times ours; coefficients within {apart:.0e}")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", default="1000000x10,100000x50", help="persons x columns")
    parser.add_argument("--lifelines", help="a Python with lifelines and threadpoolctl")
    given = parser.parse_args()
    for shape in given.shapes.split(","):
        n, p = map(int, shape.split("x"))
        for entry in (False, True):
            for days in (False, True):
                compare(n, p, days=days, entry=entry, lifelines=given.lifelines)


if __name__ == "__main__":
    main()
