"""The scripts as files."""

from __future__ import annotations

from pathlib import Path

from riskset.precision import WRITTEN
from riskset.report.scripts.r_script import r_script
from riskset.report.scripts.refits import models_of
from riskset.report.scripts.stata_script import stata_script
from riskset.results.refitting import R_SCRIPT, STATA_SCRIPT
from riskset.results.released import Released
from riskset.storage.atomic import write_text


def write_scripts(released: Released, folder: Path, *, digits: int = WRITTEN) -> None:
    """Write ``analysis.R`` and ``analysis.do``; nothing where the run has not kept its models.

    Parameters
    ----------
    released : the results that may be shown: no other number is in a script
    digits : that the released numbers have
    """
    if not released.refitting.models:
        return
    models = list(models_of(released))
    write_text(folder / R_SCRIPT, r_script(models, released.stamp, digits))
    write_text(folder / STATA_SCRIPT, stata_script(models, released.stamp, digits))
