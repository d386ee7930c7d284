"""Which days a delivery covers, beside those that a study asks of it: nothing is counted to a day that none covers."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from riskset.errors import SourceError, several
from riskset.results.manifest_keys import CoverageStated
from riskset.results.notes import NoteCode, note
from riskset.results.rows import Diagnostic
from riskset.results.vocabulary import Analysis, DiagnosticCode, Model
from riskset.spec.check import spans
from riskset.spec.design import Eligibility
from riskset.spec.measures import Exposure
from riskset.spec.study import Study

SILENCE = 60
"""Days without a row, before the last day that a study needs of a table, after which one is told of it."""


@dataclass(frozen=True)
class Coverage:
    """The days that registers cover, by canonical name of a table.

    Attributes
    ----------
    delivered : the day of the delivery, after which nothing is known; None of tables in memory
    starts, ends : the first and the last day that a register covers, both included, where stated
    last : the day of the last row, of a spell its start or its end, kept by an import
    """

    delivered: date | None = None
    starts: Mapping[str, date] = field(default_factory=dict)
    ends: Mapping[str, date] = field(default_factory=dict)
    last: Mapping[str, date] = field(default_factory=dict)

    @property
    def stated(self) -> CoverageStated:
        """The day of the delivery and the days that are stated, as JSON has them; no day of a row."""
        starts, ends = ({table: str(day) for table, day in sorted(days.items())} for days in (self.starts, self.ends))
        return {"delivered": None if self.delivered is None else str(self.delivered), "starts": starts, "ends": ends}


def refuse_uncovered(study: Study, coverage: Coverage) -> None:
    """Refuse a study whose period or follow-up goes on after the delivery, or after the end of a register it needs.

    A register is needed through the last index date or, for what ends follow-up or happens in it, the last day of
    follow-up; a lag that leaves the last days out makes no difference.

    Raises
    ------
    SourceError
        Names each key of the study, the register, and the latest day that the key may have.
    """
    beyond: dict[str, SourceError] = {}  # of a key that lies after the delivery, one
    for table, (stop, key) in spans(study).items():
        if coverage.delivered is not None and stop > coverage.delivered + timedelta(days=1):
            latest = coverage.delivered + timedelta(days=1)
            beyond[key] = SourceError(
                f"it is {stop}, and the delivery of {coverage.delivered} covers no later day",
                where=key,
                remedy=f"write {latest} at the latest, the day after `delivered`, or mend `delivered` in sources.toml",
            )
            continue
        end = coverage.ends.get(table)
        if end is not None and stop > end + timedelta(days=1):
            beyond[f"{key} {table}"] = SourceError(
                f"it is {stop}, and the table {table} ends on {end}",
                where=key,
                remedy=f"write {end + timedelta(days=1)} at the latest, or mend `ends` in sources.toml",
            )
    if beyond:
        raise several(list(beyond.values()))


def describe_coverage(study: Study, coverage: Coverage, tables: Container[str]) -> list[Diagnostic]:
    """What a reader should know of the registers' days, as rows of ``results.tables.DIAGNOSTICS``.

    A table without a stated end whose last row lies more than `SILENCE` days before the last day needed of it; a
    run-in or a history asked for without a stated start of the dispensing register. Days of rows are given as months.

    Parameters
    ----------
    tables : the canonical tables that there are, by name
    """
    rows = [*_silences(study, coverage)]
    if "dispensing" in tables and lacks_start(study.eligibility, study.exposures, coverage.starts):
        rows.append(Diagnostic(model=Model(Analysis.DELIVERY), code=DiagnosticCode.START_NOT_STATED))
    return rows


def _silences(study: Study, coverage: Coverage) -> Iterator[Diagnostic]:
    for table, (stop, key) in spans(study).items():
        last = coverage.last.get(table)
        if last is None or table in coverage.ends:
            continue
        silent = (stop - timedelta(days=1) - last).days
        if silent > SILENCE:
            yield Diagnostic(
                model=Model(Analysis.DELIVERY),
                code=DiagnosticCode.SILENT_TABLE,
                covariate=table,
                value=float(silent),
                notes=(note(NoteCode.LAST_ROW, month=f"{last:%Y-%m}", key=key, stop=str(stop), over=SILENCE),),
            )


def lacks_start(eligibility: Eligibility, exposures: Sequence[Exposure], starts: Mapping[str, date]) -> bool:
    """Whether dispensings are asked for, with a run-in or history to be counted from a start that is not stated."""
    asked = eligibility.run_in or eligibility.min_history
    return bool(exposures and asked and "dispensing" not in starts)
