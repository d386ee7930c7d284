"""Which models are fitted, and each one's columns: who is left out of it, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.analysis.coding import Block
from riskset.analysis.frame import Rows
from riskset.analysis.prognosis.patients import EVER, REFERENCE, Patients
from riskset.microdata import Microdata
from riskset.spec.levels import LAG_ONLY
from riskset.spec.models import Prognosis

CRUDE, ADJUSTED = "crude", "adjusted"
SAME_PATIENTS = "crude, patients of the adjusted model"
"""The crude model of those whose covariates are known: it and the adjusted one differ by adjustment alone."""
TOGETHER_CRUDE, TOGETHER = "mutually adjusted, no covariates", "mutually adjusted"

NOBODY = "nobody under follow-up has this level"
"""Why a class that no patient used has no estimate."""


@dataclass(frozen=True)
class Form:
    """A model form: its label, the exposures in it and the covariates."""

    label: str
    exposures: tuple[str, ...]
    covariates: tuple[str, ...]


def forms_of(asked: Prognosis, exposures: Sequence[str]) -> list[Form]:
    """Each exposure alone, all together, or both, each without and with the covariates."""
    covariates = asked.adjust
    forms = []
    alone = "each" in asked.classes or len(exposures) == 1
    for name in exposures if alone else ():
        forms.append(Form(CRUDE, (name,), ()))
        forms += [Form(ADJUSTED, (name,), covariates)] if covariates else []
    if "together" in asked.classes and len(exposures) > 1:
        forms.append(Form(TOGETHER_CRUDE if covariates else TOGETHER, tuple(exposures), ()))
        forms += [Form(TOGETHER, tuple(exposures), covariates)] if covariates else []
    return forms


def most_adjusted(forms: Sequence[Form]) -> list[Form]:
    """The form that has all exposures and covariates; without one, each exposure's with all covariates."""
    together = [form for form in forms if form.label == TOGETHER]
    return together or [form for form in forms if form.label == ADJUSTED] or list(forms)


@dataclass(frozen=True)
class Design(Microdata):
    """The columns of a form in the rows of the patients that it uses.

    Attributes
    ----------
    form : what it is
    rows : (n,) which patients
    blocks : the columns of the exposures, then of the covariates, in these rows; none is constant
    n_exposures : the first so many blocks are exposures
    absent : (exposure, level, why) of levels that have no estimate
    losses : (what, how many, why) of patients left out, and of covariates
    """

    form: Form
    rows: Rows
    blocks: tuple[Block, ...]
    n_exposures: int
    absent: tuple[tuple[str, str, str], ...]
    losses: tuple[tuple[str, int, str], ...]

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
    why: str
    of_reference: str


def events_of(patients: Patients) -> Need:
    """An event: without any the hazard ratio of a level tends to 0, which leaving its patients out comes to."""
    return Need(
        lambda who: bool((who & patients.endpoint).any()),
        "no event at this level: the hazard ratio tends to 0 and has no finite estimate",
        "no event among the never exposed",
    )


def scores_of(patients: Patients, days: int) -> Need:
    """Scores on as many different days as a mean course has terms."""
    return Need(
        lambda who: len(np.unique(patients.day[who[patients.patient]])) >= days,
        f"scores on fewer than {days} different days at this level: its course has no estimate",
        f"scores on fewer than {days} different days among the never exposed",
    )


def design(
    patients: Patients, form: Form, *, lag_only: str, among: Rows | None = None, needs: Sequence[Need] | None = None
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
    losses: list[tuple[str, int, str]] = []

    def leave_out(who: Rows, what: str, why: str) -> None:
        if count := int((rows & who).sum()):
            losses.append((what, count, why))
        rows[who] = False

    for name in form.exposures:
        if lag_only == "exclude":
            why = "excluded, as the study says"
            leave_out(patients.level[name] == LAG_ONLY, f"patients who took {name} inside the lag only", why)
    unknown = {name: ~np.asarray(patients.covariates[name].is_valid()) for name in form.covariates}
    for name, missing in unknown.items():
        if count := int((rows & missing).sum()):
            losses.append((f"patients with unknown {name}", count, "left out (complete case)"))
    for missing in unknown.values():
        rows &= ~missing
    left_out = (LAG_ONLY,) if lag_only == "exclude" else ()
    absent = [one for name in form.exposures for one in _absent(patients, name, rows, needs, left_out)]
    for name, level, why in absent:
        leave_out(patients.level[name] == level, f"patients at {name} = {level}", why)
    for name in form.covariates:
        for level, who in _levels_of(patients.covariates[name]):
            if (rows & who).any():
                unmet = next((need.why for need in needs if not need.met(rows & who)), "")
                if unmet:
                    leave_out(who, f"patients at {name} = {level}", unmet)
    exposures = [_exposure(patients, name, rows) for name in form.exposures]
    covariates = []
    for name in form.covariates:
        block = _covariate(patients.covariates[name], name, rows)
        if block.levels:
            covariates.append(block)
        else:
            losses.append((f"{name} left out of the model", 0, "it does not vary among these patients"))
    blocks = (*exposures, *covariates)
    return Design(form, rows, blocks, len(exposures), tuple(absent), tuple(losses))


def _absent(
    patients: Patients, name: str, rows: Rows, needs: Sequence[Need], left_out: Sequence[str]
) -> list[tuple[str, str, str]]:
    """Levels of an exposure that have no estimate: empty, without what is needed, or all, where the reference is so."""
    own = patients.level[name]
    levels = [level for level in patients.levels_of(name) if level not in (REFERENCE, *left_out)] or [EVER]
    never = rows & (own == REFERENCE)
    why = "" if never.any() else "nobody was never exposed"
    why = why or next((need.of_reference for need in needs if not need.met(never)), "")
    if not rows.any():
        return [(name, level, "nobody is left among the patients of this model") for level in levels]
    if why:
        return [(name, level, f"{why}: nothing to compare with") for level in levels]
    found = []
    for level in levels:
        here = rows & (own == level)
        unmet = next((need.why for need in needs if not need.met(here)), "")
        if not (own == level).any():
            found.append((name, level, NOBODY))
        elif not here.any():
            found.append((name, level, "nobody at this level is left among the patients of this model"))
        elif unmet:
            found.append((name, level, unmet))
    return found


def _levels_of(values: pa.Array) -> Iterator[tuple[str, Rows]]:
    """The levels of a covariate that is no number, and who is at each."""
    if pa.types.is_string(values.type) or pa.types.is_boolean(values.type):
        own = np.asarray(values.to_pylist(), dtype=object)
        for level in sorted({value for value in own if value is not None}):
            yield {True: "yes", False: "no"}.get(level, str(level)), np.asarray(own == level)


def _exposure(patients: Patients, name: str, rows: Rows) -> Block:
    levels = tuple(level for level in patients.levels_of(name) if level != REFERENCE)
    own = patients.level[name][rows]
    levels = tuple(level for level in levels if 0 < (own == level).sum() < len(own))
    matrix = np.column_stack([own == level for level in levels]) if levels else np.zeros((len(own), 0))
    return Block(name, "ever", levels, matrix.astype(float), REFERENCE)


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
    own = np.asarray(values.to_pylist(), dtype=str)
    return Block(name, name, levels, np.column_stack([own == t for t in levels]).astype(float), reference)
