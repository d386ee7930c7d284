"""One flow of everybody in the study, from typed rows of attrition: who was excluded, and why (STROBE)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeGuard, assert_never

from markupsafe import Markup

from riskset.report.catalogue import english_front, english_participants
from riskset.report.front.behind import ATTRITION, behind, behind_characteristic
from riskset.report.front.naming import outcome
from riskset.report.lines import Line
from riskset.report.templating import render
from riskset.report.view import View, distinct
from riskset.results.notes import Arguments
from riskset.results.planted_prognosis import CASES
from riskset.results.released import Released
from riskset.results.row_cells import AttritionCells
from riskset.results.set_vocabulary import AttritionPart, AttritionRule, Characteristic
from riskset.results.vocabulary import Analysis, Family, Form, Scale
from riskset.spec.design import Controls, GivenControls, PopulationControls, SiblingControls, SpouseControls
from riskset.spec.levels import ALL
from riskset.spec.words import capital

ADJUSTED = (Form.MUTUALLY_ADJUSTED, Form.ADJUSTED)


@dataclass(frozen=True)
class Losses:
    """Who was excluded, in how many and why.

    Attributes
    ----------
    total : how many; None where that is not given
    of : what the total counts, after it
    reasons : number and reason, those that excluded nobody left out
    """

    total: int | None
    of: str
    reasons: tuple[tuple[int | None, str], ...]

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Number and reason, as shown."""
        return [(english_participants.number(n), why) for n, why in self.reasons]

    @property
    def number(self) -> str:
        """The total, as shown, with a link to every rule."""
        return behind(english_participants.number(self.total), ATTRITION)


@dataclass(frozen=True)
class FlowColumn:
    """A group that the cases were compared with, or followed as."""

    title: str
    begin: str
    losses: Losses
    nobody: str
    end: str
    adjusted: str


def render_flow(released: Released, view: View, *, fewest: int | None = None) -> Markup:
    """The flow as HTML boxes; empty where the run has no attrition of cases.

    Parameters
    ----------
    fewest : reasons that excluded fewer are told together, as other reasons; None for no such rule
    """
    study = view.study
    rows = released.table("attrition").to_pylist()
    of_cases = [row for row in rows if row["part"] == AttritionPart.CASES]
    if not of_cases:
        return Markup()
    columns = [_controls(released, view, controls, fewest) for controls in study.controls]
    columns = [column for column in columns if column is not None]
    followed = _followed(released, view, fewest)
    return render(
        "front_flow.html",
        first=behind(english_participants.number(of_cases[0]["remaining"]), ATTRITION),
        who=english_participants.first_box(study.cases.first, outcome(study)),
        losses=_losses(view, of_cases, None, fewest),
        nobody=english_participants.NONE_EXCLUDED,
        cases=behind(english_participants.cases(of_cases[-1]["remaining"]), ATTRITION),
        day=english_participants.EACH_DAY,
        columns=[*columns, *([followed] if followed else [])],
        name=english_participants.FLOW_NAME,
    )


def _losses(view: View, rows: Sequence[AttritionCells], controls: Controls | None, fewest: int | None) -> Losses:
    """Rules after the first, in order; the same reason once."""
    period = view.study.period
    reasons: dict[str, int | None] = {}
    for row in rows[1:]:
        if row["removed"] == 0:
            continue
        rule, arguments = AttritionRule(row["rule"]), Arguments.read(row["arguments"])
        why = english_participants.reason(rule, arguments, period.start, period.stop)
        before = reasons.get(why, 0)
        reasons[why] = None if row["removed"] is None or before is None else before + row["removed"]
    first, last = (rows[0]["remaining"], rows[-1]["remaining"]) if rows else (0, 0)
    total = None if first is None or last is None else first - last
    merged = merge_small([(n, why) for why, n in reasons.items()], fewest)
    return Losses(total, english_participants.excluded(total, controls), merged)


def merge_small(reasons: Sequence[tuple[int | None, str]], fewest: int | None) -> tuple[tuple[int | None, str], ...]:
    """Reasons of which none that is told by itself excluded fewer than ``fewest``; the rest are one, in the end.

    Where they are one alone, or together still fewer, the next smallest joins them, for their number would tell it.
    A number that is not given is told as that.
    """
    if fewest is None:
        return tuple(reasons)
    order = sorted((i for i, (n, _) in enumerate(reasons) if n is not None), key=lambda i: reasons[i][0] or 0)
    small = [i for i in order if (reasons[i][0] or 0) < fewest]
    if not small:
        return tuple(reasons)
    rest = [i for i in order if i not in small]
    while rest and (len(small) < 2 or sum(reasons[i][0] or 0 for i in small) < fewest):
        small.append(rest.pop(0))
    kept = [reason for i, reason in enumerate(reasons) if i not in small]
    together = sum(reasons[i][0] or 0 for i in small)
    return (*kept, (together if together >= fewest else None, english_participants.OTHER_REASONS))


def _controls(released: Released, view: View, controls: Controls, fewest: int | None) -> FlowColumn | None:
    comparison = controls.comparison
    parts = (AttritionPart.CONTROLS, AttritionPart.CASES_WITH_RELATIVES, AttritionPart.ANCHORED)
    every = [row for row in released.table("attrition").to_pylist() if row["comparison"] == comparison]
    rows = [
        row
        for part in parts
        for row in every
        if row["part"] == part and (row["step"] or part is parts[0] or part is parts[1])
    ]
    if not rows:
        return None
    n, m = members_of(released, view, comparison)
    n = n if n is not None else rows[-1]["remaining"]
    return FlowColumn(
        title=english_front.controls_name(controls),
        begin=_begin(controls, rows[0]["remaining"]),
        losses=_losses(view, rows, controls, fewest),
        nobody=english_participants.none_excluded(controls),
        end=behind_characteristic(english_participants.members(n, m, controls), comparison),
        adjusted=english_participants.adjusted(_modelled(view, comparison), (n, m)),
    )


def _begin(controls: Controls, n: int | None) -> str:
    match controls:
        case PopulationControls(ratio=ratio):
            return english_participants.sets(n, ratio)
        case GivenControls():
            return english_participants.delivered(n)
        case SiblingControls() | SpouseControls():
            return english_participants.searched(n)
        case _:
            assert_never(controls)


def members_of(released: Released, view: View, comparison: str) -> tuple[int | None, int | None]:
    """Cases and controls in the sets of a comparison; None where a number is not given.

    They are told by the sizes of the sets, or where one of these is not given by the largest model.
    """
    rows = [
        row
        for row in released.table("table_one").to_pylist()
        if (row["comparison"], row["about"]) == (comparison, Characteristic.SET_SIZE)
    ]
    if not rows or any(row["cases_n"] is None for row in rows):
        return max(_modelled(view, comparison, Form.CRUDE), default=(None, None))
    return sum(row["cases_n"] for row in rows), sum(int(row["level"]) * row["cases_n"] for row in rows)


def _modelled(view: View, comparison: str, form: Form | None = None) -> list[tuple[int, int]]:
    """Cases and controls of the models of a form, by default the most adjusted that there is; each pair once."""
    lines = [x for x in view.lines if x["analysis"] == Analysis.RISK and x["comparison"] == comparison]
    lines = [x for x in lines if x.is_exposure and not x.modifier]
    of_form = _most_adjusted(lines) if form is None else [x for x in lines if x.form is form]
    return known_pairs((x["n_cases"], x["n_controls"]) for x in of_form)


def _is_given(number: float | None) -> TypeGuard[float]:
    """Whether a count stands there, neither withheld nor missing."""
    return number is not None and math.isfinite(number)


def known_pairs(pairs: Iterable[tuple[float | None, float | None]]) -> list[tuple[int, int]]:
    """Each pair once; nothing where a number of one is not given."""
    each = distinct(pairs)
    known = [(int(a), int(b)) for a, b in each if _is_given(a) and _is_given(b)]
    return known if len(known) == len(each) else []


def _most_adjusted(lines: Sequence[Line]) -> list[Line]:
    form = next((form for form in ADJUSTED if any(x.form is form for x in lines)), None)
    return [x for x in lines if x.form is form]


def _followed(released: Released, view: View, fewest: int | None) -> FlowColumn | None:
    rows = [row for row in released.table("attrition").to_pylist() if row["part"] == AttritionPart.PROGNOSIS]
    if view.study.prognosis is None or not rows:
        return None
    lines = [x for x in view.lines if x["comparison"] == CASES]
    everyone = next((x for x in lines if (x["scale"], x["level"]) == (Scale.RATE, ALL)), None)
    cox = _most_adjusted([x for x in lines if (x["family"], x["sensitivity"]) == (Family.COX, "") and x.is_exposure])
    n, events = rows[-1]["remaining"], everyone["n_events"] if everyone is not None else None
    known = known_pairs((x["n_cases"], x["n_events"]) for x in cox)
    return FlowColumn(
        title=english_participants.FOLLOWED,
        begin=english_participants.cases(rows[0]["remaining"]),
        losses=_losses(view, rows, None, fewest),
        nobody=english_participants.NONE_EXCLUDED,
        end=behind(english_participants.patients(n, events), "course-numbers"),
        adjusted=english_participants.adjusted(known, (n, events)),
    )


def has_adjusted(view: View) -> bool:
    """Whether some model is adjusted."""
    return any(x.form in ADJUSTED for x in view.lines)


def is_hidden(flow: Markup) -> bool:
    """Whether a number of the flow is not given."""
    return english_participants.NOT_SHOWN in capital(str(flow))
