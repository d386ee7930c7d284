"""Inputs on which an earlier riskset went wrong, each with what is right: whole kinds, found by people outside.

Each folder beside this file holds a delivery (and a study) and a README.txt: the input, what was seen then, what is
right and where the kind was reported. The properties that hold a kind as a whole stand in the tests of its room.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import Ended, riskset

CASES = Path(__file__).parent
Right = Callable[[Path], None]
RIGHT: dict[str, Right] = {}


def right(name: str) -> Callable[[Right], Right]:
    """What is right of one case; the function is given a copy of its folder."""

    def kept(check: Right) -> Right:
        RIGHT[name] = check
        return check

    return kept


def imported(folder: Path, sources: str = "sources.toml") -> Ended:
    return riskset("import", folder / sources, "--store", folder / "store")


def stored(folder: Path, table: str) -> list[dict[str, Any]]:
    return pq.read_table(folder / "store" / f"{table}.parquet").to_pylist()


def ids(folder: Path) -> dict[str, int]:
    """The number that each delivered identifier has in the store."""
    return {row["id"]: row["person_id"] for row in stored(folder, "keys")}


def ran(folder: Path, sources: str = "sources.toml") -> Ended:
    return riskset("run", folder / "study.toml", folder / sources, "--out", folder / "run", "--store", folder / "store")


def refused(ended: Ended, code: int, *says: str) -> None:
    """One sentence with these words, and nothing of whom the file is about."""
    assert ended.code == code, ended
    assert "fault of riskset" not in ended.sentence
    for words in says:
        assert words.lower() in ended.sentence.lower()


@right("columns-differ-in-case")
def _(folder: Path) -> None:
    ended = imported(folder)
    if ended.code:  # a column that cannot be told from another is refused by name
        refused(ended, 11, "kon", "KON")
    else:  # or the one that was named is read
        assert [row["sex"] for row in stored(folder, "person")] == ["female", "male"]


@right("cp1252-as-latin1")
def _(folder: Path) -> None:
    refused(imported(folder), 11, "population.csv", "latin-1", "cp1252")


@right("date9")
def _(folder: Path) -> None:
    assert imported(folder).code == 0
    assert [row["birth_date"] for row in stored(folder, "person")] == [date(1950, 3, 1), date(1960, 10, 15)]


@right("float-ids")
def _(folder: Path) -> None:
    refused(imported(folder), 11, "person_id", "lakemedel")


@right("folder-with-brackets")
def _(folder: Path) -> None:
    for name in ("old [2023]", "what*ever", "who?"):
        odd = folder / name
        odd.mkdir()
        for file in ("sources.toml", "population.csv"):
            shutil.copy(folder / file, odd / file)
        assert imported(odd).code == 0
        assert len(stored(odd, "person")) == 2


@right("gzip")
def _(folder: Path) -> None:
    ended = imported(folder)
    if ended.code:
        refused(ended, 11, "p.csv.gz", "compressed")
        assert "utf-16" not in ended.sentence
    else:
        assert [row["birth_date"] for row in stored(folder, "person")] == [date(1950, 3, 1)]


@right("headerless-csv")
def _(folder: Path) -> None:
    ended = imported(folder)
    refused(ended, 11, "population.csv")
    for value in ("194280387012", "1977-11-06", "194280387013"):
        assert value not in ended.sentence


@right("known-date-unlisted-cause")
def _(folder: Path) -> None:
    assert imported(folder).code == 0
    person = ids(folder)
    assert {row["person_id"]: (row["date"], row["cause"]) for row in stored(folder, "death")} == {
        person["1"]: (date(2015, 1, 1), "C34"),
        person["2"]: (date(2016, 5, 5), None),
    }
    assert {row["person_id"] for row in stored(folder, "residence")} == set(person.values())


@right("near-ties")
def _(folder: Path) -> None:
    from riskset.stats import fit_cox

    x, event = [1.0, 0, 1, 0, 1], [1, 1, 1, 1, 0]
    near = fit_cox(x, [0.1 + 0.2, 0.3, 0.5, 0.7, 0.9], event).beta[0]
    assert near == pytest.approx(-0.403173, abs=1e-6)  # R, coxph(…), timefix
    assert near == fit_cox(x, [0.3, 0.3, 0.5, 0.7, 0.9], event).beta[0]


@right("nfd-nfc-levels")
def _(folder: Path) -> None:
    assert imported(folder).code == 0
    assert {row["country_of_birth"] for row in stored(folder, "person")} == {"Österrike"}


@right("reversal")
def _(folder: Path) -> None:
    assert imported(folder, "s2.toml").code == 0
    bought = {row["person_id"] for row in stored(folder, "dispensing")}
    person = ids(folder)
    assert person["ret"] not in bought
    assert {person["ann"], person["con"]} <= bought
    # An amount that is delivered and not mapped cannot be netted; that is said, with what would be right.
    shutil.rmtree(folder / "store")
    ended = imported(folder)
    assert "packages" in ended.out + " ".join(ended.said)


@right("smd-complete-imbalance")
def _(folder: Path) -> None:
    from riskset.analysis.describe import _describe
    from riskset.report.design_tables import _difference
    from riskset.results.rows import Described
    from riskset.results.set_vocabulary import Characteristic

    row_of = partial(Described, comparison="population", about=Characteristic.COVARIATE)
    case = np.array([True] * 100 + [False] * 100)
    for values in (pa.array([True] * 100 + [False] * 100), pa.array([70.0] * 100 + [60.0] * 100)):
        (row,) = _describe(values, case, row_of)
        assert row.smd == math.inf
        assert _difference(row.smd) == "† ∞"  # marked as imbalanced


@right("spells-same-start")
def _(folder: Path) -> None:
    assert imported(folder, "min_sources.toml").code == 0
    person = ids(folder)
    assert {row["person_id"]: row["stop"].isoformat() for row in stored(folder, "residence")} == {
        person["1"]: "2010-01-02",
        person["2"]: "2200-01-01",
        person["3"]: "2012-01-02",
    }


@right("two-people-one-id")
def _(folder: Path) -> None:
    assert ran(folder).code in (0, 14)
    twice = ids(folder).get("twice")
    for table in ("person", "residence", "diagnosis", "dispensing"):
        assert twice not in {row["person_id"] for row in stored(folder, table)}


@right("unpadded-days")
def _(folder: Path) -> None:
    assert imported(folder).code == 0
    assert [row["birth_date"] for row in stored(folder, "person")] == [date(1950, 3, 1), date(1960, 10, 15)]


@right("utf16-no-mark")
def _(folder: Path) -> None:
    ended = imported(folder)
    if ended.code:
        refused(ended, 11, "population.csv", "utf-16")
    else:
        assert [row["sex"] for row in stored(folder, "person")] == ["male"]


@right("zoned-timestamps")
def _(folder: Path) -> None:
    refused(imported(folder), 11, "dispensing", "time zone")
    # With the zone declared, the day of that calendar is read: the index date, which is in no window.
    text = (folder / "sources.toml").read_text(encoding="utf-8")
    at = text.index('date = "d"', text.index('name = "dispensing"'))
    declared = text[:at] + 'date = { column = "d", zone = "Europe/Copenhagen" }' + text[at + len('date = "d"') :]
    (folder / "sources.toml").write_text(declared, encoding="utf-8")
    assert imported(folder).code == 0
    person = ids(folder)
    assert date(2024, 2, 29) in {r["date"] for r in stored(folder, "dispensing") if r["person_id"] == person["ann"]}
    assert not {date(2024, 2, 28), date(2019, 12, 31)} & {r["date"] for r in stored(folder, "dispensing")}


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_each_case_has_its_right_outcome(name: str, tmp_path: Path) -> None:
    folder = CASES / name
    copy = tmp_path / "case"
    shutil.copytree(folder, copy) if folder.is_dir() else copy.mkdir()
    RIGHT[name](copy)


def test_every_folder_is_a_case() -> None:
    assert {path.name for path in CASES.iterdir() if path.is_dir() and path.name != "__pycache__"} <= set(RIGHT)
