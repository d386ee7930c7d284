"""Population and sibling estimates under family confounding and misclassification, beside the planted ratio.

``python -m tests.simulation.family [nations [persons [incidence]]]`` writes docs/data/family-confounding.csv, the
figure of the same name in docs/figures, and the table of docs/family-confounding.md.

In every nation antidepressants multiply the hazard of ALS by `PLANTED` from the qualifying date on, nothing else that
the registers hold acts, and a family-constant liability makes siblings alike in use. The scenarios differ in what
else it, or another part of the liability, does (`Mechanism.preset`).
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass, fields, replace
from multiprocessing import get_context
from pathlib import Path

import altair as alt
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from riskset.analysis.coding import code_covariate, code_exposure
from riskset.analysis.frame import AnalysisFrame
from riskset.analysis.kin import sets_of_same_cases
from riskset.cohort.cases import find_cases
from riskset.cohort.sets import sets_for
from riskset.exposure.covariates import measure_covariates
from riskset.exposure.windows import anchors_of, measure_exposures
from riskset.nation import Effects, LiabilityPart, Mechanism, NationSettings, make_nation
from riskset.nation.settings import CLASSES
from riskset.registers.engine import Engine
from riskset.registers.tables import registers_from_tables
from riskset.report.figures import draw
from riskset.report.theme import colour
from riskset.spec import Cases, ConditionalLogistic, Ever, PopulationControls, SiblingControls, Study
from riskset.stats import ClogitFit, NaturalSpline, fit_clogit
from tests.simulation.replicates import ALL_DIAGNOSES, START, founding_study

DOCS = Path(__file__).parents[2] / "docs"
DATA, FIGURE = DOCS / "data" / "family-confounding.csv", DOCS / "figures" / "family-confounding.svg"
PAGE = DOCS / "family-confounding.md"
TABLE_STARTS, TABLE_ENDS = "<!-- table: python -m tests.simulation.family -->", "<!-- end of the table -->"

PLANTED = 2.0
EFFECTS = replace(Effects.none(), antidepressants=(PLANTED, PLANTED, PLANTED))
SCENARIOS = {
    "no confounding": Mechanism(constant=LiabilityPart(1.6, 0.0), non_shared=LiabilityPart(1.5, 0.0)),
    "constant": Mechanism.preset("constant"),
    "half-shared": Mechanism.preset("half-shared"),
    "non-shared": Mechanism.preset("non-shared"),
    "misclassified": Mechanism.preset("misclassified"),
}
COMPARISONS = ("population", "population, same cases", "siblings")
KNOTS = (4.5, 6.0, 7.0, 8.0)
"""Of the spline of age among siblings, in decades."""
USED = ("person", "residence", "death", "diagnosis", "dispensing")


@dataclass(frozen=True)
class Sets:
    """Matched sets as arrays: columns x (n, p), use first; case and set_id (n,)."""

    x: NDArray[np.float64]
    case: NDArray[np.bool_]
    set_id: NDArray[np.int64]


@dataclass(frozen=True)
class Row:
    """A scenario in a comparison: the log odds ratio from the sets of all nations together, and its error."""

    scenario: str
    comparison: str
    estimate: float
    std_error: float
    sets: int
    nations: int


def study_of(seed: int) -> Study:
    """All diagnoses of ALS against five population controls and against full siblings; ever use, no lag."""
    stated = founding_study(seed, Cases(first=ALL_DIAGNOSES, free_of=(ALL_DIAGNOSES,)))
    users = next(e for e in stated.exposures if e.name == "antidepressants")
    changed = {
        "controls": (PopulationControls(ratio=5), SiblingControls()),
        "exposures": (users.model_copy(update={"measures": (Ever(),)}),),
        "covariates": (),
        "models": (ConditionalLogistic(measure="ever", firth_below=0),),
    }
    return Study.model_validate(stated.model_copy(update=changed).model_dump())


def run_nation(scenario: str, seed: int, persons: int, incidence: float) -> dict[str, Sets]:
    """One nation of a scenario through sampling and exposure: its matched sets by comparison."""
    settings = NationSettings(persons, seed, incidence, effects=EFFECTS, mechanism=SCENARIOS[scenario])
    tables = {name: table for name, table in make_nation(settings).tables().items() if name in USED}
    code = tables["dispensing"]["atc"]
    tables["dispensing"] = tables["dispensing"].filter(pc.starts_with(code, CLASSES["antidepressants"]))
    study = study_of(seed)
    with Engine(threads=1) as engine:
        registers = registers_from_tables(tables, engine=engine, starts=START, remarks=False)
        cases = find_cases(registers, study.case_definition)
        parts = [
            sets_for(registers, study.case_definition, controls, cases, seed=study.seed).table
            for controls in study.controls
        ]
        together = pa.concat_tables(parts, promote_options="default")
        sets = together.append_column("anchor_date", together["index_date"])
        anchors = anchors_of(sets)
        measures = measure_exposures(registers, anchors, study.exposures)
        covariates = measure_covariates(
            registers, anchors, ["age", "sex"], study.covariates, most_levels=study.most_levels
        )
    same = sets_of_same_cases(sets, *study.controls)
    taken = (
        sets.filter(pc.field("comparison") == COMPARISONS[0]),
        same,
        sets.filter(pc.field("comparison") == "siblings"),
    )
    frames = (AnalysisFrame(rows, measures.terms, measures.values, covariates) for rows in taken)
    return {
        name: _arrays(study, frame, kin=name == "siblings") for name, frame in zip(COMPARISONS, frames, strict=True)
    }


def _arrays(study: Study, frame: AnalysisFrame, *, kin: bool) -> Sets:
    (exposure,) = study.exposures
    columns = [code_exposure(frame, exposure.name, exposure.measures[0]).columns]
    if kin:
        age, _ = code_covariate(frame, "age", missing="complete case")
        sex, _ = code_covariate(frame, "sex", missing="complete case")
        columns += [NaturalSpline(KNOTS).value(age.columns[:, 0] / 10)[:, 1:], sex.columns]
    return Sets(np.hstack(columns).astype(float), frame.case, frame.set_id)


def run_scenarios(nations: int, *, persons: int, incidence: float, first_seed: int = 1, workers: int = 2) -> list[Row]:
    """Estimates of each scenario in each comparison, from the sets of all its nations in one likelihood.

    Scenarios have the same seeds, so that their people and families are the same.
    """
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        asked = {
            name: [pool.submit(run_nation, name, first_seed + i, persons, incidence) for i in range(nations)]
            for name in SCENARIOS
        }
        found = {name: [future.result() for future in futures] for name, futures in asked.items()}
    return [_row(name, key, [sets[key] for sets in found[name]]) for name in SCENARIOS for key in COMPARISONS]


def _row(scenario: str, comparison: str, parts: list[Sets]) -> Row:
    fit = _fit(parts)
    sets = sum(int(part.case.sum()) for part in parts)
    return Row(scenario, comparison, float(fit.beta[0]), float(np.sqrt(fit.covariance[0, 0])), sets, len(parts))


def _fit(parts: list[Sets]) -> ClogitFit:
    """One conditional likelihood over all nations: a mean of estimates would carry the bias of small samples."""
    set_id = np.concatenate([part.set_id + (i << 32) for i, part in enumerate(parts)])
    x = np.vstack([part.x for part in parts])
    return fit_clogit(x, np.concatenate([part.case for part in parts]), set_id)


COLUMNS = tuple(field.name for field in fields(Row))


def write_rows(rows: Sequence[Row], path: Path = DATA) -> None:
    """Estimates as log odds ratios, with the planted one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*COLUMNS, "planted"])
        for row in rows:
            name, comparison, estimate, error, *counts = astuple(row)
            writer.writerow([name, comparison, f"{estimate:.5f}", f"{error:.5f}", *counts, f"{np.log(PLANTED):.5f}"])


def read_rows(path: Path = DATA) -> list[Row]:
    """What `write_rows` wrote."""
    with path.open(encoding="utf-8") as file:
        return [
            Row(r["scenario"], r["comparison"], float(r["estimate"]), float(r["std_error"]), int(r["sets"]),
                int(r["nations"]))
            for r in csv.DictReader(file)
        ]  # fmt: skip


def as_markdown(rows: Sequence[Row]) -> str:
    """The table of docs/family-confounding.md: odds ratios, and how far from the planted one on the log scale."""
    found = {(row.scenario, row.comparison): row for row in rows}
    lines = [
        "| scenario | planted | population | population, same cases | siblings | bias left | sibling sets |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(row.scenario for row in rows):
        cells = [f"{np.exp(r.estimate):.2f} (SE {r.std_error:.3f})" for r in (found[name, c] for c in COMPARISONS)]
        same, siblings = found[name, COMPARISONS[1]], found[name, COMPARISONS[2]]
        bias = [row.estimate - np.log(PLANTED) for row in (same, siblings)]
        left = f"{round(100 * bias[1] / bias[0])} %" if abs(bias[0]) > 4 * same.std_error else "none to leave"
        lines.append(f"| {name} | {PLANTED:.2f} | {' | '.join(cells)} | {left} | {siblings.sets:,} |")
    return "\n".join(lines)


def draw_figure(rows: Sequence[Row]) -> str:
    """Each scenario's estimates with 95 % intervals, and a line at the planted ratio, as SVG."""
    data = pa.table(
        {
            "scenario": [row.scenario for row in rows],
            "comparison": [row.comparison for row in rows],
            "ratio": [float(np.exp(row.estimate)) for row in rows],
            "low": [float(np.exp(row.estimate - 1.96 * row.std_error)) for row in rows],
            "high": [float(np.exp(row.estimate + 1.96 * row.std_error)) for row in rows],
        }
    )
    shown = [row for row in data.to_pylist() if row["comparison"] != COMPARISONS[0]]
    names = [COMPARISONS[1], COMPARISONS[2]]
    axis = alt.Axis(values=[1, 1.25, 1.5, 2, 2.5, 3, 4], grid=True)
    low, high = min(r["low"] for r in shown) * 0.95, max(PLANTED, *(r["high"] for r in shown)) * 1.05
    x = alt.X("ratio:Q", title="Odds ratio (log scale)", axis=axis).scale(type="log", domain=[low, high], nice=False)
    base = alt.Chart(alt.Data(values=shown)).encode(
        y=alt.Y("scenario:N", title=None, sort=list(SCENARIOS)),
        yOffset=alt.YOffset("comparison:N", sort=names),
        color=alt.Color("comparison:N", title=None, sort=names).scale(
            domain=names, range=[colour("crude"), colour("adjusted")]
        ),
    )
    intervals = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q")
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        x=x, shape=alt.Shape("comparison:N", legend=None, sort=names)
    )
    truth = alt.Chart(alt.Data(values=[{"planted": PLANTED}])).mark_rule(strokeDash=[5, 4], color=colour("planted"))
    chart = (truth.encode(x="planted:Q") + intervals + points).properties(width=460, height=230)
    return draw(
        chart,
        name="family-confounding",
        data=data,
        title="Population and sibling estimates beside the planted ratio",
        text="",
        alt="",
    ).svg


def write_page(rows: Sequence[Row], page: Path = PAGE) -> None:
    """Put the table into the page, between its marks."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(TABLE_STARTS)
    after = rest.split(TABLE_ENDS)[1]
    page.write_text(f"{before}{TABLE_STARTS}\n{as_markdown(rows)}\n{TABLE_ENDS}{after}", encoding="utf-8")


def main(nations: int = 8, persons: int = 300_000, incidence: int = 100) -> None:
    """Run every scenario and write data, figure and table; with 0 nations, draw from the data that are there."""
    if nations:
        write_rows(run_scenarios(nations, persons=persons, incidence=incidence))
    rows = read_rows()
    FIGURE.parent.mkdir(parents=True, exist_ok=True)
    FIGURE.write_text(draw_figure(rows), encoding="utf-8")
    write_page(rows)
    print(as_markdown(rows))


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
