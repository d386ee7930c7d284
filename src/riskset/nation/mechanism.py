"""What goes wrong between use and disease (mechanism mode): every switch is off by default."""

from __future__ import annotations

from dataclasses import dataclass, fields

from riskset.errors import SpecError
from riskset.nation.arithmetic import total

PRESETS = ("constant", "half-shared", "non-shared", "misclassified")
"""Names for `Mechanism.preset`."""


@dataclass(frozen=True)
class LiabilityPart:
    """A part of a person's liability, normal with mean 0 and SD 1: log ratios per SD on use and on risk.

    Attributes
    ----------
    on_use : on the rate of starting spells of each of the three classes
    on_risk : on the hazard of ALS
    """

    on_use: float = 0.0
    on_risk: float = 0.0


@dataclass(frozen=True)
class Mechanism:
    """A liability to use and to ALS that no register holds, and use that the register holds wrongly.

    With a liability on both, no model of the register's data is free of confounding; the planted ratios of use are the
    causal truth to set beside its estimates. The incidence and the prevalence of use stay what they are without.

    Attributes
    ----------
    constant
        Shared in full by full siblings (same mother and father), and by nobody else: half-siblings, parents and
        children draw their own.
    half_shared
        As genes: the mean of the parents' plus Mendelian segregation of variance 1/2, so that full siblings, and a
        parent and a child, correlate by 1/2, half-siblings by 1/4, and the variance is 1 in every generation.
    non_shared
        Each person's own.
    couple
        Shared by the partners of a person's first couple, whether begun yet or not.
    unrecorded_users
        Share of persons, for each class anew, whose use of it never reaches the register though it acts.
    unrecorded_dispensings
        Share of the other dispensings of the three classes that do not reach the register though they act.
    not_taken
        Share of persons, for each class anew, whose recorded dispensings are not taken: they do not act.
    """

    constant: LiabilityPart = LiabilityPart()
    half_shared: LiabilityPart = LiabilityPart()
    non_shared: LiabilityPart = LiabilityPart()
    couple: LiabilityPart = LiabilityPart()
    unrecorded_users: float = 0.0
    unrecorded_dispensings: float = 0.0
    not_taken: float = 0.0

    def __post_init__(self) -> None:
        for name in ("unrecorded_users", "unrecorded_dispensings", "not_taken"):
            if not 0 <= getattr(self, name) < 1:
                raise SpecError("a share is at least 0 and below 1", where=f"mechanism.{name}")
        if self.use_variance > 9 or self.risk_variance > 4:
            raise SpecError("a liability has an SD of at most 3 on use and 2 on risk", where="mechanism")

    @property
    def parts(self) -> dict[str, LiabilityPart]:
        """The parts of the liability by name."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: part for name, part in named.items() if isinstance(part, LiabilityPart)}

    @property
    def use_variance(self) -> float:
        """Variance of the log ratio on use."""
        return float(total([part.on_use * part.on_use for part in self.parts.values()]))

    @property
    def risk_variance(self) -> float:
        """Variance of the log ratio on risk."""
        return float(total([part.on_risk * part.on_risk for part in self.parts.values()]))

    @property
    def distorts(self) -> bool:
        """Whether estimates from the register's data are biased: a part acts on both, or use is misclassified."""
        return self.misclassifies or any(part.on_use and part.on_risk for part in self.parts.values())

    @property
    def covariance(self) -> float:
        """Covariance of the two log ratios: what confounds."""
        return float(total([part.on_use * part.on_risk for part in self.parts.values()]))

    @property
    def misclassifies(self) -> bool:
        """Whether the register holds use wrongly."""
        return max(self.unrecorded_users, self.unrecorded_dispensings, self.not_taken) > 0

    @classmethod
    def preset(cls, name: str) -> Mechanism:
        """One of four mechanisms that differ in what distorts.

        In each, a family-constant liability makes siblings alike in use, most in ``"misclassified"``. It also raises
        the risk in ``"constant"``; in ``"half-shared"`` and ``"non-shared"`` a part of that kind raises both; in
        ``"misclassified"`` nothing raises the risk, but three in ten users of each class are not recorded, and three
        in ten recorded ones do not take it.
        """
        alike, confounds = LiabilityPart(1.6, 0.0), LiabilityPart(1.5, 0.6)
        known = {
            "constant": cls(constant=LiabilityPart(1.6, 0.6), non_shared=LiabilityPart(1.5, 0.0)),
            "half-shared": cls(constant=alike, half_shared=confounds),
            "non-shared": cls(constant=alike, non_shared=confounds),
            "misclassified": cls(constant=LiabilityPart(2.5, 0.0), unrecorded_users=0.3, not_taken=0.3),
        }
        if name not in known:
            raise SpecError(f"{name} is no mechanism", where="mechanism", remedy=f"choose from {', '.join(PRESETS)}")
        return known[name]
