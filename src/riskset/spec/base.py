"""What every part of the description shares: it is frozen, and it refuses names it does not know."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of a study description."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
