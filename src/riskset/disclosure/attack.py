"""What a reader who knows every shown number and every sum can and cannot tell apart, in exact whole numbers.

The true numbers are known here, so an attack is put in **shifts**: whole numbers to be added to the true ones such that
every sum still holds, every shown number stays what a reader takes it for, and nothing leaves what is known beforehand.
Whoever reads the release cannot tell the true numbers from the shifted ones. So a shift that moves a cell to some value
**proves** that this value stays possible. A solver only proposes shifts; whether one holds is decided by whole-number
arithmetic. A solver that errs or gives up can make a cell look less protected than it is, never more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import gcd

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, hstack
from scipy.sparse.csgraph import connected_components

from riskset.disclosure.policy import Policy
from riskset.disclosure.quiet import quiet
from riskset.disclosure.system import ONE, System
from riskset.microdata import Microdata

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

FAR = 10**6
"""A cell is taken to have at most so much room to either side. A reader has more, so what is proved holds."""

NODES = 2000
"""Nodes of the search for one shift; a number of seconds would give other results on other machines."""


@dataclass(frozen=True)
class Demand:
    """What must stay possible for one primary cell, counted from its true value.

    Attributes
    ----------
    cell : its place
    amounts : the shifts that must all be possible, other than 0; the outermost first: what proves these often proves
        those between
    """

    cell: int
    amounts: tuple[int, ...]

    @property
    def ends(self) -> tuple[int, ...]:
        """The outermost shifts down and up, where there are such."""
        return tuple(a for a in (min(self.amounts, default=0), max(self.amounts, default=0)) if a)

    @property
    def width(self) -> int:
        """From the outermost shift down to that up."""
        return max(self.amounts, default=0) - min(self.amounts, default=0)


def outermost_first(amounts: Iterable[int]) -> tuple[int, ...]:
    """Shifts other than 0 in the order in which they are to be proved."""
    return tuple(sorted((a for a in amounts if a), key=lambda a: (-abs(a), a)))


@dataclass(frozen=True, eq=False, repr=False)
class Attack(Microdata):
    """The numbers of a system, or of a part of it that hangs together, as an attack sees them.

    Attributes
    ----------
    matrix : coefficients, a row an equation, int64, shape (m, n)
    withheld_down, withheld_up : room of each cell if it is withheld, shape (n,)
    shown_down, shown_up : room if it is shown: 0, or what rounding leaves, shape (n,)
    forced : cells that are withheld in any case, shape (n,)
    fixed : cells that can no longer be withheld, shape (n,)
    cost : what it costs to withhold each, above 0, shape (n,)
    demands : what must stay possible
    """

    matrix: csr_matrix
    withheld_down: Integers
    withheld_up: Integers
    shown_down: Integers
    shown_up: Integers
    forced: Flags
    fixed: Flags
    cost: NDArray[np.float64]
    demands: tuple[Demand, ...]

    def rooms(self, hidden: Flags) -> tuple[Integers, Integers]:
        """How far each cell can be moved down and up, given what is withheld."""
        down = np.where(hidden, self.withheld_down, self.shown_down)
        return down, np.where(hidden, self.withheld_up, self.shown_up)

    def part(self, cells: Integers) -> Attack:
        """The attack on some of the cells; no equation may hold others that have room."""
        place = {int(cell): i for i, cell in enumerate(cells)}
        matrix = self.matrix[:, cells]
        return Attack(
            matrix[np.diff(matrix.indptr) > 0],
            self.withheld_down[cells],
            self.withheld_up[cells],
            self.shown_down[cells],
            self.shown_up[cells],
            self.forced[cells],
            self.fixed[cells],
            self.cost[cells],
            tuple(Demand(place[d.cell], d.amounts) for d in self.demands if d.cell in place),
        )

    def components(self, able: Flags) -> list[Integers]:
        """The places of the cells with some property, in groups that no equation links."""
        places = np.flatnonzero(able)
        labels = linked(self.matrix[:, places])
        order = np.argsort(labels, kind="stable")
        cuts = np.flatnonzero(np.diff(labels[order])) + 1
        return [places[group] for group in np.split(order, cuts)] if len(places) else []


def attack_on(system: System, policy: Policy) -> Attack:
    """The attack on a system under a policy: what must stay possible, and the room that shown numbers leave."""
    cells = system.cells
    value = np.array([cell.value for cell in cells], np.int64)
    readable = np.array([policy.readable(cell) for cell in cells], np.int64).reshape(-1, 2)
    lower = np.array([cell.lower for cell in cells], np.int64)
    upper = np.array([cell.value + FAR if cell.upper is None else cell.upper for cell in cells], np.int64)
    constant = np.array([cell.key == ONE for cell in cells], np.bool_)
    fixed = np.array([cell.published for cell in cells], np.bool_) | constant
    wanted = [policy.required(cell) for cell in cells]
    return Attack(
        system.matrix,
        np.where(constant, 0, np.minimum(value - lower, FAR)),
        np.where(constant, 0, np.minimum(upper - value, FAR)),
        value - readable[:, 0],
        readable[:, 1] - value,
        np.array([cell.primary or cell.hidden for cell in cells], np.bool_) & ~fixed,
        fixed,
        np.array([cell.weight for cell in cells], np.float64),
        tuple(
            Demand(i, outermost_first(range(lowest - cell.value, highest - cell.value + 1)))
            for i, (cell, (lowest, highest)) in enumerate(zip(cells, wanted, strict=True))
            if cell.primary
        ),
    )


def linked(matrix: csr_matrix) -> Integers:
    """For each column the number of its group: two columns are in one if a row, or a chain of rows, has both."""
    rows, columns = matrix.shape
    both = matrix.tocoo()
    graph = csr_matrix((np.ones(both.nnz), (both.row, both.col + rows)), shape=(rows + columns,) * 2)
    return np.asarray(connected_components(graph, directed=False)[1][rows:], np.int64)


class Room:
    """The room of every cell, and the shifts that fit in it.

    Parameters
    ----------
    matrix : coefficients, shape (m, n)
    down, up : how far each cell can be moved, whole numbers of at least 0, shape (n,)
    """

    def __init__(self, matrix: csr_matrix, down: Integers, up: Integers) -> None:
        self.matrix, self.down, self.up = matrix, down, up
        self._places = np.flatnonzero((down > 0) | (up > 0))
        self._movable = matrix[:, self._places]
        self._group = linked(self._movable)

    def fits(self, shift: Integers) -> bool:
        """Whether a shift keeps every number within its room."""
        return bool(((-self.down <= shift) & (shift <= self.up)).all())

    def holds(self, shift: Integers) -> bool:
        """Whether whole numbers are a shift: they fit, and every sum still holds. Exact."""
        return self.fits(shift) and not (self.matrix @ shift).any()

    def find(
        self, cell: int, amount: int, cost: NDArray[np.float64] | None = None, *, search: bool = True
    ) -> Integers | None:
        """A shift that moves a cell by just this amount, of the least cost there is, or None where none is found.

        Parameters
        ----------
        cell, amount : its place; a whole number other than 0
        cost : of moving each cell by 1, at least 0, shape (n,); None is 1 for all, so that few cells move
        search : for whole numbers, where the program without them gives fractions
        """
        if not -self.down[cell] <= amount <= self.up[cell]:
            return None
        places, movable = self._around(cell)
        at, count = int(np.searchsorted(places, cell)), len(places)
        # What each is moved up, then what each is moved down; the cell itself moves one way only.
        lowest = np.zeros(2 * count)
        highest = np.concatenate([self.up[places], self.down[places]]).astype(np.float64)
        up, down = (at, at + count) if amount > 0 else (at + count, at)
        lowest[up] = highest[up] = abs(amount)
        highest[down] = 0
        price = np.ones(count) if cost is None else cost[places]
        sums = [LinearConstraint(hstack([movable, -movable]), 0, 0)] if movable.shape[0] else []
        for whole in (
            (0, 1) if search else (0,)
        ):  # without asking for whole numbers the answer mostly has them, and comes sooner
            with quiet():
                answer = milp(
                    np.concatenate([price, price]),
                    integrality=np.full(2 * count, whole),
                    bounds=Bounds(lowest, highest),
                    constraints=sums,
                    options={"node_limit": NODES},
                )
            if answer.x is None:
                return None
            shift = self._whole(places, answer.x[:count] - answer.x[count:])
            if shift is not None and shift[cell] == amount:
                return shift
        return None

    def furthest(self, cell: int, direction: int) -> int:
        """How far up (1) or down (-1) a cell can be moved by a shift, at least 0; never further than one that holds."""
        if not (self.up if direction > 0 else self.down)[cell]:
            return 0
        places, movable = self._around(cell)
        for whole in (0, 1):
            with quiet():
                answer = milp(
                    np.where(places == cell, -direction, 0),
                    integrality=np.full(len(places), whole),
                    bounds=Bounds(-self.down[places], self.up[places]),
                    constraints=[LinearConstraint(movable, 0, 0)] if movable.shape[0] else [],
                    options={"node_limit": NODES},
                )
            shift = None if answer.x is None else self._whole(places, answer.x)
            if shift is not None:
                return abs(int(shift[cell]))
        return 0

    def _around(self, cell: int) -> tuple[Integers, csr_matrix]:
        """The places of the cells that can move with a cell, and the sums that hold them."""
        alike = self._group == self._group[np.searchsorted(self._places, cell)]
        movable = self._movable[:, alike]
        return self._places[alike], movable[np.diff(movable.indptr) > 0]

    def _whole(self, places: Integers, moves: NDArray[np.float64]) -> Integers | None:
        """What a solver proposes, in whole numbers; None where that is no shift."""
        shift = np.zeros(len(self.up), np.int64)
        shift[places] = np.rint(moves).astype(np.int64)
        return shift if self.holds(shift) else None


class Proofs:
    """Shifts that prove values possible, by the cell and the amount by which they move it.

    Parameters
    ----------
    demands : whose cells' shifts are kept
    """

    def __init__(self, demands: Sequence[Demand]) -> None:
        self.demands = {demand.cell: demand for demand in demands}
        self.shifts: dict[tuple[int, int], Integers] = {}

    def keep(self, shift: Integers) -> None:
        """Keep a shift for every value that it proves; its whole parts prove those between (the room is convex)."""
        moved = np.flatnonzero(shift)
        parts = reduce(gcd, (abs(int(a)) for a in shift[moved]), 0)
        for i in range(1, parts + 1):
            part = shift // parts * i
            for cell in moved:
                demand, amount = self.demands.get(int(cell)), int(part[cell])
                if demand and amount in demand.amounts:
                    self.shifts.setdefault((int(cell), amount), part)

    def drop(self, room: Room) -> set[int]:
        """Drop what a room has no room for; the cells of the demands that this leaves unproved."""
        lost = [place for place, shift in self.shifts.items() if not room.fits(shift)]
        for place in lost:
            del self.shifts[place]
        return {cell for cell, _ in lost}

    def missing(self, demand: Demand) -> list[int]:
        """The amounts of a demand that nothing kept here proves."""
        return [amount for amount in demand.amounts if (demand.cell, amount) not in self.shifts]

    def prove(self, demand: Demand, room: Room) -> list[int]:
        """Look for what proves a demand in a room, and keep it; the amounts that nothing was found for.

        All that is kept must fit in the room.
        """
        failed: list[int] = []
        for amount in demand.amounts:
            if (demand.cell, amount) not in self.shifts:
                shift = room.find(demand.cell, amount)
                if shift is None:
                    failed.append(amount)
                else:
                    self.keep(shift)
        return failed

    def proves_at_once(self, demand: Demand, room: Room) -> bool:
        """Whether a demand is proved without a search; what is proved is kept."""
        for amount in self.missing(demand):
            if (demand.cell, amount) not in self.shifts:
                shift = room.find(demand.cell, amount, search=False)
                if shift is None:
                    return False
                self.keep(shift)
        return True
