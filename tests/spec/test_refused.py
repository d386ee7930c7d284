"""What a description cannot say is refused in one sentence: where, what, and what would be right."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import Field

from riskset.errors import SpecError
from riskset.spec import Ever, Exposure, Period, PopulationControls, Study
from riskset.spec.base import Part
from riskset.spec.from_toml import parse, parse_toml, read_toml
from tests.shown import Evidence, shows
from tests.spec.studies import STUDY

REFUSED = tomllib.loads(Path(__file__).with_name("refused.toml").read_text(encoding="utf-8"))["refused"]


def test_the_study_itself_is_accepted() -> None:
    assert parse_toml(Study, STUDY).name == "A study"


@shows(
    "period.start",
    "period.stop",
    "eligibility.age",
    "eligibility.run_in",
    "event.diagnosis",
    "event.main=false",
    "population.ratio",
    "population.replacement=false",
    "population.caliper",
    "population.match=birth_year",
    "siblings.half=true",
    "first_use.cuts",
    "count.bands",
    "count.lag",
    "atc_codes.atc",
    "atc_codes.without",
    "diagnosis.icd10",
    "diagnosis.lookback",
    "conditional logistic.measure",
    "conditional logistic.exposures",
    "conditional logistic.adjust",
    "conditional logistic.subgroups",
    "conditional logistic.interactions",
    "conditional logistic.trend=true",
    "conditional logistic.interval=profile",
    "conditional logistic.robust=true",
    "subgroup.by",
    "subgroup.cuts",
    "prognosis.endpoint=death",
    "prognosis.adjust",
    "prognosis.entry=registration",
    "prognosis.exposures",
    "study.conf_level",
    "study.anchor=onset",
    by=Evidence.REFUSED,
)
@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["written"].replace("\n", " ")[:40])
def test_refused_in_one_sentence_each(case: dict[str, Any]) -> None:
    assert case["instead_of"] in STUDY
    with pytest.raises(SpecError) as error:
        parse_toml(Study, STUDY.replace(case["instead_of"], case["written"], 1), where="study.toml")
    told = [case["says"], *case.get("also", [])]
    assert [one.sentence for one in error.value.each] == told
    assert error.value.exit_code == 10
    numbered = [f"{i}. {sentence}" for i, sentence in enumerate(told, start=1)]
    assert str(error.value) == (told[0] if len(told) == 1 else "\n".join([f"{len(told)} problems:", *numbered]))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as error:
        Study.load(tmp_path / "study.toml")
    assert str(error.value) == f"{tmp_path}/study.toml: there is no such file; give the path of a TOML file."


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"this is a folder; give the path of a TOML file\.$"):
        Study.load(tmp_path)


def test_a_file_in_latin_1(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_bytes(STUDY.replace("A study", "Läkemedel").encode("latin-1"))
    with pytest.raises(SpecError, match=r"the file is not UTF-8 text; save it as UTF-8\.$"):
        Study.load(path)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_bytes(b"\xef\xbb\xbf" + STUDY.replace("\n", "\r\n").encode())
    assert Study.load(path) == parse_toml(Study, STUDY)


def test_python_spelling_is_refused_in_the_same_words() -> None:
    with pytest.raises(SpecError) as error:
        PopulationControls(ratoi=5)
    assert str(error.value) == "PopulationControls ratoi: unknown key; did you mean 'ratio'?"
    with pytest.raises(SpecError) as error:
        Exposure(name="a", codes={"atc": ["N05B"]}, measures=[Ever(), Ever(lag="1y")])
    assert str(error.value) == "Exposure measures: two measures share the name 'ever'; give each a name of its own."
    with pytest.raises(SpecError, match=r"^Period start: this must be a date; write year-month-day, as 2015-01-31\.$"):
        Period(start=2015, stop="2016-01-01")


def test_the_path_inside_a_nested_part_is_whole() -> None:
    """A part that is built on the way to another keeps its place in the path."""
    with pytest.raises(SpecError, match=r"^Exposure measures\[1\]\.cuts\[0\]: '1q' is no duration; "):
        Exposure(name="a", codes={"atc": ["N05B"]}, measures=[{"kind": "ever"}, {"kind": "first_use", "cuts": ["1q"]}])


class Count(Part):
    """A part whose keys have the names of kinds."""

    kind: Literal["count"]
    count: int


class Ddd(Part):
    """Another one."""

    kind: Literal["ddd"]
    ddd: dict[str, Count]


class Holder(Part):
    """A description of another sort, with a plain union and a table of parts."""

    parts: tuple[Count | Ddd, ...] = ()
    named: dict[str, Count] = Field(default_factory=dict)
    either: int | str = 0


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"named": {"count": {"kind": "count", "count": "x"}}}, "named.count.count"),
        ({"named": {"ddd": {"kind": "count", "count": 1, "cuont": 1}}}, "named.ddd.cuont"),
        ({"parts": [{"kind": "count", "count": "x"}]}, "parts[0].count"),
        ({"either": [1]}, "either"),
    ],
)
def test_a_key_named_like_a_kind_stays_in_the_path(data: dict[str, object], place: str) -> None:
    with pytest.raises(SpecError) as error:
        parse(Holder, data, where="x.toml")
    assert error.value.where == f"x.toml {place}"


def test_read_toml_reads_any_part(tmp_path: Path) -> None:
    path = tmp_path / "period.toml"
    path.write_text("start = 2015-01-01\nstop = 2016-01-01\n", encoding="utf-8")
    assert read_toml(Period, path) == Period(start="2015-01-01", stop="2016-01-01")
