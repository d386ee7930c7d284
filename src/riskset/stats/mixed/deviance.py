"""The profiled deviance of a linear mixed model, from sums over each group's rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Floats, Integers, dense_codes, numbers, require_range, term_names
from riskset.stats.collinear import require_independent
from riskset.stats.small import cholesky, invert_lower, multiply

Method = Literal["reml", "ml"]
Structure = Literal["unstructured", "diagonal"]

_SLOW = 0.05  # of the decrement before: a Hessian that leads no nearer in a step is formed anew
_EXACT = 1e-20  # of the squares about the mean: a residual of 10⁻¹⁰ standard deviations is rounding's


@dataclass(frozen=True, eq=False)
class Sums:
    """Rows in the order given, and sums over each group's: S = WᵀW, U = Wᵀ[Q e], and [Q e]ᵀ[Q e] over all.

    X = QR with orthonormal Q, and e = y − X b, the residual of least squares: what is computed does not depend on the
    units of X, nor on where its columns and y have their zero. ``inverse_r`` is R⁻¹ and ``b`` the coefficients. Nor
    does it depend on those of Z: W = Z ``basis`` has uncorrelated columns of mean square 1, and the random effects of Z
    are ``basis`` times those of W. Uncorrelated random effects hang on the zero of Z by their meaning; there W has Z's
    columns, of mean square 1.
    """

    y: Floats
    x: Floats
    z: Floats
    group: Integers
    names: tuple[str, ...]
    s: Floats
    u: Floats
    total: Floats
    inverse_r: Floats
    b: Floats
    basis: Floats

    @classmethod
    def of(
        cls,
        y: ArrayLike,
        x: ArrayLike,
        z: ArrayLike,
        group: ArrayLike,
        names: Sequence[str] | None,
        structure: Structure = "unstructured",
    ) -> Sums:
        score = numbers(y, "y")
        if score.ndim != 1:
            raise ValueError(f"y has shape {score.shape}; it should be (n,)")
        fixed, random = (_columns(values, len(score), what) for values, what in ((x, "x"), (z, "z")))
        codes = dense_codes(group, len(score), "group")
        named = term_names(x, fixed.shape[1], names)
        _require_sound(score, fixed, random, codes, named)
        order = np.argsort(codes, kind="stable")
        first = np.flatnonzero(np.diff(codes[order], prepend=-1))
        length = np.sqrt(np.einsum("np,np->p", fixed, fixed))
        q, r = np.linalg.qr(fixed / length)
        b = np.linalg.solve(r, q.T @ score)
        rest = score - fixed / length @ b
        rest -= q @ (q.T @ rest)
        both = np.column_stack([q, rest])
        turned, basis = _turned(random, structure)
        zs = turned[order]
        s = np.add.reduceat(zs[:, :, None] * zs[:, None, :], first, axis=0)
        u = np.add.reduceat(zs[:, :, None] * both[order][:, None, :], first, axis=0)
        _require_residual(both[order], zs, codes[order], s, u, float(np.square(score - score.mean()).sum()))
        return cls(
            *(score, fixed, random, codes, named, s, u, both.T @ both),
            inverse_r=np.linalg.inv(r) / length[:, None],
            b=b / length,
            basis=basis,
        )

    @property
    def p(self) -> int:
        """Fixed effects."""
        return int(self.x.shape[1])

    @property
    def q(self) -> int:
        """Random effects."""
        return int(self.z.shape[1])


def _columns(values: ArrayLike, n: int, what: str) -> Floats:
    columns = numbers(values, what)
    columns = columns[:, None] if columns.ndim == 1 else columns
    if columns.ndim != 2 or len(columns) != n or not columns.shape[1]:
        raise ValueError(f"{what} has shape {columns.shape}; it should be ({n}, k)")
    return columns


def _turned(z: Floats, structure: Structure) -> tuple[Floats, Floats]:
    """W (n, q) and the basis (q, q) with W = Z basis."""
    size = np.sqrt(np.mean(np.square(z), axis=0))
    if structure == "diagonal":
        return z / size, np.diag(1 / size)
    q, r = np.linalg.qr(z / size)
    root = np.sqrt(len(z))
    return q * root, np.linalg.inv(r) / size[:, None] * root


def _require_residual(both: Floats, z: Floats, group: Integers, s: Floats, u: Floats, seen: float) -> None:
    """Refuse scores that the fixed effects, or a course for each group, describe without error: σ² would be 0.

    Parameters
    ----------
    both, z, group : rows of [Q e] and W, and the number of each one's group from 0
    s, u : as in `Sums`
    seen : the squares of the scores about their mean
    """
    p, some = both.shape[1] - 1, _EXACT * seen
    explained = float(both[:, p] @ both[:, p]) <= some
    if len(both) - int(np.linalg.matrix_rank(s, hermitian=True).sum()) > p:
        # What is left of each row, and not a difference of two sums of squares, in which it drowns.
        inverse = np.linalg.pinv(s, hermitian=True)
        left = both - np.einsum("nq,nqj->nj", z, (inverse @ u)[group])
        slope = np.linalg.lstsq(left[:, :p], left[:, p], rcond=1e-10)[0]
        rest = left[:, p] - left[:, :p] @ slope
        explained = explained or float(rest @ rest) <= some
    if explained:
        raise FitError(
            "the terms describe every score exactly, so that there is no error to estimate",
            where="mixed model",
            remedy="leave out terms, or look for scores that were copied or computed",
            problem=FitProblem.NO_ERROR,
        )


def _require_sound(y: Floats, x: Floats, z: Floats, group: Integers, names: tuple[str, ...]) -> None:
    bad = ~(np.isfinite(y) & np.isfinite(x).all(axis=1) & np.isfinite(z).all(axis=1))
    if bad.any():
        raise FitError(
            f"{np.count_nonzero(bad)} rows have missing or infinite values",
            where="mixed model",
            remedy="leave them out, and say how many",
        )
    for values, what in ((y, "y"), (z, "z")):
        require_range(values, what)
    for column, name in zip(x.T, names, strict=True):
        require_range(column, name)
    most = int(np.bincount(group).max(initial=0))
    if most < max(2, z.shape[1]) or len(y) <= x.shape[1]:
        raise FitError(
            f"no group has more than {most} rows, so groups cannot be told from error",
            where="mixed model",
            remedy=f"{z.shape[1]} random effects need groups of {max(2, z.shape[1])} rows or more",
            problem=FitProblem.FEW_SCORES,
            facts={"most": most, "effects": z.shape[1], "needed": max(2, z.shape[1])},
        )
    require_independent(x, names, where="mixed model")
    require_independent(z, [f"z[{j}]" for j in range(z.shape[1])], where="mixed model")
    if np.ptp(y) == 0:
        raise FitError(
            "the score is constant",
            where="mixed model",
            remedy="choose another marker",
            problem=FitProblem.CONSTANT_SCORE,
        )


@dataclass(frozen=True)
class Profile:
    """The deviance −2 log-likelihood at a Λ, its gradient by Λ, and what else is known there."""

    deviance: float
    gradient: Floats
    beta: Floats
    sigma2: float
    rss: float
    inverse: Floats
    effects: Floats
    rest: Floats  # the coefficients of Q on e, which ``beta`` adds to those of least squares


def profile(sums: Sums, root: Floats, method: Method, sigma2: float | None = None) -> Profile:
    """Deviance with β, and σ² unless given, at their best for Λ = ``root``, the relative root of W's random effects.

    By the envelope theorem the gradient is that of the unprofiled deviance. A Λ may lie so far away, as the first steps
    of a search do, that what random effects leave of the fixed effects' or the scores' squares drowns in rounding: the
    deviance there is infinite, and a search turns back.
    """
    p, n = sums.p, len(sums.y)
    sr = sums.s @ root
    chol = cholesky(np.eye(sums.q) + root.T @ sr)
    inverse_chol = invert_lower(chol)
    turn = root @ (np.swapaxes(inverse_chol, 1, 2) @ inverse_chol)  # ΛM⁻¹
    cover = turn @ root.T  # ΛM⁻¹Λᵀ: what random effects take of UᵀU
    cross = sums.total - _summed(sums.u, cover @ sums.u)
    squares = np.diagonal(cross)
    if not (squares > _EXACT * np.diagonal(sums.total)).all():
        return _unreachable(sums)
    scale = 1 / np.sqrt(squares[:p])
    a_inverse = np.linalg.inv(cross[:p, :p] * scale * scale[:, None]) * scale * scale[:, None]
    beta = a_inverse @ cross[:p, p]
    rss = float(cross[p, p] - beta @ cross[:p, p])
    if rss <= 0:
        return _unreachable(sums)
    freedom = n - p if method == "reml" else n
    if sigma2 is None:
        sigma2 = rss / freedom
    log_det = 2 * float(np.log(np.einsum("gqq->gq", chol)).sum())
    deviance = freedom * np.log(2 * np.pi * sigma2) + log_det + rss / sigma2
    gradient = 2 * np.tensordot(sums.s, turn, ((0, 2), (0, 1)))
    residual = sums.u @ np.append(-beta, 1.0)
    effects = multiply(np.swapaxes(turn, 1, 2), residual)
    gradient -= 2 * (residual - multiply(sr, effects)).T @ effects / sigma2
    if method == "reml":
        _, log_a = np.linalg.slogdet(cross[:p, :p])
        deviance += float(log_a) - 2 * float(np.linalg.slogdet(sums.inverse_r)[1])
        fixed = sums.u[..., :p]
        spread = (fixed.reshape(-1, p) @ a_inverse).reshape(fixed.shape) @ np.swapaxes(fixed, 1, 2)
        gradient -= 2 * np.tensordot(spread - sums.s @ (cover @ spread), turn, ((0, 2), (0, 1)))
    t = sums.inverse_r
    return Profile(
        float(deviance), gradient, sums.b + t @ beta, sigma2, rss, t @ a_inverse @ t.T,
        effects @ (sums.basis @ root).T, beta,
    )  # fmt: skip


def _summed(left: Floats, right: Floats) -> Floats:
    """Σ leftᵀright over groups: (g, q, i) and (g, q, j) to (i, j)."""
    return np.asarray(left.reshape(-1, left.shape[-1]).T @ right.reshape(-1, right.shape[-1]))


def _unreachable(sums: Sums) -> Profile:
    """Where no digit of the deviance is left."""
    p, q, groups = sums.p, sums.q, len(sums.s)
    return Profile(
        *(np.inf, np.zeros((q, q)), sums.b, np.nan, np.nan, np.full((p, p), np.nan)),
        *(np.full((groups, q), np.nan), np.zeros(p)),
    )


class Deviance:
    """The profiled deviance by t, the free entries of Λ, the relative root of W's random effects."""

    def __init__(self, sums: Sums, method: Method, structure: Structure) -> None:
        self.sums, self.method = sums, method
        self.row, self.column = np.diag_indices(sums.q) if structure == "diagonal" else np.tril_indices(sums.q)
        self.start = np.where(self.row == self.column, 1.0, 0.0)

    def relative(self, t: Floats) -> Floats:
        """(q, q) Λ."""
        root = np.zeros((self.sums.q, self.sums.q))
        root[self.row, self.column] = t
        return np.asarray(root)

    def root(self, t: Floats) -> Floats:
        """(q, q) what is to the random effects of Z as Λ to those of W: D = σ² root rootᵀ."""
        return np.asarray(self.sums.basis @ self.relative(t))

    def __call__(self, t: Floats, sigma2: float | None = None) -> tuple[Profile, Floats]:
        profiled = profile(self.sums, self.relative(t), self.method, sigma2)
        return profiled, profiled.gradient[self.row, self.column]


def rough_fit(y: Floats, x: Floats, z: Floats, group: Integers) -> tuple[Floats, float, Floats, Floats, float]:
    """Where a joint model starts: β, σ, the root of D and b by maximum likelihood, and the log-likelihood.

    ``group`` numbers the groups from 0; one without rows has b = 0. The variances are kept off the boundary.
    """
    sums = Sums.of(y, x, z, group, None)
    objective = Deviance(sums, "ml", "unstructured")

    def rough(t: Floats) -> tuple[float, Floats]:
        profiled, gradient = objective(t)
        return profiled.deviance, gradient

    near = 0.1 * np.sqrt(len(sums.s))
    metric = np.eye(len(objective.start)) / (2 * len(sums.s))  # about the inverse of the Hessian there
    t = optimize.minimize(
        rough, objective.start, jac=True, method="BFGS", options={"gtol": near, "hess_inv0": metric}
    ).x
    relative = objective.relative(t)
    relative *= np.where(np.diagonal(relative) < 0, -1.0, 1.0)
    np.fill_diagonal(relative, np.maximum(np.diagonal(relative), 0.02))
    profiled, _ = objective(t)
    effects = np.zeros((int(group.max()) + 1, sums.q))
    effects[np.unique(group)] = profiled.effects
    sigma = float(np.sqrt(profiled.sigma2))
    return profiled.beta, sigma, sigma * _lower(sums.basis @ relative), effects, -0.5 * profiled.deviance


def _lower(root: Floats) -> Floats:
    """The lower triangle with a positive diagonal that has the same square L Lᵀ."""
    lower = np.transpose(np.linalg.qr(root.T, mode="r"))
    return np.asarray(lower * np.where(np.diagonal(lower) < 0, -1.0, 1.0))


def minimise(at: Deviance, t: Floats) -> tuple[Floats, float, int, bool]:
    """Newton's method with halved steps and a differenced Hessian, formed anew where it leads too slowly."""
    profile, gradient = at(t)
    inverse, last = _inverse_hessian(at, t), np.inf
    for iteration in range(100):
        decrement = float(gradient @ inverse @ gradient) / 2
        if decrement > max(1e-16, _SLOW * last):
            inverse = _inverse_hessian(at, t)
            decrement = float(gradient @ inverse @ gradient) / 2
        if decrement < 1e-16:
            return t, decrement, iteration, True
        step = -inverse @ gradient
        for halving in range(40):
            length = 0.5**halving
            candidate, new_gradient = at(t + length * step)
            if candidate.deviance <= profile.deviance - 1e-4 * length * decrement + 1e-13 * abs(profile.deviance):
                break
        else:
            return t, decrement, iteration, decrement < 1e-10
        t, profile, gradient, last = t + length * step, candidate, new_gradient, decrement
    return t, decrement, iteration, decrement < 1e-10


def _inverse_hessian(at: Deviance, t: Floats) -> Floats:
    """(k, k), its downward curvatures taken for upward and none for flat, so that every step leads down."""
    hessian = differences(lambda s: at(s)[1], t)
    value, vector = np.linalg.eigh((hessian + hessian.T) / 2)
    return np.asarray(vector / np.maximum(np.abs(value), 1e-8 * np.abs(value).max()) @ vector.T)


def differences(function: Callable[[Floats], Floats], t: Floats) -> Floats:
    """(k, m) derivatives of a function (m,) by each of t (k,), by central differences."""
    steps = np.diag(1e-5 * np.maximum(1.0, np.abs(t)))
    return np.array([(function(t + step) - function(t - step)) / (2 * step.max()) for step in steps])
