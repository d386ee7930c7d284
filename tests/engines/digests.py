"""What the stages of a study that ask an engine give there, as digests that must be equal on all."""

from __future__ import annotations

from riskset.cohort.cases import find_cases
from riskset.registers.registers import Registers
from riskset.results.digest import digest
from riskset.run import _measures, _prognosis, _sets
from riskset.spec.study import Study


def digests_of(study: Study, registers: Registers) -> dict[str, str]:
    """Stage and table → digest: sets, frames, attrition, audit, exposures, covariates, diagnostics."""
    cohort = _sets(study, registers)
    measured = _measures(study, registers, cohort)
    found = {"sets": cohort, "measures": measured}
    return {f"{stage}.{name}": digest(table) for stage, tables in found.items() for name, table in tables.items()}


def digests_of_course(study: Study, registers: Registers) -> dict[str, str]:
    """Table → digest of the prognosis: estimates, curves, attrition, diagnostics, failures."""
    cases = find_cases(registers, study)
    followed = _prognosis(study, registers, {"cases": cases.table, "attrition": cases.attrition})
    assert followed["estimates"].num_rows
    assert followed["curves"].num_rows
    return {name: digest(table) for name, table in followed.items()}
