"""Studies made at random: every kind of part, any legal values, references that hold."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from riskset.spec import (
    AnyUse,
    AtcCodes,
    Cases,
    ConditionalLogistic,
    Count,
    DefinedDailyDoses,
    DiagnosisCovariate,
    DispensingCovariate,
    Duration,
    Eligibility,
    Event,
    Ever,
    Exposure,
    FirstUse,
    GivenControls,
    Period,
    PopulationControls,
    Prognosis,
    Published,
    Recency,
    SiblingControls,
    SpouseControls,
    Study,
    Subgroup,
    Washout,
)
from riskset.spec.covariates import BUILT_IN_COVARIATES, NUMERIC_COVARIATES, PROGNOSIS_COVARIATES
from riskset.spec.reserved import folded, reserved
from riskset.spec.tidying import tidy
from riskset.unseen import is_unseen

_SEEN = st.characters(exclude_categories=["C", "Zl", "Zp"]).filter(lambda sign: not is_unseen(sign))
texts = st.text(_SEEN, max_size=30)
texts = texts.filter(lambda text: not text.isspace())
stored = texts.map(tidy)
perhaps = st.just("") | texts
durations = st.builds(Duration, st.integers(0, 100), st.sampled_from("dwmy"))
lengths = st.builds(Duration, st.integers(1, 100), st.sampled_from("dwmy"))
atc = st.sampled_from(["N", "N05", "N05B", "N05BA", "N05BA01", "N06A", "A10", "n05c"])
icd10 = st.sampled_from(["F", "F32", "F32.1", "G12.2", "g122", "I2"])
names = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,12}", fullmatch=True)
sources = st.sampled_from(["inpatient", "outpatient", "death", "registry"])
bands = st.lists(st.integers(1, 500), min_size=1, max_size=4, unique=True).map(sorted)


def some(values: st.SearchStrategy[Any], least: int = 0, most: int = 3) -> st.SearchStrategy[Any]:
    """A few different values."""
    return st.lists(values, min_size=least, max_size=most, unique=True).map(tuple)


events = st.one_of(
    st.builds(Event, registry=st.sampled_from(["mnd", "als"]), diagnosis=some(texts), record=st.integers(1, 3)),
    st.builds(Event, icd10=some(icd10, 1), source=some(sources), main=st.sampled_from([None, True, False])),
    st.builds(Event, atc=some(atc, 1), record=st.integers(1, 3)),
    st.builds(Event, death=st.just(True), cause=some(icd10)),
)
eligibilities = st.builds(
    Eligibility,
    age=st.tuples(st.integers(0, 60), st.integers(60, 130)),
    min_residence=durations,
    run_in=durations,
    min_history=durations,
    washout=st.lists(st.builds(Washout, event=events, within=st.none() | durations), max_size=2, unique=True).map(
        tuple
    ),
)
populations = st.builds(
    PopulationControls,
    ratio=st.integers(1, 100),
    match=some(st.sampled_from(["sex", "county", "country_of_birth", "history"])),
    replacement=st.booleans(),
    caliper=st.none() | durations,
)
siblings = st.builds(
    SiblingControls, half=st.sampled_from([False, True, "only"]), at=st.sampled_from(["index date", "same age"])
)
given = st.builds(
    GivenControls,
    ratio=st.none() | st.integers(1, 100),
    match=some(st.sampled_from(["sex", "county", "history"])),
    replacement=st.booleans(),
    caliper=st.none() | durations,
)
kinds_of_controls = (populations, siblings, st.just(SpouseControls()), given)
controls = st.sets(st.sampled_from(range(4)), min_size=1).flatmap(
    lambda kinds: st.tuples(*[kinds_of_controls[kind] for kind in sorted(kinds)])
)


def rising(values: list[Duration]) -> tuple[Duration, ...]:
    """Those that lie in one order whatever the calendar, shortest first."""
    kept: list[Duration] = []
    for length in sorted(values, key=lambda d: d.days_about):
        if not kept or kept[-1] < length:
            kept.append(length)
    return tuple(kept)


@st.composite
def windows(draw: st.DrawFn) -> dict[str, Any]:
    """A lag and a lookback that lies beyond it."""
    lag = draw(durations)
    lookback = draw(st.none() | lengths.filter(lambda length: lag < length))
    return {"lag": lag, "lookback": lookback}


cuts = st.lists(lengths, min_size=1, max_size=4).map(rising)
ever = st.builds(Ever, lag=durations, lag_only=st.sampled_from(["reference", "level", "exclude"]))
measures = st.one_of(
    ever,
    st.builds(FirstUse, cuts=cuts),
    st.builds(Recency, cuts=cuts),
    windows().map(lambda window: AnyUse(**window)),
    st.tuples(windows(), bands).map(lambda both: Count(bands=both[1], **both[0])),
    st.tuples(windows(), bands).map(lambda both: DefinedDailyDoses(bands=both[1], **both[0])),
    st.tuples(windows(), st.integers(1, 500)).map(lambda both: DefinedDailyDoses(per=both[1], **both[0])),
)


def labels(name: str) -> st.SearchStrategy[str]:
    """No label, or one that nothing of another name has."""
    return st.just("") | texts.map(lambda text: f"{name}: {text}")


@st.composite
def exposures(draw: st.DrawFn, name: str) -> Exposure:
    """An exposure with measures of different names."""
    chosen = draw(st.lists(measures, min_size=1, max_size=3))
    named = tuple(m.model_copy(update={"name": f"{m.kind}_{i}"}) if i else m for i, m in enumerate(chosen))
    codes = draw(st.builds(AtcCodes, atc=some(atc, 1)))
    worded = {"label": draw(labels(name)), "lay": draw(labels(name))}
    return Exposure(name=name, codes=codes, at_least=draw(st.integers(1, 5)), measures=named, **worded)


@st.composite
def covariates(draw: st.DrawFn, name: str) -> DiagnosisCovariate | DispensingCovariate:
    """A covariate of either kind."""
    window = draw(windows()) | {"label": draw(labels(name))}
    if draw(st.booleans()):
        return DiagnosisCovariate(name=name, icd10=draw(some(icd10, 1)), source=draw(some(sources)), **window)
    codes = draw(st.builds(AtcCodes, atc=some(atc, 1)))
    return DispensingCovariate(name=name, codes=codes, at_least=draw(st.integers(1, 5)), **window)


@st.composite
def models(draw: st.DrawFn, name: str, known: list[str], measured: list[Exposure]) -> ConditionalLogistic:
    """A model of a measure that some exposure has."""
    exposure = draw(st.sampled_from(measured))
    numbers = st.sampled_from(NUMERIC_COVARIATES)
    others = st.sampled_from([n for n in known if n not in NUMERIC_COVARIATES])
    limits = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=3, unique=True).map(sorted)
    robust = draw(st.booleans())
    subgroup = st.builds(Subgroup, by=others) | st.builds(Subgroup, by=numbers, cuts=limits)
    measure = draw(st.sampled_from([m.key for m in exposure.measures]))
    named = draw(st.sampled_from([(), (exposure.name,)]))
    asked = [m for e in measured if not named or e.name in named for m in e.measures if m.key == measure]
    ordered = all(isinstance(m, Count | FirstUse) or getattr(m, "bands", ()) for m in asked)
    return ConditionalLogistic(
        name=name,
        measure=measure,
        exposures=named,
        classes=draw(some(st.sampled_from(["each", "together"]), 1)),
        adjust=draw(some(st.sampled_from(known))),
        subgroups=tuple(draw(st.lists(subgroup, max_size=2, unique_by=lambda s: s.by))),
        interactions=draw(some(st.sampled_from(known))),
        ties=draw(st.sampled_from(["exact", "efron", "breslow"])),
        trend=ordered and draw(st.booleans()),
        interval="wald" if robust else draw(st.sampled_from(["wald", "profile"])),
        robust=robust,
        firth_below=draw(st.floats(0, 100)),
        missing=draw(st.sampled_from(["complete case", "level"])),
    )


def _free(name: str) -> bool:
    """Whether a name is nothing else's: neither built in, nor a measure's."""
    kinds = ("ever", "firstuse", "recency", "anyuse", "count", "ddd")
    taken = {folded(n) for n in (*BUILT_IN_COVARIATES, *PROGNOSIS_COVARIATES, *reserved(Study))}
    return folded(name) not in taken and not folded(name).startswith(kinds) and bool(folded(name))


@st.composite
def studies(draw: st.DrawFn) -> Study:
    """A whole study."""
    start = draw(st.dates(date(1960, 1, 1), date(2030, 1, 1)))
    given = draw(st.lists(names.filter(_free), unique_by=folded, max_size=9))
    measured = [draw(exposures(name)) for name in given[:3]]
    defined = [draw(covariates(name)) for name in given[3:6]]
    known = [*BUILT_IN_COVARIATES, *(c.name for c in defined)]
    asked = [draw(models(name, known, measured)) for name in given[6:]] if measured else []
    figures = [
        Published(exposure=e.name, measure=e.measures[0].key, level=draw(texts), estimate=1.5, source=draw(texts))
        for e in measured
    ]
    texts_of_values = st.dictionaries(stored, texts, max_size=3).filter(lambda d: len({*d.values()}) == len(d))
    categorical = [name for name in (*known, "onset_site") if name not in NUMERIC_COVARIATES]
    ends = some(st.sampled_from(["death", "invasive_ventilation"]), 1)
    prognosis = draw(
        st.none() | st.builds(Prognosis, endpoint=ends, adjust=some(st.sampled_from(known)), marker_label=perhaps)
    )
    study = Study(
        name=draw(texts.filter(bool)),
        title=draw(perhaps),
        subtitle=draw(perhaps),
        number_style=draw(st.sampled_from(["AMA", "SI"])),
        policy=draw(perhaps),
        seed=draw(st.integers(0, 2**63 - 1)),
        description=draw(texts),
        period=Period(start=start, stop=start + timedelta(days=draw(st.integers(1, 20000)))),
        eligibility=draw(eligibilities),
        cases=draw(
            st.builds(Cases, first=events, label=texts, lay=texts, free_of=st.lists(events, max_size=2).map(tuple))
        ),
        controls=draw(controls),
        anchor=draw(st.sampled_from(["index date", "onset"])),
        exposures=tuple(measured),
        covariates=tuple(defined),
        models=tuple(asked),
        conf_level=draw(st.floats(0.51, 0.99)),
        prognosis=prognosis,
        levels=draw(st.dictionaries(st.sampled_from(["education", "county", "onset_site"]), some(stored), max_size=2)),
        values=draw(st.dictionaries(st.sampled_from(categorical), texts_of_values, max_size=2)),
        published=tuple(figures),
    )
    given = study.forms_of_risk or (() if study.models else study.forms_of_prognosis)
    return study.model_copy(update={"primary": draw(st.sampled_from([None, *given]))})
