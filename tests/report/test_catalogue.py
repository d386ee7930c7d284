"""Every code has words."""

from __future__ import annotations

from riskset.report.catalogue import ENGLISH
from riskset.results.notes import NoteCode
from riskset.results.vocabulary import Family, Form


def test_every_value_of_the_vocabulary_has_words() -> None:
    assert set(ENGLISH.families) == set(Family)
    assert set(ENGLISH.forms) == set(Form)
    assert set(ENGLISH.notes) == set(NoteCode)
