"""English for the quality of a delivery: the rules, what became of rows, and what was noticed."""

from __future__ import annotations

from calendar import month_name

from riskset.report.catalogue.clause import Clause, Remedy
from riskset.results.notes import Arguments
from riskset.results.quality_vocabulary import OF_SETS, CodeFault, DateWay, QualityAction, QualityRule, counts_sets
from riskset.results.rows import QualityRow
from riskset.spec.words import both, plain

ACTIONS = {
    QualityAction.QUARANTINED: "quarantined",
    QualityAction.TAKEN_BACK: "taken back",
    QualityAction.SET_TO_MISSING: "set to missing",
    QualityAction.KEPT: "kept",
    QualityAction.KEPT_APART: "kept, as no ICD-10",
    QualityAction.READ_AS_DECLARED: "read as declared",
    QualityAction.LEFT_OUT: "left out as declared",
    QualityAction.LACKING: "lacking",
}

TABLES = {
    "person": "person",
    "residence": "residence",
    "couple": "couple",
    "death": "death",
    "diagnosis": "diagnosis",
    "dispensing": "dispensing",
    "socioeconomic": "socioeconomic",
    "registry_item": "registry item",
    "measurement": "measurement",
    "procedure": "procedure",
    "matched_set": "matched set",
}
"""Canonical tables as the supplement heads them."""


def table_name(name: str) -> str:
    """A canonical table, as it is headed."""
    return TABLES.get(name, plain(name))


def remarked(row: QualityRow, what: str, action: str, advice: str) -> str:
    """What was noticed of delivered rows, as a sentence."""
    unit = "sets" if counts_sets(row.rule, row.subject) else "rows"
    return f"{row.table}: {what}: {row.rows:,} of {row.of:,} {unit} {action}; {advice}."


_FAULTS = {
    CodeFault.OLDER_SYSTEM: ("codes of ICD-8 or ICD-9", "give them the system that they have"),
    CodeFault.SKS_LETTER: ("the letter D of SKS before the code", "deliver the codes without it"),
    CodeFault.O_I_L_FOR_DIGITS: ("the letters O, I or L for 0 and 1", "mend the codes"),
    CodeFault.COMMA_FOR_DOT: ("a comma for the dot", "deliver the codes with a dot, or with none"),
    CodeFault.SEVERAL_OR_BLANKS: ("several codes in a cell, or blanks within", "deliver a code a cell"),
    CodeFault.MARK_AFTER: ("a mark after the code", "deliver the codes without it"),
    CodeFault.MORE_AFTER: ("something after the code", "deliver the codes alone"),
    CodeFault.ARTICLE_NUMBERS: ("numbers of articles", "give the column of the ATC codes"),
    CodeFault.OTHER_ALPHABET: ("letters of another alphabet that look like ours", "mend the codes"),
    CodeFault.BLANKS: ("blanks within the code", "deliver the codes without them"),
    CodeFault.DOT: ("a dot within the code", "deliver the codes without it"),
    CodeFault.ATCVET: ("medicines for animals (ATCvet)", "leave them out"),
    CodeFault.LETTERS_FOR_DIGITS: ("letters for digits", "mend the codes"),
    CodeFault.CUT_OFF: ("codes that are cut off", "deliver the column in its whole width"),
}
"""Of malformed codes the likely cause, and what to do."""


def _subject(facts: Arguments) -> str:
    return str(facts["subject"]).replace(", ", " and ")


def _of(words: str) -> Clause:
    """Words on the column, or the columns, concerned."""
    return lambda facts: f"{_subject(facts)}{words}"


def _texts(facts: Arguments) -> str:
    return both(facts.several("texts"), "or")


def _no_code(facts: Arguments) -> str:
    likely = f", likely for {_FAULTS[CodeFault(str(facts['fault']))][0]}" if "fault" in facts else ""
    return f"{facts['subject']} is no {facts['system']} code{likely}"


def _mend_codes(facts: Arguments) -> str:
    if "fault" in facts:
        return _FAULTS[CodeFault(str(facts["fault"]))][1]
    return f"see that the column holds {facts['system']} codes"


def _fewer_rows(facts: Arguments) -> str:
    source = f" ({facts['source']})" if "source" in facts else ""
    return f"fewer rows in {facts['year']}{source} than in the years about it"


def _repeats(facts: Arguments) -> str:
    first, last = facts["first"], facts["last"]
    return f"rows of {first if first == last else f'{first}–{last}'} repeat another"


def _missing(facts: Arguments) -> str:
    quoted = ", ".join(f"'{text}'" for text in facts.several("texts"))
    return f"where that means that there is no value, state missing = [{quoted}] for {facts['subject']}"


_WAYS = {
    DateWay.FORMAT: "is written otherwise",
    DateWay.NO_DAY: "has no day of the month",
    DateWay.DECIMAL_YEAR: "is years with decimals",
    DateWay.DECIMAL_COMMA: "is years with decimals after a comma",
    DateWay.TIMED: "has a time of day after the date",
    DateWay.INSTANT: "is instants, with an offset from UTC",
    DateWay.ODD_TIME: "has a time of day that no format reads",
    DateWay.NO_NOUGHTS: "lacks the noughts of days and months",
    DateWay.YEAR_ALONE: "is years alone",
    DateWay.DAYS: "is numbers, as days counted",
    DateWay.SECONDS: "is numbers, as seconds or milliseconds counted",
    DateWay.TWO_DIGIT_YEAR: "has years of two digits",
    DateWay.MONTH_IN_FULL: "has months in full or with a point",
    DateWay.OTHER_MONTH: "has months in letters that are not English",
    DateWay.NO_MONTH: "has the month 00",
}
"""How dates are written that cannot be read as declared."""


def _written_otherwise(facts: Arguments) -> str:
    how = "has month and day exchanged" if facts["exchanged"] else _WAYS[DateWay(str(facts["way"]))]
    return f"{how} ({facts['format']})" if facts["format"] else how


def _write_in_one_way(facts: Arguments) -> str:
    if facts["exchanged"]:
        return (
            "others were read with the two exchanged, and which cannot be seen: have all dates written in one way, "
            "such as 1950-03-01"
        )
    if DateWay(str(facts["way"])) in (DateWay.NO_DAY, DateWay.NO_MONTH, DateWay.YEAR_ALONE):
        return "have the whole day delivered"
    return "have all dates written in one way, such as 1950-03-01"


def _set(words: str) -> Clause:
    """Words on a set; with no subject, on its rows."""
    return lambda facts: f"{'set' if facts['subject'] else 'row of a set'} {words}"


RULES: dict[QualityRule, Clause] = {
    QualityRule.MISSING: _of(" missing"),
    QualityRule.UNREADABLE: _of(" unreadable"),
    QualityRule.NOT_AMONG_VALUES: _of(" not among its values"),
    QualityRule.NEITHER_YES_NOR_NO: _of(" neither yes nor no"),
    QualityRule.DAY_UNKNOWN: _of(": day of the month unknown"),
    QualityRule.TIME_CUT: _of(": time of day cut"),
    QualityRule.EVENING: _of(": time of day 21:00, 22:00 or 23:00"),
    QualityRule.ABSURD: _of(" absurd"),
    QualityRule.IN_CONFLICT: _of(" in conflict"),
    QualityRule.OUT_OF_RANGE: _of(" out of range"),
    QualityRule.DELIVERED_BEFORE: _of(" delivered before"),
    QualityRule.PARENT_UNKNOWN: _of(" not in the person table"),
    QualityRule.PARENT_IS_THE_PERSON: _of(" is the person"),
    QualityRule.PARENT_HARDLY_OLDER: _of(" less than 12 years older"),
    QualityRule.PARENT_FAR_OLDER: _of(" more than 100 years older"),
    QualityRule.MOTHER_MALE: _of(" is male"),
    QualityRule.FATHER_FEMALE: _of(" is female"),
    QualityRule.NO_FACT: "no fact in the row",
    QualityRule.LINE_UNREADABLE: "line unreadable",
    QualityRule.PERSON_SET_ASIDE: "person set aside",
    QualityRule.PERSON_UNKNOWN: "person not in the person table",
    QualityRule.TWO_PEOPLE: "two people under one identifier",
    QualityRule.PARTNER_UNKNOWN: "partner not in the person table",
    QualityRule.PARTNER_IS_THE_PERSON: "partner is the person",
    QualityRule.TWO_PARTNERS: "two partners from one day",
    QualityRule.ANOTHER_DAY_OF_DEATH: "another day of death",
    QualityRule.ANOTHER_ONSET: "another day of onset",
    QualityRule.ANOTHER_SITE: "another site of onset",
    QualityRule.SEVERAL_VALUES: "several values on one day",
    QualityRule.DIED_ON_UNKNOWN_DAY: "died on an unknown day",
    QualityRule.BEFORE_BIRTH: "before birth",
    QualityRule.AFTER_DEATH: "after death",
    QualityRule.BEFORE_START: "before the register starts",
    QualityRule.STOP_NOT_AFTER_START: "stop not after start",
    QualityRule.STARTS_BEFORE_BIRTH: "starts before birth",
    QualityRule.STARTS_AFTER_DEATH: "starts after death",
    QualityRule.LASTS_BEYOND_DEATH: "lasts beyond death",
    QualityRule.PARTNER_NOT_ALIVE: "partner not alive at its start",
    QualityRule.PARTNER_A_CHILD: "a child at its start",
    QualityRule.TOO_OLD: "older than 120 years",
    QualityRule.OVERLAPS: "overlaps an earlier spell",
    QualityRule.MALFORMED_ATC: "malformed ATC code",
    QualityRule.MALFORMED_ICD10: "malformed ICD-10 code",
    QualityRule.REVERSAL: "reversal",
    QualityRule.REVERSED: "reversed",
    QualityRule.REVERSAL_WITHOUT_PURCHASE: "reversal without a purchase",
    QualityRule.PARTLY_REVERSED: "partly reversed",
    QualityRule.UNSEEN_SIGN: "negative number that is not mapped",
    QualityRule.IMPLAUSIBLE_DDD: "implausible ddd",
    QualityRule.NO_CASE: _set("without a case"),
    QualityRule.TWO_CASES: _set("with several cases"),
    QualityRule.CASE_AND_CONTROL: _set("with a person as case and control"),
    QualityRule.SEVERAL_DATES: _set("with several dates"),
    QualityRule.CONTROL_REPEATED: _set("with a control twice"),
    QualityRule.NO_CONTROL: _set("without a control"),
    QualityRule.READS_MISSING: lambda facts: f"{facts['subject']} reads {_texts(facts)}",
    QualityRule.DIFFERS_IN_CASE: _of(" has levels that differ in upper and lower case alone"),
    QualityRule.LOOKS_ALIKE: _of(" has levels that look alike"),
    QualityRule.MIXES_SCRIPTS: _of(" has words with letters of two alphabets"),
    QualityRule.NO_CODE: _no_code,
    QualityRule.SHORT_CODE: _of(" has fewer than seven characters"),
    QualityRule.FEWER_ROWS: _fewer_rows,
    QualityRule.ROWS_REPEAT: _repeats,
    QualityRule.SHARED_DAY: lambda facts: f"{facts['subject']} {facts['day']} is shared by many",
    QualityRule.SHARED_DAY_OF_YEAR: lambda facts: (
        f"{facts['subject']} on {facts['day']} {month_name[int(facts['month'])]} is shared by many"
    ),
    QualityRule.HALF_A_COUPLE: "couple delivered for one of the two",
    QualityRule.HALVES_DISAGREE: "halves of a couple disagree",
    QualityRule.PARTNER_OF_KIN: "partner is a parent or a child",
    QualityRule.DIED_BEFORE_CHILD: "died before the birth of a child",
    QualityRule.OLDER_CODE: "code older than ICD-10",
    QualityRule.OLDER_CAUSE: "cause older than ICD-10",
    QualityRule.MAYBE_OLDER: _of(" may be of ICD-9 or of ICD-10"),
    QualityRule.AMOUNT_OF_ZERO: "an amount is 0, and none is more",
    QualityRule.LAST_LINE_OPEN: _of(": the last line has no end"),
    QualityRule.DATES_WRITTEN_OTHERWISE: lambda facts: f"unreadable {_subject(facts)} {_written_otherwise(facts)}",
    QualityRule.SHARED_DAY_OF_MONTH: lambda facts: (
        f"{facts['subject']} on day {facts['day']} of the month is shared by many"
    ),
    QualityRule.NO_LATE_DAY: _of(" has hardly a day after the 12th of the month"),
    QualityRule.NEAR_NAME: lambda facts: f"{facts['subject']} {facts['text']} is spelt much like {facts['meant']}",
    QualityRule.A_DAY_BETWEEN: "successive spells of a person leave one day between them",
    QualityRule.A_DAY_SHARED: "successive spells of a person share one day",
    QualityRule.ENDS_BEFORE_DEATH: "spells of the dead end the day before death",
}

_UNKNOWN_DAY = Remedy(
    lambda facts: (
        f"where it stands for a day that is not known, state that spelling under missing of {facts['subject']}"
    ),
    of_frame="where it stands for a day that is not known, give null for it",
)

_LAST_DAY = Remedy(
    'likely stop is the last day: then state last_day = "included", else that day is lost',
    of_frame="likely stop is the last day: then give the day after it, else that day is lost",
)

_ONE_LEVEL = Remedy(
    lambda facts: f"list them under values of {facts['subject']}, so that each is one level",
    of_frame="write each of them in one way, so that each is one level",
)

REMEDIES = {
    QualityRule.READS_MISSING: Remedy(_missing, of_frame="where that means that there is no value, give null for it"),
    QualityRule.DIFFERS_IN_CASE: _ONE_LEVEL,
    QualityRule.LOOKS_ALIKE: _ONE_LEVEL,
    QualityRule.MIXES_SCRIPTS: Remedy(
        lambda facts: f"list the right spellings under values of {facts['subject']}",
        of_frame="write each word in one alphabet",
    ),
    QualityRule.NO_CODE: Remedy(_mend_codes),
    QualityRule.SHORT_CODE: Remedy(
        "map the codes of the substances, which an exposure may ask for",
        of_frame="give the codes of the substances, which an exposure may ask for",
    ),
    QualityRule.FEWER_ROWS: Remedy("see that the year was delivered whole"),
    QualityRule.ROWS_REPEAT: Remedy(
        "see that no file was delivered under two names", of_frame="see that no rows were put into the frame twice"
    ),
    QualityRule.SHARED_DAY: _UNKNOWN_DAY,
    QualityRule.SHARED_DAY_OF_YEAR: _UNKNOWN_DAY,
    QualityRule.HALF_A_COUPLE: Remedy(
        "where each is delivered once, map the file a second time with person_id and partner_id exchanged",
        of_frame="where each is delivered once, add the rows a second time with person_id and partner_id exchanged",
    ),
    QualityRule.HALVES_DISAGREE: Remedy(
        "see which of the two has the right days and kind; a day counts where either says so"
    ),
    QualityRule.PARTNER_OF_KIN: Remedy("see that partner_id is the partner, and that the parents are the parents"),
    QualityRule.DIED_BEFORE_CHILD: Remedy("see whether the day of death is right, or who the parent is"),
    **{
        rule: Remedy("see that set_id and case are read as they are meant, and ask for these sets anew")
        for rule in OF_SETS
    },
    QualityRule.CONTROL_REPEATED: Remedy("its equal rows are one; ask whether a control was drawn twice"),
    QualityRule.OLDER_CODE: Remedy("give these years' codes the system that they have"),
    QualityRule.MAYBE_OLDER: Remedy(
        lambda facts: (
            "it counts as ICD-10, in which E88 is a metabolic disorder and no fall: "
            + ("give each the system that it has" if facts["subject"] == "code" else "deliver no cause of ICD-9")
        )
    ),
    QualityRule.OLDER_CAUSE: Remedy("causes are asked for by ICD-10 alone"),
    QualityRule.AMOUNT_OF_ZERO: Remedy(
        "such rows count as dispensings; where nothing was dispensed, deliver the file without them",
        of_frame="such rows count as dispensings; where nothing was dispensed, leave them out",
    ),
    QualityRule.LAST_LINE_OPEN: Remedy("see that the file is whole"),
    QualityRule.EVENING: Remedy(
        lambda facts: (
            "likely midnights in UTC, so that each day is one early: have the offset from UTC delivered, and state "
            f"zone for {facts['subject']}"
        ),
        of_frame="likely midnights in UTC, so that each day is one early: turn them into local time before",
    ),
    QualityRule.DATES_WRITTEN_OTHERWISE: Remedy(_write_in_one_way),
    QualityRule.SHARED_DAY_OF_MONTH: Remedy(
        lambda facts: f"where it stands for the month, state its date and day = {facts['day']} for {facts['subject']}",
        of_frame="where it stands for the month, ages and times are right to half a month",
    ),
    QualityRule.NEAR_NAME: Remedy(
        lambda facts: (
            f'nobody is found by it: where it means that, state values = {{ "{facts["text"]}" = '
            f'"{facts["meant"]}", … }} for {facts["subject"]}'
        ),
        of_frame=lambda facts: f"nobody is found by it: where it means that, write {facts['meant']}",
    ),
    QualityRule.A_DAY_BETWEEN: _LAST_DAY,
    QualityRule.A_DAY_SHARED: Remedy(
        'likely stop is the day after the last one: then state last_day = "excluded"; where a spell does begin on the '
        "last day of the one before, deliver that day once",
        of_frame="likely stop is a day too late: give the day after the last one, and a day that two spells share once",
    ),
    QualityRule.ENDS_BEFORE_DEATH: _LAST_DAY,
    QualityRule.NO_LATE_DAY: Remedy("by chance two in three have one: see that month and day are not exchanged"),
}
"""What may be done about what was noticed; the rules' own remedies are those of the error that they end in."""
