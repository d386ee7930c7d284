"""English for the frame of the front: notice, title, contents, abbreviations, the lines of the last section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from riskset.report import formats
from riskset.report.catalogue.english_front import RAISED, period
from riskset.report.supplement_part import SupplementPart
from riskset.spec.study import Study

LANGUAGE = "en-US"
QUESTION, FINDINGS, MEANING, KEY_POINTS = "Question", "Findings", "Meaning", "Key Points"
GLANCE, SUPPLEMENT_HEADING = "Main results at a glance", "Supplement"
SKIP, CONTENTS, WHAT_CHANGED = "Skip to key points", "Contents", "What changed"
EXHIBITS: Mapping[str, str] = {"Figure": "Figure", "Table": "Table"}
"""What figures and tables are called before their numbers."""
CURVES = "Curves"


def scrollable(name: str) -> str:
    """What a region that scrolls is called where it is read aloud: ``Table 2, scrollable``."""
    return f"{name}, scrollable"


def synthetic_notice(times: float, outcome: str) -> tuple[str, str]:
    """That nobody is real: what must be read first, and the rest."""
    first = "Demonstration: every person is invented and every effect was planted."
    rest = (
        "The report tests whether the software recovers what was put in. It says nothing about real medicines, real "
        f"patients, or {outcome}."
    )
    if times == 1:
        return first, rest
    how = RAISED[times][0] if times in RAISED else f"multiplied by {times:g}"
    return first, f"{rest} Incidence was {how}."


SYNTHETIC_HEAD = "Demonstration: invented people, planted effects"
REPORT = "Register study report"
NO_ESTIMATES = "This run has no estimates of the risk. What it has stands in the supplement."


def facts_line(study: Study, persons: int | None, delivered: str) -> str:
    """The line below the title."""
    parts = [f"Synthetic nation of {formats.count(persons)} persons"] if persons else []
    parts.append(f"Index dates {period(study.period.start, study.period.stop)}")
    if delivered:
        parts.append(f"Registers delivered {formats.day(date.fromisoformat(delivered))}")
    return " · ".join(parts)


def foot(title: str, version: str, fingerprint: str) -> str:
    """What stands at the foot of every printed sheet."""
    return f"{title}  ·  {version}  ·  study {fingerprint}"


@dataclass(frozen=True)
class PartWords:
    """A part of the supplement.

    Attributes
    ----------
    name : in the supplement's contents
    holds : what it holds, in the list of the front
    headed : its heading, where that is not its name
    cited : what RECORD-PE's table calls it, where that is not its name
    """

    name: str
    holds: str
    headed: str = ""
    cited: str = ""

    @property
    def heading(self) -> str:
        """What stands above it."""
        return self.headed or self.name

    @property
    def place(self) -> str:
        """What it is called where it is referred to."""
        return self.cited or self.name


PARTS: Mapping[SupplementPart, PartWords] = {
    SupplementPart.SUMMARY: PartWords(
        "Summary", "Summary of every class in plain language", headed="Summary in plain language"
    ),
    SupplementPart.ASKED: PartWords("What was asked", "Study description in full", cited="Study description in full"),
    SupplementPart.ATTRITION: PartWords("Attrition", "Every exclusion rule, in order", cited="Every exclusion rule"),
    SupplementPart.TOGETHER: PartWords("All comparisons", "All comparisons, crude and adjusted models"),
    SupplementPart.COURSE: PartWords(
        "What became of the patients",
        "Survival, incidence, decline, and joint models",
        cited="Survival, decline, and joint models",
    ),
    SupplementPart.DIAGNOSTICS: PartWords("Diagnostics", "Model diagnostics"),
    SupplementPart.QUALITY: PartWords("Data quality", "Data quality", headed="Quality of the delivered data"),
    SupplementPart.EVERYTHING: PartWords("Every estimate", "Every estimate"),
    SupplementPart.PROTOCOL: PartWords("Protocol", "The protocol, and what changed since"),
    SupplementPart.RECORD_PE: PartWords("RECORD-PE", "RECORD-PE, item by item"),
    SupplementPart.MANIFEST: PartWords("Manifest", "Manifest and all fingerprints"),
}


def comparison_part(name: str) -> str:
    """What the part on a comparison holds."""
    return f"{name}: audit, models, subgroups"


ABBREVIATIONS: Mapping[str, str] = {
    "ALS": "amyotrophic lateral sclerosis",
    "ALSFRS-R": "revised ALS Functional Rating Scale (0 to 48, lower is worse)",
    "ATC": "Anatomical Therapeutic Chemical",
    "CI": "confidence interval",
    "DDD": "defined daily dose",
    "HR": "hazard ratio",
    "ICD-10": "International Classification of Diseases, Tenth Revision",
    "OR": "odds ratio",
    "SD": "standard deviation",
    "SMD": "standardized mean difference",
}
"""What the front may abbreviate, besides names of the study's own."""


def abbreviations(used: Sequence[str]) -> str:
    """``Abbreviations: CI, confidence interval; OR, odds ratio.``"""
    return f"Abbreviations: {'; '.join(f'{short}, {ABBREVIATIONS[short]}' for short in used)}."


REPRODUCIBILITY, REPRODUCIBILITY_IN_CONTENTS = "Data, Software, and Reproducibility", "Reproducibility"
LABELS: Mapping[str, str] = {
    "registers": "Registers and coverage",
    "delivered": "Delivered",
    "run": "Run",
    "risk": "Population at risk",
    "software": "Software",
    "seed": "Random seed",
    "study": "Study fingerprint",
    "data": "Delivery fingerprint",
    "estimates": "Estimates digest",
}
"""Labels of the lines of the last section."""


def person_years(years: float, incidence: float | None, what: str) -> str:
    """``6.63 million person-years; 15.5 diagnoses per 100,000``."""
    text = f"{years / 1e6:.2f} million" if years >= 1e6 else formats.count(years)
    rate = f"; {formats.number(incidence, 1)} {what} per 100,000" if incidence else ""
    return f"{text} person-years{rate}"


def covered(name: str, start: date | None, end: date | None) -> str:
    """``dispensings from July 2005 to December 2023``."""
    since = f" from {formats.day(start)}," if start else ""
    until = f" through {formats.day(end)}" if end else ""
    return f"{name.replace('_', ' ')}{since}{until}".rstrip(",")
