"""Which models are fitted, and each one's columns: who is left out of it, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.analysis.coding import Block
from riskset.analysis.frame import Rows
from riskset.analysis.prognosis.patients import REFERENCE, Patients
from riskset.microdata import Microdata
from riskset.results.notes import Note, NoteCode, note
from riskset.results.vocabulary import DiagnosticCode, Form, Sensitivity
from riskset.spec.levels import EVER, LAG_ONLY
from riskset.spec.models import Prognosis

FIRST_SCORE = "first score"
"""The covariate of a sensitivity: what each patient's first score was."""


@dataclass(frozen=True)
class ModelForm:
    """What stands in a model: its form, the exposures and the covariates, and what makes it a sensitivity."""

    form: Form
    exposures: tuple[str, ...]
    covariates: tuple[str, ...]
    sensitivity: Sensitivity = Sensitivity.NONE

    @property
    def exposure(self) -> str:
        """The class, where the model has one; empty where it has several."""
        return self.exposures[0] if len(self.exposures) == 1 else ""


def forms_of(asked: Prognosis, exposures: Sequence[str]) -> list[ModelForm]:
    """Each exposure alone, all together, or both, each without and with the covariates."""
    covariates = asked.adjust
    forms = []
    alone = "each" in asked.classes or len(exposures) == 1
    for name in exposures if alone else ():
        forms.append(ModelForm(Form.CRUDE, (name,), ()))
        forms += [ModelForm(Form.ADJUSTED, (name,), covariates)] if covariates else []
    if "together" in asked.classes and len(exposures) > 1:
        crude = Form.MUTUALLY_CRUDE if covariates else Form.MUTUALLY_ADJUSTED
        forms.append(ModelForm(crude, tuple(exposures), ()))
        forms += [ModelForm(Form.MUTUALLY_ADJUSTED, tuple(exposures), covariates)] if covariates else []
    return forms


def most_adjusted(forms: Sequence[ModelForm]) -> list[ModelForm]:
    """The form that has all exposures and covariates; without one, each exposure's with all covariates."""
    together = [one for one in forms if one.form == Form.MUTUALLY_ADJUSTED]
    return together or [one for one in forms if one.form == Form.ADJUSTED] or list(forms)


@dataclass(frozen=True)
class Loss:
    """Patients whom a model leaves out, or a covariate.

    Attributes
    ----------
    code : what is lost
    name, level : the covariate or class concerned, and its level
    count : how many patients
    reason : why
    """

    code: DiagnosticCode
    name: str
    level: str
    count: int
    reason: Note


@dataclass(frozen=True)
class Design(Microdata):
    """The columns of a form in the rows of the patients that it uses.

    Attributes
    ----------
    form : what it is
    rows : (n,) which patients
    blocks : the columns of the exposures, then of the covariates, in these rows; none is constant
    n_exposures : the first so many blocks are exposures
    absent : (exposure, level, reason) of levels that have no estimate
    losses : patients left out, and covariates
    """

    form: ModelForm
    rows: Rows
    blocks: tuple[Block, ...]
    n_exposures: int
    absent: tuple[tuple[str, str, Note], ...]
    losses: tuple[Loss, ...]

    @property
    def exposures(self) -> tuple[Block, ...]:
        """The blocks of the exposures."""
        return self.blocks[: self.n_exposures]

    @property
    def x(self) -> NDArray[np.float64]:
        """(rows, p) all columns side by side."""
        parts = [block.columns for block in self.blocks]
        return np.column_stack(parts) if parts else np.zeros((int(self.rows.sum()), 0))

    @property
    def names(self) -> tuple[str, ...]:
        """(p,) names of the columns."""
        return tuple(name for block in self.blocks for name in block.names)

    @property
    def estimable(self) -> bool:
        """Whether a level of an exposure is left to be estimated."""
        return any(block.levels for block in self.exposures)


@dataclass(frozen=True)
class Need:
    """What the patients at a level must have for it to be estimated; why it is not, at a level and at the reference.

    ``met`` takes (n,) who is at the level.
    """

    met: Callable[[Rows], bool]
    reason: Note
    of_reference: Note


def events_of(patients: Patients) -> Need:
    """An event: without any the hazard ratio of a level tends to 0, which leaving its patients out comes to."""
    return Need(
        lambda rows: bool((rows & patients.endpoint).any()),
        note(NoteCode.NO_EVENT_AT_LEVEL),
        note(NoteCode.NO_EVENT_IN_REFERENCE, reference=patients.unexposed),
    )


def scores_of(patients: Patients, days: int) -> Need:
    """Scores on as many different days as a mean course has terms."""
    return Need(
        lambda rows: len(np.unique(patients.day[rows[patients.patient]])) >= days,
        note(NoteCode.FEW_SCORE_DAYS_AT_LEVEL, days=days),
        note(NoteCode.FEW_SCORE_DAYS_IN_REFERENCE, days=days, reference=patients.unexposed),
    )


def design(
    patients: Patients,
    form: ModelForm,
    *,
    lag_only: str,
    among: Rows | None = None,
    needs: Sequence[Need] | None = None,
) -> Design:
    """The columns of a form and the patients that it uses.

    Complete case: who has an unknown covariate is left out. Numbers are centred at their mean. The patients at a level
    of an exposure or of a covariate that has not what the model needs are left out, and counted.

    Parameters
    ----------
    among : (n,) whom to look at, where not all
    needs : of every level; an event by default
    """
    needs = [events_of(patients)] if needs is None else needs
    rows = np.ones(len(patients), bool) if among is None else among.copy()
    losses: list[Loss] = []

    def leave_out(who: Rows, name: str, level: str, reason: Note) -> None:
        if count := int((rows & who).sum()):
            losses.append(Loss(DiagnosticCode.PATIENTS_LEFT_OUT, name, level, count, reason))
        rows[who] = False

    for name in form.exposures:
        if lag_only == "exclude":
            leave_out(patients.level[name] == LAG_ONLY, name, LAG_ONLY, note(NoteCode.EXCLUDED_BY_STUDY))
    unknown = {name: ~np.asarray(patients.covariates[name].is_valid()) for name in form.covariates}
    for name, missing in unknown.items():
        if count := int((rows & missing).sum()):
            reason = note(NoteCode.COMPLETE_CASE)
            losses.append(Loss(DiagnosticCode.UNKNOWN_VALUE, name, "", count, reason))
    for missing in unknown.values():
        rows &= ~missing
    left_out = (LAG_ONLY,) if lag_only == "exclude" else ()
    absent = [one for name in form.exposures for one in _absent(patients, name, rows, needs, left_out)]
    for name, level, reason in absent:
        leave_out(patients.level[name] == level, name, level, reason)
    for name in form.covariates:
        for level, who in _levels_of(patients.covariates[name]):
            unmet = _unmet(needs, rows & who)
            if unmet is not None and (rows & who).any():
                leave_out(who, name, level, unmet.reason)
    exposures = [_exposure(patients, name, rows) for name in form.exposures]
    covariates = []
    for name in form.covariates:
        block = _covariate(patients.covariates[name], name, rows)
        if block.levels:
            covariates.append(block)
        else:
            losses.append(Loss(DiagnosticCode.COVARIATE_LEFT_OUT, name, "", 0, note(NoteCode.DOES_NOT_VARY)))
    blocks = (*exposures, *covariates)
    return Design(form, rows, blocks, len(exposures), tuple(absent), tuple(losses))


def complete_case(form: ModelForm) -> tuple[Note, ...]:
    """That who has an unknown covariate is left out of a form, where it has covariates."""
    return (note(NoteCode.COMPLETE_CASE),) if form.covariates else ()


def _unmet(needs: Sequence[Need], rows: Rows) -> Need | None:
    """The first need that some patients do not meet."""
    return next((need for need in needs if not need.met(rows)), None)


def _absent(
    patients: Patients, name: str, rows: Rows, needs: Sequence[Need], left_out: Sequence[str]
) -> list[tuple[str, str, Note]]:
    """Levels of an exposure that have no estimate: empty, without what is needed, or all, where the reference is so."""
    exposed = patients.level[name]
    levels = [level for level in patients.levels_of(name) if level not in (REFERENCE, *left_out)] or [EVER]
    reason = _no_reference(patients, rows, rows & (exposed == REFERENCE), needs)
    if reason is not None:
        return [(name, level, reason) for level in levels]
    absent = []
    for level in levels:
        at_level = rows & (exposed == level)
        unmet = _unmet(needs, at_level)
        if not (exposed == level).any():
            absent.append((name, level, note(NoteCode.NO_PATIENT_AT_LEVEL)))
        elif not at_level.any():
            absent.append((name, level, note(NoteCode.NOBODY_LEFT_AT_LEVEL)))
        elif unmet is not None:
            absent.append((name, level, unmet.reason))
    return absent


def _no_reference(patients: Patients, rows: Rows, unexposed: Rows, needs: Sequence[Need]) -> Note | None:
    """Why nothing can be compared with the unexposed of some patients; None where it can."""
    if not rows.any():
        return note(NoteCode.NOBODY_LEFT)
    if not unexposed.any():
        return note(NoteCode.NOBODY_UNEXPOSED, reference=patients.unexposed)
    unmet = _unmet(needs, unexposed)
    return None if unmet is None else unmet.of_reference


def _levels_of(values: pa.Array) -> Iterator[tuple[str, Rows]]:
    """The levels of a covariate that is no number, and who is at each."""
    if pa.types.is_string(values.type) or pa.types.is_boolean(values.type):
        texts = np.asarray(values.to_pylist(), dtype=object)
        for level in sorted({value for value in texts if value is not None}):
            yield {True: "yes", False: "no"}.get(level, str(level)), np.asarray(texts == level)


def _exposure(patients: Patients, name: str, rows: Rows) -> Block:
    levels = tuple(level for level in patients.levels_of(name) if level != REFERENCE)
    exposed = patients.level[name][rows]
    levels = tuple(level for level in levels if 0 < (exposed == level).sum() < len(exposed))
    matrix = np.column_stack([exposed == level for level in levels]) if levels else np.zeros((len(exposed), 0))
    return Block(name, EVER, levels, matrix.astype(float), REFERENCE)


def _covariate(values: pa.Array, name: str, rows: Rows) -> Block:
    """A covariate as columns: a text by its values, the reference being the most frequent; a number centred."""
    values = values.filter(pa.array(rows))
    if pa.types.is_boolean(values.type):
        column = np.asarray(values.to_pylist(), float)
        keep = 0 < column.sum() < len(column)
        return Block(name, name, ("yes",) if keep else (), column[:, None] if keep else column[:, None][:, :0], "no")
    if not pa.types.is_string(values.type):
        column = np.asarray(values.to_numpy(zero_copy_only=False), float)
        varies = len(column) > 0 and np.ptp(column) > 0
        centred = (column - column.mean())[:, None] if varies else np.zeros((len(column), 0))
        return Block(name, name, ("",) if varies else (), centred, "", numeric=True)
    texts, counts = np.unique(np.asarray(values.to_pylist(), dtype=str), return_counts=True)
    if len(texts) < 2:
        return Block(name, name, (), np.zeros((len(values), 0)), str(texts[0]) if len(texts) else "")
    reference = str(texts[np.argmax(counts)])  # of two as frequent, the first in the alphabet
    levels = tuple(str(text) for text in texts if text != reference)
    level = np.asarray(values.to_pylist(), dtype=str)
    return Block(name, name, levels, np.column_stack([level == t for t in levels]).astype(float), reference)
