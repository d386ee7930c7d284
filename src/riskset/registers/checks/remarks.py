"""What is said of a table that keeps to its rules and may be wrong all the same: each thing is counted and told.

Nothing is changed here, and no row set aside. A remark is a code with counts, years, names of columns, and texts of
lists of ours; a day only where many persons share it. `report` words it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median_low
from typing import Any

import ibis
import ibis.expr.types as ir

from riskset.errors import QualityError
from riskset.registers.checks.days_shared import told_of_births, told_of_late_days
from riskset.registers.checks.near_names import told_of_names
from riskset.registers.checks.relations import told_of_couples, told_of_parents
from riskset.registers.delivered.conversion import AMOUNTS
from riskset.registers.delivered.texts import reads_missing
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.schema import TABLES, TEXT
from riskset.results.quality_vocabulary import CodeFault, QualityAction, QualityRule
from riskset.results.rows import QualityRow
from riskset.spec.codes import ATC, ICD10
from riskset.spec.tidying import looks, mixes_scripts

_BULK = 0.05
_SOME = 3
"""The share of malformed codes, and their number, from which they have one cause."""
_REPEATED = 0.4
"""The share of a year's rows that repeat another, from which the year was delivered twice."""
_YEARLY = 0.65
"""The share of years with rows, from which a table is one of all years."""
_MANY = 10
"""So few persons on one day are none too many."""
_HALF = 0.5
"""The share of rows that may be there again whatever the tolerance: two packages of a medicine may be two rows."""
_LEVELS = 1000
_SAMPLED = 2_000_000
_LEVELLED = ("birth_county", "country_of_birth", "county", "education", "civil_status", "registry", "name", "text")
_CODES = {"diagnosis": ("code", ICD10), "death": ("cause", ICD10), "dispensing": ("atc", ATC)}
_OTHER_ALPHABET = (r"[^\x{00}-\x{7F}]", CodeFault.OTHER_ALPHABET)
_ICD_FAULTS = (
    _OTHER_ALPHABET,
    ("^[0-9]{3}", CodeFault.OLDER_SYSTEM),
    ("^D[A-Z][0-9]", CodeFault.SKS_LETTER),
    ("^([A-Z](O[0-9]|[0-9]O|OO|[IL][0-9]|[0-9][IL])|0[0-9]{2})", CodeFault.O_I_L_FOR_DIGITS),
    (",", CodeFault.COMMA_FOR_DOT),
    ("[ ;/|]", CodeFault.SEVERAL_OR_BLANKS),
    ("[^A-Z0-9]$", CodeFault.MARK_AFTER),
    ("^[A-Z][0-9]{2}.{5,}", CodeFault.MORE_AFTER),
)
_ATC_FAULTS = (
    _OTHER_ALPHABET,
    ("^[0-9]+$", CodeFault.ARTICLE_NUMBERS),
    ("[ ]", CodeFault.BLANKS),
    ("[.]", CodeFault.DOT),
    ("^Q[A-Z]", CodeFault.ATCVET),
    ("^[A-Z](O[0-9]|[0-9]O|OO)|^[A-Z][0-9]{2}[A-Z]{2}[0-9OIL]{2}$", CodeFault.LETTERS_FOR_DIGITS),
    ("^[A-Z][0-9]{2}[A-Z]{2}[0-9]$|^[A-Z][0-9]$", CodeFault.CUT_OFF),
    ("^[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}.", CodeFault.MORE_AFTER),
)


@dataclass(frozen=True)
class Declared:
    """What sources.toml says of a table, as far as it matters here.

    Attributes
    ----------
    listed : columns whose values are listed
    days : column → the day of the month that stands for an unknown one
    first, last : the days that the register covers, where stated
    delivered : the day of the delivery
    tolerance : the share of rows that may be wrong
    where : what messages call the table
    in_memory : whether the rows came in a frame, for which no sources.toml says anything
    beside : of a table that is stacked, the columns in which copies of a row may differ
    """

    listed: frozenset[str] = frozenset()
    days: Mapping[str, int] | None = None
    first: date | None = None
    last: date | None = None
    delivered: date | None = None
    tolerance: float = 0.0
    where: str = ""
    in_memory: bool = False
    beside: frozenset[str] = frozenset()


def remarks_of(
    engine: DuckDB, name: str, kept: ir.Table, of: int, declared: Declared, persons: ir.Table
) -> list[QualityRow]:
    """What is to be told of a canonical table's kept rows, of so many that were delivered, and of the kept ``persons``.

    Raises
    ------
    QualityError
        As `told_of_couples`; or more than tolerated, and more than half, of the rows are there again.
    """
    if not engine.collect(kept.limit(1)).num_rows:
        return []
    often = _often(engine, name, kept, of, declared.beside)
    _refuse_doubled(name, often, of, declared)
    remarks = [
        *_spelled_missing(engine, name, kept, declared.listed, of),
        *_alike(engine, name, kept, of),
        *told_of_names(engine, name, kept, of),
        *_codes_in_bulk(engine, name, kept),
        *_falls(engine, name, kept, declared),
        *_repeats(name, often, of),
        *_amounts_of_zero(engine, name, kept, of),
    ]
    if name == "couple":
        tolerated, where = declared.tolerance, declared.where
        remarks += told_of_couples(engine, kept, of, persons, tolerated, where, in_memory=declared.in_memory)
    if name == "death":
        remarks += told_of_parents(engine, kept, of, persons)
    if name in ("person", "death"):
        column = "birth_date" if name == "person" else "date"
        remarks += told_of_births(engine, name, kept, column, (declared.days or {}).get(column), of)
    return [*remarks, *told_of_late_days(engine, name, kept, of)]


def _spelled_missing(
    engine: DuckDB, name: str, kept: ir.Table, listed: Collection[str], of: int
) -> Iterator[QualityRow]:
    columns = [c.name for c in TABLES[name].columns if c.type == TEXT and not c.values and c.name not in listed]
    for column in columns:
        levels = _counted(kept, column)
        spellings = engine.collect(levels.filter(reads_missing(levels[column]))).to_pylist()
        if spellings:
            texts, rows = sorted(level[column] for level in spellings), sum(level["n"] for level in spellings)
            yield QualityRow.counted(
                name, QualityRule.READS_MISSING, rows, of, QualityAction.KEPT, subject=column, texts=tuple(texts)
            )


def _counted(rows: ir.Table, column: str) -> ir.Table:
    """The values of a column that are there, and how many rows have each (n)."""
    there = rows.filter(rows[column].notnull())
    return there.group_by(column).agg(n=there.count())


def _rows_where(counted: ir.Table, holds: Any) -> Any:
    return ibis.ifelse(holds, counted["n"], 0).sum().fill_null(0)


def undeclared(remark: QualityRow) -> str:
    """The remedy, for an error, where cells of a file read as programs write that there is no value."""
    quoted = ", ".join(f"'{text}'" for text in remark.arguments.several("texts"))
    return f"where that means that there is no value, state missing = [{quoted}] for {remark.subject}"


def _alike(engine: DuckDB, name: str, kept: ir.Table, of: int) -> Iterator[QualityRow]:
    """Levels that a reader takes for one: they differ in capitals, in letters that look alike, or in punctuation."""
    for column in (c.name for c in TABLES[name].columns if c.name in _LEVELLED):
        levels = engine.collect(_counted(kept, column).limit(_LEVELS + 1)).to_pylist()
        if len(levels) > _LEVELS:  # no levels, but texts
            continue
        in_case = Counter[str]()
        for level in levels:
            in_case[level[column].casefold()] += level["n"]
        rows = {
            QualityRule.DIFFERS_IN_CASE: _besides_the_usual([(x[column].casefold(), x["n"]) for x in levels]),
            QualityRule.LOOKS_ALIKE: _besides_the_usual([(looks(text), n) for text, n in in_case.items()]),
            QualityRule.MIXES_SCRIPTS: sum(level["n"] for level in levels if mixes_scripts(level[column])),
        }
        for rule, n in rows.items():
            if n:
                yield QualityRow.counted(name, rule, n, of, QualityAction.KEPT, subject=column)


def _besides_the_usual(levels: Iterable[tuple[str, int]]) -> int:
    """Of levels that are one to a reader, the rows that do not have the most frequent of each."""
    alike: dict[str, list[int]] = {}
    for text, n in levels:
        alike.setdefault(text, []).append(n)
    return sum(sum(counts) - max(counts) for counts in alike.values())


def _codes_in_bulk(engine: DuckDB, name: str, kept: ir.Table) -> Iterator[QualityRow]:
    if name not in _CODES:
        return
    column, pattern = _CODES[name]
    faults = _ATC_FAULTS if pattern is ATC else _ICD_FAULTS
    coded = kept.filter(kept["system"] == "icd10") if name == "diagnosis" else kept
    codes = _counted(coded, column)  # few, of millions of rows
    code = codes[column]
    wrong = ~code.re_search(f"^({pattern.pattern})$")
    kinds = {f"fault_{i}": wrong & code.re_search(form) for i, (form, _) in enumerate(faults)}
    kinds |= {"all": code.notnull(), "wrong": wrong, "short": ~wrong & (code.length() < 7)}
    [n] = engine.collect(codes.agg(**{kind: _rows_where(codes, holds) for kind, holds in kinds.items()})).to_pylist()
    if n["wrong"] >= _SOME and n["wrong"] > _BULK * n["all"]:
        rows, fault = max(((n[f"fault_{i}"], one) for i, (_, one) in enumerate(faults)), key=lambda each: each[0])
        likely = 2 * rows > n["wrong"]
        yield QualityRow.counted(
            name,
            QualityRule.NO_CODE,
            rows if likely else n["wrong"],
            n["all"],
            QualityAction.KEPT,
            subject=column,
            system="ATC" if pattern is ATC else "ICD-10",
            **({"fault": str(fault)} if likely else {}),
        )
    if pattern is ATC and n["short"] >= _SOME and 2 * n["short"] > n["all"]:
        yield QualityRow.counted(name, QualityRule.SHORT_CODE, n["short"], n["all"], QualityAction.KEPT, subject=column)


def _falls(engine: DuckDB, name: str, kept: ir.Table, declared: Declared) -> Iterator[QualityRow]:
    column = next((c for c in ("date", "start", "year", "birth_date") if c in kept.columns), None)
    if column is None:
        return
    year = kept[column] if column == "year" else kept[column].year()
    by = {"source": kept["source"]} if name == "diagnosis" else {"source": ibis.literal("")}
    counted = engine.collect(kept.group_by(year=year.cast("int64"), **by).agg(n=kept.count())).to_pylist()
    for source in sorted({row["source"] for row in counted}):
        years = {row["year"]: row["n"] for row in counted if row["source"] == source and row["year"] is not None}
        for fallen, n, usual in falls(years, declared.first, declared.last, declared.delivered):
            of_source = {"source": source} if source else {}
            yield QualityRow.counted(
                name, QualityRule.FEWER_ROWS, usual - n, usual, QualityAction.LACKING, year=fallen, **of_source
            )


def falls(
    counts: Mapping[int, int], first: date | None = None, last: date | None = None, delivered: date | None = None
) -> list[tuple[int, int, int]]:
    """The years whose rows fall: below half of what is usual about them, and by more than four of its square roots.

    Usual is the lower of two medians, of the three years before and of the three after: where a register has had more
    rows since a year, or fewer, no year has fallen. Of the first and the last year it is that of the three next to it.
    Years that the register covers in part are not looked at, and are nobody's neighbours; nor are years without a row
    in a table that has rows of some years only, such as each fifth.

    Parameters
    ----------
    counts : year → rows
    first, last : the days that the register covers, where stated; else those of the rows
    delivered : the day of the delivery

    Returns
    -------
    list of (year, its rows, what is usual)
    """
    if not counts:
        return []
    begin, end = min(counts), max(counts)
    if first is not None:
        begin = first.year + ((first.month, first.day) > (1, 1))
    if last is not None:
        end = _last_whole(last)
    if delivered is not None:
        end = min(end, _last_whole(delivered))
    years = list(range(begin, end + 1))
    there = [year for year in years if counts.get(year)]
    of_all_years = len(there) >= _YEARLY * len(years)
    if not of_all_years:
        years = there
    remarks = []
    for i, year in enumerate(years):
        before, after = years[max(0, i - 3) : i], years[i + 1 : i + 4]
        if not of_all_years and not (before and after):  # the next may lie decades off
            continue
        usual = min((median_low(counts.get(y, 0) for y in about) for about in (before, after) if about), default=0)
        n = counts.get(year, 0)
        if 2 * n < usual and usual - n > 4 * usual**0.5:
            remarks.append((year, n, usual))
    return remarks


def _last_whole(day: date) -> int:
    """The last year that ends on this day or before it."""
    return day.year - ((day.month, day.day) < (12, 31))


def _often(engine: DuckDB, name: str, kept: ir.Table, of: int, beside: Collection[str]) -> list[dict[str, Any]]:
    """By year, of the rows of some persons where there are very many: how many there are (n), and how many are once.

    And with the columns left out in which copies may differ: how many are there again, how many facts these are, and
    how many are there an odd number of times. Of a table with a key nothing: a row that is there again is set aside.
    """
    if TABLES[name].key:
        return []
    sampled = kept.filter(kept["person_id"] % (1 + of // _SAMPLED) == 0)
    rows = sampled.group_by(sampled.columns).agg(times=sampled.count())
    facts = rows.mutate(kinds=1)
    if beside:
        telling = [column for column in kept.columns if column not in beside]
        facts = rows.group_by(telling).agg(times=rows["times"].sum(), kinds=rows.count())
    again = ibis.ifelse(facts["times"] > 1, facts["times"], 0)
    counts = {"n": facts["times"].sum(), "once": facts["kinds"].sum(), "again": again.sum()}
    counts |= {"facts": (again > 0).sum(), "odd": (facts["times"] % 2).sum()}
    year = facts["date"].year() if "date" in facts.columns else ibis.null("int32")
    by_year: list[dict[str, Any]] = engine.collect(facts.group_by(year=year).agg(**counts)).to_pylist()
    return by_year


def _refuse_doubled(name: str, often: Sequence[Mapping[str, Any]], of: int, declared: Declared) -> None:
    """Raise QualityError where most rows are there again: a delivery read twice, in whatever order or format."""
    n = {what: sum(year[what] for year in often) for what in ("n", "again", "facts", "odd")}
    tolerated = max(declared.tolerance, _HALF)
    few = n["facts"] < (_MANY if n["odd"] else _SOME)  # of a table that is there twice nothing is odd
    if few or n["again"] <= tolerated * n["n"]:
        return
    scale = 1 + of // _SAMPLED
    about = "about " if scale > 1 else ""
    raise QualityError(
        f"{about}{scale * n['again']:,} of {scale * n['n']:,} rows are there more than once, more than the tolerated "
        f"share of {tolerated:g}",
        where=declared.where,
        remedy="see that no rows were put into the frame twice, or give a larger tolerance"
        if declared.in_memory
        else "see that nothing is delivered twice, in another order or format or under another name, or state a larger "
        "tolerance",
    )


def _repeats(name: str, often: Sequence[Mapping[str, Any]], of: int) -> Iterator[QualityRow]:
    years = [
        (row["year"], row["n"] - row["once"])
        for row in often
        if row["year"] is not None and row["once"] >= _MANY and row["n"] - row["once"] > _REPEATED * row["n"]
    ]
    if years:
        scale = 1 + of // _SAMPLED
        repeated = min(scale * sum(n for _, n in years), of)
        span = {"first": min(years)[0], "last": max(years)[0]}
        yield QualityRow.counted(name, QualityRule.ROWS_REPEAT, repeated, of, QualityAction.KEPT, **span)


def _amounts_of_zero(engine: DuckDB, name: str, kept: ir.Table, of: int) -> Iterator[QualityRow]:
    """Dispensings of which an amount is delivered as 0, and none as more: they take nothing back, and stay."""
    if name != "dispensing":
        return
    amounts = [kept[column] for column in AMOUNTS]
    zero = ibis.or_(*((amount == 0).fill_null(False) for amount in amounts))
    more = ibis.or_(*((amount > 0).fill_null(False) for amount in amounts))
    n = engine.collect(kept.agg(n=(zero & ~more).sum().fill_null(0)))["n"][0].as_py()
    if n:
        yield QualityRow.counted(name, QualityRule.AMOUNT_OF_ZERO, n, of, QualityAction.KEPT)
