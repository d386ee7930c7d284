"""The picture of the design: no text meets another one or leaves the picture, whatever the study."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from riskset.report.front.design_diagram import design_diagram, draw_design
from riskset.report.front.drawing import HATCHED, Box, Picture, Text, text_width, wrap
from riskset.report.view import read_view
from riskset.spec.study import Study
from tests.examples import examples
from tests.report.course import make_course_study
from tests.report.released import make_released, make_study
from tests.spec.strategies import studies

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Whole studies take minutes to be made smaller, and the texts that meet are named."""

STARTS = {"dispensing": date(2005, 7, 1), "diagnosis": date(1987, 1, 1)}


def drawn(starts: dict[str, date] | None = None, **changed: Any) -> Picture:
    described = make_study(comparisons=("population", "siblings", "spouses")).model_dump(mode="json")
    return draw_design(Study.model_validate(described | changed), STARTS if starts is None else starts)


def said(picture: Picture) -> str:
    return " ".join(text.text for text in picture.texts)


@settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    deadline=None,
    max_examples=examples(40),
    phases=PHASES,
)
@given(studies(), st.sampled_from([STARTS, {}]))
def test_no_text_meets_another_one_or_leaves_the_picture(study: Study, starts: dict[str, date]) -> None:
    picture = draw_design(study, starts)
    texts = [text for text in picture.texts if text.text.strip()]
    for one, other in combinations(texts, 2):
        assert not one.extent.meets(other.extent), (one, other)
    for text in texts:
        assert text.extent.left >= -0.1, text
        assert text.extent.right <= picture.width + 0.1, text
        assert text.extent.bottom <= picture.height + 4, text
    boxes = [shape for shape in picture.shapes if isinstance(shape, Box)]
    assert all(box.left < box.right for box in boxes)
    assert all(box.left >= 0 and box.right <= picture.width for box in boxes)


def test_windows_have_their_brackets() -> None:
    text = said(drawn())
    for bracket in ("[register start, −5\u00a0y)", "[−5\u00a0y, −1\u00a0y)", "[−1\u00a0y, day −1]"):
        assert bracket in text
    assert "Jul 1, 2005" in text
    assert "Jan 1, 2007" in text
    assert "[Jan 1, 1987, −1\u00a0y)" in text


@pytest.mark.parametrize(("until", "last"), [(None, "Jun 30, 2023"), ("2022-01-01", "Dec 31, 2021")])
def test_follow_up_has_the_day_on_which_it_ends(until: str | None, last: str) -> None:
    described = make_course_study().model_dump(mode="json")
    described["prognosis"]["until"] = until
    text = said(draw_design(Study.model_validate(described), STARTS))
    assert f"emigration, and {last}]" in text


def test_days_that_are_not_known_are_not_drawn() -> None:
    assert "2005" not in said(drawn({}))
    assert "Prescription register starts" in said(drawn({}))


def test_without_a_lag_and_a_run_in_nothing_is_hatched() -> None:
    eligibility = {"age": [18, 110], "run_in": "0d"}
    bare = [{"name": "anxiolytics", "codes": {"atc": ["N05B"]}, "measures": [{"kind": "ever"}]}]
    models = [{"kind": "conditional logistic", "measure": "ever"}]
    picture = drawn(eligibility=eligibility, exposures=bare, models=models, covariates=[], published=[])
    assert not [s for s in picture.shapes if isinstance(s, Box) and s.look == HATCHED]
    assert [s for s in drawn().shapes if isinstance(s, Box) and s.look == HATCHED]


def test_windows_that_end_at_onset_say_so() -> None:
    text = said(drawn(anchor="onset"))
    assert "Symptom onset of the case" in text
    assert "After onset" in text
    assert "Onset −5\u00a0y" in text


def test_the_section_is_there_for_any_study_and_named_for_those_who_do_not_see_it() -> None:
    released = make_released()
    section = design_diagram(released, read_view(released))
    body = str(section.exhibits[0].body)
    assert "<title" in body
    assert "<desc" in body
    assert 'role="img"' in body
    assert "style=" not in body


@given(st.text(st.characters(min_codepoint=32, max_codepoint=1000), max_size=60), st.floats(20, 300))
def test_wrapped_text_is_the_text_within_its_width(text: str, width: float) -> None:
    lines = wrap(text, width, 12.5)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_width(line, 12.5) <= width for line in lines if len(line) > 1)


@pytest.mark.parametrize("align", ["start", "middle", "end"])
def test_an_extent_is_as_wide_as_its_text(align: Any) -> None:
    extent = Text(100, 50, "Day 0", 12.5, align).extent
    assert extent.right - extent.left == pytest.approx(text_width("Day 0", 12.5))
