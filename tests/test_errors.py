"""A message shows a value, not a book."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.errors import (
    AT_MOST,
    LONGEST_CLAUSE,
    LONGEST_VALUE,
    FitError,
    RisksetError,
    SourceError,
    SpecError,
    cut,
    several,
    there_are,
)
from riskset.spec.complaints import among, closest
from riskset.spec.from_toml import parse_toml
from riskset.spec.study import Study

LONG = "x" * 100_000


@pytest.mark.parametrize("value", [LONG, "x y " * 30_000, "é" * 5_000, "a'b" * 9_000])
def test_long_values_are_cut(value: str) -> None:
    error = SpecError(f"{value!r} is no covariate", where="models[0].adjust", remedy=f"there are {value}, b")
    assert len(str(error)) < 2 * LONGEST_CLAUSE + 100
    assert "…" in error.what
    assert error.what.endswith(" is no covariate") or len(error.what) > LONGEST_CLAUSE
    assert value not in str(error)


def test_what_is_no_longer_than_a_value_stays() -> None:
    said = "the column 'date' of the table 'dispensing' is there twice; the cases' own, and the controls' too"
    assert cut(said) == said
    exact = "'" + "x" * (LONGEST_VALUE - 1) + "' is there"
    assert cut(exact) == exact
    path = "/".join(["folder"] * 40)
    assert cut(path) == path


def test_the_end_of_the_sentence_stays() -> None:
    error = FitError(f"no case has education={LONG}", remedy="merge levels")
    assert str(error).endswith("…; merge levels.")


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ([], "there are none"),
        (["ALS"], "the only one is ALS"),
        (["ALS", "ALS"], "the only one is ALS"),
        (["mnd", "ALS", "mnd"], "there are mnd, ALS"),
        (["under 5", "under 10, zeros too"], "there are 'under 5', 'under 10, zeros too'"),
    ],
)
def test_what_there_is(names: list[str], says: str) -> None:
    assert there_are(names) == says
    assert closest("xyz", names) == says
    assert among("xyz", names) == says
    assert among("mndd", ["mnd"]) == "did you mean 'mnd'? The only one is mnd"


def of(kind: int, n: int) -> RisksetError:
    """A problem of some kind, with a place and names of its own."""
    what = [
        f"'name{n}' is no covariate",
        f"the number {n} is out of range",
        "unknown key",
        f"it is {n}-01-01, too late",
    ]
    error = SourceError if kind % 2 else SpecError
    return error(what[kind % 4] if kind < 4 else f"{'x' * kind} is wrong", where=f"place[{n}]")


@given(st.lists(st.integers(0, 8), min_size=2, max_size=200))
def test_no_kind_of_problem_is_hidden_behind_many_of_another(kinds: list[int]) -> None:
    """The first problem comes first, every kind is told, and the numbers add up to the total."""
    errors = [of(kind, n) for n, kind in enumerate(kinds)]
    first, *lines = str(several(errors)).splitlines()
    assert first == f"{len(kinds):,} problems:"
    told = [line for line in lines if line[0].isdigit()]
    assert told[0] == f"1. {errors[0].sentence}"
    shown = {line.partition(". ")[2] for line in told}
    for kind in set(kinds):
        assert any(error.sentence in shown for n, error in enumerate(errors) if kinds[n] == kind)
    more = [int(line.split()[2].replace(",", "")) for line in lines if not line[0].isdigit()]
    assert len(told) + sum(more) == len(kinds)
    assert len(lines) <= max(AT_MOST, 4 * len(set(kinds)))


def test_a_rare_kind_is_told_among_thousands() -> None:
    """Of a description, too, of which not everything is put in words."""
    wrong = "".join(f'wrong{n} = "a"\n' for n in range(5_000))
    study = wrong + 'name = "A study"\nconf_level = 3\n[period]\nstart = 2015-01-01\nstop = 2016-01-01\n'
    study += '[cases]\nfirst = { icd10 = ["G12.2"] }\n[[controls]]\nkind = "population"\nratio = "many"\n'
    with pytest.raises(SpecError) as told:
        parse_toml(Study, study, where="study.toml")
    said = str(told.value)
    assert said.splitlines()[0] == "5,002 problems:"
    assert said.count("unknown key") == 3
    for rare in ("conf_level: the number is out of range", "ratio: this must be a whole number"):
        assert rare in said


def test_failures_are_of_a_kind_whatever_their_terms() -> None:
    fits = [FitError(f"population, adjusted model of drug {n}: drug {n}=ever: separation: no set") for n in range(40)]
    said = str(several([*fits, FitError("siblings, crude model of drug 1: not converged")])).splitlines()
    assert said[0] == "41 problems:"
    assert said[4] == "   … and 37 more of this kind."
    assert said[5] == "4. siblings, crude model of drug 1: not converged."
