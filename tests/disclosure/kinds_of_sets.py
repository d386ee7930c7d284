"""A study counted from its sets, one by one: every number of its tables is a sum over kinds of sets.

A set is a case, one or two people from the population and, often, a sibling; its kind says of each whether the medicine
was used, whether the education is known and which, and the sex. Whoever knows all definitions knows that each number is
a sum of the numbers of sets of each kind, and nothing else: the attacker of ``test_kinds_of_sets`` needs no list of
what is linked to what, and so finds links of which nobody has thought.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskset.disclosure.book import Spot
from riskset.results.columns import table_of
from riskset.results.released import Released
from riskset.results.rows import Described, Diagnostic, Estimate
from riskset.results.set_vocabulary import Characteristic, Summary
from riskset.results.vocabulary import (
    Analysis,
    Contrast,
    DiagnosticCode,
    Family,
    Form,
    Model,
    Role,
    Scale,
    Who,
)
from tests.report.released import make_study

CLASS, USES = "anxiolytics", ("never", "lag only", "ever")
COMPARISONS = ("population", "siblings")
UNKNOWN = "unknown"


class Person(NamedTuple):
    """What is known of a member of a set."""

    use: str
    education: str
    sex: str


class Kind(NamedTuple):
    """Of what kind a set is."""

    case: Person
    controls: tuple[Person, ...]
    siblings: tuple[Person, ...]

    def others(self, comparison: str) -> tuple[Person, ...]:
        """Whom the case is compared with."""
        return self.controls if comparison == "population" else self.siblings


Asked = Callable[[Kind], int]
"""How often a kind of set is counted."""


@dataclass(frozen=True, repr=False)
class Sets:
    """So many sets of each kind, and the numbers of the tables as sums over kinds.

    Attributes
    ----------
    kinds : all that there may be
    many : of each kind
    released : the tables of their study
    sums : where a number stands → how often it counts each kind
    """

    kinds: Sequence[Kind]
    many: NDArray[np.int64]
    released: Released
    sums: Mapping[Spot, NDArray[np.float64]]


def kinds_of(
    uses: Sequence[str], educations: Sequence[str], sexes: Sequence[str], sizes: Sequence[int] = (1,)
) -> list[Kind]:
    """All kinds of sets of people with these values, with so many controls."""
    people = [Person(*each) for each in itertools.product(uses, educations, sexes)]
    controls = [each for size in sizes for each in itertools.combinations_with_replacement(people, size)]
    siblings: list[tuple[Person, ...]] = [(), *((person,) for person in people)]
    return [Kind(*each) for each in itertools.product(people, controls, siblings)]


def sets_of(kinds: Sequence[Kind], many: NDArray[np.int64], comparisons: Sequence[str] = COMPARISONS) -> Sets:
    """The tables of a study with so many sets of each kind."""
    counting = _Counting(kinds, many)
    described: list[Described] = []
    estimates: list[Estimate] = []
    diagnostics: list[Diagnostic] = []
    for comparison in comparisons:
        described += _table_one(counting, comparison, len(described))
        estimates += _estimates(counting, comparison, len(estimates))
        diagnostics += _diagnostics(counting, comparison, len(diagnostics))
    tables = {
        "table_one": table_of(described, Described),
        "estimates": table_of(estimates, Estimate),
        "diagnostics": table_of(diagnostics, Diagnostic),
    }
    return Sets(kinds, many, Released(make_study(comparisons=comparisons), tables, {}), counting.sums)


class _Counting:
    def __init__(self, kinds: Sequence[Kind], many: NDArray[np.int64]) -> None:
        self.kinds, self.many = kinds, many
        self.sums: dict[Spot, NDArray[np.float64]] = {}

    def count(self, asked: Asked, *spots: Spot) -> int:
        """How many are asked for, and that this number stands there."""
        are = np.array([int(asked(kind)) for kind in self.kinds], float)
        self.sums |= dict.fromkeys(spots, are)
        return int(are @ self.many)


def _is_in(comparison: str) -> Asked:
    return lambda kind: bool(kind.others(comparison))


def _people(kinds: Sequence[Kind]) -> set[Person]:
    return {person for kind in kinds for person in (kind.case, *kind.controls, *kind.siblings)}


def _table_one(counting: _Counting, comparison: str, first: int) -> Iterator[Described]:
    people = _people(counting.kinds)
    n = counting.count(_is_in(comparison))
    m = counting.count(lambda kind: len(kind.others(comparison)))
    row = itertools.count(first)

    def line(about: Characteristic, asked: Callable[[Person], bool], **place: Any) -> Described:
        i = next(row)
        cases = counting.count(
            lambda kind: _is_in(comparison)(kind) and asked(kind.case), Spot("table_one", i, "cases_n")
        )
        controls = counting.count(
            lambda kind: sum(map(asked, kind.others(comparison))), Spot("table_one", i, "controls_n")
        )
        shares = {"cases_value": cases / n, "controls_value": controls / m} if n else {}
        counts = {"cases_n": cases, "controls_n": controls}
        return Described(comparison=comparison, about=about, kind=Summary.SHARE, **counts, **shares, **place)

    for size in sorted({len(kind.others(comparison)) for kind in counting.kinds} - {0}):
        i = next(row)
        of_size = counting.count(
            lambda kind, size=size: len(kind.others(comparison)) == size,  # type: ignore[misc]
            Spot("table_one", i, "cases_n"),
        )
        yield Described(
            comparison=comparison,
            about=Characteristic.SET_SIZE,
            level=str(size),
            kind=Summary.SHARE,
            cases_n=of_size,
            cases_value=of_size / n if n else None,
        )
    for name in ("education", "sex"):
        for level in sorted({getattr(person, name) for person in people}):
            yield line(
                Characteristic.COVARIATE,
                lambda person, name=name, level=level: getattr(person, name) == level,  # type: ignore[misc]
                variable=name,
                level=level,
            )
    for level in [use for use in USES[1:] if any(person.use == use for person in people)]:
        yield line(
            Characteristic.EXPOSURE,
            lambda person, level=level: person.use == level,  # type: ignore[misc]
            exposure=CLASS,
            measure="ever",
            level=level,
        )


def _estimates(counting: _Counting, comparison: str, first: int) -> Iterator[Estimate]:
    """A crude and an adjusted model, of whom each stratum of sex is a part, and the test of both strata."""
    people = _people(counting.kinds)
    levels = [use for use in USES[1:] if any(person.use == use for person in people)]
    sexes = sorted({person.sex for person in people})
    row = itertools.count(first)

    def known(kind: Kind) -> tuple[Person, ...]:
        is_known = kind.case.education != UNKNOWN
        return tuple(one for one in kind.others(comparison) if one.education != UNKNOWN) if is_known else ()

    for form, others in ((Form.CRUDE, lambda kind: kind.others(comparison)), (Form.ADJUSTED, known)):
        model = Model(Analysis.RISK, Family.CONDITIONAL_LOGISTIC, form, "ever")
        for level in levels:
            yield _estimate(counting, next(row), model, comparison, level, others)
            for sex in sexes if len(sexes) > 1 else ():
                yield _estimate(counting, next(row), model, comparison, level, others, sex=sex)
        if len(sexes) > 1:
            yield _test(counting, next(row), model, comparison, others)
        if form is Form.ADJUSTED:
            yield _of_covariate(counting, next(row), model, comparison, others)


Others = Callable[[Kind], tuple[Person, ...]]
"""Whom a model compares the case with; nobody where the set is not in it."""


def _counts(counting: _Counting, i: int, others: Others, asked: Callable[[Person], bool]) -> dict[str, int]:
    def spots(*names: str) -> list[Spot]:
        return [Spot("estimates", i, name) for name in names]

    def differ(kind: Kind) -> bool:
        return len({asked(person) for person in (kind.case, *others(kind))}) > 1 if others(kind) else False

    n = counting.count(lambda kind: bool(others(kind)), *spots("n_sets", "n_cases"))
    return {
        "n_sets": n,
        "n_cases": n,
        "n_controls": counting.count(lambda kind: len(others(kind)), *spots("n_controls")),
        "n_exposed_cases": counting.count(
            lambda kind: bool(others(kind)) and asked(kind.case), *spots("n_exposed_cases")
        ),
        "n_exposed_controls": counting.count(lambda kind: sum(map(asked, others(kind))), *spots("n_exposed_controls")),
        "n_informative": counting.count(differ, *spots("n_informative")),
    }


def _estimate(
    counting: _Counting, i: int, model: Model, comparison: str, level: str, others: Others, *, sex: str = ""
) -> Estimate:
    def is_at(person: Person) -> bool:
        return person.use == level

    def of_stratum(kind: Kind) -> tuple[Person, ...]:
        return others(kind) if sex in ("", kind.case.sex) else ()

    def pairs(name: str, case: bool, control: bool) -> int:
        def asked(kind: Kind) -> bool:
            other = of_stratum(kind)
            return len(other) == 1 and (is_at(kind.case), is_at(other[0])) == (case, control)

        return counting.count(asked, *([Spot("pairs", i, name)] if are_pairs else []))

    # A model of larger sets, or with covariates, is no function of these numbers.
    are_pairs = model.form is Form.CRUDE and all(len(kind.others(comparison)) < 2 for kind in counting.kinds)
    counts = _counts(counting, i, of_stratum, is_at)
    b, c = pairs("case alone", True, False), pairs("control alone", False, True)
    pairs("both", True, True)
    pairs("neither", False, False)
    ratio: dict[str, Any] = {"estimate": log(b / c), "std_error": sqrt(1 / b + 1 / c)} if b and c else {}
    return Estimate(
        model=model, comparison=comparison, exposure=CLASS, level=level, scale=Scale.LOG_OR,
        modifier="sex" if sex else "", stratum=sex, **counts, **ratio,
    )  # fmt: skip


def _test(counting: _Counting, i: int, model: Model, comparison: str, others: Others) -> Estimate:
    """Its numbers are of all levels of use together."""
    counts = _counts(counting, i, others, lambda person: person.use != USES[0])
    return Estimate(
        model=model, comparison=comparison, exposure=CLASS, level="ever", scale=Scale.LOG_ROR, contrast=Contrast.TEST,
        modifier="sex", **counts,
    )  # fmt: skip


def _of_covariate(counting: _Counting, i: int, model: Model, comparison: str, others: Others) -> Estimate:
    counts = _counts(counting, i, others, lambda person: person.education == "high")
    return Estimate(
        model=model, comparison=comparison, role=Role.COVARIATE, covariate="education", level="high",
        scale=Scale.LOG_OR, **counts,
    )  # fmt: skip


def _diagnostics(counting: _Counting, comparison: str, first: int) -> Iterator[Diagnostic]:
    """How many are left out of the adjusted model."""
    model = Model(Analysis.RISK, Family.CONDITIONAL_LOGISTIC, Form.ADJUSTED, "ever")
    for i, (who, asked) in enumerate(
        (
            (Who.CASES, lambda kind: bool(kind.others(comparison)) and kind.case.education == UNKNOWN),
            (Who.CONTROLS, lambda kind: sum(one.education == UNKNOWN for one in kind.others(comparison))),
        ),
        first,
    ):
        found = counting.count(asked, Spot("diagnostics", i, "value"))
        yield Diagnostic(
            model=model, comparison=comparison, code=DiagnosticCode.UNKNOWN_COVARIATE, who=who, covariate="education",
            value=float(found),
        )  # fmt: skip
