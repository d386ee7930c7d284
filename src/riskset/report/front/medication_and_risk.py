"""The main results: table and forest plot in one object, each class, window and comparison a row with its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import english_front as english
from riskset.report.catalogue import english_results as result_words
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.catalogue.english_measures import report_words
from riskset.report.front.behind import behind_estimate
from riskset.report.front.claims import all_none_or_modest, close_to_one, in_every_comparison, stands_out
from riskset.report.front.log_axis import LogAxis, Mark, fit_axis
from riskset.report.front.main_results import MainResults, UseRow, hidden, read_main
from riskset.report.front.marks import marks_of
from riskset.report.front.naming import outcome
from riskset.report.front.participant_flow import known_pairs
from riskset.report.front.section import Exhibit, Kind, Section
from riskset.report.lines import Line
from riskset.report.templating import render
from riskset.report.view import View, distinct, words_of
from riskset.results.comparisons import controls_of
from riskset.results.notes import NoteCode, read_notes
from riskset.results.released import Released
from riskset.results.run_folder import SUPPLEMENT
from riskset.spec.words import capital

MOST_MISSES_NAMED = 4
SUPPLEMENT_NOTE = Markup(result_words.SUPPLEMENT_NOTE).format(SUPPLEMENT)


@dataclass(frozen=True)
class _Row:
    """A row of the table: one comparison of a level."""

    hue: str
    symbol: Markup
    name: str
    dagger: str
    cases: str
    controls: str
    piece: Markup
    ratio: str


@dataclass(frozen=True)
class _Level:
    label: str
    detail: str
    truths: tuple[str, ...]
    rows: tuple[_Row, ...]


@dataclass(frozen=True)
class _Class:
    title: str
    codes: str
    levels: tuple[_Level, ...]


def medication_and_risk(released: Released, view: View) -> Section | None:
    """The section of the main results; None where the primary model has no estimate."""
    main = read_main(view)
    if main is None:
        return None
    marks = marks_of(main.study, main.comparisons)
    shown = [line.shown for row in main.rows for name in main.comparisons if (line := row.lines.get(name)) is not None]
    axis = fit_axis([(x.value, x.low, x.high) for x in shown if not hidden(x)])
    notes = _Daggers()
    classes = [
        _Class(
            capital(rows[0].name),
            ", ".join(exposure.codes.prefixes),
            tuple(_level(main, row, axis, marks, notes) for row in rows),
        )
        for exposure in main.classes
        if (rows := main.of_class(exposure))
    ]
    body = render(
        "front_risk.html",
        words=result_words,
        classes=classes,
        axis=axis.labels(),
        sides=axis.sides(*result_words.SIDES),
        several=len(main.comparisons) > 1,
        legend=[(marks[name].hue, marks[name].symbol(), _legend(main, name)) for name in main.comparisons],
        planted=any(_planted(x) is not None for x in shown),
        limits=any(_limit(x) is not None for x in shown),
        use=result_words.use_heading(english.day_noun(main.study), main.since),
        heading=result_words.ratio_heading(main.form),
        conf=english.conf(main.study.conf_level),
    )
    exhibit = Exhibit(
        Kind.FIGURE,
        _title(main),
        body,
        about=_references(main),
        notes=tuple(_notes(view, main, axis, shown, notes)),
        scrolls=False,
    )
    takeaway = " ".join(takeaways(main)) or None
    title = result_words.risk_heading(outcome(main.study))
    return Section(
        "risk", title, takeaway, (exhibit,), short=result_words.risk_in_contents(outcome(main.study)), starts_page=True
    )


class _Daggers:
    """The marks of notes, in the order of AMA style, each with what it says."""

    signs = "†‡§‖¶"

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.unmarked: list[str] = []

    def mark(self, text: str) -> str:
        """The sign of a note."""
        if text not in self.texts:
            self.texts.append(text)
        return self.signs[self.texts.index(text)]

    def add(self, text: str) -> None:
        """A note without a sign, once."""
        if text not in self.unmarked:
            self.unmarked.append(text)


def _level(main: MainResults, row: UseRow, axis: LogAxis, marks: dict[str, Mark], notes: _Daggers) -> _Level:
    rows = [
        _row(main, name, line, axis, marks[name], notes) for name in main.comparisons if (line := row.lines.get(name))
    ]
    return _Level(row.words.label, row.words.detail, tuple(_truths(main, row)), tuple(rows))


def _truths(main: MainResults, row: UseRow) -> Iterator[str]:
    """What is drawn behind the estimates of a level, in numbers; comparisons are named where they differ."""
    lines = {name: row.lines[name] for name in main.comparisons if name in row.lines}
    for kind, truth_of in ((result_words.PLANTED, _planted), (result_words.TENDS_TO, _limit)):
        values = {name: value for name, line in lines.items() if (value := truth_of(line)) is not None}
        for shown in distinct(formats.ratio(value) for value in values.values()):
            having = [name for name, value in values.items() if formats.ratio(value) == shown]
            who = [] if len(having) == len(lines) else [words_of(name) for name in having]
            yield result_words.truth(kind, values[having[0]], who)


def _row(main: MainResults, comparison: str, line: Line, axis: LogAxis, mark: Mark, notes: _Daggers) -> _Row:
    signs, shown = [], line.shown
    if line.thin:
        signs.append(notes.mark(result_words.FEW))
    if any(note.code is NoteCode.MAY_REACT for note in read_notes(line["notes"])):
        signs.append(notes.mark(result_words.MAY_REACT))
    if shown is not line:
        signs.append(notes.mark(result_words.FIRTH))
    is_hidden = hidden(line)
    ratio = formats.ratio_with_interval(shown.value, shown.low, shown.high)
    if is_hidden:
        ratio = english.NOT_REPORTED
        notes.add(result_words.NR)
    elif shown.value is None:
        ratio = english.NOT_ESTIMABLE
        notes.add(result_words.NO_ESTIMATE)
    else:
        ratio = behind_estimate(ratio, line)
    drawn = (None, None, None) if is_hidden else (shown.value, shown.low, shown.high)
    return _Row(
        mark.hue,
        mark.symbol(),
        _name(main, comparison),
        "".join(sorted(signs, key=notes.signs.index)),
        _exposed(line["n_exposed_cases"], line["n_cases"], notes),
        _exposed(line["n_exposed_controls"], line["n_controls"], notes),
        axis.row(*drawn, mark, planted=_planted(line), tends_to=_limit(line)),
        ratio,
    )


def _exposed(exposed: int | None, total: int | None, notes: _Daggers) -> str:
    """``169 (16.5)``; a count that is not given takes its per cent along."""
    for n, of in known_pairs([(exposed, total)]):
        return formats.count_with_percent(n, of)
    notes.add(result_words.NR)
    return english.NOT_REPORTED


def _planted(line: Line) -> float | None:
    """The planted ratio, where the model aims at it."""
    return line.planted


def _limit(line: Line) -> float | None:
    """What the model tends to, where it aims at no planted ratio."""
    return line.limit if line.planted is None else None


def _name(main: MainResults, comparison: str) -> str:
    controls = controls_of(main.study.controls, comparison)
    return english.controls_name(controls) if controls is not None else capital(words_of(comparison))


def _legend(main: MainResults, comparison: str) -> str:
    """A comparison with the numbers of its largest model."""
    name, size = _name(main, comparison), main.largest_model(comparison)
    if size is None:
        return name
    return result_words.with_sizes(name, *size)


def _title(main: MainResults) -> str:
    return result_words.ratios_title(main.form, outcome(main.study), main.since)


def _references(main: MainResults) -> str:
    measured = distinct((row.measure, row.exposure.at_least) for row in main.rows)
    words = (report_words(measure, n) for measure, n in measured)
    return result_words.references(distinct((one.heading, one.reference, one.also) for one in words))


def _notes(view: View, main: MainResults, axis: LogAxis, shown: Sequence[Line], notes: _Daggers) -> list[str]:
    texts = [*_models(view, main), result_words.LOG_SCALE]
    if any(_limit(x) is not None for x in shown):
        texts.append(result_words.HOLLOW)
    if any(axis.is_beyond(x.low, x.high) for x in shown if not hidden(x)):
        texts.append(result_words.ARROWHEADS)
    texts += [f"{sign} {capital(text)}." for sign, text in zip(notes.signs, notes.texts, strict=False)]
    texts += notes.unmarked
    if main.counts_of_all:
        texts.append(result_words.COUNTS_OF_ALL)
    if coverage := planted_coverage(main):
        hold, of, missed = coverage
        named = missed if len(missed) <= MOST_MISSES_NAMED else []
        texts.append(result_words.coverage(hold, of, main.study.conf_level, named))
    return [*texts, SUPPLEMENT_NOTE]


def _models(view: View, main: MainResults) -> list[str]:
    """What the models have in them; measures whose models differ are named."""
    lines = [line for row in main.rows for name, line in row.lines.items() if name in main.comparisons]
    asked = {name for model in main.study.models for name in model.adjust}
    covariates = {
        comparison: view.covariates_of(x for x in lines if x["comparison"] == comparison and x.form is main.form)
        for comparison in main.comparisons
    }
    held = [name for name in covariates.get(main.reference, ()) if name in asked]
    more = [
        (
            _name(main, comparison),
            [label_of_name(main.study, name) for name in names if name not in asked],
            [label_of_name(main.study, name) for name in held if (comparison, name) in view.constant],
        )
        for comparison, names in covariates.items()
    ]
    texts = [result_words.model_note(main.form, len(main.classes), [label_of_name(main.study, c) for c in held], more)]
    others = {x["measure"]: x.form for x in lines if x.form is not main.form}
    for form in distinct(others.values()):
        headings = distinct(
            report_words(row.measure).heading for row in main.rows if others.get(row.measure.key) is form
        )
        texts.append(result_words.other_form_note(headings, form))
    return texts


def planted_coverage(main: MainResults) -> tuple[int, int, list[str]] | None:
    """How many intervals hold the planted value that their model aims at, of how many, and the names of the others."""
    hold, missed = 0, []
    for row in main.rows:
        for name in main.comparisons:
            line = row.lines.get(name)
            holds = line.holds(line.planted) if line is not None and not hidden(line) else None
            if holds:
                hold += 1
            elif holds is not None:
                missed.append(f"{row.name}, {row.words.label.lower()}, {_name(main, name).lower()}")
    return (hold, hold + len(missed), missed) if hold or missed else None


def takeaways(main: MainResults) -> list[str]:
    """What to take from the main results: what stands out, and the headlines; the key points have every window."""
    return [*_standing_out(main), *_headlines(main)]


def what_stands_out(main: MainResults) -> list[tuple[UseRow, bool]]:
    """The windows that stand out against the reference controls, and whether they do in every comparison."""
    rows = []
    for exposure in main.classes:
        windows = main.windows(exposure)
        which = stands_out([row.sayable(main.reference) for row in windows])
        if which is not None:
            each = [[row.sayable(name) for row in windows] for name in main.comparisons]
            rows.append((windows[which], in_every_comparison(which, each)))
    return rows


def _standing_out(main: MainResults) -> list[str]:
    standing = what_stands_out(main)
    where = {True: result_words.IN_EVERY_COMPARISON, False: result_words.against(_name(main, main.reference).lower())}
    phrases = {every: [row.words.of(row.name) for row, e in standing if e is every] for every in (True, False)}
    return [result_words.stands_out(phrases[every], where[every]) for every in (True, False) if phrases[every]]


def _headlines(main: MainResults) -> list[str]:
    """One sentence for classes whose headline is the same yes-or-no level, or a study's only class."""
    sentences = []
    rows = [row for of_class in main.headlines for row in of_class if row.is_yes_or_no]
    who = _name(main, main.reference).lower()
    for words in distinct(row.words for row in rows):
        alike = [row for row in rows if row.words == words]
        ratios = [one for row in alike if (one := row.sayable(main.reference)) is not None]
        if not ratios or len(ratios) < len(alike):
            continue
        modest = all_none_or_modest(ratios)
        if len(ratios) == 1:
            phrase = words.of(alike[0].name)
            sentences.append(result_words.one_ratio(phrase, who, *ratios[0], main.study.conf_level, modest=modest))
        else:
            ends = min(r.value for r in ratios), max(r.value for r in ratios)
            sentences.append(result_words.range_of_ratios(words.of_any, len(ratios), ends, who, modest=modest))
    return sentences


def windows_in_words(main: MainResults) -> list[str]:
    """Every window of time against the reference controls, by one rule, all classes together."""
    rows = [row for exposure in main.classes for row in main.windows(exposure) if row.measure.parts_time]
    parted = {since: [row for row in rows if row.since == since] for since in distinct(row.since for row in rows)}
    return [sentence for since, alike in parted.items() for sentence in _by_window(main, since, alike)]


def _by_window(main: MainResults, since: str, rows: Sequence[UseRow]) -> list[str]:
    ranges = []
    for words in distinct(row.words for row in rows):
        alike = [row for row in rows if row.words == words]
        known = [one for row in alike if (one := row.sayable(main.reference)) is not None]
        ends = (min(one.value for one in known), max(one.value for one in known)) if known else None
        when = english.span(alike[0].level)
        ranges.append(result_words.WindowRange(when, ends, len(known), len(alike), close_to_one(known)))
    if not any(one.known for one in ranges):
        return []
    controls = controls_of(main.study.controls, main.reference)
    return [result_words.by_window(since, english.controls_adjective(controls) if controls is not None else "", ranges)]
