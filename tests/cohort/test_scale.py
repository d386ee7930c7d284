"""At scale: 100,000 cases, and not one set that the registers contradict."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.sampling import STUDY, make_registers

from riskset.cohort.audit import audit_sets
from riskset.cohort.cases import find_cases
from riskset.cohort.riskset import sample_population
from riskset.registers.engine import Engine

EVERYONE = """
select c.case_id, count(distinct p.person_id) as eligible
from cases c
join person p on p.sex = c.sex and year(p.birth_date) = c.birth_year and p.person_id <> c.person_id
join residence r on r.person_id = p.person_id and r.start <= c.index_date and c.index_date < r.stop
left join registry_item i on i.person_id = p.person_id
where (i.date is null or i.date > c.index_date) and p.birth_date <= c.index_date - interval 18 year
group by c.case_id
"""


@pytest.mark.slow
def test_100_000_cases_against_exhaustive_eligibility() -> None:
    controls = STUDY.controls[0]
    with Engine(memory="6GB") as engine:
        registers = make_registers(300_000, 100_000, 1, engine)
        cases = find_cases(registers, STUDY)
        assert len(cases) > 90_000
        sets = sample_population(registers, STUDY, controls, cases).table
        audit = audit_sets(registers, STUDY, sets, controls, cases)
        assert "violation" not in audit["verdict"].to_pylist()
        engine.load("cases", cases.table)
        eligible = np.array(engine.connection.raw_sql(EVERYONE).fetchall())
    expected = np.zeros(len(cases) + 1, dtype=np.int64)
    expected[eligible[:, 0]] = np.minimum(eligible[:, 1], controls.ratio)
    control = ~sets["case"].to_numpy(zero_copy_only=False)
    drawn = np.bincount(sets["set_id"].to_numpy()[control], minlength=len(expected))
    assert (drawn == expected).all()
