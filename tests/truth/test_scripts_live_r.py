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
from tests.shown import Evidence, shows

pytestmark = pytest.mark.r


def run_in_r(script: Path, data: Path, code: int = 0) -> str:
    """What a script says that is run on a folder of data; skipped where there is no R."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("there is no Rscript")
    done = subprocess.run(
        [rscript, "--vanilla", str(script), str(data)], capture_output=True, check=False, timeout=120, text=True
    )
    if "there is no package called" in done.stderr:
        pytest.skip("R has no survival package")
    assert done.returncode == code, done.stdout[-3000:] + done.stderr
    return done.stdout


def require_agreement(watched: Watched, folder: Path) -> None:
    """R gives every printed ratio, and makes of the data the columns by itself."""
    write_refitting(folder, watched.seen.tables(), watched.seen.refitting)
    write_scripts(watched.released(), folder)
    said = run_in_r(folder / "analysis.R", folder)
    number = len(watched.expected())
    assert number > 5
    assert said.splitlines()[-1] == f"{number} of {number} estimates agree"
    (largest,) = re.findall(r"The largest difference of logarithms: (\S+)", said)
    assert float(largest) < 1e-7


@shows(
    "Family=conditional logistic",
    "Scale=log_or",
    "Scale=log_ror",
    "Contrast=per unit",
    "Contrast=trend",
    "Contrast=ratio of ratios",
    "ValueOf=case",
    "ValueOf=person",
    "conditional logistic.adjust",
    "conditional logistic.classes=together",
    "conditional logistic.interactions",
    "conditional logistic.subgroups",
    "conditional logistic.ties=exact",
    "conditional logistic.ties=efron",
    "conditional logistic.ties=breslow",
    by=Evidence.OUTSIDE,
)
def test_r_gives_every_ratio_of_matched_sets(tmp_path: Path) -> None:
    require_agreement(risks(), tmp_path)


@shows(
    "Family=cox",
    "Family=cause-specific cox",
    "Family=fine-gray",
    "Scale=log_hr",
    "Scale=log_shr",
    "Sensitivity=baseline score",
    "Sensitivity=time-varying exposure",
    "prognosis.time_varying=true",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize("design", [courses, from_diagnosis])
def test_r_gives_every_ratio_of_the_followed(design: Callable[[], Watched], tmp_path: Path) -> None:
    require_agreement(design(), tmp_path)


@pytest.mark.parametrize("place", ["first", "last"])
def test_a_printed_ratio_that_is_wrong_is_seen(place: str, tmp_path: Path) -> None:
    """By a millionth and a half of its logarithm, of one estimate."""
    watched = from_diagnosis()
    write_refitting(tmp_path, watched.seen.tables(), watched.seen.refitting)
    write_scripts(watched.released(), tmp_path)
    script = tmp_path / "analysis.R"
    found = list(re.finditer(r'ratio\("\w+", ([^,]+),', script.read_text(encoding="ascii")))
    (start, end) = found[0 if place == "first" else -1].span(1)
    text = script.read_text(encoding="ascii")
    script.write_text(f"{text[:start]}{float(text[start:end]) + 1.5e-6!r}{text[end:]}", encoding="ascii")
    said = run_in_r(script, tmp_path, code=1)
    assert said.splitlines()[-1] == f"{len(found) - 1} of {len(found)} estimates agree"
    assert said.count("DIFFERS") == 1
