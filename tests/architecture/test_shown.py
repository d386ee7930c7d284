"""Every feature is shown by more than that it runs, and the page of what is shown says what the tests say."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field

from riskset.spec.base import Part, YesNo
from tests.features import CLOSED_SETS, NO_CELLS, features, features_of, no_cells
from tests.shown import PAGE, Evidence, Shown, all_shown, holes, page, shown_in


@pytest.fixture(scope="module")
def vocabulary() -> dict[str, tuple[str, ...]]:
    return features()


@pytest.fixture(scope="module")
def shown() -> list[Shown]:
    return all_shown()


def names_of(vocabulary: dict[str, tuple[str, ...]]) -> list[str]:
    return [name for names in vocabulary.values() for name in names]


def test_every_feature_is_shown_by_more_than_that_it_runs(
    vocabulary: dict[str, tuple[str, ...]], shown: list[Shown]
) -> None:
    assert holes(names_of(vocabulary), shown) == []


def test_tests_show_features_that_there_are(vocabulary: dict[str, tuple[str, ...]], shown: list[Shown]) -> None:
    names = names_of(vocabulary)
    assert len(set(names)) == len(names)
    assert sorted({one.feature for one in shown} - set(names)) == []
    assert len(set(shown)) == len(shown)


def test_the_page_is_what_the_tests_say(vocabulary: dict[str, tuple[str, ...]], shown: list[Shown]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(vocabulary, shown, no_cells()), "write it by python -m tests.shown"


def test_what_has_no_cell_is_there_to_have_one() -> None:
    values = [f"{kind.__name__}={value}" for kind in CLOSED_SETS if kind not in NO_CELLS for value in kind]
    assert set(NO_CELLS) <= {*CLOSED_SETS, *values}


class Asked(Part):
    """A part with a key of each kind."""

    kind: Literal["asked"] = "asked"
    name: str = ""
    plain: int
    closed: Literal["a", "b"] = "a"
    several: tuple[Literal["c", "d"], ...] = ()
    either: Annotated[bool, Field(strict=True)] = True
    yes: YesNo | None = None
    half: bool | Literal["only"] = False


def test_a_new_key_and_a_new_value_are_new_features() -> None:
    assert features_of(Asked) == (
        "asked", "asked.plain", "asked.closed=a", "asked.closed=b", "asked.several=c", "asked.several=d",
        "asked.either=false", "asked.yes=true", "asked.yes=false", "asked.half=true", "asked.half=false",
        "asked.half=only",
    )  # fmt: skip


def test_a_feature_without_a_test_or_with_smoke_alone_is_a_hole() -> None:
    shown = [
        Shown("a", Evidence.REFERENCE, "test_x.py: test_a"),
        Shown("b", Evidence.SMOKE, "test_x.py: test_b"),
        Shown("c", Evidence.REFUSED, "test_x.py: test_c"),
    ]
    assert holes(["a", "b", "c", "d"], shown) == ["b", "c", "d"]


def test_the_page_counts_smoke_where_there_is_nothing_else() -> None:
    shown = [Shown(name, Evidence.SMOKE, "test_x.py: test_a") for name in "ab"]
    written = page(
        {"Some": ("a", "b")}, [*shown, Shown("b", Evidence.PLANTED, "test_x.py: test_b", "slow")], {"C": "why"}
    )
    assert "- `C`: why." in written
    assert "| `a` |  |  |  | [1](#a) |  |\n| `b` |  |  | [1](#b) |  |  |" in written
    assert '| <span id="b"></span>`b` | planted truth | test_x.py: test_b (slow) |' in written


MARKED = """
pytestmark = [pytest.mark.slow, shows("whole", by=Evidence.SMOKE)]

@shows("one", "two", by=Evidence.OUTSIDE)
@pytest.mark.r
def test_a(): ...

def test_b(): ...
"""


def test_what_is_read_from_the_source_of_a_test() -> None:
    assert list(shown_in(MARKED, "test_x.py")) == [
        Shown("whole", Evidence.SMOKE, "test_x.py", "slow"),
        Shown("one", Evidence.OUTSIDE, "test_x.py: test_a", "r"),
        Shown("two", Evidence.OUTSIDE, "test_x.py: test_a", "r"),
    ]


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("@shows(*NAMES, by=Evidence.OUTSIDE)\ndef test_a(): ...", "write the features and the evidence out"),
        ("@shows('one')\ndef test_a(): ...", "write the features and the evidence out"),
        ("@shows('one', by=strongest)\ndef test_a(): ...", "write the features and the evidence out"),
        ("@shows('one', by=Evidence.OUTSIDE)\ndef helper(): ...", "helper is no test"),
    ],
)
def test_a_marker_that_cannot_be_read_is_refused(source: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        list(shown_in(source, "test_x.py"))
