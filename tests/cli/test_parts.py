"""One part of a study that there is nobody for does not end the others: it is counted and shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.cli import town
from tests.cli.conftest import Ended, riskset
from tests.shown import Evidence, shows


def run(place: Path, study: str, **files: str) -> Ended:
    town.build(place, study=study, **files)
    return riskset("run", place / "study.toml", place / "sources.toml", "--out", place / "run")


def table(place: Path, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(place / "run" / "internal" / f"{name}.parquet").to_pylist()
    return rows


def classes(*names_and_codes: tuple[str, str], together: bool = True) -> str:
    """The town's study with these classes, in the order given."""
    head, tail = town.STUDY.split("[[exposures]]")
    own = "[[exposures]]" + tail.split("[[models]]")[0]
    parts = [own.replace("antidepressants", n).replace("N06A", code) for n, code in names_and_codes]
    model = "[[models]]" + tail.split("[[models]]")[1]
    return head + "".join(parts) + (model.replace('["each"]', '["each", "together"]') if together else model)


@shows(
    "DiagnosticCode=nobody exposed",
    "NoteCode=nobody at the level",
    by=Evidence.OUTSIDE,
)
@pytest.mark.parametrize(
    "named",
    [
        [("antidepressants", "N06A"), ("opioids", "N02A")],
        [("opioids", "N02A"), ("antidepressants", "N06A"), ("statins", "C10A")],
    ],
)
def test_a_class_that_nobody_uses_is_counted_and_the_study_goes_on(
    place: Path, named: Sequence[tuple[str, str]]
) -> None:
    ended = run(place, classes(*named))
    assert ended.code == 0, ended.said
    unused = {name for name, code in named if code != "N06A"}
    estimates = table(place, "estimates")
    for row in estimates:
        if row["exposure"] in unused:
            assert row["estimate"] is None
            assert row["n_exposed_cases"] + row["n_exposed_controls"] == 0
            assert "nobody at the level" in row["notes"]
    shown = {(r["form"], r["exposure"]) for r in estimates}
    assert {(form, name) for form in ("crude", "mutually adjusted") for name, _ in named} <= shown
    of_used = {
        r["form"]: r["estimate"] for r in estimates if r["exposure"] == "antidepressants" and r["level"] == "ever"
    }
    assert of_used["crude"] == pytest.approx(of_used["mutually adjusted"], abs=1e-9)
    counted = {r["exposure"]: r["value"] for r in table(place, "diagnostics") if r["code"] == "nobody exposed"}
    assert counted == dict.fromkeys(unused, 0.0)
    page = (place / "run" / "supplement.html").read_text(encoding="utf-8")
    assert all(name.capitalize() in page for name in unused)


def test_where_nobody_uses_anything_the_run_is_refused(place: Path) -> None:
    ended = run(place, classes(("opioids", "N02A"), ("statins", "C10A")))
    assert ended.code == 13
    assert "nobody in the matched sets qualifies as exposed to opioids (N02A) or statins (C10A)" in ended.sentence
    assert "check their codes and at_least" in ended.sentence


def test_a_measure_that_nobody_has_is_shown_and_no_failure(place: Path) -> None:
    """Everybody was dispensed the drug in 2010: no one within a year of 2015 or later."""
    study = town.STUDY.replace(
        'measures = [{ kind = "ever", lag = "1y" }]',
        'measures = [{ kind = "ever", lag = "1y" }, { kind = "any_use", lookback = "1y" }]',
    )
    ended = run(place, f'{study}\n[[models]]\nkind = "conditional logistic"\nmeasure = "any_use"\n')
    assert ended.code == 0, ended.said
    (row,) = [r for r in table(place, "estimates") if r["measure"] == "any_use"]
    assert row["estimate"] is None
    assert row["n_exposed_cases"] == 0


def test_a_comparison_that_nobody_has_controls_for_is_said_and_the_others_are_made(place: Path) -> None:
    """Nobody in the town has a known parent, so nobody has siblings."""
    sources = town.SOURCES.replace('birth_date = "born"', 'birth_date = "born"\nmother_id = "mum"\nfather_id = "dad"')
    person = town.PERSON.replace("id;sex;born", "id;sex;born;mum;dad").replace("1950-06-15", "1950-06-15;;")
    study = town.STUDY.replace("[[exposures]]", '[[controls]]\nkind = "siblings"\n[[exposures]]', 1)
    ended = run(place, study, sources=sources, person=person)
    assert ended.code == 14
    assert any("no case has siblings" in text for text in ended.said)
    assert {r["comparison"] for r in table(place, "estimates")} == {"population"}
    assert [r["comparison"] for r in table(place, "diagnostics") if r["code"] == "not made"] == ["siblings"]
    assert (place / "run" / "report.html").exists()


def test_a_prognosis_of_nobody_leaves_the_risk(place: Path) -> None:
    study = town.STUDY + '[prognosis]\nendpoint = ["death"]\nentry = "diagnosis"\n'
    sources = town.SOURCES + (
        '[files.death]\npath = "death.csv"\nformat = "csv"\ndelimiter = ";"\nencoding = "utf-8"\n'
        '[[tables]]\nname = "death"\nfile = "death"\nends = 2019-12-31\n'
        '[tables.columns]\nperson_id = "id"\ndate = "day"\n'
    )
    ended = run(place, study, sources=sources, death=f"id;day\n{town.name_of(60)};2019-05-01\n")
    assert ended.code == 14
    assert any(text.startswith("prognosis: ") or "has an endpoint" in text for text in ended.said)
    assert not any(".;" in text or "prognosis: prognosis" in text for text in ended.said)
    assert {r["analysis"] for r in table(place, "estimates")} == {"risk"}
