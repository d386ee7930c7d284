"""Linear mixed models of a score over time, in closed form from sums over each group's rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Floats, Integers, confidence, dense_codes
from riskset.stats.mixed.deviance import Deviance, Method, Profile, Structure, Sums, differences, minimise
from riskset.stats.mixed.identified import require_told_apart
from riskset.stats.newton import one_thread
from riskset.stats.summaries import FitTable, Names, ShownFit, fit_table, require_converged

_SINGULAR = 1e-5  # a scaled root of a variance below which it is called zero


@dataclass(frozen=True, eq=False, repr=False)
class MixedFit(ShownFit):
    """A fitted linear mixed model y = xβ + z b + ε, with b ~ N(0, D) for each group and ε ~ N(0, σ²).

    In a study of decline β is the mean course *of the scores that were seen*; where death takes those who decline fast,
    it is biased by those deaths, and `fit_joint` is not.

    Attributes
    ----------
    names
        (p,) the terms.
    beta
        (p,) fixed effects.
    covariance
        (p, p) the one inference uses: the sandwich where ``cluster`` was given, else ``covariance_model``.
    covariance_model
        (p, p) σ²(XᵀV⁻¹X)⁻¹ at the estimated variances.
    random_covariance
        (q, q) D.
    sigma
        Residual standard deviation.
    random_effects
        (groups, q) best linear unbiased predictions of b, groups in the order of their sorted labels.
    fitted, residuals
        (n,) xβ + z b, and y less that, in the order of the rows.
    loglik
        Log-likelihood at the maximum; restricted under REML.
    decrement
        gᵀH⁻¹g of the variance parameters at the end.
    iterations, converged
        Newton steps, and whether the decrement came below 1e-16 (or as far as rounding allows).
    singular
        Some combination of the random effects has no variance: the estimate lies on the boundary.
    df
        (p,) Satterthwaite's degrees of freedom of each fixed effect; NaN on the boundary.
    method, structure
        As asked.
    n_rows, n_groups, n_clusters
        Totals; ``n_clusters`` is None without a sandwich.
    """

    names: tuple[str, ...]
    beta: Floats
    covariance: Floats
    covariance_model: Floats
    random_covariance: Floats
    sigma: float
    random_effects: Floats
    fitted: Floats
    residuals: Floats
    loglik: float
    decrement: float
    iterations: int
    converged: bool
    singular: bool
    df: Floats
    method: Method
    structure: Structure
    n_rows: int
    n_groups: int
    n_clusters: int | None

    def _heading(self) -> str:
        spread = ", ".join(f"{root:.4g}" for root in np.sqrt(np.diagonal(self.random_covariance)))
        return (
            f"{self.n_rows:,} rows of {self.n_groups:,} groups, log-likelihood {self.loglik:.6g} ({self.method}), "
            f"standard deviations {spread} of the random effects and {self.sigma:.4g} of the residual"
        )

    @property
    def std_error(self) -> Floats:
        """(p,) standard errors, from ``covariance``; NaN where the fit did not converge."""
        return np.asarray(np.sqrt(np.diagonal(self.covariance)))

    def interval(self, level: float = 0.95, *, satterthwaite: bool = False) -> Floats:
        """(p, 2) confidence limits of the fixed effects: normal, or t with Satterthwaite's degrees of freedom."""
        level = confidence(level)
        half = 0.5 + level / 2
        z = special.stdtrit(self.df, half) if satterthwaite else np.full(len(self.beta), special.ndtri(half))
        return np.asarray(self.beta[:, None] + (z * self.std_error)[:, None] * np.array([-1.0, 1.0]))

    def table(self, names: Names = None, *, level: float = 0.95, satterthwaite: bool = False) -> FitTable:
        """The fixed effects with estimate, standard error, test and limits, as R's ``broom.mixed::tidy`` has them.

        Parameters
        ----------
        names
            (p,) what the terms shall be called, or a mapping of some to new names.
        level
            Confidence level.
        satterthwaite
            Whether test and limits are those of t with Satterthwaite's degrees of freedom, not of the normal.

        Raises
        ------
        FitError
            The fit did not converge.
        """
        require_converged(
            self.converged, where="mixed model", remedy='try structure="diagonal", or fewer random effects'
        )
        limits = self.interval(level, satterthwaite=satterthwaite)
        df = self.df if satterthwaite else None
        return fit_table(self.names, self.beta, self.std_error, limits, names=names, df=df)


def fit_mixed(
    y: ArrayLike,
    x: ArrayLike,
    z: ArrayLike,
    group: ArrayLike,
    *,
    method: str = "reml",
    structure: str = "unstructured",
    cluster: ArrayLike | None = None,
    names: Sequence[str] | None = None,
) -> MixedFit:
    """Fit a linear mixed model with one grouping factor. Rows come in any order.

    Parameters
    ----------
    y
        (n,) the score.
    x
        (n, p) design of the fixed effects, the intercept included.
    z
        (n, q) design of the random effects, the intercept included; (n,) for one.
    group
        (n,) labels of any type; in a study of patients, the patient.
    method
        ``"reml"`` or ``"ml"``.
    structure
        Of D: ``"unstructured"``, or ``"diagonal"`` for uncorrelated random effects. Where time has its zero changes
        nothing under the first but the intercept and its random effect; what is uncorrelated at one zero is correlated
        at another, so that the second is another model there.
    cluster
        (n,) labels that contain the groups (or the groups themselves): ``covariance`` becomes the sandwich over
        clusters, which holds if the variances are wrongly specified, without a small-sample factor.
    names
        (p,) the fixed effects, for errors and tables; by default the columns of a data frame, else ``x[0]``, ….

    Raises
    ------
    FitError
        Missing values, collinear fixed or random effects, a constant score, groups too thin for the random effects,
        scores at too few times to tell the variances apart.

    Notes
    -----
    β and σ are profiled out; the deviance is minimised over the entries of the relative root Λ, D = σ²ΛΛᵀ (Bates et
    al., Journal of Statistical Software 2015; 67(1), §3), here by Newton's method on its exact gradient.

    Examples
    --------
    Two scores each of three patients, one apart: the slope is 1.

    >>> fit = fit_mixed([0, 1, 4, 5, 7, 8.5], np.column_stack([np.ones(6), [0, 1] * 3]), np.ones(6), [1, 1, 2, 2, 3, 3])
    >>> round(float(fit.beta[1]), 3)
    1.167
    """
    if method not in ("reml", "ml"):
        raise ValueError(f'method is {method!r}; it should be "reml" or "ml"')
    if structure not in ("unstructured", "diagonal"):
        raise ValueError(f'structure is {structure!r}; it should be "unstructured" or "diagonal"')
    with one_thread():
        sums = Sums.of(y, x, z, group, names, cast(Structure, structure))
        require_told_apart(sums, cast(Structure, structure))
        clusters = None if cluster is None else _cluster_of_groups(cluster, sums)
        return _fit(sums, cast(Method, method), cast(Structure, structure), clusters)


def _fit(sums: Sums, method: Method, structure: Structure, clusters: Integers | None) -> MixedFit:
    at = Deviance(sums, method, structure)
    t, decrement, iterations, converged = minimise(at, at.start)
    profiled, _ = at(t)
    root = at.root(t)
    singular = bool(np.linalg.svd(at.relative(t), compute_uv=False).min() < _SINGULAR)
    model = profiled.sigma2 * profiled.inverse
    covariance = model if clusters is None else _sandwich(sums, at.relative(t), profiled, clusters)
    nothing = np.full_like(model, np.nan)
    fitted = sums.x @ profiled.beta + np.einsum("nq,nq->n", sums.z, profiled.effects[sums.group])
    return MixedFit(
        names=sums.names,
        beta=profiled.beta,
        covariance=covariance if converged else nothing,
        covariance_model=model if converged else nothing,
        random_covariance=profiled.sigma2 * root @ root.T,
        sigma=float(np.sqrt(profiled.sigma2)),
        random_effects=profiled.effects,
        fitted=fitted,
        residuals=sums.y - fitted,
        loglik=-0.5 * profiled.deviance,
        decrement=decrement,
        iterations=iterations,
        converged=converged,
        singular=singular,
        df=np.full(sums.p, np.nan) if singular or not converged else _satterthwaite(at, t, profiled),
        method=method,
        structure=structure,
        n_rows=len(sums.y),
        n_groups=len(sums.s),
        n_clusters=None if clusters is None else int(clusters.max()) + 1,
    )


def _sandwich(sums: Sums, root: Floats, profiled: Profile, clusters: Integers) -> Floats:
    """(p, p) A⁻¹ (Σ s sᵀ) A⁻¹ with s = XᵀV⁻¹r of a cluster, V without σ²."""
    x = sums.x @ sums.inverse_r  # Q
    residual = sums.y - sums.x @ profiled.beta
    inner = np.linalg.inv(np.eye(sums.q) + root.T @ sums.s @ root)
    direction = np.append(-profiled.rest, 1.0)
    zr = sums.u @ direction
    of_group = np.zeros((len(sums.s), sums.p))
    np.add.at(of_group, sums.group, x * residual[:, None])
    u = sums.u[..., : sums.p]
    of_group -= np.einsum("gqi,qr,grs,ts,gt->gi", u, root, inner, root, zr, optimize=True)
    scores = np.zeros((int(clusters.max()) + 1, sums.p))
    np.add.at(scores, clusters, of_group)
    if len(scores) <= sums.p:
        raise FitError(
            f"too few clusters for {sums.p} terms",
            where="cluster",
            remedy="use the model-based covariance",
            problem=FitProblem.FEW_CLUSTERS,
        )
    influence = scores @ np.linalg.solve(sums.inverse_r, profiled.inverse)  # of Q's coefficients, times R⁻ᵀ
    return np.asarray(influence.T @ influence)


def _satterthwaite(at: Deviance, t: Floats, profiled: Profile) -> Floats:
    """(p,) 2v²/var(v) with v the variance of an estimate, by the delta method on the variance parameters.

    Fai & Cornelius, Journal of Statistical Computation and Simulation 1996; 54: 363-378.
    """
    sigma2, k = profiled.sigma2, len(t)

    def seen(t: Floats) -> Floats:
        """The deviance's derivatives by t and by log σ² (but for a constant), and the variances, at σ² held."""
        there, by_t = at(t, sigma2)
        return np.concatenate([by_t, [-there.rss / sigma2], sigma2 * np.diagonal(there.inverse)])

    by_t = differences(seen, t)
    hessian = np.zeros((k + 1, k + 1))
    hessian[:k], hessian[k, k] = by_t[:, : k + 1], profiled.rss / sigma2
    hessian[k, :k] = hessian[:k, k]
    variances = sigma2 * np.diagonal(profiled.inverse)
    slope = np.vstack([by_t[:, k + 1 :], variances])
    return np.asarray(2 * variances**2 / np.einsum("jp,jk,kp->p", slope, 2 * np.linalg.inv(hessian), slope))


def _cluster_of_groups(cluster: ArrayLike, sums: Sums) -> Integers:
    """(groups,) the cluster of each group, numbered from 0."""
    codes = dense_codes(cluster, sums.y.size, "cluster")
    of_group = np.zeros(len(sums.s), np.int64)
    of_group[sums.group] = codes
    split = np.unique(sums.group[of_group[sums.group] != codes]).size
    if split:
        raise FitError(f"{split} groups lie in several clusters", where="cluster", remedy="clusters hold whole groups")
    return of_group
