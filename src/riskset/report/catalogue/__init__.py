"""The words of results: every code of ``results.vocabulary`` in the language of a report, and nowhere else.

A second language is a second `Catalogue`; the style of numbers is a switch of it.
"""

from __future__ import annotations

from riskset.report.catalogue.catalogue import Catalogue
from riskset.report.catalogue.english import AMERICAN, ENGLISH

__all__ = ["AMERICAN", "ENGLISH", "Catalogue"]
