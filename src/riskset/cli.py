"""The command line: riskset demo, nation, check, explain, schema, import, run."""

from __future__ import annotations

import errno
import math
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from riskset import __version__
from riskset.errors import FitError, RisksetError

if TYPE_CHECKING:
    import pyarrow as pa

    from riskset.run import Run
    from riskset.spec.study import Study


app = App(
    name="riskset",
    help="Nationwide-register studies of medicines, from the delivered registers to the released report.",
    version=__version__,
    help_format="plaintext",
)

Folder = Annotated[Path, Parameter(name="--out")]


@app.command
def demo(
    *,
    out: Folder = Path("demo"),
    persons: int = 1_000_000,
    seed: int = 20,
    memory: str = "3GB",
    threads: int | None = None,
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
    from riskset.spec.check import not_yet
    from riskset.spec.study import Study

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
            leave_out=not_yet(study),
            memory=memory,
            threads=threads,
            say=say,
        )
    _print_beside_planted(finished)
    _end_with(finished, report)


@app.command
def nation(
    *,
    out: Folder,
    persons: int = 1_000_000,
    seed: int = 1,
    incidence: float = 1.0,
    format: Literal["parquet", "csv"] = "parquet",
) -> None:
    """Make a synthetic nation and write it as authorities would deliver it, with sources.toml and truth.json.

    Parameters
    ----------
    out
        Folder of the delivery.
    persons
        Size of the nation, 1,000 to 10,500,000.
    seed
        The same seed gives the same nation.
    incidence
        What the incidence of ALS is multiplied by; 10 gives a small nation enough cases.
    format
        parquet, or csv with semicolons, decimal commas and Latin-1.
    """
    from riskset.nation import NationSettings, write_delivery

    with Teller() as say:
        say(f"making a nation of {persons:,} persons")
        settings = NationSettings(persons=persons, seed=seed, incidence=incidence)
        sources = write_delivery(settings, out, format=format, progress=say.at)
    print(f"The delivery: {out}, described by {sources}; the truth: {out / 'truth.json'}")


@app.command
def check(study: Path, sources: Path | None = None) -> None:
    """Check a study description, and whether the sources deliver what it needs, without reading a row.

    Parameters
    ----------
    study
        study.toml
    sources
        sources.toml
    """
    from riskset.registers.source import Sources
    from riskset.spec.check import needs, not_yet, problems
    from riskset.spec.study import Study

    described = Study.load(study)
    for advice in problems(described):
        print(f"Consider: {advice}")
    for part in not_yet(described):
        print(f"Not computed yet: {part}; run with --leave-out {part}")
    if sources is not None:
        Sources.load(sources).require(needs(described))
        print(f"{sources} maps every table and column that the study needs.")
    print(f"{study} is a study: {described.name} (fingerprint {described.fingerprint[:12]}).")


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

    print(in_words(Study.load(study)))


@app.command
def schema() -> None:
    """Print the JSON Schema of study.toml, for editors."""
    import json

    from riskset.spec.schema import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command(name="import")
def import_(sources: Path, *, store: Path, memory: str = "3GB", threads: int | None = None) -> None:
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
    from riskset.registers.engine import Engine
    from riskset.registers.ingest import import_registers
    from riskset.registers.source import Sources

    spill = store.with_name(f"{store.name}.spill")
    try:
        with Teller() as say, Engine(spill, memory=memory, threads=threads) as engine:
            registers = import_registers(Sources.load(sources), store, engine=engine, progress=say)
    finally:
        shutil.rmtree(spill, ignore_errors=True)
    broken = [row for row in registers.quality.to_pylist() if row["rows"]]
    for row in broken:
        print(f"{row['table']}: {row['rule']}: {row['rows']:,} of {row['of']:,} rows {row['action']}")
    print(f"Imported {', '.join(registers.tables)} into {store}" + ("." if broken else "; no row breaks a rule."))


@app.command
def run(
    study: Path,
    sources: Path,
    *,
    out: Folder,
    store: Path | None = None,
    truth: Path | None = None,
    leave_out: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    memory: str = "3GB",
    threads: int | None = None,
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
        Folder of the run: report.html, internal/, figures/, manifest.json.
    store
        Folder that keeps the imported registers; OUT/store when left out.
    truth
        truth.json of a synthetic nation, for the report alone.
    leave_out
        Parts to leave out: siblings, spouses, prognosis.
    memory
        The most memory that tables may take, such as 3GB.
    threads
        Threads of the engine; all cores when left out.
    """
    from riskset.results.planted import read_planted
    from riskset.spec.study import Study

    described = Study.load(study)
    planted = read_planted(truth) if truth else None
    with Teller() as say:
        finished, report = _run(
            described,
            sources,
            out=out,
            store=store or out / "store",
            planted=planted,
            leave_out=leave_out,
            memory=memory,
            threads=threads,
            say=say,
        )
    _end_with(finished, report)


def main() -> None:
    """Run the command line; end with the exit code of ``errors`` and one sentence, never a traceback, on a mistake."""
    try:
        app()
    except RisksetError as error:
        _end(str(error), error.exit_code)
    except KeyboardInterrupt:
        _end("Stopped; what was finished is kept, and the same command goes on from there.", 130)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _end("The disk is full; make room and give the same command again, what was finished is kept.", 1)


def _run(
    study: Study,
    sources: Path,
    *,
    out: Path,
    store: Path,
    planted: pa.Table | None,
    leave_out: Sequence[str],
    memory: str,
    threads: int | None,
    say: Teller,
) -> tuple[Run, Path]:
    """Import, run, write; the temporary files stay inside ``out`` and are removed."""
    from riskset.registers.engine import Engine
    from riskset.registers.ingest import import_registers
    from riskset.registers.source import Sources
    from riskset.results.stages import Stages
    from riskset.run import refuse_not_yet, run_study, write_run

    refuse_not_yet(study, leave_out)
    spill = out / "internal" / "spill"
    try:
        with Engine(spill, memory=memory, threads=threads) as engine:
            registers = import_registers(Sources.load(sources), store, engine=engine, progress=say)
            stages = Stages(out / "internal" / "stages", say)
            finished = run_study(study, registers, planted=planted, leave_out=leave_out, stages=stages)
        report = write_run(finished, out, say=say)
        stages.forget_others()
    finally:
        shutil.rmtree(spill, ignore_errors=True)
    return finished, report


def _end_with(finished: Run, report: Path) -> None:
    print(f"The report: {report}")
    if finished.failures:
        more = f" (and {len(finished.failures) - 1} more)" if len(finished.failures) > 1 else ""
        raise FitError(finished.failures[0] + more, remedy=f"what could be estimated is in {report}")


def _print_beside_planted(finished: Run) -> None:
    from rich.console import Console
    from rich.table import Table

    from riskset.results.beside import beside_planted

    table = Table("class", "first use before index", "planted", "estimate (95 % CI)", box=None)
    rows = beside_planted(finished.released.table("estimates"), finished.released.table("planted"))
    for row in rows:
        planted, estimate, low, high = (math.exp(row[k]) for k in ("planted", "estimate", "conf_low", "conf_high"))
        table.add_row(row["exposure"], row["level"], f"{planted:.2f}", f"{estimate:.2f} ({low:.2f}-{high:.2f})")
    print(
        f"Odds ratios, mutually adjusted; {sum(r['covered'] for r in rows)} of {len(rows)} intervals hold the planted ratio."
    )
    Console().print(table)
    print("Estimates beside planted values test the method; they replicate nothing: the published values were planted.")


def _founding_study() -> Path:
    return Path(__file__).parent / "examples" / "als.toml"


class Teller:
    """Says on standard error what is being done, and how long it took."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False)
        self._status = self._console.status("")
        self._started = self._previous = time.perf_counter()
        self._doing = ""

    def __call__(self, doing: str) -> None:
        """Begin something; what was being done is finished."""
        self._finish()
        self._doing, self._previous = doing, time.perf_counter()
        self._status.update(doing)

    def at(self, done: int, total: int) -> None:
        """How far along it is."""
        self._status.update(f"{self._doing}: {done} of {total}")

    def __enter__(self) -> Teller:
        self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._status.stop()
        if kind is None:
            self._finish()

    def _finish(self) -> None:
        if self._doing:
            now = time.perf_counter()
            self._console.print(f"[dim]{now - self._started:6.1f} s[/dim]  {self._doing} ({now - self._previous:.1f} s)")


def _end(sentence: str, code: int) -> None:
    print(sentence, file=sys.stderr)
    sys.exit(code)
