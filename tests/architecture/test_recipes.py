"""What AGENTS.md promises of a new measure, covariate, diagnostic, family and table, done in a copy and by it alone."""

from __future__ import annotations

import compileall
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from riskset.results.tables import VERSION

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "riskset"

Edits = Mapping[str, tuple[tuple[str, str], ...]]
"""File → what stands in it, and what stands there after."""

FUTURE = "from __future__ import annotations\n"


def imported(name: str) -> tuple[str, str]:
    """An import of its own, whatever other imports look like."""
    return FUTURE, f"{FUTURE}\nfrom riskset.spec.measures import {name}\n"


def exported(name: str) -> Edits:
    """The measure's name at the door and in the room."""
    return {
        "spec/__init__.py": (
            ("__all__ = [", f'from riskset.spec.measures import {name}\n\n__all__ = [\n    "{name}",'),
        ),
        "__init__.py": (
            ("if TYPE_CHECKING:\n", f"if TYPE_CHECKING:\n    from riskset.spec import {name}\n"),
            ("__all__ = [", f'__all__ = [\n    "{name}",'),
        ),
    }


MEASURE: Edits = {
    "spec/measures.py": (
        (
            "Measure = Annotated[",
            '''class RecipeSpan(BandedMeasure):
    """Days from the first dispensing to the last before the index date, in bands."""

    kind: Literal["recipe_span"] = "recipe_span"
    bands: Annotated[tuple[Whole, ...], Field(min_length=1)]
    """Where each band starts, in days."""


Measure = Annotated[RecipeSpan | ''',
        ),
    ),
    "spec/measure_words.py": (
        imported("RecipeSpan"),
        (
            "        case _:\n            assert_never(measure)",
            """        case RecipeSpan():
            labels = tuple(f"{name} days spanned" for name in measure.level_names)
            return MeasureWords(
                definition=f"the days from the first dispensing to the last, in {words.both(measure.level_names)}.",
                heading=f"days spanned before {end}",
                question=f"how many days their dispensings spanned before {end}",
                labels=labels,
                under_heading=labels,
                drawn=("spanned",),
                briefly_drawn=("spanned here",),
                reference_holds="",
            )
        case _:
            assert_never(measure)""",
        ),
    ),
    "exposure/windows.py": (
        imported("RecipeSpan"),
        (
            "            case _:\n                assert_never(measure)",
            """            case RecipeSpan():
                first, last = history.nth(anchors, 1), history.last(anchors)
                spanned = np.where(np.isnat(first), 0, (last - first).astype(np.int64) + 1)
                yield from (_reaches(spanned, level.low, level.high) for level in levels)
            case _:
                assert_never(measure)""",
        ),
    ),
    **exported("RecipeSpan"),
    "report/catalogue/english_measures.py": (
        imported("RecipeSpan"),
        (
            "        case _:\n            assert_never(measure)\n\n\ndef use_words(",
            """        case RecipeSpan():
            return ReportWords(
                heading="days spanned",
                drawn="days from first to last",
                windows=("Span counted",),
                method=f"Spans were counted up to {end}.",
                reference="no span",
            )
        case _:
            assert_never(measure)


def use_words(""",
        ),
        (
            "        case _:\n            assert_never(measure)\n\n\ndef _last(",
            """        case RecipeSpan():
            band = f"{_band(level)} days"
            return UseWords(f"Spanned {band}", before, f"{band} of use", before, f"Used over {band}, {before}")
        case _:
            assert_never(measure)


def _last(""",
        ),
    ),
}

PARTED_MEASURE: Edits = {
    "spec/measures.py": (
        (
            "Measure = Annotated[",
            '''class RecipeSince(PartedMeasure):
    """Time since the qualifying date, as a measure of first use has it."""

    forms: ClassVar[Mapping[Form, str]] = {"ordered levels": ""}

    kind: Literal["recipe_since"] = "recipe_since"
    cuts: Annotated[tuple[Duration, ...], Field(min_length=1)]
    """Shortest first."""


Measure = Annotated[RecipeSince | ''',
        ),
    ),
    "spec/measure_words.py": (
        imported("RecipeSince"),
        (
            "        case _:\n            assert_never(measure)",
            """        case RecipeSince():
            labels = tuple(f"Tasted {name} before" for name in measure.level_names)
            return MeasureWords(
                definition="the time since tasting.",
                heading=f"tasting before {end}",
                question=f"how long before {end} they tasted it",
                labels=labels,
                under_heading=labels,
                drawn=labels,
                briefly_drawn=labels,
                reference_holds="",
            )
        case _:
            assert_never(measure)""",
        ),
    ),
    "exposure/windows.py": (
        imported("RecipeSince"),
        (
            "            case _:\n                assert_never(measure)",
            """            case RecipeSince():
                yield from (_lies_in(qualifying, anchors, level) for level in levels)
            case _:
                assert_never(measure)""",
        ),
    ),
    **exported("RecipeSince"),
    "report/catalogue/english_measures.py": (
        imported("RecipeSince"),
        (
            "        case _:\n            assert_never(measure)\n\n\ndef use_words(",
            """        case RecipeSince():
            return ReportWords(
                heading="time since tasting",
                drawn="time since tasting",
                windows=tuple(_stretch(window, "Tasted ") for window in measure.windows),
                method=f"Time from tasting to {end} was divided.",
                reference="never tasted",
                since="tasting",
            )
        case _:
            assert_never(measure)


def use_words(""",
        ),
        (
            "        case _:\n            assert_never(measure)\n\n\ndef _last(",
            """        case RecipeSince():
            return UseWords(capital(span(level)), "", "tasting", when, f"Tasted {when}")
        case _:
            assert_never(measure)


def _last(""",
        ),
    ),
}

COVARIATE: Edits = {
    "spec/covariates.py": (
        (
            "COVARIATES = (",
            'COVARIATES = (\n    BuiltIn("recipe_month", "person", "birth_date", "the month of birth", numeric=True),',
        ),
    ),
    "report/catalogue/english_covariates.py": (
        (
            '    "age": CovariateWords(',
            '    "recipe_month": CovariateWords("month born", "mo"),\n    "age": CovariateWords(',
        ),
    ),
    "exposure/covariates.py": (
        (
            "DERIVED: Mapping[str, Callable[[pa.Array, Days], pa.Array]] = {",
            """def _recipe_month_of(born: pa.Array, day: Days) -> pa.Array:
    month = _days(born).astype("datetime64[M]").astype(np.int64) % 12 + 1
    return pa.array(month, mask=np.isnat(_days(born)))


DERIVED: Mapping[str, Callable[[pa.Array, Days], pa.Array]] = {
    "recipe_month": _recipe_month_of,""",
        ),
    ),
}

DIAGNOSTIC: Edits = {
    "results/vocabulary.py": (
        ("class DiagnosticCode(StrEnum):", "class DiagnosticCode(StrEnum):\n    RECIPE_FOUND = 'recipe found'"),
    ),
    "report/catalogue/english_risk.py": (
        (
            "DIAGNOSTICS: dict[DiagnosticCode, DiagnosticWords] = {",
            "DIAGNOSTICS: dict[DiagnosticCode, DiagnosticWords] = {\n"
            '    DiagnosticCode.RECIPE_FOUND: DiagnosticWords("found by the recipe", "of no use"),',
        ),
    ),
    "disclosure/by_code.py": (
        (
            "DIAGNOSTICS: Mapping[D, DisclosureRole] = {",
            "DIAGNOSTICS: Mapping[D, DisclosureRole] = {\n    D.RECIPE_FOUND: DisclosureRole.COUNT,",
        ),
    ),
}

FAMILY: Edits = {
    "results/vocabulary.py": (("class Family(StrEnum):", "class Family(StrEnum):\n    RECIPE = 'recipe family'"),),
    "report/catalogue/english.py": (("FAMILIES = {", 'FAMILIES = {\n    Family.RECIPE: "Recipe’s",'),),
}

TABLE: Edits = {
    "results/rows.py": (
        (
            "def failure_of(",
            '''@dataclass(frozen=True, kw_only=True)
class RecipeDish:
    """A dish, with how many ate it."""

    name: str = column("what it is called", key=True)
    eaters: int = column("persons who ate it", role=DisclosureRole.COUNT)


def failure_of(''',
        ),
    ),
    "results/tables.py": (
        (FUTURE, f"{FUTURE}\nfrom riskset.results.rows import RecipeDish\n"),
        ('    "quality": QualityRow,', '    "quality": QualityRow,\n    "recipe_dishes": RecipeDish,'),
        (f"VERSION = {VERSION}", f"VERSION = {VERSION + 1}"),
    ),
    "run.py": (
        (FUTURE, f"{FUTURE}\nfrom riskset.results.rows import RecipeDish\n"),
        (
            '        "quality": registers.quality,',
            """        "quality": registers.quality,
        "recipe_dishes": table_of(
            [RecipeDish(name="soup", eaters=1), RecipeDish(name="bread", eaters=0)], RecipeDish
        ),""",
        ),
    ),
    "report/document.py": (
        (FUTURE, f"{FUTURE}\nfrom riskset.report.tables import Column, render_table\n"),
        (
            "    has = {\n",
            """    dishes = render_table(
        [{"name": row["name"], "eaters": str(row["eaters"])} for row in released.rows("recipe_dishes")],
        [Column("name", page_words.DISH, "left"), Column("eaters", page_words.EATERS)],
        name="recipe-dishes-table",
        caption=page_words.RECIPE_DISHES,
    )
    has = {
        SupplementPart.RECIPE_DISHES: dishes,
""",
        ),
        ("        unbroken=unbroken,", "        unbroken=unbroken,\n        dishes=dishes,"),
    ),
    "report/templates/supplement.html": (
        (
            "{% if everything %}\n<section",
            """{% if dishes %}
<section aria-labelledby="recipe-dishes">
<h2 id="recipe-dishes">{{ parts["recipe-dishes"].heading }}</h2>
{{ dishes }}
</section>
{% endif %}

{% if everything %}
<section""",
        ),
    ),
    "report/supplement_part.py": (
        ('    QUALITY = "quality"', '    QUALITY = "quality"\n    RECIPE_DISHES = "recipe-dishes"'),
    ),
    "report/catalogue/english_page.py": (
        ('CURVES = "Curves"', 'CURVES = "Curves"\nDISH, EATERS, RECIPE_DISHES = "Dish", "Eaters", "Who ate what"'),
        (
            "    SupplementPart.EVERYTHING: PartWords(",
            '    SupplementPart.RECIPE_DISHES: PartWords("Dishes", "Every dish", headed="What was eaten"),\n'
            "    SupplementPart.EVERYTHING: PartWords(",
        ),
    ),
}

STUDY = """
from datetime import date
from pathlib import Path

import riskset
from riskset.spec import explain
from riskset.spec.json_schema import json_schema, markdown
from riskset.spec.study import parse
from tests.exposure.by_hand import anchors, dispensings_of, registers_of

assert Path(riskset.__file__).parents[1] == Path.cwd(), riskset.__file__
described = {
    "name": "recipe",
    "period": {"start": date(2010, 1, 1), "stop": date(2020, 1, 1)},
    "cases": {"first": {"icd10": ["G122"]}},
    "controls": [{"kind": "population"}],
}
"""

ASK_MEASURE = """
from riskset.exposure.windows import measure_exposures
from riskset.report.design_tables import table_characteristics
from riskset.report.measure_words import measure_heading, question, reference_label, who_is_reference
from riskset.report.view import Line, Term, measure_level
from riskset.report.windows import plot_windows

span = {"kind": "recipe_span", "bands": [1, 365]}
drugs = {"name": "drugs", "codes": {"atc": ["N06A"]}, "measures": [span, {"kind": "ever"}]}
model = {"kind": "conditional logistic", "measure": "recipe_span", "trend": True}
study = parse(riskset.Study, described | {"exposures": [drugs], "models": [model]})
assert study.exposures[0].measures[0] == riskset.RecipeSpan(bands=[1, 365])
assert parse(riskset.Study, study.model_dump(mode="json")) == study
try:
    riskset.RecipeSpan(bands=[365, 1])
except riskset.RisksetError as error:
    assert "the bands 365, 1 do not rise" in str(error), error
else:
    raise AssertionError("bands that do not rise were taken")
try:
    parse(riskset.Study, described | {"exposures": [drugs], "models": [model | {"measure": "ever"}]})
except riskset.RisksetError as error:
    assert "or choose recipe_span, first_use, count or ddd in bands" in str(error), error
else:
    raise AssertionError("a trend without order was taken")

[fields] = [part for name, part in json_schema()["$defs"].items() if name == "RecipeSpan"]
assert fields["properties"]["kind"]["const"] == "recipe_span"
assert 'with `kind = "recipe_span"`' in markdown()

text = explain(study)
assert "the days from the first dispensing to the last, in 1-364 and ≥365." in " ".join(text.split()), text
assert " spanned ─" in text and "Drugs: recipe_span" in text or "drugs: recipe_span" in text, text

rows = [*dispensings_of(1, "2012-01-01", "2012-03-01"), *dispensings_of(2, "2010-01-01", "2012-01-01")]
who = anchors((1, "2013-01-01"), (2, "2013-01-01"), (3, "2013-01-01"))
measured = measure_exposures(registers_of({"dispensing": rows}), who, study.exposures)
spanned = [(row["person_id"], row["term"]) for row in measured.values.to_pylist() if "span" in row["term"]]
assert spanned == [(1, "drugs|recipe_span|1-364"), (2, "drugs|recipe_span|≥365")], spanned
ever = [(row["person_id"], row["term"]) for row in measured.values.to_pylist() if "span" not in row["term"]]
assert ever == [(1, "drugs|ever|ever"), (2, "drugs|ever|ever")], ever

assert measure_level(study, "drugs", "recipe_span", "1-364") == "1–364 days spanned"
assert measure_heading(study, Term("drugs", "recipe_span")) == "Drugs (N06A), days spanned before the index date"
asked = question(study.exposures[0], study.exposures[0].measures[0])
assert asked == "how many days their dispensings spanned before the date", asked
row = {"exposure": "drugs", "measure": "recipe_span", "level": "1-364", "reference": "none"}
line = Line(row, None, None, None, "")
assert (reference_label(study, line), who_is_reference(study, line)) == ("None", "")
stretches = plot_windows(study).data.to_pylist()
assert [row["stretch"] for row in stretches if row["measure"] == "Recipe span"] == ["spanned here"]
row = {"variable": "", "exposure": "drugs", "measure": "recipe_span", "level": "≥365"}
row |= {"kind": "share", "cases_n": 1, "controls_n": 1}
row |= dict.fromkeys(["cases_value", "controls_value", "cases_spread", "controls_spread", "smd"])
assert "≥365 days spanned" in table_characteristics(study, [row], name="t", part="p")
"""

SEEN = """
from riskset.report.document import write_report
from riskset.report.public import render_public
from tests.report.page import Page
from tests.report.public.studies import cleared, lay_study
from tests.report.released import estimate, noted


def shown(study, estimates, **tables):
    released = cleared(estimates, study, **tables)
    front = write_report(released, "run")
    supplement = front.with_name("supplement.html")
    pages = [front.read_text(encoding="utf-8"), supplement.read_text(encoding="utf-8"), str(render_public(released))]
    return [" ".join(Page(html).text.split()) for html in pages]


described = lay_study(["anxiolytics"], ["population"], published=[]).model_dump(mode="json", by_alias=True)
"""

SEE_MEASURE = """
described["exposures"][0]["measures"] = [{"kind": "recipe_span", "bands": [1, 365]}]
model = {"kind": "conditional logistic", "measure": "recipe_span"}
study = parse(riskset.Study, described | {"models": [model]})
rows = [("1-364", 1.2), ("≥365", 2.4)]
rows = [estimate("anxiolytics", "recipe_span", level, ratio, form="crude", reference="none") for level, ratio in rows]
front, supplement, public = shown(study, rows)
for said in [
    *("days from first to last", "Span counted", "Spans were counted up to the index date.", "Reference: no span."),
    *("1 to 364 days of use of anxiolytics before diagnosis", "Spanned 365 or more days"),
]:
    assert said in front, (said, front)
assert "365 or more days of use of anxiolytics" in front
assert "Used over 1 to 364 days, before diagnosis" in public, public
assert "≥365 days spanned" in supplement, supplement
"""

SEE_PARTED_MEASURE = """
ever = {"kind": "ever", "lag": "1y"}
described["exposures"][0]["measures"] = [ever, {"kind": "recipe_since", "cuts": ["1y", "5y"]}]
models = [{"kind": "conditional logistic", "measure": measure} for measure in ("ever", "recipe_since")]
study = parse(riskset.Study, described | {"models": models})
rows = [("ever", "ever", 1.5), *(("recipe_since", *row) for row in [("0-1y", 6.1), ("1-5y", 1.3), (">5y", 1.1)])]
rows = [estimate("anxiolytics", *row, form="crude") for row in rows]
front, supplement, public = shown(study, rows)
for said in [
    *("By time since tasting, population ORs were 6.10 (less than 1 year)", "of ALS, by time since tasting"),
    *("Time windows Use that follows early symptoms", "<1 y: 6.10", "Time from tasting to diagnosis"),
    *("Time from tasting to the index date was divided.", "Tasting of anxiolytics less than 1 year before diagnosis"),
]:
    assert said in front, (said, front)
assert "Tasted less than 1 year before diagnosis" in public, public
assert "Tasted 1–5 y before" in supplement, supplement
"""

ASK_COVARIATE = """
from riskset.analysis.describe import covariates_described
from riskset.exposure.covariates import measure_covariates
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.catalogue.english_participants import mean_label
from riskset.spec.check import needs

drugs = {"name": "drugs", "codes": {"atc": ["N06A"]}, "measures": [{"kind": "ever"}]}
model = {"kind": "conditional logistic", "measure": "ever", "adjust": ["recipe_month"]}
model["subgroups"] = [{"by": "recipe_month", "cuts": [7]}]
study = parse(riskset.Study, described | {"exposures": [drugs], "models": [model]})
uncut = model | {"subgroups": [{"by": "recipe_month"}]}
try:
    parse(riskset.Study, described | {"exposures": [drugs], "models": [uncut]})
except riskset.RisksetError as error:
    assert "recipe_month is a number and must be parted" in str(error), error
else:
    raise AssertionError("a number was parted without cuts")
assert "- recipe month: the month of birth" in " ".join(explain(study).split()), explain(study)
assert "recipe_month" in covariates_described(study.controls, study.models, study.covariates)
needs(study)
assert label_of_name(study, "recipe_month") == "month born"
assert mean_label("month born", "recipe_month") == "Month born, mean (SD), mo"

person = {"person_id": 1, "sex": "female", "birth_date": date(1950, 6, 15)}
registers = registers_of({"person": [person]})
who = anchors((1, "2015-01-01"), (2, "2015-01-01"))
measured = measure_covariates(registers, who, ["recipe_month", "age"], (), most_levels=50)
assert measured["recipe_month"].to_pylist() == [6, None], measured["recipe_month"]
"""

SEE_COVARIATE = """
model = {"kind": "conditional logistic", "measure": "ever", "adjust": ["recipe_month"]}
model["subgroups"] = [{"by": "recipe_month", "cuts": [7]}]
described["exposures"][0]["measures"] = [{"kind": "ever", "lag": "1y"}]
study = parse(riskset.Study, described | {"models": [model]})
whole = estimate("anxiolytics", "ever", "ever", 1.4)
parted = [estimate("anxiolytics", "ever", "ever", 1.3, modifier="recipe_month", stratum=s) for s in ("<7", "≥7")]
beside = estimate("anxiolytics", "ever", "", 1.1, role="covariate", covariate="recipe_month", contrast="per unit")
front, supplement, public = shown(study, [whole, *parted, beside])
shown_of_run = supplement.rpartition("Attrition")[2]  # before it stands the description, by its own names
for page in (front, shown_of_run, public):
    assert "month born" in page.lower()
    assert "recipe month" not in page.lower(), page[page.lower().find("recipe month") - 200 :][:400]
assert "Month born < 7" in shown_of_run and "Month born ≥ 7" in shown_of_run, shown_of_run
"""

ASK_DIAGNOSTIC = """
from riskset.disclosure.by_code import DIAGNOSTICS
from riskset.report.design_tables import table_diagnostics
from riskset.results.dictionary import data_package
from riskset.results.roles import DisclosureRole
from riskset.results.vocabulary import DiagnosticCode
from tests.report.page import Page
from tests.report.released import make_released

code = DiagnosticCode("recipe found")
assert DIAGNOSTICS[code] is DisclosureRole.COUNT
[fields] = [part["schema"]["fields"] for part in data_package(["diagnostics"])["resources"]]
assert "recipe found" in next(field for field in fields if field["name"] == "code")["constraints"]["enum"]
released = make_released(diagnostics=[{"analysis": "risk", "code": code, "value": 12.0}])
table = " ".join(Page(str(table_diagnostics(released, name="t"))).text.split())
assert "found by the recipe 12 Of no use" in table, table
"""

ASK_FAMILY = """
from riskset.report.catalogue import ENGLISH
from riskset.results.dictionary import data_package
from riskset.results.rows import model_of
from riskset.results.tables import SCHEMAS
from riskset.results.vocabulary import Family, Model

rows = [estimate("anxiolytics", "ever", "ever", 1.3, form="crude")]
rows += [rows[0] | {"family": "recipe family"}]
assert ENGLISH.model(model_of(dict.fromkeys(SCHEMAS["estimates"].names, "") | rows[1])) == "Recipe’s, crude"
[fields] = [part["schema"]["fields"] for part in data_package(["estimates"])["resources"]]
assert "recipe family" in next(field for field in fields if field["name"] == "family")["constraints"]["enum"]
front, supplement, public = shown(parse(riskset.Study, described), rows)
assert "Recipe’s" in supplement, supplement
"""


ASK_TABLE = """
import json
from riskset.disclosure.door import clear
from riskset.disclosure.presets import PRESETS
from riskset.errors import SourceError
from riskset.report.document import write_report
from riskset.results.released import Released
from riskset.results.run_changes import compare_runs
from riskset.results.tables import VERSION
from riskset.results.withheld import HiddenNumber
from riskset.run import run_study, write_run
from tests.cohort.families import START, family
from tests.cohort.families import study as of_families
from tests.people import nation
from tests.report.page import Page

people = nation("".join(family(i) for i in range(12)), starts={"dispensing": START})
run = run_study(of_families(), people.registers)
for folder in ("one", "two"):
    write_run(run, folder)
stored = riskset.read_results("one")["recipe_dishes"].to_pylist()
assert stored == [{"name": "soup", "eaters": 1}, {"name": "bread", "eaters": 0}], stored
package = json.loads(Path("one/internal/datapackage.json").read_text(encoding="utf-8"))
[dishes] = [part for part in package["resources"] if part["name"] == "recipe_dishes"]
assert dishes["description"] == "A dish, with how many ate it.", dishes
assert dishes["schema"]["primaryKey"] == ["name"], dishes
assert json.loads(Path("one/manifest.json").read_text(encoding="utf-8"))["tables"] == VERSION == BEFORE + 1
assert compare_runs("one", "two").rows == ()

supplement = Path("one/supplement.html").read_text(encoding="utf-8")
table = Page(supplement).table("Who ate what").rows
assert table == [["Dish", "Eaters"], ["soup", "1"], ["bread", "0"]], table
assert "soup" in Path("one/supplement/recipe-dishes-table.csv").read_text(encoding="utf-8-sig")
assert "Every dish" in Path("one/report.html").read_text(encoding="utf-8")
assert '<li><a href="#recipe-dishes">Dishes</a></li>\\n<li><a href="#everything">' in supplement, supplement
assert "What was eaten" in supplement, supplement

cleared = clear(run.released, next(iter(PRESETS.values())).policy)
[soup, bread] = cleared.released.rows("recipe_dishes")
assert isinstance(soup["eaters"], HiddenNumber), soup
assert "recipe_dishes" in {one.table for one in cleared.log}
write_report(cleared.released, "out")
page = Path("out/supplement.html").read_text(encoding="utf-8")
table = Page(page).table("Who ate what").rows
assert ["soup", "withheld"] in table, table
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source, compiled once for all copies: in a copy, Python compiles anew what was edited since."""
    folder = tmp_path_factory.mktemp("source") / "riskset"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("__pycache__", "examples"))
    assert compileall.compile_dir(folder, quiet=1)
    return folder


def copy_with(source: Path, folder: Path, edits: Edits, without: str = "") -> None:
    """The source with the recipe's edits, perhaps all but one."""
    shutil.copytree(source, folder / "riskset")
    for name, changes in edits.items():
        path = folder / "riskset" / name
        text = path.read_text(encoding="utf-8")
        for before, after in changes if name != without else ():
            assert text.count(before) == 1, f"{name} holds {before!r} {text.count(before)} times; write this test anew"
            text = text.replace(before, after)
        path.write_text(text, encoding="utf-8")


def ask(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script on the copy, in an interpreter of its own."""
    where = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]), "PYTHONDONTWRITEBYTECODE": "1"}
    asked = [sys.executable, "-W", "error", "-c", STUDY + script]
    return subprocess.run(asked, cwd=folder, env=where, capture_output=True, text=True, encoding="utf-8", check=False)


def promised(change: str) -> set[str]:
    """The files of the source that AGENTS.md names for a kind of change."""
    [row] = re.findall(rf"^\| {change} \| (.*) \|$", (ROOT / "AGENTS.md").read_text(encoding="utf-8"), re.MULTILINE)
    return {name for name in re.findall(r"`([\w/]+\.py)`", row) if not name.startswith("tests/")}


def test_the_names_of_the_recipes_are_nobody_elses() -> None:
    """A real one of the recipe's name would hide that the recipe adds nothing."""
    names = re.compile("recipe[_ -]?(span|since|month|found|family|dish)", re.IGNORECASE)
    for path in SOURCE.rglob("*.py"):
        assert not names.search(path.read_text(encoding="utf-8")), path


def test_the_map_names_the_places_of_the_recipes() -> None:
    assert promised("a new measure of exposure") == set(MEASURE) == set(PARTED_MEASURE)
    at_diagnosis = {"exposure/at_diagnosis.py"}  # for what only a case has
    assert promised("a built-in covariate") == set(COVARIATE) | at_diagnosis
    version = {"results/tables.py"}  # whose number rises
    assert promised("a diagnostic") == set(DIAGNOSTIC) | version
    assert promised("a family of models") == set(FAMILY) | version
    assert promised("a table of results") == {name for name in TABLE if name.endswith(".py")}


SHOW_MEASURE = SEEN + SEE_MEASURE


@pytest.mark.parametrize(
    ("edits", "script"),
    [
        (MEASURE, ASK_MEASURE + SHOW_MEASURE),
        (PARTED_MEASURE, SEEN + SEE_PARTED_MEASURE),
        (COVARIATE, ASK_COVARIATE + SEEN + SEE_COVARIATE),
        (DIAGNOSTIC, ASK_DIAGNOSTIC),
        (FAMILY, SEEN + ASK_FAMILY),
        (TABLE, f"BEFORE = {VERSION}\n{ASK_TABLE}"),
    ],
    ids=["measure", "measure that parts time", "covariate", "diagnostic", "family", "table"],
)
def test_a_new_kind_is_known_everywhere_by_the_places_of_its_recipe(
    compiled: Path, tmp_path: Path, edits: Edits, script: str
) -> None:
    copy_with(compiled, tmp_path, edits)
    done = ask(tmp_path, script)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("edits", "script", "forgotten", "error"),
    [
        (MEASURE, ASK_MEASURE, "spec/measure_words.py", "Expected code to be unreachable"),
        (MEASURE, ASK_MEASURE, "exposure/windows.py", "Expected code to be unreachable"),
        (MEASURE, ASK_MEASURE, "spec/__init__.py", "has no attribute 'RecipeSpan'"),
        (MEASURE, ASK_MEASURE, "__init__.py", "has no attribute 'RecipeSpan'"),
        (MEASURE, SHOW_MEASURE, "report/catalogue/english_measures.py", "Expected code to be unreachable"),
        (DIAGNOSTIC, ASK_DIAGNOSTIC, "report/catalogue/english_risk.py", "RECIPE_FOUND"),
        (DIAGNOSTIC, ASK_DIAGNOSTIC, "disclosure/by_code.py", "RECIPE_FOUND"),
        (FAMILY, SEEN + ASK_FAMILY, "report/catalogue/english.py", "Family.RECIPE"),
        (TABLE, ASK_TABLE, "results/rows.py", "cannot import name 'RecipeDish'"),
        (TABLE, ASK_TABLE, "results/tables.py", "KeyError: 'recipe_dishes'"),
        (TABLE, ASK_TABLE, "run.py", "KeyError: 'recipe_dishes'"),
        (TABLE, ASK_TABLE, "report/document.py", "RECIPE_DISHES"),
        (TABLE, ASK_TABLE, "report/supplement_part.py", "RECIPE_DISHES"),
        (TABLE, ASK_TABLE, "report/catalogue/english_page.py", "has no attribute 'DISH'"),
        (TABLE, f"BEFORE = {VERSION}\n{ASK_TABLE}", "report/templates/supplement.html", "StopIteration"),
        (COVARIATE, ASK_COVARIATE, "exposure/covariates.py", "'recipe_month' is derived, and no derivation"),
        (COVARIATE, ASK_COVARIATE, "report/catalogue/english_covariates.py", "recipe_month"),
        (
            COVARIATE,
            ASK_COVARIATE,
            "spec/covariates.py",
            "'recipe_month' has a derivation, and is no derived covariate",
        ),
    ],
)
def test_a_place_forgotten_is_an_error_and_no_other_result(
    compiled: Path, tmp_path: Path, edits: Edits, script: str, forgotten: str, error: str
) -> None:
    copy_with(compiled, tmp_path, edits, without=forgotten)
    done = ask(tmp_path, script)
    assert done.returncode != 0
    assert error in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        ("(BandedMeasure)", "(WindowedMeasure)", "AttributeError: forms"),
        ("(BandedMeasure):", "(WindowedMeasure):\n    forms = {'levels': ''}\n", "abstract class RecipeSpan"),
    ],
    ids=["its forms", "its levels"],
)
def test_a_fact_forgotten_is_an_error(compiled: Path, tmp_path: Path, before: str, after: str, error: str) -> None:
    [(place, whole)] = MEASURE["spec/measures.py"]
    assert before in whole
    copy_with(compiled, tmp_path, {**MEASURE, "spec/measures.py": ((place, whole.replace(before, after)),)})
    done = ask(tmp_path, ASK_MEASURE)
    assert done.returncode != 0
    assert error in done.stderr, done.stderr
