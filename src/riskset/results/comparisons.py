"""The comparisons of a study, by what tables call them."""

from __future__ import annotations

from collections.abc import Sequence

from riskset.spec.design import Controls
from riskset.spec.names import companions, is_kin

__all__ = ["base_of", "companions", "controls_of", "is_companion", "is_kin"]


def controls_of(asked: Sequence[Controls], comparison: str) -> Controls | None:
    """The controls of a comparison; None for a companion, which has those of another one."""
    return next((c for c in asked if c.comparison == comparison), None)


def base_of(asked: Sequence[Controls], comparison: str) -> Controls | None:
    """The controls of a comparison, or of a companion those that it takes some of."""
    of_companions = {label: base for kin in asked for base, label in companions(asked, kin)}
    return controls_of(asked, comparison) or of_companions.get(comparison)


def is_companion(asked: Sequence[Controls], comparison: str) -> bool:
    """Whether a comparison is the population estimate of the cases who have relatives."""
    return controls_of(asked, comparison) is None and base_of(asked, comparison) is not None
