"""What a study's first two stages give on an engine, as digests that must be equal on all."""

from __future__ import annotations

from riskset.registers.registers import Registers
from riskset.results.digest import digest
from riskset.run import _measures, _sets
from riskset.spec.study import Study


def digests_of(study: Study, registers: Registers) -> dict[str, str]:
    """Stage and table → digest: sets, frames, attrition, audit, exposures, covariates, diagnostics."""
    cohort = _sets(study, registers)
    measured = _measures(study, registers, cohort)
    found = {"sets": cohort, "measures": measured}
    return {f"{stage}.{name}": digest(table) for stage, tables in found.items() for name, table in tables.items()}
