"""A fit as a table of its terms."""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from riskset.errors import FitError
from riskset.stats import (
    JointFit,
    MixedFit,
    Weibull,
    fit_clogit,
    fit_cox,
    fit_fine_gray,
    fit_joint,
    fit_mixed,
    kaplan_meier,
)
from riskset.stats.inference import ConditionalFit

PAIRS = ([1, 0, 1, 0, 1, 0, 0, 1], [1, 0] * 4, [1, 1, 2, 2, 3, 3, 4, 4])
"""McNemar: of four discordant pairs the case is exposed in three."""


def test_mcnemar_by_hand() -> None:
    """log 3 ± 1.96 √(1/3 + 1/1), z = log 3 / √(4/3)."""
    table = fit_clogit(*PAIRS, names=["used"]).table()
    se = np.sqrt(4 / 3)
    assert table.term == ("used",)
    [row] = table.rows()
    assert list(row) == ["term", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]
    assert row["estimate"] == pytest.approx(np.log(3))
    assert row["std_error"] == pytest.approx(se)
    assert row["statistic"] == pytest.approx(np.log(3) / se)
    assert row["p_value"] == pytest.approx(2 * (1 - NormalDist().cdf(np.log(3) / se)))
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((np.log(3) - 1.959964 * se, np.log(3) + 1.959964 * se))


def test_ratios_are_exponentiated_and_their_errors_are_not() -> None:
    fit = fit_clogit(*PAIRS)
    logs, ratios = fit.table(), fit.table(ratio=True)
    for name in ("estimate", "conf_low", "conf_high"):
        assert getattr(ratios, name) == pytest.approx(np.exp(getattr(logs, name)))
    for name in ("std_error", "statistic", "p_value"):
        assert getattr(ratios, name) == pytest.approx(getattr(logs, name))


def test_level_method_and_names_are_taken() -> None:
    fit = fit_clogit(*PAIRS, names=["x"])
    assert fit.table(level=0.9).conf_low == pytest.approx(fit.interval(0.9)[:, 0])
    assert fit.table(method="profile").conf_high == pytest.approx(fit.interval(method="profile")[:, 1])
    assert fit.table(["ever used"]).term == fit.table({"x": "ever used"}).term == ("ever used",)
    with pytest.raises(ValueError, match="one for each of x"):
        fit.table(["a", "b"])
    with pytest.raises(ValueError, match="the fit has no term 'y'; the only one is x"):
        fit.table({"y": "ever used"})


def test_a_table_is_taken_by_makers_of_frames_and_shown_in_a_notebook() -> None:
    table = fit_clogit(*PAIRS, names=["<used>"]).table(ratio=True)
    assert pa.table(table.to_dict()).num_rows == len(table) == 1
    assert pd.DataFrame(table.to_dict())["estimate"][0] == pytest.approx(3)
    assert repr(table).splitlines()[0].split()[:3] == ["term", "estimate", "std_error"]
    assert "&lt;used&gt;" in table._repr_html_()
    pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(table.to_dict()))
    assert list(table) == table.rows()


def mixed() -> MixedFit:
    time, patient = np.tile([0.0, 1, 2], 4), np.repeat(range(4), 3)
    y = 3 * patient + time + np.sin(range(12))
    return fit_mixed(y, np.column_stack([np.ones(12), time]), np.ones(12), patient, names=["start", "<slope>"])


@pytest.mark.parametrize("failed", [False, True])
def test_every_fit_shows_a_line_and_its_table_and_no_array(joint: JointFit, failed: bool) -> None:
    cox = fit_cox([0, 1, 1, 0], [1, 2, 3, 4], [1, 1, 0, 1])
    for fit in (fit_clogit(*PAIRS), cox, mixed(), joint):
        fit = replace(fit, converged=not failed)
        first, *rest = repr(fit).splitlines()
        assert first.startswith(f"{type(fit).__name__}: ")
        assert first.endswith(", did not converge" if failed else ", converged")
        assert "array(" not in repr(fit)
        html = fit._repr_html_()
        assert html.startswith(f"<div><strong>{first}</strong>")
        assert ("<table>" in html) == bool(rest)
        if not failed or isinstance(fit, ConditionalFit):
            assert len(rest) == 1 + len(fit.table())
        else:
            assert rest == []
    assert "400 visits" in repr(joint)
    assert "80 patients" in repr(joint)
    assert "12 rows of 4 groups" in repr(mixed())
    assert "&lt;slope&gt;" in mixed()._repr_html_()


def test_hazards_have_tables_too() -> None:
    days, cause = [90, 200, 200, 410, 500, 620, 730, 730, 900, 1000], [1, 2, 1, 1, 0, 1, 2, 0, 1, 0]
    used = [1, 1, 0, 1, 1, 0, 0, 0, 1, 0]
    for fit in (fit_cox(used, days, np.array(cause) == 1, names=["used"]), fit_fine_gray(used, days, cause)):
        table = fit.table(ratio=True)
        assert table.estimate == pytest.approx(np.exp(fit.beta))
        assert table.conf_high == pytest.approx(np.exp(fit.interval()[:, 1]))


def test_a_curve_at_asked_times_is_taken_by_makers_of_frames() -> None:
    at = kaplan_meier([1, 2, 3, 4], [1, 0, 1, 1]).at([0.5, 2]).to_dict()
    assert at["estimate"] == [1.0, 0.75]
    assert pd.DataFrame(at)["n_risk"].tolist() == [4, 3]


@pytest.fixture(scope="module")
def joint() -> JointFit:
    rng = np.random.default_rng(7)
    patient = np.repeat(np.arange(80), 5)
    time = np.tile(np.arange(5.0), 80)
    b, slope = rng.normal(0, 1.5, 80), rng.normal(-0.5, 0.4, 80)
    stop, event = rng.uniform(4.1, 9, 80), rng.integers(0, 3, 80)
    used = rng.integers(0, 2, 80).astype(float)
    return fit_joint(
        10 + b[patient] + slope[patient] * time + rng.normal(0, 1, 400),
        time,
        patient,
        stop,
        event,
        w=used,
        w_names=["used"],
        baseline=Weibull(),
    )


def test_of_a_joint_model_the_log_hazard_ratios_become_ratios(joint: JointFit) -> None:
    """Of both causes γ and α, by name; nothing else of the parameters is a ratio."""
    assert joint.table().term == joint.names
    ratios = joint.table(ratio=True)
    assert ratios.term == tuple(f"{name} (cause {k})" for k in (1, 2) for name in ("used", "alpha[value]"))
    expected = [np.exp(v) for k in range(2) for v in (*joint.gamma[k], *joint.alpha[k])]
    assert ratios.estimate == pytest.approx(expected)
    assert ratios.std_error == pytest.approx([joint.std_error[joint.at(name)] for name in ratios.term])


def test_a_fit_that_failed_says_what_to_do(joint: JointFit) -> None:
    with pytest.raises(FitError) as raised:
        replace(joint, converged=False, failure=FitError("the step was too long")).table()
    assert raised.value.where == "joint model"
    assert "did not converge (the step was too long)" in raised.value.what
    assert "more nodes" in raised.value.remedy
    assert mixed().table(["start", "slope"]).term == ("start", "slope")
    with pytest.raises(FitError, match="mixed model: the fit did not converge; try structure"):
        replace(mixed(), converged=False).table()


@pytest.mark.parametrize("fit", [fit_clogit, fit_cox])
def test_terms_are_called_as_a_data_frame_calls_its_columns(fit: Any) -> None:
    frame = pd.DataFrame({"used": [1, 0, 1, 0, 1, 0, 0, 1], "case": [1, 0] * 4, "pair": [1, 1, 2, 2, 3, 3, 4, 4]})
    rest = (frame["case"], frame["pair"]) if fit is fit_clogit else ()
    by_row = {} if fit is fit_clogit else {"stop": frame["pair"], "event": frame["case"]}
    assert fit(frame[["used"]], *rest, **by_row).names == ("used",)
    assert fit(frame["used"], *rest, **by_row).names == ("used",)
    assert fit(frame[["used"]].to_numpy(), *rest, **by_row).names == ("x[0]",)
    assert fit(frame[["used"]].set_axis([0], axis=1), *rest, **by_row).names == ("x[0]",)
    assert fit(frame[["used"]], *rest, **by_row, names=["Ever used"]).names == ("Ever used",)
    with pytest.raises(ValueError, match="names is one text; it should be a list of 1, one for each column of x"):
        fit(frame[["used"]], *rest, **by_row, names="smoker")
    with pytest.raises(ValueError, match="the name 'a' is given twice; each should be one term's"):
        fit(frame[["used", "pair"]], *rest, **by_row, names=["a", "a"])
    shown = repr(fit(frame[["used"]], *rest, **by_row)).splitlines()
    assert len(shown) == 3
    assert shown[0].endswith("converged")
    assert shown[2].startswith("used")


USED = np.array([[1, 0], [0, 1], [1, 1], [0, 0], [0, 1], [1, 0], [0, 0], [1, 1]])
TWO = fit_clogit(USED, [1, 0] * 4, [1, 1, 2, 2, 3, 3, 4, 4], names=["a", "b"])
HIDDEN = "\n\t\u200b\u3164\u2800\ufe0f\ue000"
NAMES_REFUSED: list[tuple[Any, str]] = [
    (["x"], "names should be 2 texts, one for each of a, b"),
    (["x", "y", "z"], "names should be 2 texts, one for each of a, b"),
    ("xy", "names should be 2 texts"),
    (b"xy", "names should be 2 texts"),
    (5, "names should be 2 texts"),
    ({"x"}, "names should be 2 texts"),
    (["x", "x"], "the name 'x' is given twice; each should be one term's"),
    ({"a": "b"}, "the name 'b' is given twice; each should be one term's"),
    ({"c": "x"}, "the fit has no term 'c'; there are a, b"),
    (["x", 1], r"names\[1\] is no text; it should be one"),
    ({"b": None}, r"names\[1\] is no text; it should be one"),
    (["x", " "], "the name for b holds nothing to read"),
    *((["x", f"y{sign}"], r"the name for b holds a sign that cannot be seen \(U\+") for sign in HIDDEN),
]  # fmt: skip


@pytest.mark.parametrize(("names", "says"), NAMES_REFUSED)
def test_names_of_terms_are_texts_that_can_be_told_apart(names: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        TWO.table(names)


def test_two_terms_may_exchange_their_names() -> None:
    assert TWO.table({"a": "b", "b": "a"}).term == ("b", "a")
    assert TWO.table(np.array(["x", "y"])).term == ("x", "y")
