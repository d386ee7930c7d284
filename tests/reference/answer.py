"""Each case's set in names, by the slow references: what a conformance case states."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from riskset.spec.design import PopulationControls, SiblingControls, SpouseControls
from riskset.spec.study import Study
from tests.reference.cohort import Case, Reference
from tests.reference.kin import Kinship


def answer(reference: Reference, study: Study, names: Mapping[int, str]) -> dict[str, str]:
    """Each case → the names in its set (of population controls: in its risk set); the first controls count."""
    controls = study.controls[0]
    if isinstance(controls, PopulationControls):
        return {
            names[case.person_id]: _in_names(
                dict.fromkeys(reference.risk_set(case, study, controls), case.index_date), case.index_date, names
            )
            for case in reference.cases(study)
        }
    if isinstance(controls, SiblingControls | SpouseControls):
        found = dict.fromkeys((names[case.person_id] for case in reference.cases(study)), "")
        for case, members in Kinship(reference).sets(study, controls).items():
            dated = {member.person_id: member.index_date for member in members}
            found[names[case.person_id]] = _in_names(dated, case.index_date, names)
        return found
    return _given(reference, study, names)


def _given(reference: Reference, study: Study, names: Mapping[int, str]) -> dict[str, str]:
    """The delivered sets, but those of cases whom the study leaves out and of cases alone."""
    ours = reference.cases(study)
    answers = {names[case.person_id]: "" for case in ours}
    delivered: dict[int, list[dict[str, Any]]] = {}
    for row in reference.rows["matched_set"]:
        delivered.setdefault(row["set_id"], []).append(row)
    for _, rows in sorted(delivered.items()):
        cases = {row["person_id"] for row in rows if row["case"]}
        controls = sorted({names[row["person_id"]] for row in rows if not row["case"]})  # equal rows are one
        if len(cases) == 1:
            (person,) = cases
            event = reference.first(person, study.cases.first)
            day = next((row["index_date"] for row in rows if row["case"] and row["index_date"]), event)
            if day is not None and day == event and Case(person, day) not in ours:
                continue
        if controls:
            of = " ".join(sorted(names[person] for person in cases))
            members = " ".join(controls)
            answers[of] = f"{answers[of]} / {members}" if answers.get(of) else members
    return answers


def _in_names(members: Mapping[int, date], day: date, names: Mapping[int, str]) -> str:
    """``eve fay@2012-06-01``: who is compared on another day than the case's has it after an @."""
    return " ".join(sorted(names[p] + ("" if own == day else f"@{own}") for p, own in members.items()))
