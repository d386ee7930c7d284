"""The study in sentences, as an epidemiologist would write them in a methods section, with every default spelled "
"out."""

from __future__ import annotations

import textwrap
from datetime import timedelta

from riskset.arguments_given import refuse_other
from riskset.spec import words
from riskset.spec.design import (
    Eligibility,
    Event,
    GivenControls,
    PopulationControls,
    SiblingControls,
    SpouseControls,
    Washout,
)
from riskset.spec.explain_analysis import models_in_words, prognosis_in_words, published_in_words
from riskset.spec.explain_exposure import covariates_in_words, exposures_in_words
from riskset.spec.explain_wording import words_in_words
from riskset.spec.paragraphs import Drawing, Section
from riskset.spec.study import Study
from riskset.spec.time import Duration

WIDTH = 90
"""Characters on a line of text."""


def explain(study: Study) -> str:
    """The study in plain sentences, each window drawn on a line.

    Everything the description holds is said, defaults included, so that the text can stand in a methods section.

    Raises
    ------
    SpecError
        It is no study.
    """
    refuse_other(study, Study, "study", "this is no study", "write Study(…), or Study.load(path)")
    parts = [study.name, "=" * len(study.name), ""]
    if study.description:
        parts += [textwrap.fill(" ".join(study.description.split()), WIDTH), ""]
    for section in sections(study):
        parts += [section.title, "-" * len(section.title), ""]
        for block, following in zip(section.blocks, (*section.blocks[1:], ""), strict=True):
            parts += [_block(block)] if is_point(block) and is_point(following) else [_block(block), ""]
    return "\n".join(parts).rstrip() + "\n"


def sections(study: Study, *, keys: bool = True) -> tuple[Section, ...]:
    """The same text in parts, for a report that sets it in its own type.

    Parameters
    ----------
    keys : whether names stand as the description spells them, for its writer; else they are words
    """
    sections = [
        Section("Who is a case", cases_in_words(study)),
        Section("Who is eligible, cases and candidates alike", eligibility_in_words(study.eligibility)),
        Section("Who is compared with the cases", controls_in_words(study)),
    ]
    if study.exposures:
        sections.append(Section("What is measured before the index date", exposures_in_words(study, keys=keys)))
    sections += [
        Section(title, blocks)
        for title, blocks in (
            ("Covariates", covariates_in_words(study, keys=keys)),
            ("What is estimated", models_in_words(study, keys=keys)),
            ("What became of the cases", prognosis_in_words(study, keys=keys)),
            ("Published figures beside ours", published_in_words(study, keys=keys)),
        )
        if blocks
    ]
    if keys and (called := words_in_words(study)):
        sections.append(Section("What the report calls it", called))
    return (*sections, Section("To repeat it", _repeat(study)))


def is_point(block: object) -> bool:
    """Whether a paragraph is a point of a list."""
    return isinstance(block, str) and block.startswith("- ")


def _block(block: str | Drawing) -> str:
    if isinstance(block, Drawing):
        return textwrap.indent(block.text, "  ")
    if block.startswith("- "):
        return textwrap.fill(block, WIDTH, initial_indent="  ", subsequent_indent="    ")
    return textwrap.fill(block, WIDTH, break_on_hyphens=False)


def cases_in_words(study: Study) -> tuple[str, ...]:
    """Who is a case, and on what day."""
    period, first = study.period, study.cases.first
    last = period.stop - timedelta(days=1)
    before = "" if first.death else " Who had it before the period is no case in it."
    return (
        f"A case is a person whose {words.counted(first)} falls from "
        f"{words.days(period.start, last, study.number_style)}, "
        f"both days included. That day is the index date.{before}",
    )


def eligibility_in_words(rule: Eligibility) -> tuple[str, ...]:
    """The one rule for cases and candidates, point by point."""
    low, high = rule.age
    return (
        "One rule holds for cases and for those who could serve as their controls, judged on the index date:",
        "- alive and resident; who dies or leaves on a day is at risk on it, and so is who arrives on it",
        f"- aged {low} to {high} completed years, both ends included",
        "- " + _least(rule.min_residence, "resident without a gap for at least {}", "time of residence"),
        "- " + _least(rule.run_in, _RUN_IN, "time since the start of the dispensing register (run-in)"),
        "- " + _least(rule.min_history, _HISTORY, "dispensing history"),
        *([f"- {_washout(w)}" for w in rule.washout] or ["- no washout"]),
    )


def _least(length: Duration, sentence: str, what: str) -> str:
    return sentence.format(words.time(length)) if length else f"no minimum of {what}"


def _washout(washout: Washout) -> str:
    when = f"in the {words.time(washout.within)}" if washout.within else "at any time"
    return f"no {words.event(washout.event)} {when} before the index date (washout)"


def controls_in_words(study: Study) -> tuple[str, ...]:
    """Who is compared with the cases, each kind in a paragraph, and what controls are free of."""
    freedom = study.cases.freedom()
    paragraphs = []
    for control in study.controls:
        if isinstance(control, PopulationControls):
            paragraphs += _population(control)
        elif isinstance(control, GivenControls):
            paragraphs.append(_given(control))
        elif isinstance(control, SiblingControls):
            paragraphs.append(_siblings(control))
        elif isinstance(control, SpouseControls):
            paragraphs.append(
                "Spouses. The partner on the index date by the dated couples, either person's row being enough; a case "
                "with two partners at once has no set. The partner is eligible on that date by the rule above. "
                "A spouse's use in the last year may answer to the illness. " + _kin(control)
            )
    free = [event for event in freedom if not any(_within(event, other) for other in freedom)]
    of = ["death" if event == Event(death=True) else f"any {words.event(event)}" for event in free]
    return (
        *paragraphs,
        f"Through the index date controls are free of {words.both(of, 'or')}. Who becomes a case later may serve as a "
        "control until then.",
    )


def _siblings(control: SiblingControls) -> str:
    """Which siblings, compared when."""
    full = "full siblings (mother and father shared, both known)"
    half = "half-siblings (one parent shared, the other known to differ)"
    who = {False: full, True: f"{full} and {half}", "only": half}[control.half]
    at, cut = "the case's index date", ""
    if control.at == "same age":
        at = "the day on which the sibling was as old, in days, as the case on its index date"
        cut = (
            " That day, within the period, is the sibling's own index date. Windows look no further back "
            "than the shortest dispensing history in the set, and what is lost by that is counted."
        )
    return (
        f"{control.comparison[:1].upper()}{control.comparison[1:]}. All {who} who are eligible on {at}.{cut} Parents "
        "are those of the register, adoptive ones included; siblings of whom a parent is unknown cannot be told and "
        f"are counted. Two affected siblings make two sets. {_kin(control)}"
    )


def _within(event: Event, other: Event) -> bool:
    """Whether whoever has the event has the other one too, so that naming the other suffices."""
    return event != other and other == event.wider()


def _matched(control: PopulationControls | GivenControls) -> str:
    """``matched on sex and birth year``."""
    keys = [words.plain(key) + (" as on the index date" if key == "county" else "") for key in control.match]
    if "history" in control.match:
        keys[control.match.index("history")] = (
            f"completed years of observation before the index date ({control.history_cap.count} or more being one)"
        )
    if control.caliper is not None:
        keys.append(f"date of birth within {words.time(control.caliper)}")
    return f"matched on {words.both(keys)}" if keys else "matched on nothing else"


def _given(control: GivenControls) -> str:
    """What was promised of sets that an authority drew."""
    number = "any number of controls" if control.ratio is None else f"up to {control.ratio} controls"
    once = "a person may serve in several sets" if control.replacement else "a person serves in one set only"
    return (
        "Given controls. The matched sets were drawn by the authority and delivered; nothing is sampled here. What "
        f"they are held to: for each case {number}, {_matched(control)}, at risk on the index date by the rule above; "
        f"{once}. "
        "Every row is audited against the registers, and one violation stops the run. The audit cannot see whether "
        "controls were drawn at random from all at risk: that is for the authority to say. Sets of cases whom the "
        "period or the eligibility leave out are left out and counted."
    )


def _population(control: PopulationControls) -> list[str]:
    matched = _matched(control)
    once = (
        "A person may serve in several sets, and once in a set (sampling with replacement across sets)."
        if control.replacement
        else "A person serves in one set only (sampling without replacement)."
    )
    estimand = (
        "By this design the odds ratio estimates the time-averaged hazard ratio; the line is printed beside an "
        "estimate where the audit of the sets bears it out."
        if control.replacement
        else "Without replacement the odds ratio only approximates the hazard ratio, the less well the more often a "
        "control would have been drawn again."
    )
    number = "up to 1 control is" if control.ratio == 1 else f"up to {control.ratio} controls are"
    return [
        f"The {control.comparison}. For each case {number} drawn at random from the risk set on the index date "
        f"(incidence-density sampling), {matched}. Where fewer are eligible all are taken and the short set is "
        f"counted. {once} {estimand}"
    ]


_RUN_IN = (
    "at least {} after the start of the dispensing register, because dispensings in its first months are prevalent use "
    "(run-in)"
)
_HISTORY = "at least {} of dispensing history since the later of the register's start and the person's entry"


def _kin(control: SiblingControls | SpouseControls) -> str:
    timed = words.plain(control.always[0])
    return (
        f"{timed[:1].upper()}{timed[1:]} (spline) and sex are covariates in every model, the crude one included. "
        "Beside the estimate stands that of the population comparison restricted to the cases who have such kin. The "
        "odds ratio compares kin within a set; it is no average hazard ratio of the population."
    )


def _repeat(study: Study) -> tuple[str, ...]:
    return (
        f"The seed of the sampler is {study.seed}; the same seed draws the same controls on any engine. "
        f"The fingerprint of this description is {study.fingerprint[:16]}.",
    )
