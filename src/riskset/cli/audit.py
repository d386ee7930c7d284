"""The command ``riskset audit``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from riskset.cli.options import Memory, Threads
from riskset.cli.terminal import Teller, of_audit, print_audit, refuse_swapped
from riskset.errors import AuditError
from riskset.registers.places import refuse_delivery, refuse_place


def audit(
    study: Path,
    sources: Path,
    *,
    sets: Path | None = None,
    comparison: str | None = None,
    store: Path = Path("store"),
    out: Annotated[Path | None, Parameter(name="--out")] = None,
    memory: Memory = "3GB",
    threads: Threads = None,
    engine: str = "duckdb",
) -> None:
    """Check matched sets against the registers: at risk, eligible, alike or related, drawn once. Nothing is estimated.

    Ends with 0 when no check is violated and with 13 when one is, with the table printed either way.

    Parameters
    ----------
    study
        study.toml
    sources
        sources.toml
    sets
        File of matched sets to audit: CSV or Parquet with set_id, person_id (as delivered), case, index_date. When left
        out, the sets that a run of the study would have.
    comparison
        Name of one comparison of the study: what the sets are meant to be. All when left out.
    store
        Folder that keeps the imported registers.
    out
        Folder for the table, as audit.csv and audit.parquet.
    memory
        The most memory that tables may take, such as 3GB.
    threads
        Threads of the engine; all cores when left out.
    engine
        Who computes: duckdb, spark, postgres or the address postgresql://…; the import is by duckdb in any case.
    """
    from riskset.audited import audit_delivery
    from riskset.cohort.audit import refuse_violations
    from riskset.registers.delivered.source import Sources
    from riskset.results.files import write_tables
    from riskset.spec.study import Study

    for place, option in ((store, "--store"), (out, "--out")):
        if place is not None:
            refuse_place(place, option=option)
    refuse_swapped(study, sources)
    described, delivered, folder = Study.load(study), Sources.load(sources), store.resolve()
    refuse_delivery(delivered, store, option="--store", above=True)
    if out is not None:
        refuse_delivery(delivered, out, option="--out")
    with Teller() as say:
        audited = audit_delivery(
            described,
            delivered,
            store=folder,
            sets=sets,
            comparison=comparison,
            memory=memory,
            threads=threads,
            engine=engine,
            say=say,
        )
    if out is not None:
        write_tables(out, {"audit": audited.audit, "attrition": audited.attrition})
    print_audit(audited.audit, audited.attrition, audited.set_aside)
    try:
        refuse_violations(audited.audit)
    except AuditError as failed:  # of whom nothing is estimated in any case
        raise of_audit(failed, "the table says how often each check fails") from None
