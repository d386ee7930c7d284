"""Estimates as a page shows them: on the ratio scale, named, beside what was planted and what was published.

The table of estimates stays on the model's scale; here alone it is exponentiated.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from riskset.report import formats
from riskset.results.released import Released
from riskset.spec.measures import AnyUse, Count, DefinedDailyDoses, Ever, Exposure, FirstUse, Measure, Recency
from riskset.spec.study import Published, Study

K = TypeVar("K")

MODELS = ("crude", "adjusted", "mutually adjusted")
"""The order in which models are shown; others follow in the order of the table."""
TREND = " trend"
INTERACTION = "interaction with "
FIRTH = ", Firth"
EFFECT = {"log_or": "OR", "log_hr": "HR", "mean": "Mean difference"}
EFFECT_LONG = {"log_or": "odds ratio", "log_hr": "hazard ratio", "mean": "mean difference"}


@dataclass(frozen=True)
class Line:
    """One estimate.

    Attributes
    ----------
    row : the row of the estimates table
    value, low, high : exponentiated where the scale is a logarithm; None where not estimable
    label : the level in words
    planted, planted_source : the truth of the model form that this is, where there is one
    other_form : whether a truth was planted for this level, but for another model form
    published : the published figure for this level
    """

    row: dict[str, Any]
    value: float | None
    low: float | None
    high: float | None
    label: str
    planted: float | None = None
    planted_source: str = ""
    other_form: bool = False
    published: Published | None = None

    def __getitem__(self, column: str) -> Any:
        return self.row[column]

    @property
    def cell(self) -> str:
        """``1.34 (1.12–1.60)``."""
        return formats.ratio_with_interval(self.value, self.low, self.high)

    @property
    def covers(self) -> bool | None:
        """Whether the interval covers the planted truth; None where either is missing."""
        if self.planted is None or self.low is None or self.high is None:
            return None
        return self.low <= self.planted <= self.high

    @property
    def place(self) -> tuple[str, str, str]:
        """Exposure, measure and level: the same in every model."""
        return self.row["exposure"], self.row["term"], self.row["level"]

    @property
    def is_interaction(self) -> bool:
        return str(self.row["subgroup"]).startswith(INTERACTION)


@dataclass(frozen=True)
class View:
    """Everything that was estimated, as lines."""

    study: Study
    lines: tuple[Line, ...]
    incidence: float | None = None
    """Cases per 100,000 person-years of the population, where the run counted them."""

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
    counted = {row["name"]: row["value"] for row in released.table("diagnostics").to_pylist()}
    return View(study, tuple(lines), counted.get("incidence per 100,000 person-years"))


def _line(study: Study, planted: list[dict[str, Any]], row: dict[str, Any]) -> Line:
    row = {name: "" if value is None and name in _TEXTS else value for name, value in row.items()}
    change = math.exp if row["scale"].startswith("log") else float
    value, low, high = (_changed(row[name], change) for name in ("estimate", "conf_low", "conf_high"))
    there = [] if row["subgroup"] else [p for p in planted if _same_place(p, row)]
    own = [p for p in there if p["model"] in ("", row["model"])]
    return Line(
        row,
        value,
        low,
        high,
        level_label(study, row["exposure"], row["term"], row["level"]),
        planted=_changed(own[0]["value"], change) if own else None,
        planted_source=own[0]["source"] or "" if own else "",
        other_form=bool(there) and not own,
        published=None if row["subgroup"] or row["scale"] != "log_or" else _published(study, row),
    )


_TEXTS = ("analysis", "comparison", "model", "exposure", "term", "level", "reference", "subgroup", "scale", "note")


def _changed(value: float | None, change: Callable[[float], float]) -> float | None:
    value = formats.finite(value)
    if value is None:
        return None
    try:
        return change(value)
    except OverflowError:
        return math.inf


def _same_place(planted: dict[str, Any], row: dict[str, Any]) -> bool:
    same = all(planted[name] == row[name] for name in ("exposure", "term", "level", "scale"))
    return same and planted["comparison"] in ("", row["comparison"])


def _published(study: Study, row: dict[str, Any]) -> Published | None:
    for figure in study.published:
        if (figure.exposure, figure.measure, figure.level) == (row["exposure"], row["term"], row["level"]):
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
    found = distinct(str(x["model"]) for x in lines if not str(x["model"]).endswith(FIRTH))
    return sorted(found, key=lambda name: MODELS.index(name) if name in MODELS else len(MODELS))


def headline_model(lines: Sequence[Line]) -> str:
    """The model whose numbers go into the summary: adjusted, each class in a model of its own, where there is one."""
    found = models_of(lines)
    for name in ("adjusted", "mutually adjusted", "crude"):
        if name in found:
            return name
    return found[0] if found else ""


def exposure_of(study: Study, name: str) -> Exposure | None:
    return next((e for e in study.exposures if e.name == name), None)


def measure_of(study: Study, exposure: str, term: str) -> Measure | None:
    """The measure that a term of the estimates comes from."""
    found = exposure_of(study, exposure)
    key = term.removesuffix(TREND)
    return next((m for m in found.measures if m.key == key), None) if found else None


def words_of(name: str) -> str:
    """A name as words: ``hypnotics_sedatives`` → ``hypnotics sedatives``."""
    return name.replace("_", " ")


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
    return _measure_label(measure, level)


def _measure_label(measure: Measure, level: str) -> str:
    shown = spaced(level)
    match measure:
        case Ever() if level == "lag only":
            return f"Only in the last {measure.lag.words()}"
        case Ever() if level == "ever":
            return f"Ever, more than {measure.lag.words()} before" if measure.lag else "Ever before"
        case AnyUse():
            return f"Any use, {window_words(measure)}"
        case FirstUse() if level.startswith(">"):
            return f"First use over {shown[1:].strip()} before"
        case FirstUse():
            return f"First use {shown} before"
        case Count():
            return f"{shown} dispensing{'' if level == '1' else 's'}"
        case DefinedDailyDoses():
            return shown[:1].upper() + shown[1:] if "DDD" in level else f"{shown} DDD"
        case Recency():
            return f"Last use {shown}" if level[:1].isdigit() else shown[:1].upper() + shown[1:]
    return shown


def window_words(measure: AnyUse | Count | DefinedDailyDoses) -> str:
    """``1–5 y before``-like words for a window with a lag and perhaps a lookback."""
    if measure.lookback is None:
        return f"more than {measure.lag.words()} before" if measure.lag else "at any time before"
    return f"{measure.lookback.words()} to {measure.lag.words() if measure.lag else 'the day'} before"


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
