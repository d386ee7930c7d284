"""sources.toml: which delivered file and column becomes which canonical table and column.

A source is a mapping and nothing else. It stays where the data are; the study description never mentions it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pyarrow as pa
from pydantic import BeforeValidator, Field, model_validator

from riskset.errors import DesignError, SourceError, several
from riskset.given import path_given
from riskset.registers.coverage import Coverage, lacks_start
from riskset.registers.delivered.column_map import ColumnMap, Name
from riskset.registers.delivered.file import File
from riskset.registers.delivered.same_facts import same_facts
from riskset.registers.schema import DAY, INT, REAL, TABLES
from riskset.spec.base import Day, Part, Real
from riskset.spec.check import NameWanted, RegisterNeed
from riskset.spec.complaints import Wrong, closest, listed, refuse, shown
from riskset.spec.from_toml import parse, read_toml
from riskset.spec.spelling import near
from riskset.spec.study import Study

Share = Annotated[Real, Field(ge=0, le=1)]


def _column_map(value: Any) -> Any:
    if not isinstance(value, str | Mapping | ColumnMap):
        raise Wrong("this must be the name of a delivered column", "write it in quotes, or { column = … }")
    return {"column": value} if isinstance(value, str) else value


class TableMap(Part):
    """How a delivered file becomes rows of a canonical table. Several of one name are stacked."""

    as_delivered: ClassVar = frozenset({"skip_if_missing"})

    name: str
    """The canonical table."""
    file: str
    """One of `files`."""
    columns: dict[str, Annotated[ColumnMap, BeforeValidator(_column_map)]]
    """Canonical column → where it comes from; a text is short for `{ column = … }`."""
    last_day: Literal["included", "excluded"] | None = None
    """Whether a spell's `stop` is its last day or the day after. Required where there is a stop; no default."""
    starts: Day | None = None
    """The first day that the register covers."""
    ends: Day | None = None
    """The last day that the register covers, included."""
    skip_if_missing: tuple[Name, ...] = ()
    """Delivered columns: a row with nothing in one of them holds no such fact."""
    tolerance: Share | None = None
    """The share of this table's rows that may be set aside, instead of the source's."""
    reversals: Literal["none"] | None = None
    """Of dispensings: `none` says that no column that is not mapped takes a dispensing back."""

    @model_validator(mode="after")
    def _fits_schema(self) -> TableMap:
        if self.name not in TABLES:
            raise Wrong(f"{shown(self.name)} is no canonical table", closest(self.name, list(TABLES)), at="name")
        refuse([*self._of_columns(), *self._of_days()])
        return self

    def _of_columns(self) -> Iterator[Wrong]:
        table = TABLES[self.name]
        known = [c.name for c in table.columns]
        for name, where in self.columns.items():
            if name in known:
                yield from _check_use(f"columns.{name}", where, table.column(name).type, table.column(name).values)
                continue
            others = [other.name for other in TABLES.values() if name in [c.name for c in other.columns]]
            remedy = closest(name, known)
            if others and not near(name, known):
                remedy = f"it is a column of {listed(others)}, and here {remedy}"
            yield Wrong(f"{self.name} has no column {shown(name)}", remedy, at="columns")
        for column in table.columns:
            misspelt = any(name not in known and near(name, known) == column.name for name in self.columns)
            if not column.optional and column.name not in self.columns and not misspelt:
                yield Wrong(f"{self.name} needs the column {column.name}", "map it", at="columns")

    def _of_days(self) -> Iterator[Wrong]:
        known = {c.name for c in TABLES[self.name].columns}
        if "stop" in known and self.last_day is None:
            yield Wrong(f"{self.name} has spells", 'state last_day = "included" or "excluded"', at="last_day")
        if "stop" not in known and self.last_day is not None:
            yield Wrong(f"last_day is for tables with a stop, which {self.name} has not", "remove it", at="last_day")
        if self.reversals is not None and self.name != "dispensing":
            yield Wrong(f"reversals are of dispensings, and {self.name} has none", "remove it", at="reversals")
        if self.ends is not None and not {"date", "stop"} & known:
            yield Wrong(f"{self.name} has no days that could end", "remove it", at="ends")
        if self.ends is not None and self.starts is not None and self.ends < self.starts:
            yield Wrong("the register ends before it starts", "ends is the last day that it covers", at="ends")

    @property
    def delivered_columns(self) -> tuple[str, ...]:
        """The delivered columns that it reads."""
        return (*(c.column for c in self.columns.values() if c.column is not None), *self.skip_if_missing)

    def may_hide_reversals(self, columns: Iterable[str], stacked: Iterable[TableMap]) -> tuple[str, ...]:
        """Of dispensings, those columns of its file that neither it nor a mapping of the same file (stacked) reads.

        The sign that says that a row takes an earlier one back may stand there, unless it is stated that none does.
        """
        if self.name != "dispensing" or self.reversals is not None:
            return ()
        same = [self, *(other for other in stacked if other.file == self.file)]
        read = {where.column for one in same for where in one.columns.values()}
        return tuple(name for name in columns if name not in read)


class Sources(Part):
    """A delivery: its files, and the canonical tables that they hold."""

    files: Annotated[dict[str, File], Field(min_length=1)]
    """Delivered files by a name of your choice."""
    tables: Annotated[tuple[TableMap, ...], Field(min_length=1)]
    tolerance: Share = 0.01
    """The share of a table's rows that may be set aside before the import is refused."""
    delivered: Day | None = None
    """The day of the delivery: later dates are wrong. Left out, the day of the import."""

    @model_validator(mode="after")
    def _references(self) -> Sources:
        undeclared = [
            Wrong(
                f"the file {shown(table.file)} is not declared",
                closest(table.file, list(self.files)),
                at=f"tables[{i}].file",
            )
            for i, table in enumerate(self.tables)
            if table.file not in self.files
        ]
        twice = [
            Wrong(
                f"{table.name} is mapped from {table.file} in the same way twice, so that its rows would count twice",
                "leave one of the two out, or map all that it needs in one",
                at=f"tables[{i}]",
            )
            for i, table in enumerate(self.tables)
            if any(_is_same(table, earlier) for earlier in self.tables[:i])
        ]
        nobody = [Wrong("there is no person table", "map one, every other table needs it", at="tables")]
        refuse([*undeclared, *twice, *([] if any(table.name == "person" for table in self.tables) else nobody)])
        return self

    @classmethod
    def load(cls, path: str | Path) -> Sources:
        """Read ``sources.toml``; the files' paths are then absolute.

        Raises
        ------
        SpecError
            The file is missing, is no TOML, or says something that cannot be meant; with the path inside it.
        """
        return read_toml(cls, path).placed_in(Path(path).resolve().parent)

    @classmethod
    def from_dict(cls, mapping: Mapping[str, Any], *, folder: str | Path = ".") -> Sources:
        """The same of what ``sources.toml`` would hold, given in memory: its sections as dictionaries and lists.

        Parameters
        ----------
        mapping : ``{"files": {…}, "tables": […]}``
        folder : what the paths of the files are relative to; the working directory when left out

        Raises
        ------
        SpecError
            It says something that cannot be meant; with the path inside it.
        """
        place = path_given(folder, "folder", "give the folder of the delivered files")
        return parse(cls, mapping, where="sources").placed_in(place.resolve())

    def placed_in(self, folder: Path) -> Sources:
        """The same with the files' paths absolute: those that are relative lie in this folder."""
        files = {
            name: file.model_copy(update={"path": tuple(str(folder / pattern) for pattern in file.patterns)})
            for name, file in self.files.items()
        }
        return self.model_copy(update={"files": files})

    def require(self, needs: Iterable[RegisterNeed]) -> None:
        """Refuse a study that needs what is not mapped.

        Raises
        ------
        SourceError
            Names each table or column that is not there, and who wants it.
        """
        errors = [error for need in needs if (error := self._lacks(need)) is not None]
        if errors:
            raise several(errors)

    def _lacks(self, need: RegisterNeed) -> SourceError | None:
        mapped = self.named(need.table)
        remedy = "map it, or leave that part of the study out"
        if not mapped and need.column is None:
            what = f"{need.wanted_by} needs the table {need.table}, which no file is mapped to"
            return SourceError(what, where="sources.toml", remedy=remedy)
        if mapped and need.column is not None and not any(need.column in table.columns for table in mapped):
            what = f"{need.wanted_by} needs {need.column} of the table {need.table}, which is not mapped"
            return SourceError(what, where="sources.toml", remedy=remedy)
        return None

    def require_names(self, names: Iterable[NameWanted]) -> None:
        """Refuse a study that asks for a register, a diagnosis or an item by a name that no row can have.

        That is known where a mapping says all that a column may hold, by `constant` or `values`.

        Raises
        ------
        DesignError
            Names all that are not there, and for each those that there are.
        """
        errors = [error for error, beside in self._no_row_has(names) if not beside]
        if errors:
            raise several(errors)

    def partly_there(self, names: Iterable[NameWanted]) -> list[str]:
        """A sentence for each name that no row can have, where others that are asked for beside it are there."""
        return [error.sentence for error, beside in self._no_row_has(names) if beside]

    def _no_row_has(self, names: Iterable[NameWanted]) -> Iterator[tuple[DesignError, bool]]:
        for name in names:
            there = self._may_be(name.table, name.column)
            if there is not None and name.value not in there:
                yield name.is_no(f"{name.what} of sources.toml", there), not there.isdisjoint(name.others)

    def _may_be(self, table: str, column: str) -> set[str] | None:
        """All that a column of texts may hold; None where a mapping takes it as delivered, or none maps it."""
        there: set[str] = set()
        for mapped in (part.columns[column] for part in self.named(table) if column in part.columns):
            if mapped.constant is not None:
                text = str(mapped.constant)
                there.add(mapped.values.get(text, "") if mapped.values else text)
            elif mapped.values is not None:
                there |= set(mapped.values.values())
            else:
                return None
        return there or None

    def advice(self) -> list[str]:
        """Advice on a mapping that may be imported as it is: each a sentence."""
        if self.named("death"):
            return []
        return [
            "no deaths are mapped: a residence spell must then end at death, else the dead may be drawn as controls."
        ]

    def lacks_start(self, study: Study) -> bool:
        """Whether a run-in or a history of a study is to be counted from a start that is not stated."""
        return bool(self.named("dispensing")) and lacks_start(study.eligibility, study.exposures, self.starts())

    def named(self, table: str) -> list[TableMap]:
        """The mappings that are stacked into a canonical table."""
        return [t for t in self.tables if t.name == table]

    def tolerance_of(self, table: str) -> float:
        """The share of a canonical table's rows that may be set aside."""
        return max(self.tolerance if t.tolerance is None else t.tolerance for t in self.named(table))

    def starts(self) -> dict[str, date]:
        """The first day that each register covers, where stated: of stacked mappings the latest."""
        days: dict[str, date] = {}
        for table in self.tables:
            if table.starts is not None:
                days[table.name] = max(table.starts, days.get(table.name, table.starts))
        return days

    def ends(self) -> dict[str, date]:
        """The last day that each register covers, where stated: of stacked mappings the earliest."""
        days: dict[str, date] = {}
        for table in self.tables:
            if table.ends is not None:
                days[table.name] = min(table.ends, days.get(table.name, table.ends))
        return days

    @property
    def as_of(self) -> date:
        """The day of the delivery, after which nothing is known; today where it is not stated."""
        return self.delivered or date.today()

    def coverage(self) -> Coverage:
        """The days that the delivery says to cover."""
        return Coverage(self.as_of, self.starts(), self.ends())

    def canonical_json(self) -> str:
        """The mapping without the files' places, for the import's fingerprint."""
        plain = self.model_dump(mode="json", exclude={"files": {"__all__": {"path"}}})
        return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _is_same(one: TableMap, other: TableMap) -> bool:
    same = (one.name, one.file) == (other.name, other.file)
    return same and same_facts(one.name, one.columns, other.columns, same_file=True)


def _check_use(path: str, where: ColumnMap, kind: pa.DataType, allowed: tuple[str, ...]) -> Iterator[Wrong]:
    if where.day is not None and kind != DAY:
        yield Wrong("day is for dates, and this column is none", "remove it", at=f"{path}.day")
    if where.date is not None and kind != DAY:
        yield Wrong("date says how a date is written, and this column is none", "remove it", at=f"{path}.date")
    if where.zone is not None and kind != DAY:
        yield Wrong("zone is for days, and this column is none", "remove it", at=f"{path}.zone")
    if where.scale is not None and kind not in (INT, REAL):
        yield Wrong("scale multiplies a number, and this column is none", "remove it", at=f"{path}.scale")
    if where.scale == 0:
        yield Wrong("scale = 0 makes every number 0", "write what a number is multiplied by", at=f"{path}.scale")
    if allowed and where.constant is not None and where.values is None and where.constant not in allowed:
        yield Wrong(
            f"{shown(where.constant)} is no value of this column",
            closest(where.constant, allowed),
            at=f"{path}.constant",
        )
    for value in dict.fromkeys((where.values or {}).values()):
        if allowed and value not in allowed:
            yield Wrong(f"{shown(value)} is no value of this column", closest(value, allowed), at=f"{path}.values")
