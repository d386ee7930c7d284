"""Which numbers are withheld: traps of others, what cannot be protected, and what follows if a method gives up."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from riskset.disclosure import suppress
from riskset.disclosure.bounds import audit
from riskset.disclosure.pattern import Method, Pattern, Why, Withheld
from riskset.disclosure.policy import Policy, Zero
from riskset.disclosure.suppress import protect
from riskset.disclosure.system import Key, System
from tests.disclosure.attackers import broken
from tests.disclosure.tables import random_counts, system_of, table, total_of
from tests.disclosure.test_bounds import BY_COUNTY, BY_GROUP, COUNTIES, GROUPS, SMALL, UNDER_4, UNDER_5


def cost(system: System, pattern: Pattern) -> float:
    return sum(cell.weight for cell in system.cells if cell.key in pattern.hidden)


def guided(system: System, policy: Policy, monkeypatch: pytest.MonkeyPatch) -> Pattern:
    with monkeypatch.context() as patch:
        patch.setattr(suppress, "EXACT_CELLS", 0)
        return protect(system, policy)


def test_linked_tables_are_protected_together() -> None:
    """sdcTools/UserSupport#136, as in test_bounds."""
    system = system_of({**BY_COUNTY, **BY_GROUP}, UNDER_4, *COUNTIES, *GROUPS)
    pattern = protect(system, UNDER_4)
    assert pattern.is_safe
    assert broken(system, frozenset(pattern.hidden), UNDER_4) == []
    assert broken(system, frozenset(SMALL), UNDER_4) == [("K",)]


def test_a_pattern_says_why() -> None:
    system = system_of(
        {"a": 3, "b": 9, "c": 8, "all": 20, "d": 6},
        UNDER_5,
        total_of("all", *"abc"),
        b={"weight": 2.0},
        d={"hidden": True},
    )
    pattern = protect(system, UNDER_5)
    assert pattern.hidden == {
        ("a",): Withheld(Why.PRIMARY),
        ("c",): Withheld(Why.COMPLEMENTARY, (("a",),)),
        ("d",): Withheld(Why.EARLIER),
    }
    (component,) = pattern.components
    assert component.keys == (("a",), ("b",), ("c",), ("all",))
    assert (component.method, component.given_up, component.cost) == (Method.EXACT, (), 2.0)


def test_a_known_zero_is_not_taken_for_cover_and_another_may_be() -> None:
    """`a` is known to be at most 6, so that only the zero or the total lets `b` be less than 3."""
    sums, weights = total_of("all", *"abz"), {"a": {"upper": 6}, "all": {"weight": 9.0}}
    values = {"a": 6, "b": 3, "z": 0, "all": 9}
    assert protect(system_of(values, UNDER_5, sums, **weights), UNDER_5).hidden.keys() == {("a",), ("b",), ("z",)}
    known = system_of(values, UNDER_5, sums, **weights, z={"upper": 0})
    assert protect(known, UNDER_5).hidden.keys() == {("b",), ("all",)}


def test_zeros_are_withheld_where_they_may_not_be_known() -> None:
    policy = Policy("zeros too", zero=Zero.WITHHELD)
    system = table([[0, 9, 12], [14, 8, 30]], policy)
    pattern = protect(system, policy)
    assert pattern.hidden["0", "0"] == Withheld(Why.PRIMARY)
    assert len(pattern.hidden) == 4
    assert broken(system, frozenset(pattern.hidden), policy) == []


def test_rounding_can_spare_complementary_withholding() -> None:
    rounded = Policy("rounded", rounding=5)
    system = system_of({"a": 3, "b": 40, "c": 57, "all": 100}, rounded, total_of("all", *"abc"))
    assert protect(system, rounded).hidden.keys() == {("a",)}
    assert len(protect(system, UNDER_5).hidden) == 2


def test_without_complementary_withholding_the_audit_says_what_follows() -> None:
    policy = Policy("alone", complementary=False)
    system = table([[3, 9], [14, 8]], policy)
    pattern = protect(system, policy)
    assert pattern.hidden.keys() == {("0", "0")}
    assert [violation.key for violation in pattern.violations] == [("0", "0")]
    assert [component.method for component in pattern.components] == [Method.PRIMARY_ONLY]


def test_what_an_earlier_release_tells_is_not_safe_and_the_rest_is_protected() -> None:
    """`a` follows from published numbers; `c` does not, and not everything is withheld for `a`'s sake."""
    earlier = {name: {"published": True} for name in ("b", "ab")}
    values = {"a": 3, "b": 9, "ab": 12, "c": 2, "d": 20, "e": 30, "all": 64}
    system = system_of(values, UNDER_5, total_of("ab", "a", "b"), total_of("all", "a", "b", "c", "d", "e"), **earlier)
    pattern = protect(system, UNDER_5)
    assert [violation.key for violation in pattern.violations] == [("a",)]
    assert len(pattern.hidden) == 3
    assert Why.LAST_RESORT not in {withheld.why for withheld in pattern.hidden.values()}


def test_what_was_withheld_before_stays_so_and_what_was_published_is_not() -> None:
    system = table([[3, 9, 12], [14, 8, 30], [10, 11, 12]], UNDER_5)
    first = protect(system, UNDER_5)
    shown = next(key for key in system.places if key not in first.hidden)
    cells = tuple(replace(c, hidden=c.key in first.hidden, published=c.key == shown) for c in system.cells)
    again = protect(System(cells, system.equations), UNDER_5)
    assert again.is_safe
    assert again.hidden.keys() == first.hidden.keys()


@pytest.mark.parametrize(
    ("without", "methods"),
    [
        (["cheapest"], {Method.GUIDED: (Method.EXACT,)}),
        (["cheapest", "cover"], {Method.EVERYTHING: (Method.EXACT, Method.GUIDED)}),
    ],
)
def test_a_method_that_gives_up_is_followed_by_one_that_withholds_more(
    without: list[str], methods: dict[Method, tuple[Method, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    system = table(random_counts(4, 3, 1), UNDER_5)
    best = protect(system, UNDER_5)
    for name in without:
        monkeypatch.setattr(suppress, name, lambda *_: None)
    pattern = protect(system, UNDER_5)
    assert {component.method: component.given_up for component in pattern.components} == methods
    assert pattern.is_safe
    assert len(pattern.hidden) >= len(best.hidden)


def test_a_pattern_that_does_not_withstand_the_audit_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A method that shows too much and says that all is well."""
    system = table(random_counts(4, 3, 1), UNDER_5)
    honest = suppress.cheapest

    def careless(part: suppress.Attack, program: suppress.Program) -> object:
        answer = honest(part, program)
        assert answer is not None
        return part.forced.copy(), answer[1]

    monkeypatch.setattr(suppress, "cheapest", careless)
    pattern = protect(system, UNDER_5)
    assert pattern.is_safe
    assert [(c.method, c.given_up) for c in pattern.components] == [(Method.EVERYTHING, (Method.EXACT,))]


@pytest.mark.parametrize("seed", range(3))
def test_the_exact_method_withholds_as_few_as_can_be(seed: int) -> None:
    """Every smaller choice is gone through, and the attacker breaks each."""
    system = table(random_counts(2, 3, seed, mean=8), UNDER_5)
    primary = {cell.key for cell in system.cells if cell.primary}
    others = sorted(system.places.keys() - primary)
    pattern = protect(system, UNDER_5)
    assert primary <= pattern.hidden.keys()
    for size in range(len(pattern.hidden) - len(primary)):
        for more in combinations(others, size):
            assert broken(system, frozenset(primary | set(more)), UNDER_5)
    assert broken(system, frozenset(pattern.hidden), UNDER_5) == []


@pytest.mark.parametrize("seed", range(4))
def test_the_guided_method_withholds_hardly_more(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In tables of 63 cells; in smaller ones a single cell is more than a tenth."""
    system = table(random_counts(8, 6, seed), UNDER_5)
    exact, near = protect(system, UNDER_5), guided(system, UNDER_5, monkeypatch)
    assert [c.method for c in exact.components] == [Method.EXACT]
    assert [c.method for c in near.components] == [Method.GUIDED]
    assert near.is_safe
    assert cost(system, exact) <= cost(system, near) <= 1.1 * cost(system, exact)
    assert all(c.at_least <= cost(system, exact) + 1e-6 for c in near.components)


@pytest.mark.slow
def test_tables_of_63_to_143_cells() -> None:
    """The guided method withholds at most 1.1 times what the exact one does, in tables as large as those of reports."""
    ratios = []
    with pytest.MonkeyPatch.context() as patch:
        for rows, columns in ((8, 6), (10, 8), (12, 10)):
            for seed in range(20):
                system = table(random_counts(rows, columns, seed), UNDER_5)
                exact = protect(system, UNDER_5)
                assert all(c.method is Method.EXACT for c in exact.components)
                ratios.append(cost(system, guided(system, UNDER_5, patch)) / cost(system, exact))
    assert max(ratios) <= 1.1
    assert sum(ratios) / len(ratios) <= 1.02


def test_numbers_that_nothing_links_are_decided_apart() -> None:
    values = {"a": 3, "b": 9, "c": 8, "ab": 12, "d": 2}
    pattern = protect(system_of(values, UNDER_5, total_of("ab", "a", "b")), UNDER_5)
    assert len(pattern.components) == 2
    hidden: set[Key] = set(pattern.hidden)
    assert ("c",) not in hidden
    assert ("d",) in hidden
    assert audit(system_of(values, UNDER_5, total_of("ab", "a", "b")), pattern, UNDER_5) == []
