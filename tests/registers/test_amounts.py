"""What a delivered number says is read before it is rounded: the sign of an amount, and the fraction of a year."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.errors import QualityError, SourceError, SpecError
from riskset.registers.checks.reversals import left_after_reversals
from riskset.registers.checks.written import UNIT, as_written
from riskset.registers.delivered.signs import perhaps_amounts
from riskset.registers.engine import Engine
from riskset.registers.registers import Registers
from riskset.results.quality_vocabulary import QualityRule
from tests.examples import examples
from tests.registers.delivery import DEATH_MAP, PERSON_MAP, arrow, broken, deliver, imported, people, rows
from tests.shown import Evidence, shows

ENGINE = Engine()
FIRST = date(2010, 1, 1)
BOUGHT = DEATH_MAP.replace("death", "dispensing").replace('"dag"', '"dag"\natc = "atc"')


def delivered(folder: Path, mapped: str, *amounts: object, apart: bool = False) -> Registers:
    """Dispensings of one person, an amount a day (a text, or several and a semicolon); `apart`: of a code each."""
    lines = [
        f"a;{FIRST + timedelta(day)};N06AB{day % 90 + 10 if apart else 10};{amount}"
        for day, amount in enumerate(amounts)
    ]
    text = "\n".join(["id;dag;atc;antal;ddd", *(line + ";" * (4 - line.count(";")) for line in lines)]) + "\n"
    sources = deliver(folder, "tolerance = 1.0\n" + PERSON_MAP + BOUGHT + mapped, dispensing=text)
    return imported(sources, folder / "store", ENGINE)


MAPPED = [
    'packages = "antal"\n',
    'ddd = { column = "antal", scale = 1000 }\n',
    'ddd = "antal"\n',
    'packages = { column = "antal", scale = 0.1 }\n',
]
SIZES = [
    "0.5",
    "0.4",
    "0.14",
    "0.0001",
    "0.000004",
    "1.5",
    "2.5",
    "12.5",
    "16.6665",
    "1e-9",
    "0.49999999999999994",
    "7",
]


@pytest.mark.parametrize("mapped", MAPPED)
def test_a_reversal_takes_back_its_purchase_however_small_the_amount(tmp_path: Path, mapped: str) -> None:
    for i, sizes in enumerate((SIZES, [size for size in SIZES for _ in "ab"])):
        signed = [*sizes, *["0"] * (90 - len(sizes)), *(f"-{size}" for size in sizes)]
        registers = delivered(tmp_path / str(i), mapped, *signed, apart=True)
        counts = broken(registers, "dispensing")
        assert (counts["reversal"], counts["reversed"], len(counts)) == (len(sizes), len(sizes), 3)
        assert len(rows(registers, "dispensing")) == 90 - len(sizes)


@pytest.mark.parametrize("mapped", MAPPED)
def test_a_small_reversal_without_a_purchase_is_no_dispensing(tmp_path: Path, mapped: str) -> None:
    written = ["-0.4", "0.4-", "(0.4)", "\u22120.4", "-.4", "-4e-1", "- 0.4"]
    registers = delivered(tmp_path, mapped, *written, apart=True)
    assert broken(registers, "dispensing") == {"reversal without a purchase": len(written)}
    assert rows(registers, "dispensing") == []


@settings(max_examples=examples(15), deadline=None)
@given(st.lists(st.floats(1e-6, 1e6) | st.sampled_from([0.5, 0.14, 2.5, 0.0004]), min_size=1, max_size=6), st.randoms())
@pytest.mark.parametrize("column", ["packages", "ddd"])
def test_what_is_bought_and_taken_back_leaves_nothing(column: str, sizes: list[float], random: object) -> None:
    """Whatever the amounts: half of a package, or a hundredth of a thousandth of a DDD."""
    signed = [*sizes, *(-size for size in sizes)]
    table = arrow(person_id=["a"] * len(signed), date=["2010-01-01"] * len(signed), atc=["N06AB04"] * len(signed))
    table = table.append_column(column, pa.array(signed, pa.float64()))
    registers = Registers.from_tables(people(dispensing=table), tolerance=1.0, engine=ENGINE, remarks=False)
    assert rows(registers, "dispensing") == []
    assert broken(registers, "dispensing") == {"reversal": len(sizes), "reversed": len(sizes)}


def test_parts_of_packages_are_added_as_they_are(tmp_path: Path) -> None:
    registers = delivered(tmp_path / "a", MAPPED[0], "0.5", "0.5", "-1")
    assert rows(registers, "dispensing") == []
    registers = delivered(tmp_path / "b", MAPPED[0] + 'ddd = "ddd"\n', "1.5;42000", "-0.5;-14000")
    assert rows(registers, "dispensing", "packages", "ddd") == [(1.0, 28_000)]
    assert broken(registers, "dispensing") == {"reversal": 1, "partly reversed": 1}


def test_more_packages_than_there_are_are_added_too(tmp_path: Path) -> None:
    registers = delivered(tmp_path, MAPPED[0] + 'ddd = "ddd"\n', "1e300;4e18", "-1;-1", "1;28000", "1;28000")
    assert broken(registers, "dispensing")["partly reversed"] == 1


@shows("QualityRule=amount of 0", by=Evidence.OUTSIDE)
@pytest.mark.parametrize("mapped", MAPPED[:2])
def test_an_amount_of_zero_takes_nothing_back_and_is_told(tmp_path: Path, mapped: str) -> None:
    zeros = ["0", "-0", "0.0", "(0)", "-0.0"]
    registers = delivered(tmp_path, mapped, "1", *zeros)
    assert len(rows(registers, "dispensing")) == 6
    assert [(one.rule, one.rows) for one in registers.remarks] == [(QualityRule.AMOUNT_OF_ZERO, len(zeros))]


def test_an_amount_beside_a_zero_is_an_amount(tmp_path: Path) -> None:
    registers = delivered(tmp_path, MAPPED[0] + 'ddd = "ddd"\n', "0;28000", "1;0", ";28000", ";")
    assert len(rows(registers, "dispensing")) == 4
    assert registers.remarks == ()


def test_amounts_that_would_be_rounded_to_nothing_are_in_another_unit(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="more than half of the amounts are below 1 DDD"):
        delivered(tmp_path, 'ddd = "antal"\n', "0.25", "0.3", "0.4")


@pytest.mark.parametrize("mapped", [MAPPED[1], 'ddd = { column = "antal", scale = 1 }\n'])
def test_where_a_scale_is_stated_small_amounts_are_taken_as_they_are(tmp_path: Path, mapped: str) -> None:
    assert len(rows(delivered(tmp_path, mapped, "0.5", "0.5", "0.25"), "dispensing")) == 3


def test_a_scale_is_judged_before_anything_is_taken_back(tmp_path: Path) -> None:
    registers = delivered(tmp_path, 'ddd = "antal"\n', "28000", "28000", "-55500")
    assert rows(registers, "dispensing", "ddd") == [500]


def test_a_stated_scale_that_makes_amounts_too_large_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"above 10,000 DDD; state scale = 1000 .* \(stated: 1000\)"):
        delivered(tmp_path, MAPPED[1], "28000", "28000")


# Amounts in parts


SIXTHS = ["0.166667"] * 6
WHOLLY = [
    (0, [*SIXTHS, "-1"]),
    (0, ["0.1667"] * 6 + ["-1.0002"]),
    (0, ["0.3336"] * 3 + ["-1.0008"]),
    (0, ["0.142857"] * 7 + ["-1"]),
    (0, ["0.14"] * 7 + ["-1"]),
    (0, ["0.0357142857"] * 7 + ["-0.25"]),
    (0, ["0.333333"] * 3 + ["-1"]),
    (0, ["0.33333333333"] * 3 + ["-1"]),
    (0, [".333333", ".333333", ".333334", "-1"]),
    (0, ["0.0004", "0.0004", "-0.0008"]),
    (0, ["0.1", "10.5", "-10.6"]),
    (0, ["0.142857"] * 7 + ["-0.5", "-0.25", "-0.25"]),
    (1, ["16.6667"] * 6 + ["-100"]),
    (1, ["14.2857"] * 7 + ["-100"]),
    (1, ["33.3333"] * 3 + ["-100"]),
    (1, ["33.333"] * 3 + ["-100"]),
    (1, ["0.0000004"] * 2 + ["-0.0000008"]),
]
"""Where all that is bought is taken back: how it is mapped, and the amounts."""


@pytest.mark.parametrize(("how", "amounts"), WHOLLY, ids=lambda x: x[0] if isinstance(x, list) else "")
def test_parts_that_are_taken_back_leave_nothing(how: int, amounts: list[str]) -> None:
    for beside in (None, 4_667) if how == 0 else (None,):
        registers = of_floats(how, amounts, beside)
        back = sum(amount.startswith("-") for amount in amounts)
        assert rows(registers, "dispensing") == []
        assert broken(registers, "dispensing") == {"reversal": back, "reversed": len(amounts) - back}


def of_floats(how: int, amounts: list[str], beside: int | None = None) -> Registers:
    """The same as a frame, `how` 1: of DDD that a scale makes thousandths; `beside`: the DDD of packages."""
    days = [str(FIRST + timedelta(day)) for day in range(len(amounts))]
    table = arrow(person_id=["a"] * len(days), date=days, atc=["N06AB04"] * len(days), amount=amounts)
    columns: dict[str, object] = {name: name for name in ("person_id", "date", "atc")}
    columns |= {"ddd": {"column": "amount", "scale": 1000}} if how else {"packages": "amount"}
    if beside:
        signed = [-beside if amount.startswith("-") else beside for amount in amounts]
        table = table.append_column("ddd", pa.array(signed, pa.int64()))
        columns["ddd"] = "ddd"
    mapping = {"dispensing": {"columns": columns}}
    given = people(dispensing=table)
    return Registers.from_tables(given, mapping=mapping, tolerance=1.0, engine=ENGINE, remarks=False)


@pytest.mark.parametrize(
    ("amounts", "stays"),
    [
        (["1", "-0.9"], [0.1]),
        (["0.5"] * 20 + ["-9.5"], [0.5]),
        (["0.142857"] * 7 + ["-0.857142"], [0.142857]),
        (["0.6", "-0.5"], [0.1]),
        (["2", *SIXTHS[:3], *SIXTHS[:3], "-1"], [2.0]),
        (["2", "0.333333", "0.333333", "0.333333", "-1"], [2.0]),
        (["0.333333", "1", "-0.3333"], [1.0]),
        (["3", "-1", "-1"], [1.0]),
    ],
)
def test_a_part_that_is_taken_back_leaves_the_rest(amounts: list[str], stays: list[float]) -> None:
    registers = of_floats(0, amounts)
    assert rows(registers, "dispensing", "packages") == stays
    assert "reversal without a purchase" not in broken(registers, "dispensing")


@st.composite
def bought(draw: st.DrawFn) -> tuple[list[Decimal], int]:
    """Amounts from a tenth on, with two to nine decimals."""
    places = draw(st.integers(2, 9))
    sizes = st.integers(10 ** (places - 1), 30 * 10**places)
    return [Decimal(n).scaleb(-places) for n in draw(st.lists(sizes, min_size=1, max_size=12))], places


def netted(signed: list[Decimal]) -> tuple[list[Decimal], bool]:
    """What is left of purchases of a day each, in the order given, and whether a reversal found less."""
    amounts, rounding = as_written([float(one) for one in signed])
    day = np.datetime64(FIRST) + np.arange(len(signed))
    nothing = np.zeros(len(signed), np.int64)
    left, short = left_after_reversals(nothing, day, amounts, nothing, rounding)
    return [Decimal(one) / UNIT for one in left], bool(short.any())


@given(bought(), st.data())
def test_the_sum_as_written_or_rounded_takes_all_back(of: tuple[list[Decimal], int], data: st.DataObject) -> None:
    sizes, places = of
    kept = data.draw(st.integers(2, places))
    total = sum(sizes, Decimal(0))
    for back in (total, round(total, kept)):
        left, short = netted([*sizes, -back])
        assert not any(left)
        assert not short


@given(bought(), st.data())
def test_a_part_of_the_sum_leaves_the_rest(of: tuple[list[Decimal], int], data: st.DataObject) -> None:
    """But for what rounding explains, half of a unit in the last place of each row and of the reversal."""
    sizes, places = of
    total, unit = sum(sizes, Decimal(0)), Decimal(1).scaleb(-places)
    back = data.draw(st.integers(1, int(total / unit))) * unit
    explained = Decimal(sum(as_written([float(one) for one in (*sizes, -back)])[1])) / UNIT
    left, short = netted([*sizes, -back])
    assert not short
    assert abs(sum(left) - (total - back)) <= explained
    assert bool(any(left)) or total - back <= explained


def test_a_price_with_a_dash_for_no_parts_is_no_reversal(tmp_path: Path) -> None:
    registers = delivered(tmp_path, MAPPED[0], "1,-", "1.-")
    assert broken(registers, "dispensing") == {"packages unreadable": 2}


def test_a_year_has_no_parts(tmp_path: Path) -> None:
    described = DEATH_MAP.replace("death", "socioeconomic").replace('date = "dag"', 'year = "ar"\nincome = "inkomst"')
    text = "id;ar;inkomst\na;2004.5;1.5\na;2005.0;-1.5\na;1849.6;3\n"
    sources = deliver(tmp_path / "in", "tolerance = 1.0\n" + PERSON_MAP + described, socioeconomic=text)
    registers = imported(sources, tmp_path / "store")
    assert rows(registers, "socioeconomic", "year", "income") == [(2005, -2)]
    assert broken(registers, "socioeconomic") == {"year unreadable": 2}
    with pytest.raises(QualityError, match="year unreadable: 2"):
        imported(deliver(tmp_path / "in", PERSON_MAP + described, socioeconomic=text), tmp_path / "other")


def test_a_scale_of_zero_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="scale = 0 makes every number 0"):
        delivered(tmp_path, 'ddd = { column = "antal", scale = 0.0 }\n', "1")


def test_a_number_that_its_scale_makes_too_large_is_unreadable(tmp_path: Path) -> None:
    registers = delivered(tmp_path, 'packages = { column = "antal", scale = 1000 }\n', "1e307", "1e5")
    assert broken(registers, "dispensing") == {"packages unreadable": 1}
    assert rows(registers, "dispensing", "packages") == [100_000_000.0, None]


# Signs that nobody reads


SIGNED = """\
id;dag;atc;antal;ddd
a;2010-01-01;N06AB04;1;{plus}
a;2010-01-05;N06AB04;1;{minus}
b;2010-02-01;N06AB05;2;{other}
"""


def signed(
    folder: Path, mapped: str, plus: str = "1", minus: str = "-1", other: str = "2", more: str = ""
) -> Registers:
    described = (PERSON_MAP + BOUGHT + mapped).replace('"dispensing"\n[tables', f'"dispensing"\n{more}[tables')
    text = SIGNED.format(plus=plus, minus=minus, other=other)
    return imported(deliver(folder, described, dispensing=text), folder / "store", ENGINE)


@pytest.mark.parametrize(
    ("plus", "minus", "other"),
    [
        ("1", "-1", "2"),
        ("100,50", "-100,50", "NA"),
        ("1 234,50 kr", "-1 234,50 kr", ""),
        ("1.234,50", "1.234,50-", "."),
        ("28", "(28)", "56"),
        ("0", "\u22121", "0"),
        ("+1", "- 1", "NULL"),
        (".5", "-.5", "n/a"),
        ("1e3", "-1e3", "7"),
        ("28 st", "\u201328 st", "3"),
        ("kr 9", "kr -9", "kr. 8"),
        ("100,-", "-100,-", "95:-"),
        ("", "-1", ""),
        (" 1", "\t-1 ", "2"),
    ],
)
def test_a_sign_that_is_not_mapped_is_looked_for_beside_packages_too(
    tmp_path: Path, plus: str, minus: str, other: str
) -> None:
    with pytest.raises(SourceError, match=r"'ddd' is not mapped and holds negative numbers \(rows: 1\)"):
        signed(tmp_path, MAPPED[0], plus, minus, other)
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("more", ['skip_if_missing = ["ddd"]\n', "tolerance = 1.0\n"])
def test_no_other_key_hides_a_sign(tmp_path: Path, more: str) -> None:
    with pytest.raises(SourceError, match="'ddd' is not mapped and holds negative"):
        signed(tmp_path, MAPPED[0], more=more)


def test_a_sign_is_in_frames_too(tmp_path: Path) -> None:
    table = arrow(
        id=["a", "a", "b"], date=["2010-01-01"] * 3, atc=["N06AB04"] * 3, antal=[1, 1, 2], belopp=[9.5, -9.5, 1]
    )
    columns = {"person_id": "id", "date": "date", "atc": "atc", "packages": "antal"}
    with pytest.raises(SourceError, match="table dispensing: 'belopp' is not mapped"):
        Registers.from_tables(people(dispensing=table), mapping={"dispensing": {"columns": columns}}, engine=ENGINE)


def test_stated_or_read_in_the_same_rows_it_hides_nothing(tmp_path: Path) -> None:
    registers = signed(tmp_path / "stated", MAPPED[0], more='reversals = "none"\n')
    assert broken(registers, "dispensing") == {}
    registers = signed(tmp_path / "mapped", MAPPED[0] + 'ddd = { column = "ddd", scale = 1000 }\n')
    assert broken(registers, "dispensing") == {"reversal": 1, "reversed": 1}
    text = SIGNED.format(plus="9", minus="-9", other="8").replace("N06AB04;1;-9", "N06AB04;-1;-9")
    sources = deliver(tmp_path / "read", PERSON_MAP + BOUGHT + MAPPED[0], dispensing=text)
    assert broken(imported(sources, tmp_path / "s", ENGINE), "dispensing") == {"reversal": 1, "reversed": 1}


def test_two_amounts_of_one_file_read_by_two_mappings_hide_nothing_of_each_other(tmp_path: Path) -> None:
    again = BOUGHT[BOUGHT.index("[[tables]]") :].replace('"atc"', '"atc2"')
    described = PERSON_MAP + BOUGHT + MAPPED[0] + again + 'packages = "antal2"\n'
    text = "id;dag;atc;antal;atc2;antal2\n" + "a;2010-01-01;N06AB04;1;N05BA01;1\na;2010-02-01;N06AB04;1;N05BA01;-1\n"
    registers = imported(deliver(tmp_path / "in", described, dispensing=text), tmp_path / "store", ENGINE)
    assert broken(registers, "dispensing") == {"reversal": 1, "reversed": 1}


@shows("QualityRule=negative number that is not mapped", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("plus", "minus", "other"),
    [("-1", "-2", "-3"), ("x", "-1", "y"), ("2010-01-01", "A-1", "-"), ("100,-", "95:-", "2")],
)
def test_what_is_no_amount_is_counted_and_kept(tmp_path: Path, plus: str, minus: str, other: str) -> None:
    registers = signed(tmp_path, MAPPED[0], plus, minus, other)
    negative = sum(cell.startswith("-") and len(cell) > 1 for cell in (plus, minus, other))
    assert broken(registers, "dispensing") == ({"negative number that is not mapped": negative} if negative else {})


def test_the_rows_are_read_once_where_no_sign_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskset.registers.checks.amounts._refuse_signs", lambda *_: pytest.fail("a second read"))
    signed(tmp_path, MAPPED[0], minus="1")


def test_a_column_of_words_is_not_looked_through_and_one_of_numbers_or_of_few_cells_is() -> None:
    engine, n = Engine(), 300
    words = ["box"] * (n - 1) + ["-1"]
    numbers, few = ["1"] * (n - 1) + ["-1"], ["tub", *[None] * (n - 2), "-1"]
    raw = engine.load("delivered_words", arrow(words=words, numbers=numbers, few=few))
    assert perhaps_amounts(engine, raw, ["words", "numbers", "few"]) == ("numbers", "few")
    assert perhaps_amounts(engine, raw, []) == ()
