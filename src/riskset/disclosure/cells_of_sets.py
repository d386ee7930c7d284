"""Numbers of matched sets: Table 1, the models of risk, the attrition and the audit, and what links them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from riskset.disclosure.book import Book, Spot
from riskset.disclosure.populations import Counted, Groups, Trait
from riskset.disclosure.system import Key
from riskset.results.comparisons import companions
from riskset.results.set_vocabulary import AttritionPart, AuditCheck, Characteristic, Summary
from riskset.results.vocabulary import Analysis, Contrast, Role
from riskset.spec.study import Study

Row = Mapping[str, Any]
Rows = list[dict[str, Any]]
Sizes = tuple[int | None, int | None, int | None]

CASES, CONTROLS, SETS, INFORMATIVE = "cases", "controls", "sets", "informative sets"
SIDES = (CASES, CONTROLS)


def trait_of(row: Row) -> Trait:
    """By what the people of a row of estimates are told apart."""
    is_exposure = row["role"] == Role.EXPOSURE
    is_level = row["contrast"] in (Contrast.LEVEL, Contrast.VALUE, Contrast.RATIO_OF_RATIOS)
    about = ("exposure" if is_exposure else "covariate") if is_level else str(row["contrast"])
    name = row["exposure"] if is_exposure else row["covariate"]
    return Trait(about, name, row["measure"] if is_exposure else "", row["level"])


class Parts:
    """What the people of each model are called: all of a comparison, the complete ones, those of a stratum."""

    def __init__(self, rows: Rows) -> None:
        self._met: defaultdict[tuple[str, str, str], list[Sizes]] = defaultdict(list)
        self.whole: dict[str, Sizes] = {}
        for row in rows:
            if not row["modifier"] and row["n_sets"] is not None:
                size = self.whole.get(row["comparison"])
                if size is None or (row["n_sets"], row["n_controls"] or 0) > (size[0] or 0, size[2] or 0):
                    self.whole[row["comparison"]] = _sizes(row)

    def of(self, row: Row) -> str:
        """The name of the people of a row, which says nothing of how many they are."""
        if not row["modifier"] and _sizes(row) in (self.whole.get(row["comparison"]), (None, None, None)):
            return ""
        stratum = "" if row["contrast"] in (Contrast.RATIO_OF_RATIOS, Contrast.TEST) else row["stratum"]
        met = self._met[row["comparison"], row["modifier"], stratum]
        if _sizes(row) not in met:
            met.append(_sizes(row))
        number = met.index(_sizes(row)) + 1
        name = f"{row['modifier']} {stratum}".strip() or "complete"
        return name if number == 1 else f"{name} ({number})"


def _sizes(row: Row) -> Sizes:
    return row["n_sets"], row["n_cases"], row["n_controls"]


def risk_rows(estimates: Rows) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of estimates from matched sets, with their numbers."""
    return ((i, row) for i, row in enumerate(estimates) if row["analysis"] == Analysis.RISK)


def gather_sets(book: Book, study: Study, tables: Mapping[str, Rows]) -> None:
    """Write down all numbers of matched sets, and what adds up."""
    estimates = [row for _, row in risk_rows(tables["estimates"])]
    parts = Parts(estimates)
    groups = Groups(book)
    _estimates(groups, parts, tables["estimates"])
    _table_one(groups, tables["table_one"])
    _link_parts(groups, parts, estimates)
    _attrition(groups, tables["attrition"])
    _link_comparisons(groups, study, tables["attrition"])
    groups.align_measures([group for group in groups.levels if group.who in SIDES])
    groups.partition()
    _audit(groups, tables["audit"])


def _estimates(groups: Groups, parts: Parts, estimates: Rows) -> None:
    for i, row in risk_rows(estimates):
        comparison, part, trait = row["comparison"], parts.of(row), trait_of(row)
        # A case a set, as nearly always: then their number is one.
        sets = CASES if row["n_sets"] == row["n_cases"] else SETS
        groups.size(Counted(CASES, comparison, part), row["n_cases"], Spot("estimates", i, "n_cases"))
        groups.size(Counted(sets, comparison, part), row["n_sets"], Spot("estimates", i, "n_sets"))
        groups.size(Counted(CONTROLS, comparison, part), row["n_controls"], Spot("estimates", i, "n_controls"))
        for who, column in (
            (CASES, "n_exposed_cases"),
            (CONTROLS, "n_exposed_controls"),
            (INFORMATIVE, "n_informative"),
        ):
            groups.level(Counted(who, comparison, part), trait, row[column], Spot("estimates", i, column))


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


def _link_parts(groups: Groups, parts: Parts, rows: Rows) -> None:
    """Who stands in a model is some of the comparison; strata make up the model that they part."""
    named = [(row, parts.of(row)) for row in rows]
    unparted = {_model(row): part for row, part in named if not row["modifier"]}
    union = {
        (_model(row), row["modifier"]): part
        for row, part in named
        if row["modifier"] and row["contrast"] in (Contrast.RATIO_OF_RATIOS, Contrast.TEST)
    }
    strata: defaultdict[tuple[str, str], dict[tuple[str, str], list[str]]] = defaultdict(dict)
    within = {(row["comparison"], "", part) for row, part in named if part}
    for row, part in named:
        if not row["modifier"]:
            continue
        above = unparted.get(_model(row), "")
        whole = union.get((_model(row), row["modifier"]), above)
        within |= {(row["comparison"], above, whole)} if whole != above else set()
        if part not in (whole, above):
            for one in dict.fromkeys(("", above, whole)):
                of_model = strata[row["comparison"], one].setdefault((str(_model(row)), row["modifier"]), [])
                of_model += [] if part in of_model else [part]
    nested: list[tuple[str, str, tuple[str, ...]]] = [
        (comparison, outer, (inner,)) for comparison, outer, inner in sorted(within)
    ]
    nested += [
        (comparison, whole, parts)
        for (comparison, whole), of_models in strata.items()
        for parts in dict.fromkeys(tuple(each) for each in of_models.values())
    ]
    groups.nest(nested, SIDES)


def _model(row: Row) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("comparison", "form", "measure", "model_name", "exposure"))


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


def _link_comparisons(groups: Groups, study: Study, attrition: Rows) -> None:
    """The cases of one comparison are some of those of another that has all; a companion has its relatives' cases."""
    pairs = [
        (base.comparison, label, each.comparison) for each in study.controls for base, label in companions(study, each)
    ]
    named = dict.fromkeys(group.comparison for group in groups.totals if group.who == CASES)
    for base, label, relatives in pairs:
        groups.alike(Counted(CASES, relatives), Counted(CASES, label))
        for who in SIDES:
            groups.within(Counted(who, base), Counted(who, label))
    chains = chains_of(attrition)
    ends = chains.get((AttritionPart.CASES, ""), [])
    everybody = ends[-1][1]["remaining"] if ends else None
    companion = {label for _, label, _ in pairs}
    for whole in named:
        key = groups.totals.get(Counted(CASES, whole))
        if key is not None and groups.book.values[key] == everybody:
            for other in (each for each in named if each != whole and each not in companion):
                groups.within(Counted(CASES, whole), Counted(CASES, other))


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
