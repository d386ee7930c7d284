"""Fits seen while they are made become data and a list of models, by which other programs fit them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from riskset.analysis.coding import Block
from riskset.analysis.frame import AnalysisFrame, Rows
from riskset.analysis.prognosis.patients import REFERENCE, Floats, Ints, Patients
from riskset.analysis.prognosis.recording import HazardsSeen
from riskset.analysis.recording import Fitting, OddsSeen
from riskset.exposure.splitting import split_followup
from riskset.microdata import Microdata
from riskset.results.columns import as_cells
from riskset.results.refitting import KEY, CodedVariable, Entering, ModelTerm, PrintedRatio, RefittedModel, Refitting
from riskset.results.rows import Estimate
from riskset.results.vocabulary import Contrast, Family, Model, Role, Sensitivity
from riskset.spec.levels import AFTER_DIAGNOSIS, EVER, LAG_ONLY, NEVER, UNKNOWN


@dataclass(frozen=True)
class _Values(Microdata):
    """A variable with its values (n, columns), nothing where ``unknown`` (n,)."""

    variable: CodedVariable
    values: NDArray[np.float64]
    unknown: Rows


@dataclass
class GatheredData(Microdata):
    """Rows with the variables of the models fitted on them, and who is in which model.

    Attributes
    ----------
    name, about : of its file; the comparison that it is of
    columns : what every row has, beside the variables
    """

    name: str
    about: str
    columns: dict[str, Ints]
    _known: dict[bytes, _Values] = field(default_factory=dict)
    _masks: dict[bytes, Rows] = field(default_factory=dict)
    _used: dict[int, bytes] = field(default_factory=dict)

    def variable(
        self, letter: str, about: str, measure: str, levels: Sequence[str], values: NDArray[np.float64], unknown: Rows
    ) -> CodedVariable:
        """The variable that has these values (n, columns); one that is there already if it is the same."""
        values = np.where(unknown[:, None], 0.0, values)
        facts = repr((letter, about, measure, levels, values.shape)).encode()
        key = blake2b(facts + np.packbits(unknown).tobytes() + np.ascontiguousarray(values).tobytes()).digest()
        if key not in self._known:
            number = 1 + sum(one.variable.name.startswith(letter) for one in self._known.values())
            made = CodedVariable(f"{letter}{number}", about, measure, tuple(levels), values.shape[1])
            self._known[key] = _Values(made, values.astype(np.int32 if levels else np.float64), unknown)
        return self._known[key].variable

    def variable_about(self, covariate: str) -> CodedVariable | None:
        """A variable of a covariate, whatever its reference, if there is one."""
        return next((one.variable for one in self._known.values() if one.variable.about == covariate), None)

    def column(self, name: str, values: Ints) -> str:
        """The name of the column that has these values (n,): the given one, or one made for them."""
        if name not in self.columns or np.array_equal(self.columns[name], values):
            self.columns[name] = values
            return name
        return self.column(f"{name}_later", values)

    def note_used(self, number: int, rows: Rows) -> None:
        """Keep which rows (n,) are in a model."""
        packed = np.packbits(rows).tobytes()
        self._used[number] = packed
        self._masks.setdefault(packed, rows)

    @property
    def variables(self) -> list[CodedVariable]:
        return [one.variable for one in self._known.values()]

    @property
    def is_used(self) -> bool:
        """Whether any model is fitted on it."""
        return bool(self._used)

    def tables(self) -> dict[str, pa.Table]:
        """The rows; and their groups, each of rows that are in the same models."""
        size = len(next(iter(self.columns.values())))
        group, first = np.zeros(size, np.int64), np.zeros(1, np.int64)
        for rows in self._masks.values():
            _, first, group = np.unique(2 * group + rows, return_index=True, return_inverse=True)
        data: dict[str, pa.Array] = {name: pa.array(values) for name, values in self.columns.items()}
        data["group"] = pa.array(group + 1)
        for one in self._known.values():
            names = one.variable.column_names
            data |= {n: pa.array(one.values[:, i], mask=one.unknown) for i, n in enumerate(names)}
        groups = {"group": pa.array(np.arange(len(first)) + 1)}
        groups |= {f"m{n}": pa.array(self._masks[used][first].astype(np.int8)) for n, used in self._used.items()}
        return {self.name: _numbered(data), f"{self.name}_groups": _numbered(groups)}


def _numbered(columns: Mapping[str, pa.Array]) -> pa.Table:
    """A table with each row's number in front: what takes a byte-order mark for a letter spoils no other column."""
    size = len(next(iter(columns.values())))
    return pa.table({"row": pa.array(np.arange(size) + 1), **columns})


@dataclass
class FitsSeen(Microdata):
    """Every fit of a run that is printed, with the data it was made on."""

    models: list[RefittedModel] = field(default_factory=list)
    data: list[GatheredData] = field(default_factory=list)

    @property
    def refitting(self) -> Refitting:
        """The models, without data."""
        return Refitting(tuple(self.models))

    def tables(self) -> dict[str, pa.Table]:
        """The data of all models by the name of their file; ``variables`` says what the columns are."""
        used = [one for one in self.data if one.is_used]
        made = {name: table for one in used for name, table in one.tables().items()}
        return made | {"variables": _described(used)}

    def of_sets(self, frame: AnalysisFrame, comparison: str) -> OddsWatch:
        """Who watches the models fitted on the sets of a comparison."""
        number = sum(one.name.startswith("sets") for one in self.data) + 1
        columns = {"set": frame.set_position + 1, "case": frame.case.astype(np.int64)}
        return OddsWatch(self, self._gather(f"sets_{number}", comparison, columns), frame)

    def of_patients(self, patients: Patients, comparison: str) -> HazardsWatch:
        """Who watches the models of the followed."""
        spans = {"start": patients.start, "stop": patients.stop, "event": patients.event}
        whole = self._gather("followed", comparison, {"patient": np.arange(len(patients)) + 1, **spans})
        row, start, stop, event = np.arange(len(patients)), patients.start, patients.stop, patients.event
        for change in patients.changes.values():
            cut = split_followup(start, stop, event, change[row])
            row, start, stop, event = row[cut.row], cut.start, cut.stop, cut.event
        spans = {"patient": row + 1, "start": start, "stop": stop, "event": event}
        pieces = self._gather("followed_in_pieces", comparison, spans) if patients.changes else None
        after = {name: np.asarray(change[row] <= start) for name, change in patients.changes.items()}
        return HazardsWatch(self, patients, whole, pieces, row, after)

    def _gather(self, name: str, about: str, columns: Mapping[str, Ints]) -> GatheredData:
        self.data.append(GatheredData(name, about, dict(columns)))
        return self.data[-1]

    def keep(
        self,
        data: GatheredData,
        rows: Rows,
        model: Model,
        terms: Mapping[str, ModelTerm],
        estimates: Sequence[Estimate],
        ties: str,
        events: tuple[int, ...] = (),
        entry: str = "",
    ) -> None:
        """Keep a model; ``terms`` are by the name of the exposure or covariate."""
        number = len(self.models) + 1
        data.note_used(number, rows)
        printed = tuple(_printed(row, terms) for row in estimates)
        of, stands = estimates[0].model_id, tuple(terms.values())
        self.models.append(RefittedModel(number, data.name, of, model, stands, printed, ties, events, entry))


def _described(used: Sequence[GatheredData]) -> pa.Table:
    """A row for each code of each variable, and for each number."""
    rows = [
        (data.name, data.about, v.name, v.about, v.measure, code, level)
        for data in used
        for v in data.variables
        for code, level in (enumerate(v.levels) if v.levels else [(None, "")])
    ]
    names = ("data", "comparison", "column", "about", "measure", "code", "level")
    kinds = [pa.string()] * 5 + [pa.int64(), pa.string()]
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pa.table([pa.array(c, k) for c, k in zip(columns, kinds, strict=True)], names)


def _printed(row: Estimate, terms: Mapping[str, ModelTerm]) -> PrintedRatio:
    cells = dict(as_cells(row))
    term = terms[row.covariate if row.role is Role.COVARIATE else row.exposure]
    return PrintedRatio(tuple(cells[name] for name in KEY), term.column(row.level, row.stratum))


@dataclass
class OddsWatch(Microdata):
    """Sees the fits of conditional logistic models on the sets of one comparison."""

    seen: FitsSeen
    data: GatheredData
    frame: AnalysisFrame

    def __call__(self, fit: OddsSeen) -> None:
        """Keep a fit."""
        exposures = fit.fitting.classes
        references = {block.name: block.reference for block in fit.blocks if not block.modifier}
        terms = {}
        for block, entering in _entering(fit.fitting):
            if block.levels:
                variable = self._variable(block, references.get(block.name, block.reference), block.name in exposures)
                by = None
                if fit.fitting.parts and entering is not Entering.ITSELF:
                    factor = fit.fitting.parts.by
                    by = self._variable(factor, factor.reference, is_exposure=False)
                terms[block.name] = ModelTerm(variable, entering, by)
        self.seen.keep(self.data, fit.rows, fit.fitting.model, terms, fit.estimates, fit.ties)

    def _variable(self, block: Block, reference: str, is_exposure: bool) -> CodedVariable:
        letter, facts = ("x", (block.name, block.term)) if is_exposure else ("c", (block.term, ""))
        unknown = self._unknown(block, is_exposure)
        if block.numeric:
            return self.data.variable(letter, *facts, (), block.columns, unknown)
        names = (block.reference, *block.levels)
        levels = (reference, *(name for name in names if name != reference))
        place = np.array([levels.index(name) for name in names])
        # A row is at one level at most, and at the reference where it is at none.
        codes = place[(block.columns @ np.arange(1.0, len(names))).astype(np.int64)]
        return self.data.variable(letter, *facts, levels, codes[:, None].astype(float), unknown)

    def _unknown(self, block: Block, is_exposure: bool) -> Rows:
        """Rows (n,) without a value: at no level of it, and not of the reference either."""
        frame = self.frame
        nobody = np.zeros(len(frame.set_id), bool)
        if is_exposure:
            if LAG_ONLY in block.levels or block.reference != NEVER:
                return nobody
            inside = [t for t in frame.terms_of(block.name, block.term) if t["level"] == LAG_ONLY]
            return np.asarray(np.any([nobody, *(frame.value(t["term"]) > 0 for t in inside)], axis=0))
        if UNKNOWN in (block.reference, *block.levels):
            return nobody
        return ~np.asarray(frame.covariate(block.term).is_valid())


def _entering(fitting: Fitting) -> list[tuple[Block, Entering]]:
    """The blocks of a model as they were before they were parted, and how each enters."""
    parts = fitting.parts
    if parts is None:
        return [(block, Entering.ITSELF) for block in (*fitting.exposures, *fitting.covariates)]
    entering = Entering.IN_EACH_STRATUM
    if parts.by.numeric:
        entering = Entering.TIMES_NUMBER
    elif fitting.contrast is Contrast.RATIO_OF_RATIOS:
        entering = Entering.AGAINST_FIRST_STRATUM
    covariates = [(block, Entering.IN_EACH_STRATUM) for block in parts.covariates]
    return [
        *((block, entering) for block in parts.exposures),
        *(covariates or [(block, Entering.ITSELF) for block in fitting.covariates]),
    ]


@dataclass
class HazardsWatch(Microdata):
    """Sees the Cox and Fine-Gray models of the followed.

    Attributes
    ----------
    patients, whole : the followed, a row each
    pieces, row, after : their time cut at each change of exposure (m,): whose a piece is, and exposure → whether it
        lies after the change
    """

    seen: FitsSeen
    patients: Patients
    whole: GatheredData
    pieces: GatheredData | None
    row: Ints
    after: Mapping[str, Rows]

    def __call__(self, fit: HazardsSeen) -> None:
        """Keep a fit."""
        in_pieces = self.pieces is not None and fit.left_out is not None
        data, row = (self.pieces, self.row) if self.pieces and in_pieces else (self.whole, np.arange(len(fit.patients)))
        printed = {one.covariate for one in fit.estimates}
        terms = {}
        for number, block in enumerate(fit.design.blocks):
            if number < fit.design.n_exposures:
                variable = self._exposure(data, fit.patients, block.name, row, in_pieces)
            else:
                exact = block.name in printed
                values = fit.patients.covariates[block.name].take(pa.array(row))
                variable = (None if exact else data.variable_about(block.name)) or _covariate(data, block, values)
            terms[block.name] = ModelTerm(variable)
        rows = fit.design.rows[row]
        for name in fit.left_out or ():
            rows = rows & ~self.after[name]
        entry = "start"
        if fit.model.sensitivity is Sensitivity.BASELINE_SCORE:
            entry = data.column("start", fit.patients.start)
        self.seen.keep(data, rows, fit.model, terms, fit.estimates, "efron", self._events(fit.model), entry)

    def _events(self, model: Model) -> tuple[int, ...]:
        if model.family is Family.COX:
            return tuple(range(1, self.patients.n_endpoints + 1))
        return (self.patients.causes.index(model.cause) + 1,)

    def _exposure(self, data: GatheredData, patients: Patients, name: str, row: Ints, in_pieces: bool) -> CodedVariable:
        given = (REFERENCE, *(level for level in (EVER, LAG_ONLY) if level in patients.levels_of(name)))
        codes = np.select([patients.level[name][row] == level for level in given], range(len(given)))
        levels: tuple[str, ...] = (patients.unexposed, *given[1:])
        if in_pieces:
            codes, levels = np.where(self.after[name], len(levels), codes), (*levels, AFTER_DIAGNOSIS)
        nobody = np.zeros(len(row), bool)
        return data.variable("x", name, EVER, levels, codes[:, None].astype(float), nobody)


def _covariate(data: GatheredData, block: Block, values: pa.Array) -> CodedVariable:
    unknown = ~np.asarray(values.is_valid())
    if block.numeric:
        numbers: Floats = np.asarray(pc.fill_null(values.cast(pa.float64()), 0.0), float)
        return data.variable("c", block.term, "", (), numbers[:, None], unknown)
    if pa.types.is_boolean(values.type):
        values = pc.if_else(values, "yes", "no")
    texts = np.asarray(values.fill_null("").to_pylist(), dtype=str)
    levels = (block.reference, *sorted(set(texts[~unknown].tolist()) - {block.reference}))
    codes = np.select([texts == level for level in levels], range(len(levels)))
    return data.variable("c", block.term, "", levels, codes[:, None].astype(float), unknown)
