"""Models, prognosis and published figures in sentences."""

from __future__ import annotations

from datetime import timedelta

from riskset.spec import words
from riskset.spec.models import AdjustmentForm, ConditionalLogistic, Prognosis
from riskset.spec.modification import partings_in_words, subgroup_in_words, subgroups_of
from riskset.spec.published import Published, PublishedSets
from riskset.spec.study import Study


def models_in_words(study: Study, *, keys: bool = True) -> tuple[str, ...]:
    """What each model estimates, and how."""
    groups = [
        _model(models, [words.plain(name) for name in study.measures_of(models[0])], keys) for models in _alike(study)
    ]
    shared = [text for text in groups[0] if all(text in group for group in groups)] if len(groups) > 1 else []
    paragraphs = [" ".join(text for text in group if text not in shared) for group in groups]
    if shared:
        paragraphs.append(f"All of these: {' '.join(shared)}")
    paragraphs += partings_in_words(study, subgroups_of(study))
    paragraphs += _primary(study, keys)
    if paragraphs:
        paragraphs.append(
            f"Intervals are {words.per_cent(study.conf_level, study.number_style)} intervals. Beside each estimate "
            "stand the informative (discordant) sets, the exposed cases and the exposed controls."
        )
    return tuple(paragraphs)


def _primary(study: Study, keys: bool) -> list[str]:
    """Which estimates are the main ones."""
    form = study.primary_form
    if form is None:
        return []
    chosen = words.key("primary", form, keys=keys) if study.primary else " (the most adjusted that the models give)"
    return [f"The primary estimates are {_FORMS[form]}{chosen}; all others are supplementary."]


_FORMS: dict[AdjustmentForm, str] = {
    "crude": "the crude ones",
    "adjusted": "the adjusted ones, each class in a model of its own",
    "mutually adjusted": "the mutually adjusted ones, all classes in one model",
}


def prognosis_in_words(study: Study, *, keys: bool = True) -> tuple[str, ...]:
    """How the cases are followed, and what is estimated of them."""
    asked = study.prognosis
    if asked is None:
        return ()
    chosen = [words.plain(name) for name in asked.exposures or [e.name for e in study.exposures]]
    until = asked.until or study.period.stop
    last = words.day(until - timedelta(days=1), study.number_style)
    paragraphs = [
        f"{_ENTRY[asked.entry].format(_register(study))} They are followed to the first of "
        f"{words.both([_END[e] for e in asked.endpoint])}, to "
        f"{'' if 'death' in asked.endpoint else 'death (a competing event), to '}emigration, or to the end of "
        f"{last}; the last day counts, so a death on the day of entry has one day. "
        f"Time is counted from {asked.origin}: in years, and in months where it is of a decline.",
    ]
    if asked.origin == "onset":
        paragraphs.append(
            "Who is followed from onset comes under observation late (delayed entry), and counts from then on."
        )
    if chosen:
        paragraphs.append(
            f"Exposed to {words.both(chosen, 'or')} is who qualified more than {words.time(asked.lag)} before "
            f"diagnosis; who qualified inside that time only {_LAG_ONLY[asked.lag_only]}"
            f"{words.key('lag_only', asked.lag_only, keys=keys)}. What is taken up after diagnosis changes nothing"
            + (", except in a Cox model labeled as a sensitivity." if asked.time_varying else ".")
        )
    paragraphs.append(_curves(asked))
    paragraphs += _joint(asked)
    adjusted = words.both([words.plain(n) for n in asked.adjust]) if asked.adjust else ""
    alone = "Each exposure stands alone" if "each" in asked.classes or len(chosen) < 2 else ""
    together = "all stand together" if "together" in asked.classes and len(chosen) > 1 else ""
    forms = " and ".join(filter(None, (alone, together)))
    forms = words.capital(forms)
    return (
        *paragraphs,
        f"{forms}, without covariates and adjusted for {adjusted}; who lacks one of them is left out and counted "
        "(complete case)."
        if adjusted
        else f"{forms}; no covariates are adjusted for.",
    )


def _register(study: Study) -> str:
    """``the quality register mnd``, or the only one where none is named."""
    asked = study.prognosis
    named = (asked.registry if asked else None) or study.cases.first.registry
    return f"the quality register {named}" if named else "the quality register, of which there must be one only"


def _curves(asked: Prognosis) -> str:
    since = ""
    if asked.curves_from:
        when = f"{words.time(asked.curves_from)} after {asked.origin}"
        since = f" Curves, medians and means begin {when}, among those free of events then."
    several = len(asked.endpoint) > 1 or "death" not in asked.endpoint
    causes = "cumulative incidences of each cause (Aalen-Johansen), " if several else ""
    each = (
        " Each cause on its own has cause-specific Cox models and Fine-Gray models of its cumulative incidence, "
        "weighted for delayed entry."
        if several
        else ""
    )
    return (
        f"By exposure: rates, survival curves (Kaplan-Meier) with numbers at risk, {causes}medians, restricted mean "
        f"survival up to {words.time(asked.horizon)} with differences, and the log-rank test.{since} Cox regression "
        "(Efron's ties) gives the total effect, with a test of proportional hazards; Gray's test is made only where "
        f"nobody enters late.{each} Models with further columns also give the share without an event "
        f"{words.time(asked.survival_at)} after {asked.origin}, standardized to all patients, each level with a "
        "baseline hazard of its own, and the ratio of cumulative hazards."
    )


def published_in_words(study: Study, *, keys: bool = True) -> tuple[str, ...]:
    """The published figures, and what they are not."""
    if not study.published and not study.published_sets:
        return ()
    rows: list[str] = []
    for source in dict.fromkeys([*(r.source for r in study.published_sets), *(r.source for r in study.published)]):
        rows.append(f"From {source}:")
        rows += [f"- {people_in_words(row)}" for row in study.published_sets if row.source == source]
        rows += [_figure(row, keys) for row in study.published if row.source == source]
    caution = "Beside results of a synthetic nation they show no replication: there the published values were planted."
    return (*rows, caution)


def people_in_words(row: PublishedSets) -> str:
    """``siblings: 1,418 controls of 709 cases``."""
    cases = f" of {row.cases:,} cases" if row.cases else ""
    return f"{words.plain(row.comparison)}: {row.controls:,} controls{cases}"


def _figure(row: Published, keys: bool) -> str:
    level = "" if row.level == row.measure else f", {row.level}"
    interval = f" ({row.low:.2f} to {row.high:.2f})" if row.low and row.high else ""
    measure = row.measure if keys else words.plain(row.measure)
    about = "hazard ratio after diagnosis" if row.analysis == "prognosis" else measure
    note = f"; {row.note}" if row.note else ""
    return f"- {words.plain(row.exposure)}, {about}{level}: {row.estimate:.2f}{interval}{note}"


def _alike(study: Study) -> list[list[ConditionalLogistic]]:
    """Models that differ in their measure alone, told in one breath."""
    groups: dict[tuple[object, ...], list[ConditionalLogistic]] = {}
    for model in study.models:
        about = tuple(study.measures_of(model))
        rest = model.model_copy(update={"measure": "", "name": None, "exposures": ()})
        groups.setdefault((about, rest), []).append(model)
    return list(groups.values())


def _model(models: list[ConditionalLogistic], exposures: list[str], keys: bool) -> list[str]:
    model = models[0]
    names = [m.key if m.key == m.measure else f"{m.key} (of {m.measure})" for m in models]
    if not keys:
        names = [words.plain(name) for name in names]
    forms = {"each": "each exposure alone", "together": "all exposures in one model (mutually adjusted)"}
    fitted = "" if len(exposures) == 1 else f"; {words.both([forms[c] for c in model.classes])}"
    adjusted = words.both([words.plain(name) for name in model.adjust]) if model.adjust else ""
    about = words.both(names)
    about = about if keys else words.capital(about)
    sentences = [
        f"{about}: odds ratios for {words.both(exposures)}, by conditional logistic regression within matched sets "
        f"(the stratum is the set){fitted}.",
        f"Crude, and adjusted for {adjusted}." if adjusted else "Crude only; no covariates are adjusted for.",
        _MISSING[model.missing] if adjusted or model.subgroups else "",
        f"Sets with several cases have the {_TIES[model.ties]} likelihood.",
        f"{_INTERVAL[model.interval]} {_VARIANCE[model.robust]}",
        "A trend over the ordered levels is tested." if model.trend else "",
    ]
    if model.firth_below:
        sentences.append(
            f"With fewer than {model.firth_below:g} informative sets per parameter Firth's penalized estimate with its "
            "profile interval is shown beside the ordinary one."
        )
    else:
        sentences.append("Firth's penalized estimate is shown only where maximum likelihood fails.")
    if model.subgroups:
        parts = words.both([subgroup_in_words(s) for s in model.subgroups])
        sentences.append(f"Subgroups by {parts}: {_RATIOS}.")
    if model.interactions:
        products = words.both([words.plain(n) for n in model.interactions])
        sentences.append(
            f"Interactions of exposure with {products}, by each person's own value with its main effect, all sets in "
            f"one model: {_RATIOS}; with a number, what a step of it multiplies the ratio by."
        )
    return [sentence for sentence in sentences if sentence]


def _joint(asked: Prognosis) -> list[str]:
    if asked.marker is None:
        return []
    of = words.both([_ASSOCIATION[a] for a in asked.association], "or")
    several = ", each in a model of its own" if len(asked.association) > 1 else ""
    low, high = asked.marker_range
    also = [_BASELINE[baseline] for baseline in asked.other_baselines]
    others = f" (in sensitivities {words.both(also)})" if also else ""
    course = "a line" if asked.decline == "linear" else "a spline; slopes are means over the first year"
    adjusted = (
        " A Cox model that holds the first score, from that score on, is a labeled sensitivity only: the score is an "
        "outcome and a mediator."
        if asked.adjust
        else ""
    )
    return [
        f"Scores of {asked.marker} from {low:g} to {high:g} are used, from {asked.origin} to the last day of "
        f"follow-up; others are left out and counted. Their decline by exposure is estimated by a mixed model with a "
        f"random intercept and slope (the mean course is {course}), in points a month.",
        f"The repeated {asked.marker} and survival are modeled jointly: the hazard depends on {of} of the marker"
        f"{several}. The log baseline hazard is {_BASELINE[asked.baseline]}{others}. The hazard ratio of an exposure "
        "there is the direct effect given the marker; beside it stands the total effect (survival curves, differences "
        f"in restricted mean survival, a Cox model without the marker).{adjusted}",
    ]


_BASELINE = {
    "spline": "a restricted cubic spline",
    "piecewise": "constant in pieces",
    "weibull": "that of a Weibull distribution",
}

_RATIOS = "the ratio in each, ratios of these ratios with intervals, and a test of interaction"
_ENTRY = {
    "registration": "Cases come under follow-up at the later of diagnosis and registration in {}; the "
    "days between are immortal and count for nobody.",
    "diagnosis": "Cases come under follow-up at diagnosis, by the declaration that nobody could enter the data only "
    "by surviving.",
}
_END = {"death": "death", "invasive_ventilation": "invasive ventilation"}
_LAG_ONLY = {"reference": "counts as unexposed", "level": "is a level of its own", "exclude": "is left out"}
_ASSOCIATION = {
    "value": "the current value",
    "slope": "the current slope",
    "cumulative": "the area so far",
    "random effects": "the random effects",
}
_MISSING = {
    "complete case": "Rows with an unknown covariate are left out and counted (complete case).",
    "level": "An unknown value of a categorical covariate is a level of its own; rows with an unknown number are left "
    "out.",
}
_TIES = {"exact": "exact conditional", "efron": "Efron", "breslow": "Breslow"}
_INTERVAL = {
    "wald": "Intervals are Wald intervals.",
    "profile": "Intervals come from the profile of the likelihood.",
}
_VARIANCE = {
    False: "Standard errors are model-based.",
    True: "Standard errors are robust, clustered by matched set.",
}
