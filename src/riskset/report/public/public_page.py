"""The public's page: one sheet in plain words, written from cleared results alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from riskset.errors import DisclosureError
from riskset.report import formats
from riskset.report.catalogue import english_public as english
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.catalogue.english_measures import use_words
from riskset.report.catalogue.english_public import OutcomeWords
from riskset.report.catalogue.english_results import Among
from riskset.report.formats import in_style
from riskset.report.front.claims import less_precise, mostly_similar
from riskset.report.front.designs_together import among, pairs_of
from riskset.report.front.main_results import MainResults, read_main
from riskset.report.front.medication_and_risk import planted_coverage
from riskset.report.front.participant_flow import known_pairs
from riskset.report.public.class_answers import Answer, ClassAnswer, ClassAnswers, NoNumber, UseAnswer, answers_by_class
from riskset.report.public.dots import draw_dots, people_in_a_dot
from riskset.report.public.frequencies import Frequencies, denominator, whole
from riskset.report.run_facts import times_as_common
from riskset.report.security import content_policy
from riskset.report.templating import render
from riskset.report.theme import public_style_sheet
from riskset.report.view import View, read_view
from riskset.results.comparisons import controls_of, is_kin
from riskset.results.released import Released
from riskset.results.run_folder import FRONT
from riskset.spec.design import SiblingControls, SpouseControls
from riskset.spec.wording import lay_of
from riskset.spec.words import capital
from riskset.storage.atomic import write_text

PUBLIC = "public.html"
"""The public's page in the folder of a release."""

MOST_DRAWN = 3
"""With more rows than these the dots are left out: the table has all numbers."""

SPARED = 100
"""At most one person in so many has it at the end of the widest range, or how many have not is not worth a sentence."""


def write_public(released: Released, folder: str | Path) -> Path:
    """Write ``public.html`` into a folder.

    Raises
    ------
    DisclosureError
        The results are internal.
    """
    page = render_public(released)
    path = Path(folder) / PUBLIC
    write_text(path, page)
    return path


def render_public(released: Released) -> Markup:
    """The page as HTML with its style inside.

    Raises
    ------
    DisclosureError
        The results are internal: nobody has decided that the public may see them.
    """
    if released.is_internal:
        raise DisclosureError("the public's page is made from cleared results only", remedy="use riskset release")
    with in_style(released.study.number_style):
        return _render(released)


def _render(released: Released) -> Markup:
    view = read_view(released)
    study, main = released.study, read_main(view)
    outcome = english.outcome_words(study)
    is_synthetic = released.table("planted").num_rows > 0
    exposures = main.classes if main else list(study.exposures)
    classes = answers_by_class(main, view.incidence) if main else []
    style = public_style_sheet(
        stamp=capital(released.stamp),
        notice=english.SYNTHETIC_HEAD if is_synthetic else "",
        foot=f"{english.PAGE}  ·  {study.name}",
    )
    return render(
        "public.html",
        policy=content_policy(style),
        style=Markup(style),
        stamp=capital(released.stamp),
        notice=english.SYNTHETIC if is_synthetic else (),
        title=english.heading(exposures, outcome),
        subtitle=english.subtitle(synthetic=is_synthetic),
        words=english,
        short=in_short(classes, outcome),
        asked=english.question(exposures, outcome),
        done=_done(view, main, outcome) if main else (),
        table=_table(main, classes, outcome) if main else None,
        size=_size(released, view, classes, outcome),
        why=english.not_why(outcome),
        sure=_sure(main, classes) if main else (),
        more=Markup(english.WHERE_MORE).format(FRONT),
    )


def in_short(classes: Sequence[ClassAnswers], outcome: OutcomeWords) -> list[str]:
    """One sentence for all classes of one answer, and that it is no cause."""

    def names(summary: ClassAnswer) -> list[str]:
        return [lay_of(each.exposure) for each in classes if each.summary is summary]

    sentences = [
        *([english.seen_more(outcome.people, more)] if (more := names(ClassAnswer.MORE)) else []),
        *([english.seen_less(outcome.people, less)] if (less := names(ClassAnswer.LESS)) else []),
        *([english.at_times(some)] if (some := names(ClassAnswer.AT_TIMES)) else []),
        *([english.unsure(unsure)] if (unsure := names(ClassAnswer.UNSURE)) else []),
        *([english.no_answer(without)] if (without := names(ClassAnswer.NO_ANSWER)) else []),
    ]
    return [*(sentences or [english.NO_ESTIMATES]), english.NO_CAUSE]


def _done(view: View, main: MainResults, outcome: OutcomeWords) -> list[str]:
    study = main.study
    lines = [row.lines[main.reference] for row in main.rows if main.reference in row.lines]
    sizes = known_pairs((line["n_cases"], line["n_controls"]) for line in lines)
    others = [
        c
        for name in main.comparisons
        if name != main.reference and (c := controls_of(study.controls, name)) is not None
    ]
    kin = [controls for controls in others if isinstance(controls, SiblingControls | SpouseControls)]
    held = view.covariates_of(lines)
    together = main.form.is_mutual and len(main.classes) > 1
    return [
        *english.compared(outcome, controls_of(study.controls, main.reference), kin, max(sizes, default=None)),
        english.allowed_for([label_of_name(study, name) for name in held], other_classes=together),
    ]


@dataclass(frozen=True)
class _Table:
    caption: str
    heads: tuple[str, ...]
    groups: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]
    notes: tuple[str, ...]


def _table(main: MainResults, classes: Sequence[ClassAnswers], outcome: OutcomeWords) -> _Table:
    """Every class with its rows; the columns of frequencies only where there are any."""
    rows = [row for each in classes for row in each.rows]
    of = next((row.known.of for row in rows if row.known), None)
    heads = english.table_heads(outcome, of or 0)
    groups = [
        (capital(lay_of(each.exposure)), tuple(_cells(row, outcome, numbers=of is not None) for row in each.rows))
        for each in classes
    ]
    answers = {row.answer for row in rows}
    without = {row.people for row in rows if isinstance(row.people, NoNumber)} if of is not None else set()
    shown_as = [english.NO_NUMBERS[why] for why in NoNumber if why in without]
    meanings = [english.MEANINGS[answer] for answer in Answer if answer in answers and answer in english.MEANINGS]
    notes = [
        english.counts_as_use([exposure.at_least for exposure in main.classes]),
        *dict.fromkeys([*meanings, *(meaning for _, meaning in shown_as)]),
        english.MORE_IN_REPORT if len(rows) < len(main.rows) else "",
    ]
    shown = heads if of is not None else heads[:2]
    return _Table(english.table_caption(outcome), shown, tuple(groups), tuple(filter(None, notes)))


def _cells(one: UseAnswer, outcome: OutcomeWords, *, numbers: bool) -> tuple[str, ...]:
    use = _use(one, outcome)
    answer = english.ANSWERS[one.answer]
    if not numbers:
        return use, answer
    if isinstance(one.people, NoNumber):
        sign, _ = english.NO_NUMBERS[one.people]
        return use, answer, sign, sign
    return use, answer, formats.count(one.people.without), _with_use(one.people, one.answer)


def _use(one: UseAnswer, outcome: OutcomeWords) -> str:
    return use_words(one.row.measure, one.row.level, outcome.day).lay


def _with_use(people: Frequencies, answer: Answer) -> str:
    return english.number_with_range(people.used, people.low, people.high, finding=answer.is_finding)


@dataclass(frozen=True)
class _Size:
    sentences: tuple[str, ...]
    about_dots: str
    rows: tuple[tuple[str, tuple[tuple[str, Markup, str], ...]], ...]


def _size(released: Released, view: View, classes: Sequence[ClassAnswers], outcome: OutcomeWords) -> _Size | None:
    """How common it is and what use would change; None without an incidence of whole people."""
    incidence = formats.finite(view.incidence)
    of = denominator(incidence) if incidence else 0
    if not incidence or not whole(incidence, of):
        return None
    sentences = [
        *english.baseline(outcome, whole(incidence, of), of),
        english.raised(times_as_common(released.manifest)),
    ]
    known = [row.known for each in classes for row in each.rows if row.known]
    top = max((people.high for people in known), default=None)
    if top is not None and top * SPARED <= of:
        sentences.append(english.most_spared(outcome, of - top, of))
    drawn = [(each, row, row.known) for each in classes for row in each.first if row.known]
    if not drawn or len(drawn) > MOST_DRAWN:
        return _Size(tuple(filter(None, sentences)), "", ())
    most = max(max(people.high, people.without) for _, _, people in drawn)
    pictures = tuple(
        (_drawn_name(each, row, outcome), _picture(people, row.answer, most)) for each, row, people in drawn
    )
    return _Size(tuple(filter(None, sentences)), english.dots(people_in_a_dot(most)), pictures)


def _drawn_name(each: ClassAnswers, row: UseAnswer, outcome: OutcomeWords) -> str:
    name = capital(lay_of(each.exposure))
    return name if len(each.first) == 1 else f"{name}. {_use(row, outcome)}"


def _picture(people: Frequencies, answer: Answer, most: int) -> tuple[tuple[str, Markup, str], ...]:
    each = people_in_a_dot(most)
    without, used = english.DOT_ROWS
    return (
        (without, draw_dots(people.without, people.without, each, most=most), formats.count(people.without)),
        (used, draw_dots(people.low, people.high, each, most=most), _with_use(people, answer)),
    )


def _sure(main: MainResults, classes: Sequence[ClassAnswers]) -> list[str]:
    sentences = [*english.chance(main.study.conf_level, ranges=any(row.known for c in classes for row in c.rows))]
    if main.has_unrelated and any(is_kin(controls_of(main.study.controls, name)) for name in main.comparisons):
        pairs = [(pair.kin, pair.unrelated) for pair in pairs_of(main)]
        is_wider = bool(pairs) and all(less_precise(*pair) for pair in pairs)
        similar = mostly_similar(pairs) if pairs else None
        some = among(main) is Among.SHOWN
        sentences.append(english.relatives(similar=similar, less_precise=is_wider, some=some))
    if (coverage := planted_coverage(main)) is not None:
        sentences.append(english.recovered(*coverage[:2]))
    return sentences
