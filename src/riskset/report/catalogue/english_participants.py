"""English of the front's participants: exclusions named as exclusions, and Table 1."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import assert_never

from riskset.microdata import FEWEST
from riskset.report import formats
from riskset.report.catalogue.english_cohort import length_words
from riskset.report.catalogue.english_covariates import covariate_unit, labels_of
from riskset.report.catalogue.english_front import listed, span_of
from riskset.results.notes import Arguments
from riskset.results.set_vocabulary import AttritionRule, Relation
from riskset.spec import words
from riskset.spec.design import (
    Controls,
    Event,
    GivenControls,
    PopulationControls,
    SiblingControls,
    SpouseControls,
)
from riskset.spec.measures import Covariate
from riskset.spec.words import capital

TITLE = "Participants"
FLOW, FLOW_NAME = "Flow of cases, controls, and patients", "Flow of cases, controls, and patients"
TABLE, TABLE_ABOUT = "Characteristics on the index date", "Values are No. (%) unless stated."
FOLLOWED = "Patients followed up"
EACH_DAY = "each with its own index date"
OTHER_REASONS = "other reasons"
NOT_SHOWN = "NR"
NONE_EXCLUDED = "No one excluded"
EVERY_RULE = "Every rule, including those that excluded no one, is in the supplement."
HIDDEN = "NR, not reported, because it is or would tell a number that is too small."
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number(value: int | None) -> str:
    """A count; one that is not given is said to be so."""
    return NOT_SHOWN if value is None else formats.count(value)


def first_box(event: Event, outcome: str) -> str:
    """Who was there at first, after their number."""
    if event.death:
        return f"people with a recorded {outcome}"
    if event.atc:
        return f"people with a recorded {outcome}"
    where = " in the quality register" if event.registry else ""
    article = "an" if _begins_open(outcome) else "a"
    return f"people with {article} {outcome} diagnosis{where}"


def _begins_open(text: str) -> bool:
    """Whether a word is spoken with a vowel first, an abbreviation by the names of its letters."""
    return text[:1] in "AEFHILMNORSX" if text[:2].isupper() else text[:1] in "aeiouAEIOU"


def cases(n: int | None) -> str:
    """``1,030 cases``."""
    return f"{number(n)} {'case' if n == 1 else 'cases'}"


def sets(n: int | None, most: int | None) -> str:
    """How a group of controls began, with how many controls a set may have."""
    each = f", {'up to ' if most != 1 else ''}{most} {'control' if most == 1 else 'controls'} each" if most else ""
    return f"{cases(n)}{each}"


def searched(n: int | None) -> str:
    """Cases whose relatives were looked for."""
    return f"{cases(n)} searched"


def delivered(n: int | None) -> str:
    """Sets that an authority drew."""
    return f"{number(n)} sets delivered"


def excluded(n: int | None, controls: Controls | None) -> str:
    """What the number of those excluded is of, after the number."""
    match controls:
        case None:
            return "excluded"
        case PopulationControls():
            return f"{'case' if n == 1 else 'cases'} without an eligible control"
        case GivenControls():
            return f"{'set' if n == 1 else 'sets'} excluded"
        case SiblingControls():
            return f"{'case' if n == 1 else 'cases'} without an eligible sibling"
        case SpouseControls():
            return f"{'case' if n == 1 else 'cases'} without an eligible spouse"
        case _:
            assert_never(controls)


def none_excluded(controls: Controls | None) -> str:
    """That no rule excluded anyone."""
    return NONE_EXCLUDED if controls is None else "No case without a control"


_PLURAL = {"control": "controls", "sibling": "siblings", "spouse": "spouses"}


def control_noun(controls: Controls) -> str:
    """One of a group of controls."""
    match controls:
        case PopulationControls() | GivenControls():
            return "control"
        case SiblingControls():
            return "sibling"
        case SpouseControls():
            return "spouse"
        case _:
            assert_never(controls)


def controls_plural(controls: Controls, n: int | None = None) -> str:
    """``controls``, ``siblings``; of one its name."""
    noun = control_noun(controls)
    return noun if n == 1 else _PLURAL[noun]


def members(n: int | None, m: int | None, controls: Controls) -> str:
    """``642 cases, 1,194 siblings``."""
    return f"{cases(n)}, {number(m)} {controls_plural(controls, m)}"


def adjusted(pairs: Sequence[tuple[int, int]], whole: tuple[int | None, int | None]) -> str:
    """Who is in the adjusted models; nothing where there are none."""
    if not pairs:
        return ""
    if all(pair == whole for pair in pairs):
        return "adjusted: all"
    least, most = min(pairs), max(pairs)
    shown = [" and ".join(map(formats.count, pair)) for pair in dict.fromkeys([least, most])]
    return f"adjusted: {' to '.join(shown)}"


def patients(n: int | None, events: int | None) -> str:
    """``1,006 patients, 642 events``."""
    with_events = f", {formats.count(events)} {'event' if events == 1 else 'events'}" if events is not None else ""
    return f"{number(n)} {'patient' if n == 1 else 'patients'}{with_events}"


ADJUSTED = "Adjusted: in the adjusted models, which exclude people with a missing covariate."


def _kin(arguments: Arguments) -> str:
    """The relative whom a rule is about; nothing where it is about the person."""
    relation = arguments.get("relation", "")
    return {
        "": "",
        Relation.FULL_SIBLING: "sibling",
        Relation.ANY_SIBLING: "sibling",
        Relation.HALF_SIBLING: "half sibling",
        Relation.PARTNER: "spouse",
    }[Relation(str(relation)) if relation else ""]


def months(start: date, stop: date) -> str:
    """``Jan 2015–Jun 2023``, of ``[start, stop)``."""
    last = stop - timedelta(days=1)
    return f"{_MONTHS[start.month - 1]} {start.year}–{_MONTHS[last.month - 1]} {last.year}"


def reason(rule: AttritionRule, arguments: Arguments, start: date, stop: date) -> str:
    """Why people were excluded, after their number.

    Parameters
    ----------
    start, stop : the period of index dates
    """
    kin = _kin(arguments)
    no = f"no {kin}" if kin else ""
    match rule:
        case AttritionRule.FIRST_IN_PERIOD:
            return f"first event outside {months(start, stop)}"
        case AttritionRule.OBSERVED:
            return f"{no} resident" if no else "not resident on that date"
        case AttritionRule.AGE:
            ages = f"aged {arguments['low']}–{arguments['high']} years"
            return f"{no} {ages}" if no else f"not {ages}"
        case AttritionRule.RESIDENCE:
            return f"{no or 'not'} resident for {length_words(arguments)}"
        case AttritionRule.RUN_IN:
            return f"within the run-in of {length_words(arguments)}"
        case AttritionRule.HISTORY:
            return f"{f'{no} with' if no else 'less than'} {length_words(arguments)} of dispensing history"
        case AttritionRule.WASHOUT:
            what = str(arguments["event"]) or "an excluding event"
            return f"{f'{no} without' if no else 'earlier'} {what}"
        case AttritionRule.KEYS_KNOWN:
            return f"{words.both(labels_of(arguments.several('keys')), 'or')} unknown"
        case AttritionRule.ELIGIBLE_CONTROL:
            return "no eligible control"
        case AttritionRule.CASE_OF_STUDY:
            return "not a case of this study"
        case AttritionRule.ANY_CONTROL:
            return "no control delivered"
        case AttritionRule.ONSET_OF_CASE:
            return "symptom onset of the case unknown"
        case AttritionRule.SHARED_PARENT | AttritionRule.CASES | AttritionRule.SETS | AttritionRule.EVENT:
            return "counted at first"
        case AttritionRule.DELIVERED_SETS:
            return "not delivered"
        case AttritionRule.PARENTS_OF_BOTH:
            return "a parent of either unknown"
        case AttritionRule.KIN:
            return f"no {arguments.get('relation', 'relative')}"
        case AttritionRule.BORN_SINCE_PARENTS:
            return f"born before the parent register begins ({arguments['begins'] or 'year unknown'})"
        case AttritionRule.PARENTS:
            return "a parent unknown"
        case AttritionRule.PARTNER:
            return "no spouse or partner"
        case AttritionRule.ONE_PARTNER:
            return "2 partners at once"
        case AttritionRule.OF_AGE_IN_PERIOD:
            return f"{no or 'not'} of that age within the period"
        case AttritionRule.BORN:
            return f"{no} born by then" if no else "not born by then"
        case AttritionRule.ALIVE:
            return f"{no} alive" if no else "not alive"
        case AttritionRule.OBSERVED_ON_DATE:
            return f"{no} resident" if no else "not resident"
        case AttritionRule.FREE_OF_DISEASE:
            return f"{kin} had the disease" if kin else "had the disease"
        case AttritionRule.REGISTERED:
            return "not in the quality register"
        case AttritionRule.ONSET:
            return "symptom onset unknown"
        case AttritionRule.ONSET_BEFORE_DIAGNOSIS:
            return "symptom onset after diagnosis"
        case AttritionRule.ENTRY_BEFORE_END:
            return "registered after follow-up ended"
        case AttritionRule.ALIVE_AT_ENTRY:
            return f"died before {arguments['entry']}"
        case AttritionRule.RESIDENT_AT_ENTRY:
            return f"emigrated before {arguments['entry']}"
        case AttritionRule.NO_EVENT_BEFORE_ENTRY:
            return f"{words.plain(str(arguments['event']))} before {arguments['entry']}"
        case _:
            assert_never(rule)


# Table 1

RARE = f"Other (each of fewer than {FEWEST} people)"
CHARACTERISTIC, SMD, CASES, MISSING = "Characteristic", "SMD", "Cases", "Missing"


def comparison_head(adjective: str) -> str:
    """``Sibling comparison``."""
    return f"{capital(adjective)} comparison"


def controls_head(controls: Controls) -> str:
    """``Siblings``."""
    return capital(controls_plural(controls))


def mean_label(name: str, variable: str) -> str:
    """``Age, mean (SD), y``."""
    unit = covariate_unit(variable)
    return f"{capital(name)}, mean (SD){f', {unit}' if unit else ''}"


def before(name: str, covariate: Covariate | None) -> str:
    """``psychiatric diagnosis >1 y before``; of what has no window its name."""
    span = span_of(covariate.lag, covariate.lookback) if covariate is not None else ""
    return f"{name} {span} before" if span else name


def female(level: str) -> str:
    """The one row of sex."""
    return f"{capital(level)} sex"


def smd_note(threshold: float) -> str:
    """What the column of differences is."""
    return (
        "SMD indicates standardized mean difference (absolute; one per variable, missing excluded); bold, "
        f"{threshold:.2f} or more."
    )


def matched_note(controls: Sequence[Controls]) -> str:
    """Who was matched on what, and what relatives' models adjust for instead."""
    matched = [c for c in controls if isinstance(c, PopulationControls | GivenControls)]
    kin = [c for c in controls if isinstance(c, SiblingControls | SpouseControls)]
    parts = []
    for one in matched:
        keys = labels_of(one.match)
        keys += [f"birth date within {one.caliper.words()}"] if one.caliper is not None else []
        if keys:
            parts.append(f"{capital(_whose(one))} were matched on {listed(keys)}.")
    for always in dict.fromkeys(c.always for c in kin):
        who = list(dict.fromkeys(_PLURAL[control_noun(c)] for c in kin if c.always == always))
        names = listed(labels_of(always))
        parts.append(f"{capital(listed(who))} were not matched, and their models adjust for {names}.")
    return " ".join(parts)


def _whose(controls: PopulationControls | GivenControls) -> str:
    if isinstance(controls, GivenControls):
        return "delivered controls"
    return f"population controls ({words.plain(controls.name)})" if controls.name else "population controls"


def constant_note(name: str, who: Sequence[str]) -> str:
    """That a covariate varies within no set of some comparisons."""
    return f"{capital(name)} did not vary within {listed(who)} sets, and their models do not adjust for it."
