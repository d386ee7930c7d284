"""Strengths and limitations, each triggered by a number of the run and said with it; none without one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from riskset.report import formats
from riskset.report.catalogue import english_front, english_participants
from riskset.report.catalogue import english_strengths as english
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.front.characteristics import IMBALANCE
from riskset.report.front.claims import holm
from riskset.report.front.main_results import MainResults, read_main
from riskset.report.front.naming import class_label
from riskset.report.front.participant_flow import members_of
from riskset.report.front.section import Section
from riskset.report.templating import render
from riskset.report.view import FORMS_BY_ADJUSTMENT, View, choose_form, distinct
from riskset.results.comparisons import controls_of, is_kin
from riskset.results.notes import NoteCode, read_notes
from riskset.results.planted_prognosis import CASES
from riskset.results.released import Released
from riskset.results.row_cells import DescribedCells, DiagnosticCells
from riskset.results.set_vocabulary import Characteristic, Summary, Verdict
from riskset.results.vocabulary import DiagnosticCode, Family, Form, Scale
from riskset.spec.design import PopulationControls
from riskset.spec.levels import ALL, UNKNOWN
from riskset.spec.measures import DiagnosisCovariate
from riskset.spec.study import Study
from riskset.spec.time import Duration

RUN_IN, MISSING, TRUNCATED, NO_DOSE, NO_SCORE = 0.10, 0.05, 0.05, 0.05, 0.05
"""Shares above which there is something to be said."""

CHANGES = 0.05
"""Tests of proportional hazards below this p, adjusted for their number, say that a hazard ratio changes with time."""

FEW = 10
"""Exposed cases below which a level has few."""

NAMED = 3


def strengths_limitations(released: Released, view: View) -> Section | None:
    """The section; None where no number triggers anything."""
    lists = (
        (english.STRENGTHS, list(strengths(released, view))),
        (english.LIMITATIONS, list(limitations(released, view))),
    )
    if not any(items for _, items in lists):
        return None
    body = render("front_strengths.html", lists=lists)
    return Section("strengths", english.STRENGTHS_TITLE, body=body)


def strengths(released: Released, view: View) -> Iterator[str]:
    """What the design gives, with its numbers."""
    study = released.study
    diagnostics = released.table("diagnostics").to_pylist()
    for controls in study.controls:
        n, _ = members_of(released, view, controls.comparison)
        if isinstance(controls, PopulationControls) and n:
            yield english.whole_population(n, study.cases.first)
            break
    if any(row["code"] == DiagnosticCode.QUALIFIED for row in diagnostics):
        yield english.BEFORE_DIAGNOSIS
    kinds = distinct(controls.kind for controls in study.controls)
    if len(kinds) > 1:
        yield english.comparisons(len(kinds))
    lags = distinct(m.lag_of_ever for e in study.exposures for m in e.measures if m.lag_of_ever)
    if lags:
        yield english.lag(min(lags, key=lambda length: length.days_about).words())
    verdicts = [row["verdict"] for row in released.table("audit").to_pylist()]
    if verdicts and Verdict.VIOLATION not in verdicts:
        yield english.audited(len(verdicts))
    main = read_main(view)
    if main is not None and (held := _held(main)):
        yield english.recovered(sum(held), len(held))


def _held(main: MainResults) -> list[bool]:
    """Whether each interval that aims at a planted value holds it."""
    return [held for x in main.shown if (held := x.holds(x.planted)) is not None]


def limitations(released: Released, view: View) -> Iterator[str]:
    """What limits the study, with its numbers."""
    study, main = released.study, read_main(view)
    diagnostics = released.table("diagnostics").to_pylist()
    described = [r for r in released.table("table_one").to_pylist() if r["about"] == Characteristic.COVARIATE]
    yield from _confounding(study, view, described)
    yield from _imbalance(study, view, described)
    yield from _prevalent(diagnostics)
    yield from _missing(study, described)
    yield from _incomplete(released, view, main)
    if main is not None:
        yield from _few(main)
        yield from _reacting(main)
        estimates = sum(line.shown.value is not None for line in main.shown)
        if estimates > 1:
            yield english.multiplicity(estimates, len(main.comparisons))
    shares = [row["value"] for row in diagnostics if row["code"] == DiagnosticCode.TRUNCATED]
    if known := [value for value in shares if value is not None and value > TRUNCATED]:
        yield english.truncated(max(known))
    yield from _doses(study, diagnostics)
    for row in diagnostics:
        if row["code"] == DiagnosticCode.SILENT_TABLE and row["value"]:
            yield english.silent(row["covariate"], row["value"])
    yield from _of_patients(released, view, diagnostics)


def _out_of(row: DiagnosticCells) -> int | None:
    """The number that a diagnostic is a part of."""
    notes = (note for note in read_notes(row["notes"]) if note.code == NoteCode.OUT_OF)
    return next((int(note.arguments["of"]) for note in notes), None)


def _unrelated(study: Study) -> list[str]:
    return [c.comparison for c in study.controls if not is_kin(c)]


def _adjusted(view: View, comparison: str) -> set[str]:
    """The covariates that some model of a comparison is adjusted for."""
    return set(view.covariates_of(x for x in view.lines if x["comparison"] == comparison))


def _confounding(study: Study, view: View, described: Sequence[DescribedCells]) -> Iterator[str]:
    """Diagnoses that models adjust for and that cases and unrelated controls have not equally often."""
    first = _unrelated(study)[:1]
    adjusted = {name for comparison in first for name in _adjusted(view, comparison)}
    diagnoses = {c.name for c in study.covariates if isinstance(c, DiagnosisCovariate)} & adjusted
    for row in described:
        smd = formats.finite(row["smd_variable"])
        cases, controls = row["cases_value"], row["controls_value"]
        if row["variable"] not in diagnoses or row["comparison"] not in first or cases is None or controls is None:
            continue
        if smd is not None and _differs(smd):
            yield english.indication(label_of_name(study, row["variable"]), cases, controls, smd)


def _differs(smd: float) -> bool:
    return math.isfinite(smd) and round(smd, 2) >= IMBALANCE


def _imbalance(study: Study, view: View, described: Sequence[DescribedCells]) -> Iterator[str]:
    """Covariates in which the groups of a comparison differ, neither matched on nor in its models."""
    seen = set()
    adjusted = {
        comparison: _adjusted(view, comparison) for comparison in distinct(row["comparison"] for row in described)
    }
    for row in described:
        controls = controls_of(study.controls, row["comparison"])
        smd = formats.finite(row["smd_variable"])
        key = row["comparison"], row["variable"]
        if controls is None or smd is None or key in seen or not _differs(smd):
            continue
        seen.add(key)
        taken = {*adjusted[row["comparison"]], *getattr(controls, "match", ())}
        # On one index date age and birth year are one.
        aged = taken & {"age", "birth_year"} or getattr(controls, "caliper", None) is not None
        if row["variable"] not in taken | ({"age", "birth_year"} if aged else set()):
            who = english_front.controls_adjective(controls)
            yield english.imbalance(label_of_name(study, row["variable"]), who, smd)


def _prevalent(diagnostics: Sequence[DiagnosticCells]) -> Iterator[str]:
    """The share of users who qualified in the run-in."""
    users = {_of_whom(row): row["value"] for row in diagnostics if row["code"] == DiagnosticCode.QUALIFIED}
    shares, lengths = [], []
    for row in diagnostics:
        total = users.get(_of_whom(row))
        if (
            row["comparison"] == CASES
            or row["code"] != DiagnosticCode.QUALIFIED_IN_RUN_IN
            or not total
            or row["value"] is None
        ):
            continue
        shares.append(row["value"] / total)
        lengths += [n.arguments["length"] for n in read_notes(row["notes"]) if n.code == NoteCode.IN_RUN_IN]
    if shares and max(shares) > RUN_IN and lengths:
        yield english.in_run_in(min(shares), max(shares), Duration.parse(str(lengths[0])).words())


def _of_whom(row: DiagnosticCells) -> tuple[str, str, str]:
    """Whose use a diagnostic counts: of the sets or of the patients, and of which class."""
    return row["analysis"], row["comparison"] or "", row["exposure"] or ""


def _missing(study: Study, described: Sequence[DescribedCells]) -> Iterator[str]:
    """Covariates unknown for many cases or controls of some comparison; the largest share of each."""
    largest: dict[str, tuple[float, str]] = {}
    for row in described:
        if row["level"] != UNKNOWN or row["kind"] != Summary.SHARE:
            continue
        for who, value in (("cases", row["cases_value"]), ("controls", row["controls_value"])):
            share = formats.finite(value)
            if share is not None and share > max(MISSING, largest.get(row["variable"], (0.0, ""))[0]):
                largest[row["variable"]] = share, who
    for variable, (share, who) in largest.items():
        yield english.missing(label_of_name(study, variable), share, who)


def _incomplete(released: Released, view: View, main: MainResults | None) -> Iterator[str]:
    """How many of each comparison, and of the patients, are in no primary model."""
    study, parts = released.study, list[english.LeftOut]()
    for comparison in main.comparisons if main is not None and main.form is not Form.CRUDE else ():
        whole, held, controls = (
            members_of(released, view, comparison),
            main.largest_model(comparison) if main is not None else None,
            controls_of(study.controls, comparison),
        )
        if held is None or controls is None:
            continue
        nouns = (english.PEOPLE["cases"], english_participants.controls_plural(controls))
        counts = tuple(
            (of - n, of, noun) for n, of, noun in zip(held, whole, nouns, strict=True) if of is not None and of > n
        )
        if counts:
            parts.append(english.LeftOut(english_front.controls_adjective(controls), counts))
    followed, patients = _followed(view), _in_the_course(view)
    if followed and patients and followed > patients:
        parts.append(english.LeftOut("", ((followed - patients, followed, english.PEOPLE["patients"]),)))
    if parts:
        yield english.incomplete(parts)


def _followed(view: View) -> int | None:
    """How many patients were followed up; None where that is not given."""
    everyone = next((x for x in view.lines if (x["scale"], x["level"]) == (Scale.RATE, ALL)), None)
    n = formats.finite(everyone["n_cases"]) if everyone is not None else None
    return int(n) if n is not None else None


def _in_the_course(view: View) -> int | None:
    """How many of them are in the primary Cox model, where one is adjusted; None where that is not given."""
    lines = [
        x
        for x in view.lines
        if (x["family"], x["scale"], x["sensitivity"]) == (Family.COX, Scale.LOG_HR, "")
        and x.is_exposure
        and not x.modifier
        and x.form in FORMS_BY_ADJUSTMENT
    ]
    if not lines:
        return None
    form = choose_form(view.study.primary_prognosis_form, distinct(x.form for x in lines))
    numbers = [formats.finite(x["n_cases"]) for x in lines if x.form is form]
    known = [int(n) for n in numbers if n is not None]
    return max(known) if form is not Form.CRUDE and known and len(known) == len(numbers) else None


def _few(main: MainResults) -> Iterator[str]:
    """Levels with few exposed cases, comparison by comparison."""
    parts = []
    for comparison in main.comparisons:
        few = []
        for row in main.rows:
            line = row.lines.get(comparison)
            n = line["n_exposed_cases"] if line is not None and not line.is_continuous else None
            if n is not None and n < FEW:
                by_time = row.measure.parts_time
                label = english_front.short_span(row.level) if by_time else row.words.label.lower()
                few.append((f"{row.name}, {label}", n))
        controls = controls_of(main.study.controls, comparison)
        if few and controls is not None:
            who = english_front.controls_adjective(controls)
            parts.append((who, few[:NAMED], max(len(few) - NAMED, 0)))
    if parts:
        yield english.few_exposed(parts)


def _reacting(main: MainResults) -> Iterator[str]:
    n = sum(any(note.code == NoteCode.MAY_REACT for note in read_notes(line["notes"])) for line in main.shown)
    if n:
        yield english.may_react(n)


def _doses(study: Study, diagnostics: Sequence[DiagnosticCells]) -> Iterator[str]:
    shares: dict[str, float] = {}
    for row in diagnostics:
        if row["code"] == DiagnosticCode.ITEMS_WITHOUT_DDD and row["value"] is not None and (of := _out_of(row)):
            shares[row["exposure"]] = max(row["value"] / of, shares.get(row["exposure"], 0.0))
    for exposure, share in shares.items():
        if share > NO_DOSE:
            yield english.without_doses(share, label_of_name(study, exposure))


def _not_proportional(study: Study, of_cases: Sequence[tuple[DiagnosticCells, float]]) -> Iterator[str]:
    """That hazard ratios of the primary model change with time, where a test says so after adjustment for all tests."""
    classes = {e.name: class_label(e) for e in study.exposures}
    tested = [
        (row, p)
        for row, p in of_cases
        if row["code"] == DiagnosticCode.PROPORTIONAL_HAZARDS
        and (row["family"], row["sensitivity"]) == (Family.COX, "")
        and row["covariate"] in classes
        and row["form"] in FORMS_BY_ADJUSTMENT
    ]
    if not tested:
        return
    form = choose_form(study.primary_prognosis_form, distinct(Form(row["form"]) for row, _ in tested))
    held = [(row, p) for row, p in tested if row["form"] == form]
    changing = [
        (classes[row["covariate"]], p)
        for (row, _), p in zip(held, holm([p for _, p in held]), strict=True)
        if p < CHANGES
    ]
    if changing:
        yield english.not_proportional(changing, len(held))


def _of_patients(released: Released, view: View, diagnostics: Sequence[DiagnosticCells]) -> Iterator[str]:
    """Of those followed: unknown covariates, delayed entry, no score."""
    study = released.study
    n = _followed(view)
    if study.prognosis is None or not n:
        return
    of_cases = [
        (row, value)
        for row in diagnostics
        if row["comparison"] == CASES and (value := row["value"]) is not None and math.isfinite(value)
    ]
    counted: dict[DiagnosticCode, float] = {}
    unknown: dict[str, float] = {}
    for row, number in of_cases:
        code = DiagnosticCode(row["code"])
        if code is DiagnosticCode.UNKNOWN_VALUE:
            unknown[row["covariate"]] = max(number, unknown.get(row["covariate"], 0.0))
        elif not row["family"]:
            counted[code] = number
    for name, value in unknown.items():
        if value / n > MISSING:
            yield english.missing(label_of_name(study, name), value / n, "patients")
    yield from _not_proportional(study, of_cases)
    if late := counted.get(DiagnosticCode.ENTERED_LATE):
        yield english.late_entry(int(late), n, counted.get(DiagnosticCode.DAYS_TO_ENTRY))
    without = counted.get(DiagnosticCode.PATIENTS_WITHOUT_SCORE, 0.0) / n
    if study.prognosis.marker and without > NO_SCORE:
        yield english.without_score(without, label_of_name(study, study.prognosis.marker))
