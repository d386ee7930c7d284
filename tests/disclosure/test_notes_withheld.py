"""A note that tells of a few people leaves as the word that one is withheld, and every other note as it is."""

from __future__ import annotations

import pytest

from riskset.analysis.recording import RiskResult
from riskset.disclosure.door import clear
from riskset.disclosure.policy import Policy
from riskset.results.columns import table_of
from riskset.results.notes import NoteCode, read_notes
from riskset.results.released import Released
from riskset.results.rows import Diagnostic, Estimate
from tests.analysis.sets_by_hand import study
from tests.analysis.test_risk import fit, model, pairs
from tests.report.released import MANIFEST
from tests.shown import Evidence, shows


def released(result: RiskResult) -> Released:
    described = study(models=model())
    tables = {
        "estimates": table_of(result.estimates, Estimate),
        "diagnostics": table_of(result.diagnostics, Diagnostic),
    }
    named = {"name": described.name, "fingerprint": described.fingerprint, "seed": described.seed, "left_out": []}
    return Released(described, tables, {"study": named} | MANIFEST)


def codes_of(results: Released) -> list[set[NoteCode]]:
    """Of each row, in the order of the tables."""
    rows = [row for name in ("estimates", "diagnostics") for row in results.table(name).to_pylist()]
    return [{one.code for one in read_notes(row["notes"])} for row in rows]


@shows("NoteCode=note withheld", by=Evidence.OUTSIDE)
@pytest.mark.parametrize(
    ("exposed", "is_withheld"), [(4, True), (5, False), (30, False)], ids=["four", "five, not under five", "thirty"]
)
def test_that_nobody_else_has_the_level_of_a_few_is_withheld(exposed: int, is_withheld: bool) -> None:
    before = released(fit(pairs(exposed, 0, both=0, neither=300), models=model()))
    after = codes_of(clear(before, Policy("under 5")).released)
    for given, left in zip(codes_of(before), after, strict=True):
        lost = given - left
        assert lost == ({NoteCode.SEPARATED} & given if is_withheld else set())
        assert left - given == ({NoteCode.WITHHELD} if lost else set())
    assert any(NoteCode.WITHHELD in left for left in after) == is_withheld
