"""Delivered cells become canonical values; what cannot is kept as text for the quarantine, never dropped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from riskset.microdata import Microdata
from riskset.registers.delivered.column_map import ColumnMap
from riskset.registers.delivered.delivered_types import refuse_types
from riskset.registers.delivered.signs import is_negative_unseen
from riskset.registers.delivered.texts import reads_missing, tidied, with_sign, with_sign_of_amount
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.schema import DAY, INT, REAL, TABLES, RegisterColumn
from riskset.spec.tidying import tidy

OPEN_END = date(2200, 1, 1)
"""The `stop` of a spell that has not ended."""

_LARGEST = 2.0**62  # what is larger is no amount, and rounding it would overflow
_NUMBER = {
    mark: rf"^[+-]?([0-9]+({re.escape(mark)}[0-9]*)?|{re.escape(mark)}[0-9]+)([eE][+-]?[0-9]+)?$" for mark in (".", ",")
}
"""What is a number in a text, by its decimal mark: the other mark parts thousands, and is not read."""
_THOUSANDS = {mark: rf"^[+-]?[1-9][0-9]{{0,2}}{re.escape(mark)}[0-9]{{3}}$" for mark in (".", ",")}
"""45.123 may be thousands where a whole number is meant; where a scale is stated, decimals are."""
AMOUNTS = ("packages", "ddd")
"""Of medicine: below zero where a row takes an earlier one back."""
_UNDIVIDED = ("year",)
"""Whole numbers of which there are no parts: 2004.5 is no year, and not 2005."""
ROW_NUMBER = "row_number"
"""Column of a delivered table that holds the row's number in its file, where one is asked for."""

CELL, SKIPPED = "cell ", "skipped"
"""``cell <column>`` holds the delivered text of a cell that could not be read; null where all is well."""

DAYLESS = "dayless "
"""``dayless <column>`` says of a date whether its day of the month is the declared one, because none was delivered."""

TIMED = "timed "
"""``timed <column>`` says of a date whether it was delivered with a time of day, which is cut."""

EVENING = "evening "
"""``evening <column>`` says of a date without a zone whether its time of day is one that midnights have in UTC."""
_EVENINGS = (21, 22, 23)
"""The hours in UTC of midnights in the zones from western to eastern Europe, in summer and in winter."""

UNSEEN = "unseen sign"
"""``unseen sign`` says of a dispensing whether a column that is not mapped is below zero there, and no amount is."""

UNROUNDED = "unrounded ddd"
"""The thousandths of a DDD as delivered, where they are no whole number: the canonical ones are rounded."""


@dataclass(frozen=True)
class Mapped(Microdata):
    """A delivered table and what is said of it.

    Attributes
    ----------
    raw : the delivered columns by their delivered names
    columns : canonical column → where it comes from
    last_day : whether a spell's stop is its last day
    skip_if_missing : delivered columns without which a row is no fact
    decimal : the decimal mark of numbers written as text
    place : what messages call it
    null : of a text file, cells that mean that there is no value
    once : whether rows that are equal in all that is mapped are one fact: the file holds another table's rows, too
    unmapped : of dispensings, the columns in which the sign of an amount may stand that nobody reads
    in_memory : whether it is a typed table, in which what is missing is null and a text is a text
    """

    raw: ir.Table
    columns: Mapping[str, ColumnMap]
    last_day: str = "excluded"
    skip_if_missing: tuple[str, ...] = ()
    decimal: str = "."
    place: str = ""
    null: tuple[str, ...] = ()
    once: bool = False
    unmapped: tuple[str, ...] = ()
    in_memory: bool = False

    @property
    def amounts(self) -> tuple[str, ...]:
        """The delivered columns of amounts of medicine."""
        mapped = (self.columns.get(name) for name in AMOUNTS)
        return tuple(where.column for where in mapped if where is not None and where.column is not None)


def convert(engine: DuckDB, name: str, parts: list[Mapped]) -> ir.Table:
    """Stack delivered tables into canonical columns.

    Returns
    -------
    Ibis table with the canonical columns (identifiers as delivered: int64, or text), a `cell <column>` for each
    delivered column that may be unreadable, a `dayless <column>` for each with a declared day, a `timed <column>` for
    each that may have a time of day (and an `evening <column>`, where no zone is stated), `unseen sign` where columns
    are not mapped that may have one, and `skipped`.

    Raises
    ------
    SourceError
        A column's type cannot hold what it stands for (`delivered_types`).
    """
    for part in parts:
        place = part.place or f"table {name}"
        refuse_types(engine, name, part.raw, part.columns, place, in_memory=part.in_memory)
    converted = [_convert_one(engine, name, part) for part in parts]
    cells = {c for columns in converted for c in columns if c.startswith(CELL)}
    flags = {c for columns in converted for c in columns if c.startswith((DAYLESS, TIMED, EVENING, UNSEEN))}
    for column in TABLES[name].columns:
        if column.person and len({str(columns[column.name].type()) for columns in converted}) > 1:
            for columns in converted:
                columns[column.name] = columns[column.name].cast("string")
    stacked = []
    for part, columns in zip(parts, converted, strict=True):
        for cell in sorted(cells):
            columns.setdefault(cell, ibis.null("string"))
        for flag in sorted(flags):
            columns.setdefault(flag, ibis.literal(False))
        if any(UNROUNDED in columns for columns in converted):
            columns.setdefault(UNROUNDED, ibis.null("float64"))
        stacked.append(part.raw.select(**dict(sorted(columns.items()))))
    return ibis.union(*stacked, distinct=False) if len(stacked) > 1 else stacked[0]


def _convert_one(engine: DuckDB, name: str, part: Mapped) -> dict[str, ir.Value]:
    columns: dict[str, ir.Value] = {}
    for column in TABLES[name].columns:
        where = part.columns.get(column.name)
        if where is None:
            columns[column.name] = ibis.null("int64" if column.person else _ibis_type(column))
            continue
        if column.type == DAY and where.constant is None:
            columns |= _read_day(engine, part.raw[where.column], where, column, part.null)
            continue
        text, value = _read_cell(engine, part, where, column)
        if value is not text:
            columns[CELL + column.name] = ibis.ifelse(value.isnull(), text, ibis.null("string"))
        columns[column.name] = value
    if "code" in columns and "system" in columns:
        # Other systems' codes mean what they are spelled: procedures stay as they are delivered.
        plain = columns["code"].upper().replace(".", "").nullif("")
        columns["code"] = ibis.ifelse(columns["system"] == "icd10", plain, columns["code"])
    if "cause" in columns:
        columns["cause"] = columns["cause"].upper().replace(".", "").nullif("")
    if "stop" in columns:
        columns["stop"] = _exclusive(columns["stop"], columns.get(CELL + "stop"), part.last_day)
    if part.unmapped:
        columns[UNSEEN] = is_negative_unseen(part.raw, part.unmapped, part.amounts)
    skipped = ibis.literal(False)
    for delivered in part.skip_if_missing:
        text = _as_text(part.raw[delivered])
        skipped = skipped | text.isnull() | text.isin(_tidy_all(part.null)).fill_null(False)
    if part.once:
        same = [*columns.values(), skipped]
        skipped = skipped | (ibis.row_number().over(group_by=same) > 0)
    columns[SKIPPED] = skipped
    if "ddd" in part.columns:
        columns |= _unrounded(part, part.columns["ddd"], TABLES[name].column("ddd"), columns["ddd"])
    return columns


def _unrounded(part: Mapped, where: ColumnMap, column: RegisterColumn, whole: ir.NumericValue) -> dict[str, ir.Value]:
    cell, _ = _meant(_delivered(part, where), where, part.null)
    if where.values is None and _is_native(cell.type(), column, where):
        return {}
    number = _number_of(cell, part, where, column)
    return {UNROUNDED: ibis.ifelse(whole.notnull() & (number != whole), number, ibis.null("float64"))}


def _delivered(part: Mapped, where: ColumnMap) -> ir.Value:
    if where.constant is not None:
        constant = str(where.constant).lower() if isinstance(where.constant, bool) else str(where.constant)
        return ibis.literal(constant)
    return part.raw[ROW_NUMBER if where.row_number else where.column]


def _number_of(cell: ir.Value, part: Mapped, where: ColumnMap, column: RegisterColumn) -> ir.FloatingValue:
    """The number of a cell times its scale, not rounded."""
    if cell.type().is_string():
        cell = (with_sign_of_amount if column.name in AMOUNTS else with_sign)(_as_text(cell))
    return _as_number(cell, where.scale or 1.0, part.decimal, whole=column.type == INT)


def _read_cell(engine: DuckDB, part: Mapped, where: ColumnMap, column: RegisterColumn) -> tuple[ir.Value, ir.Value]:
    """The delivered text, and the canonical value (the same object where nothing can go wrong)."""
    cell = _delivered(part, where)
    if column.person:
        identifier = as_identifier(cell, part.decimal)
        absent = identifier.cast("string").isin(_tidy_all((*where.missing, *part.null)))
        if identifier.type().is_string() and not part.in_memory:
            absent = absent | reads_missing(identifier)  # nobody's identifier is NULL
        identifier = ibis.ifelse(absent, ibis.null(identifier.type()), identifier)
        return identifier, identifier
    text = _as_text(cell)
    if column.label:
        return text, text
    cell, text = _meant(cell, where, part.null)
    if where.values is None and _is_native(cell.type(), column, where):
        value = cell.cast(_ibis_type(column))
        return value, value
    if column.type == DAY:
        value = _as_moment(engine, cell, where).cast("date")  # a constant
    elif column.type in (INT, REAL):
        value = _number_of(cell, part, where, column)
        value = _to_whole(value, column.name) if column.type == INT else value
    elif column.values:
        value = _as_text(cell)
        value = ibis.ifelse(value.isin(column.values), value, ibis.null("string"))
    elif str(column.type) == "bool":
        value = _as_text(cell).lower().cases(("1", True), ("true", True), ("0", False), ("false", False), else_=None)
    else:
        value = _as_text(cell)
        if column.name == "atc":
            value = value.upper()
        if where.values is None:
            return value, value
    return text, value


def _is_native(kind: dt.DataType, column: RegisterColumn, where: ColumnMap) -> bool:
    """Whether the delivered type leaves nothing to read, so that no cell can be unreadable."""
    if column.type == INT:
        return bool(kind.is_integer() and not kind.is_uint64() and where.scale is None)
    return bool(kind.is_boolean() and str(column.type) == "bool")


def _meant(cell: ir.Value, where: ColumnMap, null: tuple[str, ...]) -> tuple[ir.Value, ir.StringValue]:
    """A cell with its listed value where values are listed, and its text; both null where it is declared missing."""
    text, missing = _as_text(cell), _tidy_all((*where.missing, *null))
    if missing:
        absent = text.isin(missing)
        cell, text = (ibis.ifelse(absent, ibis.null(x.type()), x) for x in (cell, text))
    if where.values is not None:
        listed = [(tidy(delivered), canonical) for delivered, canonical in where.values.items()]
        cell = text.cases(*listed, else_=ibis.null("string"))
    return cell, text


def _tidy_all(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(filter(None, dict.fromkeys(map(tidy, texts))))


def _as_text(cell: ir.Value) -> ir.StringValue:
    kind = cell.type()
    if kind.is_string():
        return tidied(cell)
    if kind.is_floating():
        # A whole number in a floating column is meant as one: 1.0 is "1".
        whole = cell.try_cast("int64")
        return ibis.ifelse(
            cell.isnan(), ibis.null("string"), ibis.ifelse(cell == whole, whole.cast("string"), cell.cast("string"))
        )
    return cell.cast("string")


def as_identifier(cell: ir.Value, decimal: str = ".") -> ir.IntegerValue | ir.StringValue:
    """An identifier as it is compared: a whole number, or a text without blanks about it."""
    kind = cell.type()
    if kind.is_integer() and not kind.is_uint64():
        return cell.cast("int64")
    text = _as_text(cell)
    if kind.is_floating():
        return text
    if kind.is_decimal():  # exact in all its digits; a fraction is refused
        return text.re_replace(r"\.0*$", "")
    # Who held whole numbers as floating ones wrote 1 as 1.0; beyond 15 digits they were no longer told apart.
    decimal = decimal if kind.is_string() else "."
    mark = re.escape(decimal)
    whole = text.re_replace(rf"^(0|[1-9][0-9]{{0,14}}){mark}0+$", r"\1")
    return ibis.ifelse(text.endswith("0") & text.contains(decimal), whole, text)


def _read_day(
    engine: DuckDB, cell: ir.Value, where: ColumnMap, column: RegisterColumn, null: tuple[str, ...]
) -> dict[str, ir.Value]:
    """A column of days: its value, the cells that are no day, and which were without a day or with a time."""
    kind = cell.type()
    cell, text = _meant(cell, where, null)
    name = column.name
    columns: dict[str, ir.Value] = {}
    if where.values is None and (kind.is_date() or kind.is_timestamp()) and where.date in (None, "native"):
        moment = engine.local_time(cell, where.zone) if where.zone else cell
        columns[name] = moment.cast("date")
        if kind.is_timestamp():
            columns |= _times(name, moment, zoned=where.zone is not None)
        return columns
    if where.date == "decimal_year":
        columns[name] = _as_day_of_year(cell)
    elif where.zone is not None:
        moment = engine.parse_instant(_as_text(cell), where.written_instant, where.zone)
        columns |= {name: moment.cast("date"), TIMED + name: _has_time(moment)}
    else:
        moment = _as_moment(engine, cell, where)
        columns[name] = moment.cast("date")
        if where.has_time:
            columns |= _times(name, moment, zoned=False)
    columns[CELL + name] = ibis.ifelse(columns[name].isnull(), text, ibis.null("string"))
    if where.day is not None:
        columns[DAYLESS + name] = columns[name].notnull() & _is_dayless(_padded(text, where), where)
    return columns


def _times(name: str, moment: ir.TimestampValue, *, zoned: bool) -> dict[str, ir.BooleanValue]:
    """Which days were delivered with a time of day, and which with one of the evening on the hour."""
    if zoned:
        return {TIMED + name: _has_time(moment)}
    moment = moment.cast("timestamp")
    midnight = moment.cast("date").cast("timestamp")
    evenings = [moment == midnight + ibis.interval(hours=hour) for hour in _EVENINGS]
    return {TIMED + name: _has_time(moment), EVENING + name: ibis.or_(*evenings).fill_null(False)}


def _has_time(moment: ir.TimestampValue) -> ir.BooleanValue:
    return (moment.cast("timestamp") != moment.cast("date").cast("timestamp")).fill_null(False)


def _as_day_of_year(cell: ir.Value) -> ir.DateValue:
    years = _as_number(cell, 1.0, ".", whole=False)
    # A count of days in years of 365.25 days since 1970 (Epi's cal.yr), to the nearest day.
    years = ibis.ifelse(years.between(1, 9999), years, ibis.null("float64"))
    days = ((years - 1970) * 365.25 + 0.5).floor().try_cast("int32")
    return (ibis.date("1970-01-01") + days.as_interval("D")).cast("date")


def _as_moment(engine: DuckDB, cell: ir.Value, where: ColumnMap) -> ir.TimestampValue:
    """The day, with the time of day where one is written, of cells in the declared form."""
    text, at = _padded(_as_text(cell), where), where.day_at
    text = ibis.ifelse(text.length() == where.text_width, text, ibis.null("string"))
    if where.day is None:
        return engine.parse_moment(text, where.written)
    day = f"{where.day:02d}"
    if at is None:
        return engine.parse_moment(text.concat(" ", day), f"{where.written} %d")
    with_day = text.substr(0, at).concat(day, text.substr(at + 2))
    return engine.parse_moment(ibis.ifelse(_is_dayless(text, where), with_day, text), where.written)


def _padded(text: ir.StringValue, where: ColumnMap) -> ir.StringValue:
    """A date with two digits in its day and month where one stands alone: 1/3/1950 is 01/03/1950."""
    padded = text
    for _ in range(2):  # neighbours share the character between them
        padded = padded.re_replace(r"(^|[^0-9])([0-9])([^0-9]|$)", r"\10\2\3")
    return ibis.ifelse(text.length() == where.text_width, text, padded)


def _is_dayless(text: ir.StringValue, where: ColumnMap) -> ir.BooleanValue:
    """Whether a date is delivered without its day of the month: none, or 00."""
    at = where.day_at
    return text.notnull() if at is None else (text.substr(at, 2) == "00").fill_null(False)


def _as_number(cell: ir.Value, scale: float, decimal: str, *, whole: bool) -> ir.FloatingValue:
    if cell.type().is_string():
        text = _as_text(cell)
        plain = text.re_search(_NUMBER[decimal])
        if whole and scale == 1.0:
            plain = plain & ~text.re_search(_THOUSANDS[decimal])
        text = ibis.ifelse(plain, text.replace(decimal, "."), ibis.null("string"))
        cell = text.try_cast("float64")
    number = cell.cast("float64") * scale
    return ibis.ifelse(number.isnan() | number.isinf(), ibis.null("float64"), number)


def _to_whole(number: ir.FloatingValue, column: str) -> ir.IntegerValue:
    """The nearest whole number, of halves the one further from 0: what is bought and what is taken back are alike.

    An amount above or below 0 stays so: its sign says what the row is.
    """
    number = ibis.ifelse(number.abs() < _LARGEST, number, ibis.null("float64"))  # an int64 must hold it
    size = (number.abs() + 0.5).floor()
    if column in _UNDIVIDED:
        number = ibis.ifelse(number.abs() == size, number, ibis.null("float64"))
    if column in AMOUNTS:
        size = ibis.ifelse((size == 0) & (number != 0), 1, size)
    return ibis.ifelse(number < 0, -size, ibis.ifelse(number.isnull(), ibis.null("int64"), size)).try_cast("int64")


def _exclusive(stop: ir.DateValue, cell: ir.StringValue | None, last_day: str) -> ir.DateValue:
    after = 1 if last_day == "included" else 0
    latest = OPEN_END - timedelta(days=after)
    known = ibis.ifelse(stop > latest, ibis.literal(latest), stop)
    exclusive = (known + ibis.interval(days=after)).cast("date") if after else known
    never = stop.isnull() if cell is None else stop.isnull() & cell.isnull()
    return ibis.ifelse(never, ibis.literal(OPEN_END), exclusive)


def _ibis_type(column: RegisterColumn) -> str:
    return {"int64": "int64", "date32[day]": "date", "string": "string", "double": "float64", "bool": "boolean"}[
        str(column.type)
    ]
