"""The comparisons of a study, by what tables call them."""

from __future__ import annotations

from riskset.spec.design import Controls, SiblingControls, SpouseControls
from riskset.spec.study import Study


def controls_of(study: Study, comparison: str) -> Controls | None:
    """The controls of a comparison; None for a companion, which has those of another one."""
    return next((c for c in study.controls if c.comparison == comparison), None)


def is_kin(controls: Controls | None) -> bool:
    """Whether controls are relatives, so that nothing is matched on but the family or the household."""
    return isinstance(controls, SiblingControls | SpouseControls)


def companion_of(base: Controls, kin: Controls) -> str:
    """``population, cases with siblings``: unrelated controls of the cases in the models of such relatives."""
    return f"{base.comparison}, cases with {kin.comparison}"


def companions(study: Study, kin: Controls) -> list[tuple[Controls, str]]:
    """The unrelated controls to set beside relatives, the first of the study, with the label of that comparison.

    Without them a kin estimate would stand beside one of other cases: those without relatives too.
    """
    unrelated = [c for c in study.controls if not is_kin(c)]
    return [(c, companion_of(c, kin)) for c in unrelated[:1]] if is_kin(kin) else []


def base_of(study: Study, comparison: str) -> Controls | None:
    """The controls of a comparison, or of a companion those that it takes some of."""
    of_companions = {label: base for kin in study.controls for base, label in companions(study, kin)}
    return controls_of(study, comparison) or of_companions.get(comparison)


def is_companion(study: Study, comparison: str) -> bool:
    """Whether a comparison is the population estimate of the cases who have relatives."""
    return controls_of(study, comparison) is None and base_of(study, comparison) is not None
