"""An attacker who knows all definitions and has what leaves: no small number of any table can be narrowed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from riskset.disclosure.book import Spot
from riskset.disclosure.door import clear
from riskset.disclosure.policy import Policy
from riskset.results.released import Released
from tests.disclosure.attacker_of_kinds import narrowed
from tests.disclosure.kinds_of_sets import UNKNOWN, Sets, kinds_of, sets_of
from tests.examples import examples

POLICY = Policy("under 5")
PLACES = {
    "levels and a covariate": kinds_of(("never", "lag only", "ever"), ("low", "high", UNKNOWN), ("female",)),
    "strata": kinds_of(("never", "ever"), ("low", UNKNOWN), ("female", "male")),
    "sets of two sizes": kinds_of(("never", "ever"), ("low",), ("female", "male"), (1, 2)),
    "sets of two controls": kinds_of(("never", "ever"), ("low", UNKNOWN), ("female",), (2,)),
}


def drawn(place: str, seed: int) -> Sets:
    """A few dozen sets, of which most are of common kinds."""
    kinds = PLACES[place]
    rng = np.random.default_rng(seed)
    common = rng.dirichlet(np.full(len(kinds), rng.choice((0.02, 0.1, 0.5))))
    return sets_of(kinds, rng.multinomial(rng.integers(8, 120), common))


def left(sets: Sets, released: Released) -> Iterator[tuple[Spot, int]]:
    """Numbers that leave, those among them that an odds ratio of pairs and its error give back."""
    for spot in sets.sums:
        if spot.table != "pairs":
            value = released.rows(spot.table)[spot.row][spot.column]
            if value is not None and value == value:
                yield spot, round(value)
    for i, row in enumerate(released.rows("estimates")):
        if Spot("pairs", i, "both") not in sets.sums:
            continue
        estimate, error = row["estimate"], row["std_error"]
        if error is not None and error == error:
            b, c = (1 + np.exp(estimate)) / error**2, (1 + np.exp(-estimate)) / error**2
            yield Spot("pairs", i, "case alone"), round(b)
            yield Spot("pairs", i, "control alone"), round(c)


@pytest.mark.parametrize("seed", range(examples(10)))
@pytest.mark.parametrize("place", PLACES)
def test_no_small_number_follows_from_what_leaves(place: str, seed: int) -> None:
    sets = drawn(place, seed)
    released = clear(sets.released, POLICY).released
    assert narrowed(sets.sums, sets.many, dict(left(sets, released)), POLICY) == []


@pytest.mark.parametrize("seed", [29, 30])
def test_few_people_of_a_model_do_not_follow_from_how_many_have_an_unknown_covariate(seed: int) -> None:
    """Whoever has a known covariate on either side of a set is bounded by how many have not."""
    test_no_small_number_follows_from_what_leaves("sets of two controls", seed)
