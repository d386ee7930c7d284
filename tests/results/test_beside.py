"""Estimates beside planted values, and beside limits only where these are asked for."""

from __future__ import annotations

from math import isnan
from typing import Any

import pyarrow as pa

from riskset.results.beside import Known, beside_planted, known_of
from riskset.results.tables import ESTIMATES, PLANTED, rows_to_table

PLACE = {"exposure": "anxiolytics", "term": "first_use", "level": "0-1y", "scale": "log_or"}


def estimates(*rows: dict[str, Any]) -> pa.Table:
    common = PLACE | {"analysis": "risk", "comparison": "population", "subgroup": ""}
    return rows_to_table([common | row for row in rows], ESTIMATES)


def numbers(estimate: float) -> dict[str, float]:
    return {"estimate": estimate, "conf_low": estimate - 0.2, "conf_high": estimate + 0.2}


TRUTHS = rows_to_table(
    [
        PLACE | {"comparison": "", "model": "mutually adjusted", "value": 0.7, "source": "planted (assumed)"},
        PLACE | {"comparison": "", "model": "crude", "value": 0.9, "source": "limit of this model's form"},
    ],
    PLANTED,
)
FITTED = estimates(
    {"model": "crude"} | numbers(1.2),
    {"model": "mutually adjusted"} | numbers(0.6),
    {"model": "name: mutually adjusted"} | numbers(3.0),
    {"model": "mutually adjusted", "subgroup": "sex=female"} | numbers(2.0),
)


def test_only_planted_values_are_there_by_default() -> None:
    (row,) = beside_planted(FITTED, TRUTHS)
    assert (row["model"], row["planted"], row["estimate"], row["covered"]) == ("mutually adjusted", 0.7, 0.6, True)
    assert row["source"] == "planted (assumed)"


def test_limits_are_called_limits() -> None:
    (row,) = beside_planted(FITTED, TRUTHS, pseudo_true=True)
    assert (row["model"], row["limit"], row["covered"]) == ("crude", 0.9, False)
    assert "planted" not in row


def test_firths_estimate_stands_in_under_its_own_name() -> None:
    fitted = estimates({"model": "mutually adjusted"}, {"model": "mutually adjusted, Firth"} | numbers(0.5))
    (row,) = beside_planted(fitted, TRUTHS)
    assert (row["model"], row["estimate"], row["covered"]) == ("mutually adjusted, Firth", 0.5, True)


def test_what_is_not_estimable_covers_nothing_and_does_not_vanish() -> None:
    (row,) = beside_planted(estimates({"model": "mutually adjusted"}), TRUTHS)
    assert isnan(row["estimate"])
    assert row["covered"] is False


def test_each_comparison_has_its_own_rows_with_its_informative_sets() -> None:
    form = {"model": "mutually adjusted"}
    fitted = estimates(
        form | numbers(0.6) | {"n_informative": 90},
        form | numbers(0.1) | {"comparison": "siblings", "n_informative": 7},
        form | numbers(0.3) | {"comparison": "spouses", "n_informative": 8},
    )
    truths = rows_to_table(
        [PLACE | form | {"comparison": c, "value": 0.7, "source": "planted"} for c in ("population", "siblings")],
        PLANTED,
    )
    found = beside_planted(fitted, truths)
    assert [(r["comparison"], r["n_informative"], r["covered"]) for r in found] == [
        ("population", 90, True),
        ("siblings", 7, False),
    ]


def test_what_is_known_of_an_estimate_is_matched_in_one_place() -> None:
    rows, truths = FITTED.to_pylist(), TRUTHS.to_pylist()
    crude, mutual, named, subgroup = (known_of(row, truths) for row in rows)
    assert crude.planted is None
    assert crude.pseudo_true is not None
    assert crude.elsewhere is not None
    assert crude.elsewhere["value"] == 0.7
    assert mutual.planted is not None
    assert (mutual.pseudo_true, mutual.elsewhere) == (None, None)
    assert named == subgroup == Known()
