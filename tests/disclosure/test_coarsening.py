"""Curves made coarser: whoever subtracts points of one curve, or of several, meets no step of a few."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskset.disclosure.coarsening import coarsen
from riskset.disclosure.policy import Policy
from riskset.disclosure.withholding import Withholding
from tests.examples import examples

POLICY = Policy("under 5")


@st.composite
def curves(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Of never and ever users and of all, month by month, of one cause."""
    months = draw(st.integers(2, 12))
    counts = st.lists(st.integers(0, 6), min_size=months, max_size=months)
    levels = {level: (draw(counts), draw(counts), draw(st.integers(0, 60))) for level in ("never", "ever")}
    (a, b, c), (x, y, z) = levels.values()
    both = [[one + other for one, other in zip(*each, strict=True)] for each in ((a, x), (b, y))]
    levels["all"] = (both[0], both[1], c + z)
    rows = []
    for level, (events, censored, more) in levels.items():
        patients = sum(events) + sum(censored) + more
        for month in range(months):
            gone = sum(events[:month]) + sum(censored[:month])
            rows.append(
                {
                    "measure": "ever", "exposure": "" if level == "all" else "opioids", "level": level, "cause": "",
                    "curve": "survival", "family": "kaplan-meier", "form": "", "time": month / 12, "estimate": 0.5,
                    "conf_low": 0.4, "conf_high": 0.6, "n_risk": patients - gone, "n_events": sum(events[: month + 1]),
                    "n_patients": patients, "n_scores": None, "notes": "[]",
                }
            )  # fmt: skip
    return rows


@settings(max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(curves())
def test_no_step_left_is_of_a_few_and_none_follows_from_all(rows: list[dict[str, Any]]) -> None:
    held = Withholding(POLICY, {"curves": rows, "estimates": []})
    coarsen(held)
    shown: dict[str, dict[float, int]] = {}
    for i, row in enumerate(rows):
        if not held.is_withheld("curves", i, ("n_events",)):
            assert row["n_risk"] >= POLICY.minimum
            shown.setdefault(row["level"], {})[row["time"]] = row["n_events"]
    for of_level in shown.values():
        assert_no_few(of_level)
    for level in ("never", "ever"):
        if level in shown and "all" in shown:
            both = shown[level].keys() & shown["all"].keys()
            rest = {time: shown["all"][time] - shown[level][time] for time in both}
            assert_no_few(rest)


def assert_no_few(of_time: dict[float, int]) -> None:
    events = [0, *(of_time[time] for time in sorted(of_time))]
    assert not [b - a for a, b in itertools.pairwise(events) if 0 < b - a < POLICY.minimum]
