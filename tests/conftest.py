"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

from tests.examples import examples

settings.register_profile("riskset", max_examples=examples(100), deadline=None)
settings.load_profile("riskset")
