"""What a policy withholds, what must stay possible, and how it is read from a file."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.disclosure.door import stamp_of
from riskset.disclosure.policy import Policy, Zero
from riskset.disclosure.presets import DEFAULT, PRESETS, Standing, read_policy
from riskset.disclosure.releasing import places_of, policy_of, settled_policy
from riskset.disclosure.system import Cell
from riskset.errors import DisclosureError
from riskset.spec import Study

PAGE = (Path(__file__).parents[2] / "docs" / "disclosure.md").read_text(encoding="utf-8")


def test_small_counts_are_withheld_and_zeros_if_asked() -> None:
    policy, zeros_too = Policy("a"), Policy("a", zero=Zero.WITHHELD)
    assert [count for count in range(7) if policy.is_small(count)] == [1, 2, 3, 4]
    assert [count for count in range(7) if zeros_too.is_small(count)] == [0, 1, 2, 3, 4]


def test_the_threshold_is_for_the_count_and_not_for_its_rounded_value() -> None:
    policy = Policy("a", rounding=5)
    harmless = [count for count in range(1, 5) if policy.shown(count) >= policy.minimum]
    assert harmless == [3, 4]  # rounded first they would pass
    assert all(policy.is_small(count) for count in harmless)


@pytest.mark.parametrize(("base", "count", "shown"), [(5, 7, 5), (5, 8, 10), (10, 14, 10), (10, 15, 20), (5, 0, 0)])
def test_rounding_is_to_the_nearest_multiple_halves_up(base: int, count: int, shown: int) -> None:
    assert Policy("a", rounding=base).shown(count) == shown


@pytest.mark.parametrize("base", [2, 3, 5, 10])
def test_a_rounded_number_is_read_as_every_count_that_rounds_to_it(base: int) -> None:
    policy = Policy("a", rounding=base)
    for value in range(5, 40):
        alike = [n for n in range(60) if policy.shown(n) == policy.shown(value) and not policy.is_small(n) and n]
        assert policy.readable(Cell(("a",), value)) == (min(alike), max(alike))
    assert policy.readable(Cell(("a",), 0)) == (0, 0)
    assert policy.readable(Cell(("a",), 12, published=True)) == (12, 12)
    assert policy.readable(Cell(("a",), 12, published=True, stands_for=(8, 12))) == (8, 12)
    assert policy.readable(Cell(("a",), 12, lower=12, upper=13)) == (12, min(13, policy.readable(Cell(("a",), 12))[1]))


@pytest.mark.parametrize(
    ("policy", "cell", "values"),
    [
        (Policy("a"), Cell(("a",), 3), (1, 5)),
        (Policy("a", margin=0), Cell(("a",), 3), (1, 4)),
        (Policy("a", zero=Zero.WITHHELD), Cell(("a",), 3), (0, 5)),
        (Policy("a"), Cell(("a",), 0), (0, 5)),
        (Policy("a"), Cell(("a",), 3, upper=4), (1, 4)),
        (Policy("a"), Cell(("a",), 3, lower=2), (2, 5)),
        (Policy("a"), Cell(("a",), 40), (36, 44)),
    ],
)
def test_what_must_stay_possible(policy: Policy, cell: Cell, values: tuple[int, int]) -> None:
    assert policy.required(cell) == values


def test_a_policy_from_a_file() -> None:
    assert read_policy({}) == PRESETS[DEFAULT].policy == Policy("under 5")
    assert read_policy({"preset": "opensafely"}) == Policy("opensafely", minimum=8, rounding=5)
    changed = read_policy({"preset": "norway", "margin": 0, "zero": "withheld"})
    assert changed == Policy("norway, changed", minimum=3, margin=0, zero=Zero.WITHHELD)
    assert read_policy({"name": "ours", "minimum": 6, "rounding": 5}) == Policy("ours", minimum=6, rounding=5)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ({"minimun": 5}, "policy.minimun: unknown key; did you mean 'minimum'?"),
        ({"minimum": "5"}, "policy.minimum: '5' cannot stand there; write a whole number, as 5."),
        ({"minimum": True}, "policy.minimum: True cannot stand there; write a whole number, as 5."),
        ({"complementary": 1}, "policy.complementary: 1 cannot stand there; write true or false."),
        ({"zero": "hidden"}, "policy.zero: 'hidden' is not known; there are shown, withheld."),
        ({"preset": "swede"}, "policy.preset: 'swede' is no preset; did you mean 'sweden'?"),
        ({"minimum": 1}, "policy.minimum: a minimum below 2 withholds nothing; the smallest is 2, which withholds 1."),
        ({"margin": -1}, "policy.margin: a margin cannot be below 0; 0 or 1 is usual."),
        ({"rounding": 1}, "policy.rounding: a base below 2 rounds nothing; leave it out, or 5 is usual."),
        (
            {"rounding": 11},
            "policy.rounding: counts that may be known would be rounded to 0; at most twice the minimum, 10.",
        ),
        (
            {"complementary": False, "margin": 1},
            "policy.margin: a margin asks for what complementary = false gives up; leave one of them out.",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(written: dict[str, object], sentence: str) -> None:
    with pytest.raises(DisclosureError) as refused:
        read_policy(written)
    assert refused.value.sentence == sentence


def test_all_that_is_wrong_is_refused_at_once() -> None:
    for written in ({"minimum": 0, "margin": -1}, {"minimun": 5, "zero": 0}):
        with pytest.raises(DisclosureError) as refused:
            read_policy(written)
        assert len(refused.value.each) == 2


def test_the_page_has_every_preset_with_its_sources() -> None:
    for name, preset in PRESETS.items():
        (row,) = re.findall(rf"^\| `{re.escape(name)}` \|.*$", PAGE, flags=re.MULTILINE)
        assert f"| {preset.policy.minimum} |" in row
        assert f"| {preset.standing} |" in row
        assert all(f"({source})" in row for source in preset.sources)
        assert ("round" in row) == (preset.policy.rounding is not None)


def test_where_no_rule_was_found_it_is_the_default() -> None:
    without = [preset.policy for preset in PRESETS.values() if preset.standing is Standing.NO_RULE]
    assert without
    assert all(read_policy({"name": policy.name}) == policy for policy in without)


POLICIES = st.builds(
    Policy,
    st.just("any"),
    minimum=st.integers(2, 12),
    zero=st.sampled_from(Zero),
    margin=st.integers(0, 2),
    complementary=st.booleans(),
    rounding=st.none() | st.integers(2, 4),
)


@given(POLICIES, POLICIES, st.integers(0, 20))
def test_a_policy_that_is_no_laxer_shows_no_more(mine: Policy, other: Policy, count: int) -> None:
    assert mine.laxer_than(mine) == []
    if not mine.laxer_than(other):
        assert mine.is_small(count) or not other.is_small(count)
        assert (mine.rounding or 1) >= (other.rounding or 1)
        if not other.laxer_than(mine):
            assert replace(mine, name=other.name) == other


@dataclass(frozen=True)
class Stated:
    """A study of which only the policy is asked."""

    policy: str = ""


@pytest.mark.parametrize(
    ("named", "of_study", "of_place", "settled"),
    [
        (None, "", None, "under 5"),
        (None, "under 10", None, "under 10"),
        ("under 3", "under 10", None, "under 3"),
        (None, "", "minimum = 7", "under 5, changed"),
        (None, "under 10", "minimum = 7", "under 10"),
        ("under 10", "under 3", "minimum = 7", "under 10"),
    ],
)
def test_which_policy_holds(
    named: str | None, of_study: str, of_place: str | None, settled: str, tmp_path: Path
) -> None:
    if of_place:
        (tmp_path / "policy.toml").write_text(of_place)
    assert settled_policy(named, cast("Study", Stated(of_study)), tmp_path).name == settled


@pytest.mark.parametrize(("named", "of_study"), [("under 3", ""), (None, "under 3"), (None, "under fife")])
def test_no_policy_asks_less_than_that_of_the_place(named: str | None, of_study: str, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("minimum = 5")
    with pytest.raises(DisclosureError) as refused:
        settled_policy(named, cast("Study", Stated(of_study)), tmp_path)
    assert "minimum" in str(refused.value) or "is no policy" in str(refused.value)


@pytest.mark.parametrize("sign", ["\n", "\t", "\u202e", "\u200b"])
def test_no_sign_unseen_stands_in_a_policy_s_name(sign: str) -> None:
    """Every page of an export is stamped with it."""
    with pytest.raises(DisclosureError, match=r"policy\.name: a sign that cannot be seen stands in this"):
        read_policy({"name": f"ours{sign}", "minimum": 5})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", 'the policy says nothing; write preset = "under 5", or another'),
        (b"# under 5\n", "the policy says nothing"),
        ('preset = "under 5"'.encode("utf-16"), "the file is not UTF-8 text; save it as UTF-8"),
        (b'preset = "under 5"' + bytes(1), "bytes of zero, which no text has"),
        (bytes(range(256)), "this is no text file"),
        (b"under 5", "a key without = and a value"),
        (
            'preset = "under\u31645"'.encode(),
            r"preset: a sign that cannot be seen stands in this text \(U\+3164, hangul",
        ),
    ],
)
def test_a_file_that_is_no_policy_is_told_as_a_study_is(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "policy.toml").write_bytes(content)
    with pytest.raises(DisclosureError, match=says) as refused:
        policy_of(str(tmp_path / "policy.toml"))
    assert "codec" not in str(refused.value)


def test_a_policy_of_old_dos(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_bytes(b'preset = "under 10"\x1a')
    assert policy_of(str(tmp_path / "policy.toml")) == policy_of("under 10")


@pytest.mark.parametrize("site", ["runs", "other", "linked"])
def test_no_way_to_name_run_and_ledger_leaves_the_place(site: str, tmp_path: Path) -> None:
    """The policy of the place holds beside the run, beside the ledger, and where a link to the run stands."""
    for name in ("runs", "other", "linked"):
        (tmp_path / name).mkdir()
    (tmp_path / "runs" / "run").mkdir()
    (tmp_path / "linked" / "run").symlink_to(tmp_path / "runs" / "run")
    (tmp_path / site / "policy.toml").write_text("minimum = 10")
    places = places_of(tmp_path / "linked" / "run", tmp_path / "other" / "releases.jsonl")
    with pytest.raises(DisclosureError, match="asks less than that of the place"):
        settled_policy("under 3", cast("Study", Stated("")), *places)
    assert settled_policy(None, cast("Study", Stated("")), *places).minimum == 10


def test_of_two_places_both_hold(tmp_path: Path) -> None:
    for name, minimum in (("a", 6), ("b", 9)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "policy.toml").write_text(f"minimum = {minimum}")
    for places in ((tmp_path / "a", tmp_path / "b"), (tmp_path / "b", tmp_path / "a")):
        assert settled_policy(None, cast("Study", Stated("")), *places).minimum == 9


@pytest.mark.parametrize("name", [*PRESETS, "Under  5", "under\u00a010", "OPENSAFELY", "und\u0435r 3"])
def test_no_changed_policy_bears_the_name_of_a_preset(name: str) -> None:
    with pytest.raises(DisclosureError, match="is the name of a preset, whose rules are others"):
        read_policy({"name": name, "minimum": 2, "complementary": False})


def test_a_preset_under_its_own_name_is_none_changed() -> None:
    for preset in PRESETS.values():
        assert read_policy({"preset": preset.policy.name, "name": preset.policy.name}) == preset.policy


@given(POLICIES)
def test_what_a_policy_asks_is_on_every_page_unless_it_is_a_preset(policy: Policy) -> None:
    asked = policy.parameters()
    assert Policy(policy.name, **cast("dict[str, Any]", asked)) == policy
    assert all(str(asked[name]) in stamp_of(policy) for name in ("minimum", "margin"))
    assert "minimum" not in stamp_of(PRESETS[DEFAULT].policy)
