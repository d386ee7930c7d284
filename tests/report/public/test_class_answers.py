"""What the public's page answers: the rule on the interval, and frequencies in whole people, by their definitions."""

from __future__ import annotations

from math import exp, inf, log, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.report.lines import Line
from riskset.report.public.class_answers import (
    Answer,
    ClassAnswer,
    ClassAnswers,
    NoNumber,
    UseAnswer,
    answer_of,
    answers_by_class,
)
from riskset.report.public.dots import draw_dots, people_in_a_dot
from riskset.report.public.frequencies import denominator, whole
from riskset.results.withheld import HiddenNumber, WithheldFor
from tests.report.front.studies import main_of, released_of
from tests.report.released import estimate

HIDDEN = HiddenNumber(WithheldFor.SMALL)


def line_of(value: float | None, low: float | None, high: float | None, **facts: Any) -> Line:
    row = estimate("anxiolytics", "ever", "ever", 1.3) | {"estimate": value, "conf_low": low, "conf_high": high} | facts
    return Line(row, value, low, high, "")


RATIOS = st.floats(0.02, 500)
COUNTS = st.integers(10, 10**6)


@given(RATIOS, st.floats(1, 50), st.floats(1, 50), COUNTS, COUNTS)
def test_the_interval_alone_decides(value: float, below: float, above: float, cases: int, controls: int) -> None:
    low, high = value / below, value * above
    facts = {"n_exposed_cases": cases, "n_cases": 2 * cases, "n_exposed_controls": controls, "n_controls": 2 * controls}
    answer = answer_of(line_of(value, low, high, **facts))
    if low <= 1 <= high:
        assert answer is Answer.UNSURE
    else:
        assert answer is (Answer.MORE if low > 1 else Answer.LESS)


@pytest.mark.parametrize(
    ("low", "high", "answer"),
    [(1.0, 1.4, Answer.UNSURE), (1.0001, 1.4, Answer.MORE), (0.6, 1.0, Answer.UNSURE), (0.6, 0.9999, Answer.LESS)],
)
def test_an_interval_that_ends_at_one_holds_it(low: float, high: float, answer: Answer) -> None:
    assert answer_of(line_of((low * high) ** 0.5, low, high)) is answer


@pytest.mark.parametrize("ends", [(None, None, None), (inf, 2.0, inf), (3.0, 1.2, inf), (0.0, 0.0, 2.0), (nan, 1, 2)])
def test_what_is_not_finite_could_not_be_estimated(ends: tuple[float | None, float | None, float | None]) -> None:
    assert answer_of(line_of(*ends)) is Answer.NOT_ESTIMATED
    assert answer_of(None) is Answer.NOT_ESTIMATED


@pytest.mark.parametrize(
    "facts", [{"converged": False}, {"n_informative": 9}, {"n_exposed_cases": 0}, {"n_exposed_controls": 0}]
)
def test_an_estimate_that_nothing_may_be_read_from_could_not_be_made(facts: dict[str, Any]) -> None:
    assert answer_of(line_of(3.0, 2.0, 4.0)) is Answer.MORE
    assert answer_of(line_of(3.0, 2.0, 4.0, **facts)) is Answer.NOT_ESTIMATED


@pytest.mark.parametrize("name", ["estimate", "conf_low", "conf_high"])
def test_a_withheld_estimate_is_not_shown(name: str) -> None:
    ends: dict[str, Any] = {"estimate": 3.0, "conf_low": 2.0, "conf_high": 4.0} | {name: HIDDEN}
    shown = [None if end is HIDDEN else end for end in ends.values()]
    assert answer_of(line_of(*shown, **ends)) is Answer.WITHHELD


@pytest.mark.parametrize("name", ["n_exposed_cases", "n_exposed_controls"])
def test_whether_an_estimate_exists_does_not_tell_of_a_withheld_count(name: str) -> None:
    """That it could not be made may say that the count is 0."""
    assert answer_of(line_of(None, None, None, **{name: HIDDEN})) is Answer.WITHHELD
    assert answer_of(line_of(3.0, 2.0, 4.0, **{name: HIDDEN})) is Answer.MORE  # the door let it stand
    assert answer_of(line_of(3.0, 2.0, 4.0, **{name: None})) is Answer.WITHHELD


def answers(first: list[Answer], windows: list[Answer]) -> ClassAnswers:
    row: Any = None
    made = [tuple(UseAnswer(row, one, None) for one in each) for each in (first, windows)]
    exposure: Any = None
    return ClassAnswers(exposure, *made)


@given(st.lists(st.sampled_from(Answer), min_size=1, max_size=3), st.lists(st.sampled_from(Answer), max_size=4))
def test_a_class_as_a_whole_has_what_each_row_of_its_first_measure_has(first: list[Answer], rest: list[Answer]) -> None:
    summary = answers(first, rest).summary
    assert (summary is ClassAnswer.MORE) == all(one is Answer.MORE for one in first)
    assert (summary is ClassAnswer.LESS) == all(one is Answer.LESS for one in first)
    seen = [one for one in (*first, *rest) if one in (Answer.MORE, Answer.LESS)]
    if summary is ClassAnswer.AT_TIMES:
        assert seen
    if summary in (ClassAnswer.UNSURE, ClassAnswer.NO_ANSWER):
        assert not seen
        assert (summary is ClassAnswer.UNSURE) == (Answer.UNSURE in (*first, *rest))


@pytest.mark.parametrize(
    ("incidence", "of"), [(30, 100_000), (10, 100_000), (3.1, 1_000_000), (0.2, 10_000_000), (1e-9, 10_000_000)]
)
def test_people_are_whole_and_at_least_ten_of_the_denominator(incidence: float, of: int) -> None:
    assert denominator(incidence) == of
    assert whole(incidence, of) >= 10 or of == 10_000_000


def test_frequencies_are_the_rates_by_their_formula() -> None:
    main = main_of(released_of())
    incidence, checked = 30.0, 0
    for of_class in answers_by_class(main, incidence):
        for rows in (of_class.first, of_class.windows):
            lines = [one.row.lines["population"] for one in rows]
            shares = [(x["n_exposed_controls"] / x["n_controls"], exp(x["estimate"])) for x in lines]
            if rows is of_class.first:  # and the level within the lag, which is no row of the page
                within = [r for r in main.of_class(of_class.exposure) if r.level.label == "lag only"]
                extra = [r.lines["population"] for r in within]
                shares += [(x["n_exposed_controls"] / x["n_controls"], exp(x["estimate"])) for x in extra]
            without = incidence / (1 + sum(p * (ratio - 1) for p, ratio in shares))
            for one, line in zip(rows, lines, strict=True):
                if one.known is None:
                    assert line["n_exposed_cases"] < 10 or line.thin or one.row.may_be_early_sign
                    continue
                people, of = one.known, 100_000
                ends = [round(without * exp(line[name])) for name in ("estimate", "conf_low", "conf_high")]
                assert (people.of, people.without) == (of, round(without))
                assert [people.used, people.low, people.high] == ends
                checked += 1
    assert checked >= 6


@given(st.integers(0, 10**7))
def test_dots_are_as_few_people_as_fit_in_a_row(most: int) -> None:
    each = people_in_a_dot(most)
    steps = sorted(head * 10**power for head in (1, 2, 5) for power in range(7))
    assert each in steps
    assert most <= 60 * each
    assert all(most > 60 * step for step in steps if step < each)


def test_dots_are_filled_up_to_the_low_end_and_open_beyond() -> None:
    svg = draw_dots(31, 45, 1, most=45)
    assert (svg.count('class="mark"'), svg.count('class="mark open"')) == (31, 14)
    assert draw_dots(310, 450, 10, most=450).count("circle") == 45


def test_a_range_beyond_everybody_has_no_frequency() -> None:
    rows = [
        estimate("anxiolytics", "ever", "ever", 2.0, form="mutually adjusted")
        | {"conf_low": log(0.5), "conf_high": log(90_000)}
    ]
    (of_class,) = answers_by_class(main_of(released_of(rows)), 30.0)
    assert of_class.first[0].answer is Answer.UNSURE
    assert of_class.first[0].people is NoNumber.NOT_MADE
