"""What a conformance case is: a tiny nation, the controls asked for, and the answer worked by hand.

To add a case, put a ``Conformance`` into the list of its kind: ``nations_population.py``, ``nations_siblings.py``,
``nations_spouses.py`` or ``nations_given.py``. State ``kind`` (left out: population), the people in the words of
``tests.people``, and in ``members`` for each case of the study who is in its set: of population controls the whole risk
set, of the other kinds the set itself, "" where there is none. Who is compared on a day other than the case's has it
after an @: ``eve@2012-06-01``. Then ``python -m tests.cohort.conformance`` writes the page again. The tests need no
edit: ``test_conformance.py`` runs every case on the engine, on the slow reference and through the audit. ``found``
gives the answer on the registers of any engine, and ``counted`` also what is counted on the way to it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from riskset.cohort.audit import audit_sets
from riskset.cohort.cases import CaseList, find_cases
from riskset.cohort.sampling_frame import find_risk_sets
from riskset.cohort.sets import sets_for
from riskset.errors import DesignError
from riskset.registers.engine import Engine
from riskset.spec.study import Study
from tests.people import Nation, nation

Kind = Literal["population", "siblings", "spouses", "given"]

CASE = "ann f 1950-03-01 lives 1990-01-01..2030-01-01 Visby als 2015-06-01"
HOME = "lives 1990-01-01..2030-01-01"

CONTROLS: dict[Kind, dict[str, Any]] = {
    "population": {"kind": "population", "ratio": 5, "match": ["sex", "birth_year"]},
    "siblings": {"kind": "siblings"},
    "spouses": {"kind": "spouses"},
    "given": {"kind": "given", "ratio": 5, "match": ["sex", "birth_year"]},
}
"""The controls of the study at the top of the page, by kind."""


@dataclass(frozen=True)
class Conformance:
    """A nation, and who is compared with whom in it.

    Attributes
    ----------
    name : what is at stake
    why : the sentence that gives the answer
    people : the nation, in the words of ``tests.people``; Ann, the case of 1 June 2015, is added unless she is there
    members : each case → the names in its set (of population controls: in its risk set); whoever is no case is no key
    study : what differs from the study at the top of the page
    starts : the first day of the dispensing register, if stated
    kind : the controls' kind
    violations : check → what the audit counts against the sets; only given sets can have any
    """

    name: str
    why: str
    people: str
    members: dict[str, str]
    study: dict[str, Any] = field(default_factory=dict)
    starts: date | None = None
    kind: Kind = "population"
    violations: dict[str, int] = field(default_factory=dict)

    @property
    def nation(self) -> str:
        """The lines of the people, Ann's among them."""
        lines = [line.strip() for line in self.people.strip().splitlines()]
        return "\n".join(lines if any(line.startswith("ann ") for line in lines) else [CASE, *lines])

    def made(self, engine: Engine | None = None) -> Nation:
        """The registers of the nation."""
        return nation(self.nation, starts={"dispensing": self.starts} if self.starts else {}, engine=engine)

    def asked(self, **more: Any) -> Study:
        """The study, with what differs in this nation."""
        controls = dict(CONTROLS[self.kind])
        stated: dict[str, Any] = {
            "name": self.name,
            "period": {"start": "2010-01-01", "stop": "2020-01-01"},
            "eligibility": {"age": [18, 110]},
            "cases": {"first": {"registry": "mnd", "diagnosis": ["ALS"]}},
        }
        for part, change in self.study.items():
            if part == "controls":
                controls |= change
            else:
                stated[part] = stated.get(part, {}) | change
        return Study.model_validate({**stated, "controls": [controls], **more})


def found(people: Nation, study: Study, cases: CaseList | None = None) -> dict[str, str]:
    """Each case's set (of population controls: its whole risk set) as the engine finds it, in names."""
    cases = cases or find_cases(people.registers, study.case_definition)
    if study.controls[0].kind == "population":
        return _risk_sets(people, study, cases)
    try:
        rows = sets_for(
            people.registers, study.case_definition, study.controls[0], cases, seed=study.seed
        ).table.to_pylist()
    except DesignError:
        rows = []
    return in_names(people, cases, rows)


def counted(people: Nation, study: Study) -> dict[str, Any]:
    """The answer as ``members``, and what comes with it: the sets, how many each rule left, and what the audit counts.

    Where nobody has a control, there is what the run is refused with instead.
    """
    controls, cases, rows = study.controls[0], find_cases(people.registers, study.case_definition), []
    told: dict[str, Any] = {"cases": cases.attrition.to_pylist()}
    try:
        sets = sets_for(people.registers, study.case_definition, controls, cases, seed=study.seed)
    except DesignError as refused:
        told["refused"] = str(refused)
    else:
        rows = sets.table.to_pylist()
        audit = audit_sets(people.registers, study.case_definition, sets.table, controls, cases)
        told |= {"frame": sets.frame_digest, "attrition": sets.attrition.to_pylist(), "audit": audit.to_pylist()}
    told["drawn"] = in_names(people, cases, rows)
    told["members"] = _risk_sets(people, study, cases) if controls.kind == "population" else told["drawn"]
    return told


def in_names(people: Nation, cases: CaseList, rows: list[dict[str, Any]]) -> dict[str, str]:
    """Matched sets in names, the cases without a set among them."""
    name, sets = people.names, defaultdict(list)
    for row in rows:
        sets[row["set_id"]].append(row)
    listed = {name[person]: "" for person in cases.table["person_id"].to_pylist()}
    for members in sets.values():
        day = {row["index_date"] for row in members if row["case"]} or {members[0]["index_date"]}
        of = " ".join(sorted(name[row["person_id"]] for row in members if row["case"]))
        names = " ".join(
            sorted(
                name[row["person_id"]] + ("" if row["index_date"] in day else f"@{row['index_date']}")
                for row in members
                if not row["case"]
            )
        )
        listed[of] = f"{listed[of]} / {names}" if listed.get(of) else names
    return listed


def _risk_sets(people: Nation, study: Study, cases: CaseList) -> dict[str, str]:
    name = people.names
    by_id = dict(zip(*(cases.table[c].to_pylist() for c in ("case_id", "person_id")), strict=True))
    listed: dict[str, list[str]] = {name[person]: [] for person in by_id.values()}
    risk_sets = find_risk_sets(people.registers, study.at_risk, study.controls[0], cases)
    try:
        for rows in risk_sets.everyone(risk_sets.case_id):
            for row in rows.to_pylist():
                listed[name[by_id[row["case_id"]]]].append(name[row["person_id"]])
    finally:
        risk_sets.drop()
    return {case: " ".join(sorted(members)) for case, members in listed.items()}
