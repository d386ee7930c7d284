"""Slips of the hand and habits of other programs: each gets a sentence of its own, with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli import town
from tests.cli.conftest import riskset
from tests.cli.test_bad_input import instead
from tests.cli.town import PERSON, SOURCES, STUDY

IN_THE_STUDY = {
    "slashes in a date": ("2015-01-01", "2015/01/01", "line 4: a date is written in another way than TOML's; write"),
    "a date as spoken": ("2015-01-01", "1-1-2015", "line 4: a date is written in another way than TOML's; write"),
    "curly quotes": ('"population"', "“population”", "line 11: a quote is none of TOML's; write straight ones"),
    "a word processor's end": ('"population"', '"population”', "line 11: a quote is none of TOML's; write straight"),
    "Python's True": (
        "ratio = 3",
        "replacement = True",
        "line 12: this is no yes or no of TOML's; write true or false.",
    ),
    "a plain no": (
        "ratio = 3",
        "replacement = no # one",
        "line 12: this is no yes or no of TOML's; write true or false.",
    ),
    "Python's None": ("ratio = 3", "caliper = None", "line 12: TOML has no word for no value; leave the key out."),
    "a decimal comma": (
        "seed = 7",
        "conf_level = 0,95",
        "line 2: a number has a decimal comma; write a point, as 0.5.",
    ),
    "an open section": (
        "[[controls]]",
        "[[controls",
        "line 10: a bracket is not closed; write [section] or [[section]].",
    ),
    "an ATC code with a star": (
        '"N06A"',
        '"N06A*"',
        "'N06A*' is no ATC code; write 'N06A', which stands for every code",
    ),
    "an ATC code of SQL": ('"N06A"', '"n06a%"', "'n06a%' is no ATC code; write 'N06A', which stands for every code"),
    "a range of ATC codes": ('"N06A"', '"N06AA-N06AB"', "'N06AA-N06AB' is no ATC code; name each code of a range, as"),
    "an ICD-10 code as printed": (
        '"G12.2"',
        '"G12.-"',
        "'G12.-' is no ICD-10 code; write 'G12', which stands for every",
    ),
    "a range of ICD-10 codes": ('"G12.2"', '"G10-G12"', "'G10-G12' is no ICD-10 code; name each code of a range, as"),
}


@pytest.mark.parametrize(("of", "what", "says"), IN_THE_STUDY.values(), ids=IN_THE_STUDY)
def test_in_the_study(place: Path, of: str, what: str, says: str) -> None:
    town.build(place, study=instead(STUDY, of, what))
    ended = riskset("check", "study.toml")
    assert ended.code == 10
    assert ended.sentence.startswith("study.toml ")
    assert says in ended.sentence


def test_what_only_looks_like_a_slip_is_no_slip(place: Path) -> None:
    """In a text or a comment, and beside another mistake on another line."""
    like = 'description = "“Yes”, 2015/01/01 = 0,5 = None" # = True\n'
    town.build(place, study=like + STUDY)
    assert riskset("check", "study.toml").code == 0
    town.build(place, study=like + instead(STUDY, "seed = 7", "seed"))
    assert (
        riskset("check", "study.toml").sentence == "study.toml line 3: a key without = and a value; write key = value."
    )


def test_an_exposure_twice_is_said_once(place: Path) -> None:
    exposure = STUDY[STUDY.index("[[exposures]]") : STUDY.index("[[models]]")]
    town.build(place, study=instead(STUDY, "[[models]]", f"{exposure}[[models]]"))
    assert riskset("check", "study.toml").sentence == (
        "study.toml exposures[1].name: 'antidepressants' is there twice; each needs a name of its own."
    )


DATES = {
    "dd/mm/yyyy": 'is spelled as other programs do; write date = "%d/%m/%Y".',
    "YYYY-MM-DD": 'is spelled as other programs do; write date = "%Y-%m-%d".',
    "yyyymmdd": 'is spelled as other programs do; write date = "%Y%m%d".',
    "%d/%m/%y": "has years of two digits, which leave the century open; have years written with four digits, and write",
    "%d %B %Y": "has months in full, which are not read; have them in three English letters (%b), or as numbers.",
    "iso": 'is no format; write date = "%Y-%m-%d".',
    "excel": "is a count from some origin, which is not read; have dates written as 1950-03-01.",
    "day first": "is no way to write a date; use %Y, %m and %d",
}


@pytest.mark.parametrize("format", DATES)
def test_a_format_of_dates(place: Path, format: str) -> None:
    column = f'date = {{ column = "day", date = "{format}" }}'
    town.build(place, sources=instead(SOURCES, 'date = "day"', column))
    ended = riskset("check", "study.toml", "sources.toml")
    assert ended.code == 10
    assert ended.sentence.startswith(f"sources.toml tables[2].columns.date.date: '{format}' {DATES[format]}")


def test_in_a_delivery(place: Path) -> None:
    town.build(place, sources=instead(SOURCES, 'delimiter = ";"', 'delimiter = "semicolon"'))
    said = "sources.toml files.person.delimiter: the text is too long; write one character."
    assert riskset("check", "study.toml", "sources.toml").sentence == said
    town.build(place, person=f"sep=;\n{PERSON}")
    ended = riskset("check", "study.toml", "sources.toml")
    assert ended.code == 11
    assert "person.csv: its first line says how it is parted, for Excel, and is no header; leave that" in ended.sentence


def test_a_published_comparison_that_there_is_not(place: Path) -> None:
    people = '[[published_sets]]\ncomparison = "populaton"\ncontrols = 12\nsource = "a paper"\n'
    town.build(place, study=STUDY + people)
    ended = riskset("check", "study.toml")
    assert ended.code == 0
    assert "Consider: published_sets[0].comparison: there is no comparison 'populaton', so the numbers are" in ended.out
    assert "did you mean 'population'?" in ended.out


@pytest.mark.parametrize("command", ["run study.toml sources.toml --out r", "check study.toml sources.toml"])
def test_a_policy_that_there_is_not(place: Path, command: str) -> None:
    """Told before a run as by a check, and not at the release."""
    town.build(place, study=f'policy = "swden"\n{STUDY}')
    ended = riskset(*command.split())
    assert (ended.code, ended.out) == (15, "")
    assert "'swden' is no policy; did you mean 'sweden'?" in ended.sentence
    assert not (place / "r").exists()


MARKED = """
[files.score]
path = "score.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
[files.death]
path = "death.csv"
format = "csv"
delimiter = ";"
encoding = "utf-8"
[[tables]]
name = "measurement"
file = "score"
[tables.columns]
person_id = "id"
date = "day"
name = "what"
value = "value"
[[tables]]
name = "death"
file = "death"
[tables.columns]
person_id = "id"
date = "day"
"""
FOLLOWED = '[prognosis]\nendpoint = ["death"]\nentry = "diagnosis"\nmarker = "alsfrsr"\n'


def test_a_marker_that_no_row_has_is_told_before_the_run_computes(place: Path) -> None:
    """Where the names are a column of the delivery, the import is the first to know them; else `check` is."""
    score = "id;day;what;value\n" + "".join(f"{town.name_of(n)};2016-03-01;alsfrs_r;40\n" for n in range(1, 13))
    dead = f"id;day\n{town.name_of(1)};2017-03-01\n"
    town.build(place, study=STUDY + FOLLOWED, sources=SOURCES + MARKED, score=score, death=dead)
    ended = riskset("run", "study.toml", "sources.toml", "--out", "r")
    said = "prognosis.marker: there is no measurement 'alsfrsr'; did you mean 'alsfrs_r'? The only one is alsfrs_r."
    assert (ended.code, ended.sentence) == (13, said)
    assert not any("finding cases" in line for line in ended.done)
    listed = MARKED.replace('name = "what"', 'name = { column = "what", values = { alsfrs_r = "alsfrs_r" } }')
    town.build(place, study=STUDY + FOLLOWED, sources=SOURCES + listed, score=score, death=dead)
    ended = riskset("check", "study.toml", "sources.toml")
    assert ended.code == 13
    assert "prognosis.marker: 'alsfrsr' is no measurement of sources.toml; did you mean 'alsfrs_r'?" in ended.sentence
