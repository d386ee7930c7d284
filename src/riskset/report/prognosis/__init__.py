"""What became of the patients, as a part of the page."""

from __future__ import annotations

from riskset.report.prognosis.part import CASES, PART, Course, describe_course

__all__ = ["CASES", "PART", "Course", "describe_course"]
