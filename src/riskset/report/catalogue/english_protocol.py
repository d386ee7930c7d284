"""English for a protocol: its chapters, its tables, and what is left to the authors; what a study says is `spec`'s."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from riskset.report.catalogue.english_lines import listed
from riskset.spec.design import Controls, GivenControls, PopulationControls, SiblingControls, SpouseControls

LANGUAGE = "en"
KIND, CONTENTS = "Study protocol", "Contents"
FOR_AUTHORS = "For the authors"

TITLES: Mapping[str, str] = {
    "1": "Title and authors",
    "2": "Abstract",
    "3": "Amendments",
    "4": "Milestones",
    "5": "Rationale and background",
    "6": "Research question and objectives",
    "7": "Methods",
    "7.1": "Design",
    "7.2": "Design diagram",
    "7.3": "Setting and time zero",
    "7.4": "Eligibility",
    "7.5": "Exposure",
    "7.6": "Outcome",
    "7.7": "Follow-up",
    "7.8": "Covariates",
    "7.9": "Statistical analysis",
    "7.10": "Sensitivity analyses",
    "7.11": "Data sources",
    "7.12": "Data management and quality control",
    "7.13": "Study size",
    "8": "Limitations",
    "9": "Protection of persons",
    "10": "Reporting of adverse events",
    "11": "References",
}
"""Chapters by their numbers."""

TO_WRITE: Mapping[str, str] = {
    "1": "version and date; authors with affiliations; registration; sponsor and funding; conflicts of interest",
    "2": "a structured summary, when the rest is settled",
    "3": "each amendment: date, chapter, change, reason",
    "4": "dates of registration, data extraction, analysis and report",
    "5": "what is known, what is not, and why this study is done",
    "6": "hypotheses, each with the direction that is expected",
    "7.3": "country, health care and how medicines are dispensed and reimbursed there",
    "7.6": "how valid the outcome is in these registers: positive predictive value, completeness",
    "7.8": "why these and no others, as a causal diagram shows it",
    "7.9": "how many comparisons are made, and how they are read together",
    "7.10": "further analyses: negative controls, other lags, quantitative bias analysis",
    "7.11": "each register: its keeper, its coverage in time and persons, how persons are linked, date of extraction",
    "7.12": "where data are kept, who may read them, and for how long",
    "7.13": "expected cases, exposed cases, and the odds ratio that they can tell from 1",
    "9": "ethical approval and legal basis",
    "11": "further references",
}
"""What no description can know, by the chapter in which the authors write it."""


def kind_of(heading: str) -> str:
    """The title of the page."""
    return f"{heading} · protocol"


def stated(where: str, fingerprint: str) -> str:
    """The line below the heading of a file of Markdown."""
    return f"Protocol. {where}: `{fingerprint}`"


NONE = "none"

# Title and question

TITLE_PAGE = "Title page"
ITEM, CONTENT, PART = "Item", "Content", "Part"
TITLE, SUBTITLE, NAME = "Title", "Subtitle", "Name of the description"
FINGERPRINT, FINGERPRINT_OF_WORDS = "Fingerprint of the description", "Fingerprint of its words"

QUESTION = "The question in parts"
OBJECTIVE, POPULATION, EXPOSURE, COMPARATOR = "Objective", "Population", "Exposure", "Comparator"
OUTCOME, TIME, COMPARED_WITH, MEASURE = "Outcome", "Time", "Compared with", "Main measure of effect"
NO_MEASURE = "none is asked for"


def objective(classes: Sequence[str], outcome: str) -> str:
    """What the study asks."""
    use = f"use of {listed(classes, 'or')}" if classes else "what is described"
    return f"Whether {use} is associated with {outcome}"


def population(low: int, high: int) -> str:
    """Who is at risk."""
    return f"Residents aged {low} to {high} years on the index date"


def index_dates(days: str) -> str:
    """When index dates lie."""
    return f"Index dates from {days}"


def odds_ratio(form: str) -> str:
    """The main measure of effect."""
    return f"odds ratio within matched sets, {form}"


def either(names: Sequence[str]) -> str:
    """``never or none``."""
    return listed(names, "or")


def course(ends: Sequence[str]) -> str:
    """The second objective."""
    return f"A second objective is the course of the cases after diagnosis, to {listed(ends, 'or')}."


# Design


def why_this_design(controls: Controls, name: str) -> str:
    """What a comparison is for."""
    match controls:
        case PopulationControls() | GivenControls():
            why = "describes the population, and is open to whatever the covariates miss"
        case SiblingControls():
            why = "holds constant what siblings share: parents, childhood, part of the genome"
        case SpouseControls():
            why = "holds constant much of what adults of one household share"
        case _:
            assert_never(controls)
    return f"The comparison {name} {why}."


EACH_WINDOW = "Each window, and the day from which it is counted"
WINDOW_HEADS = ("What", "Day 0", "From (included)", "To (not included)")
DAY_0, DAY_AFTER, CALENDAR = "day 0", "the day after", "calendar"
INDEX_DATE, SYMPTOM_ONSET = "index date", "symptom onset"
INDEX_DATES = "Index dates"
AT_RISK = "Age, residence, no event yet"
RESIDENCE = "Residence without a gap"
RUN_IN = "Run-in: since the start of the dispensing register"
HISTORY = "Dispensing history of the person"
FOLLOW_UP = "Follow-up of the cases"
START_OF_REGISTER = "the start of the register"


def no_event(event: str) -> str:
    """A washout."""
    return f"No {event}"


def before(time: str) -> str:
    """A day before another."""
    return f"{time} before"


def window(exposure: str, measure: str, drawn: str) -> str:
    """A window of a measure."""
    return f"{exposure}, {measure}: {drawn}"


TIME_ZERO = (
    "Time zero is the index date: the day of the case's event, given to all of its set. Cases and controls are judged "
    "by one rule on that day, and nothing that happens on it or after it counts as exposure or covariate."
)
SAME_AGE = "Siblings at the same age have as their own day the one on which they were as old as the case."

# Events, exposures, covariates

EVENTS, EVENT_HEADS = "Events and their codes", ("Role", "Event", "Codes")
CASE, NONE_YET, WASHED_OUT = "case", "none through the index date", "none before (washout)"
ANY = "any"
CLASSES, CLASS_HEADS = "Drug classes", ("Class", "ATC", "Without", "Dispensing dates needed")
NO_COVARIATES = "No covariates are asked for."
COVARIATES = "Covariates that the study defines"
COVARIATE_HEADS = ("Covariate", "Codes", "From (included)", "To (not included)")


def icd10(codes: Sequence[str]) -> str:
    """Codes of diagnoses."""
    return f"ICD-10 {', '.join(codes)}"


def atc(codes: str, without: str) -> str:
    """Codes of medicines."""
    return f"ATC {codes}; without {without}"


# Analysis

MODEL_HEADS = ("Model", "Role", "Forms", "Covariates", "Effect modifiers")
PRIMARY, SECONDARY = "primary", "secondary"
NO_MODEL = "No model of the risk is asked for."
FIRTHS = "Firth's penalized estimates, where few sets are informative."
TIME_VARYING = "Of the course: exposure that changes after diagnosis, as a time-varying covariate."


def models(primary: str) -> str:
    """The caption of the table of models; ``primary``: the form that is put first, where any is fitted."""
    return f"Models; primary are the {primary} estimates" if primary else "Models"


def other_forms(forms: Sequence[str]) -> str:
    """Forms of models besides the primary one."""
    return f"The {listed(forms)} estimates stand beside the primary ones."


def other_comparisons(names: Sequence[str]) -> str:
    """Comparisons besides the first."""
    return f"The comparisons with {listed(names)} ask the same under other assumptions."


def other_baselines(names: Sequence[str]) -> str:
    """Baseline hazards of joint models besides the main one."""
    return f"Of the course: {listed(names)} baseline hazards."


# Data

TABLES, TABLE_HEADS = "Tables that the study needs", ("Table", "Columns besides those always there")
AS_EVERY_STUDY = "as every study"
SIZE = "The size is what the registers hold; no sample is drawn of the cases."

# What is so of every study

AMENDMENTS = (
    "A run that is given this file says whether the study that was run is the one described here, and if not, in "
    "sentences, what changed."
)
NO_FOLLOW_UP = "The cases are not followed: the study is of the risk alone."
QUALITY = (
    "Delivered rows are checked by stated rules before anything is computed; rows that break one are set aside and "
    "counted. Matched sets are audited anew against the registers, and one violation stops the run.",
    "A run keeps a manifest: fingerprints of description and delivery, versions of software, the seed, rows and "
    "digests of every table. Equal inputs on equal software give equal tables.",
)
PROTECTION = (
    "Only pseudonymized register data are used, where their keeper allows; nobody is contacted. Only aggregates leave, "
    "when they have been cleared for release."
)
ADVERSE = "Secondary use of registers: no individual case is assessed, and none is reported."

# Limitations

ONLY_REGISTERED = "Cases are followed from registration on: who died before it is in no analysis of the course."
NO_PROOF_OF_USE = (
    "A dispensing is no proof of use; medicines given in hospital or bought without prescription are not seen."
)
NO_RUN_IN = "Without a run-in, first dispensings in the register's first months are taken for first use."
NO_HISTORY = "People differ in how long the dispensing register covers them, and early use of some is not seen."
SETS_GIVEN = "Whether the authority drew its controls at random from all at risk cannot be seen in the sets."
NO_REPLACEMENT = "Sampling without replacement makes the odds ratio approximate the hazard ratio only."
SIBLINGS = (
    "Comparing siblings takes away only confounding that they share, can amplify what they do not, and is carried by "
    "the few sets that differ in exposure."
)
SPOUSES = "Spouses are mostly of the other sex, and their own use may answer to the case's illness."
NOT_IN_REGISTERS = (
    "Registers lack much that may confound: smoking, alcohol, body weight of most people, severity of the condition "
    "that was treated. Estimates are associations."
)
COMPLETE_CASE = "Rows with unknown covariates are left out, which biases estimates where that goes with the outcome."


def no_lag(classes: Sequence[str]) -> str:
    """Classes whose use counts up to the index date."""
    return f"Use of {listed(classes)} counts up to the index date: early signs of the disease may be the reason for it."


def unadjusted(models: Sequence[str]) -> str:
    """Models without covariates."""
    return f"The models of {listed(models)} adjust for nothing besides the matching."
