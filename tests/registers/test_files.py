"""Delivered files of odd names and odd kinds: read as they are, or refused in a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.errors import RisksetError, SourceError
from riskset.registers.delivered.reading import check_files
from riskset.registers.delivered.source import Sources
from riskset.registers.engine import Engine
from tests.registers.delivery import PERSON, PERSON_MAP, deliver, imported, rows

PARQUET_MAP = PERSON_MAP.replace('format = "csv"\ndelimiter = ";"\nencoding = "utf-8"', 'format = "parquet"')
ODD = ["in[1]", "a*b", "what?", "[!x]", "[]", "]x[", "**", "year=2019", "{a,b}", "back\\slash", "å [kön]", "~", "$HOME"]
letters = st.text(st.sampled_from("ab[]*?!{},=~$\\ å-"), min_size=1, max_size=8).filter(lambda t: t.strip(". ") == t)


def named(path: str) -> str:
    """The mapping of persons, with another path."""
    return PERSON_MAP.replace('path = "person.csv"', f"path = '{path}'")


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_signs_of_a_pattern_in_a_folder_mean_themselves(tmp_path: Path, odd: str, format: str) -> None:
    place = tmp_path / odd
    sources = deliver(place, PERSON_MAP if format == "csv" else PARQUET_MAP)
    if format == "parquet":
        table = pa.table({"id": ["a", "b"], "kon": ["2", "1"], "fodd": ["1950-01-01", "1960-05-05"]})
        pq.write_table(table, place / "person.csv")
    check_files(sources)
    with Engine(place / "spill") as engine:
        read = imported(sources, place / "store", engine)
        assert rows(read, "person", "sex")[:2] == (["female", "female"] if format == "csv" else ["female", "male"])
        again = imported(sources, place / "store", engine)  # opened, not made
        assert again.fingerprint == read.fingerprint


@given(letters, letters)
def test_a_file_that_is_there_is_the_one_that_is_meant(
    tmp_path_factory: pytest.TempPathFactory, folder: str, file: str
) -> None:
    place = tmp_path_factory.mktemp("in")
    sources = deliver(place / folder, named(file))
    (place / folder / file).write_text(PERSON)
    (place / folder / "decoy").write_text(PERSON)
    assert sources.files["person"].parts() == [place / folder / file]


def test_a_pattern_finds_the_parts_of_a_file(tmp_path: Path) -> None:
    place = tmp_path / "in[1]"
    sources = deliver(place, named("part_*.csv"))
    for name in ("part_1.csv", "part_2.csv", ".part_3.csv", "other.csv"):
        (place / name).write_text(PERSON)
    assert [part.name for part in sources.files["person"].parts()] == ["part_1.csv", "part_2.csv"]
    deeper = deliver(place, named("19*/part_?.csv"))
    for year in ("1990", "1991"):
        (place / year).mkdir()
        (place / year / "part_1.csv").write_text(PERSON)
    assert [part.parent.name for part in deeper.files["person"].parts()] == ["1990", "1991"]


def refused(sources: Sources) -> str:
    with pytest.raises(SourceError) as told:
        check_files(sources)
    with pytest.raises(SourceError) as again:
        imported(sources, Path(sources.files["person"].patterns[0][:40]).parent / "store")
    assert str(told.value) == str(again.value)
    return str(told.value)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("pipe", "this is no plain file"),
        ("/dev/zero", "this is no plain file"),
        ("/dev/stdin", "no"),
        ("loop", "this link leads to no file"),
        ("l[o]op", "this link leads to no file"),
        ("loop/inside", "there is no such file"),
        ("folder", "this is a folder; name the files in it"),
        (".", "this is a folder; name the files in it"),
        ("[pf]*[rv]", "it matches a folder, too; write a pattern of the files alone"),
        ("nowhere", "there is no such file"),
        ("nowhere_*", "there is no such file"),
        ("~/nowhere", "there is no such file"),
        ("person.csv/inside", "there is no such file"),
        ("x" * 300, "the file cannot be read (file name too long)"),
        ("", "this is a folder"),
    ],
)
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, path: str, says: str) -> None:
    sources = deliver(tmp_path / "in", named(path))
    os.mkfifo(tmp_path / "in/pipe")
    os.symlink("loop", tmp_path / "in/loop")
    (tmp_path / "in/folder").mkdir()
    assert says in refused(sources)


def test_names_that_no_file_can_have(tmp_path: Path) -> None:
    sources = deliver(tmp_path / "in", named("x").replace("'x'", '"a\\u0000b"'))
    assert "there is no such file" in refused(sources)
    name = os.fsdecode(b"person_\xe5.csv")
    os.rename(tmp_path / "in/person.csv", tmp_path / "in" / name)
    found = deliver(tmp_path / "in", named("person_?.csv"))
    assert [part.name for part in found.files["person"].parts()] == [name]


@pytest.mark.parametrize(("mapped", "other"), [("kon", "KON"), ("KON", "kon"), ("kon", "Kon")])
def test_columns_that_differ_in_capitals_only(tmp_path: Path, mapped: str, other: str) -> None:
    text = PERSON.replace("id;kon;fodd", f"id;{mapped};fodd;{other}").replace("-01\n", "-01;9\n")
    sources = deliver(tmp_path / "in", PERSON_MAP.replace('"kon"', f'"{mapped}"'), person=text)
    assert f"the columns {mapped!r} and {other!r} differ in capitals only; rename one of them" in refused(sources)


def test_unmapped_columns_that_differ_in_capitals_do_no_harm(tmp_path: Path) -> None:
    text = PERSON.replace("fodd\n", "fodd;x;X\n").replace("1\n", "1;8;9\n").replace("5\n", "5;8;9\n")
    sources = deliver(tmp_path / "in", person=text)
    assert rows(imported(sources, tmp_path / "store"), "person", "sex") == ["female", "female", "male"]
    table = {"id": ["a", "b"], "kon": ["2", "1"], "fodd": ["1950-01-01"] * 2, "x": [1, 2], "X": [3, 4]}
    sources = deliver(tmp_path / "in", PARQUET_MAP)
    pq.write_table(pa.table(table), tmp_path / "in/person.csv")
    assert rows(imported(sources, tmp_path / "store"), "person", "sex") == ["female", "male"]


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("width", ["16", "32"])
def test_a_wide_encoding_without_its_mark(tmp_path: Path, width: str, order: str) -> None:
    described = PERSON_MAP.replace('"utf-8"', f'"utf-{width}"')
    sources = deliver(tmp_path / "in", described, person=PERSON.encode(f"utf-{width}-{order}"))
    told = refused(sources)
    assert f"does not begin with the byte-order mark of utf-{width}; state its encoding; " in told
    assert f"utf-{width}-{order} is plausible" in told
    named_so = deliver(tmp_path / "in", PERSON_MAP.replace('"utf-8"', f'"utf-{width}-{order}"'))
    (tmp_path / "in/person.csv").write_bytes(PERSON.encode(f"utf-{width}-{order}"))
    assert rows(imported(named_so, tmp_path / "store"), "person", "sex") == ["female", "female", "male"]
    marked = deliver(tmp_path / "in", described, person=PERSON.encode(f"utf-{width}"))
    assert rows(imported(marked, tmp_path / "other"), "person", "sex") == ["female", "female", "male"]


@pytest.mark.parametrize("letters", [131_071, 131_072, 131_073, 3_000_000])
def test_a_very_long_name_of_a_column(tmp_path: Path, letters: int) -> None:
    text = PERSON.replace("fodd", f"fodd;{'x' * letters}")
    sources = deliver(tmp_path / "in", person=text)
    if letters <= 131_072:
        check_files(sources)
    else:
        assert "its first line holds a name of more than 131,072 letters, or is no line of a CSV file" in refused(
            sources
        )


def test_all_that_is_wrong_with_files_is_told(tmp_path: Path) -> None:
    death = PERSON_MAP.replace('"person"', '"death"').replace("files.person", "files.death")
    death = death.replace("person.csv", "death.csv").replace('birth_date = "fodd"', 'date = "dag"')
    death = "\n".join(line for line in death.splitlines() if not line.startswith("sex"))
    sources = deliver(tmp_path / "in", PERSON_MAP + death, person="id;kon\n1;2\n")
    with pytest.raises(RisksetError) as told:
        check_files(sources)
    assert [one.what for one in told.value.each] == [
        "there is no column 'fodd', which person is mapped from",
        "there is no such file",
    ]
    assert str(told.value).splitlines()[0] == "2 problems:"
