"""What a diagnostic tells by its number, by its digits, and by being there."""

from __future__ import annotations

from typing import Any

import pytest

from riskset.disclosure.by_code import DIAGNOSTICS, OF_NOBODY
from riskset.disclosure.door import Cleared, clear
from riskset.disclosure.policy import Policy, Zero
from riskset.disclosure.rounding_functions import DIGITS, OF_DAYS, blurred
from riskset.results.columns import table_of
from riskset.results.notes import NoteCode, note
from riskset.results.planted_prognosis import CASES
from riskset.results.released import Released
from riskset.results.roles import DisclosureRole
from riskset.results.rows import AttritionStep, Diagnostic, Estimate
from riskset.results.set_vocabulary import AttritionPart, AttritionRule, Unit
from riskset.results.vocabulary import Analysis, Contrast, DiagnosticCode, Family, Form, Model, Scale, Who
from riskset.results.withheld import HiddenNumber
from tests.report.released import make_study

POLICY, ZEROS_TOO = Policy("under 5"), Policy("zeros too", zero=Zero.WITHHELD)
COUNTS = sorted(code for code, role in DIAGNOSTICS.items() if role is DisclosureRole.COUNT)
CRUDE = Model(Analysis.RISK, Family.CONDITIONAL_LOGISTIC, Form.CRUDE, "ever")
RATE = Model(Analysis.PROGNOSIS, Family.RATE, measure="ever")
EXPOSED, CONTROLS, PATIENTS, EVENTS = 60, 45, 180, 90
"""Numbers that the tables state."""


def cleared(*diagnostics: Diagnostic, policy: Policy = POLICY, n: int = 200) -> Cleared:
    """Cases with as many controls, those at a level of use, and those who were followed."""
    ratio = {"scale": Scale.LOG_OR, "estimate": 0.3, "std_error": 0.2, "conf_low": -0.1, "conf_high": 0.7}
    exposed = {"n_exposed_cases": min(EXPOSED, n), "n_exposed_controls": min(CONTROLS, n), "n_informative": None}
    of_pairs = Estimate(
        model=CRUDE, comparison="population", exposure="opioids", level="ever", **ratio, **exposed,
        n_sets=n, n_cases=n, n_controls=n,
    )  # fmt: skip
    followed = Estimate(
        model=RATE, comparison=CASES, level="all", contrast=Contrast.VALUE, scale=Scale.RATE, estimate=0.3,
        n_cases=min(PATIENTS, n), n_events=min(EVENTS, n),
    )  # fmt: skip
    step = AttritionStep(
        part=AttritionPart.CASES, step=0, rule=AttritionRule.EVENT, removed=0, remaining=n, unit=Unit.PERSONS
    )
    tables = {
        "estimates": table_of([of_pairs, followed], Estimate),
        "attrition": table_of([step], AttritionStep),
        "diagnostics": table_of(list(diagnostics), Diagnostic),
    }
    return clear(Released(make_study(), tables, {}), policy)


def diagnostic(code: DiagnosticCode, value: float | None, comparison: str = "population", **more: Any) -> Diagnostic:
    return Diagnostic(model=CRUDE, comparison=comparison, code=code, value=value, **more)


def values(left: Cleared) -> list[float | None]:
    rows = left.released.rows("diagnostics")
    return [None if isinstance(row["value"], HiddenNumber) else row["value"] for row in rows]


@pytest.mark.parametrize("code", COUNTS)
@pytest.mark.parametrize("stated", [EXPOSED, CONTROLS, 200])
def test_a_count_does_not_leave_because_a_table_has_the_same_number_of_others(
    code: DiagnosticCode, stated: int
) -> None:
    """Of sixty who are not in a model and fifty-seven with an unknown covariate three are left out otherwise."""
    left = cleared(diagnostic(code, stated), diagnostic(code, stated, CASES, who=Who.PATIENTS))
    assert values(left) == [None, None]


@pytest.mark.parametrize("code", COUNTS)
def test_nobody_leaves_where_it_may_be_known(code: DiagnosticCode) -> None:
    assert values(cleared(diagnostic(code, 0.0))) == [0.0]


@pytest.mark.parametrize(("code", "of_all"), [(DiagnosticCode.PATIENTS, PATIENTS), (DiagnosticCode.EVENTS, EVENTS)])
def test_a_model_of_everybody_says_so(code: DiagnosticCode, of_all: int) -> None:
    of_fewer = diagnostic(code, of_all - 7, CASES, exposure="opioids")
    assert values(cleared(diagnostic(code, of_all, CASES), of_fewer)) == [of_all, None]


@pytest.mark.parametrize(("of", "is_left"), [(200, True), (EXPOSED, False), (199, False)])
def test_a_note_says_among_how_many_where_that_is_everybody(of: int, is_left: bool) -> None:
    of_so_many = note(NoteCode.OUT_OF, of=of, who=str(Who.CASES))
    (row,) = cleared(diagnostic(DiagnosticCode.QUALIFIED, 0.0, notes=(of_so_many,))).released.rows("diagnostics")
    assert (f'"of": {of}' in row["notes"]) is is_left


@pytest.mark.parametrize("code", [DiagnosticCode.INCIDENCE, DiagnosticCode.INCIDENCE_LIKE_CASES])
@pytest.mark.parametrize(("n", "is_left"), [(200, True), (4, False)])
def test_an_incidence_goes_with_the_number_of_cases(code: DiagnosticCode, n: int, is_left: bool) -> None:
    """Beside the person-years it is that number."""
    assert (values(cleared(diagnostic(code, 3.21, ""), n=n)) == [3.21]) is is_left


@pytest.mark.parametrize("code", sorted(DIAGNOSTICS))
def test_no_number_of_a_fit_has_the_last_digits_of_one_set_of_data(code: DiagnosticCode) -> None:
    """What is counted has all of its digits, and is withheld or of everybody; a share has steps."""
    (row,) = blurred("diagnostics", [{"code": code, "value": 12.3456789}])
    digits = OF_DAYS if code == DiagnosticCode.DAYS_TO_ENTRY else DIGITS
    is_of_a_fit = code not in WHOLE and DIAGNOSTICS[code] in (DisclosureRole.FUNCTION, DisclosureRole.FREE)
    assert row["value"] == (float(f"{12.3456789:.{digits}g}") if is_of_a_fit else 12.3456789)


WHOLE = {
    *(DiagnosticCode.ITERATIONS, DiagnosticCode.CONVERGED, DiagnosticCode.SINGULAR, DiagnosticCode.NOT_FITTED),
    *(DiagnosticCode.FIRTH_NOT_FITTED, DiagnosticCode.SUBGROUPS_REFUSED, DiagnosticCode.INTERACTION_REFUSED),
    *(DiagnosticCode.INTERACTION_MADE_ONCE, DiagnosticCode.START_NOT_STATED, DiagnosticCode.COVARIATE_STANDS_ALREADY),
    DiagnosticCode.FOLLOW_UP_ENDS_WITH_PERIOD,
    *(OF_NOBODY & {code for code, role in DIAGNOSTICS.items() if role is DisclosureRole.FREE}),
}
"""Without a number, or with a whole one of no person: steps of an algorithm, yes or no."""


@pytest.mark.parametrize("value", [0.0, 3.0, 60.0])
@pytest.mark.parametrize("code", COUNTS)
def test_where_nobody_may_not_be_known_a_count_does_not_tell_of_some_by_being_there(
    code: DiagnosticCode, value: float
) -> None:
    """Who is left out is counted only where somebody is: without the row it would be known that nobody is."""
    left = cleared(diagnostic(code, value), policy=ZEROS_TOO)
    assert values(left) == []
    assert not [line for line in left.log if line.table == "diagnostics"]


@pytest.mark.parametrize("code", sorted(OF_NOBODY))
def test_nor_does_one_that_stands_there_because_nobody_does(code: DiagnosticCode) -> None:
    assert values(cleared(diagnostic(code, None), policy=ZEROS_TOO)) == []
    assert len(values(cleared(diagnostic(code, None)))) == 1
