"""Who is whose relative, and who of them was at risk, as slow plain Python: one case and one person at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from riskset.spec.design import SiblingControls, SpouseControls
from riskset.spec.study import Study
from tests.reference.cohort import Case, Reference

PARENTS = ("mother_id", "father_id")


@dataclass(frozen=True)
class Member:
    person_id: int
    relation: str
    index_date: date


class Kinship:
    """The relatives of cases in a nation."""

    def __init__(self, reference: Reference) -> None:
        self.nation = reference
        self.person = reference.person

    def siblings(self, case: int, other: int) -> str | None:
        """What two persons are to each other."""
        one, two = self.person[case], self.person[other]
        if case == other or any(row[parent] is None for row in (one, two) for parent in PARENTS):
            return None
        shared = sum(one[parent] == two[parent] for parent in PARENTS)
        return {2: "full sibling", 1: "half sibling"}.get(shared)

    def partners(self, person: int, day: date) -> set[int]:
        """Whom any row makes the partner on a day."""
        found = set()
        for row in self.nation.rows.get("couple", []):
            if row["start"] <= day < row["stop"]:
                if row["person_id"] == person:
                    found.add(row["partner_id"])
                if row["partner_id"] == person:
                    found.add(row["person_id"])
        return found

    def relatives(self, case: Case, controls: SiblingControls | SpouseControls) -> list[Member]:
        """All relatives of the kind, whether at risk or not."""
        if isinstance(controls, SpouseControls):
            partners, day = self.partners(case.person_id, case.index_date), case.index_date
            return [Member(p, "spouse", day) for p in partners if len(partners) == len(self.partners(p, day)) == 1]
        wanted = {False: ["full sibling"], True: ["full sibling", "half sibling"], "only": ["half sibling"]}
        found = []
        for other in self.person:
            relation = self.siblings(case.person_id, other)
            if relation in wanted[controls.half]:
                found.append(Member(other, relation, self.date(case, other, controls)))
        return found

    def date(self, case: Case, other: int, controls: SiblingControls) -> date:
        if controls.at == "index date":
            return case.index_date
        days_old = (case.index_date - self.person[case.person_id]["birth_date"]).days
        return self.person[other]["birth_date"] + timedelta(days=days_old)

    def fails(self, member: Member, study: Study, controls: SiblingControls | SpouseControls) -> int:
        """The place of the first rule that a relative does not meet: 0 age or birth, 1 dead, 2 not under observation,
        3 ill, 4 not eligible; 5 where all are met.
        """
        person, day = member.person_id, member.index_date
        if isinstance(controls, SiblingControls):
            if controls.at == "same age" and not study.period.start <= day < study.period.stop:
                return 0
            if controls.at == "index date" and self.person[person]["birth_date"] > day:
                return 0
        if self.nation.death.get(person, day) < day:
            return 1
        if not self.nation.resident(person, day):
            return 2
        ill = self.nation.first(person, *study.cases.freedom())
        if ill is not None and ill <= day:
            return 3
        return 5 if self.nation.eligible(person, day, study) else 4

    def sets(self, study: Study, controls: SiblingControls | SpouseControls) -> dict[Case, set[Member]]:
        """Each case that has a relative at risk, with all of them."""
        found = {}
        for case in self.nation.cases(study):
            members = {m for m in self.relatives(case, controls) if self.fails(m, study, controls) == 5}
            if members:
                found[case] = members
        return found

    def reasons(self, study: Study, controls: SiblingControls | SpouseControls) -> dict[str, int]:
        """How many cases have no set, by reason; each case has one."""
        names = ["age or birth", "dead", "not observed", "ill", "not eligible"]
        counts: dict[str, int] = {}
        for case in self.nation.cases(study):
            relatives = self.relatives(case, controls)
            furthest = max((self.fails(m, study, controls) for m in relatives), default=None)
            if furthest is None:
                reason = self.without_relatives(case, controls)
            elif furthest == 5:
                continue
            else:
                reason = names[furthest]
            counts[reason] = counts.get(reason, 0) + 1
        return counts

    def without_relatives(self, case: Case, controls: SiblingControls | SpouseControls) -> str:
        if isinstance(controls, SpouseControls):
            return "two partners" if self.partners(case.person_id, case.index_date) else "no partner"
        row = self.person[case.person_id]
        unknown = [row[parent] is None for parent in PARENTS]
        first = self.first_year()
        if all(unknown) and (first is None or row["birth_date"].year < first):
            return "born before parents are known"
        return "parents unknown" if any(unknown) else "no sibling"

    def first_year(self) -> int | None:
        """The first year of birth of whose persons at least a tenth have a known parent."""
        of_year: dict[int, list[bool]] = {}
        for row in self.person.values():
            linked = any(row[parent] is not None for parent in PARENTS)
            of_year.setdefault(row["birth_date"].year, []).append(linked)
        return min((year for year, linked in of_year.items() if 10 * sum(linked) >= len(linked)), default=None)
