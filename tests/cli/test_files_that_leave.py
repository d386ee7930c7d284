"""A followed cohort released end to end: every file is opened, and attacked with nothing but what was read in it."""

from __future__ import annotations

import json
import re
import socket
import sys
from datetime import date
from math import ceil, exp
from pathlib import Path

import pyarrow as pa
import pytest

from riskset.disclosure.policy import Policy
from riskset.registers.registers import Registers
from riskset.report.document import write_report
from riskset.report.public import write_public
from riskset.results.columns import columns_of
from riskset.results.manifest_keys import facts_that_leave
from riskset.results.roles import COUNTS
from riskset.results.tables import KINDS
from riskset.spec.study import Study
from riskset.steps import sample_sets
from tests.cli.conftest import files_in, riskset
from tests.cli.followed import CASES, SECRET, Town
from tests.disclosure.attacker_of_kinds import narrowed
from tests.disclosure.files_that_leave import (
    cells_of,
    files_of,
    parts_of,
    read_again,
    rows_of,
    texts_of,
)
from tests.disclosure.kinds_of_followed import ALONE as PAIRS_ALONE
from tests.disclosure.kinds_of_followed import REFERENCE, Counts, Followed, Row, Where, asked_of, people_of

POLICY = Policy("under 5")
COUNTS_ALONE = 'name = "small counts alone"\nminimum = 5\ncomplementary = false\n'
STOP = date(2019, 1, 1)
DAYS_OF_STUDY = {"2015-01-01", "2018-12-31", "2019-01-01", "2019-12-31", "2020-01-01", "1980-01-01"}
"""Days of the description and the delivery, and the one that every Office file has."""
WRITTEN = {"%-d %B %Y": r"\d\d? [A-Z][a-z]+ \d{4}", "%Y%m%d": r"\d{8}", "%d/%m/%Y": r"\d\d/\d\d/\d{4}"}
"""How else a day may be written."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the followed town with its release. For reading only."""
    place = tmp_path_factory.mktemp("followed")
    Town().build(place, stop=str(STOP))
    run = ("run", place / "study.toml", place / "sources.toml", "--out", place / "run", "--store", place / "store")
    ended = riskset(*run, "--scripts")
    assert ended.code == 0, ended.said
    ended = riskset("release", place / "run")
    assert ended.code == 0, ended.said
    return place


@pytest.fixture(scope="module")
def export(project: Path) -> Path:
    return project / "run" / "export"


def test_every_kind_of_file_leaves_and_is_opened(export: Path) -> None:
    kinds = {path.suffix for path in files_of(export)}
    assert kinds == {
        *(".csv", ".parquet", ".json", ".toml", ".html", ".docx", ".xlsx", ".tex", ".svg", ".png", ".R", ".do"),
    }
    assert any("survival" in path.name for path in files_of(export))
    assert all([*texts_of(path)] for path in files_of(export) if path.suffix != ".png")


def test_no_file_holds_a_person_a_day_or_the_machine(project: Path, export: Path) -> None:
    day_of_run = json.loads((project / "run" / "manifest.json").read_text("utf-8"))["date"][:10]
    assert day_of_run not in Town().days
    days = Town().days - DAYS_OF_STUDY
    in_words = {date.fromisoformat(day).strftime(style) for day in days for style in WRITTEN}
    a_day = re.compile(rf"\b(?:{'|'.join(WRITTEN.values())})\b")
    places = {str(project), str(Path.cwd()), str(Path.home()) + "/", sys.prefix, socket.gethostname()}
    for path in files_of(export):
        for text in texts_of(path):
            assert not re.search(rf"\b{SECRET}\d\d\d\b", text), path.name
            assert set(re.findall(r"\b\d{4}-\d\d-\d\d\b", text)) <= DAYS_OF_STUDY | {day_of_run}, path.name
            assert not in_words & set(a_day.findall(text)), path.name
            assert not [place for place in places if len(place) > 3 and place in text], path.name
            assert not re.search(r"/(home|tmp|root|Users)/|[A-Z]:\\\\|@[\w-]+\.\w+|\b\d+\.\d+\.\d+\.\d+\b", text), (
                path.name
            )


def test_no_cell_holds_a_small_count(export: Path) -> None:
    seen = 0
    for table, kind in KINDS.items():
        names = [column.name for column in columns_of(kind) if column.role in COUNTS]
        for row in rows_of(export / f"{table}.csv") if (export / f"{table}.csv").is_file() else ():
            counts = [int(row[name]) for name in names if row[name]]
            assert not [n for n in counts if 0 < n < POLICY.minimum], table
            seen += len(counts)
    assert seen > 300
    for path in files_of(export):
        is_office = path.suffix in (".docx", ".xlsx", ".tex")
        for cell in cells_of(path):
            assert not re.match(r"[1-4] \(\d", cell), path.name
            assert not (is_office and re.fullmatch(r"[1-4]", cell)), path.name


def test_office_files_hold_no_more_than_they_show(export: Path) -> None:
    """No comments, changes kept, hidden sheets, cached charts, names or formulas; and no one who made them."""
    for path in files_of(export):
        if path.suffix in (".docx", ".xlsx"):
            parts = parts_of(path)
            assert not [name for name in parts if re.search(r"comment|chart|embed|external|calcChain|people", name)]
            text = "".join(content.decode("utf-8", "replace") for content in parts.values())
            assert not re.search(r'state="(very)?[hH]idden"|<w:(ins|del|vanish)[ >/]|<definedName|<f>|hidden="1"', text)
            for author in re.findall(r"<(?:dc:creator|cp:lastModifiedBy|Company|Manager)>([^<]*)<", text):
                assert author == ""


def test_the_pages_are_made_of_what_the_tables_state(project: Path, export: Path, tmp_path: Path) -> None:
    """Whoever has the tables draws every page, figure and document to the last byte: they hold nothing besides."""
    facts = json.loads((project / "run" / "manifest.json").read_text("utf-8"))
    released = read_again(export, facts_that_leave(facts))
    write_report(released, tmp_path, png=True)
    write_public(released, tmp_path)
    for name in files_in(tmp_path):
        assert (export / name).read_bytes() == (tmp_path / name).read_bytes(), name
    made_otherwise = {f"{table}.{kind}" for table in KINDS for kind in ("csv", "parquet")}
    made_otherwise |= {"checker.html", "disclosure_log.csv", "datapackage.json", "release.json", "study.toml"}
    assert files_in(export) - files_in(tmp_path) <= made_otherwise | {"analysis.R", "analysis.do"}


@pytest.fixture(scope="module")
def people(project: Path) -> Followed:
    """Who there is in truth, by which it is told which numbers are small."""
    study = Study.load(project / "study.toml")
    registers = Registers.from_sources(project / "sources.toml", store=project / "store")
    sets = pa.table(sample_sets(study, registers).to_arrow()).to_pylist()
    first = min(row["person_id"] for row in sets if row["case"])
    case = {row["set_id"]: row["person_id"] - first + 1 for row in sets if row["case"]}
    controls = {case[row["set_id"]]: row["person_id"] - first + 1 for row in sets if not row["case"]}
    rows = rows_of(project / "run" / "internal" / "curves.csv")
    times = sorted({float(row["time"]) for row in rows if row["family"] == "kaplan-meier"})
    return people_of(Town(), controls, times, STOP)


@pytest.mark.parametrize("is_protected", [True, False])
def test_what_is_read_in_the_files_narrows_no_withheld_number(
    project: Path, people: Followed, tmp_path: Path, is_protected: bool
) -> None:
    """And the same attacker narrows many of a release that withholds small counts alone."""
    export = project / "run" / "export"
    if not is_protected:
        export = tmp_path / "export"
        (tmp_path / "alone.toml").write_text(COUNTS_ALONE, "utf-8")
        asked = ("--policy", tmp_path / "alone.toml", "--out", export, "--ledger", tmp_path / "releases.jsonl")
        assert riskset("release", project / "run", *asked).code == 0
    attack = Attack(people)
    for table in ("table_one", "estimates", "curves", "attrition"):
        for i, row in enumerate(rows_of(export / f"{table}.csv")):
            attack.read(table, i, row)
    assert len(attack.known) > 200
    assert attack.hidden > 100
    broken = narrowed(attack.sums, people.counts, attack.known, POLICY, attack.points, attack.fewest)
    assert (len(broken) == 0) if is_protected else (len(broken) > 10)


class Attack:
    """What the rows of released files say, one after the other.

    Attributes
    ----------
    sums, known : number → how often it counts each kind; its value, where it can be read
    points : those of curves
    fewest : how often a number counts each kind, and how many it is at least
    hidden : how many numbers cannot be read
    """

    def __init__(self, people: Followed) -> None:
        self._people = people
        self.sums = dict(people.known_alike())
        self.known: dict[Where, int] = dict.fromkeys(self.sums, 0)
        self.points: list[Where] = []
        self.fewest: list[tuple[Counts, int]] = []
        self.hidden = 0

    def read(self, table: str, i: int, row: Row) -> None:
        columns = [name for name in row if name.startswith("n_") or name in COUNTED]
        for column in columns:
            asked = asked_of(table, row, column)
            if asked is not None:
                where = (table, (str(i),), column)
                self.sums[where] = self._people.sum_of(asked)
                self.points += [where] if table == "curves" else []
                if row[column]:
                    self.known[where] = int(row[column])
                elif row.get(share := column.replace("_n", "_value")):
                    self.known[where] = round(float(row[share]) * CASES)
                self.hidden += where not in self.known
        if table == "estimates" and row["estimate"] and row["std_error"]:
            self._invert(i, row, float(row["estimate"]), float(row["std_error"]) ** 2)

    def _invert(self, i: int, row: Row, estimate: float, squared: float) -> None:
        """From a crude ratio of pairs the discordant ones; from one of hazards the fewest events at the reference."""
        pairs = asked_of("estimates", row, PAIRS_ALONE)
        if pairs is not None and row["form"] == "crude":
            alone = (1 + exp(estimate)) / squared
            if abs(alone - round(alone)) < 0.1:
                where = ("estimates", (str(i),), PAIRS_ALONE)
                self.sums[where], self.known[where] = self._people.sum_of(pairs), round(alone)
        events = asked_of("estimates", row, REFERENCE)
        if events is not None and row["scale"] == "log_hr" and row["n_exposed_events"]:
            left = squared * (1 + 1e-3) - 1 / int(row["n_exposed_events"])
            if left > 0:
                self.fewest.append((self._people.sum_of(events), ceil(1 / left - 1e-6)))


COUNTED = ("cases_n", "controls_n", "removed", "remaining")
"""Columns of counts that are not called so."""
