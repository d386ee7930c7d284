"""What the stages of a study that ask an engine give there, as digests that must be equal on all."""

from __future__ import annotations

from riskset.cohort.cases import find_cases
from riskset.registers.registers import Registers
from riskset.spec.study import Study
from riskset.stages import find_sets, follow, measure
from riskset.storage.digest import digest
from riskset.storage.stage_cache import tables_of


def digests_of(study: Study, registers: Registers) -> dict[str, str]:
    """Stage and table → digest: sets, frames, attrition, audit, exposures, covariates, diagnostics."""
    cohort = find_sets(study, registers)
    measured = measure(study, registers, cohort)
    stages = {"sets": cohort, "measures": measured}
    return {
        f"{stage}.{name}": digest(table)
        for stage, tables in stages.items()
        for name, table in tables_of(tables).items()
    }


def digests_of_course(study: Study, registers: Registers) -> dict[str, str]:
    """Table → digest of the prognosis: estimates, curves, attrition, diagnostics, failures."""
    followed = follow(study, registers, find_cases(registers, study.case_definition))
    assert followed.estimates.num_rows
    assert followed.curves.num_rows
    return {name: digest(table) for name, table in tables_of(followed).items()}
