"""The stages of a study in order, to be read aloud: the only module that knows them all."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from riskset.analysis.describe import covariates_described, table_one
from riskset.analysis.frame import AnalysisFrame
from riskset.analysis.kin import sets_of_same_cases, unadorned
from riskset.analysis.prognosis import PrognosisResult, fit_prognosis, read_patients
from riskset.analysis.risk import fit_risk
from riskset.cohort.anchor import anchor_sets
from riskset.cohort.audit import audit_sets, estimand, refuse_violations
from riskset.cohort.cases import Cases, find_cases
from riskset.cohort.incidence import describe_incidence
from riskset.cohort.quality_register import chosen_register
from riskset.cohort.sets import sets_for
from riskset.errors import DesignError, SpecError
from riskset.exposure.at_diagnosis import describe_patients
from riskset.exposure.covariates import measure_covariates
from riskset.exposure.diagnostics import describe_truncated_sets
from riskset.exposure.shortest import cut_to_shortest_history
from riskset.exposure.windows import anchors_of, measure_exposures
from riskset.microdata import Microdata, MicrodataTable
from riskset.registers.coverage import describe_coverage, refuse_uncovered
from riskset.registers.registers import Registers
from riskset.results.comparisons import companions
from riskset.results.files import write_tables, write_text
from riskset.results.manifest import make_manifest
from riskset.results.planted import Planted, applicable
from riskset.results.released import Released
from riskset.results.stages import Stages, Tables
from riskset.results.tables import ATTRITION, CURVES, DIAGNOSTICS, ESTIMATES, SCHEMAS, TABLE_ONE, rows_to_table
from riskset.spec.check import without
from riskset.spec.models import PROGNOSIS_COVARIATES
from riskset.spec.modification import subgroups_of
from riskset.spec.study import Study


@dataclass(frozen=True)
class Run(Microdata):
    """What a run gave.

    Attributes
    ----------
    released : the results, as the report sees them
    sets : matched sets of all comparisons (microdata: never leaves, and is not printed)
    failures : a sentence for each main model that could not be fitted as asked
    """

    released: Released
    sets: MicrodataTable
    failures: tuple[str, ...]


def run_study(
    study: Study,
    registers: Registers,
    *,
    planted: Planted | None = None,
    leave_out: Sequence[str] = (),
    stages: Stages | None = None,
) -> Run:
    """Run a study on registers.

    Parameters
    ----------
    study, registers : what is asked, and of what
    planted : the truth of a synthetic nation (``results.planted.read_planted``), for the report alone
    leave_out : parts to leave out on purpose (``spec.check.OPTIONAL``)
    stages : where finished stages are kept; in memory only when left out

    Raises
    ------
    SpecError
        A part that cannot be left out.
    SourceError
        The period or the follow-up goes on after the delivery, or after the end of a register.
    DesignError
        No cases, controls in no comparison, a violated audit, or nobody exposed to anything. One comparison without
        sets, a class that nobody uses and a prognosis of nobody are said and counted, and the rest is done.
    """
    study = without(study, leave_out)
    refuse_uncovered(study, registers.coverage)
    stages = stages or Stages()
    given: dict[str, Any] = {"registers": registers.fingerprint}
    who = _fields(study, "period", "eligibility", "cases", "controls", "seed", "anchor")
    if study.anchor == "onset":
        who["onset_of"] = chosen_register(study)
    what = _fields(study, "exposures", "covariates", "models")
    what["registry"] = study.prognosis.registry if study.prognosis else None
    how = _fields(study, "conf_level")

    cohort = stages.run("sets", "finding cases and controls", given | who, lambda: _sets(study, registers))
    refuse_violations(cohort["audit"])

    measured = stages.run(
        "measures",
        "measuring exposure before the index date",
        given | who | what,
        lambda: _measures(study, registers, cohort),
    )
    unused = _unused(study, measured)

    results = stages.run(
        "estimates", "fitting models", given | who | what | how, lambda: _estimates(study, cohort, measured)
    )

    followed = _without_prognosis()
    if study.prognosis:
        course = _fields(study, "period", "eligibility", "cases", "exposures", "covariates", "prognosis")
        followed = stages.run(
            "prognosis", "following the cases", given | course | how, lambda: _prognosis(study, registers, cohort)
        )

    covered = rows_to_table(describe_coverage(study, registers.coverage, registers.tables), DIAGNOSTICS)
    tables = {
        "estimates": pa.concat_tables([results["estimates"], followed["estimates"]]),
        "table_one": results["table_one"],
        "curves": followed["curves"],
        "attrition": pa.concat_tables([cohort["attrition"], followed["attrition"]]),
        "audit": cohort["audit"],
        "diagnostics": pa.concat_tables(
            [covered, unused, *(part["diagnostics"] for part in (cohort, measured, results, followed))]
        ),
        "quality": registers.quality,
    }
    if planted is not None:
        tables["planted"] = applicable(planted, study)
    manifest = make_manifest(
        study,
        registers_fingerprint=registers.fingerprint,
        engine=registers.engine.name,
        stage_keys=stages.keys,
        seconds=stages.seconds,
        tables=tables | {"sets": cohort["sets"]},
        frames={row["comparison"]: row["digest"] for row in cohort["frames"].to_pylist()},
        left_out=tuple(leave_out),
    )
    if planted is not None:
        manifest["nation"] = {name: planted.settings.get(name) for name in ("persons", "seed", "incidence")}
    parts = [part["failures"].select(["sentence"]) for part in (cohort, results, followed)]
    failures = tuple(pa.concat_tables(parts)["sentence"].to_pylist())
    return Run(Released(study, tables, manifest), MicrodataTable(cohort["sets"]), failures)


def write_run(run: Run, folder: Path, *, say: Callable[[str], None] = lambda text: None) -> Path:
    """Write a run's folder and return the path of its report.

    ``internal/`` holds full numbers; ``export/`` will hold what disclosure control has cleared. An earlier run's
    results go first, so that a folder with a report is one run's and whole.
    """
    from riskset.report.document import write_report

    say("writing the report")
    refuse_foreign(folder)
    _clear(folder)
    figures = set((folder / "figures").glob("*"))
    _own(folder, _targets())
    try:
        write_tables(folder / "internal", run.released.tables)
        write_text(folder / "study.toml", run.released.study.to_toml())
        report = write_report(run.released, folder)
    finally:
        owned = [*_targets(), *(f"figures/{path.name}" for path in {*(folder / "figures").glob("*")} - figures)]
        _own(folder, owned)  # also when stopped, so that the next run leaves no figure of this one
    files = sorted(name for name in owned if name != MANIFEST and (folder / name).is_file())
    manifest = {**run.released.manifest, "files": files}
    write_text(folder / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return report


MANIFEST = "manifest.json"
"""Written last: a folder without it holds no finished run."""

OWNED = "internal/owned.json"
"""The files of a folder that a run wrote or began to write, and the next one may remove."""


def refuse_foreign(folder: Path) -> None:
    """Refuse a folder where writing a run would replace what no run wrote."""
    if (folder / OWNED).exists():
        return
    there = [name for name in _targets() if (folder / name).exists()]
    if there:
        raise SpecError(
            f"this folder holds {there[0]}, which no run wrote", where=str(folder), remedy="name another one"
        )


def _targets() -> list[str]:
    tables = [f"internal/{name}.{kind}" for name in SCHEMAS for kind in ("csv", "parquet")]
    return [MANIFEST, "report.html", "study.toml", *tables]


def _own(folder: Path, files: Sequence[str]) -> None:
    write_text(folder / OWNED, json.dumps(sorted(files), indent=1) + "\n")


def _clear(folder: Path) -> None:
    """Remove what an earlier run wrote here, by its own list, and nothing else; the manifest first."""
    path = folder / OWNED
    if path.exists():
        owned = [folder / name for name in json.loads(path.read_text(encoding="utf-8"))]
        inside = [file for file in owned if file.resolve().is_relative_to(folder.resolve())]
        for file in sorted(inside, key=lambda file: file != folder / MANIFEST):
            file.unlink(missing_ok=True)


def _sets(study: Study, registers: Registers) -> Tables:
    """Cases, then the controls of each comparison, then the audit of every set; a comparison without sets is said."""
    cases = find_cases(registers, study)
    attrition, sets, audits, frames = [cases.attrition], [], [], []
    without: dict[str, DesignError] = {}
    for controls in study.controls:
        try:
            matched = sets_for(registers, study, controls, cases)
        except DesignError as error:
            without[controls.comparison] = error
            continue
        attrition.append(matched.attrition)
        sets.append(matched.table)
        frames.append({"comparison": controls.comparison, "digest": matched.frame_digest})
        # The audit looks for the cases anew: it takes nothing from the sampling that it judges.
        audits.append(audit_sets(registers, study, matched.table, controls))
    if not sets:
        raise next(iter(without.values()))
    anchored, lost = anchor_sets(registers, study, pa.concat_tables(sets, promote_options="default"))
    cut, told = cut_to_shortest_history(registers, study, anchored)
    return {
        "cases": cases.table,
        "sets": cut,
        "attrition": pa.concat_tables([*attrition, lost]),
        "audit": pa.concat_tables(audits),
        "diagnostics": rows_to_table(
            [
                *describe_incidence(registers, study, cases.table),
                *told,
                *(_not_made("risk", comparison, error) for comparison, error in without.items()),
            ],
            DIAGNOSTICS,
        ),
        "frames": pa.Table.from_pylist(frames),
        "failures": _failures([_within(comparison, error) for comparison, error in without.items()]),
    }


def _measures(study: Study, registers: Registers, cohort: Tables) -> Tables:
    """What each member of each set had been dispensed, and what they were like."""
    sets = cohort["sets"]
    anchors = anchors_of(sets)
    measures = measure_exposures(registers, anchors, study.exposures, run_in=study.eligibility.run_in)
    truncated = describe_truncated_sets(registers, sets, study.exposures)
    own = {c.name for c in study.covariates}
    described = covariates_described(study)
    at_index = [name for name in described if name not in own]
    windowed = [name for name in described if name in own]
    covariates = measure_covariates(registers, anchors_of(sets.select(_AT_INDEX)), at_index, study)
    return {
        "terms": measures.terms,
        "values": measures.values,
        "covariates": _with_those_of_cases(registers, study, cohort["cases"], covariates),
        "windowed": measure_covariates(registers, anchors, windowed, study),
        "diagnostics": rows_to_table([*measures.diagnostics, *truncated], DIAGNOSTICS),
    }


def _with_those_of_cases(registers: Registers, study: Study, cases: pa.Table, covariates: pa.Table) -> pa.Table:
    """Covariates with what only a case has, as far as models part by it; null for everyone else."""
    names = [name for name in subgroups_of(study) if name in PROGNOSIS_COVARIATES]
    if not names:
        return covariates
    of_cases = cases.select(_AT_INDEX)
    found = describe_patients(registers, study, of_cases, names).append_column("index_date", of_cases["index_date"])
    joined = covariates.join(found, _AT_INDEX, join_type="left outer")
    return joined.sort_by([(name, "ascending") for name in _AT_INDEX])


_AT_INDEX = ["person_id", "index_date"]


def frame_of(sets: pa.Table, measured: Tables) -> AnalysisFrame:
    """The analysis table of matched sets and what was measured of their members."""
    return AnalysisFrame(sets, *(measured[name] for name in ("terms", "values", "covariates", "windowed")))


def _estimates(study: Study, cohort: Tables, measured: Tables) -> Tables:
    """Every model on every comparison, and Table 1; beside relatives the population estimate of the same cases."""
    estimates: list[dict[str, Any]] = []
    diagnostics: list[dict[str, Any]] = []
    described: list[dict[str, Any]] = []
    failures: list[str] = []
    for controls in study.controls:
        sets = cohort["sets"].filter(pc.field("comparison") == controls.comparison)
        if not len(sets):
            continue
        frame = frame_of(sets, measured)
        described += table_one(study, frame, controls.comparison)
        line = estimand(controls, cohort["audit"])
        among = {}
        for model in study.models:
            fitted = fit_risk(study, model, frame, comparison=controls.comparison, estimand=line)
            among[model.key] = fitted.cases
            estimates += fitted.estimates
            diagnostics += fitted.diagnostics
            failures += fitted.failures
        for base, label in companions(study, controls):
            same = sets_of_same_cases(cohort["sets"], base, controls)
            if not len(same):
                continue
            frame = frame_of(same, measured)
            line = f"{estimand(base, cohort['audit'])}; of the cases in the same model of {controls.comparison}"
            for model in study.models:
                fitted = fit_risk(
                    study, unadorned(model), frame, comparison=label, estimand=line, among=among[model.key]
                )
                estimates += fitted.estimates
                diagnostics += fitted.diagnostics
    return {
        "estimates": rows_to_table(estimates, ESTIMATES),
        "diagnostics": rows_to_table(diagnostics, DIAGNOSTICS),
        "table_one": rows_to_table(described, TABLE_ONE),
        "failures": _failures(failures),
    }


def _failures(sentences: Sequence[str]) -> pa.Table:
    return pa.table({"sentence": pa.array(sentences, pa.string())})


def _within(part: str, error: DesignError) -> str:
    """A complaint as a clause about a part of the study, which is named once."""
    said = str(error).removesuffix(".")
    return said if said.startswith(f"{part}.") else f"{part}: {said}"


def _not_made(analysis: str, comparison: str, error: DesignError) -> dict[str, Any]:
    """A diagnostic for a part of the study that there is nobody for."""
    told = {"analysis": analysis, "comparison": comparison, "model": "", "exposure": ""}
    return told | {"name": "not made", "value": None, "note": str(error)}


def _prognosis(study: Study, registers: Registers, cohort: Tables) -> Tables:
    """What became of the cases: of all of them, whatever controls they have."""
    try:
        patients = read_patients(registers, study, Cases(cohort["cases"], cohort["attrition"]))
        return _prognosis_tables(fit_prognosis(study, patients), patients.attrition)
    except DesignError as error:
        told = [_not_made("prognosis", "cases", error)]
        return _prognosis_tables(
            PrognosisResult(diagnostics=told, failures=[_within("prognosis", error)]), ATTRITION.empty_table()
        )


def _without_prognosis() -> Tables:
    return _prognosis_tables(PrognosisResult(), ATTRITION.empty_table())


def _prognosis_tables(result: PrognosisResult, attrition: pa.Table) -> Tables:
    return {
        "estimates": rows_to_table(result.estimates, ESTIMATES),
        "curves": rows_to_table(result.curves, CURVES),
        "attrition": attrition,
        "diagnostics": rows_to_table(result.diagnostics, DIAGNOSTICS),
        "failures": _failures(result.failures),
    }


def _fields(study: Study, *names: str) -> dict[str, Any]:
    """Fields of a study as plain data."""
    return study.model_dump(mode="json", include=set(names))


def _unused(study: Study, measured: Tables) -> pa.Table:
    """A diagnostic for each exposure that nobody in the sets has; refused where nobody has any."""
    used = set(measured["values"]["term"].unique().to_pylist())
    having = {term["exposure"] for term in measured["terms"].to_pylist() if term["term"] in used}
    unused = [exposure for exposure in study.exposures if exposure.name not in having]
    if unused and not having:
        names = " or ".join(f"{exposure.name} ({', '.join(exposure.codes.atc)})" for exposure in unused[:3])
        names += f" or {len(unused) - 3} more" if len(unused) > 3 else ""
        its, it = ("its", "it") if len(unused) == 1 else ("their", "them")
        raise DesignError(
            f"nobody in the matched sets qualifies as exposed to {names}",
            where="exposures[0]" if len(unused) == 1 else "exposures",
            remedy=f"check {its} codes and at_least, or leave {it} out",
        )
    told = {"analysis": "risk", "comparison": "", "model": "", "name": "people exposed", "value": 0.0, "note": UNUSED}
    return rows_to_table([told | {"exposure": exposure.name} for exposure in unused], DIAGNOSTICS)


UNUSED = "nobody in the matched sets qualifies: nothing is estimated of it, and check its codes and at_least"
