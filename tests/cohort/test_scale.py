"""At scale: 100,000 cases against everyone who could have been a control, counted by plain SQL on the registers.

20,000 cases with a caliper, of which plain SQL has to compare every pair.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.sampling import STUDY, make_registers

from riskset.cohort.audit import audit_sets
from riskset.cohort.cases import find_cases
from riskset.cohort.sampler import sample_population
from riskset.registers.engine import Engine
from riskset.spec.design import PopulationControls

ALIKE = {
    "exact": "year(p.birth_date) = c.birth_year",
    "caliper": "p.birth_date between c.birth_date - interval 90 day and c.birth_date + interval 90 day",
}
DESIGNS = {"exact": {"match": ["sex", "birth_year"]}, "caliper": {"match": ["sex"], "caliper": "90d"}}

COULD_SERVE = """
from cases c
join person p on p.sex = c.sex and p.person_id <> c.person_id and {alike}
join residence r on r.person_id = p.person_id and r.start <= c.index_date and c.index_date < r.stop
left join registry_item i on i.person_id = p.person_id
where (i.date is null or i.date > c.index_date) and p.birth_date <= c.index_date - interval 18 year
"""
ELIGIBLE = "select c.case_id, count(distinct p.person_id) " + COULD_SERVE + " group by c.case_id"
DRAWN = "select count(*) " + COULD_SERVE + " and (c.case_id, p.person_id) in (select set_id, person_id from drawn)"


@pytest.mark.slow
@pytest.mark.parametrize(("design", "many"), [("exact", 100_000), ("caliper", 20_000)])
def test_sets_are_as_large_as_all_who_are_eligible_allow(design: str, many: int, tmp_path: Path) -> None:
    controls = PopulationControls.model_validate({"kind": "population", "ratio": 5, **DESIGNS[design]})
    study = STUDY.model_copy(update={"controls": (controls,)})
    with Engine(tmp_path, memory="4GB") as engine:  # plain SQL spills
        registers = make_registers(3 * many, many + many // 30, 1, engine)
        cases = find_cases(registers, study.case_definition)
        assert len(cases) > many
        sets = sample_population(registers, study.at_risk, controls, cases, seed=study.seed).table
        audit = audit_sets(registers, study.case_definition, sets, controls, cases)
        assert "violation" not in audit["verdict"].to_pylist()
        engine.load("cases", cases.table)
        control = ~sets["case"].to_numpy(zero_copy_only=False)
        engine.load("drawn", sets.filter(control).select(["set_id", "person_id"]))
        ask = engine.connection.raw_sql
        eligible = np.array(ask(ELIGIBLE.format(alike=ALIKE[design])).fetchall())
        (served,) = ask(DRAWN.format(alike=ALIKE[design])).fetchone()
    expected = np.zeros(len(cases) + 1, dtype=np.int64)
    expected[eligible[:, 0]] = np.minimum(eligible[:, 1], controls.ratio)
    drawn = np.bincount(sets["set_id"].to_numpy()[control], minlength=len(expected))
    assert (drawn == expected).all()
    assert served == control.sum()
