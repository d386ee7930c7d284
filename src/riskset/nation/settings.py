"""What a nation is asked to be. Every number is a default that can be changed, and stands in ``truth.json``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date

from riskset.errors import SpecError
from riskset.nation.mechanism import Mechanism
from riskset.plain import Plain

CLASSES = {"anxiolytics": "N05B", "hypnotics": "N05C", "antidepressants": "N06A"}
"""The three classes with planted effects, by the name the founding study's description gives them."""

LEVELS = ("0-1y", "1-5y", ">5y")
"""Time since the qualifying date: ``[t − 1y, t)``, ``[t − 5y, t − 1y)`` and before ``t − 5y``, in calendar years."""

PUBLISHED = {("anxiolytics", "1-5y"), ("hypnotics", "0-1y"), ("antidepressants", ">5y")}
"""The cells whose planted ratio is the founding study's (its windows); the other six are assumptions."""

EDUCATION = ("primary", "secondary", "tertiary")

Ratios = tuple[float, float, float]


@dataclass(frozen=True)
class Effects:
    """Ratios by which the hazard of ALS is multiplied (effect mode).

    The ratio of a class depends on the time since the qualifying date, the second distinct dispensing date, and is 1
    before it and on the day itself. Ratios of classes and confounders multiply.

    Attributes
    ----------
    anxiolytics, hypnotics, antidepressants
        Ratios at 0-1, 1-5 and > 5 years since the qualifying date. Published: 1.60, 6.10 and 1.21
        (doi 10.1001/jamanetworkopen.2025.14437); the others are assumed, rising towards diagnosis.
    education_risk, education_use
        Ratios for primary, secondary and tertiary education, on the hazard of ALS and of the first use of each class.
    psychiatric_risk
        Ratio on the hazard of ALS from one year after the first recorded psychiatric diagnosis (chapter F).
    psychiatric_use
        Ratio on the hazard of first use of each class in persons who have a psychiatric diagnosis at some time.
    withheld_use_acts
        Whether dispensings before the register's start count towards the qualifying date that drives the hazard.
        If not (the default), the planted ratios are what a study of the register can see; if so, the register's
        start also misclassifies use.
    """

    anxiolytics: Ratios = (2.20, 1.60, 1.10)
    hypnotics: Ratios = (6.10, 1.25, 1.05)
    antidepressants: Ratios = (1.80, 1.35, 1.21)
    education_risk: Ratios = (1.20, 1.0, 0.85)
    education_use: Ratios = (1.25, 1.0, 0.80)
    psychiatric_risk: float = 1.60
    psychiatric_use: float = 4.0
    withheld_use_acts: bool = False

    def of(self, name: str) -> Ratios:
        """The three ratios of a class."""
        ratios: Ratios = getattr(self, name)
        return ratios

    @classmethod
    def none(cls) -> Effects:
        """No effect of use and no confounding of it: every ratio is 1."""
        one = (1.0, 1.0, 1.0)
        return cls(one, one, one, one, one, 1.0, 1.0)


@dataclass(frozen=True)
class DiseaseCourse:
    """The course of ALS from diagnosis. Time in months, scores in points of ALSFRS-R (0-48).

    The latent score is ``b0 + b1 t``; the hazard of death is
    ``shape / scale · (t / scale)^(shape − 1) · exp(association · (b0 + b1 t − score) + covariates)``, with ``scale``
    solved so that the marginal median survival is ``median``. The hazard ratios act *given the current score*.

    Attributes
    ----------
    score, slope : mean score at diagnosis and its change a month
    covariance : variances of intercept and slope, and their covariance between them
    residual_variance : of a measured score about the latent one, before rounding
    association : log hazard ratio a point of the current latent score
    shape : Weibull shape of the baseline hazard *at a fixed score*. Falling scores make each patient's own hazard rise
        much faster; 0.7 gives a marginal shape of 1.1-1.2
    median : median survival from diagnosis, months, before deaths from other causes
    anxiolytics, hypnotics, antidepressants : direct hazard ratios of having qualified more than a year before
        diagnosis; published for anxiolytics and antidepressants (significant) and hypnotics (not significant)
    antidepressant_slope : added to the slope of users of antidepressants, points a month (assumed)
    age : log hazard ratio a year of age from 65; bulbar : hazard ratio of bulbar onset (both assumed)
    """

    score: float = 37.0
    slope: float = -1.03
    covariance: tuple[float, float, float] = (26.1, 1.22, 1.28)
    residual_variance: float = 3.08
    association: float = -0.09
    shape: float = 0.7
    median: float = 21.0
    anxiolytics: float = 1.52
    hypnotics: float = 1.23
    antidepressants: float = 1.72
    antidepressant_slope: float = -0.20
    age: float = 0.02
    bulbar: float = 1.25


@dataclass(frozen=True)
class NationSettings:
    """The size, the seed and the truth of a nation.

    Attributes
    ----------
    persons
        Persons living in the country at the end of 2020, in expectation. The person register holds half as many again:
        everybody who lived there at some time from 1998 to 2023, and their parents.
    seed
        Any whole number from 0. The same settings give the same nation.
    incidence
        Multiplies the incidence of ALS: 1 as in Sweden (3.6 per 100,000 and year); a small demonstration raises it.
    effects, course
        What is planted.
    mechanism
        What stands between use and disease besides (mechanism mode); nothing by default.
    """

    persons: int = 1_000_000
    seed: int = 20
    incidence: float = 1.0
    effects: Effects = field(default_factory=Effects)
    course: DiseaseCourse = field(default_factory=DiseaseCourse)
    mechanism: Mechanism = field(default_factory=Mechanism)

    def __post_init__(self) -> None:
        if not 100 <= self.persons <= 20_000_000:
            raise SpecError("a nation has 100 to 20,000,000 persons", where="persons")
        if self.seed < 0:
            raise SpecError("a seed is a whole number from 0", where="seed")
        if not self.incidence > 0:
            raise SpecError("the incidence multiplier is above 0", where="incidence")
        for name in CLASSES:
            if min(self.effects.of(name)) <= 0:
                raise SpecError("a ratio is above 0", where=f"effects.{name}")

    def as_dict(self) -> dict[str, Plain]:
        """The settings as plain data."""
        return asdict(self)


REGISTER_START = date(2005, 7, 1)
"""First day of the dispensing register. Earlier use is generated and withheld."""

POPULATION_START = date(1998, 1, 1)
"""First day of the residence register."""

LAST_DAY = date(2023, 12, 31)
"""Last day of every register, included."""
