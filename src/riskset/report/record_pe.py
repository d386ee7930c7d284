"""RECORD-PE item by item: what is to be reported, who fills it in, where in this report it stands, what the run says.

The items are those of STROBE (von Elm et al, PLoS Med 2007;4(10):e296), of its extension to routinely collected data,
RECORD (Benchimol et al, PLoS Med 2015;12(10):e1001885), and of the extension of that to pharmacoepidemiology, RECORD-PE
(Langan et al, BMJ 2018;363:k3532). Their texts are not repeated here: each is named by its number and, in the
catalogue, by words of ours. Of RECORD-PE five numbers could be read: 4.a in a copy of the checklist, and 7.1.a to 7.1.c
and 19.1.a in texts that cite them. The other ten items stand with what they extend: their letters were not at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup

from riskset.report.catalogue import ENGLISH, english_front, english_participants
from riskset.report.catalogue import english_record_pe as english
from riskset.report.catalogue.english_design import matched
from riskset.report.catalogue.english_page import PARTS
from riskset.report.front.after_diagnosis import followed
from riskset.report.front.main_results import MainResults, read_main
from riskset.report.front.naming import class_label, subtitle
from riskset.report.front.participant_flow import members_of
from riskset.report.prognosis.rows import read_rows
from riskset.report.supplement_part import SupplementPart
from riskset.report.tables import file_link
from riskset.report.templating import render
from riskset.report.view import View, distinct
from riskset.results.released import Released
from riskset.spec.design import GivenControls, PopulationControls

TABLE = "record-pe-table"
"""The identifier of the checklist in the page."""


class Checklist(StrEnum):
    """Which of the three lists an item is of."""

    STROBE = "STROBE"
    RECORD = "RECORD"
    RECORD_PE = "RECORD-PE"


class Filler(StrEnum):
    """Who fills an item in."""

    RUN = "run"
    BOTH = "run and authors"
    AUTHORS = "authors"


class FrontPart(StrEnum):
    """Anchors of the front where items stand."""

    KEY = "key"
    DESIGN = "design"
    PARTICIPANTS = "participants"
    RISK = "risk"
    RATES = "absolute"
    COURSE = "prognosis"
    DESIGNS = "designs"
    METHODS = "methods"
    STRENGTHS = "strengths"
    REPRODUCIBILITY = "reproducibility"


ReportPart = FrontPart | SupplementPart
"""Where an item stands, in the front or in the supplement."""


class ReportingItem(StrEnum):
    """The items, in the order of the checklist, by their numbers where these are known."""

    STROBE_1A = "1a"
    STROBE_1B = "1b"
    RECORD_1_1 = "1.1"
    RECORD_1_2 = "1.2"
    RECORD_1_3 = "1.3"
    STROBE_2 = "2"
    STROBE_3 = "3"
    STROBE_4 = "4"
    PE_4_A = "4.a"
    PE_DIAGRAM = "with 4: diagram"
    STROBE_5 = "5"
    STROBE_6A = "6a"
    STROBE_6B = "6b"
    RECORD_6_1 = "6.1"
    RECORD_6_2 = "6.2"
    RECORD_6_3 = "6.3"
    PE_ENTRY = "with 6.1: entry"
    STROBE_7 = "7"
    RECORD_7_1 = "7.1"
    PE_7_1_A = "7.1.a"
    PE_7_1_B = "7.1.b"
    PE_7_1_C = "7.1.c"
    PE_ATTRIBUTION = "with 7.1: attribution"
    PE_DOSE = "with 7.1: dose"
    PE_COMPARATOR = "with 7.1: comparator"
    PE_SEVERAL_DRUGS = "with 7.1: several drugs"
    STROBE_8 = "8"
    PE_CARE = "with 8: care"
    STROBE_9 = "9"
    STROBE_10 = "10"
    STROBE_11 = "11"
    STROBE_12A = "12a"
    STROBE_12B = "12b"
    STROBE_12C = "12c"
    STROBE_12D = "12d"
    STROBE_12E = "12e"
    RECORD_12_1 = "12.1"
    RECORD_12_2 = "12.2"
    RECORD_12_3 = "12.3"
    PE_ASSUMPTIONS = "with 12: assumptions"
    PE_SEVERAL_DESIGNS = "with 12: several designs"
    STROBE_13A = "13a"
    STROBE_13B = "13b"
    STROBE_13C = "13c"
    RECORD_13_1 = "13.1"
    STROBE_14A = "14a"
    STROBE_14B = "14b"
    STROBE_14C = "14c"
    STROBE_15 = "15"
    STROBE_16A = "16a"
    STROBE_16B = "16b"
    STROBE_16C = "16c"
    STROBE_17 = "17"
    STROBE_18 = "18"
    STROBE_19 = "19"
    RECORD_19_1 = "19.1"
    PE_19_1_A = "19.1.a"
    STROBE_20 = "20"
    PE_ALTERNATIVES = "with 20: alternatives"
    STROBE_21 = "21"
    STROBE_22 = "22"
    RECORD_22_1 = "22.1"


@dataclass(frozen=True)
class ChecklistEntry:
    """How an item is filled in.

    Attributes
    ----------
    checklist, number : which list it is of, and its number; where that is not known, that of the item which it extends
    filler : who fills it in
    places : where it stands, the first one first; none where it is the authors' alone
    extends : whether its own number is not known
    """

    checklist: Checklist
    number: str
    filler: Filler
    places: tuple[ReportPart, ...] = ()
    extends: bool = False


def _strobe(number: str, filler: Filler, *places: ReportPart) -> ChecklistEntry:
    return ChecklistEntry(Checklist.STROBE, number, filler, places)


def _record(number: str, filler: Filler, *places: ReportPart) -> ChecklistEntry:
    return ChecklistEntry(Checklist.RECORD, number, filler, places)


def _pe(number: str, filler: Filler, *places: ReportPart) -> ChecklistEntry:
    return ChecklistEntry(Checklist.RECORD_PE, number, filler, places)


def _extending(number: str, filler: Filler, *places: ReportPart) -> ChecklistEntry:
    return ChecklistEntry(Checklist.RECORD_PE, number, filler, places, extends=True)


_I, _F, _S = ReportingItem, FrontPart, SupplementPart
_RUN, _BOTH, _AUTHORS = Filler.RUN, Filler.BOTH, Filler.AUTHORS

ENTRIES: Mapping[ReportingItem, ChecklistEntry] = {
    _I.STROBE_1A: _strobe("1a", _RUN, _F.KEY),
    _I.STROBE_1B: _strobe("1b", _RUN, _F.KEY),
    _I.RECORD_1_1: _record("1.1", _BOTH, _F.REPRODUCIBILITY),
    _I.RECORD_1_2: _record("1.2", _BOTH, _F.METHODS),
    _I.RECORD_1_3: _record("1.3", _BOTH, _F.METHODS),
    _I.STROBE_2: _strobe("2", _AUTHORS),
    _I.STROBE_3: _strobe("3", _BOTH, _F.KEY),
    _I.STROBE_4: _strobe("4", _RUN, _F.DESIGN, _F.METHODS),
    _I.PE_4_A: _pe("4.a", _RUN, _F.DESIGN, _F.DESIGNS),
    _I.PE_DIAGRAM: _extending("4", _RUN, _F.DESIGN),
    _I.STROBE_5: _strobe("5", _BOTH, _F.METHODS, _F.DESIGN, _F.REPRODUCIBILITY),
    _I.STROBE_6A: _strobe("6a", _BOTH, _F.METHODS, _S.ASKED),
    _I.STROBE_6B: _strobe("6b", _RUN, _F.METHODS, _F.PARTICIPANTS),
    _I.RECORD_6_1: _record("6.1", _RUN, _S.ASKED, _F.METHODS),
    _I.RECORD_6_2: _record("6.2", _AUTHORS),
    _I.RECORD_6_3: _record("6.3", _BOTH, _F.PARTICIPANTS, _S.ATTRITION),
    _I.PE_ENTRY: _extending("6.1", _RUN, _S.ATTRITION, _F.PARTICIPANTS),
    _I.STROBE_7: _strobe("7", _RUN, _F.METHODS, _S.ASKED),
    _I.RECORD_7_1: _record("7.1", _RUN, _S.ASKED),
    _I.PE_7_1_A: _pe("7.1.a", _BOTH, _F.METHODS, _S.ASKED),
    _I.PE_7_1_B: _pe("7.1.b", _RUN, _F.REPRODUCIBILITY, _F.METHODS),
    _I.PE_7_1_C: _pe("7.1.c", _BOTH, _F.DESIGN, _F.STRENGTHS),
    _I.PE_ATTRIBUTION: _extending("7.1", _BOTH, _F.METHODS, _F.RISK),
    _I.PE_DOSE: _extending("7.1", _BOTH, _S.ASKED),
    _I.PE_COMPARATOR: _extending("7.1", _BOTH, _F.RISK, _F.METHODS),
    _I.PE_SEVERAL_DRUGS: _extending("7.1", _RUN, _F.METHODS, _F.RISK),
    _I.STROBE_8: _strobe("8", _BOTH, _S.ASKED, _F.REPRODUCIBILITY),
    _I.PE_CARE: _extending("8", _AUTHORS),
    _I.STROBE_9: _strobe("9", _BOTH, _F.DESIGNS, _F.STRENGTHS),
    _I.STROBE_10: _strobe("10", _BOTH, _F.PARTICIPANTS),
    _I.STROBE_11: _strobe("11", _RUN, _F.METHODS, _S.ASKED),
    _I.STROBE_12A: _strobe("12a", _RUN, _F.METHODS),
    _I.STROBE_12B: _strobe("12b", _RUN, _S.ASKED, _F.METHODS),
    _I.STROBE_12C: _strobe("12c", _RUN, _F.METHODS, _F.STRENGTHS),
    _I.STROBE_12D: _strobe("12d", _RUN, _F.METHODS),
    _I.STROBE_12E: _strobe("12e", _RUN, _S.EVERYTHING, _S.COURSE),
    _I.RECORD_12_1: _record("12.1", _AUTHORS),
    _I.RECORD_12_2: _record("12.2", _RUN, _S.QUALITY),
    _I.RECORD_12_3: _record("12.3", _AUTHORS),
    _I.PE_ASSUMPTIONS: _extending("12", _RUN, _S.DIAGNOSTICS, _F.STRENGTHS),
    _I.PE_SEVERAL_DESIGNS: _extending("12", _BOTH, _F.DESIGNS),
    _I.STROBE_13A: _strobe("13a", _RUN, _F.PARTICIPANTS, _S.ATTRITION),
    _I.STROBE_13B: _strobe("13b", _RUN, _F.PARTICIPANTS, _S.ATTRITION),
    _I.STROBE_13C: _strobe("13c", _RUN, _F.PARTICIPANTS),
    _I.RECORD_13_1: _record("13.1", _RUN, _S.ATTRITION, _S.QUALITY),
    _I.STROBE_14A: _strobe("14a", _RUN, _F.PARTICIPANTS),
    _I.STROBE_14B: _strobe("14b", _RUN, _F.PARTICIPANTS),
    _I.STROBE_14C: _strobe("14c", _RUN, _F.COURSE, _S.COURSE),
    _I.STROBE_15: _strobe("15", _RUN, _F.RISK, _F.COURSE),
    _I.STROBE_16A: _strobe("16a", _BOTH, _F.RISK, _S.TOGETHER, _S.EVERYTHING),
    _I.STROBE_16B: _strobe("16b", _RUN, _F.RISK, _S.ASKED),
    _I.STROBE_16C: _strobe("16c", _RUN, _F.RATES),
    _I.STROBE_17: _strobe("17", _RUN, _S.TOGETHER, _S.EVERYTHING),
    _I.STROBE_18: _strobe("18", _BOTH, _F.KEY),
    _I.STROBE_19: _strobe("19", _BOTH, _F.STRENGTHS),
    _I.RECORD_19_1: _record("19.1", _BOTH, _F.STRENGTHS),
    _I.PE_19_1_A: _pe("19.1.a", _BOTH, _F.STRENGTHS),
    _I.STROBE_20: _strobe("20", _AUTHORS),
    _I.PE_ALTERNATIVES: _extending("20", _BOTH, _F.STRENGTHS, _F.DESIGNS),
    _I.STROBE_21: _strobe("21", _AUTHORS),
    _I.STROBE_22: _strobe("22", _AUTHORS),
    _I.RECORD_22_1: _record("22.1", _BOTH, _F.REPRODUCIBILITY, _S.PROTOCOL, _S.MANIFEST),
}
"""Every item once."""


@dataclass(frozen=True)
class ReportingRow:
    """A row of the table: words of the item, who fills it in, links to where it stands, and what the run says of it."""

    number: str
    checklist: str
    asks: str
    filler: str
    links: tuple[tuple[str, str], ...]
    answer: tuple[str, ...]


def render_record_pe(released: Released, view: View, front: Collection[str], supplement: Collection[str]) -> Markup:
    """The table of items as HTML.

    Parameters
    ----------
    front, supplement : anchors that the front page and the supplement have
    """
    rows = list(reporting_rows(released, view, front, supplement))
    return render("record_pe.html", words=english, rows=rows, name=TABLE, file=file_link(TABLE))


def reporting_rows(
    released: Released, view: View, front: Collection[str], supplement: Collection[str]
) -> Iterator[ReportingRow]:
    """A row for each item; links go only to what is there."""
    facts = _Facts(released, view, read_main(view))
    for item, entry in ENTRIES.items():
        there = [p for p in entry.places if p in (front if isinstance(p, FrontPart) else supplement)]
        links = tuple((english.target(p, in_front=isinstance(p, FrontPart)), _name(p)) for p in there)
        fact = _FACTS[item](facts) if item in _FACTS else ""
        parts = [fact, english.ABSENT if entry.places and not there else ""]
        parts.append(english.TO_COMPLETE if entry.filler is not Filler.RUN else "")
        yield ReportingRow(
            english.extending(entry.number) if entry.extends else entry.number,
            entry.checklist,
            english.ASKS[item],
            english.FILLERS[entry.filler],
            links,
            tuple(filter(None, parts)),
        )


def _name(part: ReportPart) -> str:
    return english.PLACES[part] if isinstance(part, FrontPart) else PARTS[part].place


# What the run says


@dataclass(frozen=True)
class _Facts:
    released: Released
    view: View
    main: MainResults | None


def _period(facts: _Facts) -> str:
    study = facts.released.study
    return english.index_dates(english_front.period(study.period.start, study.period.stop))


def _controls(facts: _Facts) -> str:
    controls = facts.released.study.controls
    names = distinct(english_front.controls_name(one).lower() for one in controls)
    return english.listed_fact(names)


def _matching(facts: _Facts) -> str:
    unrelated = [c for c in facts.released.study.controls if isinstance(c, PopulationControls | GivenControls)]
    return english.listed_fact(distinct(matched(c, several=len(unrelated) > 1) for c in unrelated))


def _codes(facts: _Facts) -> str:
    exposures = facts.released.study.exposures
    return english.codes([(class_label(e), e.codes.prefixes) for e in exposures])


def _members(facts: _Facts) -> str:
    study = facts.released.study
    sizes = [(c, members_of(facts.released, facts.view, c.comparison)) for c in study.controls]
    return english.listed_fact(
        [f"{english_front.controls_name(c)}: {english_participants.members(*size, c)}" for c, size in sizes]
    )


def _primary(facts: _Facts) -> str:
    return english.primary(ENGLISH.forms[facts.main.form]) if facts.main is not None else ""


def _together(facts: _Facts) -> str:
    if facts.main is None:
        return ""
    return english.several_drugs(len(facts.main.classes), together=facts.main.form.is_mutual)


def _followed(facts: _Facts) -> str:
    rows = read_rows(facts.released, facts.view)
    return followed(rows) if rows is not None else ""


def _quality(facts: _Facts) -> str:
    return english.quality(facts.released.table("quality").num_rows)


def _diagnostics(facts: _Facts) -> str:
    return english.diagnostics(facts.released.table("diagnostics").num_rows)


def _fingerprint(facts: _Facts) -> str:
    return english.fingerprint(facts.released.study.fingerprint, facts.released.study.seed)


_FACTS: Mapping[ReportingItem, Callable[[_Facts], str]] = {
    _I.STROBE_1A: lambda facts: english.sentence(subtitle(facts.released.study)),
    _I.RECORD_1_2: _period,
    _I.STROBE_5: _period,
    _I.PE_4_A: _controls,
    _I.PE_SEVERAL_DESIGNS: _controls,
    _I.STROBE_6B: _matching,
    _I.RECORD_7_1: _codes,
    _I.PE_7_1_A: _codes,
    _I.PE_SEVERAL_DRUGS: _together,
    _I.STROBE_13A: _members,
    _I.STROBE_14C: _followed,
    _I.STROBE_16A: _primary,
    _I.RECORD_12_2: _quality,
    _I.PE_ASSUMPTIONS: _diagnostics,
    _I.RECORD_22_1: _fingerprint,
}
"""What the description and the run say of an item, in one sentence; of the others the place says it."""


def entries_of(checklist: Checklist) -> Sequence[ChecklistEntry]:
    """The items of one list."""
    return [entry for entry in ENTRIES.values() if entry.checklist is checklist]
