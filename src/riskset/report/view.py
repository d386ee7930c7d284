"""Estimates as a page shows them: on the ratio scale, named, beside what was planted and what was published.

The table of estimates stays on the model's scale; here alone it is exponentiated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from riskset.report import formats
from riskset.results.beside import FIRTH, known_of
from riskset.results.comparisons import controls_of, is_companion, is_kin
from riskset.results.released import Released
from riskset.spec.measure_words import measure_words
from riskset.spec.measures import Exposure, Measure
from riskset.spec.study import Published, Study

K = TypeVar("K")

MODELS = ("crude", "adjusted", "mutually adjusted")
"""The order in which models are shown; others follow in the order of the table."""
TREND = " trend"
INCIDENCE = "incidence per 100,000 person-years like the cases"
"""What absolute terms are made of: the matched controls, whose exposed share they take, are like the cases too."""
LEFT_OUT = " left out"
"""Ends the name of a diagnostic on a covariate that varies within no set."""
FEW_SETS = 10
"""An estimate with fewer informative sets is marked."""
INTERACTION = "interaction with "
"""Begins the subgroup of a test, and of a ratio of ratios: ``interaction with sex: male against female``."""


DIFFERENCES = ("mean", "rmst_difference", "survival_difference")
"""Scales on which a number may lie on either side of nought."""


@dataclass(frozen=True)
class Line:
    """One estimate.

    Attributes
    ----------
    row : the row of the estimates table
    value, low, high : exponentiated where the scale is a logarithm; None where not estimable
    label : the level in words
    planted, planted_source : the planted ratio that a model of this form aims at, where there is one
    limit, limit_source : what a model of this form tends to in the synthetic nation, where that was solved
    planted_elsewhere : the ratio planted for this level, where models of another form aim at it
    published : the published figure for this level
    firth : the estimate by Firth's penalised likelihood of the same model, level and sets
    """

    row: dict[str, Any]
    value: float | None
    low: float | None
    high: float | None
    label: str
    planted: float | None = None
    planted_source: str = ""
    limit: float | None = None
    limit_source: str = ""
    planted_elsewhere: float | None = None
    published: Published | None = None
    firth: Line | None = None

    def __getitem__(self, column: str) -> Any:
        return self.row[column]

    @property
    def cell(self) -> str:
        """``1.34 (1.12–1.60)``; a difference ``−0.22 (−0.55 to 0.11)``."""
        differs = self.row["scale"] in DIFFERENCES
        shown = formats.difference_with_interval if differs else formats.ratio_with_interval
        return shown(self.value, self.low, self.high)

    @property
    def is_firth(self) -> bool:
        return str(self.row["model"]).endswith(FIRTH)

    @property
    def thin(self) -> str:
        """``few informative sets (7)``, where an estimate is shown that so few are behind."""
        n = self.row["n_informative"]
        return f"few informative sets ({n})" if n is not None and n < FEW_SETS and self.shown.value is not None else ""

    @property
    def is_continuous(self) -> bool:
        """Whether the ratio is for a step of a number, such as 100 DDD: nobody "has" such a level."""
        return str(self.row["level"]).startswith("per ") and not str(self.row["term"]).endswith(TREND)

    @property
    def shown(self) -> Line:
        """The estimate itself, or Firth's where it has no finite one."""
        stands_in = self.value is None and self.firth is not None and self.firth.value is not None
        return self.firth if stands_in and self.firth is not None else self

    @property
    def shown_cell(self) -> str:
        """``1.34 (1.12–1.60)``, or ``Firth 0.21 (0.02–0.90)`` where that stands in."""
        return f"Firth {self.shown.cell}" if self.shown is not self else self.cell

    def holds(self, truth: float | None) -> bool | None:
        """Whether the interval shown holds a value; None where either is missing."""
        low, high = self.shown.low, self.shown.high
        return None if truth is None or low is None or high is None else low <= truth <= high

    @property
    def model_name(self) -> str:
        """The model's own name where the study fits several on one measure, else nothing."""
        return part_model(str(self.row["model"]))[0]

    @property
    def form(self) -> str:
        """``crude``, ``adjusted``, ``mutually adjusted``."""
        return part_model(str(self.row["model"]))[1]

    @property
    def place(self) -> tuple[str, str, str]:
        """Exposure, measure and level: the same in every model."""
        return self.row["exposure"], self.row["term"], self.row["level"]

    @property
    def is_interaction(self) -> bool:
        return str(self.row["subgroup"]).startswith(INTERACTION)

    @property
    def interacts_with(self) -> str:
        """The covariate of an interaction."""
        return str(self.row["subgroup"]).removeprefix(INTERACTION).removeprefix("own ").partition(":")[0]

    @property
    def compares(self) -> str:
        """Of an interaction, what a ratio of ratios compares: ``male against female``, ``per 10 years``; or nothing."""
        return str(self.row["subgroup"]).partition(": ")[2]


@dataclass(frozen=True)
class View:
    """Everything that was estimated, as lines."""

    study: Study
    lines: tuple[Line, ...]
    incidence: float | None = None
    """Cases per 100,000 person-years of people of the cases' sex and birth years, where the run counted them."""
    constant: frozenset[tuple[str, str]] = frozenset()
    """Comparisons and the covariates that vary within no set of theirs, and so are in none of their models."""

    @cached_property
    def measures(self) -> frozenset[str]:
        return frozenset(m.key for e in self.study.exposures for m in e.measures)

    def is_exposure(self, line: Line) -> bool:
        """Whether a line is about a measure of an exposure; the others are about covariates."""
        return str(line["term"]).removesuffix(TREND) in self.measures

    def main(self, analysis: str, comparison: str) -> list[Line]:
        """Exposures in all sets."""
        lines = [x for x in self._of(analysis, comparison) if self.is_exposure(x) and not x["subgroup"]]
        places = places_of(lines)
        return sorted(lines, key=lambda x: places.index(x.place))

    def subgroups(self, analysis: str, comparison: str) -> list[Line]:
        """Exposures in subgroups, and the interaction tests."""
        lines = [x for x in self._of(analysis, comparison) if self.is_exposure(x) and x["subgroup"]]
        places = places_of(lines)
        return sorted(lines, key=lambda x: places.index(x.place))

    def analyses(self) -> list[tuple[str, str]]:
        """Pairs of analysis and comparison, in the order of the table."""
        return distinct((x["analysis"], x["comparison"]) for x in self.lines)

    def _of(self, analysis: str, comparison: str) -> list[Line]:
        return [x for x in self.lines if (x["analysis"], x["comparison"]) == (analysis, comparison)]


def read_view(released: Released) -> View:
    """Join estimates with what was planted and published, and exponentiate them."""
    study = released.study
    planted = released.table("planted").to_pylist()
    lines = [_line(study, planted, row) for row in released.table("estimates").to_pylist()]
    penalised = {_fit(x, str(x["model"]).removesuffix(FIRTH)): x for x in lines if x.is_firth}
    lines = [replace(x, firth=penalised.get(_fit(x, str(x["model"])))) for x in lines]
    told = released.table("diagnostics").to_pylist()
    counted = {row["name"]: row["value"] for row in told}
    constant = {
        (row["comparison"], str(row["name"]).removesuffix(LEFT_OUT))
        for row in told
        if str(row["name"]).endswith(LEFT_OUT)
    }
    return View(study, tuple(lines), counted.get(INCIDENCE), frozenset(constant))


def _fit(line: Line, model: str) -> tuple[str, ...]:
    """What an ordinary estimate shares with Firth's."""
    return line["analysis"], line["comparison"], model, *line.place, line["subgroup"]


def _line(study: Study, planted: list[dict[str, Any]], row: dict[str, Any]) -> Line:
    row = {name: "" if value is None and name in _TEXTS else value for name, value in row.items()}
    change = formats.exponentiated if row["scale"].startswith("log") else formats.finite
    value, low, high = (change(row[name]) for name in ("estimate", "conf_low", "conf_high"))
    known = known_of(row, planted)
    return Line(
        row,
        value,
        low,
        high,
        level_label(study, row["exposure"], row["term"], row["level"]),
        planted=change(_value(known.planted)),
        planted_source=_source(known.planted),
        limit=change(_value(known.pseudo_true)),
        limit_source=_source(known.pseudo_true),
        planted_elsewhere=change(_value(known.elsewhere)),
        published=_published(study, row),
    )


_TEXTS = ("analysis", "comparison", "model", "exposure", "term", "level", "reference", "subgroup", "scale", "note")


def _value(truth: Mapping[str, Any] | None) -> float | None:
    return None if truth is None else truth["value"]


def _source(truth: Mapping[str, Any] | None) -> str:
    return "" if truth is None else truth["source"] or ""


def _published(study: Study, row: dict[str, Any]) -> Published | None:
    """The published figure of a level, which is one against unrelated controls."""
    of_relatives = is_kin(controls_of(study, row["comparison"])) or is_companion(study, row["comparison"])
    if row["subgroup"] or row["scale"] != "log_or" or of_relatives:
        return None
    for figure in study.published:
        here = figure.exposure, figure.measure, figure.level
        if figure.analysis == "risk" and here == (row["exposure"], row["term"], row["level"]):
            return figure
    return None


def distinct(values: Iterable[K]) -> list[K]:
    """Each value once, in order of appearance."""
    return list(dict.fromkeys(values))


def places_of(lines: Sequence[Line]) -> list[tuple[str, str, str]]:
    """Exposure, measure and level of lines, those of an exposure together, and of a measure within it."""
    places = distinct(x.place for x in lines)
    exposures, terms = distinct(p[0] for p in places), distinct(p[1] for p in places)
    return sorted(places, key=lambda place: (exposures.index(place[0]), terms.index(place[1])))


def models_of(lines: Sequence[Line]) -> list[str]:
    """The models among lines, crude first, without Firth's, which are shown apart."""
    found = distinct(str(x["model"]) for x in lines if not x.is_firth)
    names = names_of(lines)

    def position(model: str) -> tuple[int, int]:
        name, form = part_model(model)
        return names.index(name), MODELS.index(form) if form in MODELS else len(MODELS)

    return sorted(found, key=position)


def part_model(label: str) -> tuple[str, str]:
    """A model's own name and its form: ``strict: adjusted`` → ``strict``, ``adjusted``; most have no name."""
    name, _, form = label.rpartition(": ")
    return name, form


def names_of(lines: Sequence[Line]) -> list[str]:
    """The names of models among lines, those without one first, as ``""``."""
    return sorted(distinct(x.model_name for x in lines), key=bool)


def headline_models(lines: Sequence[Line]) -> list[str]:
    """The models whose numbers go into the summary, one for each name.

    Of the forms it is adjusted, each class in a model of its own, where there is one.
    """
    found = models_of(lines)
    chosen = []
    for name in distinct(part_model(label)[0] for label in found):
        own = {part_model(label)[1]: label for label in found if part_model(label)[0] == name}
        form = next((f for f in ("adjusted", "mutually adjusted", "crude") if f in own), next(iter(own)))
        chosen.append(own[form])
    return chosen


def model_words(label: str) -> str:
    """``adjusted``, or ``adjusted (strict)`` for a model with a name of its own."""
    name, form = part_model(label)
    return f"{words_of(form)} ({words_of(name)})" if name else words_of(form)


def exposure_of(study: Study, name: str) -> Exposure | None:
    """The exposure that bears a name; None where an estimate is about none of the study's."""
    return next((e for e in study.exposures if e.name == name), None)


def measure_of(study: Study, exposure: str, term: str) -> Measure | None:
    """The measure that a term of the estimates comes from."""
    found = exposure_of(study, exposure)
    key = term.removesuffix(TREND)
    return next((m for m in found.measures if m.key == key), None) if found else None


def words_of(name: str) -> str:
    """A name as words: ``hypnotics_sedatives`` → ``hypnotics sedatives``, ``ddd`` → ``DDD``."""
    return re.sub(r"\bddd\b", "DDD", name.replace("_", " "))


def title_of(study: Study, name: str) -> str:
    """An exposure as a heading: ``Anxiolytics (N05B)``."""
    exposure = exposure_of(study, name)
    words = words_of(name)
    words = words[:1].upper() + words[1:]
    return f"{words} ({', '.join(exposure.codes.prefixes)})" if exposure else words


def level_label(study: Study, exposure: str, term: str, level: str) -> str:
    """A level in words: ``Ever, more than 1 year before``; ``First use 1–5 y before``."""
    measure = measure_of(study, exposure, term)
    if term.endswith(TREND):
        return f"Trend over {words_of(term.removesuffix(TREND))}, per level"
    if measure is None:
        name = words_of(term)
        return ": ".join(x for x in (name[:1].upper() + name[1:], spaced(level)) if x)
    labels = zip(measure.level_names, measure_words(measure).labels, strict=True)
    return spaced(dict(labels).get(level, level))


def spaced(level: str) -> str:
    """A level with an en dash between numbers and a space before units: ``0-90d`` → ``0–90 d``."""
    level = re.sub(r"(?<=[0-9dwmy])-(?=[0-9])", "–", level)
    return re.sub(r"(?<=[0-9])(?=[dwmy]\b)", "\u00a0", level)


def subgroup_label(subgroup: str) -> str:
    """``sex=female`` → ``Sex: female``; ``age<65`` → ``Age < 65``."""
    found = re.fullmatch(r"([^<>=≤≥]+)([<>=≤≥]+)(.*)", subgroup)
    if found is None:
        return spaced(words_of(subgroup[:1].upper() + subgroup[1:]))
    name, sign, value = words_of(found[1].strip()), found[2], found[3].strip()
    sign = {"=": ": ", ">=": " ≥ ", "<=": " ≤ "}.get(sign, f" {sign} ")
    return f"{name[:1].upper()}{name[1:]}{sign}{value}"


def subgroup_variable(subgroup: str) -> str:
    """What parts the sets: ``sex=female`` → ``sex``, ``age<65`` and ``age 65-80`` → ``age``."""
    return re.split(r"[<>=≤≥]| (?=[\d.]+-[\d.]+$)", subgroup, maxsplit=1)[0].strip()


def unexposed(levels: Sequence[Line]) -> tuple[int, int] | None:
    """Cases and controls in no level of a measure, given its lines in one model; None where not all are counted."""
    counts = [(x["n_cases"], x["n_controls"], x["n_exposed_cases"], x["n_exposed_controls"]) for x in levels]
    if not counts or any(None in c for c in counts) or len({c[:2] for c in counts}) > 1:
        return None
    return counts[0][0] - sum(c[2] for c in counts), counts[0][1] - sum(c[3] for c in counts)


def spread(counts: Sequence[int]) -> str:
    """``1,009``, or ``1,001 to 1,009`` where counts differ."""
    return " to ".join(formats.count(n) for n in distinct([min(counts), max(counts)]))
