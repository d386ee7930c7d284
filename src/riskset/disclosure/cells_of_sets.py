"""Numbers of matched sets: Table 1, models that leave nobody out, the attrition and the audit, and what links them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from riskset.disclosure.book import Book, Spot
from riskset.disclosure.cells_of_models import Models
from riskset.disclosure.cells_of_pairs import PAIRS, put_pairs
from riskset.disclosure.people_of_rows import (
    CASES,
    CONTROLS,
    SETS,
    SIDES,
    Parts,
    Rows,
    is_own,
    risk_rows,
    stratum_name,
    trait_of,
)
from riskset.disclosure.populations import Counted, Groups, Trait
from riskset.disclosure.system import Key
from riskset.results.comparisons import companions
from riskset.results.set_vocabulary import AttritionPart, AuditCheck, Characteristic, Summary
from riskset.spec.study import Study


def gather_sets(book: Book, study: Study, tables: Mapping[str, Rows]) -> Groups:
    """Write down all numbers of matched sets, and what adds up; who is counted, at which levels."""
    estimates = [row for _, row in risk_rows(tables["estimates"])]
    parts = Parts(estimates, _sets_described(tables["table_one"]))
    groups = Groups(book)
    _table_one(groups, tables["table_one"])
    _estimates(groups, parts, tables["estimates"])
    models = Models(groups, parts, tables["estimates"])
    models.put()
    groups.complete()
    _link_strata(groups, parts)
    models.link()
    _attrition(groups, tables["attrition"])
    _link_comparisons(groups, study)
    groups.align_measures([group for group in groups.levels if group.who in SIDES])
    groups.partition()
    _audit(groups, tables["audit"])
    return groups


def _estimates(groups: Groups, parts: Parts, estimates: Rows) -> None:
    for i, row in risk_rows(estimates):
        part = parts.of(row)
        if part is None:
            continue
        comparison, trait = row["comparison"], trait_of(row)
        # A case a set, as nearly always: then their number is one.
        sets = CASES if row["n_sets"] == row["n_cases"] else SETS
        groups.size(Counted(CASES, comparison, part), row["n_cases"], Spot("estimates", i, "n_cases"))
        groups.size(Counted(sets, comparison, part), row["n_sets"], Spot("estimates", i, "n_sets"))
        groups.size(Counted(CONTROLS, comparison, part), row["n_controls"], Spot("estimates", i, "n_controls"))
        for who, column in ((CASES, "n_exposed_cases"), (CONTROLS, "n_exposed_controls")):
            groups.level(Counted(who, comparison, part), trait, row[column], Spot("estimates", i, column))
        put_pairs(groups, i, row, part, trait)


def _table_one(groups: Groups, table_one: Rows) -> None:
    for i, row in enumerate(table_one):
        about = Characteristic(row["about"])
        for who, column in ((CASES, "cases_n"), (CONTROLS, "controls_n")):
            if row[column] is None:
                continue
            if about is Characteristic.SET_SIZE:
                who = SETS
            name = row["variable"] or row["exposure"]
            level = row["level"] if row["kind"] == Summary.SHARE else "(known)"
            spot = Spot("table_one", i, column)
            groups.level(
                Counted(who, row["comparison"]), Trait(str(about), name, row["measure"], level), row[column], spot
            )
            share = column.replace("_n", "_value")
            if row["kind"] == Summary.SHARE and row[share]:  # a number and its share give the number of all
                side = CASES if who == SETS else who
                groups.size(
                    Counted(side, row["comparison"]), round(row[column] / row[share]), Spot("table_one", i, share)
                )
    for comparison in dict.fromkeys(row["comparison"] for row in table_one):
        _set_sizes(groups, comparison)


def _sets_described(table_one: Rows) -> dict[str, int]:
    sets: defaultdict[str, int] = defaultdict(int)
    for row in table_one:
        if row["about"] == Characteristic.SET_SIZE and row["kind"] == Summary.SHARE:
            sets[row["comparison"]] += row["cases_n"] or 0
    return dict(sets)


def _set_sizes(groups: Groups, comparison: str) -> None:
    """Controls are added up from sets of one control, of two, …; sets are as many as cases."""
    sizes = {
        trait: key
        for trait, key in groups.levels[Counted(SETS, comparison)].items()
        if trait.about == Characteristic.SET_SIZE and trait.level.isdigit()
    }
    cases, controls = groups.totals.get(Counted(CASES, comparison)), groups.totals.get(Counted(CONTROLS, comparison))
    if cases is not None:
        groups.book.add_up(cases, sizes.values(), (SETS, comparison, "(of no size)"))
    if controls is not None:
        times = [int(trait.level) for trait in sizes]
        groups.book.add_up(controls, sizes.values(), (CONTROLS, comparison, "(in no set)"), times=times)


def _link_strata(groups: Groups, parts: Parts) -> None:
    """Strata make up all of a comparison; where Table 1 has the modifier, they are its levels."""
    for (comparison, modifier), strata in parts.strata.items():
        for stratum, (n_sets, _, n_controls) in strata.items():
            _controls_of_sets(groups, comparison, stratum_name(modifier, stratum), n_sets, n_controls)
        for who in (*SIDES, *PAIRS):
            everybody = Counted(who, comparison)
            members = {stratum: Counted(who, comparison, stratum_name(modifier, stratum)) for stratum in strata}
            groups.together(everybody, tuple(members.values()))
            for stratum, group in members.items():
                level = groups.levels[everybody].get(Trait(str(Characteristic.COVARIATE), modifier, "", stratum))
                if level is not None and group in groups.totals and who in SIDES:
                    groups.book.add_up(level, [groups.totals[group]], (*level, "(in no such stratum)"))


def _controls_of_sets(groups: Groups, comparison: str, part: str, n_sets: int | None, n_controls: int | None) -> None:
    """Where every set has as many controls, a stratum has so many times its sets; else how many is not stated."""
    sizes = {trait.level for trait in groups.levels[Counted(SETS, comparison)]}
    controls, sets = (groups.totals.get(Counted(who, comparison, part)) for who in (CONTROLS, CASES))
    if controls is None or not n_sets or n_controls is None:
        return
    if sets is not None and len(sizes) == 1 and n_controls % n_sets == 0:
        groups.book.sums.append({controls: 1, sets: -(n_controls // n_sets)})
    else:
        groups.book.conceal(controls)


def _attrition(groups: Groups, attrition: Rows) -> None:
    """What a rule removes and leaves is what was there before it; chains of rules begin where others end."""
    chains = chains_of(attrition)
    book = groups.book
    ends: dict[tuple[str, str], tuple[Key, Key]] = {}
    for (part, comparison), steps in chains.items():
        keys: list[Key] = []
        for i, row in steps:
            base = ("attrition", part, comparison, str(row["step"]))
            remaining = book.put((*base, "left"), row["remaining"], Spot("attrition", i, "remaining"), weight=2.0)
            removed = book.put((*base, "removed"), row["removed"], Spot("attrition", i, "removed"))
            if keys:
                book.add_up(keys[-1], [remaining, removed], (*base, "(neither)"))
            keys.append(remaining)
        ends[part, comparison] = keys[0], keys[-1]
    cases = ends.get((AttritionPart.CASES, ""))
    if cases:  # of a comparison that has them all
        for group, everybody in groups.totals.items():
            if group.who == CASES and not group.part:
                book.same(cases[1], everybody)
    for (part, comparison), (first, last) in ends.items():
        if cases and part in (AttritionPart.CONTROLS, AttritionPart.CASES_WITH_RELATIVES, AttritionPart.PROGNOSIS):
            book.same(cases[1], first)
        who = CONTROLS if part == AttritionPart.RELATIVES else CASES
        of_set = groups.totals.get(Counted(who, comparison))
        whole = ("patients", CASES, "") if part == AttritionPart.PROGNOSIS else of_set
        if whole is not None and book.value(whole) is not None:
            book.same(last, whole)


def chains_of(attrition: Rows) -> dict[tuple[str, str], list[tuple[int, dict[str, Any]]]]:
    """The steps of each chain of rules, in order, with the numbers of their rows."""
    chains: defaultdict[tuple[str, str], list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for i, row in enumerate(attrition):
        chains[row["part"], row["comparison"]].append((i, row))
    return {name: sorted(steps, key=lambda step: step[1]["step"]) for name, steps in chains.items()}


def _link_comparisons(groups: Groups, study: Study) -> None:
    """The cases of a comparison are some of those of the largest; a companion has its relatives' cases."""
    pairs = [
        (base.comparison, label, each.comparison)
        for each in study.controls
        for base, label in companions(study.controls, each)
    ]
    companion = {label for _, label, _ in pairs}
    cases: defaultdict[str, list[Counted]] = defaultdict(list)
    for group in groups.totals:
        if group.who == CASES and group.comparison not in companion and not is_own(group.part):
            cases[group.part].append(group)
    for part, of_part in cases.items():
        for base, label, relatives in pairs:
            groups.alike(Counted(CASES, relatives, part), Counted(CASES, label, part))
            for who in SIDES:
                groups.within(Counted(who, base, part), Counted(who, label, part))
        largest = max(of_part, key=lambda group: groups.book.values[groups.totals[group]])
        for group in of_part:
            groups.within(largest, group)
        if not part:
            groups.prefer(Counted(who, largest.comparison) for who in SIDES)


def _audit(groups: Groups, audit: Rows) -> None:
    """What a check found, and among how many: members, controls, sets or cases, by which number it is."""
    book = groups.book
    for i, row in enumerate(audit):
        comparison, base = row["comparison"], ("audit", row["comparison"], row["check"], row["subject"])
        cases, controls = (groups.totals.get(Counted(who, comparison)) for who in SIDES)
        among = book.put((*base, "of"), row["of"], Spot("audit", i, "of"))
        count = book.put((*base, "count"), row["count"], Spot("audit", i, "count"))
        if row["count"]:
            book.add_up(among, [count], (*base, "(others)"))
        for total in (controls, cases):
            if total is not None:
                book.same(among, total)
        if cases is not None and controls is not None and row["of"] == book.values[cases] + book.values[controls]:
            book.sums.append({among: 1, cases: -1, controls: -1})
        if row["check"] == AuditCheck.CONTROL_IN_SEVERAL_SETS and controls is not None and row["count"]:
            book.add_up(controls, [among], (*base, "(again)"))
        if row["check"] == AuditCheck.CASE_WITHOUT_SET and cases is not None:
            book.add_up(among, [count, cases], (*base, "(neither)"))
        if row["check"] == AuditCheck.SHORT_SET:
            _short_sets(groups, comparison, count)


def _short_sets(groups: Groups, comparison: str, count: Key) -> None:
    """Sets with fewer controls than asked are those of the small sizes."""
    sizes = groups.levels[Counted(SETS, comparison)]
    ordered = sorted(
        (int(t.level), key) for t, key in sizes.items() if t.about == Characteristic.SET_SIZE and t.level.isdigit()
    )
    small: list[Key] = []
    for _, key in ordered:
        small.append(key)
        if sum(groups.book.values[one] for one in small) == groups.book.values[count]:
            groups.book.add_up(count, small, (*count, "(rest)"))
            return
