"""The stages of a study in order, to be read aloud: the only module that knows them all."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from riskset.analysis.watching import FitsSeen
from riskset.cohort.audit import refuse_violations
from riskset.cohort.cases import CaseList
from riskset.cohort.named import refuse_unnamed
from riskset.errors import SpecError
from riskset.given import path_given, refuse_no_flags, refuse_no_function, refuse_other
from riskset.microdata import Microdata, MicrodataTable, NumberedTable
from riskset.notebook import RunViews
from riskset.plain import Plain
from riskset.registers.coverage import describe_coverage, refuse_uncovered
from riskset.registers.held import HeldTables
from riskset.registers.registers import Registers
from riskset.report.catalogue import ENGLISH
from riskset.report.document import write_report
from riskset.report.scripts import write_scripts
from riskset.results.columns import table_of
from riskset.results.files import write_tables
from riskset.results.manifest import make_manifest
from riskset.results.planted import Planted, applicable
from riskset.results.protocol_file import Protocol
from riskset.results.refitting_files import write_refitting
from riskset.results.released import Released
from riskset.results.rows import Diagnostic, failure_of
from riskset.results.run_folder import ANALYSIS, MANIFEST, clear, many_files, note_owned, refuse_foreign, targets
from riskset.results.tables import FAILURES
from riskset.spec.check import without
from riskset.spec.study import Study
from riskset.stages import (
    Cohort,
    Estimated,
    Followed,
    Measured,
    describe_unused,
    estimate,
    find_sets,
    follow,
    measure,
    nobody_followed,
    see_fits,
)
from riskset.storage.atomic import replacing, write_text
from riskset.storage.stage_cache import Stages


@dataclass(frozen=True)
class Run(RunViews, Microdata):
    """What a run gave.

    Attributes
    ----------
    released : the results, as the report sees them
    sets : matched sets of all comparisons (microdata: never leaves, and is not printed)
    failures : a sentence for each main model that could not be fitted as asked
    data : what scripts fit the models again on, by file; empty unless asked for (microdata, as ``sets``)
    """

    __repr__ = RunViews.__repr__

    released: Released
    sets: MicrodataTable
    failures: tuple[str, ...]
    data: Mapping[str, MicrodataTable] = field(default_factory=dict)


def run_study(
    study: Study,
    registers: Registers,
    *,
    planted: Planted | None = None,
    leave_out: Sequence[str] = (),
    stages: Stages | None = None,
    protocol: Protocol | None = None,
    scripts: bool = False,
) -> Run:
    """Run a study on registers.

    Parameters
    ----------
    study, registers : what is asked, and of what
    planted : the truth of a synthetic nation (``results.planted.read_planted``), for the report alone
    leave_out : parts to leave out on purpose (``spec.check.OPTIONAL``)
    stages : where finished stages are kept; in memory only when left out
    protocol : of the study (``results.protocol_file.read_protocol``); the report says what changed since
    scripts : whether to keep the data of the models for scripts in R and Stata; the models are fitted once more

    Raises
    ------
    SpecError
        No study or no registers in their places, or a part that cannot be left out.
    SourceError
        The period or the follow-up goes on after the delivery, or after the end of a register.
    DesignError
        A quality register, a measurement or a diagnosis is named that no row has. No cases, controls in no comparison,
        a violated audit, or nobody exposed to anything. One comparison without sets, a class that nobody uses and a
        prognosis of nobody are said and counted, and the rest is done.
    """
    refuse_swapped(study, registers)
    _refuse_others(planted, leave_out, stages, protocol)
    refuse_no_flags(scripts=scripts)
    study = without(study, leave_out)
    refuse_uncovered(study, registers.coverage)
    refuse_unnamed(registers, study)  # with finished stages, too: what only a later one needs is told at once
    stages = stages or Stages()
    given: dict[str, Plain] = {"registers": registers.fingerprint}
    who = _fields(study, "period", "eligibility", "cases", "controls", "seed", "anchor")
    if study.anchor == "onset":
        who["onset_of"] = study.quality_register
    what = _fields(study, "exposures", "covariates", "levels", "most_levels", "models")
    what["registry"] = study.prognosis.registry if study.prognosis else None
    how = _fields(study, "conf_level")

    cohort = stages.run("sets", "finding cases and controls", given | who, Cohort, lambda: find_sets(study, registers))
    refuse_violations(cohort.audit)

    measured = stages.run(
        "measures",
        "measuring exposure before the index date",
        given | who | what,
        Measured,
        lambda: measure(study, registers, cohort),
    )
    unused = describe_unused(study.exposures, measured)

    estimated = stages.run(
        "estimates", "fitting models", given | who | what | how, Estimated, lambda: estimate(study, cohort, measured)
    )

    followed = nobody_followed()
    if study.prognosis:
        course = _fields(
            study, "period", "eligibility", "cases", "exposures", "covariates", "levels", "most_levels", "prognosis"
        )
        followed = stages.run(
            "prognosis",
            "following the cases",
            given | course | how,
            Followed,
            lambda: follow(study, registers, CaseList(cohort.cases, cohort.attrition)),
        )

    seen = see_fits(study, registers, cohort, measured) if scripts else FitsSeen()

    covered = table_of(describe_coverage(study, registers.coverage, registers.tables), Diagnostic)
    tables = {
        "estimates": pa.concat_tables([estimated.estimates, followed.estimates]),
        "table_one": estimated.table_one,
        "curves": followed.curves,
        "attrition": pa.concat_tables([cohort.attrition, followed.attrition]),
        "audit": cohort.audit,
        "diagnostics": pa.concat_tables(
            [covered, unused, *(part.diagnostics for part in (cohort, measured, estimated, followed))]
        ),
        "quality": registers.quality,
    }
    if planted is not None:
        tables["planted"] = applicable(planted, study)
    manifest = make_manifest(
        study,
        registers={
            "fingerprint": registers.fingerprint,
            "delivery": registers.delivery,
            "code": registers.code,
            **registers.coverage.stated,
        },
        engine=registers.engine.name,
        stage_keys=stages.keys,
        seconds=stages.seconds,
        tables=tables | {"sets": cohort.sets},
        frames={row["comparison"]: row["digest"] for row in cohort.frames.to_pylist()},
        left_out=tuple(leave_out),
        protocol=protocol,
    )
    if planted is not None:
        known = planted.settings
        manifest["nation"] = {
            "persons": known.get("persons"),
            "seed": known.get("seed"),
            "incidence": known.get("incidence"),
        }
    failed = pa.concat_tables([part.failures.select(FAILURES.names) for part in (cohort, estimated, followed)])
    # A part that was not made comes before a model of those that were.
    of_parts_first = sorted(map(failure_of, failed.to_pylist()), key=lambda failure: bool(failure.exposures))
    failures = tuple(map(ENGLISH.failure, of_parts_first))
    released = Released(study, tables, manifest, refitting=seen.refitting)
    data = {name: MicrodataTable(table) for name, table in seen.tables().items()} if scripts else {}
    return Run(released, NumberedTable(cohort.sets, registers.fingerprint), failures, data)


def write_run(
    run: Run, folder: str | Path, *, png: bool = False, say: Callable[[str], None] = lambda text: None
) -> Path:
    """Write a run's folder and return the path of its report.

    ``internal/`` holds full numbers; ``export/`` will hold what disclosure control has cleared. An earlier run's
    results go first, so that a folder with a report is one run's and whole. Figures are SVG, and PNG too with ``png``.

    Raises
    ------
    SpecError
        The folder is a file, or holds what no run wrote.
    """
    refuse_other(run, Run, "run", "this is no run", "give run_study(study, registers) first, then the folder")
    folder = path_given(folder, "folder", "give the path of a folder")
    refuse_no_flags(png=png)
    refuse_no_function(say, "say")
    say("writing the report")
    refuse_foreign(folder)
    clear(folder)
    earlier = many_files(folder)
    note_owned(folder, targets())
    try:
        write_tables(folder / "internal", run.released.tables)
        if run.data:
            _write_analysis(run, folder / ANALYSIS)
        write_text(folder / "study.toml", run.released.study.to_toml())
        report = write_report(run.released, folder, png=png)
    finally:
        owned = [*targets(), *(many_files(folder) - earlier)]
        note_owned(folder, owned)  # also when stopped, so that the next run leaves no figure of this one
    files = sorted(name for name in owned if name != MANIFEST and (folder / name).is_file())
    manifest = {**run.released.manifest, "files": files}
    write_text(folder / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return report


def _write_analysis(run: Run, folder: Path) -> None:
    """Write the data of the models with the scripts that fit them again, for their owner alone."""
    with replacing(folder, private=True) as partial:
        write_refitting(partial, {name: table.to_arrow() for name, table in run.data.items()}, run.released.refitting)
        write_scripts(run.released, partial)


def _refuse_others(planted: object, leave_out: object, stages: object, protocol: object) -> None:
    """Refuse what is none of these before anything is run; None leaves it out."""
    none = type(None)
    refuse_other(planted, (Planted, none), "planted", "this is no truth of a nation", "write read_planted(path)")
    refuse_other(stages, (Stages, none), "stages", "these are no stages", "leave it out, or write Stages(folder)")
    refuse_other(protocol, (Protocol, none), "protocol", "this is no protocol", "write read_protocol(path)")
    is_names = isinstance(leave_out, Collection) and not isinstance(leave_out, str | bytes)
    if not is_names or not all(isinstance(name, str) for name in leave_out):  # type: ignore[attr-defined]
        what = f"these are no names of parts ({type(leave_out).__name__})"
        raise SpecError(what, where="leave_out", remedy="write them in a list, as ['siblings']")


def _fields(study: Study, *names: str) -> dict[str, Plain]:
    """Fields of a study as plain data."""
    return study.model_dump(mode="json", include=set(names))


def refuse_swapped(study: object, registers: object) -> None:
    """Refuse what is no study, or no registers, in the place of these: a slip of a notebook.

    Raises
    ------
    SpecError
        Says what was given, and how to give the right thing.
    """
    refuse_no_study(study)
    refuse_no_registers(registers)


def refuse_no_registers(registers: object) -> None:
    """Refuse what are no registers, as `refuse_swapped` does."""
    if not isinstance(registers, HeldTables):
        remedy = "write Registers.from_tables({…}), or Registers.from_sources(path)"
        raise SpecError(f"these are no registers ({type(registers).__name__})", where="registers", remedy=remedy)


def refuse_no_study(study: object) -> None:
    """Refuse what is no study, as `refuse_swapped` does."""
    if not isinstance(study, Study):
        swapped = isinstance(study, HeldTables)
        remedy = "give the study first, then the registers" if swapped else "write Study(…), or Study.load(path)"
        raise SpecError(f"this is no study ({type(study).__name__})", where="study", remedy=remedy)
