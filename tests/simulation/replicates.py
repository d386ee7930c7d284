"""Many small nations through sampler, exposure and models in one process, without touching the disk.

A replicate is a nation of 20,000 with the incidence of ALS raised three-hundredfold, about 1,100 cases. Cases are all
diagnoses of ALS in the patient register: registration in the quality register depends on survival, which use of the
medicines shortens, and is another question.

Relatives are compared in blocks of 50,000 with the incidence raised 600-fold, about 4,500 cases, since only two thirds
have a sibling and a set has two or three members. One person in 90 then falls ill each year, which depletes families
of those at highest risk; a set is all of a family who are at risk on the day, so that the conditional likelihood is
Cox's of the family as a stratum, which no depletion biases while the hazard ratios are those of the model.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from riskset.analysis.coding import Block, code_covariate, code_exposure
from riskset.analysis.kin import as_spline
from riskset.nation import NationSettings, make_nation, write_delivery
from riskset.nation.block import BLOCK, STRIDE
from riskset.registers.delivered.source import Sources
from riskset.registers.engine import Engine
from riskset.registers.ingest import import_registers
from riskset.registers.tables import registers_from_tables
from riskset.run import Run, run_study
from riskset.spec import (
    Cases,
    ConditionalLogistic,
    Event,
    PopulationControls,
    SiblingControls,
    SpouseControls,
    Study,
)
from riskset.spec.design import Controls
from riskset.stages import Measured, frame_of
from riskset.stats import ClogitFit, fit_clogit
from riskset.storage.stage_cache import Stages
from tests.people import FIRST_ID

STUDY = Path(__file__).parents[2] / "examples" / "als" / "study.toml"
CLASSES = ("anxiolytics", "hypnotics", "antidepressants")
CONFOUNDERS = ("education", "psychiatric_diagnosis")
START = {"dispensing": date(2005, 7, 1)}


ALL_DIAGNOSES = Event(icd10=("G12.2",))


POPULATION = (PopulationControls(ratio=5),)
KIN = (SiblingControls(), SpouseControls())


def founding_study(seed: int, cases: Cases | None = None, controls: tuple[Controls, ...] = POPULATION) -> Study:
    """The founding study without subgroups, adjusted for the planted confounders; its population comparison."""
    models = tuple(
        ConditionalLogistic(measure=measure, adjust=CONFOUNDERS, firth_below=0) for measure in ("ever", "first_use")
    )
    stated = Study.load(STUDY)
    changed = {
        "seed": seed,
        "cases": cases or stated.cases,
        "controls": controls,
        "models": models,
        "prognosis": None,
        "published": (),
    }
    return Study.model_validate(stated.model_copy(update=changed).model_dump())


@dataclass(frozen=True)
class Replicate:
    """One nation's sets and estimates.

    Attributes
    ----------
    estimates : (model, term, exposure, level) → (log ratio, standard error)
    x : int8 (n, p), the columns of `names`; case (n,), set_id (n,)
    names : (exposure, measure, level), or (confounder, "", level)
    known : (n,) whether all confounders are known
    age : float32 (n,) and male : (n,), the covariates of relatives; empty for controls that are matched on them
    """

    estimates: dict[tuple[str, str, str, str], tuple[float, float]]
    x: NDArray[np.int8]
    names: tuple[tuple[str, str, str], ...]
    case: NDArray[np.bool_]
    set_id: NDArray[np.int64]
    known: NDArray[np.bool_]
    age: NDArray[np.float32]
    male: NDArray[np.bool_]


class _Kept(Stages):
    """Stages that remember their outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.outputs: dict[str, Any] = {}

    def run(self, name: str, *rest: Any) -> Any:
        self.outputs[name] = super().run(name, *rest)
        return self.outputs[name]


def run_replicate(seed: int, *, persons: int = 20_000, incidence: float = 300) -> Replicate:
    """One nation, from its tables to its estimates."""
    study = founding_study(seed, Cases(first=ALL_DIAGNOSES, free_of=(ALL_DIAGNOSES,)))
    nation = make_nation(NationSettings(persons=persons, seed=seed, incidence=incidence))
    with Engine(threads=1) as engine:
        registers = registers_from_tables(nation.tables(), engine=engine, starts=START, remarks=False)
        stages = _Kept()
        run = run_study(study, registers, stages=stages)
    return _replicate(study, run, stages.outputs["measures"], "population")


def run_kin_blocks(seed: int, *, blocks: int = 20, incidence: float = 600) -> list[dict[str, Replicate]]:
    """The siblings and spouses of a nation, from its tables to its estimates, each block of the nation a replicate.

    Blocks of 50,000 share nobody, so their sets are as independent as those of different nations, and one run of the
    sampler serves them all. Each block has its own fit.
    """
    study = founding_study(seed, Cases(first=ALL_DIAGNOSES, free_of=(ALL_DIAGNOSES,)), KIN)
    (model,) = (m for m in study.models if m.measure == "first_use")
    study = study.model_copy(update={"models": (model.model_copy(update={"classes": ("together",)}),)})
    tables = make_nation(NationSettings(persons=blocks * BLOCK, seed=seed, incidence=incidence)).tables()
    atc = tables["dispensing"]["atc"]
    asked = [pc.starts_with(atc, code) for exposure in study.exposures for code in exposure.codes.atc]
    tables["dispensing"] = tables["dispensing"].filter(reduce(pc.or_, asked))
    with TemporaryDirectory() as spill, Engine(Path(spill), threads=1) as engine:
        registers = registers_from_tables(tables, engine=engine, starts=START, remarks=False)
        stages = _Kept()
        run = run_study(study, registers, stages=stages)
    # Registers number persons by the code-point order of their delivered identifiers.
    delivered = np.array(sorted(tables["person"]["person_id"].to_pylist(), key=str))
    if not _nobody_set_aside(run):
        raise AssertionError("persons were set aside, so their blocks cannot be told")
    parts: list[dict[str, Replicate]] = [{} for _ in range(blocks)]
    for comparison in (controls.comparison for controls in KIN):
        whole = _replicate(study, run, stages.outputs["measures"], comparison)
        sets = run.sets.to_arrow().filter(pc.field("comparison") == comparison)
        block = (delivered[sets["person_id"].to_numpy() - FIRST_ID] - 1) // STRIDE
        for number, part in enumerate(parts):
            part[comparison] = _fitted(_rows_of(whole, block == number))
    return parts


def _nobody_set_aside(run: Run) -> bool:
    rows = run.released.table("quality").to_pylist()
    return not any(row["rows"] for row in rows if row["table"] == "person" and row["action"] == "quarantined")


def _fitted(replicate: Replicate) -> Replicate:
    """With the estimates of its own sets, mutually adjusted; a level on one side only has none, as in a run."""
    kept = replicate
    for name in [n for n in replicate.names if n[1] == "first_use"]:
        level = kept.x[:, kept.names.index(name)] == 1
        if _one_sided(kept, level):
            others = [i for i, other in enumerate(kept.names) if other != name]
            kept = _rows_of(replace(kept, x=kept.x[:, others], names=tuple(kept.names[i] for i in others)), ~level)
    names, fit = fit_stacked([kept], "first_use")
    errors = np.sqrt(np.diag(fit.covariance))
    estimates = {
        ("mutually adjusted", "first_use", *name): (float(fit.beta[i]), float(errors[i]))
        for i, name in enumerate(names)
    }
    return replace(replicate, estimates=estimates)


def _one_sided(replicate: Replicate, level: NDArray[np.bool_]) -> bool:
    """Whether no set has the level in its case alone, or none in a control alone; of persons with known confounders."""
    rows = _complete(replicate)
    place = np.unique(rows.set_id, return_inverse=True)[1]
    level = level[replicate.known]
    of_case = np.zeros(place.max() + 1, dtype=bool)
    of_case[place[rows.case & level]] = True
    whole = np.bincount(place[rows.case], minlength=len(of_case)) > 0
    controls = ~rows.case & whole[place]
    for_case = (controls & ~level & of_case[place]).any()
    for_control = (controls & level & ~of_case[place]).any()
    return not (for_case and for_control)


def run_end_to_end(seed: int, *, persons: int = 100_000, incidence: float = 40) -> Replicate:
    """One nation of about 400 registered cases, delivered to disk, imported and run as the command line does."""
    return _run_delivered(founding_study(seed), NationSettings(persons=persons, seed=seed, incidence=incidence))[
        "population"
    ]


def run_kin_end_to_end(seed: int, *, persons: int = 100_000, incidence: float = 150) -> dict[str, Replicate]:
    """The relatives of about 1,400 registered cases, delivered to disk, imported and run as the command line does."""
    settings = NationSettings(persons=persons, seed=seed, incidence=incidence)
    return _run_delivered(founding_study(seed, controls=KIN), settings)


def _run_delivered(study: Study, settings: NationSettings) -> dict[str, Replicate]:
    with TemporaryDirectory() as folder:
        sources = write_delivery(settings, Path(folder, "nation"))
        with Engine(Path(folder, "spill"), threads=1) as engine:
            registers = import_registers(Sources.load(sources), Path(folder, "store"), engine=engine)
            stages = _Kept()
            run = run_study(study, registers, stages=stages)
    measured = stages.outputs["measures"]
    return {c.comparison: _replicate(study, run, measured, c.comparison) for c in study.controls}


def _replicate(study: Study, run: Run, measured: Measured, comparison: str) -> Replicate:
    frame = frame_of(run.sets.to_arrow().filter(pc.field("comparison") == comparison), measured)
    columns, names = [], []
    for exposure in study.exposures:
        for measure in exposure.measures:
            block = code_exposure(frame, exposure.name, measure)
            columns.append(block.columns)
            names += [(exposure.name, measure.key, level) for level in block.levels]
    known = np.ones(len(frame.case), dtype=bool)
    education = frame.covariate("education").to_pylist()
    for level in ("primary", "tertiary"):
        columns.append(np.array([[float(value == level)] for value in education]))
        names.append(("education", "", level))
    known &= np.array([value is not None for value in education])
    psychiatric, here = code_covariate(frame, "psychiatric_diagnosis", missing="complete case")
    columns.append(psychiatric.columns)
    names.append(("psychiatric", "", "yes"))
    found = {
        (row["form"], row["measure"], row["exposure"], row["level"]): (row["estimate"], row["std_error"])
        for row in run.released.table("estimates").to_pylist()
        if row["estimate"] is not None and row["role"] == "exposure" and row["comparison"] == comparison
        if row["estimator"] == "maximum likelihood"
    }
    x = np.hstack(columns).astype(np.int8)
    age, male = np.zeros(0, np.float32), np.zeros(0, dtype=bool)
    if comparison != "population":
        age = np.asarray(frame.covariate("age"), dtype=np.float32)
        male = np.array([sex == "male" for sex in frame.covariate("sex").to_pylist()])
    return Replicate(found, x, tuple(names), frame.case, frame.set_id, known & here, age, male)


T = TypeVar("T")


def run_replicates(
    seeds: range,
    one: Callable[[int], T] = run_replicate,  # type: ignore[assignment]
    *,
    workers: int = 2,
    chunk: int = 5,
) -> list[T]:
    """Replicates in parallel processes, in the order of the seeds."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(one, seeds, chunksize=chunk))


def fit_stacked(
    replicates: list[Replicate], measure: str, *, classes: tuple[str, ...] = CLASSES, adjusted: bool = True
) -> tuple[list[tuple[str, str]], ClogitFit]:
    """One conditional likelihood over the sets of all replicates.

    The mean of maximum-likelihood estimates carries the bias of small samples; the estimate from all sets together does
    not (methods: DMlate's mean of draws against its stacked draws).

    Returns
    -------
    (exposure, level) of the first columns, and the fit; the confounders' columns follow, and of relatives age (a spline
    with knots at the quantiles of all) and sex.
    """
    names = replicates[0].names
    wanted = [i for i, (name, key, _) in enumerate(names) if name in classes and key == measure]
    confounders = [i for i, (_, key, _) in enumerate(names) if key == ""] if adjusted else []
    pieces = [_complete(r) if adjusted else r for r in replicates]
    x = np.vstack([r.x[:, wanted + confounders] for r in pieces]).astype(float)
    if len(pieces[0].age):
        age = np.concatenate([r.age for r in pieces]).astype(float)
        spline = as_spline(Block("age", "age", ("",), age[:, None], ""), np.ones(len(age), dtype=bool))
        x = np.column_stack([x, spline.columns, np.concatenate([r.male for r in pieces])])
    case = np.concatenate([r.case for r in pieces])
    set_id = np.concatenate([r.set_id + (i << 24) for i, r in enumerate(pieces)])
    fit = fit_clogit(x, case, set_id)
    return [(names[i][0], names[i][2]) for i in wanted], fit


def _complete(replicate: Replicate) -> Replicate:
    return _rows_of(replicate, replicate.known)


def _rows_of(r: Replicate, keep: NDArray[np.bool_]) -> Replicate:
    age, male = (r.age[keep], r.male[keep]) if len(r.age) else (r.age, r.male)
    return Replicate(r.estimates, r.x[keep], r.names, r.case[keep], r.set_id[keep], r.known[keep], age, male)
