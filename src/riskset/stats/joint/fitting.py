"""Fitting a joint model of a score over time and of the events that end it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from riskset.errors import FitError, FitProblem
from riskset.stats.arrays import Floats, Integers, confidence, dense_codes, whole
from riskset.stats.joint.baseline import Baseline, NaturalSplineBaseline
from riskset.stats.joint.climbing import LADDER, TOLERANCE, Summit, climb, degenerate
from riskset.stats.joint.data import check_data
from riskset.stats.joint.likelihood import JointLikelihood
from riskset.stats.joint.quadrature import Nodes
from riskset.stats.joint.starting import start as start_values
from riskset.stats.joint.trajectory import ASSOCIATIONS, Trajectory
from riskset.stats.newton import invert_information, one_thread, solve_information
from riskset.stats.summaries import FitTable, Names, ShownFit, fit_table, require_converged

_MOST_EFFECTS, _MOST_NODES = 4, 200


@dataclass(frozen=True)
class Accuracy:
    """What finer quadrature changes: four more nodes an axis for the random effects, twice the nodes in time.

    Attributes
    ----------
    nodes
        Fewest and most nodes an axis of a patient.
    change_nodes, change_times
        What the log-likelihood at the estimate gains with more nodes, and with more times.
    shift
        About how far the estimate would move with both, in standard errors: √(gᵀH⁻¹g) with the finer gradient.
    """

    nodes: tuple[int, int]
    change_nodes: float
    change_times: float
    shift: float


@dataclass(frozen=True, eq=False, repr=False)
class JointFit(ShownFit):
    """A fitted joint model.

    The score of a patient is x(t)ᵀβ + z(t)ᵀb + ε while alive, and the hazard of cause k is
    h_k(t) exp(wᵀγ_k + Σ_a α_ka f_a(t)), where f_a are the features of the trajectory x(t)ᵀβ + z(t)ᵀb named by the
    association. β describes the score of all patients *as if nobody died*; γ are direct effects, the log hazard ratios
    of patients alike in those features; exp(α_k) is the hazard ratio for one unit of the feature.

    Attributes
    ----------
    names, theta, covariance
        (P,), (P,), (P, P) all parameters: β, log σ, the root of D (logs on its diagonal), then for each cause the
        baseline, γ and α. ``covariance`` is the one inference uses, NaN where the fit did not converge: the sandwich
        where ``cluster`` was given, else ``covariance_model``.
    beta, sigma, random_covariance
        (p,) fixed effects, σ, and D (q, q).
    baseline, gamma, alpha
        (causes, m), (causes, r), (causes, A).
    loglik, loglik_separate
        Log-likelihood, and that of the two submodels fitted apart (all α = 0).
    decrement, iterations, converged, failure
        gᵀH⁻¹g at the estimate, steps, whether that came below 1e-9, and if not, why: an error that was not raised, with
        its ``problem``; ``reason`` has its words.
    accuracy
        What finer quadrature changes.
    random_effects
        (n, q) means of b given all that was seen of a patient.
    random_spread
        (n, q, q) covariances of b about them.
    n_patients, n_visits, n_without_visits, n_events, n_clusters
        Totals; ``n_events`` is (causes,). A patient without visits counts by the survival alone.
    likelihood, nodes
        The log-likelihood with its copy of the data, and its quadrature nodes, for predictions and residuals.
    """

    names: tuple[str, ...]
    theta: Floats
    covariance: Floats
    covariance_model: Floats
    beta: Floats
    sigma: float
    random_covariance: Floats
    baseline: Floats
    gamma: Floats
    alpha: Floats
    loglik: float
    loglik_separate: float
    decrement: float
    iterations: int
    converged: bool
    failure: FitError | None
    accuracy: Accuracy
    random_effects: Floats
    random_spread: Floats
    n_patients: int
    n_visits: int
    n_without_visits: int
    n_events: Integers
    n_clusters: int | None
    likelihood: JointLikelihood
    nodes: list[Nodes]

    def _heading(self) -> str:
        events = " and ".join(f"{n:,}" for n in self.n_events)
        return (
            f"{self.n_patients:,} patients with {self.n_visits:,} visits and {events} events, log-likelihood "
            f"{self.loglik:.6g}"
        )

    @property
    def reason(self) -> str:
        """Why the fit did not converge, in a clause; empty where it did."""
        return "; ".join(filter(None, (self.failure.what, self.failure.remedy))) if self.failure else ""

    @property
    def std_error(self) -> Floats:
        """(P,) standard errors of ``theta``, from ``covariance``."""
        return np.asarray(np.sqrt(np.diagonal(self.covariance)))

    def interval(self, level: float = 0.95) -> Floats:
        """(P, 2) Wald limits of ``theta``; NaN where the fit did not converge."""
        z = special.ndtri(0.5 + confidence(level) / 2)
        return np.asarray(self.theta[:, None] + self.std_error[:, None] * np.array([-z, z]))

    def table(self, names: Names = None, *, ratio: bool = False, level: float = 0.95) -> FitTable:
        """The parameters with estimate, standard error, Wald test and limits, as R's ``broom::tidy`` would have them.

        Parameters
        ----------
        names
            What the parameters shall be called: one name for each row, or a mapping of some to new names.
        ratio
            Of the parameters those that are log hazard ratios, γ and α of each cause, and these exponentiated;
            ``std_error`` stays that of the logarithm.
        level
            Confidence level.

        Raises
        ------
        FitError
            The fit did not converge.
        """
        remedy = "see accuracy and reason of the fit; try more nodes, a simpler baseline or fewer random effects"
        require_converged(self.converged, where="joint model", reason=self.reason, remedy=remedy)
        kept = self._log_ratios() if ratio else np.arange(len(self.theta))
        terms, limits = [self.names[i] for i in kept], self.interval(level)[kept]
        return fit_table(terms, self.theta[kept], self.std_error[kept], limits, names=names, ratio=ratio)

    def _log_ratios(self) -> Integers:
        """The positions in ``theta`` of γ and α, which end the part of each cause."""
        causes, m = self.baseline.shape
        width = m + self.gamma.shape[1] + self.alpha.shape[1]
        first = len(self.theta) - causes * width
        return np.concatenate([np.arange(first + k * width + m, first + (k + 1) * width) for k in range(causes)])

    def at(self, name: str) -> int:
        """The position in ``theta`` of a parameter."""
        return self.names.index(name)


def fit_joint(
    y: ArrayLike,
    time: ArrayLike,
    patient: ArrayLike,
    stop: ArrayLike,
    event: ArrayLike,
    *,
    start: ArrayLike | None = None,
    x: ArrayLike | None = None,
    w: ArrayLike | None = None,
    trajectory: Trajectory | None = None,
    association: str | Sequence[str] = "value",
    baseline: Baseline | None = None,
    nodes: int | None = None,
    cluster: ArrayLike | None = None,
    x_names: Sequence[str] | None = None,
    w_names: Sequence[str] | None = None,
) -> JointFit:
    """Fit a shared-parameter joint model by maximum likelihood. Visits come in any order.

    Parameters
    ----------
    y, time
        (N,) scores and their times, in the unit and from the origin of ``stop``.
    patient
        (N,) whose they are: positions 0 … n − 1 in the arrays of patients below.
    stop, event
        (n,) last time, and 0 or the cause 1, 2, … of the event then.
    start
        (n,) time of entry: who had the event before could not have been seen. The likelihood is divided by the chance
        P(T > start) of a random patient, which the hazard from 0 on gives; 0 by default.
    x, w
        (n, m) covariates of the trajectory and (n, r) of the hazard, without a constant.
    trajectory
        Time and covariates of the score; straight lines by default.
    association
        What of the trajectory the hazard depends on: ``"value"``, ``"slope"``, ``"cumulative"`` (the area under it from
        0), ``"random effects"``, or several of them.
    baseline
        ``NaturalSplineBaseline``, ``PiecewiseConstant``, ``SplineBaseline`` or ``Weibull``; by default a restricted
        cubic spline of the log hazard with five knots, fewer where there are fewer than 40 events. Each cause has its
        own coefficients. Seven constant pieces, the default of R's JM, leave part of the hazard's trend to the score
        and move the association: see ``PiecewiseConstant``.
    nodes
        Gauss-Hermite nodes an axis for everybody; by default each patient's integral gets as many as it needs.
    cluster
        (n,) labels: ``covariance`` becomes the sandwich over clusters; each patient a cluster gives robust errors.
    x_names, w_names
        Names of the covariates.

    Returns
    -------
    JointFit
        With ``converged`` false, a ``reason`` and no standard errors where the maximum was not found or does not exist.

    Raises
    ------
    FitError
        Data from which nothing can be estimated: entry at or after the last time, scores after it, no events, no
        patient with two scores, more than four random effects, a constant score, collinear covariates, a covariate
        that separates, missing values.

    Notes
    -----
    Wulfsohn & Tsiatis, Biometrics 1997; 53: 330-339; Rizopoulos, *Joint Models for Longitudinal and Time-to-Event Data*
    (2012). Delayed entry as in van den Hout & Muniz-Terrera, Statistics in Medicine 2016; 35: 4183-4194.
    """
    asked = tuple(association) if isinstance(association, list | tuple) else (association,)
    kinds = tuple(kind for kind in ASSOCIATIONS if kind in asked)
    if not asked or len(kinds) != len(asked):
        raise ValueError(f"association is {association!r}; it should be one or several of {', '.join(ASSOCIATIONS)}")
    course = Trajectory() if trajectory is None else trajectory
    if course.random.n_terms > _MOST_EFFECTS:
        raise FitError(
            f"{course.random.n_terms} random effects are too many for quadrature",
            where="joint model",
            remedy=f"take {_MOST_EFFECTS} or fewer",
        )
    with one_thread():
        data = check_data(course, y, time, patient, stop, event, start, x, w, x_names, w_names)
        hazard = NaturalSplineBaseline.at_quantiles(data.stop, data.event) if baseline is None else baseline
        clusters = None if cluster is None else dense_codes(cluster, data.n, "cluster")
        orders = np.full((2, data.n), LADDER[0] if nodes is None else whole(nodes, "nodes", least=1, most=_MOST_NODES))
        likelihood = JointLikelihood(data, hazard, kinds, orders)
        theta, apart = start_values(likelihood)
        return _fitted(climb(likelihood, theta, grade=nodes is None), apart, clusters)


def _fitted(summit: Summit, apart: float, clusters: Integers | None) -> JointFit:
    likelihood = summit.likelihood
    data, layout = likelihood.data, likelihood.layout
    parameters = layout.unpack(summit.theta)
    failure = degenerate(likelihood, summit.theta) or (None if summit.converged else _no_summit(summit))
    nothing = np.full((layout.size, layout.size), np.nan)
    model = nothing if failure else invert_information(summit.information)
    if not failure and (failure := _without_bound(likelihood, model)):
        model = nothing
    covariance = model
    if clusters is not None and not failure:
        covariance = _sandwich(summit.scores, clusters, model)
    effects, spread = likelihood.posterior(summit.theta, summit.nodes)
    return JointFit(
        names=layout.names(
            data.fixed_names,
            data.trajectory.random.names,
            likelihood.baseline.names,
            data.w_names,
            data.trajectory.features(likelihood.association),
        ),
        theta=summit.theta,
        covariance=covariance,
        covariance_model=model,
        beta=parameters.beta,
        sigma=parameters.sigma,
        random_covariance=parameters.covariance,
        baseline=parameters.baseline,
        gamma=parameters.gamma,
        alpha=parameters.alpha,
        loglik=summit.value,
        loglik_separate=apart,
        decrement=summit.decrement,
        iterations=summit.iterations,
        converged=not failure,
        failure=failure,
        accuracy=_accuracy(summit, bool(failure)),
        random_effects=effects,
        random_spread=spread,
        n_patients=data.n,
        n_visits=len(data.y),
        n_without_visits=int(np.count_nonzero(data.visits.count == 0)),
        n_events=np.bincount(data.event, minlength=layout.causes + 1)[1:],
        n_clusters=None if clusters is None else int(clusters.max()) + 1,
        likelihood=likelihood,
        nodes=summit.nodes,
    )


def _no_summit(summit: Summit) -> FitError:
    """Why the place where a climb ended is no maximum."""
    if not np.isfinite(summit.decrement):
        return FitError(
            "the log-likelihood is not concave where the climb ended",
            where="joint model",
            problem=FitProblem.NOT_CONCAVE,
        )
    return FitError(
        f"the gradient did not vanish: gᵀH⁻¹g is {summit.decrement:.2g}, above {TOLERANCE:g}",
        where="joint model",
        problem=FitProblem.GRADIENT_LEFT,
        facts={"decrement": float(summit.decrement), "tolerance": TOLERANCE},
    )


_FLAT = 100.0
"""A standard error of a log hazard ratio, between a covariate's lowest and highest value, that no data have.

Where covariates separate the likelihood rises for ever, ever less: the climb ends where the slope is small, and the
information with it. A decrement of 1e-9 is a standard error of 3e4.
"""


def _without_bound(likelihood: JointLikelihood, covariance: Floats) -> FitError | None:
    """Which covariates together leave the likelihood without a maximum, if it has none."""
    data, layout = likelihood.data, likelihood.layout
    if not data.w.shape[1]:
        return None
    error, reach = np.sqrt(np.diagonal(covariance)), np.ptp(data.w, axis=0)
    flat = [error[layout.event(cause)[1]] * reach > _FLAT for cause in range(layout.causes)]
    names = [name for name, boundless in zip(data.w_names, np.any(flat, axis=0), strict=True) if boundless]
    if not names:
        return None
    return FitError(
        f"separation by {', '.join(names)}: the likelihood has no finite maximum",
        where="joint model",
        remedy="merge levels or leave one out",
        problem=FitProblem.SEPARATED_IN_HAZARD,
        terms=names,
    )


def _sandwich(scores: Floats, clusters: Integers, bread: Floats) -> Floats:
    sums = np.zeros((int(clusters.max()) + 1, scores.shape[1]))
    np.add.at(sums, clusters, scores)
    if len(sums) <= scores.shape[1]:
        raise FitError(
            f"too few clusters for {scores.shape[1]} parameters",
            where="cluster",
            remedy="use the model-based errors",
            problem=FitProblem.FEW_CLUSTERS,
        )
    influence = sums @ bread
    return np.asarray(influence.T @ influence)


def _accuracy(summit: Summit, failed: bool) -> Accuracy:
    """Evaluate once more with finer quadrature in both directions."""
    likelihood, theta = summit.likelihood, summit.theta
    whole, entry = likelihood.by_patient(theta, summit.nodes, more=4).sum(axis=1)
    more_nodes = float(whole - entry)
    both, scores = likelihood.finer(points_factor=2)(theta, summit.nodes, more=4)
    gradient = scores.sum(axis=0)
    shift = np.nan if failed else float(np.sqrt(max(0.0, gradient @ solve_information(summit.information, gradient))))
    used = likelihood.orders[0]
    return Accuracy((int(used.min()), int(used.max())), more_nodes - summit.value, both - more_nodes, shift)
