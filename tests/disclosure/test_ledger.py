"""The ledger of releases: a chain that shows tampering, and what an earlier release means for a new one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from riskset.disclosure.ledger import BEGINNING, PastRelease, append, earlier_of, read_ledger
from riskset.disclosure.over_time import Numbers
from riskset.disclosure.series import Series
from riskset.disclosure.system import Key
from riskset.errors import DisclosureError
from riskset.results.released import Released
from tests.report.released import make_study

N, EXPOSED = ("cases", "population", ""), ("cases", "population", "", "exposure", "opioids", "ever", "ever")
UNEXPOSED: Key = (*EXPOSED[:-1], "(reference)")
FEW: Key = ("controls", "population", "")


def line(number: int, before: str = BEGINNING, data: str = "a", **facts: object) -> PastRelease:
    study = make_study().fingerprint
    values = {N: 40, EXPOSED: 12, UNEXPOSED: 28, FEW: 3}
    names = {key: key for key in values} | {("attrition", "cases", "", "3", "left"): N}
    sums = [{N: 1, EXPOSED: -1, UNEXPOSED: -1}]
    numbers = Numbers(values, names, sums, {N: (40, 40), EXPOSED: (12, 12)}, study)
    return replace(PastRelease(number, before, "under 5", study, data, "export", {}, numbers, frozenset()), **facts)  # type: ignore[arg-type]


CURVE = Series(
    ("ever", "opioids"), "never", "", {0.5: 30, 1.0: 22}, {0.5: 4, 1.0: 9}, 40, 12,
    shown=frozenset({1.0}), shown_at_risk=frozenset(),
)  # fmt: skip


def chain(path: Path) -> list[PastRelease]:
    lines: list[PastRelease] = []
    for number in (1, 2, 3):
        new = line(number, lines[-1].digest if lines else BEGINNING, curves=(CURVE,))
        append(path, lines, new)
        lines.append(new)
    return lines


def released(data: str) -> Released:
    return Released(make_study(), {}, {"registers": {"fingerprint": data}})


def test_what_is_appended_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "releases.jsonl"
    assert read_ledger(path) == ()
    written = chain(path)
    assert list(read_ledger(path)) == written


@pytest.mark.parametrize("tampering", ["edited", "first", "last", "reordered", "all", "head"])
def test_tampering_is_refused(tmp_path: Path, tampering: str) -> None:
    path = tmp_path / "releases.jsonl"
    chain(path)
    one, two, three = path.read_text("utf-8").splitlines(keepends=True)
    left = {
        "edited": [one, two.replace("12,12]", "13,13]"), three],
        "first": [two, three],
        "last": [one, two],
        "reordered": [two, one, three],
        "all": [],
        "head": [one, two, three],
    }[tampering]
    path.write_text("".join(left), "utf-8")
    if tampering == "head":
        path.with_name("releases.jsonl.head").unlink()
    with pytest.raises(DisclosureError, match="restore the ledger"):
        read_ledger(path)


def test_a_released_file_that_is_gone_or_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "releases.jsonl"
    append(path, [], line(1, files={"table_one.csv": "0" * 64}))
    with pytest.raises(DisclosureError, match="is not there"):
        read_ledger(path)
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "table_one.csv").write_text("other", "utf-8")
    with pytest.raises(DisclosureError, match="was changed"):
        read_ledger(path)


def test_the_same_data_make_the_same_numbers_known_and_withheld() -> None:
    earlier = earlier_of([line(1, withheld=frozenset({FEW}))], released("a"))
    assert earlier.published == {N: (40, 40), EXPOSED: (12, 12)}
    assert earlier.withheld == {FEW}
    assert not earlier.others


def test_releases_of_other_data_are_others_and_those_of_the_same_data_are_one() -> None:
    first, second = line(1, withheld=frozenset({FEW})), line(2)
    earlier = earlier_of([first, second, line(3, data="b")], released("c"))
    assert not earlier.published
    assert not earlier.withheld
    assert [numbers.values for numbers in earlier.others] == [first.numbers.values, line(3).numbers.values]
