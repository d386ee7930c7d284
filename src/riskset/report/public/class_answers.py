"""What the public's page answers for each class and kind of use: by one rule on the interval, the same for all.

The front of the report never parts estimates by whether an interval touches 1. A page without intervals must: a reader
who sees "more often" takes it as seen. So an interval that holds 1 gives one answer, whatever its numbers are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from riskset.report import formats
from riskset.report.front.absolute_terms import rates_of
from riskset.report.front.main_results import MainResults, UseRow, hidden, sayable
from riskset.report.lines import Line
from riskset.report.public.frequencies import Frequencies, denominator, frequencies
from riskset.results.withheld import HiddenNumber
from riskset.spec.measures import Exposure

MOST_ROWS = 15
"""A sheet has room for so many rows of the table, names of classes among them; of a study with more the first ones of
each class stand alone."""


class Answer(StrEnum):
    """What can be answered for one kind of use of one class."""

    MORE = "more"
    LESS = "less"
    UNSURE = "unsure"
    NOT_ESTIMATED = "not estimated"
    WITHHELD = "withheld"

    @property
    def is_finding(self) -> bool:
        """Whether something was seen."""
        return self in (Answer.MORE, Answer.LESS)


class NoNumber(StrEnum):
    """Why one kind of use has no number of people."""

    EARLY_SIGN = "early sign"
    """The illness may be the reason for such use."""
    WITHHELD = "withheld"
    """A number that it rests on is not given away."""
    NOT_MADE = "not made"


class ClassAnswer(StrEnum):
    """What can be answered for a class in one sentence."""

    MORE = "more"
    LESS = "less"
    AT_TIMES = "at times"
    UNSURE = "unsure"
    NO_ANSWER = "no answer"


_OF_LEVEL = ("estimate", "conf_low", "conf_high", "n_exposed_cases", "n_exposed_controls")


def answer_of(line: Line | None) -> Answer:
    """What can be answered by an estimate; None is one that was never made.

    Where it may be put in words (`sayable`) its interval ``[low, high]`` decides. Otherwise it was withheld, if it or a
    count at its level was: whether it could have been estimated would tell of that count. What is left could not be
    estimated: it is missing or infinite, or too few sets tell of it.
    """
    ratio = sayable(line) if line is not None else None
    if ratio is not None:
        if ratio.low <= 1 <= ratio.high:
            return Answer.UNSURE
        return Answer.MORE if ratio.low > 1 else Answer.LESS
    if line is not None and (hidden(line) or any(isinstance(line[name], HiddenNumber) for name in _OF_LEVEL)):
        return Answer.WITHHELD
    return Answer.NOT_ESTIMATED


@dataclass(frozen=True)
class UseAnswer:
    """The answer for one kind of use.

    Attributes
    ----------
    row : the class, measure and level
    answer : against the reference controls
    people : the same in natural frequencies; where there are none, why
    """

    row: UseRow
    answer: Answer
    people: Frequencies | NoNumber

    @property
    def known(self) -> Frequencies | None:
        """The natural frequencies, where there are any."""
        return self.people if isinstance(self.people, Frequencies) else None


@dataclass(frozen=True)
class ClassAnswers:
    """The answers for one class, in the order of the page.

    Attributes
    ----------
    exposure : the class
    first : of its first measure
    windows : of its first measure that parts time or amounts, if that is another one
    """

    exposure: Exposure
    first: tuple[UseAnswer, ...]
    windows: tuple[UseAnswer, ...]

    @property
    def rows(self) -> tuple[UseAnswer, ...]:
        """All of them."""
        return (*self.first, *self.windows)

    @property
    def summary(self) -> ClassAnswer:
        """One answer for the class: something is seen of it as a whole only if it is in every row of its measure."""
        firsts = {one.answer for one in self.first}
        if firsts == {Answer.MORE}:
            return ClassAnswer.MORE
        if firsts == {Answer.LESS}:
            return ClassAnswer.LESS
        answers = {one.answer for one in self.rows}
        if any(answer.is_finding for answer in answers):
            return ClassAnswer.AT_TIMES
        return ClassAnswer.UNSURE if Answer.UNSURE in answers else ClassAnswer.NO_ANSWER


def why_no_number(main: MainResults, row: UseRow) -> NoNumber:
    """Why a kind of use has no number of people: rates of a level rest on all levels of its measure."""
    if row.may_be_early_sign:
        return NoNumber.EARLY_SIGN
    levels = [other for other in main.of_class(row.exposure) if other.measure == row.measure]
    lines = [line for other in levels if (line := other.lines.get(main.reference)) is not None]
    is_withheld = any(formats.is_withheld(line[name]) for line in lines for name in (*_OF_LEVEL, "n_controls"))
    return NoNumber.WITHHELD if is_withheld else NoNumber.NOT_MADE


def answers_by_class(main: MainResults, incidence: float | None) -> list[ClassAnswers]:
    """The answers of every class against the reference controls, in the study's order.

    Parameters
    ----------
    incidence : cases per 100,000 person-years of people like the cases; None where it was not counted
    """
    rates = rates_of(main, incidence)
    of = denominator(incidence) if rates and incidence else 0

    def answered(row: UseRow) -> UseAnswer:
        answer = answer_of(row.lines.get(main.reference))
        is_known = answer.is_finding or answer is Answer.UNSURE
        rate = next((one for one in rates if one.row is row), None) if is_known else None
        people = frequencies(rate, of) if rate is not None else None
        return UseAnswer(row, answer, people or why_no_number(main, row))

    classes = []
    for exposure, first in zip(main.classes, main.headlines, strict=True):
        windows = [row for row in main.windows(exposure) if all(row is not one for one in first)]
        classes.append(ClassAnswers(exposure, tuple(map(answered, first)), tuple(map(answered, windows))))
    if sum(1 + len(each.rows) for each in classes) > MOST_ROWS:
        return [ClassAnswers(each.exposure, each.first, ()) for each in classes]
    return classes
