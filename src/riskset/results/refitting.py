"""The models of a run as scripts of other programs fit them again: what stands in each, and what it printed. No data.

`analysis.watching` makes it beside the data that it is about, `report.scripts` writes it in R and Stata.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from riskset.results.columns import key_of
from riskset.results.rows import Estimate, model_of
from riskset.results.vocabulary import Model

R_SCRIPT, STATA_SCRIPT = "analysis.R", "analysis.do"
"""The scripts, as files."""

KEY = key_of(Estimate)
"""The columns that tell an estimate from all others."""


class Entering(StrEnum):
    """How a variable enters a model.

    Against the first stratum each column enters as it is and, beside it, in each stratum but the first that informs it.
    """

    ITSELF = "itself"
    IN_EACH_STRATUM = "in each stratum"
    AGAINST_FIRST_STRATUM = "against the first stratum"
    TIMES_NUMBER = "times a number"


@dataclass(frozen=True)
class CodedVariable:
    """A variable of the data.

    Attributes
    ----------
    name : ``x1`` of an exposure, ``c1`` of anything else
    about, measure : the class and its measure; or the covariate
    levels : what the codes 0, 1, … are, the reference first; of a number none
    columns : of a spline, how many columns it has: ``c2_1``, ``c2_2``; else 1
    """

    name: str
    about: str
    measure: str
    levels: tuple[str, ...] = ()
    columns: int = 1

    @property
    def column_names(self) -> tuple[str, ...]:
        """Its columns in the data."""
        return (self.name,) if self.columns == 1 else tuple(f"{self.name}_{i + 1}" for i in range(self.columns))


@dataclass(frozen=True)
class ModelTerm:
    """A variable in a model; ``by`` is the variable of strata, or the number, that it enters with."""

    variable: CodedVariable
    entering: Entering = Entering.ITSELF
    by: CodedVariable | None = None

    def column(self, level: str = "", stratum: str = "") -> str:
        """The name of the column that a level, in a stratum, has in a model: ``x1_2``, ``x1_2_s1_0``, ``x1_2_c3``."""
        name, by = self.variable.name, self.by
        if self.variable.levels:
            name = f"{name}_{self.variable.levels.index(level)}"
        if by is None:
            return name
        return f"{name}_{by.name}_{by.levels.index(stratum)}" if by.levels else f"{name}_{by.name}"


@dataclass(frozen=True)
class PrintedRatio:
    """A row of the estimates, by the cells of its key, and the column whose coefficient it is."""

    key: tuple[str | float | None, ...]
    column: str

    def facts(self) -> dict[str, str]:
        """The texts of its key by column."""
        return {name: cell for name, cell in zip(KEY, self.key, strict=True) if isinstance(cell, str)}


@dataclass(frozen=True)
class RefittedModel:
    """One fit whose ratios are printed.

    Attributes
    ----------
    number : by which the data know who is in it
    data : the file of the data, without its ending
    model_id : by which rows of results are joined
    model : as the rows of results have it
    terms : what stands in it
    printed : what of it is printed
    ties : the likelihood of ties
    events : of followed patients: the codes of the event that counts
    entry : of followed patients: the column of the day on which they come under risk
    """

    number: int
    data: str
    model_id: str
    model: Model
    terms: tuple[ModelTerm, ...]
    printed: tuple[PrintedRatio, ...]
    ties: str
    events: tuple[int, ...] = ()
    entry: str = ""


@dataclass(frozen=True)
class Refitting:
    """All fits of a run whose ratios are printed, in order."""

    models: tuple[RefittedModel, ...] = ()

    def printed_in(self, rows: Sequence[Mapping[str, Any]]) -> Refitting:
        """The fits of which some of these rows of estimates have a number, with those alone."""
        there = {tuple(row[name] for name in KEY) for row in rows if isinstance(row["estimate"], float)}
        some = (replace(m, printed=tuple(p for p in m.printed if p.key in there)) for m in self.models)
        return Refitting(tuple(one for one in some if one.printed))

    def to_json(self) -> str:
        """As text."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Refitting:
        """Of text as `to_json` gives it."""
        return cls(tuple(map(_model, json.loads(text)["models"])))


def _model(facts: dict[str, Any]) -> RefittedModel:
    read = {
        "model": model_of(facts["model"]),
        "terms": tuple(map(_term, facts["terms"])),
        "printed": tuple(PrintedRatio(tuple(one["key"]), one["column"]) for one in facts["printed"]),
        "events": tuple(facts["events"]),
    }
    return RefittedModel(**facts | read)


def _term(facts: dict[str, Any]) -> ModelTerm:
    by = facts["by"]
    return ModelTerm(_variable(facts["variable"]), Entering(facts["entering"]), _variable(by) if by else None)


def _variable(facts: dict[str, Any]) -> CodedVariable:
    return CodedVariable(**facts | {"levels": tuple(facts["levels"])})
