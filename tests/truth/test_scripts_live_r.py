"""The scripts in R give the printed ratios of conditional logistic, Cox, cause-specific and Fine-Gray models."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from riskset.report.scripts import write_scripts
from riskset.results.refitting_files import write_refitting
from tests.analysis.refits_made import Watched, courses, from_diagnosis, risks

pytestmark = pytest.mark.r


def run_in_r(script: Path, data: Path) -> str:
    """What a script says that is run on a folder of data; skipped where there is no R."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("there is no Rscript")
    done = subprocess.run(
        [rscript, "--vanilla", str(script), str(data)], capture_output=True, check=False, timeout=120, text=True
    )
    if "there is no package called" in done.stderr:
        pytest.skip("R has no survival package")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    return done.stdout


@pytest.mark.parametrize("design", [risks, courses, from_diagnosis])
def test_r_gives_every_printed_ratio(design: Callable[[], Watched], tmp_path: Path) -> None:
    watched = design()
    write_refitting(tmp_path, watched.seen.tables(), watched.seen.refitting)
    write_scripts(watched.released(), tmp_path)
    said = run_in_r(tmp_path / "analysis.R", tmp_path)
    number = len(watched.expected())
    assert number > 5
    assert said.splitlines()[-1] == f"{number} of {number} estimates agree"
    (largest,) = re.findall(r"The largest difference of logarithms: (\S+)", said)
    assert float(largest) < 1e-7
