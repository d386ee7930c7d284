"""Numbers of models that leave somebody out, which stand in no release: what the stated numbers say of them.

A model leaves out who has an unknown covariate, and a test puts levels together. Their counts are not stated, but of
twenty pairs of which twelve cases and eleven controls have a known covariate at least three have both: whoever adds up
has bounds of each. So they are numbers like any other here, and those that are stated are withheld for them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from riskset.disclosure.cells_of_pairs import PAIRS, put_pairs
from riskset.disclosure.people_of_rows import (
    CASES,
    CONTROLS,
    OWN,
    SETS,
    SIDES,
    Parts,
    Row,
    Rows,
    is_own,
    own_people,
    people_of,
    risk_rows,
    stratum_name,
    trait_of,
)
from riskset.disclosure.populations import REFERENCE, Counted, Groups, Trait
from riskset.disclosure.system import Key
from riskset.results.set_vocabulary import Characteristic
from riskset.results.vocabulary import Contrast, Role
from riskset.spec.levels import UNKNOWN

ANY = " (any level)"
"""How the measure of those ends who are at any of its levels, whom a test compares with the reference."""
INFORMATIVE = OWN + "that are informative"


class Models:
    """The people of each model that leaves somebody out.

    Parameters
    ----------
    groups : the stated numbers of matched sets, to which theirs are added
    parts : of which people a row is
    estimates : all of the run
    """

    def __init__(self, groups: Groups, parts: Parts, estimates: Rows) -> None:
        self._groups, self._book = groups, groups.book
        asked = (Contrast.LEVEL, Contrast.VALUE, Contrast.TEST)
        self._rows = [
            (i, row) for i, row in risk_rows(estimates) if row["contrast"] in asked and row["n_cases"] is not None
        ]
        first = {people_of(row): own_people(row) for _, row in reversed(self._rows)}
        self._people = {i: first[people_of(row)] if (part := parts.of(row)) is None else part for i, row in self._rows}
        self._covariates: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        for _, row in self._rows:
            if row["role"] == Role.COVARIATE:
                self._covariates[_model(row)].add(row["covariate"])

    def _of_models(self) -> Iterator[tuple[int, Row, str]]:
        """Rows of people of whom no number is stated, with what these are called."""
        return ((i, row, self._people[i]) for i, row in self._rows if is_own(self._people[i]))

    def put(self) -> None:
        """Write their numbers down."""
        for i, row, people in self._of_models():
            comparison, trait = row["comparison"], _trait(row)
            for who, of_all, exposed in (
                (CASES, "n_cases", "n_exposed_cases"),
                (CONTROLS, "n_controls", "n_exposed_controls"),
            ):
                self._groups.size(Counted(who, comparison, people), row[of_all])
                self._groups.level(Counted(who, comparison, people), trait, row[exposed])
            put_pairs(self._groups, i, row, people, trait)

    def link(self) -> None:
        """They are some of those that are stated, and lack few but those with an unknown covariate."""
        one_of = {(row["comparison"], people): row for _, row, people in self._of_models()}
        for (comparison, people), row in one_of.items():
            for who in (*SIDES, *PAIRS):
                self._groups.within(Counted(who, comparison, self._whole(row)), Counted(who, comparison, people))
                self._any(Counted(who, comparison, people))
            self._sizes(comparison, people)
            if not row["modifier"]:
                self._lost(row, people)
        for i, row in self._rows:
            self._informative(row, self._people[i])

    def _any(self, group: Counted) -> None:
        """Who is at any level is at one of them."""
        levels = self._groups.levels[group]
        for trait, key in levels.items():
            if trait.measure.endswith(ANY):
                kind = (trait.about, trait.name, trait.measure.removesuffix(ANY))
                parts = [one for t, one in levels.items() if t.kind == kind and t.level != REFERENCE]
                self._book.add_up(key, parts, (*key, "(none of them)"))

    def _whole(self, row: Row) -> str:
        """The part of a comparison of which the people of a row are some."""
        part = stratum_name(row["modifier"], row["stratum"]) if row["stratum"] else ""
        return part if Counted(CASES, row["comparison"], part) in self._groups.totals else ""

    def _controls_a_set(self, comparison: str) -> tuple[int, int]:
        """The fewest and the most; nought where it is not described."""
        traits = self._groups.levels[Counted(SETS, comparison)]
        sizes = [int(t.level) for t in traits if t.about == Characteristic.SET_SIZE and t.level.isdigit()]
        return min(sizes, default=0), max(sizes, default=0)

    def _sizes(self, comparison: str, people: str) -> None:
        """A set has a control, and no more than there were."""
        _, most = self._controls_a_set(comparison)
        cases, controls = (self._groups.totals.get(Counted(who, comparison, people)) for who in SIDES)
        if cases is None or controls is None or not most:
            return
        self._book.at_least({controls: 1, cases: -1}, (*controls, "(one a set)"))
        self._book.at_least({cases: most, controls: -1}, (*controls, "(as many as there were)"))

    def _lost(self, row: Row, people: str) -> None:
        """A set is lost with its case, or with all of its controls; a control with itself, or with its case."""
        comparison = row["comparison"]
        fewest, most = self._controls_a_set(comparison)
        cases, controls = (list(self._unknown(who, row)) for who in SIDES)
        sizes = [self._groups.totals.get(Counted(who, comparison, part)) for who in SIDES for part in ("", people)]
        n, left, m, controls_left = sizes
        if n is None or left is None or m is None or controls_left is None or not fewest:
            return
        by_case, by_control = dict.fromkeys(cases, fewest), dict.fromkeys(controls, 1)
        self._book.at_least({**by_case, **by_control, n: -fewest, left: fewest}, (*left, "(lost)"))
        by_case = dict.fromkeys(cases, most)
        self._book.at_least({**by_case, **by_control, m: -1, controls_left: 1}, (*controls_left, "(lost)"))
        for whole, inside, unknown in ((n, left, cases), (m, controls_left, controls)):
            for key in unknown:
                self._book.at_least({whole: 1, inside: -1, key: -1}, (*inside, *key, "(lost)"))

    def _unknown(self, who: str, row: Row) -> Iterator[Key]:
        """The numbers of people with an unknown value of each covariate of the row's model."""
        levels = self._groups.levels[Counted(who, row["comparison"])]
        for name in sorted(self._covariates[_model(row)]):
            key = levels.get(Trait(str(Characteristic.COVARIATE), name, "", UNKNOWN))
            if key is not None:
                yield key

    def _informative(self, row: Row, part: str) -> None:
        """Sets whose members differ, of larger sets than pairs: bounded by how many of each side are at the level."""
        comparison, differ, trait = row["comparison"], row["n_informative"], _trait(row)
        fewest, most = self._controls_a_set(comparison)
        levels = [self._groups.levels[Counted(who, comparison, part)].get(trait) for who in SIDES]
        sizes = [self._groups.totals.get(Counted(who, comparison, part)) for who in SIDES]
        cases, controls, n, m = (*levels, *sizes)
        if differ is None or most < 2 or cases is None or controls is None or n is None or m is None:
            return
        key = self._book.put((INFORMATIVE, comparison, part, *trait), differ)
        self._book.at_least({cases: 1, controls: 1, key: -1}, (*key, "(one is at the level)"))
        self._book.at_least({n: 1, m: 1, cases: -1, controls: -1, key: -1}, (*key, "(one is not)"))
        self._book.at_least({key: most, cases: most, controls: -1}, (*key, "(more controls)"))
        self._book.at_least({key: fewest, cases: -fewest, controls: 1}, (*key, "(more cases)"))


def _trait(row: Row) -> Trait:
    trait = trait_of(row)
    return trait._replace(measure=trait.measure + ANY, level="") if row["contrast"] == Contrast.TEST else trait


def _model(row: Row) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("comparison", "form", "measure", "model_name"))
