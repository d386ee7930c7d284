"""The one door by which results leave: tables in, cleared tables out, with a line for each number that stays behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from riskset.disclosure.book import Linked, Spot
from riskset.disclosure.by_code import tells_of_nobody
from riskset.disclosure.cells import gather, rows_of
from riskset.disclosure.coarsening import VALUES, coarsen, curves_left
from riskset.disclosure.idle import without_idle
from riskset.disclosure.over_time import Joined, Numbers, joined
from riskset.disclosure.pattern import Pattern
from riskset.disclosure.policy import Policy, Zero
from riskset.disclosure.presets import is_preset
from riskset.disclosure.rounding_counts import rounded
from riskset.disclosure.rounding_functions import blurred
from riskset.disclosure.series import Before, Series
from riskset.disclosure.suppress import protect
from riskset.disclosure.system import Key, System
from riskset.disclosure.withholding import Withholding
from riskset.errors import DisclosureError
from riskset.results.columns import key_of
from riskset.results.manifest_keys import facts_that_leave
from riskset.results.refitting import Refitting
from riskset.results.released import Released
from riskset.results.tables import KINDS, SCHEMAS
from riskset.results.vocabulary import DiagnosticCode
from riskset.results.withheld import HiddenNumber, WithheldFor


@dataclass(frozen=True)
class Earlier:
    """What earlier releases of a project hold, as far as it concerns this one.

    Attributes
    ----------
    published : numbers of the same study on the same data that have left: what each stands for, both ends included
    withheld : numbers of the same study on the same data that were withheld
    others : the numbers of releases of other data or of another description
    curves : those of each earlier release
    """

    published: Mapping[Key, tuple[int, int]] = field(default_factory=dict)
    withheld: frozenset[Key] = frozenset()
    others: Sequence[Numbers] = ()
    curves: Sequence[Before] = ()


NOTHING = Earlier()
"""Before the first release."""


@dataclass(frozen=True)
class Suppression:
    """A cell that was emptied; never its number.

    Attributes
    ----------
    table, row, column : where it stood
    key : the row in words
    rule : why
    """

    table: str
    row: int
    column: str
    key: str
    rule: WithheldFor


@dataclass(frozen=True)
class Cleared:
    """A run that may leave, once a person has looked at it.

    Attributes
    ----------
    released : what leaves
    policy : whose rules it is cleared by
    log : each cell that was emptied
    linked : all numbers of persons as one system, and where they stand (never leaves)
    pattern : which of them are withheld
    curves : curves without a model, with what leaves of them (never leaves itself)
    """

    released: Released
    policy: Policy
    log: tuple[Suppression, ...]
    linked: Linked
    pattern: Pattern
    curves: tuple[Series, ...]

    @property
    def system(self) -> System:
        return self.linked.system


def stamp_of(policy: Policy) -> str:
    """What every page of an export says of itself; of a policy that is no preset with what it asks, for none can look
    it up."""
    asks = "" if is_preset(policy) else f" ({_asked(policy)})"
    return f"draft by the policy “{policy.name}”{asks}, not cleared"


def _asked(policy: Policy) -> str:
    return ", ".join(f"{name} {_plain(value)}" for name, value in policy.parameters().items() if value is not None)


def _plain(value: object) -> object:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def clear(internal: Released, policy: Policy, earlier: Earlier = NOTHING) -> Cleared:
    """Clear a run's results by the rules of a policy: the only maker of results that are not internal.

    Parameters
    ----------
    earlier : what has been released of the same project before

    Raises
    ------
    DisclosureError
        What is given has been cleared before, or earlier releases have told what cannot be protected any more.
    """
    if not internal.is_internal:
        raise DisclosureError("these results have been cleared before", remedy="release the run's own tables")
    rows = rows_of(internal.tables)
    book = gather(internal.study, rows, policy)
    linked = book.linked(known=earlier.published, kept=earlier.withheld)
    numbers = joined(linked, internal.study.fingerprint, earlier.others, policy)
    linked = numbers.linked
    pattern = protect(without_idle(linked.system, policy), policy)
    if policy.complementary and not pattern.is_safe:
        raise DisclosureError(
            f"{len(pattern.violations)} numbers can be narrowed below the policy, whatever is withheld now",
            remedy="an earlier release tells too much: take it back, or ask who decides",
        )
    held = Withholding(policy, rows)
    for spot, rule in _counts_withheld(numbers, pattern, policy, earlier):
        held.withhold(spot, rule)
    for spot, is_small in book.unstated.items():
        held.withhold(spot, WithheldFor.SMALL if is_small else WithheldFor.UNSTATED)
    for spot in numbers.estimates:
        held.withhold(spot, WithheldFor.TOO_CLOSE)
    coarsen(held, earlier.curves)
    held.follow()
    log = tuple(sorted(_log(held), key=lambda one: (one.table, one.row, one.column)))
    tables = {name: _emptied(held, name) for name in internal.tables}
    released = Released(
        internal.study,
        tables,
        facts_that_leave(internal.manifest),
        stamp_of(policy),
        _marks(held),
        internal.refitting.printed_in(tables["estimates"].to_pylist()) if "estimates" in tables else Refitting(),
    )
    return Cleared(released, policy, log, linked, pattern, tuple(curves_left(held)))


def _counts_withheld(
    numbers: Joined, pattern: Pattern, policy: Policy, earlier: Earlier
) -> Iterator[tuple[Spot, WithheldFor]]:
    spots = numbers.linked.spots
    for cell in numbers.linked.system.cells:
        if cell.key not in pattern.hidden or cell.key not in spots:
            continue
        rule = WithheldFor.COMPLEMENTARY
        if policy.is_small(cell.value):
            rule = WithheldFor.SMALL
        elif cell.key in numbers.close:
            rule = WithheldFor.TOO_CLOSE
        elif cell.key in earlier.withheld:
            rule = WithheldFor.RELEASED_BEFORE
        yield from ((spot, rule) for spot in spots[cell.key])


def _emptied(held: Withholding, name: str) -> pa.Table:
    """A table without what is withheld, its counts rounded where the policy says so, all else to a few digits.

    A point of a curve of which nothing is left has no row: the times of all of them would tell when the last one left.
    """
    rows = [dict(row) for row in held.rows[name]]
    for spot in held.cells:
        if spot.table == name:
            rows[spot.row][spot.column] = None
    rows = [rows[i] for i in _rows_left(held, name)]
    return pa.Table.from_pylist(blurred(name, rounded(name, rows, held.policy)), schema=SCHEMAS[name])


def _marks(held: Withholding) -> dict[str, dict[int, dict[str, HiddenNumber]]]:
    marks: defaultdict[str, defaultdict[int, dict[str, HiddenNumber]]] = defaultdict(lambda: defaultdict(dict))
    places = {name: {row: i for i, row in enumerate(_rows_left(held, name))} for name in held.rows}
    for spot, rule in held.cells.items():
        if spot.row in places[spot.table]:
            marks[spot.table][places[spot.table][spot.row]][spot.column] = HiddenNumber(rule)
    return {table: dict(rows) for table, rows in marks.items()}


def _rows_left(held: Withholding, name: str) -> list[int]:
    """The rows of a table that leave: all, but points of curves of which nothing is left.

    Where nobody may not be known either, no diagnostic leaves that would tell it by standing there.
    """
    rows = held.rows[name]
    if name == "curves":
        return [i for i in range(len(rows)) if any(_is_left(held, i, column) for column in VALUES)]
    if name == "diagnostics" and held.policy.zero is Zero.WITHHELD:
        return [i for i, row in enumerate(rows) if not _tells_of_nobody(held, i, row)]
    return list(range(len(rows)))


def _tells_of_nobody(held: Withholding, i: int, row: Mapping[str, Any]) -> bool:
    is_withheld = Spot("diagnostics", i, "value") in held.cells
    return tells_of_nobody(DiagnosticCode(row["code"]), is_withheld=is_withheld)


def _is_left(held: Withholding, i: int, column: str) -> bool:
    return held.rows["curves"][i][column] is not None and Spot("curves", i, column) not in held.cells


POINTS = "points"
"""In the place of a column, in the log: of points of a curve of which nothing is left."""


def _log(held: Withholding) -> Iterator[Suppression]:
    left = {name: set(_rows_left(held, name)) for name in held.rows}
    series = set()
    for spot, rule in (*held.cells.items(), *held.notes.items()):
        row = held.rows[spot.table][spot.row]
        if spot.row not in left[spot.table] and spot.table != "curves":
            continue  # a line would tell of it, too
        if spot.row in left[spot.table]:
            yield Suppression(spot.table, spot.row, spot.column, in_words(spot.table, row), rule)
        elif (words := in_words(spot.table, row | {"time": None})) not in series:
            series.add(words)
            yield Suppression(spot.table, spot.row, POINTS, words, rule)


def in_words(table: str, row: Mapping[str, Any]) -> str:
    """The key of a row, as a log has it."""
    return "; ".join(f"{name}: {row[name]}" for name in key_of(KINDS[table]) if row[name] not in ("", None))
