"""English for the frame of the supplement: its contents, its headings, and what stands under them whatever the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from riskset.report.catalogue.english_lines import listed

LANGUAGE = "en"
CONTENTS = "Contents"


def study_fact(fingerprint: str) -> str:
    """By what the description is known, below the title."""
    return f"Study {fingerprint}"


def seed_fact(seed: int) -> str:
    """The seed of the sampling, below the title."""
    return f"seed {seed}"


# The summary

SAME_CASES = "The same cases against unrelated people"
SAME_CASES_ONLY = (
    "Not every case has such relatives. For those who have, and whose sets hold them, the ratios are set beside each "
    "other:"
)
NOTHING_COMPARED = "Nothing has been compared in this run."
HOW_TO_READ = "How to read this"
EACH_CLASS_ITS_OWN = "Every number belongs to the class under which it stands, and to no other."


def left_out(parts: Sequence[str], *, course: bool) -> str:
    """What the study describes and the run did not compute; ``course``: whether what follows diagnosis is of it."""
    missing = " What becomes of people after the diagnosis is not answered here." if course else ""
    return f"Left out of this run: {listed(parts)}.{missing}"


_RAISED: Mapping[float, str] = {10: "raised tenfold", 100: "raised a hundredfold"}


def synthetic(times: float) -> str:
    """That nobody in the run exists, and how often the disease is compared with a real nation's."""
    how = _RAISED.get(times, f"raised {times:g}-fold" if times > 1 else f"lowered to {times:g} of what it is")
    raised = f", and with the incidence of the disease {how}" if times != 1 else ""
    return (
        f"The people in this run are invented: a synthetic nation with effects planted in it{raised}. It shows whether "
        "the program finds what was put in, and tells nothing about medicines or disease."
    )


NO_REPLICATION = (
    "A synthetic result beside a published one is not a replication: the published values were planted, so agreement "
    "shows that the program recovers what was put in, and nothing about medicines or disease."
)
"""On every table and figure of a synthetic nation that has both."""

# The parts

EACH_RULE = "Each rule that removed people, in the order in which the rules were applied."
TOGETHER = (
    "The same cases are compared with other people in each. Relatives are compared with the cases who have them, "
    "beside which stand the unrelated controls of the same cases: only these two have their cases in common."
)
WHAT_IS_ESTIMATED = "What is estimated."
WHAT_IT_CAN_TELL = "What this comparison can tell."
SIZES_OF_SETS = "Sizes of the sets."
AUDIT = "Audit of the matched sets"
CHARACTERISTICS = "Characteristics"
MEMBERS_ARE_COUNTED = (
    "Members of sets are counted: a control of two sets counts twice, as in the models. SMD, standardized mean "
    "difference (cases minus controls, in pooled standard deviations); † beyond 0.1 in size, and ∞ where the two "
    "differ and neither varies."
)
ALIKE_BY_DESIGN = "What was matched on is alike by design."
INFORMATIVE_SETS = "Informative sets are those whose members differ in the exposure."
BESIDE_THESE = (
    "Beside the estimates above stand these, of the cases whose sets are in the same model of relatives: the cases are "
    "the same and the controls are not."
)
PLANTED_TRUTH = "Planted truth"
OTHER_FORMS = "What other model forms aim at"
CRUDE_MODEL = "What the crude model would have said"
PUBLISHED_FIGURES = "Published figures"
OTHER_POPULATION = (
    "The published study had another population, other years and its own definitions; a difference is not by itself a "
    "contradiction."
)
SUBGROUPS = "Subgroups"
HOW_SUBGROUPS_DIFFER = (
    "A difference between subgroups is judged by the ratio of their ratios with its interval and the interaction test, "
    "not by which of them has an interval without 1."
)
THIN_SETS = "Thin sets"
FIRTHS_PENALTY = Markup(
    "Where few sets are informative, maximum likelihood exaggerates; Firth's penalty takes most of that back."
)
FITS = "Likelihoods and iterations of every fit"
FITS_ON_PAPER = Markup("Likelihoods and iterations of every fit are in diagnostics.csv, in the run's folder.")
NOTHING_IS_CHANGED = (
    "Nothing delivered is changed. Rows that break a rule are counted; quarantined rows are set aside and not used."
)
ALL_ROWS = Markup(
    "All rows of the table of estimates, covariates and tests included, are in estimates.csv in the run's folder, on "
    'the model\'s scale<span class="screen">, and below as ratios</span>.'
)
SHOW_TABLE = "Show the table"
EQUAL_RUNS = (
    "Two runs with equal fingerprints, seed, versions and digests gave the same tables, estimates to six significant "
    "digits."
)
FINGERPRINTS = "Fingerprints, versions, seed, digests"
NOTHING = "none"
FIGURES_BESIDE = Markup("Figures with their numbers stand in the folder <i>figures</i> beside this page.")

# The finder of estimates

FINDER = "Estimates"
ANY = "All"
BY_COMPARISON, BY_CLASS, BY_TERM, SEARCH = "Comparison", "Class", "Window or term", "Search"
SHOW_ALL = "Show all"


def estimates_shown(shown: str, of: str) -> str:
    """How many estimates the finder shows."""
    return f"{shown} of {of} estimates"


# What became of the patients

AMONG_THEMSELVES = "The cases are compared among themselves, by what they had used before diagnosis."
WHO_WAS_FOLLOWED = "Who was followed"
SURVIVAL = "Survival"
INCIDENCE = "Cumulative incidence of each event"
RATIOS = "Hazard ratios: total and direct effects"
SURVIVAL_ADJUSTED = "Survival, adjusted"
EACH_EVENT = "Each event on its own"
SENSITIVITIES = "Sensitivities"
TESTS = "Tests"
COURSE_OF_SCORE = "The course of the score"
JOINT_MODELS = "The joint models"
FORECAST = "A forecast as an example"
PLANTED_COURSE = "Planted truth of the course"
