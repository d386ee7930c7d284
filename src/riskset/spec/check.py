"""What can be said of a study before any data are read: advice, what it needs, and what may be left out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from riskset.errors import DesignError, SpecError, there_are
from riskset.spec.asked import atc_asked, events_of, icd10_asked, sources_asked
from riskset.spec.codes import doubts_of_atc, doubts_of_icd10
from riskset.spec.complaints import among, listed, shown
from riskset.spec.covariates import BUILT_IN
from riskset.spec.design import Event, GivenControls, PopulationControls, SiblingControls, SpouseControls
from riskset.spec.levels import LAG_ONLY
from riskset.spec.measures import Covariate, DiagnosisCovariate, Exposure
from riskset.spec.study import Study
from riskset.spec.time import Duration

OPTIONAL = ("siblings", "spouses", "prognosis")
"""Parts that a run may leave out on purpose."""

_LONG_HISTORY = Duration(18, "y")  # of the founding study's register, 2005-07 to 2023-07


@dataclass(frozen=True)
class RegisterNeed:
    """A canonical table (`column` None), or a column of it, and the place in the description that wants it."""

    table: str
    column: str | None
    wanted_by: str


@dataclass(frozen=True)
class NameWanted:
    """A name that rows of a canonical table must have in a column, what it names, and the place that wants it.

    ``others``: those that the place asks for beside it, of which one is enough.
    """

    table: str
    column: str
    value: str
    what: str
    wanted_by: str
    others: tuple[str, ...] = ()

    def is_no(self, kind: str, there: Collection[str]) -> DesignError:
        """That there is none such, and what there is."""
        return DesignError(
            f"{shown(self.value)} is no {kind}", where=self.wanted_by, remedy=among(self.value, sorted(there))
        )


def problems(study: Study) -> list[str]:
    """Advice on a study that may be run as it is: each a sentence, in the order of the description."""
    return [*_of_cases(study), *_of_codes(study), *_of_exposures(study), *_of_models(study), *_of_published(study)]


def needs(study: Study) -> list[RegisterNeed]:
    """The canonical tables and columns without which the study cannot be run, each once."""
    wanted: dict[tuple[str, str | None], RegisterNeed] = {}
    for table, column, wanted_by in _wanted(study):
        wanted.setdefault((table, column), RegisterNeed(table, column, wanted_by))
    return list(wanted.values())


def names_wanted(study: Study) -> list[NameWanted]:
    """The registers, sources, diagnoses, items, measurements and procedures that a study needs rows of by name.

    Each once, with the first place that wants it; one that stands beside others, once for each place.
    """
    wanted: dict[tuple[str, ...], NameWanted] = {}
    for name in _names(study):
        place = (name.wanted_by,) if name.others else ()
        wanted.setdefault((name.table, name.column, name.value, *place), name)
    return list(wanted.values())


def _names(study: Study) -> Iterator[NameWanted]:
    item = "registry_item"
    for event, place in events_of(study):
        if event.registry:
            yield NameWanted(item, "registry", event.registry, "register", f"{place}.registry")
            yield NameWanted(item, "name", "diagnosis", "item", f"{place}.registry")
        for diagnosis in event.diagnosis:
            yield NameWanted(item, "text", diagnosis, "diagnosis", f"{place}.diagnosis")
    for sources, place in sources_asked(study):
        for source in sources:
            others = tuple(one for one in sources if one != source)
            yield NameWanted("diagnosis", "source", source, "source of diagnoses", place, others)
    if study.anchor == "onset":
        yield NameWanted(item, "name", "onset_date", "item", "anchor")
    for i, model in enumerate(study.models):
        for j, subgroup in enumerate(model.subgroups):
            yield from _of_case(subgroup.by, f"models[{i}].subgroups[{j}].by")
    asked = study.prognosis
    if asked is None:
        return
    if asked.registry:
        yield NameWanted(item, "registry", asked.registry, "register", "prognosis.registry")
    if asked.entry == "registration":
        yield NameWanted(item, "name", "registration", "item", "prognosis.entry")
    if asked.origin == "onset":
        yield NameWanted(item, "name", "onset_date", "item", "prognosis.origin")
    if asked.marker:
        yield NameWanted("measurement", "name", asked.marker, "measurement", "prognosis.marker")
    if "invasive_ventilation" in asked.endpoint:
        yield NameWanted("procedure", "code", "invasive_ventilation", "procedure", "prognosis.endpoint")
    for name in asked.adjust:
        yield from _of_case(name, f"prognosis.adjust {name}")


def _of_case(name: str, place: str) -> Iterator[NameWanted]:
    """The rows that a covariate of a case is made of, where it is a measurement or an item of a quality register."""
    covariate = BUILT_IN.get(name)
    if covariate is not None and covariate.table == "measurement":
        yield NameWanted("measurement", "name", name, "measurement", place)
    elif covariate is not None and covariate.table == "registry_item":
        yield NameWanted("registry_item", "name", _ITEM_OF.get(name, name), "item", place)


_ITEM_OF = {"diagnostic_delay": "onset_date"}
"""Covariates that are made of an item of another name."""


def spans(study: Study) -> dict[str, tuple[date, str]]:
    """Canonical table → the day after the last day that the study needs of it, and the key that says so.

    Tables without days of their own (persons, years, sets) are not among them.
    """
    tables = {"death", *(table for table, _, _ in _wanted(study))}  # a death ends observation, asked for or not
    ends = dict.fromkeys(
        sorted(tables - {"person", "socioeconomic", "matched_set"}), (study.period.stop, "period.stop")
    )
    asked = study.prognosis
    if asked and asked.until and asked.until > study.period.stop:
        during = {"residence", "death", *(["registry_item"] if asked.entry == "registration" else [])}
        during |= {"procedure"} if "invasive_ventilation" in asked.endpoint else set()
        during |= {"measurement"} if asked.marker else set()
        during |= {"dispensing"} if asked.time_varying else set()
        ends |= dict.fromkeys(sorted(during), (asked.until, "prognosis.until"))
    return ends


def without(study: Study, parts: Sequence[str]) -> Study:
    """The study with some of its parts left out.

    Parameters
    ----------
    parts
        Of ``OPTIONAL``. "siblings" leaves out those of every kind.

    Raises
    ------
    SpecError
        A part is not known, or no controls are left.
    """
    for part in parts:
        if part not in OPTIONAL:
            raise SpecError(f"{shown(part)} cannot be left out", remedy=f"name some of {listed(OPTIONAL)}")
    left = tuple(c for c in study.controls if c.kind not in parts)
    if not left:
        raise SpecError("no controls are left", where="controls", remedy="keep at least one kind")
    return study.model_copy(update={"controls": left, "prognosis": None if "prognosis" in parts else study.prognosis})


def _of_cases(study: Study) -> Iterator[str]:
    if study.cases.first.registry and not study.cases.free_of:
        yield (
            "cases.free_of: cases are those of a quality register, and patients missing from the register may serve as "
            "controls; name their ICD-10 codes in free_of."
        )


def _of_codes(study: Study) -> Iterator[str]:
    """Codes that are likely of another system than the key that they stand under."""
    for code, place in icd10_asked(study):
        doubts = doubts_of_icd10(code)
        if doubts:
            yield f"{place}: {code} {doubts}, and is looked for among codes of ICD-10."
    for code, place in atc_asked(study):
        doubts = doubts_of_atc(code)
        if doubts:
            yield f"{place}: {code} {doubts}."


def _of_exposures(study: Study) -> Iterator[str]:
    for one, other in combinations(study.exposures, 2):
        shared = [
            max(a, b, key=len)
            for a in one.codes.prefixes
            for b in other.codes.prefixes
            if (a.startswith(b) or b.startswith(a))
            and max(a, b, key=len) not in (*one.codes.without, *other.codes.without)
        ]
        if shared and _together(study, one, other):
            yield (
                f"exposures {one.name} and {other.name} share the codes {listed(shared)}; "
                "in a model of both, each stands for what the other leaves."
            )
    for i, exposure in enumerate(study.exposures):
        for j, measure in enumerate(exposure.measures):
            if any(length > _LONG_HISTORY for length in measure.marks):
                yield (
                    f"exposures[{i}].measures[{j}]: {measure.reach} reaches further back than most dispensing "
                    "registers; the report shows the share of sets whose window is cut short."
                )


def _together(study: Study, one: Exposure, other: Exposure) -> bool:
    """Whether some model of the study holds both exposures."""
    pair = {one.name, other.name}
    for model in study.models:
        measured = all(any(m.key == model.measure for m in exposure.measures) for exposure in (one, other))
        if "together" in model.classes and measured and (not model.exposures or pair <= set(model.exposures)):
            return True
    asked = study.prognosis
    return asked is not None and "together" in asked.classes and (not asked.exposures or pair <= set(asked.exposures))


def _of_models(study: Study) -> Iterator[str]:
    keys = [set(c.match) if isinstance(c, PopulationControls | GivenControls) else set() for c in study.controls]
    matched = set.intersection(*keys)  # a comparison that does not match on it is adjusted
    unmatched = any(
        isinstance(c, PopulationControls) and c.caliper is None and "birth_year" not in c.match for c in study.controls
    )
    lagless = [
        c.name for c in study.covariates if isinstance(c, DiagnosisCovariate) and not c.lag and _psychiatric(c.icd10)
    ]
    for i, model in enumerate(study.models):
        given = study.forms_of(model)
        if not given:
            yield (
                f'models[{i}]: one class has no other to be adjusted for, and classes = ["together"] asks for no other '
                'model, so nothing is fitted; write classes = ["each"].'
            )
        elif study.primary_form not in given:
            yield (
                f"models[{i}]: it gives no {study.primary_form} estimates, which are the primary ones, so it is in the "
                "supplement alone."
            )
        for name in model.adjust:
            if name in matched:
                yield (
                    f"models[{i}].adjust: controls are matched on {name}, so it is the same within every set "
                    "and the adjustment does nothing."
                )
            if name in lagless:
                yield (
                    f"models[{i}].adjust: {name} counts diagnoses up to the index date, which may be early signs of "
                    "the disease or reasons for the treatment; a lag as long as the exposure's avoids that."
                )
        if unmatched and not {"age", "birth_year"} & set(model.adjust):
            yield (
                f"models[{i}].adjust: population controls are not matched on age and it is not adjusted for; add age, "
                "or birth_year to match."
            )
    if study.exposures and not study.models:
        yield "models: exposures are measured and no model is asked for, so no odds ratio will be estimated."


def _psychiatric(codes: Sequence[str]) -> bool:
    return all(code.startswith("F") for code in codes)


def _of_published(study: Study) -> Iterator[str]:
    compared = [controls.comparison for controls in study.controls]
    for i, people in enumerate(study.published_sets):
        if people.comparison not in compared:
            meant = among(people.comparison, compared)
            what = f"there is no comparison {shown(people.comparison)}, so the numbers are shown beside nothing"
            yield f"published_sets[{i}].comparison: {what}; {meant}."
    for i, row in enumerate(study.published):
        exposure = next(e for e in study.exposures if e.name == row.exposure)
        if row.analysis == "prognosis":
            levels: tuple[str, ...] = ("ever", LAG_ONLY)
        else:
            levels = next(m for m in exposure.measures if m.key == row.measure).level_names
        if row.level not in levels:
            there, named = [level for level in levels if level != LAG_ONLY], shown(row.level)
            yield (
                f"published[{i}].level: {row.exposure} has no level {named} in {row.measure}, so the figure is "
                f"shown beside nothing; {there_are(there)}."
            )


def _wanted(study: Study) -> Iterator[tuple[str, str | None, str]]:
    yield "person", None, "every study"
    yield "residence", None, "every study: who is under observation"
    yield from _of_event(study.cases.first, "cases.first")
    for event in study.cases.freedom():
        yield from _of_event(event, "cases.free_of")
    for i, washout in enumerate(study.eligibility.washout):
        yield from _of_event(washout.event, f"eligibility.washout[{i}]")
    for i, control in enumerate(study.controls):
        if isinstance(control, GivenControls):
            yield "matched_set", None, f"controls[{i}] given"
        if isinstance(control, PopulationControls | GivenControls):
            yield from (place for key in control.match for place in _of_name(key, f"controls[{i}].match {key}"))
        elif isinstance(control, SiblingControls):
            yield from (("person", parent, f"controls[{i}] siblings") for parent in ("mother_id", "father_id"))
        elif isinstance(control, SpouseControls):
            yield "couple", None, f"controls[{i}] spouses"
    if study.anchor == "onset":
        yield "registry_item", None, "anchor onset"
    for i, exposure in enumerate(study.exposures):
        yield "dispensing", None, f"exposures[{i}] {exposure.name}"
        for amount in dict.fromkeys(m.amount for m in exposure.measures if m.amount):
            yield "dispensing", amount, f"exposures[{i}] {exposure.name}"
    yield from _of_covariates(study)
    yield from _of_prognosis(study)


def _of_event(event: Event, place: str) -> Iterator[tuple[str, str | None, str]]:
    if event.registry:
        yield "registry_item", None, place
        if event.diagnosis:
            yield "registry_item", "text", place
    elif event.icd10:
        yield "diagnosis", None, place
        if event.main is not None:
            yield "diagnosis", "main", place
    elif event.atc:
        yield "dispensing", None, place
    else:
        yield "death", None, place
        if event.cause:
            yield "death", "cause", place


_ALWAYS_THERE = (("person", "sex"), ("person", "birth_date"))
"""Columns without which no delivery is read."""


def _of_name(name: str, place: str) -> Iterator[tuple[str, str | None, str]]:
    """What a built-in covariate, or a matching key of its name, needs; a key that is none needs nothing."""
    covariate = BUILT_IN.get(name)
    if covariate is None or (covariate.table, covariate.column) in _ALWAYS_THERE:
        return
    yield covariate.table, None, place
    if covariate.column:
        yield covariate.table, covariate.column, place


def _of_covariates(study: Study) -> Iterator[tuple[str, str | None, str]]:
    defined: dict[str, Covariate] = {c.name: c for c in study.covariates}
    for i, model in enumerate(study.models):
        for name in (*model.adjust, *(s.by for s in model.subgroups), *model.interactions):
            place = f"models[{i}] {name}"
            if name in defined:
                yield defined[name].kind, None, place  # the kinds are the names of their tables
            else:
                yield from _of_name(name, place)


def _of_prognosis(study: Study) -> Iterator[tuple[str, str | None, str]]:
    asked = study.prognosis
    if asked is None:
        return
    yield "death", None, "prognosis"  # which ends follow-up, endpoint or not
    if "invasive_ventilation" in asked.endpoint:
        yield "procedure", None, "prognosis.endpoint invasive_ventilation"
    if asked.marker:
        yield "measurement", None, f"prognosis.marker {asked.marker}"
    if asked.entry == "registration" or asked.origin == "onset":
        yield "registry_item", None, "prognosis.entry"
    defined: dict[str, Covariate] = {c.name: c for c in study.covariates}
    for name in asked.adjust:
        place = f"prognosis.adjust {name}"
        if name in defined:
            yield defined[name].kind, None, place
        else:
            yield from _of_name(name, place)
