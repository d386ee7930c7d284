"""Who is a case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from riskset.cohort.attrition import Attrition, Criterion, NobodyLeft
from riskset.cohort.eligibility import rules_of
from riskset.cohort.events import find_events
from riskset.cohort.named import diagnoses_there
from riskset.cohort.population import describe_at
from riskset.errors import DesignError, there_are
from riskset.lookup import columns_by_name
from riskset.microdata import Microdata
from riskset.registers.registers import Registers
from riskset.results.set_vocabulary import AttritionPart, AttritionRule, Unit
from riskset.spec.complaints import shown
from riskset.spec.design import CaseDefinition, Event


@dataclass(frozen=True)
class CaseList(Microdata):
    """The cases of a study.

    Attributes
    ----------
    table
        ``case_id, person_id, index_date, sex, birth_date, birth_year, country_of_birth, county, since``, sorted
        by ``case_id``: the rank, from 1, of (index_date, person_id). ``county`` as on the index date, null unless a
        comparison matches on it; ``since`` the first day of the unbroken observation that covers the index date.
    attrition
        Rows of ``results.tables.ATTRITION``, part "cases".
    """

    table: pa.Table
    attrition: pa.Table

    def __len__(self) -> int:
        return int(self.table.num_rows)


def find_cases(registers: Registers, definition: CaseDefinition) -> CaseList:
    """The persons whose first qualifying event falls in the period, and who were eligible on that date.

    A first event before the period makes a prevalent patient, who is no case at a later one.

    Raises
    ------
    DesignError
        No case is left; the message names the rule after which.
    SourceError
        A register that the study needs is not delivered.
    """
    engine, period, eligibility = registers.engine, definition.at_risk.period, definition.at_risk.eligibility
    first = engine.collect(find_events(registers, definition.first))
    if not len(first) and definition.first.diagnosis:
        _refuse_diagnosis(registers, definition.first)
    attrition = Attrition(AttritionPart.CASES, Unit.PERSONS, AttritionRule.EVENT, len(first))
    dates = first["date"].to_numpy()
    inside = (dates >= np.datetime64(period.start)) & (dates < np.datetime64(period.stop))
    events = first.filter(pa.array(inside)).rename_columns({"person_id": "person_id", "date": "index_date"})
    attrition.keep(AttritionRule.FIRST_IN_PERIOD, len(events))
    _some_left(attrition)

    rules = rules_of(registers, eligibility)
    bounds = rules.bounds(events["index_date"].to_numpy())
    anchors = engine.load("cohort_cases", pa.table({**columns_by_name(events), **columns_by_name(bounds)}))
    rules = rules_of(registers, eligibility, anchors)
    described = engine.collect(rules.with_rules(describe_at(registers, anchors, by_county=definition.with_county)))
    engine.drop("cohort_cases")

    criteria = rules.criteria
    columns = ["observed", *(f"rule_{i}" for i in range(len(criteria)))]
    for name, rule in zip(columns, [Criterion(AttritionRule.OBSERVED), *criteria], strict=True):
        described = described.filter(described[name])
        attrition.keep(rule, len(described))
    _some_left(attrition)
    return CaseList(_ranked(described), attrition.table())


def _refuse_diagnosis(registers: Registers, event: Event) -> None:
    there = diagnoses_there(registers, event)
    raise DesignError(
        f"no case is left after the rule 'persons with the event': nobody in the register {event.registry} has the "
        f"diagnosis {' or '.join(shown(name) for name in event.diagnosis)}",
        where="cases.first.diagnosis",
        remedy=there_are(there) if there else "see what the column text of its diagnoses holds",
    )


def _ranked(described: pa.Table) -> pa.Table:
    rows = described.sort_by([("index_date", "ascending"), ("person_id", "ascending")])
    county = rows["county"] if "county" in rows.column_names else pa.nulls(len(rows), pa.string())
    return pa.table(
        {
            "case_id": pa.array(np.arange(1, len(rows) + 1, dtype=np.int64)),
            "person_id": rows["person_id"].cast(pa.int64()),
            "index_date": rows["index_date"].cast(pa.date32()),
            "sex": rows["sex"],
            "birth_date": rows["birth_date"].cast(pa.date32()),
            "birth_year": pc.year(rows["birth_date"]).cast(pa.int64()),
            "country_of_birth": rows["country_of_birth"],
            "county": county,
            "since": rows["since"].cast(pa.date32()),
        }
    )


def _some_left(attrition: Attrition) -> None:
    if attrition.remaining:
        return
    raise NobodyLeft(
        "no case is left after the rule '{rule}'",
        attrition.last_rule(),
        where="cases",
        remedy="see the codes, the period and the eligibility, and what the registers cover",
    )
