"""The comparisons of a study, by what tables call them."""

from __future__ import annotations

from riskset.spec.design import Controls
from riskset.spec.names import companions, is_kin
from riskset.spec.study import Study

__all__ = ["base_of", "companions", "controls_of", "is_companion", "is_kin"]


def controls_of(study: Study, comparison: str) -> Controls | None:
    """The controls of a comparison; None for a companion, which has those of another one."""
    return next((c for c in study.controls if c.comparison == comparison), None)


def base_of(study: Study, comparison: str) -> Controls | None:
    """The controls of a comparison, or of a companion those that it takes some of."""
    of_companions = {label: base for kin in study.controls for base, label in companions(study, kin)}
    return controls_of(study, comparison) or of_companions.get(comparison)


def is_companion(study: Study, comparison: str) -> bool:
    """Whether a comparison is the population estimate of the cases who have relatives."""
    return controls_of(study, comparison) is None and base_of(study, comparison) is not None
