"""Projects of linked tables and several releases: what leaves withstands an attacker; unprotected it does not."""

from __future__ import annotations

import pytest

from riskset.disclosure.bounds import bounds
from riskset.disclosure.policy import Policy
from tests.disclosure.attackers import broken, interval
from tests.disclosure.tables import Project

POLICIES = [Policy("as by default"), Policy("under 3", minimum=3, margin=0), Policy("rounded", rounding=5)]
ALONE = Policy("small counts alone", complementary=False)


@pytest.mark.parametrize("seed", range(24))
def test_no_attacker_narrows_a_small_count(seed: int) -> None:
    policy = POLICIES[seed % len(POLICIES)]
    system, hidden = Project.random(seed, most_releases=3).released(policy)
    assert broken(system, hidden, policy) == []


def test_the_same_attacker_breaks_what_withholds_small_counts_alone() -> None:
    fell = [bool(broken(*Project.random(seed, most_releases=3).released(ALONE), ALONE)) for seed in range(12)]
    assert sum(fell) >= len(fell) / 2


def test_the_attacker_finds_the_same_intervals() -> None:
    """With fractions an attacker finds no more than is possible in whole numbers, which `bounds` reports."""
    system, hidden = Project.random(5, most_releases=2).released(ALONE)
    for key, (low, high) in bounds(system, hidden).items():
        lowest, highest = interval(system, hidden, key)
        assert lowest <= low + 1e-6
        assert high is None or high <= highest + 1e-6


@pytest.mark.slow
def test_five_hundred_projects() -> None:
    """1-4 releases each; safe under every policy, broken mostly without complementary withholding."""
    fell = 0
    for seed in range(1000, 1500):
        policy = POLICIES[seed % len(POLICIES)]
        project = Project.random(seed)
        system, hidden = project.released(policy)
        assert broken(system, hidden, policy) == [], seed
        fell += bool(broken(*project.released(ALONE), ALONE))
    assert fell >= 250
