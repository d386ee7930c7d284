"""Bytes that are no text are called what they are, and no encoding is suggested for them."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import sqlite3
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.feather
import pytest

from riskset.errors import SourceError
from riskset.registers.delivered.reading import check_files
from tests.registers.delivery import PERSON, PERSON_MAP, deliver, imported

LONG = PERSON + "".join(f"p{n};{1 + n % 2};19{n % 90 + 10}-05-{n % 28 + 1:02d}\n" for n in range(3000))
ENCODINGS = ("utf-8", "latin-1", "cp1252", "ascii")


def workbook(*, plain: bool = True) -> bytes:
    made, file = openpyxl.Workbook(), io.BytesIO()
    made.active.append(["id", "kon", "fodd"])
    made.save(file)
    return file.getvalue()


def archive(kind: str) -> bytes:
    file = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
            zipped.writestr("person.csv", LONG)
    else:
        with tarfile.open(fileobj=file, mode="w") as tar:
            member = tarfile.TarInfo("person.csv")
            member.size = len(LONG)
            tar.addfile(member, io.BytesIO(LONG.encode()))
    return file.getvalue()


def database(folder: Path) -> bytes:
    with sqlite3.connect(folder / "made.db") as made:
        made.execute("create table person (id text)")
    made.close()
    return (folder / "made.db").read_bytes()


def feather() -> bytes:
    file = io.BytesIO()
    pyarrow.feather.write_feather(pa.table({"id": ["a"]}), file)
    return file.getvalue()


NOISE = bytes(np.random.default_rng(3).integers(0, 256, 4000, dtype=np.uint8))
FORMATS = {
    "zlib": (zlib.compress(LONG.encode()), "this file is compressed (zlib); unpack it"),
    "zlib, fast": (zlib.compress(LONG.encode(), 1), "this file is compressed (zlib); unpack it"),
    "zlib, best": (zlib.compress(LONG.encode(), 9), "this file is compressed (zlib); unpack it"),
    "zlib, short": (zlib.compress(PERSON.encode()), "this file is compressed (zlib); unpack it"),
    "gzip": (gzip.compress(LONG.encode()), "this file is compressed (gzip); unpack it"),
    "bzip2": (bz2.compress(LONG.encode()), "this file is compressed (bzip2); unpack it"),
    "xz": (lzma.compress(LONG.encode()), "this file is compressed (xz); unpack it"),
    "zip": (archive("zip"), "this file is a zip archive; unpack it"),
    "tar": (archive("tar"), "this file is a tar archive; unpack it"),
    "xlsx": (workbook(), "this file is a workbook (.xlsx); write its sheet as a CSV file"),
    "xls": (bytes.fromhex("d0cf11e0a1b11ae1") + NOISE, "this file is an Excel workbook, old (.xls) or with a password"),
    "Feather": (feather(), "this file is an Arrow file (Feather)"),
    "SAS": (
        bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011") + NOISE,
        "a SAS data set (.sas7bdat)",
    ),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + NOISE, "this file is a PDF document"),
    "XML": (b'<?xml version="1.0"?><rows/>', "this file is XML; write it as"),
    "EBCDIC": (LONG.encode("cp037"), "this is text of a mainframe (EBCDIC), which is not read; have it written anew"),
    "EBCDIC, without line ends": (LONG.replace("\n", "").encode("cp500"), "this is text of a mainframe (EBCDIC)"),
    "encrypted": (NOISE.replace(b"\0", b"\1"), "this is no text file: it holds bytes that no text has"),
    "noise": (NOISE, "this is no text file: it holds bytes that no text has"),
    "noise after text": (LONG.encode() + NOISE * 20, "this is no text file: it holds bytes that no text has"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(("content", "says"), FORMATS.values(), ids=FORMATS)
def test_it_is_called_what_it_is(tmp_path: Path, content: bytes, says: str, encoding: str) -> None:
    told = refused(tmp_path, content, encoding)
    assert told.startswith(f"{tmp_path}/in/person.csv: ")
    assert says in told
    assert "plausible" not in told


def test_a_database(tmp_path: Path) -> None:
    assert "this file is an SQLite database" in refused(tmp_path, database(tmp_path), "latin-1")


def refused(folder: Path, content: bytes, encoding: str) -> str:
    sources = deliver(folder / "in", PERSON_MAP.replace("utf-8", encoding), person=content)
    with pytest.raises(SourceError) as told:
        imported(sources, folder / "store")
    return str(told.value)


NORDIC = LONG.replace("id;kon;fodd", "id;kon;fodd;född;Østby").replace("\n", ";Åsa;Märta Öberg\n", 40).replace(
    "fodd;född;Østby;Åsa;Märta Öberg", "fodd;född;Østby"
)  # fmt: skip


@pytest.mark.parametrize(
    ("actual", "declared", "plausible"),
    [
        ("cp850", "utf-8", "cp850 is plausible"),
        ("cp850", "latin-1", "cp850 is plausible"),
        ("mac-roman", "utf-8", "mac-roman is plausible"),
        ("latin-1", "utf-8", "latin-1 is plausible"),
        ("utf-8", "latin-1", "utf-8 is plausible"),
        ("utf-8", "cp1252", "utf-8 is plausible"),
        ("utf-16-le", "latin-1", "utf-16-le is plausible"),
        ("utf-16-be", "utf-8", "utf-16-be is plausible"),
        ("utf-32-le", "utf-8", "utf-32-le is plausible"),
        ("utf-32-be", "cp1252", "utf-32-be is plausible"),
    ],
)
def test_a_text_in_another_encoding_is_told_before_a_row_is_read(
    tmp_path: Path, actual: str, declared: str, plausible: str
) -> None:
    """By `riskset check` too: else a column in other letters is called one that is not there."""
    described = PERSON_MAP.replace("utf-8", declared).replace('"fodd"', '"född"')
    sources = deliver(tmp_path / "in", described, person=NORDIC.encode(actual))
    with pytest.raises(SourceError) as told:
        check_files(sources)
    assert str(told.value) == (
        f"{tmp_path}/in/person.csv: the file is not {declared} text as declared; state its encoding; {plausible}."
    )


WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
MARKS = {
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


@pytest.mark.parametrize("text", [PERSON, NORDIC], ids=["short", "long"])
@pytest.mark.parametrize("marked", [False, True])
@pytest.mark.parametrize("declared", WIDE)
@pytest.mark.parametrize("actual", [*WIDE, "utf-8", "latin-1"])
def test_letters_of_another_number_or_order_of_bytes(
    tmp_path: Path, actual: str, declared: str, marked: bool, text: str
) -> None:
    """What is declared reads them as letters of other alphabets, and no name of the header is found."""
    described = PERSON_MAP.replace("utf-8", declared)
    content = (MARKS.get(actual, b"") if marked else b"") + text.encode(actual)
    sources = deliver(tmp_path / "in", described, person=content)
    if actual == declared:
        check_files(sources)
        return
    with pytest.raises(SourceError, match=f"is not {declared} text as declared; state its encoding; ") as told:
        check_files(sources)
    among = {actual, actual[:6] if marked else actual, "utf-8" if text.isascii() else actual}
    assert str(told.value).partition("encoding; ")[2].removesuffix(" is plausible.") in among


def test_an_alphabet_that_is_not_latin_gets_no_guess(tmp_path: Path) -> None:
    text = "id;kon;fodd\n" + "Москва;2;1950-01-01\n" * 20 + "Санкт-Петербург и Москва и Новосибирск\n" * 20
    told = refused(tmp_path, text.encode("cp1251"), "utf-8")
    assert told.endswith("is not utf-8 text as declared; ask the sender for its encoding, and state that.")


def test_a_stray_control_character_makes_no_other_format(tmp_path: Path) -> None:
    """It is a text in another encoding, and one in the declared encoding is read."""
    text = LONG.replace("p7;", "p\x02\x1a7;").replace("p9;", "på9;")
    assert "latin-1 is plausible" in refused(tmp_path, text.encode("latin-1"), "utf-8")
    sources = deliver(tmp_path / "in", PERSON_MAP, person=text)
    imported(sources, tmp_path / "store")
