"""What is modelled of the score over time, and what of it the hazard depends on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np

from riskset.stats.arrays import Floats
from riskset.stats.bases import Polynomial, TimeBasis

Association = Literal["value", "slope", "cumulative", "random effects"]
_LINE = Polynomial(1)

Features = tuple[Floats, ...]
ASSOCIATIONS: tuple[Association, ...] = get_args(Association)


@dataclass(frozen=True)
class Trajectory:
    """The expected score of a patient: m(t) = x(t)ᵀβ + z(t)ᵀb.

    z(t) are the terms of ``random``. x(t) are the terms of ``fixed``, then each covariate in ``shifts`` by itself, then
    each covariate in ``bends`` times every term of time but the constant. A covariate whose patients differ both
    in level and in decline stands in both.

    Attributes
    ----------
    fixed, random
        Bases of time of the mean and of a patient's departure from it.
    shifts, bends
        Columns of the patients' covariates, numbered from 0.
    """

    fixed: TimeBasis = _LINE
    random: TimeBasis = _LINE
    shifts: tuple[int, ...] = ()
    bends: tuple[int, ...] = ()

    @cached_property
    def terms(self) -> tuple[tuple[int, int | None], ...]:
        """(p) the term of time and the covariate, or None, whose product a fixed effect multiplies."""
        plain: list[tuple[int, int | None]] = [(k, None) for k in range(self.fixed.n_terms)]
        shifted: list[tuple[int, int | None]] = [(0, j) for j in self.shifts]
        bent: list[tuple[int, int | None]] = [(k, j) for j in self.bends for k in range(1, self.fixed.n_terms)]
        return (*plain, *shifted, *bent)

    def names(self, covariates: tuple[str, ...]) -> tuple[str, ...]:
        """(p) the fixed effects."""
        time = self.fixed.names
        return tuple(
            time[k] if j is None else covariates[j] if k == 0 else f"{time[k]}:{covariates[j]}" for k, j in self.terms
        )

    def coefficients(self, beta: Floats, x: Floats) -> Floats:
        """(n, K) each patient's coefficients of the terms of ``fixed``, from β (p,) and covariates (n, m)."""
        plain, by_x = np.zeros(self.fixed.n_terms), np.zeros((x.shape[1], self.fixed.n_terms))
        for value, (k, j) in zip(beta, self.terms, strict=True):
            if j is None:
                plain[k] += value
            else:
                by_x[j, k] += value
        return np.asarray(plain + x @ by_x)

    def spread_score(self, score: Floats, x: Floats) -> Floats:
        """(n, p) derivatives by β from those by the coefficients (n, K)."""
        return np.stack([score[:, k] if j is None else score[:, k] * x[:, j] for k, j in self.terms], axis=1)

    def design(self, time: Floats, x: Floats) -> tuple[Floats, Floats]:
        """x (N, p) and z (N, q) of rows at ``time`` (N,) with covariates ``x`` (N, m)."""
        terms = self.fixed.value(time)
        fixed = np.stack([terms[:, k] if j is None else terms[:, k] * x[:, j] for k, j in self.terms], axis=1)
        return fixed, self.random.value(time)

    def features(self, association: tuple[Association, ...]) -> tuple[str, ...]:
        """(A) names of what the hazard depends on: one each, but one a random effect for "random effects"."""
        names: list[str] = []
        for kind in association:
            names += [f"b[{name}]" for name in self.random.names] if kind == "random effects" else [kind]
        return tuple(names)

    def exposed(self, association: tuple[Association, ...], t: Floats) -> tuple[Features, Features]:
        """What the hazard depends on at times ``t`` (n, M), linear in a patient's coefficients κ and effects b.

        Returns
        -------
        fixed, random
            A arrays (n, M, K) and A arrays (n, M, q): feature a is ``fixed[a] @ κ + random[a] @ b``.
        """
        fixed: list[Floats] = []
        random: list[Floats] = []
        for kind in association:
            if kind == "random effects":
                q = self.random.n_terms
                for unit in np.eye(q):
                    fixed.append(np.zeros((*t.shape, self.fixed.n_terms)))
                    random.append(np.broadcast_to(unit, (*t.shape, q)))
                continue
            method = {"value": "value", "slope": "slope", "cumulative": "area"}[kind]
            fixed.append(getattr(self.fixed, method)(t))
            random.append(fixed[-1] if self.random == self.fixed else getattr(self.random, method)(t))
        return tuple(fixed), tuple(random)
