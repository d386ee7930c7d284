"""The command ``riskset check``."""

from __future__ import annotations

from pathlib import Path

from riskset.cli.options import Parts
from riskset.cli.terminal import Findings, refuse_swapped


def check(study: Path, sources: Path | None = None, *, leave_out: Parts = ()) -> None:
    """Check a study description, and whether the delivery holds what it needs, without reading a row.

    All that is wrong is listed, numbered; the exit code is that of the first.

    Parameters
    ----------
    study
        study.toml
    sources
        sources.toml
    leave_out
        Parts that the run will leave out: siblings, spouses, prognosis.
    """
    from riskset.disclosure.releasing import study_policy
    from riskset.registers.coverage import refuse_uncovered
    from riskset.registers.delivered.reading import check_files
    from riskset.registers.delivered.source import Sources
    from riskset.report.catalogue import ENGLISH
    from riskset.results.vocabulary import DiagnosticCode
    from riskset.spec.check import names_wanted, needs, problems, without
    from riskset.spec.modification import partings_in_words, subgroups_of
    from riskset.spec.study import Study

    refuse_swapped(study, sources)
    findings = Findings()
    described = findings.of(lambda: without(Study.load(study), leave_out))
    delivered = findings.of(lambda: Sources.load(sources)) if sources is not None else None
    if described is not None:
        findings.of(lambda: study_policy(described))
    if described is not None and delivered is not None:
        findings.of(lambda: delivered.require(needs(described)))
        findings.of(lambda: delivered.require_names(names_wanted(described)))
        findings.of(lambda: refuse_uncovered(described, delivered.coverage()))
    if delivered is not None:
        findings.of(lambda: check_files(delivered))
    findings.refuse()
    assert described is not None
    for advice in problems(described):
        print(f"Consider: {advice}")
    for sentence in partings_in_words(described, subgroups_of(described)):
        print(f"Subgroups: {sentence}")
    if delivered is not None:
        remarks = [*delivered.partly_there(names_wanted(described)), *delivered.advice()]
        if delivered.lacks_start(described):
            remarks.append(f"{ENGLISH.diagnostics[DiagnosticCode.START_NOT_STATED].note}.")
        for remark in remarks:
            print(f"Consider: {remark}")
        print(f"{sources} maps every table and column that the study needs, and the files are there.")
    print(f"{study} is a study: {described.name} (fingerprint {described.fingerprint[:12]}).")
