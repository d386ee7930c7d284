"""The nation is near what it is calibrated to: sampling error, plus a stated share of the target."""

from __future__ import annotations

import numpy as np
import pytest

from riskset.nation import Nation
from riskset.nation.calibration import CalibrationLine, calibrate

ERRORS = 4.5
"""Standard errors allowed: with 100 lines, a false alarm in about 1,500 nations."""

ROOM = {
    "residents": 0.02,
    "residents aged 7": 0.05,  # ALS is raised 20-fold and takes some of the old
    "residents aged 8": 0.08,
    "residents aged 9": 0.15,  # the oldest are sized by the population of 1998
    "residents aged 100": 0.60,
    "share of men": 0.06,
    "ALS per": 0.05,
    "anxiolytics in": 0.10,
    "hypnotics in": 0.10,
    "antidepressants in": 0.10,
    "anxiolytics, at least": 0.05,
    "hypnotics, at least": 0.08,
    "antidepressants, at least": 0.05,
    "anxiolytics, first": 0.10,
    "hypnotics, first": 0.30,  # a prevalence that trebles from 50 to 85 needs more starters than the target
    "new users": 0.10,
    "  of whom": 0.08,
    "cases with a full sibling": 0.04,
    "  full siblings each": 0.05,
    "cases with a half-sibling": 0.15,
    "cases with a partner on the day": 0.03,
    "age at": 0.02,
    "registered, %": 0.10,
    "median survival": 0.06,
    "latent score": 0.01,
    "visits": 0.15,
}


@pytest.fixture(scope="module")
def lines(nation: Nation) -> list[CalibrationLine]:
    return [line for line in calibrate(nation.blocks, nation.settings) if not np.isnan(line.target)]


@pytest.mark.parametrize("start", ROOM)
def test_calibration(lines: list[CalibrationLine], start: str) -> None:
    belonging = [line for line in lines if max((s for s in ROOM if line.what.startswith(s)), key=len) == start]
    assert belonging
    far = {
        line.what: (line.target, line.achieved)
        for line in belonging
        if abs(line.achieved - line.target) > ERRORS * np.nan_to_num(line.error) + ROOM[start] * line.target
    }
    assert not far


def test_a_nation_of_sweden_would_hold_about_200_million_dispensings(nation: Nation) -> None:
    fills = sum(len(block.fills) for block in nation.blocks)
    assert 150e6 < fills / nation.settings.persons * 10.4e6 < 250e6
