"""The parameters of a joint model as one vector, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from riskset.stats.arrays import Floats, Integers


@dataclass(frozen=True)
class Parameters:
    """A point of the model.

    Attributes
    ----------
    beta
        (p,) fixed effects of the score.
    sigma
        Residual standard deviation.
    root
        (q, q) lower Cholesky root of D, the covariance of the random effects.
    baseline, gamma, alpha
        (causes, m), (causes, r) and (causes, A): of each cause's log hazard, the baseline's coefficients, the log
        hazard ratios of the covariates, and those of what it depends on in the trajectory.
    """

    beta: Floats
    sigma: float
    root: Floats
    baseline: Floats
    gamma: Floats
    alpha: Floats

    @property
    def covariance(self) -> Floats:
        """D (q, q)."""
        return np.asarray(self.root @ self.root.T)


@dataclass(frozen=True)
class Layout:
    """Where each parameter stands in θ: β, log σ, the root of D by rows (its diagonal as logs), then cause by cause
    the baseline, γ and α.

    Attributes
    ----------
    p, q, m, r, a, causes
        Numbers of fixed effects, random effects, baseline coefficients, covariates of the hazard, features of the
        trajectory, and causes.
    """

    p: int
    q: int
    m: int
    r: int
    a: int
    causes: int

    @cached_property
    def lower(self) -> tuple[Integers, Integers]:
        """Row and column numbers of the entries of the root."""
        row, column = np.tril_indices(self.q)
        return row.astype(np.int64), column.astype(np.int64)

    @property
    def size(self) -> int:
        """Length of θ."""
        return self.event_start + self.causes * (self.m + self.r + self.a)

    @property
    def event_start(self) -> int:
        """Where the causes begin."""
        return self.p + 1 + self.q * (self.q + 1) // 2

    def event(self, cause: int) -> tuple[slice, slice, slice]:
        """Baseline, γ and α of a cause, numbered from 0."""
        start = self.event_start + cause * (self.m + self.r + self.a)
        return (
            slice(start, start + self.m),
            slice(start + self.m, start + self.m + self.r),
            slice(start + self.m + self.r, start + self.m + self.r + self.a),
        )

    def unpack(self, theta: Floats) -> Parameters:
        """θ as parameters."""
        row, column = self.lower
        root = np.zeros((self.q, self.q))
        root[row, column] = theta[self.p + 1 : self.event_start]
        np.fill_diagonal(root, np.exp(np.clip(np.diagonal(root), -40, 40)))
        parts = [self.event(cause) for cause in range(self.causes)]
        baseline, gamma, alpha = (np.array([theta[part[j]] for part in parts]) for j in range(3))
        return Parameters(theta[: self.p], float(np.exp(theta[self.p])), root, baseline, gamma, alpha)

    def pack(self, parameters: Parameters) -> Floats:
        """Parameters as θ."""
        row, column = self.lower
        entries = parameters.root[row, column].copy()
        entries[row == column] = np.log(entries[row == column])
        theta: list[Floats] = [parameters.beta, np.log([parameters.sigma]), entries]
        for cause in range(self.causes):
            theta += [parameters.baseline[cause], parameters.gamma[cause], parameters.alpha[cause]]
        return np.concatenate(theta)

    def names(
        self,
        fixed: Sequence[str],
        random: Sequence[str],
        baseline: Sequence[str],
        hazard: Sequence[str],
        features: Sequence[str],
    ) -> tuple[str, ...]:
        """(P,) a name for each entry of θ; a cause's number is added where there are several."""
        row, column = self.lower
        roots = [
            f"log root D[{random[i]}]" if i == j else f"root D[{random[i]},{random[j]}]"
            for i, j in zip(row, column, strict=True)
        ]
        names = [*fixed, "log sigma", *roots]
        for cause in range(1, self.causes + 1):
            mark = f" (cause {cause})" if self.causes > 1 else ""
            names += [f"{name}{mark}" for name in (*baseline, *hazard, *(f"alpha[{name}]" for name in features))]
        return tuple(names)
