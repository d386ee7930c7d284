"""A release from the folder of a run: read, clear, check against earlier releases, write, note."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from riskset.disclosure.door import clear
from riskset.disclosure.export import refuse_other_folder, write_export
from riskset.disclosure.ledger import append, earlier_of, line_of, read_ledger
from riskset.disclosure.policy import Policy
from riskset.disclosure.presets import DEFAULT, PRESETS, read_policy
from riskset.errors import DisclosureError, SpecError
from riskset.results.refitting_files import read_refitting
from riskset.results.released import Released
from riskset.results.run_folder import ANALYSIS, MANIFEST, read_results
from riskset.spec.complaints import closest, shown
from riskset.spec.from_toml import load_toml
from riskset.spec.study import Study
from riskset.storage.lock import only_one

LEDGER = "releases.jsonl"
"""The ledger of a project, beside its runs."""
SITE = "policy.toml"
"""The policy of the place, beside the runs or the ledger; no release beside it asks less."""


@dataclass(frozen=True)
class Release:
    """A release that was written.

    Attributes
    ----------
    folder : where it is
    sentence : what was withheld, in words
    """

    folder: Path
    sentence: str


def policy_of(name: str) -> Policy:
    """A policy by its name, or of a TOML file.

    Raises
    ------
    DisclosureError
        Neither a policy nor a file has this name, or the file is no policy.
    """
    if name in PRESETS:
        return PRESETS[name].policy
    path = Path(name)
    if not path.is_file():
        raise DisclosureError(
            f"{shown(name)} is no policy and no file", where="--policy", remedy=closest(name, [*PRESETS])
        )
    return _policy_in(path)


def _policy_in(path: Path) -> Policy:
    try:
        written = load_toml(path)
    except SpecError as error:
        raise DisclosureError(error.what, where=error.where, remedy=error.remedy) from None
    if not written:
        raise DisclosureError("the policy says nothing", where=str(path), remedy='write preset = "under 5", or another')
    return read_policy(written, where=str(path))


def study_policy(study: Study) -> Policy | None:
    """The policy that a study names.

    Raises
    ------
    DisclosureError
        No policy has this name.
    """
    if not study.policy:
        return None
    if study.policy not in PRESETS:
        remedy = closest(study.policy, [*PRESETS])
        raise DisclosureError(f"{shown(study.policy)} is no policy", where="policy, in study.toml", remedy=remedy)
    return PRESETS[study.policy].policy


def settled_policy(named: str | None, study: Study, *places: Path) -> Policy:
    """The policy that was named, or else the study's, or else that of the place, or else *under 5*.

    Parameters
    ----------
    named : on the command line
    places : the folders in which the place may have a policy: each that is there holds, whichever is looked at first

    Raises
    ------
    DisclosureError
        No policy has this name, or it asks less than that of a place.
    """
    sites = {path: _policy_in(path) for place in dict.fromkeys(places) if (path := place / SITE).is_file()}
    chosen = policy_of(named) if named else study_policy(study) or _strictest(sites.values())
    for path, site in sites.items():
        if less := chosen.laxer_than(site):
            raise DisclosureError(
                f"policy {shown(chosen.name)} asks less than that of the place ({', '.join(less)})",
                where="--policy" if named else "policy, in study.toml",
                remedy=f"{path} holds for all releases beside it",
            )
    return chosen


def _strictest(sites: Collection[Policy]) -> Policy:
    """That of a place which asks no less than the others; the first where each asks less of something."""
    strict = (one for one in sites if not any(one.laxer_than(other) for other in sites))
    return next(strict, next(iter(sites), PRESETS[DEFAULT].policy))


def places_of(run: Path, ledger: Path) -> tuple[Path, ...]:
    """Where a policy of the place may stand: beside the run, as it is called and as it is kept, and beside the ledger.

    Another ledger, or a link to a run, does not leave the place.
    """
    return run.resolve().parent, run.absolute().parent, ledger.parent


def release_run(
    run: Path, policy: str | None, *, out: Path | None = None, ledger: Path | None = None, say: Callable[[str], None]
) -> Release:
    """Clear the results in a run's folder and write what may leave.

    Raises
    ------
    DisclosureError
        The policy is missing or contradicts itself, the folder of the release holds something else, or the ledger has
        been tampered with.
    SourceError
        The folder holds no finished run.
    """
    folder = (out or run / "export").resolve()
    book = (ledger or run.resolve().parent / LEDGER).resolve()
    refuse_other_folder(folder)
    internal = read_run(run)
    rules = settled_policy(policy, internal.study, *places_of(run, book))
    with only_one(book), only_one(folder):
        lines = read_ledger(book)
        say("looking for what may not be known")
        cleared = clear(internal, rules, earlier_of(lines, internal))
        say("writing the release")
        place = os.path.relpath(folder, book.parent)
        write_export(cleared, folder, lambda files: append(book, lines, line_of(lines, cleared, place, files)), lines)
    return Release(folder, f"Withheld: {len(cleared.log):,} cells, by the rules of policy “{rules.name}”.")


def read_run(run: Path) -> Released:
    """The internal results of a run's folder."""
    tables = read_results(run)
    study = Study.load(run / "study.toml")
    manifest = json.loads((run / MANIFEST).read_text(encoding="utf-8"))
    return Released(study, tables, manifest, refitting=read_refitting(run / ANALYSIS))
