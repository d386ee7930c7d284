"""The Word document says what the page says, in native tables, and nothing of who wrote it, where and when."""

from __future__ import annotations

import getpass
import re
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.table import Table

from riskset.report.catalogue import english_page as page_words
from riskset.report.catalogue import english_participants
from riskset.report.document import write_report
from riskset.report.front.page import Front
from riskset.report.office.writing import write_office
from riskset.results.run_folder import PRINT_TABLES, WORD, many_files
from tests.report.conftest import DRAWN
from tests.report.office.reports import RUNS, Shown, cells_of, front_named, shown, squeezed
from tests.report.released import make_released

CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"pHYs"}
"""What a PNG may hold: its picture and its size, no text and no time."""


@dataclass(frozen=True)
class Written:
    front: Front
    folder: Path
    document: Document
    page: Shown

    @property
    def text(self) -> str:
        return squeezed("".join(text.text or "" for text in self.document.element.body.iter(qn("w:t"))))


def write(name: str, folder: Path) -> Written:
    front = front_named(name)
    write_office(front, folder)
    return Written(front, folder, docx.Document(str(folder / "report.docx")), shown(front))


@pytest.fixture(scope="module", params=list(RUNS))
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write(request.param, tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """Of a run with a Table 1 of three comparisons."""
    return write("three comparisons", tmp_path_factory.mktemp("three")).document


def styled(document: Document, style: str) -> list[str]:
    """The paragraphs of a style."""
    return [p.text for p in document.paragraphs if p.style is not None and p.style.name == style]


def described_tables(document: Document) -> list[tuple[str, list[str]]]:
    """The description of each table, and its cells."""
    about = [one.get(qn("w:val")) or "" for one in document.element.body.iter(qn("w:tblDescription"))]
    return list(zip(about, cells_of(document), strict=True))


def is_flow(description: str) -> bool:
    return english_participants.FLOW in description


def test_each_table_of_the_page_is_a_native_table_cell_by_cell(written: Written) -> None:
    tables = described_tables(written.document)
    assert [cells for about, cells in tables if not is_flow(about)] == written.page.cells


def test_each_box_of_a_flow_is_a_cell(written: Written) -> None:
    boxes = [cell for about, cells in described_tables(written.document) if is_flow(about) for cell in cells]
    assert sorted(boxes) == sorted(squeezed(box) for box in written.page.boxes)


def test_what_is_withheld_on_the_page_is_withheld_in_it(tmp_path: Path) -> None:
    whole, withheld = (write(name, tmp_path / name) for name in ("three comparisons", "withheld"))
    assert sum(cell == "NR" for cells in cells_of(withheld.document) for cell in cells) >= 9
    assert not any(cell == "NR" for cells in cells_of(whole.document) for cell in cells)


def test_every_sentence_is_in_it(written: Written) -> None:
    missing = [text for text in written.page.sentences() if text not in written.text + squeezed(written.front.stamp)]
    report = squeezed(f"{page_words.REPORT} · {written.front.stamp}")
    assert report in written.text
    assert not missing


def test_headings_are_words_headings_in_their_order(written: Written) -> None:
    assert [squeezed(t) for t in styled(written.document, "Heading 1")] == [squeezed(t) for t in written.page.headings]
    subheadings = [squeezed(t) for t in written.page.subheadings if t]
    assert [squeezed(t) for t in styled(written.document, "Heading 2")] == subheadings
    assert [squeezed(t) for t in styled(written.document, "Title")] == [squeezed(written.front.title)]


def test_captions_have_the_numbers_of_the_page(written: Written) -> None:
    named = [f"{one.name}. {one.exhibit.title}." for _, exhibits in written.front.sections for one in exhibits]
    captions = styled(written.document, "Caption")
    assert len(captions) == len(named)
    for caption, name in zip(captions, named, strict=True):
        assert caption[: len(name)] == name


def test_every_picture_is_there_and_described(written: Written) -> None:
    described = [about.get("descr") for about in written.document.element.body.iter(qn("wp:docPr"))]
    assert described == written.page.pictures
    assert all(described)
    assert len(written.document.inline_shapes) == len(described)


def test_heads_of_tables_come_again_on_each_sheet_and_are_merged(document: Document) -> None:
    table = table_one(document)._tbl
    heads = [row for row in table.findall(qn("w:tr")) if row.findall(f"{qn('w:trPr')}/{qn('w:tblHeader')}")]
    assert len(heads) == 2
    assert [span.get(qn("w:val")) for span in heads[0].iter(qn("w:gridSpan"))] == ["3", "3", "3"]
    assert [merged.get(qn("w:val")) for merged in table.iter(qn("w:vMerge"))] == ["restart", None]


def table_one(document: Document) -> Table:
    return next(t for t in document.tables if any("Characteristic" in cell.text for cell in t.rows[0].cells))


def test_numbers_stand_right_and_names_left(document: Document) -> None:
    row = next(row for row in table_one(document).rows if row.cells[0].text == "Female sex")
    assert [cell.paragraphs[0].alignment for cell in row.cells[1:3]] == [WD_ALIGN_PARAGRAPH.RIGHT] * 2
    assert row.cells[0].paragraphs[0].alignment is None


def test_a_difference_in_bold_is_bold(document: Document) -> None:
    bold = {
        squeezed(cell.text): bool(cell.paragraphs[0].runs[0].bold)
        for row in table_one(document).rows[2:]
        for cell in row.cells
        if re.fullmatch(r"\d\.\d\d", cell.text)
    }
    assert bold
    assert all(is_bold == (float(text) >= 0.1) for text, is_bold in bold.items())


def test_stamp_and_number_stand_on_every_sheet(written: Written) -> None:
    section = written.document.sections[0]
    head, foot = section.header.paragraphs[0].text, section.footer.paragraphs[0]
    assert written.front.stamp in head
    assert written.front.head in head
    assert squeezed(written.front.foot) in squeezed(foot.text)
    fields = [text.text for text in foot._p.iter(qn("w:instrText"))]
    assert [str(text).strip() for text in fields] == ["PAGE", "NUMPAGES"]


def test_its_properties_name_nobody_and_one_day(written: Written) -> None:
    properties = written.document.core_properties
    day = written.front.day or "1980-01-01"
    assert (properties.author, properties.last_modified_by, properties.comments) == ("", "", "")
    assert properties.title
    assert squeezed(written.front.title)[: len(squeezed(properties.title))] == squeezed(properties.title)
    assert properties.created is not None
    assert {properties.created.date().isoformat(), properties.modified.date().isoformat()} == {day}


def test_no_file_tells_who_wrote_it_where_and_when(written: Written) -> None:
    machine = {socket.gethostname(), getpass.getuser()} - {""}
    days = {written.front.day, "1980-01-01"}
    for path in [written.folder / "report.docx", *sorted((written.folder / "tables").glob("*.xlsx"))]:
        with ZipFile(path) as archive:
            assert {member.date_time for member in archive.infolist()} <= {(1980, 1, 1, 0, 0, 0)}
            for member in archive.namelist():
                content = archive.read(member)
                assert "thumbnail" not in member
                if member[-4:] == ".png":
                    assert set(chunks(content)) <= CHUNKS
                    continue
                words = re.sub(r"<[^>]*>", "\n", content.decode("utf-8"))
                lines = {line.strip() for line in re.findall("[^\n]+", words)}
                assert not lines & machine, member
                assert not re.search(r"/(home|tmp|root|work|Users)/|riskset-|[A-Z]:\\\\", content.decode("utf-8")), (
                    member
                )
                if "docProps" in member:
                    assert set(re.findall(r"\d{4}-\d\d-\d\d", words)) <= days, member


def chunks(png: bytes) -> Iterator[bytes]:
    """The names of the parts of a PNG."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8]
        at += 12 + length


def test_a_text_in_a_picture_would_be_seen(written: Written) -> None:
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 3) + b"tEXt" + b"a\x00b" + bytes(4)
    assert set(chunks(png)) - CHUNKS == {b"tEXt"}


@pytest.mark.parametrize("name", ["course"])
def test_the_same_results_are_the_same_bytes(name: str, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write(name, tmp_path / folder)
        DRAWN.clear()
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.*"))
    assert {path.suffix for path in files} == {".docx", ".xlsx", ".tex"}
    for path in files:
        assert (tmp_path / "a" / path).read_bytes() == (tmp_path / "b" / path).read_bytes(), path


def test_a_report_comes_with_it(tmp_path: Path) -> None:
    write_report(make_released(), tmp_path)
    assert (tmp_path / WORD).is_file()
    assert {path.suffix for path in (tmp_path / PRINT_TABLES).iterdir()} == {".xlsx", ".tex"}
    assert {f"{PRINT_TABLES}/table-1.xlsx", f"{PRINT_TABLES}/table-1.tex"} <= many_files(tmp_path)
