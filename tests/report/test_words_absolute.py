"""The ratio in absolute terms: the incidence parts into that of the exposed and of the others."""

from __future__ import annotations

import re

import pytest

from riskset.report.view import read_view
from riskset.report.words import summarise_classes
from tests.report.released import make_released

INCIDENCE = 3.6


def test_the_parts_give_the_whole_back() -> None:
    """With p exposed among controls, (1 − p) without + p with = the incidence, and with / without = the ratio."""
    released = make_released()
    row = {"analysis": "cohort", "name": "incidence per 100,000 person-years", "value": INCIDENCE}
    diagnostics = [*released.table("diagnostics").to_pylist(), row]
    view = read_view(make_released(diagnostics=diagnostics))
    sentences = " ".join(
        sentence
        for summary in summarise_classes(view, "risk", "population")
        for finding in summary.findings
        for sentence in finding
    )
    found = re.findall(r"about ([\d.]+) without such use of (\w+) and ([\d.]+) with it", sentences)
    assert found
    for without, name, with_use in found:
        line = next(
            x
            for x in view.main("risk", "population")
            if x["exposure"] == name and x["model"] == "adjusted" and x["level"] == "ever"
        )
        share = line["n_exposed_controls"] / line["n_controls"]
        assert (1 - share) * float(without) + share * float(with_use) == pytest.approx(INCIDENCE, abs=0.06)
        assert float(with_use) / float(without) == pytest.approx(line.value, abs=0.05)


def test_without_an_incidence_nothing_is_said_in_absolute_terms() -> None:
    view = read_view(make_released())
    text = str([s.findings for s in summarise_classes(view, "risk", "population")])
    assert "In absolute terms" not in text
