"""Attackers that share nothing with `riskset.disclosure` but the system: they work on numbers, not on shifts.

One solves linear programs over all cells with fractions, as an attacker would who has a solver; one goes through all
whole numbers, which is slow and cannot be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from scipy.optimize import linprog

from riskset.disclosure.policy import Policy
from riskset.disclosure.system import Cell, Key, System


def can_be_read(cell: Cell, hidden: frozenset[Key], policy: Policy | None) -> tuple[int, int | None]:
    """What a reader takes a cell to lie between, before thinking."""
    if cell.key in hidden:
        return cell.lower, cell.upper
    if policy is None or policy.rounding is None or cell.key == ("one",):
        return cell.value, cell.value
    base, printed = policy.rounding, policy.shown(cell.value)
    alike = [n for n in range(max(0, printed - base), printed + base + 1) if policy.shown(n) == printed]
    alike = [n for n in alike if n >= policy.minimum] or [cell.value]
    return min(alike), max(alike)


def interval(system: System, hidden: frozenset[Key], key: Key, policy: Policy | None = None) -> tuple[float, float]:
    """The lowest and highest value of a cell, with fractions: no attack by linear programs narrows it more."""
    ranges = [can_be_read(cell, hidden, policy) for cell in system.cells]
    sums = np.zeros((len(system.equations), len(system.cells)))
    place = {cell.key: i for i, cell in enumerate(system.cells)}
    for row, equation in zip(sums, system.equations, strict=True):
        for name, coefficient in equation.coefficients.items():
            row[place[name]] = coefficient
    ends = []
    for sign in (1, -1):
        goal = np.zeros(len(system.cells))
        goal[place[key]] = sign
        answer = linprog(goal, A_eq=sums, b_eq=np.zeros(len(sums)), bounds=ranges)
        assert answer.status in (0, 3), answer.message
        ends.append(sign * answer.fun if answer.status == 0 else sign * -np.inf)
    return ends[0], ends[1]


def broken(system: System, hidden: frozenset[Key], policy: Policy) -> list[Key]:
    """The primary cells that an attack by linear programs narrows below the policy."""
    found = []
    for cell in system.cells:
        if cell.primary:
            low, high = interval(system, hidden, cell.key, policy)
            lowest, highest = policy.required(cell)
            if low > lowest + 1e-6 or high < highest - 1e-6:
                found.append(cell.key)
    return found


def possible(system: System, hidden: frozenset[Key], most: int) -> dict[Key, set[int]]:
    """The values that each withheld cell has in some solution in whole numbers of at most `most`, one by one."""
    unknown = [cell for cell in system.cells if cell.key in hidden]
    known = {cell.key: cell.value for cell in system.cells if cell.key not in hidden}
    sums = [
        (
            [equation.coefficients.get(cell.key, 0) for cell in unknown],
            sum(known.get(key, 0) * coefficient for key, coefficient in equation.coefficients.items()),
        )
        for equation in system.equations
    ]
    seen: dict[Key, set[int]] = {cell.key: set() for cell in unknown}
    for solution in _solutions(unknown, sums, most, []):
        for cell, value in zip(unknown, solution, strict=True):
            seen[cell.key].add(value)
    return seen


def _solutions(
    unknown: Sequence[Cell], sums: Sequence[tuple[list[int], int]], most: int, so_far: list[int]
) -> Iterator[list[int]]:
    at = len(so_far)
    if at == len(unknown):
        if all(rest == 0 for _, rest in sums):
            yield so_far
        return
    cell = unknown[at]
    choices = range(cell.lower, min(most, most if cell.upper is None else cell.upper) + 1)
    for coefficients, rest in sums:
        if coefficients[at] and not any(coefficients[at + 1 :]):  # the last unknown of a sum is what is left
            left = Fraction(-rest, coefficients[at])
            choices = range(int(left), int(left) + 1) if left in choices else range(0)
    for value in choices:
        after = [(coefficients, rest + coefficients[at] * value) for coefficients, rest in sums]
        yield from _solutions(unknown, after, most, [*so_far, value])
