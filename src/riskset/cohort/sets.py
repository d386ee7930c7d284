"""The matched sets of each kind of controls: drawn from the population, given by an authority, or relatives.

Relatives are judged as population controls are: under observation, eligible and free of the disease on the date of the
set. All who are at risk are taken, so that sets have any size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import assert_never

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.cohort.attrition import Attrition, Criterion
from riskset.cohort.cases import CaseList
from riskset.cohort.eligibility import rules_of
from riskset.cohort.events import find_first
from riskset.cohort.given import given_sets
from riskset.cohort.not_made import NotMade, after_rule
from riskset.cohort.population import describe_at
from riskset.cohort.relatives import RELATIONS, Kin, find_partners, find_siblings, relation_of
from riskset.cohort.sampler import MatchedSets, sample_population
from riskset.lookup import columns_by_name, date_of, person_day
from riskset.registers.registers import Registers
from riskset.results.notes import NoteCode
from riskset.results.set_vocabulary import AttritionPart, AttritionRule, Relation, Unit
from riskset.spec.design import (
    AtRisk,
    CaseDefinition,
    Controls,
    GivenControls,
    PopulationControls,
    SiblingControls,
    SpouseControls,
)

_KIN = "cohort_kin"
_Bools = NDArray[np.bool_]


def sets_for(
    registers: Registers, definition: CaseDefinition, controls: Controls, cases: CaseList, *, seed: int
) -> MatchedSets:
    """The matched sets of one comparison, whatever its kind."""
    match controls:
        case PopulationControls():
            return sample_population(registers, definition.at_risk, controls, cases, seed=seed)
        case GivenControls():
            return given_sets(registers, definition.first, controls, cases)
        case SiblingControls() | SpouseControls():
            return kin_sets(registers, definition.at_risk, controls, cases)
        case _:
            assert_never(controls)


def kin_sets(
    registers: Registers, at_risk: AtRisk, controls: SiblingControls | SpouseControls, cases: CaseList
) -> MatchedSets:
    """Each case with all of its relatives who were at risk.

    The date on which a relative is judged, its ``index_date``, is the case's; for siblings at the same age it is the
    day on which the sibling was as old in days as the case on its own, within the period as the days of cases are. A
    case has no set when nobody is left; it is counted under the first rule that none of its relatives passes together
    with those before.

    Returns
    -------
    As for population controls; ``relation`` is "full sibling", "half sibling" or "spouse", and the digest that of all
    relatives found, at risk or not.

    Raises
    ------
    DesignError
        No case has such a relative; the message names the rule after which.
    SourceError
        Parents, or couples, are not delivered.
    """
    if isinstance(controls, SiblingControls):
        relatives, relation = find_siblings(registers, controls, cases), relation_of(controls)
    else:
        relatives, relation = find_partners(registers, cases), Relation.PARTNER
    label = controls.comparison
    by_case = Attrition(AttritionPart.CASES_WITH_RELATIVES, Unit.SETS, AttritionRule.CASES, len(cases), label)
    for rule, left in relatives.cases.items():
        by_case.keep(rule, left)
    (all_of_them, number), *more = relatives.persons.items()
    by_person = Attrition(AttritionPart.RELATIVES, Unit.PERSONS, all_of_them, number, label)
    for rule, left in more:
        by_person.keep(rule, left)
    remaining = np.ones(len(relatives.kin), dtype=bool)
    for rule, passes in _passing(registers, at_risk, controls, relatives.kin):
        remaining &= passes
        by_case.keep(rule.of(relation), len(np.unique(relatives.kin.case[remaining])))
        by_person.keep(rule, int(remaining.sum()))
    _some_left(by_case, controls)
    attrition = pa.concat_tables([by_person.table(), by_case.table()])
    return MatchedSets(
        _sets_of(cases, controls, relatives.kin.only(remaining)), attrition, _digest(cases, relatives.kin)
    )


def _passing(
    registers: Registers, at_risk: AtRisk, controls: SiblingControls | SpouseControls, kin: Kin
) -> Iterator[tuple[Criterion, _Bools]]:
    """Each rule of being at risk, in order, and which of the relatives (n,) meet it on their date."""
    engine = registers.engine
    key = person_day(kin.person_id, kin.date)
    first, back = np.unique(key, return_index=True, return_inverse=True)[1:]
    person, date = kin.person_id[first], kin.date[first]
    rules = rules_of(registers, at_risk.eligibility)
    bounds = rules.bounds(date)
    anchors = {"person_id": pa.array(person, pa.int64()), "index_date": pa.array(date, pa.date32())}
    asked = engine.load(_KIN, pa.table(anchors | columns_by_name(bounds)))
    rules = rules_of(registers, at_risk.eligibility, asked)
    known = engine.collect(rules.with_rules(describe_at(registers, asked)))
    keys = person_day(*(known[c].to_numpy() for c in ("person_id", "index_date")))
    known = known.take(pa.array(np.argsort(keys, kind="stable")))
    ill = engine.collect(find_first(registers, at_risk.free_of).semi_join(asked, "person_id"))
    dead = engine.collect(registers["death"].semi_join(asked, "person_id")) if "death" in registers else None
    engine.drop(_KIN)

    if isinstance(controls, SiblingControls) and controls.at == "same age":
        # Else who cannot be a case on that day would be compared, and which of two is compared hangs on who falls ill.
        start, stop = np.datetime64(at_risk.period.start), np.datetime64(at_risk.period.stop)
        yield Criterion(AttritionRule.OF_AGE_IN_PERIOD), (start <= kin.date) & (kin.date < stop)
    elif isinstance(controls, SiblingControls):
        yield Criterion(AttritionRule.BORN), (known["birth_date"].to_numpy() <= date)[back]
    if dead is not None:
        yield Criterion(AttritionRule.ALIVE), ~(date_of(dead, person) < date)[back]
    yield Criterion(AttritionRule.OBSERVED_ON_DATE), known["observed"].to_numpy(zero_copy_only=False)[back]
    yield Criterion(AttritionRule.FREE_OF_DISEASE), ~(date_of(ill, person) <= date)[back]
    for i, rule in enumerate(rules.criteria):
        yield rule, known[f"rule_{i}"].to_numpy(zero_copy_only=False)[back]


def _some_left(attrition: Attrition, controls: SiblingControls | SpouseControls) -> None:
    if attrition.remaining:
        return
    last = attrition.last_rule()
    raise NotMade(
        f"no case has {controls.comparison} to compare it with: none is left after the rule '{last}'",
        after_rule(NoteCode.NO_RELATIVE_LEFT, last, comparison=controls.comparison, kind=controls.kind),
        where="controls",
        remedy=f"see what the registers cover, or leave out the {controls.kind}",
    )


def _sets_of(cases: CaseList, controls: SiblingControls | SpouseControls, kin: Kin) -> pa.Table:
    """The matched sets, the case first in each."""
    with_kin = np.unique(kin.case)
    case = np.concatenate([with_kin, kin.case])
    is_case = np.arange(len(case)) < len(with_kin)
    table = cases.table
    person_id = np.concatenate([table["person_id"].to_numpy()[with_kin], kin.person_id])
    date = np.concatenate([table["index_date"].to_numpy()[with_kin], kin.date])
    relation = np.concatenate([np.full(len(with_kin), "case"), np.array(RELATIONS)[kin.relation]])
    order = np.lexsort((person_id, ~is_case, case))
    return pa.table(
        {
            "comparison": pa.array([controls.comparison] * len(order), pa.string()),
            "set_id": pa.array(table["case_id"].to_numpy()[case[order]]),
            "person_id": pa.array(person_id[order]),
            "case": pa.array(is_case[order]),
            "index_date": pa.array(date[order], pa.date32()),
            "relation": pa.array(relation[order], pa.string()),
        }
    )


def _digest(cases: CaseList, kin: Kin) -> str:
    """SHA-256 over cases, relatives, relations and days, in order."""
    columns = (cases.table["case_id"].to_numpy()[kin.case], kin.person_id, kin.relation, kin.date.astype(np.int64))
    return hashlib.sha256(b"".join(np.ascontiguousarray(c, dtype="<i8").tobytes() for c in columns)).hexdigest()
