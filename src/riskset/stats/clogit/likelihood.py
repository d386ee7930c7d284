"""The conditional likelihood of matched sets, computed block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from riskset.errors import FitError
from riskset.stats.arrays import Booleans, Floats, Integers, checked_columns, checked_per_row
from riskset.stats.clogit.elementary import ExactBlock
from riskset.stats.clogit.layout import SetGroup, SetLayout
from riskset.stats.clogit.set_blocks import EfronBlock, SetBlock, SumBlock
from riskset.stats.newton import Point, invert_information, solve_information

Ties = Literal["exact", "efron", "breslow"]

_BLOCK_NUMBERS = 2**17  # 1 MB of float64 a block: it stays in the processor's cache, whatever the number of sets
_BLOCK_PRODUCTS = 900_000  # of the information; OpenBLAS multiplies small matrices, up to 10⁶, three times as fast


class ConditionalLikelihood:
    """The conditional (matched-set) log-likelihood as a function of the log odds ratios.

    A set contributes the probability that its cases are the ones who are, given their number (Breslow & Day 1980,
    *Statistical Methods in Cancer Research I*, chapter 7). With several cases a set, ``ties`` chooses that exact
    probability or Efron's or Breslow's sums. Sets in which no column varies move only the constant: their
    contribution is added once and they are set aside.

    The covariates are held once more, in blocks of up to a megabyte; evaluations need memory for one block only.

    Parameters
    ----------
    x
        (n, p) covariates.
    layout
        The matched sets of the n rows.
    weights
        (n,) positive weights: a case's multiplies its term of the log-likelihood, everyone's the denominator.
    offset
        (n,) a known part of the linear predictor.
    names
        (p,) the terms, for errors.

    Attributes
    ----------
    n_informative
        Sets in which some column varies and which the likelihood uses: those with both cases and controls, and
        under Breslow and Efron those with cases only.
    n_discordant
        (p,) such sets in which the column varies.
    case_weight
        Sum of the cases' weights.
    widest
        (p,) largest difference of the column between two members of a set.
    most_chosen
        Largest number of members chosen at once in a term of the likelihood: above 1 for exact sets of several cases.
    """

    def __init__(
        self,
        x: ArrayLike,
        layout: SetLayout,
        *,
        weights: ArrayLike | None = None,
        offset: ArrayLike | None = None,
        ties: Ties = "exact",
        names: Sequence[str] | None = None,
    ) -> None:
        columns, self.names = checked_columns(x, layout.n_rows, names)
        self.ties = ties
        self.n_terms = columns.shape[1]
        if not self.n_terms:
            raise FitError("the model has no terms", where="conditional logistic regression")
        given = checked_per_row(weights, layout.n_rows, "weights")
        self.case_weight = float(layout.n_cases)
        if given is not None:
            self.case_weight = sum(float(given[group.rows[:, : group.n_cases]].sum()) for group in layout.groups)
        rows = _Rows(columns, given, checked_per_row(offset, layout.n_rows, "offset"))

        self.blocks: list[SetBlock] = []
        self.constant = 0.0
        self.n_informative = 0
        self.n_discordant = np.zeros(self.n_terms, np.int64)
        self.widest = np.zeros(self.n_terms)
        self.most_chosen = 1
        self._rises, self._falls = np.ones((2, self.n_terms), bool)
        for group in layout.groups:
            if rows.weights is not None and group.n_cases == 1:  # a lone case's weight is taken out of its denominator
                lone = rows.weights[group.rows[:, 0]]
                self.constant -= float(lone @ np.log(lone))
            for block in self._split(group, rows):
                self._add(block)

    @property
    def separates(self) -> Booleans:
        """(p,) is each column alone never lower, or never higher, in the cases than in the others of their set?"""
        return self._rises | self._falls

    def __call__(self, beta: Floats) -> Point:
        """Log-likelihood, score and information at ``beta`` (p,)."""
        value, score = self.constant, np.zeros(self.n_terms)
        information = np.zeros((self.n_terms, self.n_terms))
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            for block in self.blocks:
                point = block.evaluate(beta)
                value += point.value
                score += point.gradient
                information += point.information
        return Point(value if np.isfinite(value) else -np.inf, score, (information + information.T) / 2)

    def penalised(self, beta: Floats) -> Point:
        """The log-likelihood plus Jeffreys' log prior, ½ log|I(β)|, with the score of that sum.

        Heinze & Schemper, Statistics in Medicine 2002; 21: 2409-2419, after Firth, Biometrika 1993; 80: 27-38. The
        information is that of the unpenalised likelihood.
        """
        point = self(beta)
        try:
            inverse = invert_information(point.information)
        except np.linalg.LinAlgError:
            return Point(-np.inf, point.gradient, point.information)
        log_det = float(np.linalg.slogdet(point.information)[1])
        pull = 0.5 * sum((block.skewness(beta, inverse) for block in self.blocks), np.zeros(self.n_terms))
        return Point(point.value + 0.5 * log_det, point.gradient + pull, point.information)

    def penalised_curved(self, beta: Floats, free: Booleans | None = None) -> Point:
        """As `penalised`, with the curvature of the penalised log-likelihood where that has one to climb by.

        The unpenalised information leaves out the penalty's own curvature, which in thin sets is as large: steps by it
        then need hundreds of iterations. The curvature of ½ log|I| is ½ tr(I⁻¹ ∂²I) − ½ tr(I⁻¹ ∂I I⁻¹ ∂I); exact sets
        of several cases take it by differences of the penalised score. It is used where it is positive definite, as far
        as the terms that are ``free`` (p,) go.
        """
        point = self.penalised(beta)
        if not np.isfinite(point.value):
            return point
        curvature = self._penalised_curvature(beta, point)
        moving = np.ones(self.n_terms, bool) if free is None else free
        try:
            if moving.any():
                solve_information(curvature[moving][:, moving], point.gradient[moving])
        except np.linalg.LinAlgError:
            return point
        return Point(point.value, point.gradient, curvature)

    def _penalised_curvature(self, beta: Floats, point: Point) -> Floats:
        """(p, p) the negative Hessian of the penalised log-likelihood."""
        inverse = invert_information(point.information)
        parts = [block.cumulants(beta, inverse) for block in self.blocks]
        if all(part is not None for part in parts):
            third, fourth = np.zeros((self.n_terms,) * 3), np.zeros((self.n_terms,) * 2)
            for part in parts:
                if part is not None:
                    third, fourth = third + part[0], fourth + part[1]
            along = np.tensordot(inverse, third, 1)  # I⁻¹ ∂I/∂β_r, r last
            curvature = point.information - 0.5 * (fourth - np.einsum("abr,bas->rs", along, along))
            return np.asarray((curvature + curvature.T) / 2)
        steps = 1e-5 / np.sqrt(np.diagonal(point.information))
        moved = (self.penalised(beta + step * axis) for step, axis in zip(steps, np.eye(self.n_terms), strict=True))
        slopes = np.array([(point.gradient - other.gradient) / step for other, step in zip(moved, steps, strict=True)])
        return np.asarray((slopes + slopes.T) / 2)

    def cluster_scores(self, beta: Floats, cluster: Integers) -> Floats:
        """(clusters, p) sums of the weighted score residuals; ``cluster`` (n,) numbers the clusters from 0."""
        n_clusters = int(cluster.max()) + 1
        total = np.zeros((self.n_terms, n_clusters))
        for block in self.blocks:
            labels = cluster[block.rows].ravel()
            for j, residual in enumerate(block.residuals(beta)):
                total[j] += np.bincount(labels, residual.ravel(), n_clusters)
        return total.T

    def _split(self, group: SetGroup, rows: _Rows) -> Iterator[SetBlock]:
        """The blocks of a group; none where its sets cannot say anything."""
        n_cases = group.n_cases
        if n_cases == 0 or group.size == 1 or (self.ties == "exact" and n_cases == group.size):
            return
        if self.ties == "exact" and n_cases > 1 and rows.weights is not None:
            raise FitError(
                "weights are not defined for the exact likelihood of sets with several cases",
                where="weights",
                remedy='use ties="efron"',
            )
        numbers = group.rows
        exchanged = self.ties == "exact" and 2 * n_cases > group.size
        if exchanged:
            numbers, n_cases = numbers[:, ::-1], group.size - n_cases
        p = self.n_terms
        n_sets = min(_BLOCK_NUMBERS // (group.size * p), _BLOCK_PRODUCTS // (group.size * p**2))
        n_sets = int(np.clip(n_sets, 1 if group.size > 100 else 250, 5000))
        if self.ties == "exact" and n_cases > 1:
            self.most_chosen = max(self.most_chosen, n_cases)
            n_sets = int(np.clip(_BLOCK_NUMBERS // max(group.size * p, (n_cases + 1) * p**2), 1, n_sets))
        for start in range(0, group.n_sets, n_sets):
            yield rows.block(numbers[start : start + n_sets], n_cases, self.ties, exchanged)

    def _add(self, block: SetBlock) -> None:
        """Count what varies, keep the sets in which something does, and add the others to the constant."""
        spread = _Spread.of(block)
        varies = spread.width > 0
        informative = np.asarray(varies.any(axis=0))
        self.n_discordant += varies.sum(axis=1)
        self.n_informative += int(informative.sum())
        self.widest = np.maximum(self.widest, spread.width.max(axis=1))
        self._rises &= spread.highest.max(axis=1) <= 0
        self._falls &= spread.lowest.min(axis=1) >= 0
        if not informative.all():
            self.constant += block.take(~informative).evaluate(np.zeros(self.n_terms)).value
            block = block.take(informative)
        if len(block.rows):
            self.blocks.append(block)


@dataclass(frozen=True)
class _Spread:
    """How a block's columns lie within sets, each (p, sets).

    ``highest`` and ``lowest`` are the extremes of rival less case over pairs of a case and a rival: a control, or
    under Breslow and Efron any member. ``width`` is the largest difference between two members.
    """

    highest: Floats
    lowest: Floats
    width: Floats

    @classmethod
    def of(cls, block: SetBlock) -> _Spread:
        z, n = block.z, block.n_cases
        if n == 1:  # the case is all zero
            highest, lowest = z.max(axis=1), z.min(axis=1)
            return cls(highest, lowest, np.maximum(highest, 0) - np.minimum(lowest, 0))
        rivals = z[:, n:] if isinstance(block, ExactBlock) else z
        highest = rivals.max(axis=1) - z[:, :n].min(axis=1)
        lowest = rivals.min(axis=1) - z[:, :n].max(axis=1)
        return cls(highest, lowest, z.max(axis=1) - z.min(axis=1))


@dataclass(frozen=True)
class _Rows:
    """What each row brings: columns (n, p), weights (n,), offset (n,)."""

    columns: Floats
    weights: Floats | None
    offset: Floats | None

    def block(self, rows: Integers, n_cases: int, ties: Ties, exchanged: bool) -> SetBlock:
        """The block of the sets ``rows`` (sets, size), whose first ``n_cases`` are cases."""
        n_sets, size = rows.shape
        x = self.columns.take(rows.ravel(), axis=0).reshape(n_sets, size, -1).transpose(2, 1, 0)
        weights = None if self.weights is None else self.weights[rows].T
        case_weight = None if weights is None else np.ascontiguousarray(weights[:n_cases])
        share: Floats = np.full((n_cases, n_sets), 1 / n_cases)
        if case_weight is not None:
            share = case_weight / case_weight.sum(axis=0)
        origin = x[:, 0]
        if n_cases > 1:  # leaves a column that is constant within the set exactly zero
            origin = origin + np.einsum("pcs,cs->ps", x[:, :n_cases] - x[:, :1], share)
        others = x[:, 1:] if n_cases == 1 else x
        z = np.empty(others.shape)
        np.subtract(others, origin[:, None], out=z)

        log_factor = None
        if self.offset is not None:
            offset = self.offset[rows].T
            log_factor = offset - np.einsum("cs,cs->s", offset[:n_cases], share)
        if weights is not None:
            log_weight = np.log(weights)
            if n_cases == 1:
                log_weight -= log_weight[0]
            log_factor = log_weight if log_factor is None else log_factor + log_weight
        if exchanged:  # whom to leave out: the reciprocals of exp(η)
            np.negative(z, out=z)
            log_factor = None if log_factor is None else -log_factor
        if log_factor is not None:
            log_factor = np.ascontiguousarray(log_factor[size - len(z[0]) :])

        if n_cases == 1:
            return SumBlock(z, log_factor, None if weights is None else weights[0], case_weight, rows, n_cases)
        if ties == "exact":
            return ExactBlock(z, log_factor, None, None, rows, n_cases)
        if ties == "efron":
            weight = None if case_weight is None else case_weight.mean(axis=0)
            return EfronBlock(z, log_factor, weight, case_weight, rows, n_cases)
        weight = np.full(n_sets, float(n_cases)) if case_weight is None else case_weight.sum(axis=0)
        return SumBlock(z, log_factor, weight, case_weight, rows, n_cases)
