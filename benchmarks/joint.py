"""``fit_joint`` on ALS-like patients of the nation's course, with standard errors, on one thread.

    python -m benchmarks.joint [--sizes 300,1000,5000,20000] [--repeats 3] [--demo FOLDER]

Patients have four to five visits each, a covariate of the slope and five of the hazard; the baseline is the default.
Beside them stand patients who are hard to climb with: seven in ten with one visit only and scores at the floor, and
patients who all enter a year late or later. ``--demo`` follows the patients of a finished ``riskset demo`` besides, and
times their whole prognosis and its joint models.
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
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tests.simulation.patients import ANTIDEPRESSANTS, COVARIATES, Patients, draw_patients

from benchmarks.clogit import best_seconds, peak_megabytes
from riskset.analysis.prognosis import fit_prognosis, joint, read_patients
from riskset.cohort.cases import find_cases
from riskset.registers.delivered.source import Sources
from riskset.registers.registers import registers_on
from riskset.spec.study import Study
from riskset.stats import JointFit, Trajectory, fit_joint

JM_SECONDS = (6.8, 8.4)
"""R's JM 1.5-2, 1,000 patients with five visits, one thread: measured elsewhere."""
R_UP_TO = 1_000


def work(patients: Patients, association: str = "value") -> Callable[[], JointFit]:
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
        association=association,
        x_names=["antidepressants"],
        w_names=COVARIATES,
    )


def seldom_seen(n: int, share: float = 0.7) -> Patients:
    """Patients of whom ``share`` have their first visit alone, their scores as delivered, from 0 to 48."""
    patients = draw_patients(n, 1, delayed=False)
    first = np.zeros(len(patients.time), bool)
    first[np.unique(patients.patient, return_index=True)[1]] = True
    kept = first | (np.random.default_rng(1).random(n) >= share)[patients.patient]
    return replace(patients, latent=patients.delivered[kept], time=patients.time[kept], patient=patients.patient[kept])


def late(n: int, months: float = 12.0) -> Patients:
    """Patients who come under observation ``months`` after diagnosis or later."""
    drawn = draw_patients(12 * n, 1, delayed=True)
    some = np.flatnonzero(drawn.start >= months)[:n]
    position = np.full(len(drawn.stop), -1)
    position[some] = np.arange(len(some))
    kept = position[drawn.patient] >= 0
    return Patients(
        *(drawn.latent[kept], drawn.delivered[kept], drawn.time[kept], position[drawn.patient[kept]]),
        *(drawn.start[some], drawn.stop[some], drawn.event[some], drawn.covariates[some]),
    )


def follow(demo: Path, repeats: int, beside: float) -> None:
    """Time the prognosis of a finished demo's patients; ``beside`` are the seconds of 1,000 drawn with late entry."""
    study = Study.load(demo / "study.toml")
    sources = Sources.load(demo / "nation" / "sources.toml")
    with (
        tempfile.TemporaryDirectory() as spill,
        registers_on("duckdb", sources, demo / "store", folder=Path(spill), progress=lambda text: None) as registers,
    ):
        patients = read_patients(registers, study, find_cases(registers, study.case_definition))
    spent: list[tuple[int, float]] = []

    def timed(*arguments: Any, **named: Any) -> JointFit:
        begun = time.process_time()
        fit = fit_joint(*arguments, **named)
        spent.append((fit.n_patients, time.process_time() - begun))
        return fit

    whole = best_seconds(lambda: fit_prognosis(study.course, patients), repeats)
    joint.fit_joint = timed  # type: ignore[attr-defined]
    fit_prognosis(study.course, patients)
    joint.fit_joint = fit_joint  # type: ignore[attr-defined]
    each = 1000 * sum(seconds for _, seconds in spent) / sum(size for size, _ in spent)
    print(
        f"{len(patients):6d} patients of the demo, {len(patients.score):6d} visits: {whole:.2f} s the whole prognosis; "
        f"{len(spent)} joint models, {each:.2f} s for 1,000 patients, {each / beside:.2f} times those drawn"
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
    parser.add_argument("--demo", type=Path)
    given = parser.parse_args()
    kinds: dict[str, tuple[Callable[[int], Patients], str]] = {
        "from diagnosis": (lambda n: draw_patients(n, 1, delayed=False), "value"),
        "delayed entry": (lambda n: draw_patients(n, 1, delayed=True), "value"),
        "seldom seen": (seldom_seen, "value"),
        "seldom seen, by the area": (seldom_seen, "cumulative"),
        "a year late": (late, "value"),
    }
    for n in (int(size) for size in given.sizes.split(",")):
        for kind, (draw, association) in kinds.items():
            patients = draw(n)
            fit = work(patients, association)
            fit()
            seconds = best_seconds(fit, given.repeats if n <= 5_000 else 1)
            found = fit()
            print(
                f"{n:6d} patients, {len(patients.time):6d} visits, {kind}: "
                f"{seconds:6.2f} s, {peak_megabytes(fit):5.0f} MB, converged {found.converged}, "
                f"nodes {found.accuracy.nodes[0]}-{found.accuracy.nodes[1]}, "
                f"would move {found.accuracy.shift:.4f} standard errors with finer quadrature"
            )
            if kind == "from diagnosis" and n <= R_UP_TO:
                jm = time_jm(patients)
                if jm is not None:
                    print(f"  JM: {jm:.1f} s, {jm / seconds:.0f} times ours")
                elif n == R_UP_TO:
                    low, high = (value / seconds for value in JM_SECONDS)
                    print(f"  JM took {JM_SECONDS[0]}-{JM_SECONDS[1]} s elsewhere: {low:.0f}-{high:.0f} times ours")
    if given.demo:
        follow(given.demo, given.repeats, best_seconds(work(draw_patients(1000, 1, delayed=True)), given.repeats))


if __name__ == "__main__":
    main()
