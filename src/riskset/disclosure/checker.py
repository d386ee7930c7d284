"""The checker's page."""

from __future__ import annotations

from html import escape

from riskset.disclosure.door import Cleared


def checkers_page(cleared: Cleared) -> str:
    """One page on which a person reviews a release."""
    return f"<!doctype html><title>{escape(cleared.released.stamp)}</title>"
