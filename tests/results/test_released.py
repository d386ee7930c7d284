"""Results that a run makes are held to the keys that the dictionary documents, whoever made each table."""

from __future__ import annotations

import pyarrow as pa
import pytest
from tests.report.released import make_study

from riskset.results.quality_vocabulary import QualityAction, QualityRule
from riskset.results.released import Released
from riskset.results.rows import QualityRow
from riskset.results.tables import QUALITY, rows_to_table


def test_two_rows_of_one_key_are_no_results_of_a_run() -> None:
    """A table joined of two that are each in order is not in order by that."""
    rule, action = next(iter(QualityRule)), next(iter(QualityAction))
    one = rows_to_table([QualityRow.counted("person", rule, 1, 10, action)], QUALITY)
    other = rows_to_table([QualityRow.counted("person", rule, 2, 10, action, subject="sex")], QUALITY)
    Released(make_study(), {"quality": pa.concat_tables([one, other])}, {})
    with pytest.raises(ValueError, match=r"1 keys stand in several rows, the first of them .*person"):
        Released(make_study(), {"quality": pa.concat_tables([one, other, one])}, {})
    Released(make_study(), {"quality": pa.concat_tables([one, one])}, {}, stamp="draft")  # checked before it left
