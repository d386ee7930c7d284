"""The fewest who may have come between two releases, by another window: never more than came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.disclosure.moved_cuts import Came, Moved, Pairs
from riskset.disclosure.over_time import Numbers
from riskset.disclosure.system import Key
from tests.examples import examples

USES = ("never", "recent", "between", "ever")
LEVELS = ("lag only", "ever")
BEFORE = {"never": "", "recent": "lag only", "between": "ever", "ever": "ever"}
"""Use as one window sees it, and as another one does."""
AFTER = {"never": "", "recent": "lag only", "between": "lag only", "ever": "ever"}

Use = tuple[str, str]
"""That of the case and that of the control of a pair."""

pairs = st.lists(st.tuples(st.sampled_from(USES), st.sampled_from(USES)), max_size=40)


def key(who: str, level: str = "") -> Key:
    return (who, "population", "", *(("exposure", "opioids", "ever", level) if level else ()))


def numbers(uses: Sequence[Use], window: dict[str, str]) -> Numbers:
    """What a release holds of these pairs."""
    values = {key(who): len(uses) for who in ("cases", "controls")}
    for at, who in enumerate(("cases", "controls")):
        seen = Counter(window[pair[at]] for pair in uses)
        values |= {key(who, level): seen[level] for level in LEVELS}
        values[key(who, "(reference)")] = seen[""]
    return Numbers(values, {one: one for one in values}).with_neighbours()


def moved(stayed: Sequence[Use], came: Sequence[Use]) -> Moved:
    more, fewer = numbers([*stayed, *came], BEFORE).named(("more",)), numbers(stayed, AFTER).named(("fewer",))
    return Moved(more.names, fewer.names, {**more.values, **fewer.values})


@settings(max_examples=examples(200))
@given(pairs, pairs)
def test_no_fewer_came_than_is_said(stayed: Sequence[Use], came: Sequence[Use]) -> None:
    """At the last level, as the release with more people draws it; it takes people whom the other has a level below."""
    two = moved(stayed, came)
    last = tuple(key(who, "(last 1 levels)") for who in ("cases", "controls"))
    seen = [tuple(BEFORE[use] == "ever" for use in pair) for pair in came]
    for one in two.came():
        for at, name in enumerate(last):
            if one.more == two.more[name]:
                assert two.value(one) <= sum(pair[at] for pair in seen)
    for some in two.pairs():
        if some.cases.more == two.more[last[0]]:
            assert min(two.counts(some)) >= 0
            kind = _kind(some)
            assert two.counts(some)[PLACES.index(kind)] <= Counter(seen)[kind]


PLACES = ((True, True), (True, False), (False, True), (False, False))
"""Which of a pair are at the level, in the order of the counts."""


def _kind(some: Pairs) -> tuple[bool, bool]:
    """Pairs of which there are the fewest where so few, or so many, cases and controls as may be are at the level."""
    few = [side.fewer[-1] == "(last 2 levels)" for side in (some.cases, some.controls)]
    return few[0], few[1]


def test_three_pairs_of_forty_nine_have_both() -> None:
    stayed = [("between", "between")] * 10 + [("never", "between")] * 45
    came = [("ever", "ever")] * 3 + [("ever", "never")] * 7 + [("never", "ever")] * 39
    two = moved(stayed, came)
    assert Came(two.more[key("cases", "(last 1 levels)")], two.fewer[key("cases", "(last 2 levels)")]) in two.came()
    assert 3 in [some.both for some in two.pairs() if some.cases.more == two.more[key("cases", "(last 1 levels)")]]
