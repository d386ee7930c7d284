"""What became of the cases: survival, decline of a score, and both jointly, by exposure before diagnosis."""

from __future__ import annotations

from riskset.analysis.prognosis.course import fit_prognosis, show_hazards
from riskset.analysis.prognosis.patients import Patients, read_patients
from riskset.analysis.prognosis.recording import PrognosisResult

__all__ = ["Patients", "PrognosisResult", "fit_prognosis", "read_patients", "show_hazards"]
