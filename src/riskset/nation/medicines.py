"""The other medicines: ATC groups without any effect, so that a search has nulls to be wrong about.

A nation holds only some of their users (`KEPT`), so that one of 10.5 million stays near 200 million dispensings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskset.nation.arithmetic import interpolate
from riskset.nation.people import END, START, WOMAN, People
from riskset.nation.prescribing import Fills
from riskset.nation.settings import REGISTER_START
from riskset.nation.streams import YEAR, Floats, Ints, Stream, day_number, spread, stream

PROFILES = {  # relative use at ages 0, 20, 40, 60, 75, 90
    "all": (0.8, 0.9, 1.0, 1.2, 1.4, 1.4),
    "old": (0.01, 0.05, 0.25, 1.0, 2.6, 3.4),
    "young": (2.2, 1.2, 0.8, 0.8, 0.9, 1.0),
    "fertile": (0.0, 2.5, 1.5, 0.3, 0.1, 0.0),
    "middle": (0.1, 0.8, 1.2, 1.3, 1.1, 1.0),
}


@dataclass(frozen=True)
class Group:
    """An ATC group: code, users per 100 persons in a year, fills a year, mean years, age profile, share of women."""

    atc: str
    users: float
    fills: float
    years: float
    profile: str
    women: float = 0.5


GROUPS = tuple(
    Group(*row)
    for row in (
        ("C07AB02", 9.0, 1.0, 8.0, "old", 0.48), ("C09AA02", 8.0, 1.0, 8.0, "old", 0.46),
        ("C08CA01", 7.0, 1.0, 8.0, "old", 0.48), ("C10AA05", 8.5, 1.0, 8.0, "old", 0.42),
        ("C03CA01", 3.5, 1.2, 5.0, "old", 0.53), ("B01AC06", 6.5, 1.0, 7.0, "old", 0.43),
        ("B01AF02", 2.5, 1.0, 5.0, "old", 0.45), ("B03BA01", 4.0, 0.9, 6.0, "old", 0.58),
        ("A02BC01", 9.0, 0.8, 3.0, "middle", 0.57), ("A10BA02", 3.5, 1.2, 8.0, "old", 0.42),
        ("A10AE04", 1.2, 1.2, 9.0, "old", 0.41), ("A06AD11", 2.5, 0.8, 1.5, "old", 0.60),
        ("H03AA01", 4.0, 1.0, 9.0, "middle", 0.81), ("H02AB06", 2.5, 0.8, 0.8, "old", 0.55),
        ("N02BE01", 9.0, 0.8, 1.5, "old", 0.60), ("N02AX02", 2.0, 0.8, 0.8, "middle", 0.58),
        ("N02AA05", 2.2, 0.8, 0.6, "middle", 0.55), ("N03AX12", 1.2, 1.0, 3.0, "middle", 0.57),
        ("N04BA02", 0.5, 1.6, 6.0, "old", 0.42), ("N05AH04", 0.9, 1.2, 4.0, "middle", 0.55),
        ("N06BA04", 0.9, 1.4, 3.0, "young", 0.40), ("N06DA02", 0.5, 1.4, 2.5, "old", 0.60),
        ("M01AB05", 7.0, 0.6, 0.5, "middle", 0.56), ("M04AA01", 1.2, 0.9, 6.0, "old", 0.27),
        ("J01CE02", 9.0, 0.5, 0.1, "young", 0.56), ("J01AA02", 3.5, 0.5, 0.1, "middle", 0.52),
        ("J01CA08", 4.0, 0.5, 0.1, "old", 0.88), ("R03AC02", 5.0, 0.8, 4.0, "all", 0.55),
        ("R03AK07", 2.5, 0.9, 5.0, "middle", 0.56), ("R06AX27", 5.0, 0.6, 3.0, "young", 0.58),
        ("R05DA01", 2.0, 0.5, 0.1, "all", 0.57), ("D07AC01", 4.5, 0.5, 1.0, "all", 0.53),
        ("S01ED51", 1.8, 1.2, 8.0, "old", 0.55), ("G03AA07", 4.0, 1.0, 4.0, "fertile", 1.0),
        ("G03CA03", 2.5, 0.9, 4.0, "middle", 1.0), ("G04CA02", 1.8, 1.0, 6.0, "old", 0.0),
        ("L04AX03", 0.8, 1.0, 5.0, "middle", 0.62), ("P01AB01", 1.0, 0.4, 0.1, "middle", 0.62),
    )
)  # fmt: skip
"""Each group stands for its most used substance."""

KEPT = 0.3
"""Share of a real register's dispensings of these groups that a nation holds, by holding fewer users."""
PACKS = (20_000, 30_000, 50_000, 98_000, 100_000)
"""Amounts of a dispensing, thousandths of a DDD."""


def make_other_fills(people: People, seed: int, block: int) -> Fills:
    """Dispensings of the other groups from the register's start; ``medicine`` is a position in `GROUPS`."""
    rng = stream(seed, "other medicines", block)
    first = day_number(REGISTER_START)
    age = np.clip(people.age((first + END) // 2), 0, 95)
    curves = {name: interpolate(age, (0, 20, 40, 60, 75, 90), height) for name, height in PROFILES.items()}
    woman = people.sex == WOMAN
    person, day, medicine = [], [], []
    span = (END - START) / YEAR
    sums: dict[tuple[str, float], Floats] = {}
    for number, group in enumerate(GROUPS):
        key = (group.profile, group.women)
        if key not in sums:
            sums[key] = np.cumsum(curves[group.profile] * np.where(woman, group.women, 1 - group.women) * 2)
        weights = sums[key]
        starts = int(rng.poisson(len(people) * group.users / 100 * span / max(group.years, 1.0) * KEPT, 1)[0])
        who = np.searchsorted(weights, rng.random(starts) * weights[-1], side="right")
        begin = START + rng.random(starts) * (END - START)
        length = group.years * YEAR * rng.standard_exponential(starts)
        begin = np.where(rng.random(starts) < 0.5, begin - length / 2, begin)
        again, _ = spread(rng.poisson(group.fills * length / YEAR))
        later = begin[again] + rng.random(len(again)) * length[again]
        person.append(np.concatenate([who, who[again]]))
        day.append(np.concatenate([begin, later]).astype(np.int64))
        medicine.append(np.full(starts + len(again), number))
    who, when, what = np.concatenate(person), np.concatenate(day), np.concatenate(medicine)
    keep = (when >= first) & people.present(who, when)
    who, when, what = who[keep], when[keep], what[keep]
    return Fills(who, when, what, _amounts(len(who), rng))


def _amounts(count: int, rng: Stream) -> Ints:
    return np.array(PACKS)[rng.integers(0, len(PACKS), count)]
