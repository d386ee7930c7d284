"""The founding study's published numbers beside the demo's: the tables of docs/founding-study.md.

The published ones are those of ``examples/als/study.toml``, the demo's those that ``python -m tests.demo write`` stores
in tests/demo.json and `make test-demo` holds to a demo made anew. ``python -m tests.founding_study`` writes the tables
into the page; `tests/docs/test_founding_study.py` holds the page to both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import exp, isinf
from pathlib import Path
from typing import Any

import pyarrow as pa

from riskset.report.formats import count, number
from riskset.results.set_vocabulary import Characteristic
from riskset.results.vocabulary import Analysis, Contrast, Estimator, Family, Form, Role, Scale
from riskset.spec.published import Published
from riskset.spec.study import Study

ROOT = Path(__file__).parents[1]
PAGE, STUDY, DEMO = ROOT / "docs/founding-study.md", ROOT / "examples/als/study.toml", ROOT / "tests/demo.json"
CLASSES = ("anxiolytics", "hypnotics", "antidepressants")
COMPARISONS = ("population", "siblings", "spouses")
EVER, WINDOWS = "ever", ("0-1y", "1-5y", ">5y")
ALONE, TOGETHER = Form.ADJUSTED, Form.MUTUALLY_ADJUSTED

Row = Mapping[str, Any]
Figures = Mapping[str, list[float]]
"""What a number is of → the number, or an estimate with the ends of its interval, rounded as the page shows it."""


# What is stored of the demo


def figures(tables: Mapping[str, pa.Table], study: Study) -> dict[str, list[float]]:
    """What the page shows of a run; rounded, for the last digits are not the same on every processor."""
    estimates, planted = tables["estimates"].to_pylist(), tables["planted"].to_pylist()
    found = {key: _numbers(row, "estimate", "conf_low", "conf_high") for row in estimates for key in _keys(row)}
    of_cases = [row for row in planted if row["comparison"] not in COMPARISONS[1:]]  # of relatives the same is true
    aims = {key: _numbers(row, "value") for row in of_cases for key in _keys(row)}
    shown = dict(_people(tables["table_one"].to_pylist())) | _held(found, aims, study)
    shown |= found | {f"aimed at: {key}": aim for key, aim in aims.items()}
    for row in estimates:
        if row["family"] == Family.JOINT and row["form"] == TOGETHER:
            shown["patients and events of the joint model"] = [row["n_cases"], row["n_events"]]
    return {key: [round(number, _decimals(key)) for number in numbers] for key, numbers in sorted(shown.items())}


def _decimals(key: str) -> int:
    return 1 if key == "age" or "%" in key else 2


JUDGED = {
    "ever": [("risk", EVER)],
    "windows": [("risk", window) for window in WINDOWS],
    "course": [("prognosis", EVER)],
}
"""Tables → the analysis and the levels whose intervals are held against what they aim at, and what was published."""


def judged(analysis: str, exposure: str, level: str) -> str:
    """The estimate that is held against them: the form that the published one is nearest to, or that was planted."""
    if analysis == "prognosis":
        return hazard_ratio(Family.JOINT, TOGETHER, exposure)
    return odds_ratio(COMPARISONS[0], ALONE if level == EVER else TOGETHER, exposure, level)


def _held(found: Figures, aims: Figures, study: Study) -> dict[str, list[float]]:
    """How many of the intervals hold what they aim at, of how many; how many the published figure, of how many."""
    held: dict[str, list[float]] = {}
    for name, places in JUDGED.items():
        of_aims, of_published = [], []
        for analysis, level in places:
            for exposure in CLASSES:
                key = judged(analysis, exposure, level)
                _, low, high = found[key]
                of_aims.append(low <= aims[key][0] <= high)
                there = published(study, analysis, exposure, level)
                of_published += [low <= there.estimate <= high] if there is not None else []
        held[f"held: {name}"] = [sum(of_aims), len(of_aims), sum(of_published), len(of_published)]
    return held


def _keys(row: Row) -> Iterator[str]:
    """What an estimate or a truth is stored under, where the page shows it."""
    parted = any(row.get(name) for name in ("modifier", "model_name", "sensitivity"))
    if (
        parted
        or row["role"] != Role.EXPOSURE
        or row["contrast"] != Contrast.LEVEL
        or row["estimator"] == Estimator.FIRTH
    ):
        return
    form, exposure, level = row["form"], row["exposure"], row["level"]
    match row["analysis"], row["family"], row["scale"]:
        case Analysis.RISK, _, _ if row["comparison"] in COMPARISONS and level in (EVER, *WINDOWS):
            if form == TOGETHER or (form, level, row["comparison"]) == (ALONE, EVER, COMPARISONS[0]):
                yield odds_ratio(row["comparison"], form, exposure, level)
        case Analysis.PROGNOSIS, Family.JOINT | Family.COX, Scale.LOG_HR if level == EVER:
            if form == TOGETHER or (form, row["family"]) == (ALONE, Family.JOINT):
                yield hazard_ratio(row["family"], form, exposure)
        case Analysis.DECLINE, Family.JOINT, Scale.SLOPE if (level, form) == (EVER, TOGETHER):
            yield slope(exposure)
        case _:
            pass


def odds_ratio(comparison: str, form: str, exposure: str, level: str) -> str:
    return f"odds ratio, {comparison}, {form}: {exposure}, {level}"


def hazard_ratio(family: str, form: str, exposure: str) -> str:
    return f"hazard ratio, {family}, {form}: {exposure}"


def slope(exposure: str) -> str:
    return f"slope: {exposure}"


def _numbers(row: Row, *names: str) -> list[float]:
    change: Callable[[float], float] = exp if row["scale"] != Scale.SLOPE else float
    assert all(row[name] is not None and not isinf(row[name]) for name in names), "the page shows finite numbers only"
    return [change(row[name]) for name in names]


def _people(described: Sequence[Row]) -> Iterator[tuple[str, list[float]]]:
    """How many were compared, who the cases are, and how many of each had used a class for more than a year."""
    for row in (row for row in described if row["comparison"] in COMPARISONS):
        comparison, is_of_everyone = row["comparison"], row["comparison"] == "population"
        if row["variable"] == "sex" and row["level"] == "male":
            yield (
                f"people: {comparison}",
                [round(row[f"{who}_n"] / row[f"{who}_value"]) for who in ("cases", "controls")],
            )
        if row["variable"] == "sex" and row["level"] == "male" and is_of_everyone:
            yield "men, %", [100 * row["cases_value"]]
        if row["variable"] == "age" and is_of_everyone:
            yield "age", [row["cases_value"], row["cases_spread"]]
        if row["about"] == Characteristic.EXPOSURE and row["level"] == EVER and is_of_everyone:
            yield f"use, %: {row['exposure']}", [100 * row[f"{who}_value"] for who in ("controls", "cases")]


# The page

_PLACE = re.compile(r"(?<=<!-- table: )(\w+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)

USE = {"anxiolytics": (13.4, 17.2), "hypnotics": (16.6, 19.4), "antidepressants": (15.8, 19.1)}
"""Published use more than a year before, % of controls and of cases; derived from the reported numbers."""
AGE, MEN = (67.5, 11.5), 53.1
"""Published mean age and its standard deviation, and % men."""


def filled(page: str, study: Study, demo: Figures) -> str:
    """The page with its tables made anew."""
    return _PLACE.sub(lambda found: f"{found[1]}{found[2]}{TABLES[found[1]](study, demo)}", page)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *sentences: str) -> str:
    """A table in Markdown, and what follows from its numbers."""
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows)]
    return "\n".join([*lines, "", *sentences, ""] if sentences else [*lines, ""])


def _people_table(study: Study, demo: Figures) -> str:
    there = {row.comparison: row for row in study.published_sets}
    rows = []
    for name in COMPARISONS:
        cases, controls = demo[f"people: {name}"]
        published = [count(n) if n else "not at hand" for n in (there[name].cases, there[name].controls)]
        rows.append([f"{name}: cases, controls", ", ".join(published), f"{count(cases)}, {count(controls)}"])
    mean, spread = demo["age"]
    rows.append(["age of the cases, mean (SD)", "{:.1f} ({:.1f})".format(*AGE), f"{mean:.1f} ({spread:.1f})"])
    rows.append(["men", f"{MEN} %", f"{demo['men, %'][0]:.1f} %"])
    for name in CLASSES:
        shares = (USE[name], demo[f"use, %: {name}"])
        rows.append([f"{name}, > 1 year: controls, cases", *("{:.1f} %, {:.1f} %".format(*each) for each in shares)])
    return table(["", "published", "demo"], rows)


def _ever_table(study: Study, demo: Figures) -> str:
    cells = []
    for name in CLASSES:
        alone, *mutual = judged("risk", name, EVER), *(odds_ratio(each, TOGETHER, name, EVER) for each in COMPARISONS)
        aims = [number(demo[f"aimed at: {key}"][0]) for key in (alone, mutual[0])]
        there = _figure(published(study, "risk", name, EVER))
        cells.append([name, there, aims[0], shown(demo[alone]), aims[1], *(shown(demo[key]) for key in mutual)])
    heads = ["class", "published", "aimed at, each class alone", "demo, population", "aimed at, all classes together"]
    heads += [f"demo, {name}" for name in COMPARISONS]
    return table(heads, cells, _sentence(demo, "ever", "each class alone against population controls"))


def _windows_table(study: Study, demo: Figures) -> str:
    cells = []
    for name in CLASSES:
        for window in WINDOWS:
            keys = [odds_ratio(comparison, TOGETHER, name, window) for comparison in COMPARISONS]
            planted = number(demo[f"aimed at: {keys[0]}"][0])
            there = _figure(published(study, "risk", name, window))
            cells.append([name, window, there, planted, *(shown(demo[key]) for key in keys)])
    heads = ["class", "first use", "published", "planted", *(f"demo, {name}" for name in COMPARISONS)]
    return table(heads, cells, _sentence(demo, "windows", "against population controls"))


def _course_table(study: Study, demo: Figures) -> str:
    cells = []
    for name in CLASSES:
        mutual, alone = (hazard_ratio(Family.JOINT, form, name) for form in (TOGETHER, ALONE))
        keys = (mutual, alone, hazard_ratio(Family.COX, TOGETHER, name))
        there, planted = _figure(published(study, "prognosis", name, EVER)), number(demo[f"aimed at: {mutual}"][0])
        cells.append([name, there, planted, *(shown(demo[key]) for key in keys)])
    heads = ["class", "published", "planted, direct", "demo, joint model, all classes together"]
    heads += ["demo, joint model, each class alone", "demo, Cox model (total), all classes together"]
    patients, events = demo["patients and events of the joint model"]
    of = f"The demo's joint model of all classes together has {count(patients)} patients and {count(events)} events."
    return table(heads, cells, _sentence(demo, "course", "all classes together"), of)


def _slope_table(study: Study, demo: Figures) -> str:
    words = {"antidepressants": "faster in users, above all of these"}
    cells = []
    for name in CLASSES:
        planted = demo[f"aimed at: {slope(name)}"][0]
        cells.append([name, words.get(name, "faster in users"), number(planted), shown(demo[slope(name)])])
    return table(["class", "published (no number)", "planted", "demo, points a month"], cells)


TABLES = {
    "people": _people_table,
    "ever": _ever_table,
    "windows": _windows_table,
    "course": _course_table,
    "slope": _slope_table,
}


def published(study: Study, analysis: str, exposure: str, level: str) -> Published | None:
    """The published figure of a level, where there is one."""
    place = analysis, exposure, level
    return next((one for one in study.published if (one.analysis, one.exposure, one.level) == place), None)


def _sentence(demo: Figures, name: str, where: str) -> str:
    aims, of_aims, there, of_there = map(count, demo[f"held: {name}"])
    return (
        f"The demo's intervals, {where}, hold {aims} of {of_aims} values that the model aims at, and {there} of "
        f"{of_there} published ones."
    )


def _figure(there: Published | None) -> str:
    if there is None:
        return "none at hand"
    ends = f" ({there.low:.2f}–{there.high:.2f})" if there.low and there.high else ""
    return f"{there.estimate:.2f}{ends}"


def shown(estimate: Sequence[float]) -> str:
    """``1.58 (1.09–2.31)``, or ``−0.24 (−0.48 to −0.01)``."""
    value, low, high = map(number, estimate)
    return f"{value} ({low} to {high})" if min(estimate) < 0 else f"{value} ({low}–{high})"


def stored() -> Figures:
    """What is stored of the demo."""
    return dict(json.loads(DEMO.read_text(encoding="utf-8"))["figures"])


if __name__ == "__main__":
    text = filled(PAGE.read_text(encoding="utf-8"), Study.load(STUDY), stored())
    PAGE.write_text(text, encoding="utf-8", newline="\n")
