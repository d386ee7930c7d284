"""The audit on its own: the matched sets of a study, or an authority's in a file, checked and nothing estimated."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from riskset.cohort.audit import audit_sets
from riskset.cohort.given import take_sets
from riskset.cohort.named import refuse_unnamed
from riskset.cohort.sets import sets_for
from riskset.errors import SpecError
from riskset.registers.coverage import refuse_uncovered
from riskset.registers.delivered.source import Sources
from riskset.registers.engines.duckdb import DuckDB
from riskset.registers.registers import Registers, registers_on
from riskset.registers.set_file import SetFile, read_set_file
from riskset.results.quality_vocabulary import counts_sets
from riskset.results.row_cells import AuditCells
from riskset.results.rows import QualityRow
from riskset.spec.check import names_wanted, needs
from riskset.spec.complaints import closest, shown
from riskset.spec.design import GivenControls
from riskset.spec.study import Study
from riskset.stages import cases_of
from riskset.storage.lock import only_one


@dataclass(frozen=True)
class Audited:
    """What an audit found.

    Attributes
    ----------
    audit, attrition : ``results.tables.AUDIT`` and ``ATTRITION``, of all comparisons audited
    set_aside : of sets in a file, the rows that could not be taken; of delivered ones, the sets that an import found
        to contradict themselves
    """

    audit: pa.Table
    attrition: pa.Table
    set_aside: list[QualityRow]

    @property
    def violations(self) -> list[AuditCells]:
        """The rows of what must not be."""
        return [row for row in self.audit.to_pylist() if row["verdict"] == "violation"]


def audit_delivery(
    study: Study,
    sources: Sources,
    *,
    store: str | Path,
    sets: str | Path | None = None,
    comparison: str | None = None,
    memory: str = "3GB",
    threads: int | None = None,
    engine: str = "duckdb",
    say: Callable[[str], None] = lambda text: None,
) -> Audited:
    """Import a delivery and audit the study's sets on it; see `audit_study`.

    Parameters
    ----------
    store : folder of the imported registers, made or used again
    sets : a file of matched sets to audit instead of the study's own; as `registers.set_file.read_set_file` wants it
    comparison : the name of one comparison of the study; of sets in a file, what they are meant to be
    memory, threads : of the engine
    engine : who computes, as ``registers.engine.open_engine`` takes it
    say : is told what begins

    Raises
    ------
    SpecError
        The study has no such comparison, or several and the file may be any of them.
    SourceError
        Something is not delivered that the study needs, or the period goes on after the delivery.
    """
    store, sets = Path(store), Path(sets) if sets is not None else None
    study = _narrowed(study, comparison, one=sets is not None)
    sources.require([need for need in needs(study) if sets is None or need.table != "matched_set"])
    sources.require_names(names_wanted(study))
    refuse_uncovered(study, sources.coverage())
    spill = store.with_name(f"{store.name}.spill")
    with only_one(store):
        try:
            with registers_on(
                engine, sources, store, folder=spill, memory=memory, threads=threads, progress=say
            ) as registers:
                delivered = None
                if sets:
                    with DuckDB(spill, memory=memory, threads=threads) as reading:  # delivered files, as an import does
                        delivered = read_set_file(sets, sources, store, reading)
                return audit_study(registers, study, delivered, say=say)
        finally:
            shutil.rmtree(spill, ignore_errors=True)


def audit_study(
    registers: Registers,
    study: Study,
    delivered: SetFile | None = None,
    *,
    say: Callable[[str], None] = lambda text: None,
) -> Audited:
    """Audit the sets of every comparison of a study: sampled, found or given, as a run would.

    Parameters
    ----------
    delivered : sets to audit instead, as those of the study's first comparison

    Raises
    ------
    SourceError
        The period goes on after the delivery, or after the end of a register.
    DesignError
        A name of the study is that of no row, or there is nobody to compare.
    """
    refuse_uncovered(study, registers.coverage)
    refuse_unnamed(registers, study)
    say("finding the cases")
    cases = cases_of(registers, study)
    audits, attrition = [], [cases.attrition]
    for controls in study.controls:
        say(f"auditing the {controls.comparison} sets")
        matched = (
            take_sets(registers, study.cases.first, controls, cases, delivered.table)
            if delivered
            else sets_for(registers, study.case_definition, controls, cases, seed=study.seed)
        )
        attrition.append(matched.attrition)
        # The audit looks for the cases anew: it takes nothing from the sampling that it judges.
        audits.append(audit_sets(registers, study.case_definition, matched.table, controls))
    quality = delivered.quality if delivered else _sets_set_aside(registers, study)
    return Audited(pa.concat_tables(audits), pa.concat_tables(attrition), quality)


def _sets_set_aside(registers: Registers, study: Study) -> list[QualityRow]:
    """Of the sets that a study is given, those that an import has set aside whole, or has told of."""
    if not any(isinstance(controls, GivenControls) for controls in study.controls):
        return []
    rows = map(QualityRow.read, registers.quality.to_pylist())
    return [row for row in rows if counts_sets(row.rule, row.subject)]


def _narrowed(study: Study, comparison: str | None, *, one: bool) -> Study:
    """The study with the comparisons to audit, and without what an audit does not ask for."""
    names = [controls.comparison for controls in study.controls]
    if comparison is not None and comparison not in names:
        raise SpecError(
            f"the study has no comparison {shown(comparison)}", where="--comparison", remedy=closest(comparison, names)
        )
    if comparison is None and one and len(names) > 1:
        if "given" not in names:
            raise SpecError(
                "the study has several comparisons",
                where="--comparison",
                remedy=f"say which the sets are meant to be: {', '.join(names)}",
            )
        comparison = "given"
    kept = tuple(c for c in study.controls if comparison in (None, c.comparison))
    nothing = {**dict.fromkeys(("exposures", "covariates", "models", "published"), ()), "prognosis": None}
    return study.model_copy(update={"controls": kept, "anchor": "index date", **nothing})
