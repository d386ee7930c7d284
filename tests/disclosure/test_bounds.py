"""What an attacker can still compute: against going through all whole numbers, and the traps of others."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import OptimizeResult

from riskset.disclosure import attack
from riskset.disclosure.bounds import audit, bounds
from riskset.disclosure.pattern import Pattern, Violation, Why, Withheld
from riskset.disclosure.policy import Policy
from riskset.disclosure.system import Cell, Equation, Key, System
from tests.disclosure.attackers import broken, interval, possible
from tests.disclosure.tables import random_counts, system_of, table, total_of

UNDER_5, UNDER_4 = Policy("under 5"), Policy("under 4", minimum=4)


def pattern_of(*keys: Key) -> Pattern:
    return Pattern({key: Withheld(Why.PRIMARY) for key in keys}, (), ())


def words(*names: str) -> list[Key]:
    return [(name,) for name in names]


REGIONS = {"A": 2, "B": 2, "I": 8, "J": 8, "K": 3, "L": 3, "M": 3, "N": 7}
COUNTIES = (total_of("county 1", *"ABIJ"), total_of("county 2", *"KLMN"), total_of("all", "county 1", "county 2"))
GROUPS = (total_of("small", *"ABIJKN"), total_of("BIG", "L", "M"), total_of("all", "small", "BIG"))
BY_COUNTY = {**REGIONS, "county 1": 20, "county 2": 16, "all": 36}
BY_GROUP = {**REGIONS, "small": 30, "BIG": 6, "all": 36}
SMALL = words(*"ABKLM")


def test_linked_tables_that_are_safe_one_by_one_are_not_together() -> None:
    """sdcTools/UserSupport#136: regions in two groupings; with the small ones withheld K is exactly 3."""
    for values, sums in ((BY_COUNTY, COUNTIES), (BY_GROUP, GROUPS)):
        assert audit(system_of(values, UNDER_4, *sums), pattern_of(*SMALL), UNDER_4) == []
    linked = system_of({**BY_COUNTY, **BY_GROUP}, UNDER_4, *COUNTIES, *GROUPS)
    assert bounds(linked, SMALL)["K",] == (3, 3)
    (violation,) = audit(linked, pattern_of(*SMALL), UNDER_4)
    assert violation == Violation(("K",), 3, 3, (1, 2, 4))


def test_a_count_that_is_known_nearly_is_known() -> None:
    """sdcTools/UserSupport#160: no count follows exactly, but both are at most 2."""
    system = system_of({"a": 1, "b": 1, "c": 20, "all": 22}, UNDER_5, total_of("all", *"abc"))
    assert bounds(system, words("a", "b")) == {("a",): (0, 2), ("b",): (0, 2)}
    found = audit(system, pattern_of(*words("a", "b")), UNDER_5)
    assert [violation.ruled_out for violation in found] == [(3, 4, 5), (3, 4, 5)]


def test_a_small_sum_of_withheld_counts_is_a_small_count() -> None:
    """Each of two may be anything from 0 to 4, but there are four persons, and that is known."""
    system = system_of({"a": 2, "b": 2, "c": 20, "all": 24}, UNDER_5, total_of("all", *"abc"))
    loose = Policy("loose", margin=0)
    assert audit(system, pattern_of(*words("a", "b")), loose) == []
    assert [v.ruled_out for v in audit(system, pattern_of(*words("a", "b")), UNDER_5)] == [(5,), (5,)]


def test_a_count_that_a_linked_table_tells() -> None:
    system = system_of(
        {"a": 3, "b": 9, "c": 8, "all": 20, "d": 17},
        UNDER_5,
        total_of("all", *"abc"),
        total_of("all", "a", "d"),  # another table has all but a
    )
    assert bounds(system, words("a", "b"))["a",] == (3, 3)
    assert bounds(system, words("a", "b", "d"))["a",] == (0, 12)


def test_a_published_total_of_withheld_counts() -> None:
    system = system_of(
        {"a": 3, "b": 2, "pair": 5, "c": 10, "all": 15},
        UNDER_5,
        total_of("pair", "a", "b"),
        total_of("all", "pair", "c"),
    )
    assert bounds(system, words("a", "b")) == {("a",): (0, 5), ("b",): (0, 5)}
    with_pair = bounds(system, words("a", "b", "pair"))  # that it is withheld helps nobody: the total tells it
    assert with_pair["pair",] == (5, 5)


def test_a_zero_that_everybody_knows_covers_nothing() -> None:
    sums = total_of("all", "a", "pregnant men")
    values = {"a": 3, "pregnant men": 0, "all": 3}
    hidden = words("a", "pregnant men")
    assert bounds(system_of(values, UNDER_5, sums), hidden)["a",] == (0, 3)
    known = system_of(values, UNDER_5, sums, **{"pregnant men": {"upper": 0}})
    assert bounds(known, hidden)["a",] == (3, 3)


def test_what_shows_itself_and_what_was_published() -> None:
    system = system_of({"a": 3, "b": 2}, UNDER_5, b={"published": True})
    assert [v.key for v in audit(system, pattern_of(), UNDER_5)] == [("a",), ("b",)]
    assert audit(system, pattern_of(("a",)), UNDER_5) == [Violation(("b",), 2, 2, (1, 3, 4, 5))]
    assert audit(system, pattern_of(*words("a", "b")), UNDER_5) == [Violation(("b",), 2, 2, (1, 3, 4, 5))]
    assert bounds(system, words("a", "b")) == {("a",): (0, None)}


def test_values_between_that_no_whole_number_gives() -> None:
    """Known to come in pairs: linear programs see all from 0 to 12, whole numbers only the even ones."""
    system = System(
        (Cell(("a",), 4, primary=True), Cell(("pairs",), 2, hidden=True), Cell(("b",), 8), Cell(("all",), 12)),
        (Equation({("a",): 1, ("pairs",): -2}), total_of("all", "a", "b")),
    )
    hidden = frozenset(words("a", "b", "pairs"))
    assert interval(system, hidden, ("a",)) == (0, 12)
    assert broken(system, hidden, UNDER_5) == []
    (violation,) = audit(system, pattern_of(*hidden), UNDER_5)
    assert violation == Violation(("a",), 0, 12, (1, 3, 5))
    assert possible(system, hidden, 12)["a",] == set(range(0, 13, 2))


@pytest.mark.parametrize("seed", range(12))
def test_as_going_through_all_whole_numbers(seed: int) -> None:
    """A small table with random cells withheld, and a sum with coefficients of 2 that links them."""
    random = np.random.default_rng(seed)
    policy = Policy("under 3", minimum=3, margin=int(seed % 2))
    plain = table(random_counts(2, 3, seed, mean=3), policy)
    twice = {key: int(random.choice([1, 2, -2])) for key in [("0", "0"), ("1", "1"), ("1", "2")]}
    value = sum(coefficient * plain.cells[plain.places[key]].value for key, coefficient in twice.items())
    extra = Cell(("link",), abs(value))
    system = System((*plain.cells, extra), (*plain.equations, Equation({**twice, extra.key: -1 if value >= 0 else 1})))
    free = [cell.key for cell in system.cells if cell.primary or random.random() < 0.4]
    total = plain.cells[plain.places["sum", "sum"]].value
    hidden = frozenset(free) - {("sum", "sum")}
    seen = possible(system, hidden, 5 * total)
    assert bounds(system, hidden) == {key: (min(values), max(values)) for key, values in seen.items()}
    ruled_out = {v.key: v.ruled_out for v in audit(system, pattern_of(*hidden), policy)}
    for cell in system.cells:
        if cell.primary:
            lowest, highest = policy.required(cell)
            known = seen.get(cell.key, {cell.value})
            assert ruled_out.get(cell.key, ()) == tuple(v for v in range(lowest, highest + 1) if v not in known)


def test_rounded_totals_leave_room_and_the_audit_knows_how_much() -> None:
    rounded = Policy("rounded", rounding=5)
    system = system_of({"a": 3, "b": 40, "c": 57, "all": 100}, rounded, total_of("all", *"abc"))
    assert bounds(system, words("a"))["a",] == (3, 3)
    assert bounds(system, words("a"), rounded)["a",] == (0, 11)
    assert interval(system, frozenset(words("a")), ("a",), rounded) == (0, 11)
    assert audit(system, pattern_of(("a",)), rounded) == []
    few = system_of({"a": 3, "b": 40, "all": 43}, Policy("by 2", rounding=2), total_of("all", *"ab"))
    assert audit(few, pattern_of(("a",)), Policy("by 2", rounding=2))


@pytest.mark.parametrize("lie", [lambda x: 1.5 * x, lambda x: 0 * x + 7, lambda x: None])
def test_a_solver_that_errs_makes_nothing_look_safer(lie: object, monkeypatch: pytest.MonkeyPatch) -> None:
    system = table(random_counts(3, 3, 2, mean=4), UNDER_5)
    everything = [cell.key for cell in system.cells]
    truth = bounds(system, everything)
    solve = attack.milp
    monkeypatch.setattr(attack, "milp", lambda *a, **k: OptimizeResult(x=lie(solve(*a, **k).x)))  # type: ignore[operator]
    for key, (low, high) in bounds(system, everything).items():
        assert low >= truth[key][0]
        assert truth[key][1] is None or (high is not None and high <= truth[key][1])
    assert audit(system, pattern_of(*everything), UNDER_5)
