"""Estimates beside what is known of a synthetic nation: planted ratios, limits of other model forms, confounding.

A planted ratio and a limit are kept apart. The first was put into the nation's hazards; the second is what a model that
leaves out confounders, classes or windows tends to there, which nobody planted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from riskset.report import formats
from riskset.report.catalogue import english_lines as line_words
from riskset.report.catalogue import english_tables as table_words
from riskset.report.catalogue import english_truth as english
from riskset.report.estimate_tables import effect_heading
from riskset.report.tables import Column, Notes, render_table
from riskset.report.view import Line, View, by_class, distinct, title_of, variants_of, words_of
from riskset.results.vocabulary import Form

USE = Column("label", line_words.NOT_BEFORE_DAY, "left")
MODEL = Column("model", table_words.MODEL, "left")


@dataclass(frozen=True)
class TruthSection:
    """What is known beside the estimates, ready for the page; each part is empty where nothing is known.

    Attributes
    ----------
    planted, limits, crude : tables
    about_planted, about_limits, about_crude : what stands above each
    """

    planted: Markup
    about_planted: str
    limits: Markup
    about_limits: str
    crude: Markup
    about_crude: str


def describe_truth(view: View, lines: Sequence[Line], *, key: str, part: str) -> TruthSection:
    """Planted ratios, limits and the crude model's error for the estimates of one comparison."""
    return TruthSection(
        planted=table_planted(view, lines, name=f"planted-{key}", part=part),
        about_planted=" ".join(
            filter(None, (explain_planted(lines), count_held(lines, planted_of, english.THE_PLANTED_RATIO)))
        ),
        limits=table_limits(view, lines, name=f"limits-{key}", part=part),
        about_limits=explain_limits(lines),
        crude=table_crude(view, lines, name=f"crude-{key}", part=part),
        about_crude=explain_crude(lines),
    )


def planted_of(line: Line) -> float | None:
    """The planted value that a line aims at, on the ratio scale; None for other forms."""
    return line.planted


def limit_of(line: Line) -> float | None:
    """The limit of a line's model form in this nation, on the ratio scale; None where there is none."""
    return line.limit


def table_planted(view: View, lines: Sequence[Line], *, name: str, part: str) -> Markup:
    """Each estimate that aims at a planted ratio beside it, and whether its interval holds it."""
    known = [x for x in lines if x.planted is not None]
    rows = [
        _row(view, x, x.planted) | {"truth": formats.ratio(x.planted), "source": x.planted_source}
        for x in by_class(known)
    ]
    columns = [
        USE,
        MODEL,
        Column("truth", english.PLANTED),
        Column("estimate", english.estimated(effect_heading(known))),
        Column("holds", english.HOLDS),
        Column("source", english.SOURCE, "left"),
    ]
    caption = english.PLANTED_BESIDE
    return render_table(rows, columns, name=name, caption=caption, part=part, group="group", notes=_notes(known))


def table_limits(view: View, lines: Sequence[Line], *, name: str, part: str) -> Markup:
    """Each estimate that aims at something else beside the limit of its form."""
    known = [x for x in lines if x.limit is not None]
    rows = [_row(view, x, x.limit) | {"truth": formats.ratio(x.limit)} for x in by_class(known)]
    columns = [
        USE,
        MODEL,
        Column("truth", english.LIMIT),
        Column("estimate", english.estimated(effect_heading(known))),
        Column("holds", english.HOLDS),
    ]
    notes = _notes(known, *distinct(x.limit_source for x in known))
    caption = english.LIMITS_BESIDE
    return render_table(rows, columns, name=name, caption=caption, part=part, group="group", notes=notes)


def table_crude(view: View, lines: Sequence[Line], *, name: str, part: str) -> Markup:
    """The crude estimate beside the ratio planted for the same class and window."""
    known = _crude(lines)
    has_limits = any(x.limit is not None for x in known)
    rows = [
        _row(view, x, x.planted_elsewhere)
        | {
            "truth": formats.ratio(x.planted_elsewhere),
            "misses": x.holds_in_words(x.planted_elsewhere, yes=line_words.NO, no=line_words.YES),
            "limit": formats.ratio(x.limit),
        }
        for x in by_class(known)
    ]
    columns = [
        USE,
        Column("truth", english.PLANTED),
        Column("estimate", english.crude(effect_heading(known))),
        Column("misses", english.MISSES),
        *([Column("limit", english.CRUDE_LIMIT)] if has_limits else []),
    ]
    caption = english.CRUDE_BESIDE
    return render_table(rows, columns, name=name, caption=caption, part=part, group="group", notes=_notes(known))


def _row(view: View, line: Line, truth: float | None) -> dict[str, str]:
    """What the rows of the three tables share."""
    holds = line.holds_in_words(truth, yes=line_words.YES, no=line_words.NO)
    is_ordinary = line.shown is line
    estimate = line_words.NOT_ESTIMABLE if line.is_missing else line.cell
    return {
        "group": title_of(view.study, line["exposure"]),
        "label": line.label,
        "model": line.variant.label,
        "estimate": estimate if is_ordinary else f"{estimate}; {line.shown_cell}",
        "holds": holds if is_ordinary else english.of_firth(holds),
    }


def _crude(lines: Sequence[Line]) -> list[Line]:
    return [x for x in lines if x.form is Form.CRUDE and x.planted_elsewhere is not None]


def _notes(lines: Sequence[Line], *common: str) -> Notes:
    return Notes((*common, english.FIRTHS) if any(x.shown is not x for x in lines) else common)


def explain_planted(lines: Sequence[Line]) -> str:
    """Which model form aims at the planted ratios, and that the others aim at something else."""
    forms = [v for v in variants_of(lines) if any(x.planted is not None and x.variant == v for x in lines)]
    others = [v for v in variants_of(lines) if any(x.planted_elsewhere is not None and x.variant == v for x in lines)]
    if not forms:
        return english.NO_FORM_FITTED
    measures = distinct(words_of(x["measure"]) for x in lines if x.planted is not None)
    sentences = [english.judged_by_it([v.label for v in forms], measures)]
    if others:
        sentences.append(english.not_judged([v.label for v in others]))
    if any(x.model_name for x in lines):
        sentences.append(english.NAMED_NOT_JUDGED)
    return " ".join(sentences)


def explain_limits(lines: Sequence[Line]) -> str:
    """What a limit is, and how many intervals hold theirs."""
    counted = count_held(lines, limit_of, english.THE_LIMIT)
    if not any(x.limit is not None for x in lines):
        return ""
    return " ".join(filter(None, (english.ABOUT_LIMITS, counted)))


def explain_crude(lines: Sequence[Line]) -> str:
    """How often the crude model would have misled."""
    judged = [x.holds(x.planted_elsewhere) for x in _crude(lines)]
    judged = [held for held in judged if held is not None]
    if not judged:
        return ""
    has_limits = any(x.limit is not None for x in _crude(lines))
    return english.about_crude(judged.count(False), len(judged), has_limits=has_limits)


def count_held(lines: Sequence[Line], truth: Callable[[Line], float | None], what: str) -> str:
    """How many intervals hold what they aim at, with what was to be expected."""
    known = [x for x in lines if truth(x) is not None]
    judged = [x for x in known if x.holds(truth(x)) is not None]
    if not known:
        return ""
    withheld = sum(x.shown.is_withheld for x in known)
    lost = len(known) - len(judged) - withheld
    missing = " ".join(
        filter(None, (english.lost(lost) if lost else "", english.withheld(withheld) if withheld else ""))
    )
    if not judged:
        return missing
    held, penalised = sum(bool(x.holds(truth(x))) for x in judged), sum(x.shown is not x for x in judged)
    level = formats.confidence(judged[0]["conf_level"])
    counted = english.held(held, len(judged), what, level, penalised=penalised)
    return " ".join(filter(None, (counted, missing)))
