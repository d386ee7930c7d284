"""Estimates beside planted values, and beside limits only where these are asked for."""

from __future__ import annotations

from math import isnan
from typing import Any

import pyarrow as pa

from riskset.results.beside import Known, beside_planted, known_of
from riskset.results.tables import ESTIMATES, PLANTED, rows_to_table

PLACE = {
    "analysis": "risk",
    "family": "conditional logistic",
    "measure": "first_use",
    "exposure": "anxiolytics",
    "role": "exposure",
    "level": "0-1y",
    "contrast": "level against reference",
    "scale": "log_or",
    **dict.fromkeys(("model_name", "association", "cause", "sensitivity", "covariate"), ""),
}


def estimates(*rows: dict[str, Any]) -> pa.Table:
    common = PLACE | {"comparison": "population", "estimator": "maximum likelihood", "modifier": ""}
    return rows_to_table([common | row for row in rows], ESTIMATES)


def numbers(estimate: float) -> dict[str, float]:
    return {"estimate": estimate, "conf_low": estimate - 0.2, "conf_high": estimate + 0.2}


TRUTHS = rows_to_table(
    [
        PLACE | {"comparison": "", "form": "mutually adjusted", "value": 0.7, "truth": "planted, assumed"},
        PLACE | {"comparison": "", "form": "crude", "value": 0.9, "truth": "pseudo-true"},
    ],
    PLANTED,
)
FITTED = estimates(
    {"form": "crude"} | numbers(1.2),
    {"form": "mutually adjusted"} | numbers(0.6),
    {"form": "mutually adjusted", "model_name": "name"} | numbers(3.0),
    {"form": "mutually adjusted", "modifier": "sex", "stratum": "female"} | numbers(2.0),
)


def test_only_planted_values_are_there_by_default() -> None:
    (found,) = beside_planted(FITTED, TRUTHS)
    assert (found.row["form"], found.truth["value"], found.number("estimate")) == ("mutually adjusted", 0.7, 0.6)
    assert found.holds
    assert found.truth["truth"] == "planted, assumed"


def test_limits_are_called_limits() -> None:
    (found,) = beside_planted(FITTED, TRUTHS, pseudo_true=True)
    assert (found.row["form"], found.truth["value"], found.holds) == ("crude", 0.9, False)
    assert found.truth["truth"] == "pseudo-true"


def test_firths_estimate_stands_in_under_its_own_name() -> None:
    fitted = estimates(
        {"form": "mutually adjusted"}, {"form": "mutually adjusted", "estimator": "firth"} | numbers(0.5)
    )
    (found,) = beside_planted(fitted, TRUTHS)
    assert (found.is_firth, found.number("estimate"), found.holds) == (True, 0.5, True)
    assert found.row["estimator"] == "maximum likelihood"


def test_what_is_not_estimable_covers_nothing_and_does_not_vanish() -> None:
    (found,) = beside_planted(estimates({"form": "mutually adjusted"}), TRUTHS)
    assert isnan(found.number("estimate"))
    assert found.holds is False


def test_each_comparison_has_its_own_rows_with_its_informative_sets() -> None:
    form = {"form": "mutually adjusted"}
    fitted = estimates(
        form | numbers(0.6) | {"n_informative": 90},
        form | numbers(0.1) | {"comparison": "siblings", "n_informative": 7},
        form | numbers(0.3) | {"comparison": "spouses", "n_informative": 8},
    )
    truths = rows_to_table(
        [
            PLACE | form | {"comparison": c, "value": 0.7, "truth": "planted, assumed"}
            for c in ("population", "siblings")
        ],
        PLANTED,
    )
    found = beside_planted(fitted, truths)
    assert [(x.row["comparison"], x.row["n_informative"], x.holds) for x in found] == [
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
