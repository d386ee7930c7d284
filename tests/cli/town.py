"""A town of sixty in five CSV files: small enough to break in every way, and a study of it that runs.

Thirty of each sex, all born in 1950. Persons 1-12 are diagnosed with the disease, a month apart. Every third person,
and every second case, had been dispensed the drug in 2010.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

PERSONS, CASES = 60, 12
SECRET = "7310"
"""Every identifier begins like this, so that one in a message is seen."""

STUDY = """\
name = "The town"
seed = 7
[period]
start = 2015-01-01
stop = 2018-01-01
[eligibility]
run_in = "0d"
[cases]
first = { icd10 = ["G12.2"] }
[[controls]]
kind = "population"
ratio = 3
match = ["sex", "birth_year"]
[[exposures]]
name = "antidepressants"
codes = { atc = ["N06A"] }
at_least = 1
measures = [{ kind = "ever", lag = "1y" }]
[[models]]
kind = "conditional logistic"
measure = "ever"
classes = ["each"]
"""

SOURCES = """\
delivered = 2020-01-01
[files.person]
path = "person.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
[files.residence]
path = "residence.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
[files.diagnosis]
path = "diagnosis.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
[files.dispensing]
path = "dispensing.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
[[tables]]
name = "person"
file = "person"
[tables.columns]
person_id = "id"
sex = { column = "sex", values = { F = "female", M = "male" } }
birth_date = "born"
[[tables]]
name = "residence"
file = "residence"
ends = 2019-12-31
last_day = "excluded"
[tables.columns]
person_id = "id"
start = "from"
stop = "to"
[[tables]]
name = "diagnosis"
file = "diagnosis"
ends = 2019-12-31
[tables.columns]
person_id = "id"
date = "day"
code = "code"
system = { constant = "icd10" }
source = { constant = "inpatient" }
[[tables]]
name = "dispensing"
file = "dispensing"
ends = 2019-12-31
[tables.columns]
person_id = "id"
date = "day"
atc = "atc"
"""


def name_of(person: int) -> str:
    """The delivered identifier of person 1…60."""
    return f"{SECRET}{person:02d}"


def lines(header: str, line: Callable[[int], str | None], persons: range = range(1, PERSONS + 1)) -> str:
    """A CSV file with a line for each person, or none where the function gives none."""
    found = (line(n) for n in persons)
    return "".join(f"{text}\n" for text in (header, *found) if text is not None)


def exposed(n: int) -> bool:
    """Whether a person had been dispensed the drug."""
    return n % 2 == 0 if n <= CASES else n % 3 == 0


def diagnosed(n: int) -> date:
    """The day on which case n was diagnosed."""
    return date(2015, 1, 15) + timedelta(days=30 * n)


PERSON = lines("id;sex;born", lambda n: f"{name_of(n)};{'FM'[n // 2 % 2]};1950-06-15")
RESIDENCE = lines("id;from;to", lambda n: f"{name_of(n)};1990-01-01;")
DIAGNOSIS = lines("id;day;code", lambda n: f"{name_of(n)};{diagnosed(n)};G12.2", range(1, CASES + 1))
DISPENSING = lines("id;day;atc", lambda n: f"{name_of(n)};2010-03-01;N06AB04" if exposed(n) else None)
FILES = {"person": PERSON, "residence": RESIDENCE, "diagnosis": DIAGNOSIS, "dispensing": DISPENSING}


def build(folder: Path, study: str = STUDY, sources: str = SOURCES, **files: str | bytes | None) -> None:
    """Write ``study.toml``, ``sources.toml`` and the files, of which some may differ, or be left out by None."""
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(study, encoding="utf-8", errors="surrogateescape")
    (folder / "sources.toml").write_text(sources, encoding="utf-8")
    for name, content in {**FILES, **files}.items():
        if content is not None:
            (folder / f"{name}.csv").write_bytes(content.encode() if isinstance(content, str) else content)
