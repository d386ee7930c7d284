"""English for the tables of the risk in the supplement: captions, heads of columns, and words of their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from riskset.report import formats
from riskset.report.catalogue.english_lines import interaction, per
from riskset.results.withheld import WITHHELD as SIGN
from riskset.spec.words import capital

EXPOSED = "Exposed, n (%)"
INFORMATIVE_SETS = "Informative sets"
MODEL = "Model"
FILE = "CSV"
GROUP, NOTES = "Group", "Notes"
"""In a table's file: the columns of what heads a run of rows, and of what the marks in a row say."""
WITHHELD = f"{capital(SIGN)}, because it is or would tell a number that is too small; notes that would are left out"
"""Below a table in which a number is withheld."""


def effect_heading(effect: str, level: str) -> str:
    """``OR (95% CI)``; ``level``: empty where rows differ in theirs."""
    return f"{effect} ({level} CI)" if level else f"{effect} (CI)"


# Estimates


def form_heading(form: str, always: Sequence[str]) -> str:
    """``adjusted``; the crude model of relatives with what it holds all the same."""
    return f"{form} ({', '.join(always)})" if always else form


def model_size(cases: str, controls: str) -> str:
    """How many are in a model; where neither is given, that they are withheld."""
    if {cases, controls} == {SIGN}:
        return "how many is withheld"
    return f"{cases} cases and {controls} controls"


def sizes(held: Mapping[str, str]) -> str:
    """How many are in each model, and whose the counts in the rows are."""
    first, numbers = next(iter(held)), "; ".join(f"{form}, {number}" for form, number in held.items())
    text = f"In the models: {numbers}. Numbers exposed, percentages and informative sets are those of the {first} model"
    if len(set(held.values())) > 1:
        return f"{text}; people with an unknown covariate are left out of the adjusted ones."
    return f"{text}."


def counts_any(label: str) -> str:
    """A level that is a number: counted is who has any."""
    return f"{label} (counts: any)"


P_FOR_TREND = "p for trend"
ONE_REFERENCE = "1 (reference)"


def reference(label: str) -> str:
    """Who the levels are compared with."""
    return f"{label} (reference)"


PUBLISHED, SOURCE = "Published", "Source"


def this_run(forms: str) -> str:
    """The column of our numbers beside published ones."""
    return f"This run, {forms}"


def published_beside(effect: str) -> str:
    """The caption of the table of published figures."""
    return f"Published figures beside this run, {effect}"


def either_form(forms: Sequence[str]) -> str:
    """Forms of models of which a number is one."""
    return " or ".join(forms)


SUBGROUP, P_INTERACTION = "Subgroup", "p, interaction"


def subgroups(forms: str) -> str:
    """The caption of the table of subgroups."""
    return f"Subgroups, {forms} model"


def all_levels(heading: str) -> str:
    """The joint test of a measure of several levels."""
    return f"{heading}: all levels together"


def interaction_with(modifier: str, unit: str = "") -> str:
    """The test of a modifier, by steps of a number where it is one."""
    return ", ".join(filter(None, (interaction(modifier, capital=True), per(unit) if unit else "")))


SETS = "Sets"
MAXIMUM_LIKELIHOOD = "Maximum likelihood"
FIRTH_BESIDE = "Thin sets: Firth beside maximum likelihood"

EXPOSURE, TERM, RATIO, P = "Exposure", "Term", "Ratio (CI)", "p"
INFORMATIVE = "Informative"
EXPOSED_OF_CASES, EXPOSED_OF_CONTROLS = "Exposed / all cases", "Exposed / all controls"
EVERY_ESTIMATE = "Every estimate of the run"

# Measures


def measure_heading(title: str, what: str, name: str, *, trend: bool) -> str:
    """``Anxiolytics (N05B), first use before the index date``; ``name``: the measure's own, where it has one."""
    return f"{title}, {what}{f' ({name})' if name else ''}{', trend' if trend else ''}"


SYMPTOM_ONSET = "the case's symptom onset"
INDEX_DATE = "the index date"
THE_DATE = "the date"
"""The index date, explained before."""

# How the comparison came about

AUDIT = "Audit of the matched sets"
CHECK, VERDICT, COUNT, OF, MEANING = "Check", "Verdict", "Count", "Of", "What it means"
CHARACTERISTICS = "Cases and controls on the index date"
CHARACTERISTIC, CASES, CONTROLS, SMD = "Characteristic", "Cases", "Controls", "SMD"
MEAN_SD, NUMBER_PER_CENT = "mean (SD)", "n (%)"
KNOWN = "known"
SET_SIZE, RELATION = "controls in the set", "relation to the case"

FITS, TO_KNOW = "Fits", "What to know of the estimates"
ALL, WHAT, VALUE, NOTE = "All", "What", "Value", "Note"

QUALITY = "Quality of the delivered data"
RULE_BROKEN, ROWS, SHARE, WHAT_WAS_DONE = "Rule broken", "Rows", "Share", "What was done"


def unbroken_rules(n: int, tables: Sequence[tuple[str, Sequence[str]]]) -> str:
    """The rules that no delivered row breaks, by table."""
    named = "; ".join(f"{table}, {', '.join(rules)}" for table, rules in tables)
    return f"{'1 rule' if n == 1 else f'{formats.count(n)} rules'} broke on no row: {named}."
