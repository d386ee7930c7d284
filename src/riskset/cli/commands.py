"""The command line: riskset demo, nation, check, explain, schema, import, run, audit, protocol, compare, release."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cyclopts import App, CycloptsError

from riskset import __version__
from riskset.cli.audit import audit
from riskset.cli.check_command import check
from riskset.cli.compare_command import compare
from riskset.cli.options import Folder, Memory, Parts, Png, Threads
from riskset.cli.protocol_command import protocol
from riskset.cli.release import release
from riskset.cli.terminal import (
    Teller,
    end,
    end_with_run,
    internal_fault,
    of_audit,
    of_typing,
    print_audit,
    print_beside_planted,
    print_remarks,
    refuse_places,
    refuse_swapped,
)
from riskset.errors import AuditError, RisksetError
from riskset.registers.places import refuse_delivery, refuse_place

if TYPE_CHECKING:
    from riskset.results.planted import Planted
    from riskset.results.protocol_file import Protocol
    from riskset.run import Run
    from riskset.spec.study import Study


app = App(
    name="riskset",
    help="Nationwide-register studies of medicines, from the delivered registers to the released report.",
    version=__version__,
    help_format="plaintext",
    suppress_keyboard_interrupt=False,
)


@app.command
def demo(
    *,
    out: Folder = Path("demo"),
    persons: int = 1_000_000,
    seed: int = 20,
    memory: Memory = "3GB",
    threads: Threads = None,
) -> None:
    """Make a synthetic nation, run the founding study on it, and set the estimates beside the planted truth.

    Incidence of ALS is raised tenfold, so that a nation of one million has about a thousand registered cases.

    Parameters
    ----------
    out
        Folder for the nation, its imported registers and the run.
    persons
        Size of the nation.
    seed
        Of the nation and of the sampling; the same seed gives the same digests.
    memory
        The most memory that tables may take, such as 3GB.
    threads
        Threads of the engine; all cores when left out.
    """
    from riskset.nation import NationSettings, write_delivery
    from riskset.results.planted import read_planted
    from riskset.spec.study import Study

    refuse_place(out, option="--out")
    with Teller() as say:
        say(f"making a nation of {persons:,} persons")
        settings = NationSettings(persons=persons, seed=seed, incidence=10.0)
        sources = write_delivery(settings, out / "nation", progress=say.at)
        study = Study.load(_founding_study()).model_copy(update={"seed": seed})
        finished, report = _run(
            study,
            sources,
            out=out,
            store=out / "store",
            planted=read_planted(sources.parent / "truth.json"),
            leave_out=(),
            memory=memory,
            threads=threads,
            say=say,
        )
    print_beside_planted(finished.released)
    end_with_run(finished, report)


@app.command
def nation(
    *,
    out: Folder,
    persons: int = 1_000_000,
    seed: int = 1,
    incidence: float = 1.0,
    mechanism: Literal["constant", "half-shared", "non-shared", "misclassified"] | None = None,
    format: Literal["parquet", "csv"] = "parquet",
) -> None:
    """Make a synthetic nation and write it as authorities would deliver it, with sources.toml and truth.json.

    Parameters
    ----------
    out
        Folder of the delivery.
    persons
        Size of the nation, 100 to 20,000,000.
    seed
        The same seed gives the same nation.
    incidence
        What the incidence of ALS is multiplied by; 10 gives a small nation enough cases.
    mechanism
        Besides the planted effects, a family liability to use and to ALS that is constant in a family, half-shared by
        siblings as genes are, or non-shared; or misclassified use. None when left out.
    format
        parquet, or csv with semicolons, decimal commas and Latin-1.
    """
    from riskset.nation import Mechanism, NationSettings, write_delivery

    refuse_place(out, option="--out")
    with Teller() as say:
        say(f"making a nation of {persons:,} persons")
        planted = Mechanism.preset(mechanism) if mechanism else Mechanism()
        settings = NationSettings(persons=persons, seed=seed, incidence=incidence, mechanism=planted)
        sources = write_delivery(settings, out, format=format, progress=say.at)
    print(f"The delivery: {out}, described by {sources}; the truth: {out / 'truth.json'}")


app.command(check)


@app.command
def explain(study: Path) -> None:
    """Print a study in sentences, with each window drawn on a line.

    Parameters
    ----------
    study
        study.toml
    """
    from riskset.spec.explain import explain as in_words
    from riskset.spec.study import Study

    refuse_swapped(study)
    print(in_words(Study.load(study)))


@app.command
def schema() -> None:
    """Print the JSON Schema of study.toml, for editors."""
    import json

    from riskset.spec.json_schema import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command(name="import")
def import_(sources: Path, *, store: Path, memory: Memory = "3GB", threads: Threads = None) -> None:
    """Import delivered registers into a store: mapped, checked, offending rows set aside and counted.

    Parameters
    ----------
    sources
        sources.toml, which maps delivered files and columns to the canonical tables.
    store
        Folder that keeps the imported tables; used again as long as nothing delivered has changed.
    memory
        The most memory that tables may take, such as 3GB.
    threads
        Threads of the engine; all cores when left out.
    """
    from riskset.registers.delivered.source import Sources
    from riskset.registers.engines.duckdb import DuckDB
    from riskset.registers.ingest import import_registers
    from riskset.registers.schema import TABLES
    from riskset.report.catalogue import ENGLISH
    from riskset.results.rows import QualityRow
    from riskset.storage.folders import private_folder
    from riskset.storage.lock import only_one

    refuse_place(store, option="--store")
    store = store.resolve()
    refuse_swapped(sources=sources)
    delivered = Sources.load(sources)
    refuse_delivery(delivered, store, option="--store", above=True)
    spill = store.with_name(f"{store.name}.spill")
    with only_one(store):
        try:
            private_folder(spill)
            with Teller() as say, DuckDB(spill, memory=memory, threads=threads) as engine:
                registers = import_registers(delivered, store, engine=engine, progress=say)
        finally:
            shutil.rmtree(spill, ignore_errors=True)
    broken = [row for row in map(QualityRow.read, registers.quality.to_pylist()) if row.rows]
    for row in (row for row in broken if row not in registers.remarks):
        action = ENGLISH.quality_actions[row.action]
        print(f"{row.table}: {ENGLISH.quality(row)}: {row.rows:,} of {row.of:,} rows {action}")
    print_remarks(registers)
    names = ", ".join(name for name in registers.tables if name in TABLES)
    print(f"Imported {names} into {store}" + ("." if broken else "; no row breaks a rule."))


@app.command
def run(
    study: Path,
    sources: Path,
    *,
    out: Folder,
    store: Path | None = None,
    truth: Path | None = None,
    protocol: Path | None = None,
    leave_out: Parts = (),
    scripts: bool = False,
    engine: str = "duckdb",
    memory: Memory = "3GB",
    threads: Threads = None,
    png: Png = False,
) -> None:
    """Run a study on delivered registers and write its report.

    A run that was stopped goes on where it was: what is finished and still fits is used again.

    Parameters
    ----------
    study
        study.toml
    sources
        sources.toml
    out
        Folder of the run: report.html, supplement.html, internal/, figures/, manifest.json.
    store
        Folder that keeps the imported registers; OUT/store when left out.
    truth
        truth.json of a synthetic nation, for the report alone.
    protocol
        Protocol of the study, as `riskset protocol` wrote it; the report says what changed since.
    leave_out
        Parts to leave out: siblings, spouses, prognosis.
    scripts
        Also write internal/analysis: the data of the models, without identifiers and days of the calendar, and
        analysis.R and analysis.do, which fit the models again in R and Stata. These are persons: the folder is its
        owner's alone, and `riskset release` takes the scripts and not the data.
    engine
        Who computes: duckdb, spark, postgres (as PGHOST, PGPORT, PGUSER and PGDATABASE say), or an address as
        postgresql://user@127.0.0.1:5432/database.
    memory
        The most memory that tables may take, such as 3GB.
    threads
        Threads of the engine; all cores when left out.
    png
        Write each figure as PNG, too; the pages hold SVG.
    """
    from riskset.results.planted import read_planted
    from riskset.results.protocol_file import read_protocol
    from riskset.spec.study import Study

    store = store or out / "store"
    refuse_places(study, out, store)
    refuse_swapped(study, sources)
    described = Study.load(study)
    planted = read_planted(truth) if truth else None
    written = read_protocol(protocol) if protocol else None
    with Teller() as say:
        finished, report = _run(
            described,
            sources,
            out=out,
            store=store,
            planted=planted,
            protocol=written,
            leave_out=leave_out,
            scripts=scripts,
            engine=engine,
            memory=memory,
            threads=threads,
            png=png,
            say=say,
        )
    end_with_run(finished, report)


app.command(audit)
app.command(protocol)
app.command(compare)
app.command(release)


def main(tokens: Sequence[str] | None = None) -> None:
    """Run the command line; end with the exit code of ``errors`` and one sentence, never a traceback, on a mistake.

    Parameters
    ----------
    tokens : what was typed after ``riskset``; taken from the shell when left out
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name need not be text of any encoding
    try:
        app(tokens, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        end(of_typing(error), 2)
    except RisksetError as error:
        end(str(error), error.exit_code)
    except KeyboardInterrupt:
        end("Stopped; what was finished is kept, and the same command goes on from there.", 130)
    except BrokenPipeError:  # the reader of our output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        from riskset.registers.engine import as_riskset_error

        clear = as_riskset_error(error, "")
        if clear is None:
            end(internal_fault(error), 1)
        end(f"{str(clear).rstrip('.')}; what was finished is kept.", clear.exit_code)


def _run(
    study: Study,
    sources: Path,
    *,
    out: Path,
    store: Path,
    planted: Planted | None,
    leave_out: Sequence[str],
    memory: str,
    threads: int | None,
    say: Teller,
    engine: str = "duckdb",
    protocol: Protocol | None = None,
    scripts: bool = False,
    png: bool = False,
) -> tuple[Run, Path]:
    """Import, run, write; the temporary files stay inside ``out`` and are removed."""
    from riskset.disclosure.releasing import study_policy
    from riskset.registers.delivered.source import Sources
    from riskset.registers.opening import refuse_lacking
    from riskset.registers.registers import registers_on
    from riskset.results.run_folder import refuse_foreign
    from riskset.run import run_study, write_run
    from riskset.spec.check import without
    from riskset.storage.lock import only_one
    from riskset.storage.stage_cache import Stages

    refuse_foreign(out)
    study_policy(study)
    delivered = Sources.load(sources)
    refuse_delivery(delivered, out, option="--out")
    refuse_delivery(delivered, store, option="--store", above=True)
    refuse_lacking(delivered, without(study, leave_out))
    spill = out / "internal" / "spill"
    with only_one(out.resolve()), only_one(store.resolve()):
        try:
            with registers_on(
                engine, delivered, store, folder=spill, memory=memory, threads=threads, progress=say
            ) as registers:
                print_remarks(registers)
                stages = Stages(out / "internal" / "stages", say)
                try:
                    finished = run_study(
                        study,
                        registers,
                        planted=planted,
                        leave_out=leave_out,
                        stages=stages,
                        protocol=protocol,
                        scripts=scripts,
                    )
                except AuditError as failed:
                    print_audit(failed.audit)
                    raise of_audit(failed, failed.remedy) from None
            report = write_run(finished, out, png=png, say=say)
            stages.forget_others()
        finally:
            shutil.rmtree(spill, ignore_errors=True)
    return finished, report


def _founding_study() -> Path:
    return Path(__file__).parents[1] / "examples" / "als.toml"
