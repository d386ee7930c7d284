"""A town of six hundred whose cases are followed, in eight CSV files: large enough for curves, models and scores.

Of the cases a few are in each corner that a release must not tell: who qualified in the lag only, whose education
nobody knows, who were on a ventilator before they were diagnosed. Every identifier begins alike, so that one that
leaves is seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np

from tests.cli import town

PERSONS, CASES = 600, 200
SECRET = "7310"
UNTIL = date(2020, 1, 1)
"""The day after the last day of follow-up."""
LAG = timedelta(days=366)
CLASSES = {"antidepressants": "N06AB04", "hypnotics": "N05CF01"}
DEATH, VENTILATION = "death", "invasive_ventilation"

FEW_IN_LAG, FEW_UNKNOWN, FEW_BEFORE = range(1, 4), range(197, 201), range(50, 53)
"""Cases who qualified in the last year only; whose education nobody knows; with an event before they were diagnosed."""

STUDY = """\
name = "The town, followed"
seed = 7
[period]
start = 2015-01-01
stop = STOP
[eligibility]
run_in = "0d"
[cases]
first = { icd10 = ["G12.2"] }
[[controls]]
kind = "population"
ratio = 1
match = ["sex"]
[[exposures]]
name = "antidepressants"
lay = "medicines for low mood"
codes = { atc = ["N06A"] }
at_least = 1
measures = [{ kind = "ever", lag = "1y" }]
[[exposures]]
name = "hypnotics"
lay = "sleeping pills"
codes = { atc = ["N05C"] }
at_least = 1
measures = [{ kind = "ever", lag = "1y" }]
[[models]]
kind = "conditional logistic"
measure = "ever"
classes = ["each"]
adjust = ["education"]
subgroups = [{ by = "sex" }]
[prognosis]
endpoint = ["death", "invasive_ventilation"]
marker = "alsfrs_r"
entry = "diagnosis"
until = 2020-01-01
classes = ["each"]
adjust = ["age", "education"]
"""

_MORE = """\
[files.{name}]
path = "{name}.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
[[tables]]
name = "{name}"
file = "{name}"
"""
_ENDS, _PERSON = "ends = 2019-12-31\n", '[tables.columns]\nperson_id = "id"\n'
_COLUMNS = {
    "death": _ENDS + _PERSON + 'date = "day"\n',
    "procedure": _ENDS
    + _PERSON
    + f'date = "day"\nsystem = {{ constant = "kva" }}\ncode = {{ constant = "{VENTILATION}" }}\n',
    "measurement": _ENDS + _PERSON + 'date = "day"\nname = { constant = "alsfrs_r" }\nvalue = "score"\n',
    "socioeconomic": _PERSON + 'year = "year"\neducation = "education"\n',
}
SOURCES = town.SOURCES + "".join(_MORE.format(name=name) + columns for name, columns in _COLUMNS.items())


@dataclass(frozen=True)
class Person:
    """What the registers have of a person; a case has a day of diagnosis."""

    sex: str
    born: date
    school: str
    bought: Mapping[str, date]
    diagnosed: date | None = None
    ended: date | None = None
    cause: str = ""
    scores: tuple[tuple[date, int], ...] = ()

    def use(self, name: str, index: date) -> str:
        """The level of a class on a day."""
        first = self.bought.get(name)
        if first is None or first >= index:
            return "never"
        return "ever" if first < date(index.year - 1, index.month, min(index.day, 28)) else "lag only"


class Town:
    """Its people by number, drawn once from a seed."""

    def __init__(self, seed: int = 11) -> None:
        self._rng = np.random.default_rng(seed)
        self.people = {n: self._person(n) for n in range(1, PERSONS + 1)}

    def _person(self, n: int) -> Person:
        rng, is_case = self._rng, n <= CASES
        diagnosed = date(2015, 1, 15) + timedelta(days=int(rng.integers(1300))) if is_case else None
        chance = 0.35 if is_case else 0.25
        bought = {
            name: date(2010, 3, 1) + timedelta(days=int(rng.integers(900))) for name in CLASSES if rng.random() < chance
        }
        if diagnosed and n in FEW_IN_LAG:
            bought["antidepressants"] = diagnosed - timedelta(days=100 + n)
        school = "" if n in FEW_UNKNOWN else ("primary", "secondary", "tertiary")[int(rng.integers(3))]
        person = Person("female" if n % 2 else "male", date(1940 + n % 30, 6, 15), school, bought)
        return self._followed(n, person, diagnosed) if diagnosed else person

    def _followed(self, n: int, person: Person, diagnosed: date) -> Person:
        rng = self._rng
        lived = int(rng.exponential(500 if person.bought else 800)) + 1
        ended = diagnosed + timedelta(days=-30 if n in FEW_BEFORE else lived)
        cause = VENTILATION if rng.random() < 0.15 or n in FEW_BEFORE else DEATH
        first, fall = 40 + 4 * rng.standard_normal(), 3 + 1.5 * rng.standard_normal()
        visits = [diagnosed + timedelta(days=10 + 91 * k + n % 60) for k in range(4 if n % 50 else 0)]
        scores = [(day, int(first - k * fall + rng.standard_normal())) for k, day in enumerate(visits) if day < ended]
        known = {"ended": ended, "cause": cause} if ended < date(2019, 12, 1) else {}
        marks = tuple((day, min(max(score, 0), 48)) for day, score in scores)
        return Person(person.sex, person.born, person.school, person.bought, diagnosed, scores=marks, **known)

    @cached_property
    def files(self) -> Mapping[str, str]:
        """The registers as CSV."""
        who = {name_of(n): person for n, person in self.people.items()}
        return {
            "person": _csv(
                "id;sex;born", (f"{i};{'F' if p.sex == 'female' else 'M'};{p.born}" for i, p in who.items())
            ),
            "residence": _csv("id;from;to", (f"{i};1990-01-01;" for i in who)),
            "diagnosis": _csv("id;day;code", (f"{i};{p.diagnosed};G12.2" for i, p in who.items() if p.diagnosed)),
            "dispensing": _csv(
                "id;day;atc", (f"{i};{day};{CLASSES[of]}" for i, p in who.items() for of, day in p.bought.items())
            ),
            "death": _csv("id;day", (f"{i};{p.ended}" for i, p in who.items() if p.cause == DEATH)),
            "procedure": _csv("id;day", (f"{i};{p.ended}" for i, p in who.items() if p.cause == VENTILATION)),
            "measurement": _csv("id;day;score", (f"{i};{day};{m}" for i, p in who.items() for day, m in p.scores)),
            "socioeconomic": _csv("id;year;education", (f"{i};2010;{p.school}" for i, p in who.items() if p.school)),
        }

    def build(self, folder: Path, *, stop: str = "2019-01-01") -> None:
        """Write the study of cases up to a day, ``sources.toml`` and the files."""
        town.build(folder, STUDY.replace("STOP", stop), SOURCES, **self.files)

    @property
    def days(self) -> set[str]:
        """Every day on which something happened to somebody."""
        words = (word for text in self.files.values() for word in text.replace("\n", ";").split(";"))
        return {word for word in words if word.count("-") == 2}


def name_of(person: int) -> str:
    """The delivered identifier of person 1…600."""
    return f"{SECRET}{person:03d}"


def _csv(header: str, lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in (header, *lines))
