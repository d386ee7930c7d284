"""What a nation is calibrated to, and what it reaches: counted in the nation itself, register by register."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from riskset.nation.block import NationBlock
from riskset.nation.disease import AGE_BANDS, INCIDENCE
from riskset.nation.people import AGE_TABLE, MAN, WOMAN
from riskset.nation.prescribing import DRUGS, Fills, qualifying_days
from riskset.nation.settings import NationSettings
from riskset.nation.streams import NEVER, YEAR, Bools, Floats, Ints

USE_BANDS = (20, 45, 65, 75, 85, 130)
CONTROL_SHARES = {"anxiolytics": 0.134, "hypnotics": 0.166, "antidepressants": 0.158}
STUDY = np.array(["2015-01-01", "2023-07-01"], "datetime64[D]").astype(int)


@dataclass(frozen=True)
class CalibrationLine:
    """A line of the calibration table: what was asked for, what was reached, and the sampling error of that."""

    what: str
    target: float
    achieved: float
    error: float


def calibrate(blocks: tuple[NationBlock, ...], settings: NationSettings) -> list[CalibrationLine]:
    """Every line of the calibration table."""
    return [
        *_population(blocks, settings),
        *_incidence(blocks, settings),
        *_prevalence(blocks),
        *_controls(blocks),
        *_new_users(blocks),
        *_kin(blocks),
        *_course(blocks),
    ]


def _day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(int))


def _population(blocks: tuple[NationBlock, ...], settings: NationSettings) -> Iterator[CalibrationLine]:
    day = _day("2020-12-31")
    scale = settings.persons / sum(row[1] for row in AGE_TABLE)
    age = np.concatenate([b.people.age(day)[b.people.present(slice(None), day)] for b in blocks])
    sex = np.concatenate([b.people.sex[b.people.present(slice(None), day)] for b in blocks])
    firsts = [row[0] for row in AGE_TABLE] + [130]
    for (first, thousands, men), past in zip(AGE_TABLE, firsts[1:], strict=True):
        those = (age >= first) & (age < past)
        name = f"residents aged {first}-{past - 1}, thousands of {sum(row[1] for row in AGE_TABLE)}"
        yield CalibrationLine(name, thousands, those.sum() / scale, np.sqrt(those.sum()) / scale)
        yield CalibrationLine(f"share of men aged {first}-{past - 1}, %", 100 * men, *_percent(sex[those] == MAN))


def _percent(yes: Bools, weights: Floats | None = None) -> tuple[float, float]:
    weights = np.ones(len(yes)) if weights is None else weights
    share = float(np.average(yes, weights=weights)) if len(yes) else np.nan
    size = weights.sum() ** 2 / (weights**2).sum() if len(yes) else np.nan
    return 100 * share, 100 * float(np.sqrt(share * (1 - share) / size))


def _incidence(blocks: tuple[NationBlock, ...], settings: NationSettings) -> Iterator[CalibrationLine]:
    for sex, name in ((MAN, "men"), (WOMAN, "women")):
        cases, years = np.zeros(len(AGE_BANDS) - 1), np.zeros(len(AGE_BANDS) - 1)
        for block in blocks:
            people, patients = block.people, block.patients
            for day in range(STUDY[0] + 91, STUDY[1], 182):
                there = people.present(slice(None), day) & (people.sex == sex)
                years += 0.5 * np.histogram(people.age(day)[there], AGE_BANDS)[0]
            struck = (
                (patients.diagnosis >= STUDY[0])
                & (patients.diagnosis < STUDY[1])
                & (people.sex[patients.person] == sex)
            )
            age = (patients.diagnosis - people.birth[patients.person]) / YEAR
            cases += np.histogram(age[struck], AGE_BANDS)[0]
        for band, target in enumerate(INCIDENCE[sex]):
            rate = 1e5 / settings.incidence / years[band]
            what = f"ALS per 100,000 and year, {name} {AGE_BANDS[band]}-{AGE_BANDS[band + 1] - 1}"
            yield CalibrationLine(what, target, cases[band] * rate, max(np.sqrt(cases[band]), 1.0) * rate)


def _of_class(block: NationBlock, name: str) -> Fills:
    first = sum(len(drug.medicines) for drug in list(DRUGS.values())[: list(DRUGS).index(name)])
    medicine = block.fills.medicine
    return block.fills.where((medicine >= first) & (medicine < first + len(DRUGS[name].medicines)))


def _prevalence(blocks: tuple[NationBlock, ...]) -> Iterator[CalibrationLine]:
    start, stop = _day("2018-01-01"), _day("2019-01-01")
    for name, drug in DRUGS.items():
        used, age, sex = [], [], []
        for block in blocks:
            fills = _of_class(block, name)
            user = np.zeros(len(block.people), bool)
            user[fills.person[(fills.day >= start) & (fills.day < stop)]] = True
            there = block.people.present(slice(None), stop - 1)
            used.append(user[there])
            age.append(block.people.age(stop - 1)[there])
            sex.append(block.people.sex[there])
        users, ages, sexes = np.concatenate(used), np.concatenate(age), np.concatenate(sex)
        for which, title in ((MAN, "men"), (WOMAN, "women")):
            for band, target in enumerate(drug.prevalence[which]):
                those = (sexes == which) & (ages >= USE_BANDS[band]) & (ages < USE_BANDS[band + 1])
                what = f"{name} in 12 months, {title} {USE_BANDS[band]}-{USE_BANDS[band + 1] - 1}, %"
                yield CalibrationLine(what, target, *_percent(users[those]))


def _controls(blocks: tuple[NationBlock, ...]) -> Iterator[CalibrationLine]:
    """Persons weighted by the incidence of ALS at their age and sex: what the controls of all cases would be."""
    for name, target in CONTROL_SHARES.items():
        before, newly, at_risk, weight = [], [], [], []
        for block in blocks:
            people = block.people
            q = qualifying_days(_of_class(block, name), len(people))
            for year in range(2015, 2024):
                day = _day(f"{year}-01-01")
                there = people.present(slice(None), day)
                band = np.searchsorted(AGE_BANDS, people.age(day)[there], side="right") - 1
                weight.append(np.array([INCIDENCE[WOMAN], INCIDENCE[MAN]])[people.sex[there], band])
                before.append(q[there] < day - YEAR)
                newly.append((q[there] >= day - YEAR) & (q[there] < day))
                at_risk.append(q[there] >= day - YEAR)
        w, risk = np.concatenate(weight), np.concatenate(at_risk)
        yield CalibrationLine(
            f"{name}, at least 2 dates more than 1 year before, %", 100 * target, *_percent(np.concatenate(before), w)
        )
        rate = _percent(np.concatenate(newly)[risk], w[risk])
        if name != "antidepressants":
            yield CalibrationLine(f"{name}, first qualifying use a year, %", 0.65, *rate)


def _new_users(blocks: tuple[NationBlock, ...]) -> Iterator[CalibrationLine]:
    start, stop = _day("2016-01-01"), _day("2017-01-01")
    new, persons, once = 0, 0, 0
    for block in blocks:
        people = block.people
        parts = [_of_class(block, name) for name in ("anxiolytics", "hypnotics")]
        person, day = (np.concatenate([getattr(part, field) for part in parts]) for field in ("person", "day"))
        earlier = np.zeros(len(people), bool)
        earlier[person[(day < start) & (day >= start - 2 * YEAR)]] = True
        first = np.full(len(people), NEVER)
        np.minimum.at(first, person, np.where(day >= start, day, NEVER))
        age = people.age(start)
        eligible = people.present(slice(None), start) & (age >= 18) & (age < 65)
        begins = eligible & ~earlier & (first < stop)
        within = (day >= first[person]) & (day < first[person] + 365) & (day >= start)
        count = np.bincount(person[within], minlength=len(people))
        new, persons, once = new + begins.sum(), persons + eligible.sum(), once + (begins & (count == 1)).sum()
    yield CalibrationLine(
        "new users (none in 2 years) of N05B or N05C, 18-64, per 1000 and year",
        26,
        1000 * new / persons,
        1000 * np.sqrt(new) / persons,
    )
    yield CalibrationLine("  of whom fill once in the first year, %", 50, 100 * once / new, 50 / np.sqrt(new))


def _kin(blocks: tuple[NationBlock, ...]) -> Iterator[CalibrationLine]:
    parts = [_kin_of_cases(block) for block in blocks]
    full, half, ever, on_day, registered = (np.concatenate([part[i] for part in parts]) for i in range(5))
    yield CalibrationLine("cases with a full sibling, %", 67, *_percent(full > 0))
    error = full[full > 0].std() / np.sqrt((full > 0).sum())
    yield CalibrationLine("  full siblings each", 2.0, full[full > 0].mean(), error)
    yield CalibrationLine("cases with a half-sibling, %", 12, *_percent(half > 0))
    yield CalibrationLine("cases with a partner on the day of diagnosis, %", 82, *_percent(on_day))
    yield CalibrationLine("  at some time, %", np.nan, *_percent(ever))
    yield CalibrationLine("registered cases with a full sibling, %", np.nan, *_percent(full[registered] > 0))
    yield CalibrationLine(
        "registered cases with a partner on the day of diagnosis, %", np.nan, *_percent(on_day[registered])
    )


def _kin_of_cases(block: NationBlock) -> tuple[Ints, Ints, Bools, Bools, Bools]:
    """Of each case of the study: full siblings, half-siblings, a partner ever and on the day, and registration."""
    families, patients, n = block.families, block.patients, len(block.people)
    struck = (patients.diagnosis >= STUDY[0]) & (patients.diagnosis < STUDY[1])
    person, day = patients.person[struck], patients.diagnosis[struck]
    known = (families.mother >= 0) & (families.father >= 0)
    pair = np.where(known, families.mother * 10**7 + families.father, -1)
    same = {
        name: _others_alike(key)[person]
        for name, key in (("mother", families.mother), ("father", families.father), ("both", pair))
    }
    unions = families.unions
    ever, on_day = np.zeros(n, bool), np.zeros(n, bool)
    index = np.full(n, -NEVER)
    index[person] = day
    for one in (unions.one, unions.other):
        ever[one] = True
        on_day[one[(unions.start <= index[one]) & (index[one] < unions.stop)]] = True
    half = same["mother"] + same["father"] - 2 * same["both"]
    return same["both"], half, ever[person], on_day[person], patients.registration[struck] != NEVER


def _others_alike(key: Ints) -> Ints:
    """How many others have the same key; 0 for those without one (-1)."""
    _, back, size = np.unique(key, return_inverse=True, return_counts=True)
    others: Ints = np.where(key < 0, 0, size[back] - 1)
    return others


def _course(blocks: tuple[NationBlock, ...]) -> Iterator[CalibrationLine]:
    patients = [block.patients for block in blocks]
    birth = np.concatenate([block.people.birth[block.patients.person] for block in blocks])
    diagnosis, death, registration, intercept = (
        np.concatenate([getattr(p, name) for p in patients])
        for name in ("diagnosis", "death", "registration", "intercept")
    )
    struck = (diagnosis >= STUDY[0]) & (diagnosis < STUDY[1])
    age, registered = (diagnosis - birth) / YEAR, registration != NEVER
    early = (diagnosis >= _day("2000-01-01")) & (diagnosis < _day("2014-01-01"))
    months = np.sort((death - diagnosis)[early]) / YEAR
    yield CalibrationLine(
        "age at diagnosis, all cases, years", 68.8, age[struck].mean(), age[struck].std() / np.sqrt(struck.sum())
    )
    yield CalibrationLine(
        "age at diagnosis, registered, years",
        67.5,
        age[struck & registered].mean(),
        11.5 / np.sqrt((struck & registered).sum()),
    )
    yield CalibrationLine("registered, %", 33, *_percent(registered[struck]))
    yield CalibrationLine(
        "registered cases 2015-01-01 to 2023-06-30",
        np.nan,
        (struck & registered).sum(),
        np.sqrt((struck & registered).sum()),
    )
    yield CalibrationLine(
        "median survival from diagnosis, years", 1.75, float(np.median(months)), 1.25 / np.sqrt(early.sum()) * 2
    )
    yield CalibrationLine("latent score at diagnosis", 37, intercept.mean(), intercept.std() / np.sqrt(len(intercept)))
    visits = np.concatenate([np.bincount(p.visits[0], minlength=len(p.person)) for p in patients])
    yield CalibrationLine("visits of a registered patient", 4, visits[struck & registered].mean(), np.nan)
