"""The standardised mean difference of a categorical variable, as a slow plain loop in exact fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf, sqrt


def difference_of_levels(cases: Sequence[str | None], controls: Sequence[str | None]) -> float | None:
    """√(d' S⁻¹ d) of the known values (Yang and Dalton 2012); None where a group has none.

    d are the differences in the shares of all levels but the last; S has (p₁(1 − p₁) + p₂(1 − p₂))/2 in its diagonal
    and −(p₁q₁ + p₂q₂)/2 beside it. Without a level in common it is infinite.
    """
    groups = [[value for value in group if value is not None] for group in (cases, controls)]
    if not all(groups):
        return None
    levels = sorted(set(groups[0]) | set(groups[1]))
    if not set(groups[0]) & set(groups[1]):
        return inf
    shares = [[Fraction(group.count(level), len(group)) for level in levels] for group in groups]
    n = len(levels) - 1
    matrix = [[Fraction(0)] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            for p in shares:
                matrix[i][j] += p[i] * (1 - p[i]) / 2 if i == j else -p[i] * p[j] / 2
    d = [shares[0][i] - shares[1][i] for i in range(n)]
    return sqrt(sum(x * y for x, y in zip(d, solve(matrix, d), strict=True)))


def solve(matrix: list[list[Fraction]], right: list[Fraction]) -> list[Fraction]:
    """x of matrix · x = right, by elimination."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        pivot = next(k for k in range(i, len(rows)) if rows[k][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for k in range(len(rows)):
            if k != i:
                rows[k] = [a - rows[k][i] * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [row[-1] for row in rows]
