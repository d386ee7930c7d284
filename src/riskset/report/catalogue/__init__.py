"""The words of results: every code of ``results.vocabulary`` in the language of a report, and nowhere else.

A second language is a second `Catalogue`; how numbers are set is in `formats`.
"""

from __future__ import annotations

from riskset.report.catalogue.catalogue import Catalogue
from riskset.report.catalogue.english import ENGLISH

__all__ = ["ENGLISH", "Catalogue"]
