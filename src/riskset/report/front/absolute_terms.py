"""What the main ratios would mean in absolute terms, if they were causal: rates with and without use."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from riskset.report import formats
from riskset.report.absolute import rate_without
from riskset.report.catalogue import english_front as english
from riskset.report.catalogue import english_results as result_words
from riskset.report.front.behind import behind_estimate
from riskset.report.front.claims import FiniteRatio, finite_ratio
from riskset.report.front.main_results import MainResults, UseRow, hidden, read_main
from riskset.report.front.naming import outcome
from riskset.report.front.section import Exhibit, Kind, Section
from riskset.report.lines import Line
from riskset.report.run_facts import times_as_common
from riskset.report.templating import render
from riskset.report.view import View, distinct
from riskset.report.worded import why_not_worded
from riskset.results.released import Released
from riskset.spec.measures import Exposure, Measure
from riskset.spec.words import capital

FEWEST = 10
"""A row needs so many exposed cases."""

WIDTH, LEFT, RIGHT = 300.0, 8.0, 14.0


@dataclass(frozen=True)
class LevelRates:
    """A level's rates per 100,000 person-years.

    Attributes
    ----------
    row : the level
    exposed_cases : how many cases are at it; None where that is not given
    without : of the unexposed; the same for all levels of a measure in one model
    ratio : of the level; None where it may not be put in absolute terms: of few cases, or an early sign perhaps
    """

    row: UseRow
    exposed_cases: int | None
    without: float
    ratio: FiniteRatio | None

    @property
    def with_use(self) -> float | None:
        """Of people at the level, if the association were causal."""
        return self.without * self.ratio.value if self.ratio else None


def absolute_terms(released: Released, view: View) -> Section | None:
    """The section on absolute terms; None without an incidence, unrelated controls or a level with enough cases."""
    main = read_main(view)
    if main is None:
        return None
    rates = rates_of(main, view.incidence)
    largest = max((r.with_use for r in rates if r.with_use is not None), default=None)
    if largest is None or view.incidence is None:
        return _nothing_shown() if _is_kept_back(main, view) else None
    event, what = main.study.cases.first, outcome(main.study)
    digits = decimals(view.incidence)
    ticks = ticks_to(max([largest, *(r.without for r in rates)]))
    groups = [
        (
            capital(main.of_class(exposure)[0].name),
            [
                _cells(r, r.row.lines[main.reference], digits, ticks)
                if isinstance(r, LevelRates)
                else _kept_back(r, ticks)
                for r in of_class
            ],
        )
        for exposure in main.classes
        if (of_class := _of_class(main, exposure, rates))
    ]
    body = render(
        "front_absolute.html",
        words=result_words,
        groups=groups,
        use=result_words.use_heading(english.day_noun(main.study), main.since),
        conf=english.conf(main.study.conf_level),
        axis=_axis(ticks),
    )
    asked = [r for r in rates if not r.row.may_be_early_sign]
    is_short = any(r.exposed_cases is not None and r.exposed_cases < FEWEST for r in asked)
    notes = (
        result_words.ABSOLUTE_MARKS,
        result_words.ABSOLUTE_NOTE,
        *([result_words.early_sign(english.day_noun(main.study))] if len(asked) < len(rates) else []),
        *([result_words.rows_need(FEWEST)] if is_short else []),
    )
    exhibit = Exhibit(Kind.TABLE, result_words.absolute_title(event, what), body, result_words.UNRELATED_ONLY, notes)
    period = english.period(main.study.period.start, main.study.period.stop)
    overall = result_words.overall_rate(event, what, formats.number(view.incidence, digits), period)
    takeaway = [overall, *in_words(main, rates, digits)]
    if released.manifest.get("nation"):
        takeaway.append(result_words.raised_incidence(times_as_common(released.manifest)))
    text = " ".join(filter(None, takeaway))
    return Section("absolute", result_words.ABSOLUTE, text, (exhibit,), short=result_words.ABSOLUTE_IN_CONTENTS)


def _nothing_shown() -> Section:
    return Section(
        "absolute", result_words.ABSOLUTE, result_words.RATES_WITHHELD, short=result_words.ABSOLUTE_IN_CONTENTS
    )


def _is_kept_back(main: MainResults, view: View) -> bool:
    """Whether rates are not there because the incidence, or a number of a level, is withheld."""
    lines = [row.lines[main.reference] for row in main.rows if main.reference in row.lines]
    is_of_levels = view.incidence is not None and any(map(_rests_on_withheld, lines))
    return main.has_unrelated and (formats.is_withheld(view.incidence) or is_of_levels)


def rates_of(main: MainResults, incidence: float | None) -> list[LevelRates]:
    """The rates of every level that excludes the others of its measure, against unrelated controls.

    Of a measure one of whose ratios is not there as a finite number nothing can be computed.
    """
    incidence = formats.finite(incidence)
    if not incidence or not main.has_unrelated:
        return []
    rates = []
    for exposure in main.classes:
        rows = [row for row in main.of_class(exposure) if row.measure.form != "number" and main.reference in row.lines]
        for measure in distinct(row.measure for row in rows):
            rates += _of_measure([row for row in rows if row.measure == measure], main.reference, incidence)
    return rates


def _of_class(main: MainResults, exposure: Exposure, rates: Sequence[LevelRates]) -> list[LevelRates | UseRow]:
    """The rates of a class; the levels alone of a measure that has none because a number that they need is withheld."""
    shown: list[LevelRates | UseRow] = []
    rows = [row for row in main.of_class(exposure) if row.measure.form != "number" and main.reference in row.lines]
    for measure in distinct(row.measure for row in rows):
        of_measure = [row for row in rows if row.measure == measure]
        of_rates = [r for r in rates if any(r.row is row for row in of_measure)]
        is_kept_back = any(_rests_on_withheld(row.lines[main.reference]) for row in of_measure)
        shown += of_rates or (of_measure if is_kept_back else [])
    return shown


def _rests_on_withheld(line: Line) -> bool:
    return any(formats.is_withheld(line[name]) for name in ("estimate", "n_controls", "n_exposed_controls"))


def _of_measure(rows: Sequence[UseRow], comparison: str, incidence: float) -> list[LevelRates]:
    lines = [row.lines[comparison] for row in rows]
    ratios = [_finite(line) for line in lines]
    used = [(line, ratio) for line, ratio in zip(lines, ratios, strict=True) if not _nobody(line)]
    known = [
        (line["n_exposed_controls"] / line["n_controls"], ratio.value) for line, ratio in used if ratio is not None
    ]
    if not known or len(known) < len(used) or any(formats.finite(share) is None for share, _ in known):
        return []
    without = rate_without(incidence, known)
    made = []
    for row, line, ratio in zip(rows, lines, ratios, strict=True):
        given = formats.finite(line["n_exposed_cases"])
        cases = int(given) if given is not None else None
        is_enough = cases is not None and cases >= FEWEST and not line.thin
        is_causal_reading = is_enough and not row.may_be_early_sign
        made.append(LevelRates(row, cases, without, ratio if is_causal_reading else None))
    return made


def _nobody(line: Line) -> bool:
    """Whether nobody is at a level, so that it has no part in the mean."""
    return bool(line["n_exposed_cases"] == 0 and line["n_exposed_controls"] == 0)


def _finite(line: Line) -> FiniteRatio | None:
    """The ratio, of whatever size its sets are, where it is finite and its counts are given."""
    if why_not_worded(line) or hidden(line) or not line["n_controls"] or line["n_exposed_controls"] is None:
        return None
    return finite_ratio(line.value, line.low, line.high)


def in_words(main: MainResults, rates: Sequence[LevelRates], digits: int) -> list[str]:
    """What ever or any use would correspond to, class by class, where that can be said of every class."""
    event, what = main.study.cases.first, outcome(main.study)
    plain = [r for r in rates if r.row.is_yes_or_no]
    sentences = []
    for measure in distinct(_key(r.row.measure) for r in plain):
        alike = [r for r in plain if _key(r.row.measure) == measure]
        given = [(r, r.with_use) for r in alike if r.with_use is not None]
        if not given or len(given) < len(alike):
            continue
        names = [r.row.name for r, _ in given]
        sentences.append(
            result_words.if_causal(
                alike[0].row.words.use,
                names,
                result_words.rather_than([(value, r.without) for r, value in given], digits),
                english.outcome_rate(event, what)[1],
            )
        )
    return sentences


def _key(measure: Measure) -> tuple[object, ...]:
    return measure.kind, measure.windows


def decimals(incidence: float) -> int:
    """Decimals of rates: none from 10 on, then enough for two significant digits."""
    return max(0, 1 - math.floor(math.log10(incidence))) if incidence < 10 else 0


@dataclass(frozen=True)
class _Cells:
    label: str
    without: str
    with_use: str
    difference: str
    few: str
    piece: Markup


def _label(row: UseRow) -> str:
    label = row.words.label
    return result_words.use_before(label, english.short_span(row.level)) if row.is_yes_or_no else label


def _kept_back(row: UseRow, ticks: Sequence[float]) -> _Cells:
    """A level whose rates need a number that is withheld."""
    return _Cells(_label(row), english.NOT_REPORTED, "", "", english.NOT_REPORTED, _piece(ticks))


def _cells(rate: LevelRates, line: Line, digits: int, ticks: Sequence[float]) -> _Cells:
    label = _label(rate.row)
    if rate.exposed_cases is None:
        return _Cells(label, english.NOT_REPORTED, "", "", english.NOT_REPORTED, _piece(ticks))
    without = formats.number(rate.without, digits)
    if rate.row.may_be_early_sign:
        return _Cells(label, without, "", "", result_words.EARLY_SIGN, _piece(ticks))
    if rate.ratio is None or rate.with_use is None:
        return _Cells(label, without, "", "", result_words.too_few(rate.exposed_cases), _piece(ticks))
    more = [rate.without * (end - 1) for end in rate.ratio]
    ends = [formats.number(end, digits) for end in more[1:]]
    is_negative = round(more[1], digits) < 0  # as shown: one end of 0 looks like another
    between = f"{ends[0]} to {ends[1]}" if is_negative else f"{ends[0]}–{ends[1]}"
    return _Cells(
        label,
        without,
        formats.number(rate.with_use, digits),
        behind_estimate(f"{formats.number(more[0], digits)} ({between})", line),
        "",
        _piece(ticks, rate.without, rate.with_use),
    )


def ticks_to(largest: float) -> list[float]:
    """Four to six round numbers from 0 that reach beyond the largest rate."""
    power = 10.0 ** math.floor(math.log10(largest))
    step = next(s * power for s in (0.2, 0.25, 0.5, 1.0, 2.0) if largest <= 5 * s * power)
    return [i * step for i in range(math.ceil(largest / step) + 1)]


def _x(value: float, ticks: Sequence[float]) -> str:
    return f"{round(LEFT + value / ticks[-1] * (WIDTH - LEFT - RIGHT), 1):g}"


def _axis(ticks: Sequence[float]) -> Markup:
    labels = [
        Markup('<text class="tick" x="{}" y="13" text-anchor="middle">{}</text>').format(_x(t, ticks), f"{t:,g}")
        for t in ticks
    ]
    return _svg(labels, "axis")


def _piece(ticks: Sequence[float], without: float | None = None, with_use: float | None = None) -> Markup:
    parts = [Markup('<path class="grid" d="{}"/>').format("".join(f"M{_x(t, ticks)} -6V24" for t in ticks))]
    if without is not None and with_use is not None:
        ends = _x(without, ticks), _x(with_use, ticks)
        parts += [
            Markup('<path class="bar" d="M{} 9H{}"/>').format(*ends),
            Markup('<circle class="mark open" cx="{}" cy="9" r="4"/>').format(ends[0]),
            Markup('<circle class="mark" cx="{}" cy="9" r="4.4"/>').format(ends[1]),
        ]
    return _svg(parts, "piece")


def _svg(parts: Sequence[Markup], kind: str) -> Markup:
    return Markup('<svg class="{}" viewBox="0 0 {} 18" aria-hidden="true">{}</svg>').format(
        kind, f"{WIDTH:g}", Markup("").join(parts)
    )
