"""English for who is compared, what was measured of them, and what a delivery covers."""

from __future__ import annotations

from collections.abc import Sequence

from riskset.microdata import FEWEST
from riskset.report.catalogue.clause import AuditWords, Clause, DiagnosticWords, worded
from riskset.report.catalogue.english_covariates import matched_on
from riskset.report.catalogue.english_front import event
from riskset.report.formats import count, plain
from riskset.results.notes import Arguments, NoteCode
from riskset.results.set_vocabulary import AttritionPart, AttritionRule, AuditCheck, Relation, Serving, Unit, Verdict
from riskset.results.vocabulary import DiagnosticCode, Who
from riskset.spec import words
from riskset.spec.time import Duration
from riskset.spec.words import ordinal

RELATIONS = {
    Relation.FULL_SIBLING: "full sibling",
    Relation.ANY_SIBLING: "full or half-sibling",
    Relation.HALF_SIBLING: "half-sibling",
    Relation.PARTNER: "partner",
}
DAYS = {"registration": "registration", "diagnosis": "diagnosis", "onset": "onset"}
"""Days from which patients are followed or time is counted."""

UNITS = {Unit.PERSONS: "persons", Unit.SETS: "sets"}

VERDICTS = {Verdict.PASS: "✓ pass", Verdict.NOTE: "• note", Verdict.VIOLATION: "✗ violation"}

PEOPLE = {
    Who.NOBODY: "",
    Who.CASES: "cases",
    Who.CONTROLS: "controls",
    Who.SETS: "sets",
    Who.ROWS: "rows",
    Who.PATIENTS: "patients",
    Who.SCORES: "scores",
    Who.ANCHORS: "persons on index dates",
    Who.ITEMS: "in the windows",
    Who.PERSONS: "persons",
}


def length_words(arguments: Arguments, name: str = "length") -> str:
    """A length of time among what a rule names."""
    return Duration.parse(str(arguments[name])).words()


def _kin(arguments: Arguments) -> str:
    return RELATIONS[Relation(str(arguments["relation"]))]


def relation_words(name: str) -> str:
    """What controls in a set are to their case."""
    return KIN_IN_SETS.get(name, name)


KIN_IN_SETS = {"full sibling": "full sibling", "half sibling": "half sibling", "spouse": "spouse"}


def _day(name: object) -> str:
    return DAYS[str(name)]


def _of_kin(words: str) -> Clause:
    """Words on persons; of the cases with relatives, on a relative of theirs."""
    return lambda a: f"a {_kin(a)} {words}" if "relation" in a else words


def _eligible(words: str | Clause) -> Clause:
    """A rule of eligibility; of the cases with relatives, that a relative of theirs meets it."""

    def clause(arguments: Arguments) -> str:
        rule = words if isinstance(words, str) else words(arguments)
        return f"an eligible {_kin(arguments)}: {rule}" if "relation" in arguments else rule

    return clause


def _run_in(arguments: Arguments) -> str:
    unknown = "" if arguments["start"] else ": no effect, the start of a dispensing register is not stated"
    return f"run-in of {length_words(arguments)}{unknown}"


def _washout(arguments: Arguments) -> str:
    within = f"within {length_words(arguments, 'within')}" if arguments["within"] else "ever"
    codes, register = str(arguments["event"]), str(arguments.get("registry", ""))
    words = [
        ordinal(int(arguments["record"])) if "record" in arguments else "",
        str(arguments.get("main", "")),
        _EVENTS[str(arguments.get("kind", ""))][bool(codes)],
        codes,
        f"in {register}" if register else "",
        f"({arguments['source']})" if "source" in arguments else "",
    ]
    return f"washout: no {' '.join(filter(None, words))} {within} before"


_EVENTS = {"": ("diagnosis", ""), "dispensing": ("dispensing", "dispensing of"), "death": ("death", "death from")}
"""Kind of event → what it is called without codes, and before them."""


def _entry(words: str) -> Clause:
    return lambda a: f"{words} {_day(a['entry'])}"


RULES: dict[AttritionRule, Clause] = {
    AttritionRule.EVENT: "persons with the event",
    AttritionRule.FIRST_IN_PERIOD: "first event in the period",
    AttritionRule.OBSERVED: "under observation",
    AttritionRule.AGE: _eligible(lambda a: f"age {a['low']} to {a['high']}"),
    AttritionRule.RESIDENCE: _eligible(lambda a: f"resident for {length_words(a)}"),
    AttritionRule.RUN_IN: _eligible(_run_in),
    AttritionRule.HISTORY: _eligible(lambda a: f"history of {length_words(a)}"),
    AttritionRule.WASHOUT: _eligible(_washout),
    AttritionRule.CASES: "cases",
    AttritionRule.KEYS_KNOWN: lambda a: f"known {matched_on(a)}",
    AttritionRule.ELIGIBLE_CONTROL: "at least one eligible control",
    AttritionRule.DELIVERED_SETS: "delivered sets",
    AttritionRule.CASE_OF_STUDY: "the case is not left out by the study's period or eligibility",
    AttritionRule.ANY_CONTROL: "at least one control",
    AttritionRule.SETS: "sets",
    AttritionRule.ONSET_OF_CASE: "the case's onset is known",
    AttritionRule.SHARED_PARENT: "persons who share a known parent with a case",
    AttritionRule.PARENTS_OF_BOTH: "all parents of the two known",
    AttritionRule.KIN: lambda a: f"a {_kin(a)} in the register",
    AttritionRule.BORN_SINCE_PARENTS: lambda a: (
        f"born since the parent register begins ({a['begins'] or 'never'}), or with a known parent"
    ),
    AttritionRule.PARENTS: "mother and father known",
    AttritionRule.PARTNER: "a partner on the date",
    AttritionRule.ONE_PARTNER: "no two partners at once",
    AttritionRule.OF_AGE_IN_PERIOD: _of_kin("of that age within the period"),
    AttritionRule.BORN: _of_kin("born by the date"),
    AttritionRule.ALIVE: _of_kin("alive on the date"),
    AttritionRule.OBSERVED_ON_DATE: _of_kin("under observation on the date"),
    AttritionRule.FREE_OF_DISEASE: _of_kin("free of the disease through the date"),
    AttritionRule.REGISTERED: "registered in the quality register",
    AttritionRule.ONSET: "onset date known",
    AttritionRule.ONSET_BEFORE_DIAGNOSIS: "onset on or before diagnosis",
    AttritionRule.ENTRY_BEFORE_END: "entry before the end of follow-up",
    AttritionRule.ALIVE_AT_ENTRY: _entry("alive at"),
    AttritionRule.RESIDENT_AT_ENTRY: _entry("still resident at"),
    AttritionRule.NO_EVENT_BEFORE_ENTRY: lambda a: f"no {event(str(a['event']))} before {_day(a['entry'])}",
}

PARTS = {
    AttritionPart.CASES: "cases",
    AttritionPart.CONTROLS: "{comparison} controls",
    AttritionPart.RELATIVES: "{comparison} of cases",
    AttritionPart.CASES_WITH_RELATIVES: "{comparison} as controls",
    AttritionPart.ANCHORED: "sets",
    AttritionPart.PROGNOSIS: "prognosis",
}

_SERVING = {
    Serving.REPLACEMENT: "persons who serve more than once; as it should be",
    Serving.NO_REPLACEMENT: "persons who serve more than once in a design without replacement",
    Serving.KIN_OF_SEVERAL: "relatives of more than one case; as it should be",
}

CHECKS: dict[AuditCheck, AuditWords] = {
    AuditCheck.NOT_UNDER_OBSERVATION: AuditWords(
        "not under observation", "persons not alive and resident on the index date"
    ),
    AuditCheck.AGE: AuditWords("age", lambda a: f"persons younger than {a['low']} or older than {a['high']} years"),
    AuditCheck.RUN_IN: AuditWords(
        "run-in", lambda a: f"index dates less than {length_words(a)} after the register's start"
    ),
    AuditCheck.HISTORY: AuditWords("history", "persons with too short a residence or history"),
    AuditCheck.WASHOUT: AuditWords(_washout, "persons with the event that excludes them"),
    AuditCheck.CONTROL_WITH_DISEASE: AuditWords(
        "control with the disease", "controls who had it on or before the date"
    ),
    AuditCheck.FUTURE_CASE: AuditWords("future case as control", "controls who get it later; as it should be"),
    AuditCheck.KEY_DIFFERS: AuditWords("{subject} differs", "controls whose {subject} is not the case's"),
    AuditCheck.BEYOND_CALIPER: AuditWords(
        "birth date beyond the caliper", lambda a: f"controls born more than {length_words(a)} before or after the case"
    ),
    AuditCheck.NOT_SUCH_KIN: AuditWords(
        lambda a: f"not a {_kin(a)}",
        lambda a: f"controls whom their parents do not make a {_kin(a)} of the case",
    ),
    AuditCheck.NOT_AT_AGE_OF_CASE: AuditWords("not at the case's age", "controls compared on another day than that"),
    AuditCheck.OUTSIDE_PERIOD: AuditWords(
        "outside the period", "controls who could not have been a case of the study on that day"
    ),
    AuditCheck.NOT_THE_PARTNER: AuditWords(
        "not the partner on the date", "controls with whom the case was no couple on its date"
    ),
    AuditCheck.TWO_PARTNERS: AuditWords(
        "two partners at once", "controls in a couple of whom either has several partners on its date"
    ),
    AuditCheck.KIN_LEFT_OUT: AuditWords(
        lambda a: f"{_kin(a)} left out",
        lambda a: f"{_kin(a)}s at risk on their date who are not in the case's set",
    ),
    AuditCheck.SET_WITHOUT_CASE: AuditWords("set without a case", "sets that have controls only"),
    AuditCheck.SEVERAL_CASES: AuditWords("several cases in a set", "sets with more than one case"),
    AuditCheck.CASE_IN_SEVERAL_SETS: AuditWords("case in several sets", "persons who are a case more than once"),
    AuditCheck.SEVERAL_DATES: AuditWords("several dates in a set", "sets whose members have different index dates"),
    AuditCheck.PERSON_TWICE: AuditWords("person twice in a set", "controls drawn twice for one case"),
    AuditCheck.OWN_CONTROL: AuditWords("case as its own control", "cases among their own controls"),
    AuditCheck.CONTROL_IN_SEVERAL_SETS: AuditWords(
        "control in several sets", lambda a: _SERVING[Serving(str(a["serving"]))]
    ),
    AuditCheck.SHORT_SET: AuditWords("short set", lambda a: f"sets with fewer than {a['ratio']} controls"),
    AuditCheck.SET_TOO_LARGE: AuditWords("set too large", lambda a: f"sets with more than {a['ratio']} controls"),
    AuditCheck.SET_WITHOUT_CONTROL: AuditWords("set without a control", "sets of a case alone, which say nothing"),
    AuditCheck.NOT_OF_STUDY: AuditWords(
        "not a case of the study", "cases whom the description does not make cases on that date"
    ),
    AuditCheck.CASE_WITHOUT_SET: AuditWords("case without a set", "cases of the study that are in no set"),
}


def _rule(arguments: Arguments) -> str:
    return worded(RULES[AttritionRule(str(arguments["rule"]))], arguments)


def _several_registers(a: Arguments) -> str:
    """Their names, where enough persons are in each that these may be told."""
    which = " and ".join(a.several("registers")) or "several registers"
    return (
        f"{which} all hold {_words(str(a['item']))} and the cases come from no register; say which one counts: "
        f'registry = "{a["first"]}" under [prognosis], or let the cases come from it (cases.first)'
    )


def _no_marker(arguments: Arguments) -> str:
    names = arguments.several("known")
    there = f"{'there are' if len(names) > 1 else 'the only one is'} {', '.join(names)}; " if names else ""
    return f"no patient has a measurement '{arguments['marker']}'; {there}map it in sources.toml, or leave out marker"


def _qualifying(arguments: Arguments) -> str:
    dates = "dispensing date" if arguments["dates"] == 1 else "dispensing dates"
    without = f" without {arguments['without']}" if arguments["without"] else ""
    return f"at least {arguments['dates']} {dates} of {arguments['codes']}{without}"


def _reach(arguments: Arguments) -> str:
    reach = f"{length_words(arguments)} before the index date reach past the start of"
    if "start" not in arguments:
        return f"{reach} the history of the case or a control"
    start = arguments["start"]
    if not start:
        return f"{reach} history (the dispensing register's start is not stated; a person's entry)"
    return f"{reach} history ({start}, the dispensing register's start, or a later entry of the person)"


NOTES: dict[NoteCode, Clause] = {
    NoteCode.AGED: lambda a: f"free of the disease, aged {a['low']} to {a['high']}, in the period",
    NoteCode.OUT_OF: lambda a: f"of {count(float(a['of']))} {PEOPLE[Who(str(a['who']))]}",
    NoteCode.UNTIL: lambda a: f"the last day is the day before {a['day']}",
    NoteCode.RANGE: lambda a: f"outside {plain(float(a['low']))} to {plain(float(a['high']))}",
    NoteCode.ORIGIN: lambda a: f"before {_day(a['origin'])}",
    NoteCode.QUALIFYING: _qualifying,
    NoteCode.IN_RUN_IN: lambda a: (
        f"within {length_words(a)} of {a['start']}: prevalent use, whose beginning is unknown"
    ),
    NoteCode.BEFORE_START: lambda a: f"before {a['start']}; not used",
    NoteCode.REACH: _reach,
    NoteCode.OPEN_MEASURE: "the measure is open: it goes back to that start",
    NoteCode.WITHHELD: "a note that tells of a few people is withheld",
    NoteCode.LOST_HISTORY: lambda a: (
        f"{count(float(a['members']))} members lose a median of {plain(float(a['median']))} days, "
        f"at most {count(float(a['longest']))}"
    ),
    NoteCode.LAST_ROW: lambda a: (
        f"the last row is of {a['month']}, and the register is needed to {a['key']}, {a['stop']}: if it ends earlier, "
        "what happened afterwards is taken not to have happened"
    ),
    NoteCode.NO_RELATIVE_LEFT: lambda a: (
        f"no case has {a['comparison']} to compare it with: none is left after the rule '{_rule(a)}'; see what the "
        f"registers cover, or leave out the {a['kind']}"
    ),
    NoteCode.NOBODY_FOLLOWED: lambda a: (
        f"no case can be followed after the rule '{_rule(a)}'; see entry, origin and until, and what the registers "
        "hold of the cases"
    ),
    NoteCode.EMPTY_RISK_SETS: (
        "every risk set is empty: no case has an eligible control; match on fewer keys, or see whom the eligibility "
        "and free_of leave"
    ),
    NoteCode.KEYS_UNKNOWN: lambda a: f"no case has a known value of {matched_on(a)}; match on other keys",
    NoteCode.NO_SET_GIVEN: (
        "no delivered set holds a control and is of a case of the study; see that identifiers and dates of the "
        "delivery are those of the registers"
    ),
    NoteCode.NO_REGISTRATION_DATE: (
        "no case has a registration date, so it is not known who could enter only by surviving; map registration in "
        'sources.toml, or declare entry = "diagnosis"'
    ),
    NoteCode.NO_ONSET_DATE: 'no case has an onset date; map onset_date, or use "diagnosis"',
    NoteCode.SEVERAL_REGISTERS: _several_registers,
    NoteCode.NO_MARKER: _no_marker,
    NoteCode.NO_ENDPOINT: lambda a: (
        f"none of {a['patients']} patients under follow-up has an endpoint; see that deaths and procedures are "
        "delivered up to the end of the period"
    ),
}


def _of_measure(words: str) -> Clause:
    return lambda facts: f"{words}, {_words(str(facts['measure']))}"


def _words(name: str) -> str:
    """A key of a study as words."""
    return name.replace("_", " ")


def _silent(facts: Arguments) -> str:
    return f"{_words(str(facts['covariate']))}: days without a row before the end"


def silent_tables(tables: Sequence[str], days: int) -> str:
    """On tables whose last rows lie long before the end of the study."""
    return (
        f"the last rows of {', '.join(tables)} lie more than {days} days before the end of the study; if a register "
        "ends there, state its ends in sources.toml and shorten the study (the diagnostics say when)."
    )


DIAGNOSTICS: dict[DiagnosticCode, DiagnosticWords] = {
    DiagnosticCode.SILENT_TABLE: DiagnosticWords(_silent),
    DiagnosticCode.START_NOT_STATED: DiagnosticWords(
        "run-in and history",
        "the run-in and the history have no effect: sources.toml does not say when the dispensing register starts, so "
        "windows may reach to days that it does not cover; state starts",
    ),
    DiagnosticCode.PERSON_YEARS_AT_RISK: DiagnosticWords("person-years at risk"),
    DiagnosticCode.INCIDENCE: DiagnosticWords(
        "incidence per 100,000 person-years",
        "cases of the study, so as many as its source records, over those person-years",
    ),
    DiagnosticCode.INCIDENCE_LIKE_CASES: DiagnosticWords(
        "incidence per 100,000 person-years like the cases",
        "the mean over the cases of the incidence at their sex and birth year",
    ),
    DiagnosticCode.QUALIFIED: DiagnosticWords("persons on index dates who qualified before the index date"),
    DiagnosticCode.QUALIFIED_IN_RUN_IN: DiagnosticWords("persons on index dates who qualified in the run-in"),
    DiagnosticCode.EARLY_DISPENSINGS: DiagnosticWords("dispensing dates before the register's start"),
    DiagnosticCode.UNEXPOSED_BY_CUT: DiagnosticWords(
        "persons on index dates unexposed by the cut to the set's shortest history", "siblings at the same age"
    ),
    DiagnosticCode.TRUNCATED: DiagnosticWords(
        _of_measure("share of persons on index dates with a truncated window"), is_share=True
    ),
    DiagnosticCode.TRUNCATED_SETS: DiagnosticWords(_of_measure("share of sets with a truncated window"), is_share=True),
    DiagnosticCode.ITEMS_WITHOUT_DDD: DiagnosticWords(_of_measure("items without DDD"), "they add nothing"),
    DiagnosticCode.SETS_CUT: DiagnosticWords(
        "sets with windows cut to the shortest history",
        "windows look no further back than the shortest dispensing history of the set",
    ),
    DiagnosticCode.NOBODY_EXPOSED: DiagnosticWords(
        "people exposed",
        "nobody in the matched sets qualifies: nothing is estimated of it, and check its codes and at_least",
    ),
    DiagnosticCode.RARE_LEVELS: DiagnosticWords(
        lambda facts: f"rare levels of {words.plain(str(facts['covariate']))} made one",
        f"each is of fewer than {FEWEST} people of the registers, so that its text might be a person's own; those that "
        "are to stand apart are named in the study, under levels",
    ),
    DiagnosticCode.CODE_NOT_DELIVERED: DiagnosticWords(
        lambda facts: (
            f"rows of the quality register with the diagnosis {facts['level']}"
            if facts["covariate"] == "registry_item"
            else f"diagnoses from the source {facts['level']}"
            if facts["covariate"] == "source"
            else f"rows of {facts['covariate']} with a code that begins with {facts['level']}"
        ),
        "none was delivered, so what the study asks of it finds nobody; see that it is spelled as "
        "delivered and of this system, and that its years and sources were delivered",
    ),
    DiagnosticCode.NOT_MADE: DiagnosticWords("not made"),
    DiagnosticCode.ENTERED_LATE: DiagnosticWords("patients who entered after diagnosis", "delayed entry"),
    DiagnosticCode.DAYS_TO_ENTRY: DiagnosticWords(
        "days from diagnosis to entry, median", "immortal days, which count for nobody"
    ),
    DiagnosticCode.FOLLOW_UP_ENDS_WITH_PERIOD: DiagnosticWords("follow-up ends with the period"),
    DiagnosticCode.SCORES_DELIVERED: DiagnosticWords("scores delivered", "of the patients under follow-up"),
    DiagnosticCode.SCORES_OUT_OF_RANGE: DiagnosticWords("scores out of range", "left out"),
    DiagnosticCode.SCORES_BEFORE_ORIGIN: DiagnosticWords("scores before the origin", "left out"),
    DiagnosticCode.SCORES_AFTER_DEATH: DiagnosticWords("scores after death", "left out"),
    DiagnosticCode.SCORES_AFTER_FOLLOW_UP: DiagnosticWords("scores after the end of follow-up", "left out"),
    DiagnosticCode.SCORES_USED: DiagnosticWords("scores used"),
    DiagnosticCode.SCORES_ON_ONE_DAY: DiagnosticWords("scores on a day that has another one", "kept"),
    DiagnosticCode.PATIENTS_WITHOUT_SCORE: DiagnosticWords(
        "patients without a score", "in the joint model by their survival alone"
    ),
    DiagnosticCode.PATIENTS_WITH_ONE_SCORE: DiagnosticWords(
        "patients with one score", "they say nothing of a patient's own slope"
    ),
    DiagnosticCode.LOG_LIKELIHOOD: DiagnosticWords("log-likelihood", of_fit=True),
    DiagnosticCode.ITERATIONS: DiagnosticWords("iterations", of_fit=True),
}
