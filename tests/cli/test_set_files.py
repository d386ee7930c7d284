"""A file of sets that is audited is read as a delivered one is, and refused in the same sentences."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from tests.cli import town
from tests.cli.conftest import Ended, files_in, riskset
from tests.cli.test_audit import AUDIT_IT, as_canonical, drawn
from tests.registers.test_no_text import workbook

GOOD = as_canonical(drawn())
BODY = GOOD.split("\n", 1)[1]
COLUMNS = "set_id, person_id, case"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets")
    town.build(folder)
    assert riskset("import", folder / "sources.toml", "--store", folder / "store").code == 0
    return folder


@pytest.fixture
def within(built: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(built)
    return built


def audited(content: bytes, name: str = "sets.csv") -> Ended:
    Path(name).write_bytes(content)
    return riskset(*AUDIT_IT, "--sets", name)


WRONG = {
    "empty": (b"", "the file is empty; deliver it again."),
    "line ends": (b"\n\n", "the file holds no text; deliver it again."),
    "a first line that is empty": (f"\n{GOOD}".encode(), "its first line is empty, where the header should be; "),
    "a workbook": (workbook(), "this file is a workbook (.xlsx); write its sheet as a CSV file."),
    "gzip": (gzip.compress(GOOD.encode()), "this file is compressed (gzip); unpack it, and give the file that is in "),
    "bytes": (bytes(300), "this is no text file: it holds bytes that no text has; see what format it is of"),
    "without a header": (
        BODY.encode(),
        f"its first line names none of the mapped columns {COLUMNS}, and does not read like a header; deliver it with",
    ),
    "the header alone": (GOOD.split("\n")[0].encode(), "there are no matched sets in it; deliver it again."),
    "latin-1": (GOOD.replace("S1", "Så").encode("latin-1"), "the file is not utf-8 text; save it as utf-8; it is p"),
    "utf-16": (GOOD.encode("utf-16"), "the file is not utf-8 text; save it as utf-8; it is plausibly utf-16."),
    "for Excel": (f"sep=,\n{GOOD}".encode(), "its first line says how it is parted, for Excel, and is no header; "),
    "capitals": (GOOD.replace("set_id", "SET_ID").encode(), "there is no column 'set_id', which matched_set is map"),
    "cut off": (GOOD.encode()[:-12], "the file ends in the middle of a line; it was cut off: deliver it again."),
}


@pytest.mark.parametrize(("content", "says"), WRONG.values(), ids=WRONG)
def test_it_is_called_what_it_is(within: Path, content: bytes, says: str) -> None:
    ended = audited(content)
    assert (ended.code, ended.sentence[: len(says) + 10]) == (11, f"sets.csv: {says}")
    assert town.SECRET not in ended.sentence
    assert {path.split("/")[0] for path in files_in(within) if "/" in path} == {"store"}


def test_no_plain_file(within: Path) -> None:
    Path("folder").mkdir()
    Path("round").symlink_to("round")
    Path("astray").symlink_to("nowhere")
    for name, says in (
        ("folder", "this is a folder; give the path of the file in it."),
        ("nowhere", "there is no such file; give the path of the file."),
        ("round", "this link leads to no file; give the path of the file."),
        ("astray", "this link leads to no file; give the path of the file."),
        ("sources.toml/sets.csv", "there is no such file; give the path of the file."),
    ):
        ended = riskset(*AUDIT_IT, "--sets", name)
        assert (ended.code, ended.sentence) == (11, f"{name}: {says}")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("mark", ["", "\x1a", "\x1a\x1a\n"])
def test_it_is_read_however_it_is_parted_and_ended(within: Path, delimiter: str, mark: str) -> None:
    ended = audited((as_canonical(drawn(), delimiter) + mark).encode())
    assert (ended.code, ended.said) == (0, ())
    assert "Rows of the file" not in ended.out


@pytest.mark.parametrize("name", ["sets.parquet", "sets.PARQUET", "parquet.csv"])
def test_parquet_is_parquet_whatever_it_is_called(within: Path, name: str) -> None:
    made = pyarrow.csv.read_csv(pa.BufferReader(GOOD.encode()))
    pq.write_table(made, within / name)
    assert riskset(*AUDIT_IT, "--sets", name).code == 0
    ended = audited(GOOD.encode(), "text.parquet")
    assert ended.sentence.startswith("text.parquet: this is no Parquet file; name it .csv where it is a text, or ")


@pytest.mark.parametrize("line", ["S1,{},0,2015-01-15,more", "S1,{}", '"S1,{},0,2015-01-15'])
def test_a_line_that_cannot_be_parted_is_counted(within: Path, line: str) -> None:
    text = GOOD + line.format(town.name_of(50)) + "\n"
    ended = audited(text.encode())
    assert ended.code == 12
    assert "line unreadable: 1" in ended.sentence
    assert "of 49 rows are wrong" in ended.sentence


def test_lines_may_end_in_several_ways(within: Path) -> None:
    ended = audited(GOOD.replace("\n", "\r\n", 20).encode())
    assert (ended.code, ended.said) == (0, ())
