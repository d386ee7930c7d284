"""Models of many designs, watched while they are fitted: with their rows of results, as scripts get them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from riskset.analysis.frame import AnalysisFrame
from riskset.analysis.prognosis import PrognosisResult, show_hazards
from riskset.analysis.prognosis.competing import fit_competing
from riskset.analysis.prognosis.cox import fit_total
from riskset.analysis.prognosis.forms import forms_of
from riskset.analysis.prognosis.recording import Recorder
from riskset.analysis.risk import fit_risk
from riskset.analysis.watching import FitsSeen
from riskset.results.columns import table_of
from riskset.results.planted_prognosis import CASES
from riskset.results.released import Released
from riskset.results.rows import Estimate
from riskset.results.vocabulary import Estimator, Family
from tests.analysis.cells import ESTIMAND
from tests.analysis.patients_made import study as course
from tests.analysis.sets_by_hand import frame, study
from tests.analysis.test_kin import families
from tests.analysis.test_modification import drawn
from tests.analysis.test_prognosis_models import CAUSES, two_causes
from tests.analysis.test_risk import pairs
from tests.analysis.test_risk_asked import BANDS, COUNTED
from tests.analysis.test_risk_asked import drawn as drawn_in_bands

ODD = 'Södermanlands "län" `x\' $y /* // \\ ≥'
"""A level that would break a script which wrote it as it is."""
FORMULA = '=HYPERLINK("x")'
REFITTED = (Family.CONDITIONAL_LOGISTIC, Family.COX, Family.CAUSE_SPECIFIC, Family.FINE_GRAY)
Sets = list[list[dict[str, Any]]]


@dataclass
class Watched:
    """Fits of several designs, each a comparison of its own, and their rows."""

    seen: FitsSeen
    estimates: list[Estimate]

    def sets(self, comparison: str, made: AnalysisFrame, **asked: Any) -> None:
        """Fit a study of sets; its comparison is called otherwise afterwards."""
        described = study(**asked)
        kind = described.controls[-1].comparison
        seen, model = self.seen.of_sets(made, comparison), described.models[0]
        result = fit_risk(
            described, model, made, comparison=kind, estimand=ESTIMAND,
            watch=lambda fit: seen(replace(fit, estimates=[replace(e, comparison=comparison) for e in fit.estimates])),
        )  # fmt: skip
        self.estimates += [replace(row, comparison=comparison) for row in result.estimates]

    def course(self, patients: Any, **asked: Any) -> None:
        """Fit a study of patients."""
        described = course(list(patients.level), **asked)
        show_hazards(described.course, patients, self.seen.of_patients(patients, CASES))
        record = Recorder(patients, described.course, result=PrognosisResult())
        assert described.prognosis is not None
        for form in forms_of(described.prognosis, list(patients.level)):
            fit_total(record, described.prognosis, form)
            fit_competing(record, described.prognosis, form)
        self.estimates += record.result.estimates

    def released(self) -> Released:
        """The results, internal."""
        table = table_of(self.estimates, Estimate)
        return Released(study(), {"estimates": table}, {}, refitting=self.seen.refitting)

    def expected(self) -> list[Estimate]:
        """The rows that scripts must give."""
        return [
            row
            for row in self.estimates
            if row.model.family in REFITTED
            and row.model.estimator is not Estimator.FIRTH
            and row.estimate is not None
            and row.scale.is_ratio
        ]


def _model(**asked: Any) -> dict[str, Any]:
    return {"models": [{"kind": "conditional logistic", "measure": "ever", "classes": ["each"]} | asked]}


def _with_drops(sets: Sets) -> Sets:
    """A second class, and some unknown educations, of which one has an odd name and one is a formula."""
    rng = np.random.default_rng(1)
    named = {"a": "a", "b": ODD, "c": FORMULA}
    for member in (m for s in sets for m in s):
        if rng.random() < 0.3:
            member["drops"] = "ever" if rng.random() < 0.7 else "lag only"
        if rng.random() < 0.05:
            del member["education"]
        else:
            member["education"] = named[member["education"]]
    return sets


def _in_bands(measure: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": "pills", "codes": {"atc": ["N05B"]}, "measures": [measure]}]


def _amounts(made: AnalysisFrame) -> AnalysisFrame:
    """The same sets with amounts of DDD in place of levels."""
    rng = np.random.default_rng(2)
    level = "per 100 DDD"
    terms = pa.Table.from_pylist(
        [{"term": "pills|doses|x", "exposure": "pills", "measure": "doses", "level": level, "order": 1,
          "reference": "none"}]
    )  # fmt: skip
    values = made.values.set_column(2, "term", pa.array(["pills|doses|x"] * len(made.values)))
    amounts = pa.array(rng.integers(1, 400_000, len(values)))
    return replace(made, terms=terms, values=values.set_column(3, "value", amounts))


def _two_cases(made: AnalysisFrame) -> AnalysisFrame:
    ids = made.set_id
    place = np.arange(len(ids)) - np.flatnonzero(np.r_[True, np.diff(ids) != 0])[made.set_position]
    column = made.sets.column_names.index("case")
    return replace(made, sets=made.sets.set_column(column, "case", pa.array(place < 2)))


def _one_sided() -> Sets:
    """Levels that no case has: of education the most frequent among women's sets, and of drops."""
    sets = [[m | {"education": e} for m, e in zip(s, es, strict=True)]
            for s, es in zip(pairs(20, 8), [("low", "high"), ("high", "low")] * 18, strict=True)]  # fmt: skip
    women = [[m | {"sex": "female"} for m in s] for s in sets]
    men = [[m | {"sex": "male", "education": "mid"} for m in s] for s in pairs(9, 9)]
    rare = [[*s, {"sex": "female", "education": "mid", "drops": "ever"}] for s in women]
    return [*rare, *men]


SEX = {"by": "sex"}
AGE = {"by": "age", "cuts": [60, 66]}


@cache
def risks() -> Watched:
    """Models of matched sets of every kind."""
    watched = Watched(FitsSeen(), [])
    both, education = ["each", "together"], ["education"]
    watched.sets(
        "everyone's own value",
        frame(_with_drops(drawn(150))),
        **_model(classes=both, adjust=["education", "age"], subgroups=[SEX, AGE], interactions=["age", "education"]),
    )
    by_case = _model(adjust=education, subgroups=[SEX], interactions=["education"], classes=both)
    watched.sets("the case's value", frame(_with_drops(drawn(150, sex=True))), **by_case)
    kin = {"controls": [{"kind": "population"}, {"kind": "siblings"}]}
    watched.sets("siblings drawn", frame(families()), **kin, **_model(subgroups=[SEX, AGE], interactions=["age"]))
    bands, of_bands = drawn_in_bands(150), {"exposures": _in_bands(COUNTED)}
    in_bands = frame(bands, levels=BANDS, measure="doses")
    watched.sets("bands", in_bands, **of_bands, **_model(measure="doses", trend=True, adjust=education))
    watched.sets(
        "unknown",
        in_bands,
        **of_bands,
        **_model(measure="doses", adjust=education, missing="level", interval="profile"),
    )
    for ties in ("exact", "efron", "breslow"):
        watched.sets(
            f"ties {ties}", _two_cases(in_bands), **of_bands, **_model(measure="doses", ties=ties, robust=True)
        )
    amounts = {"exposures": _in_bands({"kind": "ddd", "name": "doses", "per": 100})}
    watched.sets(
        "amounts", _amounts(frame(drawn(150))), **amounts, **_model(measure="doses", adjust=["sex"], subgroups=[SEX])
    )
    watched.sets("one-sided", frame(_one_sided()), **_model(classes=both, adjust=education, subgroups=[SEX]))
    inside = [{"name": name, "codes": {"atc": [code]}, "measures": [{"kind": "ever", "lag": "1y", "lag_only": how}]}
              for name, code, how in (("pills", "N05B", "level"), ("drops", "N06A", "exclude"))]  # fmt: skip
    watched.sets("lag", frame(_with_drops(drawn(150))), exposures=inside, **_model(classes=both))
    return watched


def _sites(number: int, names: Sequence[str | None]) -> pa.Array:
    return pa.array([names[i * i % 7 % len(names)] for i in range(number)], pa.string())


@cache
def courses() -> Watched:
    """Models of the followed of every kind: two causes, late entry, a first score, exposure that changes."""
    watched = Watched(FitsSeen(), [])
    patients = two_causes(300)
    number = np.arange(300)
    used = (("anxiolytics", 3, 150.0), ("hypnotics", 4, 300.0))
    level = {name: np.where(number % 11 == 0, "lag only", patients.level[name]) for name, _, _ in used}
    changes = {
        name: np.where((number % every == 0) & (level[name] == "never"), day, np.nan) for name, every, day in used
    }
    covariates = {"age": patients.covariates["age"], "onset_site": _sites(300, ["spinal", ODD, None])}
    patients = replace(patients, level=level, changes=changes, covariates=covariates)
    watched.course(patients, endpoint=CAUSES, adjust=list(covariates), time_varying=True, marker="alsfrs_r")
    return watched


@cache
def from_diagnosis() -> Watched:
    """One cause and death besides, all from the origin on."""
    watched = Watched(FitsSeen(), [])
    patients = two_causes(200, delayed=False)
    watched.course(replace(patients, causes=CAUSES[::-1], n_endpoints=1), endpoint=CAUSES[1:])
    return watched
