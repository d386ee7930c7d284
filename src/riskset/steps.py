"""Steps of a study on their own, for an analysis that no description has: sets, measures, a table of both, a model.

What they give is microdata, shown as its shape alone; ``to_arrow()``, ``to_pandas()`` and NumPy take the values out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from riskset.analysis import risk
from riskset.analysis.frame import AnalysisFrame
from riskset.analysis.recording import RiskResult
from riskset.analysis.whose_sets import SetsCompared, comparisons_in
from riskset.cohort.audit import audit_sets, refuse_violations
from riskset.cohort.named import refuse_unnamed
from riskset.errors import SpecError
from riskset.microdata import Microdata, MicrodataTable, NumberedTable
from riskset.registers.coverage import refuse_uncovered
from riskset.registers.registers import Registers
from riskset.report.brief import table_estimates
from riskset.report.noticed import in_sentences
from riskset.results.columns import table_of
from riskset.results.notes import Note
from riskset.results.released import Released
from riskset.results.rows import Diagnostic, Estimate
from riskset.run import refuse_no_registers, refuse_no_study, refuse_swapped
from riskset.spec.complaints import closest, shown
from riskset.spec.models import ConditionalLogistic
from riskset.spec.study import Study
from riskset.spec.words import both
from riskset.stages import find_sets, frame_of, measure_members


def remarks_on(registers: Registers) -> tuple[str, ...]:
    """What was noticed of delivered rows that break no rule and may be wrong all the same, in sentences.

    Raises
    ------
    SpecError
        These are no registers.
    """
    refuse_no_registers(registers)
    return in_sentences(registers.remarks, in_memory=registers.in_memory)


def sample_sets(study: Study, registers: Registers) -> NumberedTable:
    """The matched sets of every comparison of a study: drawn, found or given, and audited, as a run has them.

    Returns
    -------
    comparison, set_id, person_id, case, index_date, relation, and what the sets were matched on; a person may serve in
    several sets, which are told apart by comparison and set_id.

    Raises
    ------
    SourceError, DesignError
        As `run_study` does before anything is estimated.
    """
    refuse_swapped(study, registers)
    refuse_uncovered(study, registers.coverage)
    refuse_unnamed(registers, study)
    cohort = find_sets(study, registers)
    refuse_violations(cohort.audit)
    return NumberedTable(cohort.sets, registers.fingerprint)


@dataclass(frozen=True)
class MeasuredSets(Microdata):
    """Matched sets with what was measured of their members; no part of it shows a person.

    `analysis_table` makes one table of it, `fit_risk` fits a model of the study on it.
    """

    _frame: AnalysisFrame

    def __repr__(self) -> str:
        return str(self._frame).replace(type(self._frame).__name__, type(self).__name__, 1)

    @property
    def sets(self) -> MicrodataTable:
        """The matched sets, with `anchor_date`, where the windows of a row end."""
        return MicrodataTable(self._frame.sets)

    @property
    def terms(self) -> pa.Table:
        """The levels of each measure, in order; of nobody."""
        return self._frame.terms

    @property
    def values(self) -> MicrodataTable:
        """A row for each anchor and term with what was measured, where it is not zero."""
        return MicrodataTable(self._frame.values)

    @property
    def covariates(self) -> MicrodataTable:
        """One row per person and index date, a column per covariate."""
        return MicrodataTable(self._frame.covariates)

    @property
    def windowed(self) -> MicrodataTable | None:
        """Covariates with a window of their own, one row per person and anchor date; None where these are the same."""
        return None if self._frame.windowed is None else MicrodataTable(self._frame.windowed)

    @property
    def audit(self) -> pa.Table | None:
        """The audit of the sets: what was looked for, and how many were found."""
        return self._frame.audit

    @property
    def registers(self) -> str:
        """The fingerprint of the registers that its persons have their numbers of."""
        return self._frame.registers

    def to_frame(self) -> AnalysisFrame:
        """What the models take: its arrays print the values of persons."""
        return self._frame


def measure(study: Study, registers: Registers, sets: MicrodataTable | pa.Table) -> MeasuredSets:
    """What the members of matched sets had been dispensed and were like, as the study defines it.

    Parameters
    ----------
    study
        Its exposures and covariates are measured; and what its models adjust for.
    sets
        As `sample_sets` gives them, or some rows of these.

    Returns
    -------
    The measured sets: `analysis_table` makes one table of them, `fit_risk` fits a model of the study on them.

    Raises
    ------
    SpecError
        The sets are of other registers, or no table as `sample_sets` gives it.
    """
    refuse_swapped(study, registers)
    table = _sets_of(registers, sets)
    cases = table.filter(pc.field("case")).group_by(["person_id", "index_date"]).aggregate([])
    frame = frame_of(table, measure_members(study, registers, table, cases))
    return MeasuredSets(replace(frame, registers=registers.fingerprint, audit=_audit_of(study, registers, table)))


def _audit_of(study: Study, registers: Registers, sets: pa.Table) -> pa.Table | None:
    """The audit of the sets as they are now, on which it depends what their odds ratios estimate."""
    of_each = ((controls, sets.filter(pc.field("comparison") == controls.comparison)) for controls in study.controls)
    audits = [
        audit_sets(registers, study.case_definition, members, controls) for controls, members in of_each if len(members)
    ]
    return pa.concat_tables(audits) if audits else None


def _sets_of(registers: Registers, sets: MicrodataTable | pa.Table) -> pa.Table:
    """Matched sets as an Arrow table; refused where they are of other registers, or no sets."""
    if isinstance(sets, NumberedTable) and sets.registers != registers.fingerprint:
        raise SpecError(
            "they are of other registers", where="sets", remedy="take sample_sets(study, registers) of these"
        )
    table = sets.to_arrow() if isinstance(sets, MicrodataTable) else sets
    there = {field.name: field.type for field in table.schema} if isinstance(table, pa.Table) else {}
    wrong = [name for name, kind in _OF_SETS.items() if there.get(name) != kind]
    if wrong:
        raise SpecError(
            f"{both(wrong)} {'is' if len(wrong) == 1 else 'are'} not there, or not as sampled"
            if there
            else "this is no table of matched sets",
            where="sets",
            remedy="give what sample_sets(study, registers) gives, or some rows of it",
        )
    return table


_OF_SETS = {
    "comparison": pa.string(),
    "set_id": pa.int64(),
    "person_id": pa.int64(),
    "case": pa.bool_(),
    "index_date": pa.date32(),
}


def analysis_table(frame: MeasuredSets, variables: NumberedTable | None = None) -> MicrodataTable:
    """Matched sets with everything measured as columns, one row for each member of each set.

    Parameters
    ----------
    frame
        As `measure` gives it.
    variables
        Variables of yours, one row a person, as `Registers.numbered` of the same registers gives them; empty for
        members of sets that it has no row of.

    Returns
    -------
    The columns of the sets; a column for each level of each measure, ``<exposure> <measure> <level>``, zero where
    nothing was measured; a column for each covariate; your variables.

    Raises
    ------
    SpecError
        ``variables`` are not what `Registers.numbered` of these registers gave, a person has several rows, or a column
        has a name that is taken.
    """
    measured = _frame_in(frame)
    table = measured.sets
    for term in measured.terms.to_pylist():
        name = " ".join(dict.fromkeys((term["exposure"], term["measure"], term["level"])))
        table = table.append_column(name, pa.array(measured.value(term["term"])))
    for name in _covariates(measured):
        table = table.append_column(name, measured.covariate(name))
    if variables is None:
        return MicrodataTable(table)
    _refuse_other_numbers(measured, variables)
    return MicrodataTable(_joined(table, variables))


def _frame_in(measured: object) -> AnalysisFrame:
    if not isinstance(measured, MeasuredSets):
        what = f"these are no measured sets ({type(measured).__name__})"
        raise SpecError(what, where="frame", remedy="take riskset.measure(study, registers, sets)")
    return measured.to_frame()


def _refuse_other_numbers(frame: AnalysisFrame, variables: object) -> None:
    """Numbers of other registers, or identifiers as delivered, would be joined to other people."""
    if not isinstance(variables, NumberedTable) or "person_id" not in variables.column_names:
        what = "it does not have its persons by their numbers in the registers"
    elif variables.registers != frame.registers:
        what = "it has its persons by their numbers in other registers"
    else:
        return
    raise SpecError(what, where="your table", remedy="take registers.numbered(…) of it")


def _covariates(frame: AnalysisFrame) -> list[str]:
    tables = [frame.covariates, *([frame.windowed] if frame.windowed is not None else [])]
    names = (name for table in tables for name in table.column_names)
    return [n for n in dict.fromkeys(names) if n not in ("person_id", "index_date", "history_start", *_kept(frame))]


def _kept(frame: AnalysisFrame) -> list[str]:
    """Columns that the sets have already, such as what they were matched on."""
    return list(frame.sets.column_names)


def _joined(table: pa.Table, variables: NumberedTable) -> pa.Table:
    mine = variables.to_arrow()
    taken = [name for name in mine.column_names if name != "person_id" and name in table.column_names]
    if taken:
        raise SpecError(f"the analysis table has a column {shown(taken[0])}", where="your table", remedy="rename yours")
    persons = np.asarray(mine["person_id"])
    known, first = np.unique(persons, return_index=True)
    if len(known) < len(persons):
        raise SpecError(
            f"{len(persons) - len(known):,} rows are of a person who has one already",
            where="your table",
            remedy="give one row a person",
        )
    place = pc.index_in(table["person_id"], value_set=pa.array(known))
    rows = pc.take(pa.array(first), place)
    for name in mine.column_names:
        if name != "person_id":
            table = table.append_column(name, mine[name].take(rows))
    return table


@dataclass(kw_only=True)
class RiskFitted(RiskResult):
    """What a model of a study gave on the sets of one comparison; ``estimates`` are the rows as a run stores them.

    Attributes
    ----------
    study : which asked for it
    """

    study: Study

    def table(self, *, ratio: bool = True, all: bool = False) -> pa.Table:
        """The estimates as `Run.estimates` shows them: in words, a row for each level and form of the model.

        Parameters
        ----------
        ratio, all : as there
        """
        tables = {
            "estimates": table_of(self.estimates, Estimate),
            "diagnostics": table_of(self.diagnostics, Diagnostic),
        }
        released = Released(self.study, tables, {})
        return table_estimates(released, ratio=ratio, everything=all, comparison=None, exposure=None, analysis=None)


def fit_risk(
    study: Study,
    model: ConditionalLogistic,
    measured: MeasuredSets,
    *,
    comparison: str,
    estimand: tuple[Note, ...] | None = None,
) -> RiskFitted:
    """Fit one model of the study on the matched sets of one comparison, as a run fits it.

    Estimated is the odds ratio of exposure within matched sets; with incidence-density sampling it estimates the
    hazard ratio (Prentice & Breslow 1978). Beside relatives, the same cases' other sets are a comparison too, called as
    in ``run.estimates()``.

    Parameters
    ----------
    study, model : what is asked; the model is one of ``study.models``
    measured : as `measure` gives it, of one comparison or of several
    comparison : whose sets the model is fitted on
    estimand : notes on what the odds ratio estimates; left out, what the audit of the sets says

    Returns
    -------
    Rows on the log scale; ``table()`` is for people.

    Raises
    ------
    SpecError
        There are no sets of this comparison, the study has no such model, or an argument is of another kind.
    """
    refuse_no_study(study)
    frame = _frame_in(measured)
    if model not in study.models:
        raise SpecError("the study has no such model", where="model", remedy="take one of study.models")
    if estimand is not None and not (isinstance(estimand, tuple) and all(isinstance(one, Note) for one in estimand)):
        what = f"these are no notes ({type(estimand).__name__})"
        raise SpecError(what, where="estimand", remedy="leave it out: the audit of the sets says what they estimate")
    compared = {one.label: one for one in comparisons_in(study.controls, frame.sets, frame.audit)}
    if not isinstance(comparison, str) or comparison not in compared:
        what = f"there are no sets of a comparison {shown(comparison)}"
        raise SpecError(what, where="comparison", remedy=closest(str(comparison), list(compared)))
    return _fit(study, model, frame, compared, comparison, estimand)


def _fit(
    study: Study,
    model: ConditionalLogistic,
    measured: AnalysisFrame,
    compared: dict[str, SetsCompared],
    comparison: str,
    estimand: tuple[Note, ...] | None,
) -> RiskFitted:
    one = compared[comparison]
    # Beside relatives the model is fitted on the cases whom it is fitted on among them.
    among = _fit(study, model, measured, compared, one.beside, None).cases if one.beside else None
    notes = one.estimand if estimand is None else estimand
    frame = replace(measured, sets=one.sets)
    made = risk.fit_risk(study, one.asked(model), frame, comparison=comparison, estimand=notes, among=among)
    return RiskFitted(
        estimates=made.estimates, diagnostics=made.diagnostics, failures=made.failures, cases=made.cases, study=study
    )
