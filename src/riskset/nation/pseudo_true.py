"""What models of another form estimate: the limit of a Cox model in this nation, solved from its own hazards.

A model that leaves out the confounders, the other classes or the windows targets no planted number. Its truth is the
value that a full-cohort Cox model of that form, stratified on sex and birth year, tends to as the nation grows
(Struthers and Kalbfleisch 1986, Biometrika 73:363, equation 2.3): the root of

    Σ over months and strata of  Σᵢ λᵢ xᵢ − (Σᵢ λᵢ) (Σᵢ xᵢ exp(β'xᵢ)) / (Σᵢ exp(β'xᵢ)),

where i runs over those at risk and λᵢ is the hazard that the nation draws ALS from. No event is drawn, so the only
error is that of a finite population in place of an infinite one. ``python -m riskset.nation.pseudo_true`` writes
``limits.json``, which every nation with the default effects puts into its ``truth.json``.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from riskset.calendar import years_before
from riskset.nation.block import BLOCK
from riskset.nation.disease import AGE_BANDS, INCIDENCE, Risks, make_risks, mean_ratio
from riskset.nation.people import MAN, WOMAN, People, make_people
from riskset.nation.settings import CLASSES, EDUCATION, LEVELS, Effects
from riskset.nation.streams import Floats, Ints, as_days
from riskset.plain import Plain

FIRST_MONTH, LAST_MONTH = np.datetime64("2015-01"), np.datetime64("2023-06")
LOWEST_AGE = 18
NEVER_USED, LATE, MIDDLE, EARLY = 0, 1, 2, 3
"""Levels of first use, by time since the qualifying date: none, then as in `settings.LEVELS`."""
SHAPE = (4, 4, 4, len(EDUCATION), 2)
"""Levels of the three classes, education, and a psychiatric diagnosis more than a year before."""


def population_at_risk(effects: Effects, persons: int) -> tuple[Ints, Floats, Floats]:
    """Count who is at risk in the middle of each month, by stratum and pattern of covariates.

    Returns
    -------
    cell : int64 (n, 2), a number for (month, sex, birth year) and the pattern's position in `SHAPE`; sorted
    count : (n,) persons
    hazard : (n,) the sum of their hazards of ALS a year
    """
    months = np.arange(FIRST_MONTH, LAST_MONTH + 1)
    size = int(np.prod(SHAPE))
    columns: dict[str, list[NDArray[np.int64] | Floats]] = {"cell": [], "count": [], "hazard": []}
    for block in range(-(-persons // BLOCK)):
        people = make_people(0, block, min(BLOCK, persons - block * BLOCK))
        risks = make_risks(people, effects, 0, block)
        for number, month in enumerate(months):
            day = int((month.astype("datetime64[D]") + 14).astype(np.int64))
            there = np.flatnonzero(people.present(slice(None), day) & (people.age(day) >= LOWEST_AGE))
            hazard = _base_rate(people, there, day, effects) * risks.ratio(there, np.full(len(there), day), effects)
            born = as_days(people.birth[there]).astype("datetime64[Y]").astype(np.int64) + 1970 - 1880
            stratum = (number * 2 + (people.sex[there] == MAN)) * 200 + born
            cell, back = np.unique(stratum * size + _pattern(risks, there, day), return_inverse=True)
            columns["cell"].append(cell)
            columns["count"].append(np.bincount(back))
            columns["hazard"].append(np.bincount(back, hazard))
    cell, back = np.unique(np.concatenate(columns["cell"]), return_inverse=True)
    count, total = (np.bincount(back, np.concatenate(columns[name]).astype(float)) for name in ("count", "hazard"))
    return np.column_stack(np.divmod(cell, size)), count.astype(float), total.astype(float)


def _base_rate(people: People, person: Ints, day: int, effects: Effects) -> Floats:
    band = np.searchsorted(AGE_BANDS[1:-1], people.age(day)[person], side="right")
    rates = {sex: np.array(INCIDENCE[sex]) / 1e5 / mean_ratio(effects)[sex] for sex in (WOMAN, MAN)}
    base: Floats = np.where(people.sex[person] == MAN, rates[MAN][band], rates[WOMAN][band])
    return base


def _pattern(risks: Risks, person: Ints, day: int) -> Ints:
    today = as_days(np.array([day]))
    one, five = (int(years_before(today, years)[0].astype(np.int64)) for years in (1, 5))
    levels = []
    for name in CLASSES:
        q = risks.qualified[name][person]
        levels.append(np.select([q < five, q < one, q < day], [EARLY, MIDDLE, LATE], NEVER_USED))
    levels += [risks.education[person], (risks.psychiatric[person] < one).astype(np.int64)]
    position: Ints = np.ravel_multi_index(levels, SHAPE).astype(np.int64)
    return position


def columns_of(measure: str, classes: tuple[str, ...], adjusted: bool) -> tuple[list[tuple[str, str]], Floats]:
    """The columns of a model form for every pattern of `SHAPE`.

    Returns
    -------
    names : (class, level) of the columns of exposure; those of the confounders, where adjusted, follow without a name
    values : (patterns, p)
    """
    patterns = np.array(list(product(*(range(n) for n in SHAPE))))
    names: list[tuple[str, str]] = []
    columns = []
    for at, name in enumerate(CLASSES):
        if name not in classes:
            continue
        level = patterns[:, at]
        if measure == "ever":
            names.append((name, "ever"))
            columns.append(level >= MIDDLE)
        else:
            names += [(name, label) for label in LEVELS]
            columns += [level == value for value in (LATE, MIDDLE, EARLY)]
    if adjusted:
        columns += [patterns[:, 3] == 0, patterns[:, 3] == 2, patterns[:, 4] == 1]
    return names, np.column_stack(columns).astype(float)


def solve(cell: Ints, count: Floats, hazard: Floats, columns: Floats) -> Floats:
    """The root of the expected score, by Newton's method; log ratios (p,)."""
    starts = np.flatnonzero(np.r_[True, np.diff(cell[:, 0]) != 0])
    x = columns[cell[:, 1]]
    total = np.add.reduceat(hazard, starts)
    beta = np.zeros(columns.shape[1])
    products = (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)
    for _ in range(50):
        weight = count * np.exp(x @ beta)
        s0 = np.add.reduceat(weight, starts)
        mean = np.add.reduceat(weight[:, None] * x, starts) / s0[:, None]
        second = np.add.reduceat(weight[:, None] * products, starts) / s0[:, None]
        score = hazard @ x - total @ mean
        information = (total @ second).reshape(len(beta), -1) - (mean * total[:, None]).T @ mean
        step = np.linalg.solve(information, score)
        beta = beta + step
        if abs(step @ score) < 1e-16 * total.sum():
            return beta
    raise RuntimeError("the limit does not converge")


def pseudo_true_values(effects: Effects, persons: int) -> list[dict[str, Plain]]:
    """The truths of the founding study's model forms, as ``truth.json`` lists them.

    Parameters
    ----------
    effects : what is planted
    persons : size of the population in which the score is averaged
    """
    cell, count, hazard = population_at_risk(effects, persons)
    rows: list[dict[str, Plain]] = []
    everyone = tuple(CLASSES)
    forms = [("crude", (name,), False) for name in everyone] + [("adjusted", (name,), True) for name in everyone]
    for measure in ("ever", "first_use"):
        for model, classes, adjusted in [*forms, ("mutually adjusted", everyone, True)]:
            if (measure, model) == ("first_use", "mutually adjusted"):
                continue  # planted, not a limit
            names, columns = columns_of(measure, classes, adjusted)
            for (name, level), value in zip(names, solve(cell, count, hazard, columns), strict=False):
                rows.append(
                    {
                        "exposure": name,
                        "measure": measure,
                        "level": level,
                        "model": model,
                        "scale": "log_or",
                        "value": round(float(value), 5),
                        "truth": "pseudo-true",
                        "persons": persons,
                    }
                )
    return rows


def main(persons: int = 400_000) -> None:
    """Write ``limits.json`` for the default effects."""
    path = Path(__file__).with_name("limits.json")
    path.write_text(json.dumps(pseudo_true_values(Effects(), persons), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
