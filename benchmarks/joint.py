"""``fit_joint`` on ALS-like patients of the nation's course, with standard errors, on one thread.

    python -m benchmarks.joint [--sizes 300,1000,5000,20000] [--repeats 3]

Patients have four to five visits each, a covariate of the slope and five of the hazard; the baseline is the default.
Seconds are of processor time, the best of a few repeats; memory is the peak beyond the data given. R's JM is run beside
ours where it is installed (its adaptive piecewise method at default tolerance); where it is not, the seconds it took on
other data of 1,000 patients with five visits are printed as stored.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tests.simulation.patients import ANTIDEPRESSANTS, COVARIATES, Patients, draw_patients

from benchmarks.clogit import best_seconds, peak_megabytes
from riskset.stats import JointFit, Trajectory, fit_joint

JM_SECONDS = (6.8, 8.4)
"""R's JM 1.5-2, 1,000 patients with five visits, one thread: measured elsewhere."""
R_UP_TO = 1_000


def work(patients: Patients) -> Callable[[], JointFit]:
    """The fit that is timed."""
    return lambda: fit_joint(
        patients.latent,
        patients.time,
        patients.patient,
        patients.stop,
        patients.event,
        start=patients.start,
        x=patients.covariates[:, ANTIDEPRESSANTS],
        w=patients.covariates,
        trajectory=Trajectory(bends=(0,)),
        x_names=["antidepressants"],
        w_names=COVARIATES,
    )


def time_jm(patients: Patients) -> float | None:
    """Seconds of R's JM on the same patients; None, with a line to say so, where it cannot run."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        print("  JM is left out: there is no Rscript")
        return None
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/visits.csv", "w", newline="") as file:
            csv.writer(file).writerows(
                [("id", "time", "y"), *zip(patients.patient, patients.time, patients.latent, strict=True)]
            )
        with open(f"{folder}/patients.csv", "w", newline="") as file:
            rows = np.column_stack([patients.stop, patients.event, patients.covariates])
            csv.writer(file).writerows([("stop", "event", *COVARIATES), *rows])
        command = [rscript, str(Path(__file__).with_suffix(".R")), folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"  JM is left out: {done.stderr.strip().splitlines()[-1]}")
        return None
    return float(done.stdout.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="300,1000,5000,20000")
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    for n in (int(size) for size in given.sizes.split(",")):
        for delayed in (False, True):
            patients = draw_patients(n, 1, delayed=delayed)
            fit = work(patients)
            fit()
            seconds = best_seconds(fit, given.repeats if n <= 5_000 else 1)
            found = fit()
            print(
                f"{n:6d} patients, {len(patients.time):6d} visits, {'delayed entry' if delayed else 'from diagnosis'}: "
                f"{seconds:6.2f} s, {peak_megabytes(fit):5.0f} MB, converged {found.converged}, "
                f"nodes {found.accuracy.nodes[0]}-{found.accuracy.nodes[1]}, "
                f"would move {found.accuracy.shift:.4f} standard errors with finer quadrature"
            )
            if not delayed and n <= R_UP_TO:
                jm = time_jm(patients)
                if jm is not None:
                    print(f"  JM: {jm:.1f} s, {jm / seconds:.0f} times ours")
                elif n == R_UP_TO:
                    low, high = (value / seconds for value in JM_SECONDS)
                    print(f"  JM took {JM_SECONDS[0]}-{JM_SECONDS[1]} s elsewhere: {low:.0f}-{high:.0f} times ours")


if __name__ == "__main__":
    main()
