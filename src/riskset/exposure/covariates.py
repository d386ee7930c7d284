"""What persons were like on their index dates: one row per anchor, one column per covariate."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal, assert_never

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.calendar import Days, birthday, completed_years
from riskset.errors import SpecError
from riskset.exposure.dispensings import dates_before, find_dispensings, require, since_start
from riskset.exposure.history import Anchors, read_histories, spell_at_index
from riskset.exposure.identifying import refuse_identifying
from riskset.lookup import Ints, has_prefix
from riskset.registers.registers import Registers
from riskset.spec.complaints import closest, shown
from riskset.spec.covariates import BUILT_IN, BUILT_IN_COVARIATES, COVARIATES, BuiltIn
from riskset.spec.measures import Covariate, DiagnosisCovariate, DispensingCovariate

_YEAR_BITS = 14
_YEAR_LAST = (1 << _YEAR_BITS) - 1


def measure_covariates(
    registers: Registers,
    anchors: ir.Table | pa.Table,
    names: Sequence[str],
    defined: Sequence[Covariate],
    *,
    most_levels: int,
) -> pa.Table:
    """Measure covariates on the index date.

    ``age`` is in completed years and the fraction of the current year of life, 65.0 on the 65th birthday;
    ``education``, ``income`` and ``civil_status`` are those of the last recorded calendar year before the year of the
    index date; ``county`` is that of the residence on the index date. What is ``defined`` is yes or no: a diagnosis,
    or enough distinct dispensing dates, in ``[index − lookback, index − lag)``; what lies before the register's stated
    start is not used. What is unknown is null.

    Parameters
    ----------
    registers : with the tables and columns that the covariates need
    anchors : person_id, index_date; with ``history_start``, no dispensing before it counts (null: all do)
    names : built-in covariates and those that are ``defined``, in the order wanted
    defined : a study's own covariates
    most_levels : that a covariate of texts may have

    Returns
    -------
    Table of person_id, index_date (and history_start, where anchors have it) and one column per name, sorted by person
    and date.

    Raises
    ------
    SourceError
        A table or column is not there; it is named with the covariate that needs it.
    SpecError
        A name that is no covariate, or a covariate of texts that has more levels than may be or whose values
        nearly nobody shares.
    """
    by_name = {covariate.name: covariate for covariate in defined}
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        for table, column in _needs(name, by_name):
            require(registers, table, column, f"the covariate {name!r}")
    who = Anchors.of(registers.engine, anchors)
    columns: dict[str, pa.Array] = {}
    for table, measure in BY_TABLE.items():
        if any(c.name in wanted for c in _of_table(table)):
            columns |= measure(registers, who)
    asked = [by_name[name] for name in wanted if name in by_name]
    columns |= _dispensed(registers, who, [c for c in asked if isinstance(c, DispensingCovariate)])
    columns |= _diagnosed(registers, who, [c for c in asked if isinstance(c, DiagnosisCovariate)])
    for name, values in columns.items():
        if name in wanted:
            refuse_other_kind(name, values)
            refuse_identifying(name, values, who.person, most=most_levels)
    keys = {"person_id": pa.array(who.person, pa.int64()), "index_date": pa.array(who.index, pa.date32())}
    if who.begin is not None:
        keys["history_start"] = pa.array(who.begin, pa.date32())
    return pa.table(keys | {name: columns[name] for name in wanted})


def _needs(name: str, defined: Mapping[str, Covariate]) -> list[tuple[str, str]]:
    covariate = defined.get(name)
    match covariate:
        case DispensingCovariate():
            return [("dispensing", "atc")]
        case DiagnosisCovariate(source=source):
            return [("diagnosis", "code"), *([("diagnosis", "source")] if source else [])]
        case None:
            return [_built_in(name, defined)]
        case _:
            assert_never(covariate)


def _built_in(name: str, defined: Mapping[str, Covariate]) -> tuple[str, str]:
    """The table and the column of a built-in covariate of everyone."""
    row = BUILT_IN.get(name)
    if row is None or row.scope != "everyone" or row.column is None:
        known = (*BUILT_IN_COVARIATES, *defined)
        raise SpecError(f"{shown(name)} is no covariate", where="covariates", remedy=closest(name, known))
    return row.table, row.column


def _of_table(table: str) -> list[BuiltIn]:
    return [c for c in COVARIATES if c.scope == "everyone" and c.table == table]


def _columns_of(table: str) -> list[str]:
    return list(dict.fromkeys(c.column for c in _of_table(table) if c.column))


def _of_person(registers: Registers, who: Anchors) -> dict[str, pa.Array]:
    """What never changes."""
    rows = _collect_of(registers, "person", who, "person_id", *_columns_of("person"))
    return _valued("person", who, rows, _row_of(rows["person_id"].to_numpy(), who.person))


def _valued(table: str, who: Anchors, rows: pa.Table, row: Ints) -> dict[str, pa.Array]:
    """The covariates of a table as its columns have them at each anchor's row, or derived from these."""
    values = {c.name: _take(rows[c.column], row) for c in _of_table(table)}
    derived = {c.name: DERIVED[c.name](values[c.name], who.index) for c in _of_table(table) if c.is_derived}
    return values | derived


def _age_of(born: pa.Array, day: Days) -> pa.Array:
    birth = _days(born)
    unknown = np.isnat(birth)
    return pa.array(_age(np.where(unknown, day, birth), day), mask=unknown)


def _birth_year_of(born: pa.Array, day: Days) -> pa.Array:
    birth = _days(born)
    return pa.array(_year(birth), mask=np.isnat(birth))


DERIVED: Mapping[str, Callable[[pa.Array, Days], pa.Array]] = {"age": _age_of, "birth_year": _birth_year_of}
"""How what is no column as delivered is made of one, at the anchors' rows, and the index dates."""


def _age(birth: Days, day: Days) -> NDArray[np.float64]:
    """Completed years and the fraction of the current year of life, which is below 1."""
    completed = completed_years(birth, day)
    last, following = birthday(birth, completed), birthday(birth, completed + 1)
    age: NDArray[np.float64] = completed + (day - last) / (following - last)
    return age


def _of_last_year(registers: Registers, who: Anchors) -> dict[str, pa.Array]:
    """What was recorded of the last calendar year before that of the index date."""
    engine = registers.engine
    key = np.unique(_person_and_year(who.person, _year(who.index)))
    years = pa.table({"person_id": key >> _YEAR_BITS, "index_year": key & _YEAR_LAST})
    asked = engine.load("covariate_years", years)
    rows = registers["socioeconomic"].select("person_id", "year", *_columns_of("socioeconomic"))
    earlier = rows.join(asked, "person_id")
    earlier = earlier.filter(earlier["year"] < earlier["index_year"]).group_by(["person_id", "index_year"])
    last = engine.collect(rows.join(earlier.aggregate(year=lambda t: t["year"].max()), ["person_id", "year"]))
    engine.drop("covariate_years")
    measured = _person_and_year(last["person_id"].to_numpy(), last["index_year"].to_numpy())
    return _valued("socioeconomic", who, last, _row_of(measured, _person_and_year(who.person, _year(who.index))))


def _of_residence(registers: Registers, who: Anchors) -> dict[str, pa.Array]:
    """What is registered of the residence on the index date."""
    rows = _collect_of(registers, "residence", who, "person_id", "start", "stop", *_columns_of("residence"))
    start, stop = (rows[name].to_numpy().astype("datetime64[D]") for name in ("start", "stop"))
    return _valued("residence", who, rows, spell_at_index(who, rows["person_id"].to_numpy(), start, stop))


BY_TABLE: Mapping[str, Callable[[Registers, Anchors], dict[str, pa.Array]]] = {
    "person": _of_person,
    "socioeconomic": _of_last_year,
    "residence": _of_residence,
}
"""How the built-in covariates of everyone are measured, by the table that they come from."""


def require_derivations(
    scope: Literal["everyone", "case"], given: Collection[str], *, rows: Sequence[BuiltIn] = COVARIATES
) -> None:
    """Stop where a derived covariate has no derivation, which would be its column as delivered, or one too many.

    Parameters
    ----------
    scope : whose covariates of the registry
    given : the names of the covariates that have a derivation

    Raises
    ------
    TypeError
        With each covariate's name, when the module with the derivations is imported.
    """
    derived = [c.name for c in rows if c.scope == scope and c.is_derived]
    wrong = [f"the covariate {name!r} is derived, and no derivation is given" for name in derived if name not in given]
    wrong += [f"{name!r} has a derivation, and is no derived covariate" for name in given if name not in derived]
    if wrong:
        raise TypeError("; ".join(wrong))


require_derivations("everyone", DERIVED)


def _dispensed(registers: Registers, who: Anchors, covariates: Sequence[DispensingCovariate]) -> dict[str, pa.Array]:
    """Enough distinct dispensing dates in the window."""
    if not covariates:
        return {}
    persons = registers.engine.load("covariate_persons", who.persons())
    dispensings = since_start(registers, find_dispensings(registers, [c.codes for c in covariates], persons))
    return _reached(registers, who, dispensings, covariates, [c.at_least for c in covariates])


def _diagnosed(registers: Registers, who: Anchors, covariates: Sequence[DiagnosisCovariate]) -> dict[str, pa.Array]:
    """Any such diagnosis in the window, on or after the register's stated start."""
    if not covariates:
        return {}
    persons = registers.engine.load("covariate_persons", who.persons())
    diagnosis = since_start(registers, registers["diagnosis"], "diagnosis")
    diagnosis = diagnosis.filter(diagnosis["system"] == "icd10")
    parts = []
    for number, covariate in enumerate(covariates):
        coded = diagnosis.filter(has_prefix(diagnosis["code"], covariate.icd10))
        if covariate.source:
            coded = coded.filter(coded["source"].isin(covariate.source))
        parts.append(coded.select("person_id", "date", drug_class=ibis.literal(number, "int64")))
    dated = dates_before(parts[0] if len(parts) == 1 else ibis.union(*parts), persons)
    return _reached(registers, who.uncut, dated.aggregate(), covariates, [1] * len(covariates))


def _reached(
    registers: Registers, who: Anchors, dated: ir.Table, covariates: Sequence[Covariate], at_least: Sequence[int]
) -> dict[str, pa.Array]:
    """Whether enough distinct dates lie in each covariate's window; ``dated`` is as `read_histories` takes it."""
    rows = registers.engine.materialise("covariate_dates", dated)
    pieces: list[list[NDArray[np.bool_]]] = [[] for _ in covariates]
    for part, histories in read_histories(registers.engine, rows, who, len(covariates)):
        for piece, history, covariate, needed in zip(pieces, histories, covariates, at_least, strict=True):
            dates = history.count(part, *part.window(covariate.lag, covariate.lookback))
            piece.append(dates >= needed)
    registers.engine.drop("covariate_dates", "covariate_persons")
    return {
        covariate.name: pa.array(np.concatenate(piece) if piece else [], pa.bool_())
        for covariate, piece in zip(covariates, pieces, strict=True)
    }


def refuse_other_kind(name: str, values: pa.Array) -> None:
    """Stop where what was measured is no number, or no text, though the covariate's row says so.

    Raises
    ------
    TypeError
        With the covariate's name; a derivation is missing, or gives something else.
    """
    row = BUILT_IN.get(name)
    numeric = pa.types.is_integer(values.type) or pa.types.is_floating(values.type)
    if row and not (numeric if row.numeric else pa.types.is_string(values.type)):
        raise TypeError(f"the covariate {name!r} is {'a number' if row.numeric else 'a text'}, and got {values.type}")


def _collect_of(registers: Registers, table: str, who: Anchors, *columns: str) -> pa.Table:
    """Columns of a table for the anchors' persons."""
    persons = registers.engine.load("covariate_persons", who.persons())
    rows = registers.engine.collect(registers[table].semi_join(persons, "person_id").select(*columns))
    registers.engine.drop("covariate_persons")
    return rows


def _person_and_year(person: Ints, year: Ints) -> Ints:
    """Person and year as one integer that sorts like the pair."""
    key: Ints = (person << _YEAR_BITS) + year
    return key


def _days(column: pa.Array) -> Days:
    days: Days = column.to_numpy(zero_copy_only=False).astype("datetime64[D]")
    return days


def _year(day: Days) -> Ints:
    year: Ints = day.astype("datetime64[Y]").astype(np.int64) + 1970
    return year


def _row_of(keys: Ints, wanted: Ints) -> Ints:
    """The position of each wanted key, −1 where there is none."""
    if not len(keys):
        return np.full(len(wanted), -1)
    order = np.argsort(keys, kind="stable")
    near = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
    return np.where(keys[near] == wanted, near, -1)


def _take(column: pa.ChunkedArray, rows: Ints) -> pa.Array:
    """The column's values at the rows, null where the row is −1."""
    return column.take(pa.array(rows, pa.int64(), mask=rows < 0)).combine_chunks()
