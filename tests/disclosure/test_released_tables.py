"""Random runs' tables through the door, and an attacker who has the released tables alone, adds up, and solves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from riskset.disclosure.door import Cleared, clear
from riskset.disclosure.policy import Policy
from riskset.results.columns import table_of
from riskset.results.released import Released
from riskset.results.rows import AttritionStep, Described, Estimate
from riskset.results.set_vocabulary import AttritionPart, AttritionRule, Characteristic, Summary, Unit
from riskset.results.vocabulary import Analysis, Family, Form, Model, Scale
from tests.examples import examples
from tests.report.released import make_study

POLICY = Policy("under 5")
LEVELS = {"education": ("primary", "secondary", "tertiary"), "opioids": ("ever", "lag only")}
CRUDE = Model(Analysis.RISK, Family.CONDITIONAL_LOGISTIC, Form.CRUDE, "ever")


@dataclass(frozen=True)
class Town:
    """Counts of a small run: cases and controls at each level of education and of use; what rules removed."""

    cases: dict[tuple[str, str], int]
    controls: dict[tuple[str, str], int]
    n: int
    removed: tuple[int, ...]


@st.composite
def towns(draw: st.DrawFn) -> Town:
    n = draw(st.integers(5, 50))

    def split(total: int, whole: bool) -> list[int]:
        cuts = sorted(draw(st.lists(st.integers(0, total), min_size=2, max_size=2)))
        parts = [cuts[0], cuts[1] - cuts[0], total - cuts[1]]
        return parts if whole else parts[:2]

    def counts(total: int) -> dict[tuple[str, str], int]:
        education, use = split(total, True), split(total, False)
        return {
            **{("education", level): m for level, m in zip(LEVELS["education"], education, strict=True)},
            **{("opioids", level): m for level, m in zip(LEVELS["opioids"], use, strict=True)},
        }

    removed = tuple(draw(st.lists(st.integers(0, 12), min_size=3, max_size=3)))
    return Town(counts(n), counts(2 * n), n, removed)


def tables(town: Town) -> dict[str, pa.Table]:
    estimates = []
    described = [
        Described(
            comparison="population",
            about=Characteristic.SET_SIZE,
            level="2",
            kind=Summary.SHARE,
            cases_n=town.n,
            cases_value=1.0,
        )
    ]
    for (name, level), cases in town.cases.items():
        controls, is_use = town.controls[name, level], name == "opioids"
        described.append(
            Described(
                comparison="population",
                about=Characteristic.EXPOSURE if is_use else Characteristic.COVARIATE,
                variable="" if is_use else name,
                exposure=name if is_use else "",
                measure="ever" if is_use else "",
                level=level,
                kind=Summary.SHARE,
                cases_n=cases,
                cases_value=cases / town.n,
                controls_n=controls,
                controls_value=controls / (2 * town.n),
                smd=0.1,
            )
        )
        if is_use:
            counts: dict[str, Any] = {"n_sets": town.n, "n_cases": town.n, "n_controls": 2 * town.n}
            counts |= {"n_exposed_cases": cases, "n_exposed_controls": controls, "n_informative": 20}
            ratio = {"estimate": 0.1, "std_error": 0.2, "conf_low": -0.3, "conf_high": 0.5, "conf_level": 0.95}
            place = {"comparison": "population", "exposure": name, "level": level, "scale": Scale.LOG_OR}
            estimates.append(Estimate(model=CRUDE, **place, **counts, **ratio))
    steps, left = [], town.n + sum(town.removed)
    for step, removed in enumerate((0, *town.removed)):
        left -= removed
        steps.append(
            AttritionStep(
                part=AttritionPart.CASES, step=step, rule=AttritionRule.EVENT, removed=removed, remaining=left,
                unit=Unit.PERSONS,
            )
        )  # fmt: skip
    return {
        "table_one": table_of(described, Described),
        "estimates": table_of(estimates, Estimate),
        "attrition": table_of(steps, AttritionStep),
    }


def cleared(town: Town, policy: Policy = POLICY) -> Cleared:
    return clear(Released(make_study(), tables(town), {}), policy)


def narrowed(town: Town, released: Released) -> list[str]:
    """Small counts that an attacker narrows: he has the released tables, and writes down all sums himself."""
    truth: dict[str, int] = {"n": town.n, "m": 2 * town.n}
    known: dict[str, int] = {}
    sums: list[dict[str, int]] = [{"n": 2, "m": -1}]

    def meet(name: str, value: int, shown: int | None) -> None:
        truth[name] = value
        if shown is not None:
            known[name] = shown

    sizes, *described = released.table("table_one").to_pylist()
    known |= {"n": sizes["cases_n"]} if sizes["cases_n"] is not None else {}
    for row in described:
        what = row["variable"] or row["exposure"], row["level"]
        meet("cases " + " ".join(what), town.cases[what], row["cases_n"])
        meet("controls " + " ".join(what), town.controls[what], row["controls_n"])
        for side, total in (("cases", "n"), ("controls", "m")):
            if row[f"{side}_value"]:
                known[total] = round(row[f"{side}_n"] / row[f"{side}_value"])
    for row in released.table("estimates").to_pylist():
        what = row["exposure"], row["level"]
        shown = {
            f"cases {' '.join(what)}": row["n_exposed_cases"],
            f"controls {' '.join(what)}": row["n_exposed_controls"],
        }
        shown |= {"n": row["n_cases"], "m": row["n_controls"]}
        known |= {name: value for name, value in shown.items() if value is not None}
        known |= {"n": row["n_sets"]} if row["n_sets"] is not None else {}
        small = [town.cases[what], town.controls[what], town.n]
        assert row["estimate"] is None or not any(POLICY.is_small(count) for count in small)
    for side, total in (("cases", "n"), ("controls", "m")):
        for name, levels in LEVELS.items():
            parts = {f"{side} {name} {level}": -1 for level in levels}
            rest = {f"{side} {name} never": -1} if name == "opioids" else {}
            sums.append({total: 1, **parts, **rest})
            for key in rest:
                truth[key] = truth[total] - sum(truth[part] for part in parts)
    left = town.n + sum(town.removed)
    for row in released.table("attrition").to_pylist():
        step = row["step"]
        left -= (0, *town.removed)[step]
        meet(f"left {step}", left, row["remaining"])
        meet(f"removed {step}", (0, *town.removed)[step], row["removed"])
        if step:
            sums.append({f"left {step - 1}": 1, f"left {step}": -1, f"removed {step}": -1})
    sums.append({"n": 1, f"left {len(town.removed)}": -1})
    names = list(truth)
    assert all(known[name] == truth[name] for name in known)
    bounds = [(known[name], known[name]) if name in known else (0, None) for name in names]
    matrix = np.array([[terms.get(name, 0) for name in names] for terms in sums])
    broken = []
    for i, name in enumerate(names):
        if POLICY.is_small(truth[name]):
            goal = np.eye(len(names))[i]
            low, high = (linprog(sign * goal, A_eq=matrix, b_eq=np.zeros(len(sums)), bounds=bounds) for sign in (1, -1))
            assert low.status == 0
            if low.fun > 1 + 1e-6 or (high.status == 0 and -high.fun < POLICY.minimum - 1e-6):
                broken.append(name)
    return broken


@settings(max_examples=examples(60), deadline=None)
@given(towns())
def test_no_attacker_who_adds_up_narrows_a_small_count(town: Town) -> None:
    assert narrowed(town, cleared(town).released) == []


def test_the_same_attacker_breaks_what_hides_small_counts_alone() -> None:
    levels = [("education", level) for level in LEVELS["education"]] + [
        ("opioids", level) for level in LEVELS["opioids"]
    ]
    town = Town(
        dict(zip(levels, (3, 17, 20, 8, 9), strict=True)),
        dict(zip(levels, (20, 30, 30, 20, 12), strict=True)),
        40,
        (9, 2, 7),
    )
    alone = cleared(town, Policy("alone", complementary=False, margin=0)).released
    assert set(narrowed(town, alone)) == {"cases education primary", "removed 2"}
    assert narrowed(town, cleared(town).released) == []


def test_the_same_number_in_two_tables_is_one() -> None:
    levels = [("education", level) for level in LEVELS["education"]] + [
        ("opioids", level) for level in LEVELS["opioids"]
    ]
    town = Town(
        dict(zip(levels, (3, 17, 20, 8, 9), strict=True)),
        dict(zip(levels, (20, 30, 30, 20, 12), strict=True)),
        40,
        (9, 2, 7),
    )
    spots = cleared(town).linked.spots
    exposed = spots["cases", "population", "", "exposure", "opioids", "ever", "ever"]
    assert {spot.table for spot in exposed} == {"table_one", "estimates"}
    (total,) = [
        where
        for where in spots.values()
        if any(s.table == "attrition" and s.column == "remaining" and s.row == 3 for s in where)
    ]
    assert {spot.table for spot in total} == {"table_one", "estimates", "attrition"}
