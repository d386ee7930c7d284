"""English for the page on which a person reviews a release."""

from __future__ import annotations

from collections.abc import Sequence

from riskset.results.refitting import R_SCRIPT, STATA_SCRIPT

LANGUAGE = "en"
TITLE = "Output check"
DECIDES_NOTHING = "An automatic clearance decides nothing. It does not know what is sensitive, nor what readers know."

CONTENTS = "Contents"
FRONT = "What readers see first: tables and figures of the report"
MARKED = "A number that is withheld is marked."
CLOSE, CLOSE_HEADS = "Close to the threshold", ("count", "table", "row", "column")
EARLIER = "Earlier releases that this one was checked against"
EARLIER_HEADS = ("release", "folder", "policy", "study", "data", "files")
NO_EARLIER = "None: the ledger holds no earlier release."
FILES, FILES_HEADS = "Files that leave", ("file", "SHA-256")
DECISION = "Decision"
TO_SIGN = ("released, or what must be changed", "name", "date", "signature")
TABLES = "Every table as it leaves"

POLICY, POLICY_HEADS = "Policy", ("rule", "as set")
NAME = "name"
SMALLEST = "smallest count that may be known"
NOBODY = "counts of nobody"
MARGIN = "values beyond the small ones that must stay possible"
COMPLEMENTARY = "further numbers withheld to protect small ones"
ROUNDING, NOT_ROUNDED = "counts rounded to multiples of", "not rounded"
SHOWN, WITHHELD = "shown", "withheld"
YES, NO = "yes", "no"

AUDIT, AUDIT_HEADS = "Audit", ("", "number")
NUMBERS = "different numbers of persons, sets and events"
SUMS = "sums between them"
IS_SAFE = "Whoever knows every number of the draft and these sums can narrow no small number below the policy."
NOT_AUDITED = "Not part of the audit:"
LEFT_OUT = (
    "what a ratio of matched sets with covariates tells of its counts; that of patients is taken to state them",
    "scores, and events by cause among a subgroup: their estimates leave, their counts do not",
    "dominance of one clinic or region, since no table is by place",
    "what other studies, lists or readers know",
)
"""What the audit is not about: of the second no number leaves, of the others a person must think."""

WITHHELD_BY, WITHHELD_HEADS = "Withheld, by table and rule", ("table", "rule", "cells")
SCRIPTS_TITLE = "Scripts"
SCRIPTS = (
    f"{R_SCRIPT} and {STATA_SCRIPT} fit models again. They hold code, names of the study, and of numbers the ratios of "
    "the table of estimates as it leaves."
)


def heading(study: str) -> str:
    """The heading of the page."""
    return f"{TITLE}: {study}"


def about_close(n: int, smallest: int) -> str:
    """How many counts leave that are near the smallest that may be known."""
    if not n:
        return f"No count that leaves is from {smallest} to {2 * smallest - 1}."
    return f"{n} counts that leave are from {smallest}, the smallest that may be known, to {2 * smallest - 1}."


def about_files(n: int, besides: Sequence[str]) -> str:
    """How many files are listed, and which cannot be."""
    return f"{n} files, and {' and '.join(besides)}, which cannot hold digests of themselves."


def decided_by(method: str) -> str:
    """How many parts of the audit a method decided."""
    return f"parts decided by the method “{method}”"


def can_be_narrowed(n: int) -> str:
    """That the audit failed."""
    return f"{n} numbers can be narrowed below the policy."


def table(name: str) -> str:
    """A table as it leaves."""
    return f"Table {name}"


def rows(n: int) -> str:
    """Its size."""
    return f"{n} rows"
