"""When a conditional likelihood has no finite maximum, or none that is unique, and which terms are the reason."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import numpy as np
from scipy.optimize import linprog

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Floats
from riskset.stats.clogit.elementary import ExactBlock
from riskset.stats.clogit.likelihood import ConditionalLikelihood
from riskset.stats.clogit.set_blocks import SetBlock
from riskset.stats.newton import Maximum, Point, solve_information

_ENDLESS = "no set speaks against the cases, so the likelihood has no finite maximum"
_REMEDY = 'use penalty="firth" with profile intervals, or merge levels'

_COLLINEAR = 1e-10
"""A column of whose within-set variation a smaller share than this is its own is collinear."""
_NOTHING = 1e-290
_FAR = 1e6
"""A coefficient whose standard error times its column's width is beyond this is looked at more closely."""


def require_informative(likelihood: ConditionalLikelihood) -> None:
    """Refuse terms that are constant within every set that the likelihood uses."""
    silent = [name for name, n in zip(likelihood.names, likelihood.n_discordant, strict=True) if n == 0]
    if silent:
        raise FitError(
            "no informative sets: no set has a case and a control who differ",
            where=_listed(silent),
            remedy="leave the term out or widen the matching",
            problem=FitProblem.UNINFORMATIVE,
            terms=silent,
        )


def require_weight(null: Point) -> None:
    """Refuse offsets, or weights, so far apart within sets that at β = 0 one row is chosen for certain."""
    if not np.isfinite(null.value) or np.any(np.diagonal(null.information) < _NOTHING):
        raise FitError(
            "the offsets or weights of one set lie so far apart that some rows have no weight beside the others",
            where="offset",
            remedy="look for an offset in the wrong unit",
        )


def require_independent(
    information: Floats, names: Sequence[str], *, problem: FitProblem = FitProblem.COLLINEAR
) -> None:
    """Refuse a term that is, within sets, a linear combination of the terms before it.

    ``information`` (p, p) is the one at β = 0, whose null space is that of the within-set differences. The sets are
    matched, or those at risk, as the ``problem`` says.
    """
    within = "sets" if problem is FitProblem.COLLINEAR else "the risk sets"
    scale = 1 / np.sqrt(np.diagonal(information))
    correlation = information * scale * scale[:, None]
    with suppress(np.linalg.LinAlgError):
        own_shares = np.diagonal(np.linalg.cholesky(correlation)) ** 2
        if np.all(own_shares >= _COLLINEAR):
            return
    kept: list[int] = []
    for j, name in enumerate(names):
        if kept:
            before = correlation[np.ix_(kept, kept)]
            slope = np.linalg.solve(before, correlation[kept, j])
            if 1 - correlation[j, kept] @ slope < _COLLINEAR:
                with_ = [names[i] for i, b in zip(kept, slope, strict=True) if abs(b) > 1e-5]
                raise FitError(
                    f"collinear within {within} with {_listed(with_)}",
                    where=name,
                    remedy="leave one of them out",
                    problem=problem,
                    terms=[name, *with_],
                )
        kept.append(j)


def require_no_separating_term(likelihood: ConditionalLikelihood) -> None:
    """Refuse a term that by itself never falls, or never rises, from a case to the others of its set."""
    terms = [name for name, alone in zip(likelihood.names, likelihood.separates, strict=True) if alone]
    if terms:
        raise FitError(
            f"separation: {_ENDLESS}",
            where=_listed(terms),
            remedy=_REMEDY,
            problem=FitProblem.SEPARATED,
            terms=terms,
        )


class Conditional(Protocol):
    """What a certificate needs of a conditional or partial likelihood; see ``ConditionalLikelihood``."""

    n_terms: int
    most_chosen: int
    widest: Floats


def has_finite_maximum(likelihood: Conditional, maximum: Maximum) -> bool:
    """Is a finite maximum certain, by what is known at this point alone?

    The log-likelihood is self-concordant in the sense of Bach (Electronic Journal of Statistics 2010; 4: 384-414,
    proposition 2): its third derivative along v is at most R|v|_H times the second, where R bounds the length, in the
    metric H⁻¹, of a difference between two members of a set. If √(gᵀH⁻¹g) R ≤ ½ a finite maximum exists. Where
    cases are separated R grows as fast as the gradient falls, so this never holds, however small the gradient; for the
    same reason R is then large long before rounding can hide the gradient.
    """
    if not np.isfinite(maximum.decrement):
        return False
    try:
        variance = np.diagonal(solve_information(maximum.point.information, np.eye(likelihood.n_terms)))
    except np.linalg.LinAlgError:
        return False
    reach = likelihood.most_chosen * float(likelihood.widest @ np.sqrt(variance))
    return reach <= _FAR and float(np.sqrt(max(maximum.decrement, 0.0))) * reach <= 0.5


def require_overlap(likelihood: ConditionalLikelihood) -> None:
    """Refuse data in which some combination of terms never falls from a case to the others of its set.

    Along such a γ the likelihood rises for ever (Albert & Anderson, Biometrika 1984; 71: 1-10). Terms that are not
    needed for it are left out of the message.
    """
    differences = np.unique(np.concatenate([_differences(block) for block in likelihood.blocks]), axis=0)
    differences = differences / likelihood.widest
    needed = np.ones(likelihood.n_terms, bool)
    if not _separable(differences):
        return
    for j in range(likelihood.n_terms):
        needed[j] = False
        needed[j] = not needed.any() or not _separable(differences[:, needed])
    terms = [name for name, is_needed in zip(likelihood.names, needed, strict=True) if is_needed]
    raise FitError(
        f"separation by these terms together: {_ENDLESS}",
        where=_listed(terms),
        remedy=_REMEDY,
        problem=FitProblem.SEPARATED_TOGETHER,
        terms=terms,
    )


def _separable(differences: Floats) -> bool:
    """Is there a γ with γᵀd ≤ 0 for all differences d = rival − case (k, p), and < 0 for some?

    The linear program: maximise Σ −γᵀd subject to γᵀd ≤ 0 and |γ| ≤ 1. It is solved with some of the constraints;
    those it breaks are added until it breaks none, or has no solution, which then the whole has not.
    """
    total = differences.sum(axis=0)
    chosen = np.zeros(len(differences), bool)
    chosen[np.linspace(0, len(differences) - 1, min(len(differences), 2000)).astype(int)] = True
    while True:
        solution = linprog(total, A_ub=differences[chosen], b_ub=np.zeros(int(chosen.sum())), bounds=(-1, 1))
        if not solution.success or solution.fun > -1e-7:
            return False
        over = differences @ solution.x
        broken = np.flatnonzero((over > 1e-8) & ~chosen)
        if broken.size == 0:
            return True
        chosen[broken[np.argsort(-over[broken])[:2000]]] = True


def _differences(block: SetBlock) -> Floats:
    """(pairs, p) distinct differences rival − case of a block."""
    z, n = block.z, block.n_cases
    if n == 1:
        pairs = z.reshape(len(z), -1)
    else:
        rivals = z[:, n:] if isinstance(block, ExactBlock) else z
        pairs = (rivals[:, None] - z[:, :n, None]).reshape(len(z), -1)
    return np.asarray(np.unique(pairs.T, axis=0))


def _listed(terms: Sequence[str]) -> str:
    return ", ".join(terms)
