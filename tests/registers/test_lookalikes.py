"""Cells that look alike are read alike; numbers and days are read as declared, or not at all."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.errors import QualityError, SpecError
from riskset.registers.delivered.conversion import Mapped, convert
from riskset.registers.delivered.source import ColumnMap
from riskset.registers.delivered.texts import tidied
from riskset.registers.engines.duckdb import DuckDB
from riskset.spec.complaints import among, closest, shown
from riskset.spec.from_toml import parse
from riskset.spec.spelling import near
from riskset.spec.study import Study
from riskset.spec.tidying import INVISIBLE, composed, looks, mixes_scripts, tidy
from riskset.steps import remarks_on
from tests.examples import examples
from tests.registers.delivery import DEATH_MAP, PERSON, PERSON_MAP, broken, deliver, imported, rows
from tests.shown import Evidence, shows

COUNTY = 'birth_county = "ort"\n'
BLANKS = " \t\u00a0\u2007\u202f\u3000\u2800\u3164\uffa0"
UNSEEN = [chr(code) for first, last in INVISIBLE for code in range(first, last + 1)]


@pytest.fixture(scope="module")
def engine() -> DuckDB:
    return DuckDB(threads=1)


def test_every_character_is_tidied_alike_in_python_and_in_the_engine(engine: DuckDB) -> None:
    letters = [chr(i) for i in range(1, 0x110000) if not 0xD800 <= i < 0xE000]
    texts = [f"{x}a{x}{x}b{x}" for x in letters]
    table = engine.load("letters", pa.table({"i": range(len(texts)), "text": texts}))
    found = engine.collect(table.select("i", tidy=tidied(table["text"]))).sort_by("i")["tidy"].to_pylist()
    assert found == [tidy(text) for text in texts]


@st.composite
def spelled(draw: st.DrawFn, words: list[str]) -> str:
    """Words in another form of Unicode, with other blanks between and around them, and invisible signs anywhere."""
    form = draw(st.sampled_from(["NFC", "NFD"]))
    blank = st.text(BLANKS, min_size=1, max_size=3)
    around = st.text(BLANKS, max_size=2)
    text = draw(blank).join(unicodedata.normalize(form, word) for word in words)
    signs = list(draw(around) + text + draw(around))
    for sign in draw(st.lists(st.sampled_from(UNSEEN), max_size=3)):
        signs.insert(draw(st.integers(0, len(signs))), sign)
    return "".join(signs)


@settings(max_examples=examples(6), deadline=None)
@given(data=st.data())
def test_one_level_however_it_is_spelled(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("levels")
    words = ["Översta", "Åbo", "län"]
    cells = [data.draw(spelled(words)) for _ in range(4)]
    lines = [f'p{i};{1 + i % 2};1950-01-0{i + 1};"{cell}"' for i, cell in enumerate(cells)]
    text = "\n".join(["id;kon;fodd;ort", *lines, ""])
    registers = imported(deliver(folder / "in", PERSON_MAP + COUNTY, person=text), folder / "store")
    assert set(rows(registers, "person", "birth_county")) == {" ".join(words)}
    listed = PERSON_MAP + f'birth_county = {{ column = "ort", values = {{ "{data.draw(spelled(words))}" = "x" }} }}\n'
    registers = imported(deliver(folder / "in", listed, person=text), folder / "store")
    assert set(rows(registers, "person", "birth_county")) == {"x"}
    absent = PERSON_MAP + f'birth_county = {{ column = "ort", missing = ["{data.draw(spelled(words))}"] }}\n'
    registers = imported(deliver(folder / "in", absent, person=text), folder / "store")
    assert set(rows(registers, "person", "birth_county")) == {None}


def test_identifiers_and_names_of_columns_are_composed_too(tmp_path: Path) -> None:
    def nfd(text: str) -> str:
        return unicodedata.normalize("NFD", text)

    person = PERSON.replace("id;", nfd("löp;")).replace("a;2", nfd("å;2"))
    described = (PERSON_MAP + DEATH_MAP).replace('"id"\nsex', '"löp"\nsex')
    sources = deliver(tmp_path / "in", described, person=person, death="id;dag\nå;2012-01-01\n")
    assert len(rows(imported(sources, tmp_path / "store"), "death")) == 1


@pytest.mark.parametrize("missing", ["NULL", "NA", ".", "nan", "#N/A"])
def test_nobodys_identifier_is_null(tmp_path: Path, missing: str) -> None:
    sources = deliver(
        tmp_path / "in",
        "tolerance = 1.0\n" + PERSON_MAP + DEATH_MAP,
        person=PERSON + f"{missing};1;1950-01-01\n",
        death=f"id;dag\n{missing};2012-01-01\nb;2012-01-01\n",
    )
    registers = imported(sources, tmp_path / "store")
    assert broken(registers, "person") == broken(registers, "death") == {"person_id missing": 1}


def test_declared_nulls_are_nulls_with_blanks_around_them_and_on_rows_without_a_fact(tmp_path: Path) -> None:
    described = PERSON_MAP + COUNTY + DEATH_MAP.replace('"death"\n[', '"death"\nskip_if_missing = ["dag"]\n[')
    described = described.replace('"utf-8"', '"utf-8"\nnull = ["", "NULL"]')
    person = "id;kon;fodd;ort\na;1;1950-01-01; NULL\nb;2;1950-01-01;NULL\u00a0\nc;2;1950-01-01;Å\n"
    sources = deliver(tmp_path / "in", described, person=person, death="id;dag\na; NULL \nb;2012-01-01\n")
    registers = imported(sources, tmp_path / "store")
    assert rows(registers, "person", "birth_county") == ["Å", None, None]
    assert broken(registers, "death") == {"no fact in the row": 1}


def numbers(engine: DuckDB, cells: list[str], decimal: str, scale: float | None, column: str) -> list[float | None]:
    kind = {"value": "measurement", "income": "socioeconomic"}[column]
    raw = engine.load("raw", pa.table({"i": [str(i) for i in range(len(cells))], "cell": cells}))
    columns = {"person_id": ColumnMap(column="i"), column: ColumnMap(column="cell", scale=scale)}
    table = engine.collect(convert(engine, kind, [Mapped(raw, columns, decimal=decimal)]))
    read = dict(zip(table["person_id"].to_pylist(), table[column].to_pylist(), strict=True))
    return [read[str(i)] for i in range(len(cells))]


@settings(max_examples=examples(60), deadline=None)
@given(
    amount=st.decimals(0, 10**9, places=2, allow_nan=False),
    decimal=st.sampled_from([".", ","]),
    part=st.sampled_from(["", ".", ",", " ", "\u00a0", "'", "_"]),
    sign=st.sampled_from(["", "-", "+"]),
)
def test_a_number_is_what_was_written_or_nothing(
    engine: DuckDB, amount: Decimal, decimal: str, part: str, sign: str
) -> None:
    """With another mark between its thousands than none, a number is not read, and never as a thousandth."""
    whole, cents = f"{amount:.2f}".split(".")
    parted = re.sub(r"(?<=\d)(?=(\d{3})+$)", part, whole)
    text = f"{sign}{parted}{decimal}{cents}"
    [read] = numbers(engine, [text], decimal, None, "value")
    expected = float(f"{sign}{whole}.{cents}")
    if not part or parted == whole:
        assert read == expected
    else:
        assert read is None
    other = {".": ",", ",": "."}[decimal]
    assert numbers(engine, [f"{sign}{whole}{other}{cents}"], decimal, None, "value") == [None]


@pytest.mark.parametrize(
    ("decimal", "cells", "read"),
    [
        (
            ",",
            ["1.234", "1.234,5", "1234,5", "1234", "1e3", ",5", "5,", "1,2,3"],
            [None, None, 1234.5, 1234, 1e3, 0.5, 5, None],
        ),
        (
            ".",
            ["1,234", "1,234.5", "1234.5", "0x10", "inf", "nan", "1_000", "12 345"],
            [None, None, 1234.5] + [None] * 5,
        ),
    ],
)
def test_numbers_and_what_is_none(engine: DuckDB, decimal: str, cells: list[str], read: list[float | None]) -> None:
    assert numbers(engine, cells, decimal, None, "value") == read


@pytest.mark.parametrize("decimal", [".", ","])
def test_a_whole_number_with_three_decimals_may_be_thousands(engine: DuckDB, decimal: str) -> None:
    cells = [text.replace(".", decimal) for text in ("45.123", "1.000", "2010.000", "45.5", "0.500", "245")]
    assert numbers(engine, cells, decimal, None, "income") == [None, None, 2010, 46, 1, 245]
    assert numbers(engine, cells[:2], decimal, 1000, "income") == [45123, 1000]


def days(engine: DuckDB, cells: list[str], written: str | None, day: int | None = None) -> list[date | None]:
    raw = engine.load("raw", pa.table({"i": [str(i) for i in range(len(cells))], "cell": cells}))
    columns = {"person_id": ColumnMap(column="i"), "date": ColumnMap(column="cell", date=written, day=day)}
    table = engine.collect(convert(engine, "death", [Mapped(raw, columns)]))
    read = dict(zip(table["person_id"].to_pylist(), table["date"].to_pylist(), strict=True))
    return [read[str(i)] for i in range(len(cells))]


MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
FORMS = {
    "%d/%m/%Y": "{d}/{m}/{y}",
    "%m/%d/%Y": "{m}/{d}/{y}",
    "%d.%m.%Y": "{d}.{m}.{y}",
    "%Y-%m-%d": "{y}-{m}-{d}",
    "%Y/%d/%m": "{y}/{d}/{m}",
    "%d%b%Y": "{d}{b}{y}",
    "%d-%b-%Y": "{d}-{b}-{y}",
    "%b %d, %Y": "{b} {d}, {y}",
    "%Y%m%d": "{y}{m}{d}",
}


@settings(max_examples=examples(60), deadline=None)
@given(data=st.data(), when=st.dates(date(1850, 1, 1), date(2199, 12, 31)), written=st.sampled_from(list(FORMS)))
def test_a_day_with_or_without_its_noughts(engine: DuckDB, data: st.DataObject, when: date, written: str) -> None:
    padded = written == "%Y%m%d"  # there a day without its nought is no day
    d, m = (f"{n:02d}" if padded or data.draw(st.booleans()) else str(n) for n in (when.day, when.month))
    b = data.draw(st.sampled_from([str.upper, str.title, str.lower]))(MONTHS[when.month - 1])
    text = FORMS[written].format(d=d, m=m, y=when.year, b=b)
    assert days(engine, [text], written) == [when]
    if "%b" not in written and not padded:
        wrong = FORMS[written].format(d=d, m=when.month + 12, y=when.year)
        cut = FORMS[written].format(d=d, m=m, y=when.year % 100)
        assert days(engine, [wrong, cut], written) == [None, None]


def test_days_that_do_not_stand_alone_are_not_guessed(engine: DuckDB) -> None:
    assert days(engine, ["1950131", "195011", "1950-1-1", "1950 1 1"], "%Y%m%d") == [None] * 4
    assert days(engine, ["29FEB1951", "01MAJ1950", "1MARCH1950", "01032"], "%d%b%Y") == [None] * 4
    assert days(engine, ["1950366", "1952366", "1950000"], "%Y%j") == [None, date(1952, 12, 31), None]
    assert days(engine, ["1/1950", "12/1950"], "%m/%Y", 15) == [date(1950, 1, 15), date(1950, 12, 15)]
    assert days(engine, ["0/3/1950", "00/3/1950", "1/0/1950"], "%d/%m/%Y", 15) == [date(1950, 3, 15)] * 2 + [None]
    assert days(engine, ["3/00/1950", "3/0/1950"], "%m/%d/%Y", 15) == [date(1950, 3, 15)] * 2
    assert days(engine, ["MAR1950"], "%b%Y", 15) == [date(1950, 3, 15)]


def test_a_month_in_letters_needs_its_day_and_year(tmp_path: Path) -> None:
    for written in ("%d%b%y", "%b%Y", "%d%B%Y"):
        with pytest.raises(SpecError, match=r"is no way to write a date|has no day of the month|two digits|in full"):
            deliver(tmp_path / "in", PERSON_MAP.replace('"fodd"', f'{{ column = "fodd", date = "{written}" }}'))


@pytest.mark.parametrize("text", ["NULL", "NA", "."])
def test_unreadable_cells_that_mean_nothing_are_named_with_the_remedy(tmp_path: Path, text: str) -> None:
    person = "id;kon;fodd;ut\n" + "".join(f"p{i};1;1950-01-01;{text}\n" for i in range(9))
    residence = '[[tables]]\nname = "residence"\nfile = "person"\nlast_day = "included"\n[tables.columns]\n'
    residence += 'person_id = "id"\nstart = "fodd"\nstop = "ut"\n'
    sources = deliver(tmp_path / "in", PERSON_MAP + residence, person=person)
    with pytest.raises(QualityError) as error:
        imported(sources, tmp_path / "store")
    assert f"state missing = ['{text}'] for stop" in str(error.value)
    told = remarks_on(imported(sources.model_copy(update={"tolerance": 1.0}), tmp_path / "store"))
    assert f"residence: stop reads {text}: 9 of 9 rows quarantined" in told[0]
    declared = residence.replace('"ut"', f'{{ column = "ut", missing = ["{text}"] }}')
    assert (
        len(rows(imported(deliver(tmp_path / "in", PERSON_MAP + declared, person=person), tmp_path / "b"), "residence"))
        == 9
    )


def test_spellings_that_are_read_alike_have_one_meaning() -> None:
    nfd = unicodedata.normalize("NFD", "Å")
    with pytest.raises(SpecError, match="read alike"):
        ColumnMap(column="ort", values={"Å": "x", f" {nfd}": "y"})
    assert ColumnMap(column="ort", values={"Å": "x", f" {nfd}": "x"}).values


@given(text=st.text(max_size=12), signs=st.lists(st.tuples(st.sampled_from(UNSEEN), st.integers(0, 12)), max_size=4))
def test_a_sign_without_width_makes_no_other_text(text: str, signs: list[tuple[str, int]]) -> None:
    changed = text
    for sign, place in signs:
        changed = changed[:place] + sign + changed[place:]
    assert tidy(changed) == tidy(text) == tidy(tidy(text))
    assert composed(changed) == composed(text)


@pytest.mark.parametrize("cell", [*BLANKS[3:], "\u115f", "\ufe0f", "\U000e0041", "\u3164 \u2800\u200b"])
def test_a_cell_that_looks_empty_is_empty(tmp_path: Path, cell: str) -> None:
    text = f"id;kon;fodd;ort\na;1;1950-01-01;{cell}\nb;2;1950-01-02;{cell}Åbo{cell}\n"
    registers = imported(deliver(tmp_path / "in", PERSON_MAP + COUNTY, person=text), tmp_path / "store")
    assert rows(registers, "person", "birth_county") == ["Åbo", None]


LIKE = {"a": "\u0430", "c": "\u0441", "e": "\u0435", "o": "\u043e", "p": "\u0440", "x": "\u0445", "y": "\u0443",
        "A": "\u0391", "B": "\u0392", "E": "\u0395", "K": "\u039a", "M": "\u041c", "H": "\u041d", "T": "\u0422",
        "i": "\u0456", "-": "\u2013", "'": "\u2019"}  # fmt: skip


@given(st.text("acepxyoABEKMHTi-' ld", min_size=1, max_size=8), st.data())
def test_letters_that_look_alike_are_one_to_a_reader(text: str, data: st.DataObject) -> None:
    other = "".join(LIKE[x] if x in LIKE and data.draw(st.booleans()) else x for x in text)
    assert looks(other) == looks(text)
    assert not mixes_scripts(text)


@given(st.sampled_from(["person_id", "set_id", "ATC", "kopia"]), st.data())
def test_a_letter_of_another_alphabet_is_named_wherever_a_text_is_shown(name: str, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from([i for i, letter in enumerate(name) if letter in LIKE]))
    other = f"{name[:at]}{LIKE[name[at]]}{name[at + 1 :]}"
    code = f"U+{ord(other[at]):04X}"
    assert f"{other!r} ({other[at]} is {code}, " in shown(other)
    assert shown(name) == repr(name)
    assert near(name, ["height", other]) == other
    assert near(other, ["height", name]) == name
    assert code in closest(name, [other])
    assert code in among(name, [other])


@pytest.mark.parametrize("text", ["Åbo", "Straße", "Ålesund – Øst", "Привет", "日本", "Þór", "naïve", "", "a b"])
def test_a_text_that_is_what_it_looks_like_is_shown_as_it_is(text: str) -> None:
    assert shown(text) == repr(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [("<5", ">5"), ("\u22654", "\u22644"), ("1-2", "1.2"), ("A+", "A"), ("Åbo", "Abo"), ("ö", "o"), ("5", "6")],
)
def test_levels_that_differ_to_a_reader_are_told_apart(one: str, other: str) -> None:
    assert looks(one) != looks(other)


@pytest.mark.parametrize(
    ("text", "mixed"),
    [
        ("St\u043eckholm", True),
        ("Stockholm", False),
        ("\u041c\u043e\u0441\u043a\u0432\u0430", False),
        ("\u03b2-blocker", False),
        ("K\u03b1tarina", True),
    ],
)
def test_a_word_of_two_alphabets(text: str, mixed: bool) -> None:
    assert mixes_scripts(text) == mixed


def remarks_about(tmp_path: Path, *levels: str) -> dict[str, int]:
    lines = [f'p{i};{1 + i % 2};1950-01-0{i + 1};"{level}"' for i, level in enumerate(levels)]
    text = "\n".join(["id;kon;fodd;ort", *lines, ""])
    registers = imported(deliver(tmp_path / "in", PERSON_MAP + COUNTY, person=text), tmp_path / "store")
    assert not [line for line in remarks_on(registers) if any(level in line for level in levels)]
    rules = ("levels differ in case alone", "levels look alike", "levels mix scripts")
    return {row["rule"]: row["rows"] for row in registers.quality.to_pylist() if row["rule"] in rules}


@shows("QualityRule=levels look alike", "QualityRule=levels mix scripts", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("levels", "found"),
    [
        (["Stockholm"] * 3 + ["St\u043eckholm"] * 2, {"levels look alike": 2, "levels mix scripts": 2}),
        (["Stockholm"] * 3 + ["STOCKHOLM", "Sto\u00adckholm"], {"levels differ in case alone": 1}),
        (["Stockholm"] * 3 + ["Stock\x02holm"] * 2, {"levels look alike": 2}),
        (["PAHO"] * 2 + ["\u0420\u0410\u041d\u041e"] * 3, {"levels look alike": 2}),
        (["0-9 years", "0\u20139 years", "10-19 years"], {"levels look alike": 1}),
        (["<5", ">5", "Åbo", "Abo"], {}),
    ],
)
def test_levels_that_look_alike_are_told(tmp_path: Path, levels: list[str], found: dict[str, int]) -> None:
    assert remarks_about(tmp_path, *levels) == found


def test_what_a_study_names_is_found_however_it_is_spelled() -> None:
    nfd = unicodedata.normalize("NFD", "Övre  Norrland ")
    asked = {
        "name": "x", "period": {"start": "2015-01-01", "stop": "2016-01-01"}, "controls": [{"kind": "population"}],
        "cases": {"first": {"registry": nfd, "diagnosis": [nfd]}},
        "levels": {"county": [nfd]}, "values": {"county": {nfd: "north"}},
        "prognosis": {"endpoint": ["death"], "marker": nfd, "registry": nfd},
    }  # fmt: skip
    study = parse(Study, asked)
    event, course = study.cases.first, study.prognosis
    assert course is not None
    named = {event.registry, *event.diagnosis, *study.levels["county"], *study.values["county"]}
    assert named | {course.marker, course.registry} == {"Övre Norrland"}


@pytest.mark.parametrize(("key", "code"), [("icd10", "\u041512"), ("icd10", "G\u06612"), ("atc", "N05\u0412")])
def test_codes_with_letters_of_another_alphabet(key: str, code: str) -> None:
    asked = {"name": "x", "period": {"start": "2015-01-01", "stop": "2016-01-01"}, "controls": [{"kind": "population"}]}
    with pytest.raises(SpecError, match="one of its letters is of another alphabet"):
        parse(Study, asked | {"cases": {"first": {key: [code]}}})
