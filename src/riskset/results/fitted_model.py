"""A model as it was fitted: what all rows of it have in common, and the identifier by which they are joined."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from riskset.results.columns import columns_of
from riskset.results.vocabulary import Contrast, Form, Model

_DIGITS = 12


@dataclass(frozen=True, kw_only=True)
class FittedModel:
    """One fit, by what the description and the form say of it; nothing of it is counted in the data.

    Attributes
    ----------
    model : its facts
    comparison : whose sets it is fitted on
    exposures : the classes whose effects it is for: one, or several that are adjusted for each other
    covariates : the covariates that the description adjusts it for
    contrast : what its coefficients of exposure compare
    modifier, stratum : what may modify the effect, and the one level of it whose people it is of
    """

    model: Model
    comparison: str
    exposures: tuple[str, ...]
    covariates: tuple[str, ...] = ()
    contrast: Contrast = Contrast.NONE
    modifier: str = ""
    stratum: str = ""

    @property
    def model_id(self) -> str:
        """``m3f09a1b2c4d5``: a digest of its facts, the same in every run and on every engine.

        Slopes of a joint model stand in another analysis than its hazard ratios, and are of the same fit. The letter
        keeps programs from reading a number.
        """
        facts = [str(getattr(self.model, c.name)) for c in columns_of(Model) if c.name != "analysis"]
        more = [self.comparison, self.exposures, self.covariates, str(self.contrast), self.modifier, self.stratum]
        text = json.dumps([*facts, *more])
        return f"m{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"

    def adjusted_for(self, name: str) -> tuple[str, ...]:
        """What stands in the model beside one of its exposures or covariates: covariates, then the other exposures."""
        return tuple(one for one in (*self.covariates, *self.exposures) if one != name)


def is_adjusted(form: Form) -> bool:
    """Whether models of a form have the covariates of the description."""
    return form in (Form.ADJUSTED, Form.MUTUALLY_ADJUSTED)
