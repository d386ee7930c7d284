"""English for the public's page: short sentences of everyday words; the study's lay names are its only hard ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from riskset.report import formats
from riskset.report.catalogue.english_front import MOST_NAMED, listed
from riskset.spec.design import Controls, GivenControls, MatchKey, PopulationControls, SiblingControls, SpouseControls
from riskset.spec.measures import Exposure
from riskset.spec.study import Study
from riskset.spec.wording import lay_of, lay_outcome_of
from riskset.spec.words import capital

Relatives = SiblingControls | SpouseControls

PAGE = "A study in plain words"
WHERE_MORE = 'The <a href="{}">full report</a> has more numbers, and the methods.'
LANGUAGE = "en-US"
SHORT, ASKED, DONE, SEEN, SIZE, NOT_SHOWN_BY_IT, SURE = (
    "In short",
    "What did we ask?",
    "How did we do it?",
    "What did we find?",
    "How big is that?",
    "What this does not tell us",
    "How sure can we be?",
)
"""The headings."""

SYNTHETIC = (
    "This is a test with made-up people.",
    "We put the answers in ourselves to see if the program finds them. "
    "It tells you nothing about real medicines or real people.",
)
SYNTHETIC_HEAD = "A test with made-up people"
NO_CAUSE = "This does not show that a medicine is the cause."
DO_NOT_STOP = "Do not stop or change a medicine because of this page. Talk with your doctor first."
ASK = "Ask your doctor or pharmacist about your own medicine."


@dataclass(frozen=True)
class OutcomeWords:
    """What happened to the cases.

    Attributes
    ----------
    about : the noun: ``the disease ALS``
    people : to whom it happened: ``people with the disease ALS``
    happen : what people do to whom it happens: ``get the disease ALS``
    spared : what users do to whom it does not happen: ``would not get it``
    day : before what use counts: ``diagnosis``
    comes : how it leads to a medicine
    """

    about: str
    people: str
    happen: str
    spared: str
    day: str
    comes: str


def outcome_words(study: Study) -> OutcomeWords:
    """The words of a study's outcome."""
    event, about = study.cases.first, lay_outcome_of(study)
    if event.death:
        this = " this way" if event.cause or study.cases.lay or study.cases.label else ""
        people, happen, spared = f"people who died{this}", f"die{this}", f"would not die{this}"
        day, comes = "death", "An illness can bring new complaints long before death."
    elif event.atc:
        people, happen, spared = f"people with a first {about}", f"have a first {about}", "would not"
        day, comes = "that day", "An illness can bring new complaints long before it is treated."
    else:
        people, happen, spared = f"people with {about}", f"get {about}", "would not get it"
        day, comes = "diagnosis", f"{capital(about)} can bring new complaints long before a doctor finds it."
    day = "the first signs" if study.anchor == "onset" else day
    return OutcomeWords(about, people, happen, spared, day, comes)


def names_of(exposures: Sequence[Exposure], word: str = "and") -> str:
    """The classes in lay words; of many only how many."""
    if len(exposures) > MOST_NAMED:
        return f"{formats.count(len(exposures))} kinds of medicine"
    return listed([lay_of(exposure) for exposure in exposures], word)


def heading(exposures: Sequence[Exposure], outcome: OutcomeWords) -> str:
    """What heads the page."""
    return f"Is there a link between {names_of(exposures, 'or')} and {outcome.about}?"


def subtitle(*, synthetic: bool) -> str:
    """What stands below it."""
    return f"What a {'test ' if synthetic else ''}study found, in plain words"


# In short


def seen_more(people: str, names: Sequence[str]) -> str:
    """The classes that had been used more often."""
    return f"{capital(people)} had used {listed(names)} more often than other people."


def seen_less(people: str, names: Sequence[str]) -> str:
    """The classes that had been used less often."""
    return f"{capital(people)} had used {listed(names)} less often than other people."


def at_times(names: Sequence[str]) -> str:
    """The classes of which something was seen, though not as a whole."""
    return f"For {listed(names)}, we cannot tell as a whole. For some kinds of use we can: see the table."


def unsure(names: Sequence[str]) -> str:
    """The classes of which nothing can be told."""
    return f"For {listed(names)}, we cannot tell if use was more or less common."


def no_answer(names: Sequence[str]) -> str:
    """The classes without any answer."""
    return f"For {listed(names)}, we have no answer to show."


NO_ESTIMATES = "This study has no answer to show."


# What was asked, and how


def question(exposures: Sequence[Exposure], outcome: OutcomeWords) -> str:
    """What was asked."""
    what = names_of(exposures, "or")
    return f"Before {outcome.day}, had {outcome.people} used {what} more often than other people, or less often?"


def compared(
    outcome: OutcomeWords, controls: Controls | None, kin: Sequence[Relatives], sizes: tuple[int, int] | None
) -> tuple[str, ...]:
    """Who was compared.

    Parameters
    ----------
    controls, kin : the group that the page is of, and relatives besides
    sizes : cases and controls in the models; None where they are not given
    """
    cases, others = (f"{formats.count(n)} " for n in sizes) if sizes else ("", "")
    return (
        f"We looked at {cases}{outcome.people}.",
        f"We set them beside {_group(controls, others)}.",
        *([f"We also looked at their {', and their '.join(map(_relatives, kin))}."] if kin else []),
        "The facts came from health records.",
    )


def _group(controls: Controls | None, n: str) -> str:
    """Who the cases stand beside, ``n`` of them."""
    match controls:
        case PopulationControls() | GivenControls():
            like = [_LIKE[key] for key in controls.match]
            like += ["of about the same age"] if controls.caliper is not None else []
            return f"{n}other people {listed(list(dict.fromkeys(like)))}".strip()
        case SiblingControls() | SpouseControls():
            return f"{n}{'of ' if n else ''}their {_relatives(controls)}"
        case None:
            return f"{n}other people"
        case _:
            assert_never(controls)


def _relatives(controls: Relatives) -> str:
    match controls:
        case SiblingControls(half="only"):
            return "half-brothers and half-sisters"
        case SiblingControls():
            return "brothers and sisters"
        case SpouseControls():
            return "husbands, wives, or partners"
        case _:
            assert_never(controls)


_LIKE: Mapping[MatchKey, str] = {
    "sex": "of the same sex",
    "birth_year": "born in the same year",
    "county": "from the same county",
    "country_of_birth": "born in the same country",
    "history": "known for as long",
}


def allowed_for(covariates: Sequence[str], *, other_classes: bool) -> str:
    """What the numbers take into account."""
    things = [*(["the other medicines"] if other_classes else []), *covariates]
    if not things:
        return "We did not allow for other ways in which they may differ."
    return f"We allowed for {listed(things)}."


def counts_as_use(days: Sequence[int]) -> str:
    """What counts as use; nothing where the classes differ, or where it is what one thinks."""
    if len(set(days)) != 1 or days[0] == 1:
        return ""
    return f"“Used” means that a pharmacy gave it out on at least {formats.count(days[0])} days."


# What was seen


ANSWERS: Mapping[str, str] = {
    "more": "More often",
    "less": "Less often",
    "unsure": "We cannot tell",
    "not estimated": "Could not be estimated",
    "withheld": "Not shown",
}
"""What stands in a row, by the values of `class_answers.Answer`."""

MEANINGS: Mapping[str, str] = {
    "unsure": "“We cannot tell” means: more, less, and no difference at all fit what we saw.",
    "not estimated": "“Could not be estimated” means: too few people had used it like that, or nearly all had.",
    "withheld": "“Not shown” means: a number is kept back to protect people.",
}
"""What the answers mean that need it."""

NO_NUMBERS: Mapping[str, tuple[str, str]] = {
    "early sign": (
        "Left out",
        "“Left out” means: the illness may be why people used it, so we do not say what it would cause.",
    ),
    "withheld": ("Not shown", MEANINGS["withheld"]),
    "not made": ("–", "A dash means: we have no number."),
}
"""What stands in the place of a number of people and what that means, by the values of `class_answers.NoNumber`."""
MORE_IN_REPORT = "The full report has more kinds of use."


def table_caption(outcome: OutcomeWords) -> str:
    """What the table shows."""
    return f"Use in {outcome.people}, next to other people"


def table_heads(outcome: OutcomeWords, of: int) -> tuple[str, str, str, str, str]:
    """Above its columns; the third one stands above the last two."""
    return (
        "Kind of use",
        "What we saw",
        f"If the medicine were the cause: of {formats.count(of)} people, how many would {outcome.happen} in a year",
        "did not use it",
        "used it",
    )


# How big


def baseline(outcome: OutcomeWords, rate: int, of: int) -> tuple[str, ...]:
    """The overall rate and where it comes from."""
    people = f"Of {formats.count(of)} people of the same sex and age"
    return (
        f"{people}, about {formats.count(rate)} {outcome.happen} in one year.",
        "We counted this in the same records.",
    )


def raised(times: float) -> str:
    """How a made-up country differs from a real one; nothing where it does not."""
    if times == 1:
        return ""
    return f"In this made-up country we made it {times:g} times as common as it is."


def dots(each: int) -> str:
    """What the picture is."""
    one = "one person" if each == 1 else f"{formats.count(each)} people"
    return f"Each dot is {one}. Open dots are the room for chance."


DOT_ROWS = "Did not use it", "Used it"


def number_with_range(used: int, low: int, high: int, *, finding: bool) -> str:
    """``about 37 (31 to 45)``; where nothing can be told the range alone: ``25 to 37``."""
    between = f"{formats.count(low)} to {formats.count(high)}" if low < high else formats.count(low)
    return f"about {formats.count(used)} ({between})" if finding else between


def most_spared(outcome: OutcomeWords, spared: int, of: int) -> str:
    """How many of those who used it are spared, by the end of the widest range."""
    return (
        f"In the ranges shown, at least {formats.count(spared)} of {formats.count(of)} users {outcome.spared} "
        "in that year."
    )


# What it does not tell, and how sure


def not_why(outcome: OutcomeWords) -> tuple[str, ...]:
    """Why a link is no cause; the first is set bold."""
    return (
        "It does not tell us why.",
        outcome.comes,
        "Then the illness leads to the medicine, and not the other way around.",
        "People who use a medicine have a reason for it. They may differ from others in ways we cannot see.",
    )


def chance(level: float, *, ranges: bool) -> tuple[str, ...]:
    """What chance alone does to the ranges, or to the answers where there are none."""
    if ranges:
        of_ranges = f"about {100 * level:.4g} of 100 such ranges would hold the right number"
        return "Only partly.", f"If only chance were at play, {of_ranges}."
    wrong = f"about {100 * (1 - level):.4g} of 100 answers would still look like one"
    return "Only partly.", f"If no medicine had a link, {wrong}, by chance."


def relatives(*, similar: bool | None, less_precise: bool, some: bool = False) -> str:
    """How numbers of relatives compare.

    Parameters
    ----------
    similar : None where none can be said
    some : whether others are kept back
    """
    if similar is None:
        return "We can show too little about relatives to say more."
    like = "were mostly like the others" if similar else "often were not like the others"
    small = " They are less sure, since these groups are small." if less_precise else ""
    shown = " that we can show" if some else ""
    return f"The numbers for relatives{shown} {like}.{small}"


def recovered(hold: int, of: int) -> str:
    """How many of the planted answers lie within their ranges."""
    return (
        "In this test we know the right answers, since we put them in. "
        f"Of {formats.count(of)}, the study found {formats.count(hold)}, within the room for chance."
    )
