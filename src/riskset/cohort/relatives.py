"""Who is kin of the cases: siblings by the parents in the register, the partner by dated couples.

An engine finds the few persons who share a parent with a case, or a couple with one; who is what to whom is then told
in NumPy. Nothing here asks whether a relative was at risk: see `sets`.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from riskset.calendar import Days
from riskset.cohort.attrition import Criterion, criterion
from riskset.cohort.cases import CaseList
from riskset.cohort.hashing import Ints
from riskset.errors import SourceError
from riskset.lookup import person_day, row_of
from riskset.microdata import Microdata
from riskset.registers.registers import Registers
from riskset.results.set_vocabulary import AttritionRule, Relation
from riskset.spec.design import SiblingControls

RELATIONS = ("full sibling", "half sibling", "spouse")
"""What the matched sets call a relative; `Kin.relation` is the place in this list."""

_CASES, _FAMILIES = "cohort_kin_cases", {parent: f"cohort_kin_{parent}" for parent in ("mother_id", "father_id")}
_UNKNOWN = -1
_Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Kin(Microdata):
    """Pairs of a case and a relative as parallel arrays, sorted by case and then by relative.

    Attributes
    ----------
    case : int64 (n,), position of the case among the cases
    person_id : int64 (n,), the relative
    relation : int64 (n,), position in ``RELATIONS``
    date : datetime64[D] (n,), the relative's index date
    """

    case: Ints
    person_id: Ints
    relation: Ints
    date: Days

    def __len__(self) -> int:
        return len(self.case)

    def only(self, keep: _Bools) -> Kin:
        """Some of the pairs."""
        return Kin(self.case[keep], self.person_id[keep], self.relation[keep], self.date[keep])


@dataclass(frozen=True)
class Relatives:
    """The relatives of the cases, and what was lost on the way to them.

    Attributes
    ----------
    kin : the relatives meant by the design
    cases : rule → how many cases it leaves, in order; the last are the cases in ``kin``
    persons : rule → how many pairs of a case and a relative it leaves, in order; the first says what all are
    """

    kin: Kin
    cases: dict[Criterion, int]
    persons: dict[Criterion, int]


@dataclass(frozen=True)
class _Parents(Microdata):
    """Persons with their parents, `_UNKNOWN` where not known; arrays of one length."""

    person_id: Ints
    birth: Days
    mother: Ints
    father: Ints

    @classmethod
    def of(cls, rows: pa.Table) -> _Parents:
        rows = rows.sort_by("person_id")
        mother, father = (rows[p].fill_null(_UNKNOWN).to_numpy() for p in _FAMILIES)
        return cls(rows["person_id"].to_numpy(), rows["birth_date"].to_numpy().astype("datetime64[D]"), mother, father)

    @property
    def known(self) -> _Bools:
        """Whether both parents are."""
        known: _Bools = (self.mother != _UNKNOWN) & (self.father != _UNKNOWN)
        return known

    @property
    def linked(self) -> _Bools:
        """Whether a parent is."""
        linked: _Bools = (self.mother != _UNKNOWN) | (self.father != _UNKNOWN)
        return linked

    def take(self, rows: Ints) -> _Parents:
        return _Parents(self.person_id[rows], self.birth[rows], self.mother[rows], self.father[rows])


def find_siblings(registers: Registers, controls: SiblingControls, cases: CaseList) -> Relatives:
    """The siblings of the cases, and their index dates.

    Full siblings share mother and father, both known. Half-siblings share one parent, and the other parent of either is
    known and is not the same. Who shares one parent with a case while the other parent of one of them is unknown may be
    either, and is neither here. Parents are those whom the register has: for the adopted, as a rule, who adopted them.

    Raises
    ------
    SourceError
        The parents are not delivered.
    """
    of_cases, others = _families(registers, cases)
    i, j = _pairs(others, of_cases)
    case, other = of_cases.take(i), others.take(j)
    sure = case.known & other.known
    mother, father = case.mother == other.mother, case.father == other.father
    full, half = sure & mother & father, sure & (mother != father)
    meant = {False: full, True: full | half, "only": half}[controls.half]

    index = cases.table["index_date"].to_numpy()[i]
    date = index if controls.at == "index date" else other.birth + (index - case.birth)
    kin = Kin(i, other.person_id, half.astype(np.int64), date).only(meant)
    first = _first_year(registers)
    since = of_cases.birth.astype("datetime64[Y]") >= first  # NaT: false for all
    begins = criterion(AttritionRule.BORN_SINCE_PARENTS, begins="" if np.isnat(first) else str(first))
    relation = Criterion(AttritionRule.KIN).of(relation_of(controls))
    by_case = {
        begins: int((since | of_cases.linked).sum()),
        Criterion(AttritionRule.PARENTS): int(of_cases.known.sum()),
        relation: len(np.unique(kin.case)),
    }
    by_person = {
        Criterion(AttritionRule.SHARED_PARENT): len(i),
        Criterion(AttritionRule.PARENTS_OF_BOTH): int(sure.sum()),
        relation: len(kin),
    }
    return Relatives(kin, by_case, by_person)


def find_partners(registers: Registers, cases: CaseList) -> Relatives:
    """The partner of each case on its index date.

    A couple's spell covers the date in the rows of either of the two: where these disagree, an import has told so. A
    couple of whom either has several partners on the date is none here: who was whose partner is not known.
    """
    persons, dates = (cases.table[name].to_numpy() for name in ("person_id", "index_date"))
    person, _, partner = _couples(registers, persons, dates)
    case = row_of(persons, person)
    order = np.lexsort((partner, case))
    case, partner = case[order], partner[order]
    kin = Kin(case, partner, np.full(len(case), 2), dates[case])
    _, first = np.unique(person_day(partner, kin.date), return_index=True)
    back = _couples(registers, partner[first], kin.date[first])
    partners_own = np.isin(person_day(partner, kin.date), _single(person_day(back[0], back[1])))
    alone = kin.only(np.isin(case, _single(case)) & partners_own)
    partner_on_date, one_partner = Criterion(AttritionRule.PARTNER), Criterion(AttritionRule.ONE_PARTNER)
    by_case = {partner_on_date: len(np.unique(case)), one_partner: len(alone)}  # one pair a case
    by_partner = {partner_on_date: len(kin), one_partner: len(alone)}
    return Relatives(alone, by_case, by_partner)


def relation_of(controls: SiblingControls) -> Relation:
    """What these siblings are to the case."""
    by_half = {False: Relation.FULL_SIBLING, True: Relation.ANY_SIBLING, "only": Relation.HALF_SIBLING}
    return by_half[controls.half]


def _couples(registers: Registers, person: Ints, date: Days) -> tuple[Ints, Days, Ints]:
    """Person, date and partner (m,) of all couples whose spell, in the row of either, covers a person's date (n,)."""
    engine, couple = registers.engine, registers["couple"]
    asked = engine.load(_CASES, pa.table({"person_id": person, "index_date": pa.array(date, pa.date32())}))
    turned = couple.select("start", "stop", person_id=couple["partner_id"], partner_id=couple["person_id"])
    rows = engine.collect(ibis.union(_covering(couple, asked), _covering(turned, asked), distinct=True))
    engine.drop(_CASES)
    day = rows["index_date"].to_numpy().astype("datetime64[D]")
    return rows["person_id"].to_numpy(), day, rows["partner_id"].to_numpy()


def _covering(couple: ir.Table, asked: ir.Table) -> ir.Table:
    met = couple.select("person_id", "partner_id", "start", "stop").inner_join(asked, "person_id")
    met = met.filter((met["start"] <= met["index_date"]) & (met["index_date"] < met["stop"]))
    return met.select("person_id", "index_date", "partner_id")


def _single(keys: Ints) -> Ints:
    """The values that occur once."""
    values, number = np.unique(keys, return_counts=True)
    single: Ints = values[number == 1]
    return single


def _first_year(registers: Registers) -> np.datetime64:
    """The parent register's beginning: the first year of birth of which a tenth have a known parent; NaT for none.

    The first year with any known parent would be that of a stray link.
    """
    person = registers["person"].filter(registers["person"]["birth_date"].notnull())
    linked = person["mother_id"].notnull() | person["father_id"].notnull()
    born = person.select(year=person["birth_date"].year().cast("int64"), linked=linked.ifelse(1, 0).cast("int64"))
    counts = born.group_by("year").agg(everyone=born.count().cast("int64"), linked=born["linked"].sum().cast("int64"))
    year, everyone, known = registers.engine.collect(counts.select("year", "everyone", "linked")).columns
    enough = year.to_numpy()[10 * known.to_numpy() >= everyone.to_numpy()]
    return np.datetime64(int(enough.min()) - 1970, "Y") if len(enough) else np.datetime64("NaT", "Y")


def _families(registers: Registers, cases: CaseList) -> tuple[_Parents, _Parents]:
    """The cases in their order, and all who have a parent of theirs."""
    for parent in _FAMILIES:
        if not registers.has("person", parent):
            raise SourceError(
                f"the register of persons has no {parent}, so nobody's siblings are known",
                where=f"person.{parent}",
                remedy="map it in sources.toml, or leave out siblings",
            )
    engine = registers.engine
    person = registers["person"].select("person_id", "birth_date", *_FAMILIES)
    asked = engine.load(_CASES, cases.table.select(["person_id"]))
    of_cases = engine.collect(person.semi_join(asked, "person_id"))
    children = []
    for parent, name in _FAMILIES.items():
        known = np.unique(of_cases[parent].drop_null().to_numpy())
        children.append(person.semi_join(engine.load(name, pa.table({parent: pa.array(known, pa.int64())})), parent))
    others = _Parents.of(engine.collect(ibis.union(*children, distinct=True)))
    engine.drop(_CASES, *_FAMILIES.values())
    rows = _Parents.of(of_cases)
    in_order = rows.take(np.searchsorted(rows.person_id, cases.table["person_id"].to_numpy()))
    return in_order, others


def _pairs(others: _Parents, of_cases: _Parents) -> tuple[Ints, Ints]:
    """Positions (n,), (n,) of each case and each other person with whom it shares a known parent, each pair once."""
    mothers, fathers = _equal(of_cases.mother, others.mother), _equal(of_cases.father, others.father)
    i, j = np.unique(np.concatenate([mothers, fathers], axis=1), axis=1)
    another = of_cases.person_id[i] != others.person_id[j]
    return i[another], j[another]


def _equal(wanted: Ints, keys: Ints) -> Ints:
    """(2, n) the positions of equal values that are known."""
    order = np.argsort(keys, kind="stable")
    low, high = (np.searchsorted(keys[order], wanted, side=side) for side in ("left", "right"))
    count = np.where(wanted == _UNKNOWN, 0, high - low)
    i = np.repeat(np.arange(len(wanted)), count)
    rank = np.arange(len(i)) - np.repeat(np.cumsum(count) - count, count)
    return np.stack([i, order[np.repeat(low, count) + rank]])
