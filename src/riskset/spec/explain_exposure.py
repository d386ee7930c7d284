"""Exposures, their measures and the covariates in sentences, windows drawn on a line."""

from __future__ import annotations

from typing import assert_never

from riskset.microdata import FEWEST
from riskset.spec import words
from riskset.spec.covariates import COVARIATES
from riskset.spec.measure_words import measure_words
from riskset.spec.measures import Covariate, DiagnosisCovariate, DispensingCovariate, Exposure, Measure
from riskset.spec.paragraphs import Drawing
from riskset.spec.study import Study
from riskset.spec.timeline import timeline


def exposures_in_words(study: Study, *, keys: bool = True) -> tuple[str | Drawing, ...]:
    """The exposures, then each measure once with the exposures that have it."""
    end = "index date" if study.anchor == "index date" else "onset"
    blocks: list[str | Drawing] = [_anchor(study)]
    blocks += [_exposure(exposure, keys) for exposure in study.exposures]
    for (measure, at_least), names in _alike(study).items():
        blocks.append(f"{_name(measure, keys)}: {measure_words(measure, at_least, keys=keys).definition}")
        blocks.append(Drawing(timeline(measure, f"{', '.join(names)}: {measure.key}", end=end)))
    return tuple(blocks)


def covariates_in_words(study: Study, *, keys: bool = True) -> tuple[str, ...]:
    """Every covariate that the study uses, the built-in ones with what the registers say of them."""
    used = [name for m in study.models for name in (*m.adjust, *(s.by for s in m.subgroups), *m.interactions)]
    used += study.prognosis.adjust if study.prognosis else ()
    built_in = [f"- {words.plain(c.name)}: {c.words}" for c in COVARIATES if c.name in used]
    most = f" (most_levels = {study.most_levels})" if keys else ""
    limit = f"One of more than {study.most_levels} categories{most}, or whose values hardly anybody shares, is refused."
    named = [f"of {words.plain(name)} {words.both(levels)}" for name, levels in study.levels.items() if levels]
    apart = f" but those that the study names: {'; '.join(named)}" if named else ""
    limit += f" Categories that fewer than {FEWEST} people of the registers have are one{apart}."
    categorical = any(not c.numeric for c in COVARIATES if c.name in used)
    defined = (f"- {c.name if keys else words.plain(c.name)}: {_covariate(c)}" for c in study.covariates)
    return (*built_in, *defined, *([limit] if categorical else []))


def _anchor(study: Study) -> str:
    if study.anchor == "onset":
        at = (
            "Windows end at the case's symptom onset, which is given to its whole set, while controls are sampled at "
            "diagnosis."
        )
    else:
        at = "Windows end at the set's index date."
    return (
        f"{at} A window is [index − lookback, index − lag): that day itself lies in no window. Months and years are "
        "counted by the calendar (one year before 29 February is 28 February). A window without a lookback begins with "
        "the dispensing register; the share of sets whose window the register's start cuts short is reported."
    )


def _exposure(exposure: Exposure, keys: bool) -> str:
    codes = f"- {words.plain(exposure.name)}: {words.atc(exposure.codes)}."
    qualifying = [m for m in exposure.measures if m.of_the_qualified]
    if not qualifying:
        return codes
    k = exposure.at_least
    qualifies = "the first dispensing date" if k == 1 else f"the {words.ordinal(k)} distinct dispensing date"
    least = "at least one dispensing" if k == 1 else f"dispensings on at least {k} distinct dates"
    some = len(qualifying) < len(exposure.measures)
    names = [m.key if keys else words.plain(m.key) for m in qualifying]
    user = f"For {words.both(names)} a user has" if some else "A user has"
    return (
        f"{codes} {user} {least}; {qualifies} of the class is the qualifying date, and before it the person is "
        "unexposed."
    )


def _name(measure: Measure, keys: bool) -> str:
    """The measure's key, for the writer of the description; else its words."""
    text = words.plain(measure.key)
    return measure.key if keys else words.capital(text)


def _alike(study: Study) -> dict[tuple[Measure, int], list[str]]:
    groups: dict[tuple[Measure, int], list[str]] = {}
    for exposure in study.exposures:
        for measure in exposure.measures:
            groups.setdefault((measure, exposure.at_least), []).append(words.plain(exposure.name))
    return groups


def _covariate(covariate: Covariate) -> str:
    window = words.window(covariate.lag, covariate.lookback)
    match covariate:
        case DiagnosisCovariate(icd10=icd10, source=source):
            return f"any diagnosis of {words.icd10(icd10)} {words.sources(source)} {window}, yes or no"
        case DispensingCovariate(at_least=at_least, codes=codes):
            return f"at least {words.dates(at_least)} of {words.atc(codes)} {window}, yes or no"
        case _:
            assert_never(covariate)
