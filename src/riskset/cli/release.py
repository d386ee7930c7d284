"""The command ``riskset release``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from riskset.cli.terminal import Teller


def release(
    run: Path,
    *,
    policy: str | None = None,
    out: Annotated[Path | None, Parameter(name="--out")] = None,
    ledger: Path | None = None,
) -> None:
    """Clear a run's results by the rules of a policy, and write what may leave once a person has checked it.

    Small counts are withheld, and so is what would give them away: other counts, shares, estimates, steps of curves.
    The clearance is automatic; checker.html is for the person who decides.

    Parameters
    ----------
    run
        Folder of a run.
    policy
        Name of a policy (docs/disclosure.md lists them), or a TOML file with one. Left out, the study's, or that of
        policy.toml beside the run or the ledger, or "under 5"; none may ask less than policy.toml.
    out
        Folder of the release; RUN/export when left out.
    ledger
        The project's ledger of releases, which each new release is checked against; releases.jsonl beside RUN when left
        out.
    """
    from riskset.disclosure.releasing import release_run

    with Teller() as say:
        done = release_run(run, policy, out=out, ledger=ledger, say=say)
    print(done.sentence)
    print(f"The draft, not cleared: {done.folder}; for the person who checks: {done.folder / 'checker.html'}")
