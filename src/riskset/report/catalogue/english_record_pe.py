"""English for the table of RECORD-PE: what each item asks for, in our own words, and what the run says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from riskset.report import formats
from riskset.report.catalogue.english_front import listed
from riskset.results.run_folder import FRONT
from riskset.spec.words import capital

TITLE = "RECORD-PE, item by item"
ABOUT = (
    "Items of STROBE, of RECORD for routinely collected data, and of RECORD-PE for pharmacoepidemiology, each in our "
    "own words: before submission, read the published checklists (von Elm et al, PLoS Med 2007; Benchimol et al, PLoS "
    "Med 2015; Langan et al, BMJ 2018, doi 10.1136/bmj.k3532). An item of RECORD-PE whose own number could not be read "
    "here stands with the item that it extends."
)
HEADS = ("Item", "Asks for", "Filled in by", "Where", "In this study")
TO_COMPLETE = "For the authors to complete."
ABSENT = "This run has no such part."

FILLERS: Mapping[str, str] = {
    "run": "This report",
    "run and authors": "This report, completed by the authors",
    "authors": "The authors",
}

PLACES: Mapping[str, str] = {
    "key": "Key Points",
    "design": "Design",
    "participants": "Participants",
    "risk": "Main results",
    "absolute": "Absolute terms",
    "prognosis": "After Diagnosis",
    "designs": "How the Designs Fit Together",
    "methods": "Methods",
    "strengths": "Strengths and Limitations",
    "reproducibility": "Reproducibility",
}
"""What parts of the front are called, by their anchors; those of the supplement have their words with its page."""

ASKS: Mapping[str, str] = {
    "1a": "The kind of study, in the title or abstract",
    "1b": "A fair abstract of methods and findings",
    "1.1": "What kind of data and which registers, in the title or abstract",
    "1.2": "Which region and which years, there too",
    "1.3": "That registers were linked, there too",
    "2": "Why the question was asked, and what was known",
    "3": "Aims, and hypotheses set before the data",
    "4": "The design, early in the paper",
    "4.a": "Which designs and which of their features were used",
    "with 4: diagram": "A picture of all windows: exposure, lag, run-in, covariates, follow-up",
    "5": "Where and when: places, dates of recruitment, exposure and follow-up",
    "6a": "Who could be a case, how controls were chosen, and why so",
    "6b": "What controls were matched on, and how many there are per case",
    "6.1": "Codes or algorithms that found the study's people",
    "6.2": "Whether these codes were validated",
    "6.3": "The steps of linkage and how many each kept, as a picture",
    "with 6.1: entry": "Rules of entry in the order in which they were applied",
    "7": "Definitions of outcome, exposures, confounders and effect modifiers",
    "7.1": "All codes of exposures, outcome and covariates",
    "7.1.a": "How the definition of exposure was arrived at",
    "7.1.b": "Which data the exposure comes from",
    "7.1.c": "When a person counts as exposed, why then, and what history cannot be seen",
    "with 7.1: attribution": "Why an outcome is assigned to current, past or ever use",
    "with 7.1: dose": "How dose and duration enter, if they do",
    "with 7.1: comparator": "Who the unexposed are, and why they",
    "with 7.1: several drugs": "What is done with people who use several of the drugs",
    "8": "Source and measurement of each variable",
    "with 8: care": "The health system, and how a record of a drug arises in it",
    "9": "What was done against bias",
    "10": "How the number of people came about",
    "11": "How numbers were grouped, and why",
    "12a": "Statistical methods, and how confounding was addressed",
    "12b": "How subgroups and interactions were examined",
    "12c": "How missing values were handled",
    "12d": "How matching, or loss to follow-up, entered the analysis",
    "12e": "Sensitivity analyses",
    "12.1": "Which part of the database the researchers could use",
    "12.2": "How the data were cleaned",
    "12.3": "Level, method and quality of the linkage",
    "with 12: assumptions": "How the assumptions of the methods were checked",
    "with 12: several designs": "Why several designs or analyses were used",
    "13a": "How many people there were at each step",
    "13b": "Why people were lost at each step",
    "13c": "A flow diagram",
    "13.1": "How the persons were selected: by quality, availability and linkage of data",
    "14a": "Who the participants were",
    "14b": "How many have missing values, variable by variable",
    "14c": "How long people were followed",
    "15": "How many were exposed, and how many events there were",
    "16a": "Crude and adjusted estimates with intervals, and why these covariates",
    "16b": "Where categories begin and end",
    "16c": "Relative risks in absolute terms",
    "17": "Subgroups, interactions and sensitivity analyses",
    "18": "The main results, beside the aims",
    "19": "Limitations, with the direction and size of bias",
    "19.1": "What follows from data that were not collected for this question",
    "19.1.a": "How completely the data hold the use of the drugs",
    "20": "A careful interpretation, beside other evidence",
    "with 20: alternatives": "Indication, severity and selection as other explanations",
    "21": "To whom the results apply",
    "22": "Funding, and the funder's part",
    "22.1": "Where protocol, code and data can be had",
}
"""What each item asks for; in words of ours, so that the published lists stay what is to be followed."""


def extending(number: str) -> str:
    """How the row of an item is headed whose own number is not known: by the item which it extends."""
    return f"with {number}"


def target(anchor: str, *, in_front: bool) -> str:
    """The link to a part, from the supplement."""
    return f"{FRONT}#{anchor}" if in_front else f"#{anchor}"


def sentence(text: str) -> str:
    """The text as a sentence; nothing of nothing."""
    return f"{capital(text)}." if text else ""


def listed_fact(parts: Sequence[str]) -> str:
    """``Population controls; full siblings.``"""
    return sentence("; ".join(parts))


def index_dates(period: str) -> str:
    """When index dates lie."""
    return f"Index dates {period}."


def codes(classes: Sequence[tuple[str, Sequence[str]]]) -> str:
    """``Anxiolytics, ATC N05B; …``."""
    return listed_fact([f"{name}, ATC {listed(list(prefixes), 'or')}" for name, prefixes in classes])


def primary(form: str) -> str:
    """Which estimates the front holds."""
    return f"Primary estimates: {form}; all others are in the supplement."


def several_drugs(classes: int, *, together: bool) -> str:
    """Whether classes stand in one model."""
    if classes < 2:
        return "One class was studied."
    return f"The {classes} classes stand in one model." if together else "Each class stands in a model of its own."


def quality(rows: int) -> str:
    """How many rules on delivered rows found something."""
    return f"{formats.count(rows)} {'line' if rows == 1 else 'lines'} on the quality of the delivered data."


def diagnostics(rows: int) -> str:
    """How many diagnostics there are."""
    return f"{formats.count(rows)} diagnostics of fits and data."


def fingerprint(text: str, seed: int) -> str:
    """By what the description is known."""
    return f"Description with fingerprint {text[:16]}, seed {seed}."
