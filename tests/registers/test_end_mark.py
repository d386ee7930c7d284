"""The mark of old DOS programs (Ctrl-Z) is the end of a text, and of no cell."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.errors import SourceError
from riskset.registers.delivered.end_mark import before_end_mark, until_end_mark
from riskset.registers.delivered.reading import check_files
from tests.examples import examples
from tests.registers.delivery import PERSON, PERSON_MAP, deliver, imported, rows

MARKS = ["\x1a", "\x1a" * 128, "\x1a\n", "\x1a\r\n", "\n\x1a\n\x1a"]
ENCODINGS = ["utf-8", "latin-1", "cp1252", "utf-16", "utf-16-be", "utf-32-le"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("ended", [True, False])
def test_a_delivery_is_as_without_it(tmp_path: Path, mark: str, encoding: str, ended: bool) -> None:
    text = PERSON if ended else PERSON.removesuffix("\n")
    described = PERSON_MAP.replace("utf-8", encoding).replace('delimiter = ";"', 'delimiter = ";"\nrows = 3', 1)
    plain = deliver(tmp_path / "plain", described, person=text.encode(encoding))
    marked = deliver(tmp_path / "marked", described, person=(text + mark).encode(encoding))
    read = imported(marked, tmp_path / "store")
    assert rows(read, "person") == rows(imported(plain, tmp_path / "other"), "person")
    assert not [row for row in read.quality.to_pylist() if row["rows"]]


@pytest.mark.parametrize("cut", [PERSON.removesuffix(";1990-12-31\n"), PERSON.removesuffix("2;1990-12-31\n")])
def test_a_file_that_was_cut_off_before_is_cut_off(tmp_path: Path, cut: str) -> None:
    with pytest.raises(SourceError, match="ends in the middle of a line"):
        check_files(deliver(tmp_path / "in", person=f"{cut}\x1a"))


@pytest.mark.parametrize("text", ["\x1a", "\n\n", "\ufeff", "  \n\t\n\x1a\n", "\r\n"])
def test_a_file_of_nothing_else_holds_no_text(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match="the file holds no text; deliver it again"):
        check_files(deliver(tmp_path / "in", person=text))


@pytest.mark.parametrize("before", ["\n", "\r\n", "  \n", "\r"])
def test_a_header_is_in_the_first_line(tmp_path: Path, before: str) -> None:
    with pytest.raises(SourceError, match="its first line is empty, where the header should be; leave out"):
        check_files(deliver(tmp_path / "in", person=before + PERSON))


@given(st.lists(st.text("a\r\n\x1a", max_size=5)))
def test_a_text_in_pieces_ends_where_the_whole_does(chunks: list[str]) -> None:
    whole = "".join(chunks)
    ended = before_end_mark(whole)
    assert "".join(until_end_mark(chunks)) == ended
    assert whole.startswith(ended)
    assert not whole[len(ended) :].strip("\x1a\r\n")
    assert before_end_mark(ended) == ended


ENDS = ["\n", "\r\n", "\r", "\r\r\n", "\n\n"]


@settings(max_examples=examples(10), deadline=None)
@given(st.lists(st.sampled_from(ENDS), min_size=4, max_size=4))
def test_lines_may_end_in_several_ways(tmp_path_factory: pytest.TempPathFactory, ends: list[str]) -> None:
    folder = tmp_path_factory.mktemp("ends")
    text = "".join(line + end for line, end in zip(PERSON.splitlines(), ends, strict=True))
    read = imported(deliver(folder / "in", person=text), folder / "store")
    assert len(rows(read, "person")) == 3
    assert not [row for row in read.quality.to_pylist() if row["rows"]]


def test_line_ends_in_cells_are_blanks_in_whichever_way_lines_end(tmp_path: Path) -> None:
    described = PERSON_MAP + 'birth_county = "ort"\n'
    text = 'id;kon;fodd;ort\r\na;1;1950-01-01;"Upper\nlake"\r\nb;2;1950-01-02;"Upper\rlake"\nc;2;1950-01-03;x\r\n'
    read = imported(deliver(tmp_path / "in", described, person=text), tmp_path / "store")
    assert rows(read, "person", "birth_county") == ["Upper lake", "Upper lake", "x"]


@pytest.mark.parametrize("place", ["b", "1990-12-31\n"])
@pytest.mark.parametrize("zeros", [1, 500])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("before", [0, 3000])
def test_a_byte_of_zero_is_in_no_text(tmp_path: Path, place: str, zeros: int, encoding: str, before: int) -> None:
    more = "".join(f"p{n};1;1950-01-01\n" for n in range(before))
    text = PERSON.replace("a;2", more + "a;2", 1).replace(place, place + "\0" * zeros, 1)
    with pytest.raises(SourceError, match=r"bytes (of zero, which|that) no text has") as refused:
        imported(deliver(tmp_path / "in", PERSON_MAP.replace("utf-8", encoding), person=text), tmp_path / "store")
    assert "see that identifiers" not in str(refused.value)
