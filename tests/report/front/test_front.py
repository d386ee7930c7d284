"""The front page as a whole: safe, small, numbered in order, true to the primary model, and there for any study."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from itertools import pairwise
from math import exp, inf, log
from pathlib import Path

import pytest

from riskset.report import formats
from riskset.report.catalogue.english_results import COUNTS_OF_ALL
from riskset.report.document import write_report
from riskset.report.front.key_points import key_points
from riskset.report.front.medication_and_risk import windows_in_words
from riskset.report.front.page import number
from riskset.report.front.section import Exhibit, Kind, Section
from riskset.results.notes import NoteCode, note
from riskset.results.released import Released
from riskset.results.withheld import HiddenNumber, WithheldFor
from riskset.spec.study import Study
from tests.report.front.studies import (
    INCIDENCE,
    front_of,
    html_of,
    main_of,
    many,
    one_measure,
    released_of,
    rows_of,
    table_headed,
    view_of,
    without_anything,
)
from tests.report.page import Page
from tests.report.released import CLASSES, estimate, make_study, noted

SCRIPTS = ["ångestdämpande", "снотворные", "抗うつ薬", "<b>&amp;", "مضادات"]


@pytest.fixture(scope="module")
def html() -> str:
    return html_of(released_of())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_nothing_is_loaded_and_nothing_runs(html: str, page: Page) -> None:
    assert not re.search(r"https?:|@import|url\((?!#)", html, re.IGNORECASE)
    assert not {"script", "link", "img", "iframe", "object", "embed", "base"} & set(page.tags)
    assert {t.partition("#")[0] for t in page.loads} == {"", "supplement.html"}
    assert {t[1:] for t in page.loads if t.startswith("#")} <= set(page.ids)
    assert not [a for a in page.attributes if a[1].startswith("on") or a[1] == "style"]


def test_the_policy_allows_the_pages_own_style_alone(html: str, page: Page) -> None:
    (policy,) = [a[2] for a in page.attributes if a[1] == "content" and "default-src" in a[2]]
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_it_is_well_formed_and_can_be_read_aloud(page: Page) -> None:
    assert page.problems == []
    assert len(page.ids) == len(set(page.ids))
    assert page.tags.count("figure") == page.tags.count("figcaption") > 3
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    silent = [a for a in page.attributes if a[:2] == ("svg", "aria-hidden")]
    named = [a for a in page.attributes if a[0] == "svg" and a[1] in ("aria-label", "aria-labelledby") and a[2]]
    assert page.tags.count("svg") == len(silent) + len(named)
    assert len(silent) > 30


def test_it_is_short_and_light(html: str, page: Page) -> None:
    assert len(html.encode()) < 300_000
    assert len(re.findall(r"\S*[^\W\d_]\S*", page.text)) < 2_500  # numbers of tables are no words


def test_the_stamp_stands_on_the_screen_and_on_paper(html: str, page: Page) -> None:
    assert "Internal, not cleared" in page.text
    assert re.search(r'@top-right \{ content: "Internal, not cleared"', html)
    cleared = replace(released_of(), stamp='cleared; "} body { display: none } /*')
    assert 'display: none } /*";' not in html_of(cleared)


def test_the_notice_stands_with_invented_people_only(html: str) -> None:
    assert "every person is invented" in html
    real = html_of(released_of(planted=False))
    assert "invented" not in real
    assert 'class="truth' not in real


def test_figures_and_tables_are_numbered_in_order_each_kind_by_itself() -> None:
    def exhibit(kind: Kind) -> Exhibit:
        return Exhibit(kind, "A title", html_of.__doc__ or "")  # type: ignore[arg-type]

    kinds = [[Kind.FIGURE], [Kind.FIGURE, Kind.TABLE], [], [Kind.TABLE, Kind.FIGURE]]
    sections = [Section(f"s{i}", "S", exhibits=tuple(map(exhibit, each))) for i, each in enumerate(kinds)]
    names = [[one.name for one in exhibits] for _, exhibits in number(sections)]
    assert names == [["Figure 1"], ["Figure 2", "Table 1"], [], ["Table 2", "Figure 3"]]


def forest(page: Page) -> list[list[str]]:
    return table_headed(page, "Compared with").rows


def test_every_number_of_the_main_table_is_of_the_primary_model(page: Page) -> None:
    held = [e for e in rows_of() if e["form"] == "mutually adjusted" and "," not in e["comparison"]]
    shown = [row for row in forest(page) if len(row) >= 5 and "(" in row[-1]][1:]
    assert len(shown) == len(held) == 36
    expected = sorted(formats.ratio_with_interval(*(exp(e[k]) for k in ENDS)) for e in held)
    assert sorted(row[-1] for row in shown) == expected
    counts = sorted(formats.count_with_percent(e["n_exposed_cases"], e["n_cases"]) for e in held)
    assert sorted(row[-4] for row in shown) == counts


ENDS = ("estimate", "conf_low", "conf_high")


def test_the_study_chooses_the_form() -> None:
    study = Study.model_validate(make_study(comparisons=["population"]).model_dump(mode="json") | {"primary": "crude"})
    main = main_of(released_of(rows_of(comparisons=["population"]), study))
    assert {line.form for row in main.rows for line in row.lines.values()} == {"crude"}
    page = front_of(released_of(rows_of(comparisons=["population"]), study))
    assert "Crude odds ratios of ALS" in page.text
    assert "with education" not in page.text


def test_planted_marks_stand_only_where_the_model_aims_at_them(html: str) -> None:
    rows = re.findall(r'<tr class="population.*?</tr>', html, re.DOTALL)
    bars = ['class="truth"' in row for row in rows if 'class="piece"' in row and 'class="or"' in row]
    assert bars == [False, True, True, True] * 3


def test_thin_sets_firth_reactions_and_what_has_no_estimate_are_marked() -> None:
    rows = rows_of(["anxiolytics"])
    for row in rows:
        if (row["level"], row["form"]) == ("0-1y", "adjusted"):
            if row["comparison"] == "siblings":
                row["n_informative"] = 9
            if row["comparison"] == "spouses":
                row["notes"] = noted(note(NoteCode.MAY_REACT))
    kept = [r for r in rows if (r["comparison"], r["level"], r["form"]) != ("population", ">5y", "adjusted")]
    kept.append(estimate("anxiolytics", "first_use", ">5y", None, form="adjusted", n_exposed_cases=0))
    page = front_of(released_of(kept, make_study(["anxiolytics"], comparisons=["population", "siblings", "spouses"])))
    names = [row[-5] for row in forest(page) if len(row) >= 5]
    assert "Full siblings†" in names
    assert "Spouses‡" in names
    assert "† Fewer than 10 informative sets." in page.text
    assert "‡ A spouse may start treatment in response to the illness." in page.text
    assert [row[-1] for row in forest(page)].count("Not estimable") == 1


def test_a_hidden_count_hides_the_per_cent_and_the_ratio_of_its_row() -> None:
    rows = rows_of(["anxiolytics"], ["population"])
    hidden = [r | {"n_exposed_cases": None} if r["level"] == "0-1y" else r for r in rows]
    study = make_study(["anxiolytics"])
    page = front_of(released_of(hidden, study))
    (row,) = [row for row in forest(page) if row[0].startswith("Less than 1 year")]
    assert (row[-4], row[-1]) == ("NR", "NR")
    shown = next(r for r in rows if (r["level"], r["form"]) == ("0-1y", "adjusted"))
    assert formats.ratio(exp(shown["estimate"])) not in page.text
    # The rates of the measure's other levels are made of that ratio, too.
    rates = table_headed(page, "Without use").rows
    assert not [row for row in rates if row[0] in ("Less than 1 year", "1 to 5 years", "More than 5 years")]


def test_without_an_incidence_there_is_no_rate() -> None:
    page = front_of(released_of(diagnostics=[INCIDENCE | {"value": None}]))
    assert "In Absolute Terms" not in page.text
    assert "person-years" not in page.text


def test_rates_give_the_incidence_back() -> None:
    """With shares p of controls at the levels, the mean of the rates is the incidence, to rounding."""
    main = main_of(released_of())
    page = front_of(released_of())
    rows = {row[0]: row for row in table_headed(page, "Without use").rows[2:6]}
    lines = {row.words.label: row.lines["population"] for row in main.rows[1:4]}
    shares = {k: x["n_exposed_controls"] / x["n_controls"] for k, x in lines.items()}
    without = float(rows["1 to 5 years"][1])
    whole = (1 - sum(shares.values())) * without
    whole += sum(shares[k] * without * (x.value or 0) for k, x in lines.items())
    assert whole == pytest.approx(30.0, abs=1)


def test_few_exposed_cases_have_no_rate_and_it_is_said() -> None:
    rows = [r | {"n_exposed_cases": 9} if r["level"] == "1-5y" else r for r in rows_of(["anxiolytics"], ["population"])]
    page = front_of(released_of(rows, make_study(["anxiolytics"])))
    row = next(row for row in table_headed(page, "Without use").rows if row[0] == "1 to 5 years")
    assert row[2] == "Too few exposed cases (9)"
    assert "Rows need 10 exposed cases." in page.text


def test_no_rate_is_given_for_use_that_may_be_an_early_sign() -> None:
    """The key points say that such use may reflect early symptoms; a rate if it were causal denies that."""
    page = front_of(released_of())
    rates = [row for row in table_headed(page, "Without use").rows if len(row) > 2]
    nearest = [row for row in rates if row[0] == "Less than 1 year"]
    assert len(nearest) == len(CLASSES)
    assert all(row[2].startswith("Not given") and not re.search(r"\d", "".join(row[2:])) for row in nearest)
    assert len([row for row in rates if re.fullmatch(r"\d+", row[2])]) == 3 * len(CLASSES)
    assert "Not given: use within a window that ends at diagnosis, which may reflect early signs." in page.text


def test_a_rate_has_its_period_and_a_difference_is_of_numbers_before_rounding() -> None:
    text = front_of(released_of()).text
    assert "among people of the cases’ sex and age, from January 1, 2015, through June 30, 2023." in text
    assert "Differences were computed before rounding." in text


def test_every_window_has_its_ratios_in_the_findings_by_one_rule() -> None:
    released = released_of()
    main = main_of(released)
    findings = " ".join(key_points(released, view_of(released)).findings)
    for i, when in enumerate(("less than 1 year", "1 to 5 years", "more than 5 years")):
        values = [main.windows(e)[i].lines["population"].value for e in main.classes]
        assert f"{min(values):.2f} to {max(values):.2f} ({when}" in findings
    assert findings in front_of(released).text


@pytest.mark.parametrize("level", ["0-1y", "1-5y", ">5y"])
def test_a_window_that_cannot_be_worded_for_a_class_says_of_how_many_it_speaks(level: str) -> None:
    names = list(CLASSES)
    thin = [r | {"n_informative": 9} if (r["exposure"], r["level"]) == (names[0], level) else r for r in rows_of()]
    assert "in 2 of 3 classes (" in " ".join(windows_in_words(main_of(released_of(thin))))
    none = [r | {"n_informative": 9} if r["level"] == level else r for r in rows_of()]
    assert "not given (" in " ".join(windows_in_words(main_of(released_of(none))))


def test_what_is_drawn_behind_an_estimate_is_printed_and_explained(page: Page) -> None:
    main = main_of(released_of())
    shown = " ".join(cell for row in forest(page) for cell in row)
    planted = {x.planted for row in main.rows for x in row.lines.values() if x.planted is not None}
    assert planted
    assert all(f"planted {value:.2f}" in shown for value in planted)
    hollow = {x.limit for row in main.rows for x in row.lines.values() if x.planted is None and x.limit is not None}
    assert all(f"tends to {value:.2f}" in shown for value in hollow)
    assert ("Hollow bars: " in page.text) == bool(hollow)
    assert "planted" not in front_of(released_of(planted=False)).text


def test_key_points_are_short_and_in_the_studys_order() -> None:
    released = released_of()
    points = key_points(released, view_of(released))
    assert points.words <= 250
    findings = " ".join(points.findings)
    places = [findings.index(f"for {name.replace('_', ' ')}") for name in CLASSES]
    assert places == sorted(places)
    assert "Of 9 planted ORs" not in findings
    assert "do not show that a medicine causes ALS" in points.meaning[0]


def test_what_is_not_estimable_or_infinite_is_never_in_words() -> None:
    rows = rows_of(["anxiolytics"], ["population"])
    broken = [r | {"conf_high": inf} if r["level"] == "ever" else r for r in rows]
    released = released_of(broken, make_study(["anxiolytics"]))
    points = key_points(released, view_of(released))
    text = " ".join(points.findings)
    assert "For anxiolytics, the data carry no estimate that can be put in words." in text
    assert "∞" not in text
    assert "OR)" not in text


def test_two_neighbors_are_not_told_apart_by_which_interval_touches_one() -> None:
    def points(low: float) -> str:
        rows = rows_of(["anxiolytics"], ["population"])
        ends = {"estimate": log(1.2), "conf_low": log(low), "conf_high": log(1.44)}
        rows = [r | ends if r["level"] == "ever" else r for r in rows]
        return front_of(released_of(rows, make_study(["anxiolytics"]))).text

    one, other = points(0.99), points(1.01)
    assert one.replace("0.99–1.44", "1.01–1.44") == other


@pytest.mark.parametrize(
    ("released", "lacks"),
    [
        (released_of(rows_of(["anxiolytics"], ["population"]), one_measure()), ["Triangulation", "siblings"]),
        (released_of(rows_of(comparisons=["population"]), make_study()), ["Full siblings", "second line"]),
        (without_anything(make_study()), ["(OR)", "Medication and the Risk", "In Absolute Terms", "How the Designs"]),
        (released_of(planted=False, published=False), ["planted", "invented"]),
    ],
    ids=["one measure", "no relatives", "nothing", "no truth"],
)
def test_what_a_study_has_not_leaves_no_trace(released: Released, lacks: list[str]) -> None:
    page = front_of(released)
    assert page.problems == []
    assert not [text for text in lacks if text in page.text]
    assert "Key Points" in page.text


def test_a_run_without_estimates_says_so() -> None:
    assert "This run has no estimates of the risk." in front_of(without_anything(make_study())).text


def test_nothing_estimable_is_a_page_without_a_number_in_words() -> None:
    rows = [r | dict.fromkeys((*ENDS, "std_error"), None) for r in rows_of()]
    page = front_of(released_of(rows))
    assert [row[-1] for row in forest(page)].count("Not estimable") == 36
    assert "stands out" not in page.text
    assert "In Absolute Terms" not in page.text
    assert page.problems == []


def test_every_abbreviation_of_the_page_is_explained_on_it(page: Page) -> None:
    """In the list at its end, or where it stands in brackets or is put in words."""
    text, _, explained = page.text.partition("Abbreviations: ")
    used = set(re.findall(r"\b[A-Z]{2,}(?:-(?:[A-Z]|\d{2}))?\b", text))
    assert {"ALS", "CI", "ICD-10", "OR", "SMD"} <= used
    listed = set(re.findall(r"([\w-]+), ", explained))
    in_words = set(re.findall(r"\b([A-Z]{2,}), not reported", text))
    assert used <= listed | in_words | {"SHA"}  # the name of a digest


@pytest.mark.parametrize("others", [[], ["stroke"]])
def test_a_register_has_its_raw_name_only_beside_another_one(others: list[str]) -> None:
    described = make_study(comparisons=["population"]).model_dump(mode="json")
    described["cases"]["free_of"] = [{"registry": name} for name in ("mnd", *others)]
    text = front_of(released_of(rows_of(comparisons=["population"]), Study.model_validate(described))).text
    assert "in the quality register" in text
    for name in ("mnd", "stroke"):
        assert bool(re.search(rf"\b{name}\b", text)) == bool(others)


def test_windows_of_time_have_their_intervals_among_the_designs(page: Page) -> None:
    (row,) = [row for row in table_headed(page, "Accounts for").rows if row[0] == "Time windows"]
    assert all(len(re.findall(r"\d+\.\d\d \(\d+\.\d\d–\d+\.\d\d\)", cell)) == 3 for cell in row[3:])


def test_twelve_classes_with_names_in_other_scripts() -> None:
    labels = [*SCRIPTS, *(f"class {i}" for i in range(7))]
    names = [f"class_{i}" for i in range(12)]
    released = released_of(rows_of(names, ["population"]), many(labels))
    html = html_of(released)
    page = Page(html)
    assert page.problems == []
    assert "&lt;b&gt;&amp;amp;" in html
    assert "<b>&amp;" not in html
    heads = {row[0] for row in forest(page)}
    assert all(any(label[1:] in head for head in heads) for label in labels)
    points = key_points(released, view_of(released))
    assert points.words <= 250
    assert "12 drug classes" in points.question
    assert "12 classes" in " ".join(points.findings)


def test_the_list_of_the_supplement_is_its_contents_and_every_link_arrives(tmp_path: Path) -> None:
    path = write_report(released_of(rows_of(comparisons=["population"]), make_study()), tmp_path)
    front, behind = (Page((tmp_path / name).read_text(encoding="utf-8")) for name in (path.name, "supplement.html"))
    linked = [target.partition("#")[2] for target in front.loads if target.startswith("supplement.html#")]
    listing = re.findall(r'<a href="supplement.html#([^"]+)"', path.read_text(encoding="utf-8"))
    contents = list(dict.fromkeys(target[1:] for target in behind.loads if target.startswith("#")))
    listed = [anchor for anchor in listing if anchor in contents]
    assert listed == contents[: len(listed)]
    assert len(listed) > 5
    assert set(linked) <= set(behind.ids)


def test_each_ratio_of_the_main_results_leads_to_its_table(tmp_path: Path) -> None:
    path = write_report(released_of(rows_of(), make_study()), tmp_path)
    behind = (tmp_path / "supplement.html").read_text(encoding="utf-8")
    links = re.findall(r'<td class="or"><a class="behind" href="supplement.html#([^"]+)">([^<]+)</a>', path.read_text())
    assert "estimates-risk-population" in {table for table, _ in links}
    for table, ratio in links:
        (there,) = re.findall(rf'<table id="{table}">.*?</table>', behind, re.DOTALL)
        assert f">{ratio}" in there, (table, ratio)


def test_each_number_of_the_tables_leads_to_the_table_behind_it(tmp_path: Path) -> None:
    path = write_report(released_of(rows_of(comparisons=["population", "siblings"]), make_study()), tmp_path)
    behind = Page((tmp_path / "supplement.html").read_text(encoding="utf-8"))
    front = path.read_text(encoding="utf-8")
    for look in ("t1", "rates population", "tx"):
        for table in re.findall(rf'<table class="{look}">.*?</table>', front, re.DOTALL):
            links = re.findall(r'class="behind" href="supplement.html#([^"]+)"', table)
            assert links, look
            assert set(links) <= set(behind.ids), look
    assert 'href="supplement.html#attrition"' in re.findall(r'<div class="flow".*?</figure>', front, re.DOTALL)[0]


def test_a_level_at_which_nobody_is_leaves_the_rates_of_the_others() -> None:
    nobody = dict.fromkeys((*ENDS, "std_error"), None) | {"n_exposed_cases": 0, "n_exposed_controls": 0}
    rows = [r | nobody if r["level"] == "0-1y" else r for r in rows_of(["anxiolytics"], ["population"])]
    page = front_of(released_of(rows, make_study(["anxiolytics"])))
    rates = {row[0]: row[2] for row in table_headed(page, "Without use").rows if len(row) > 3}
    assert rates["Less than 1 year"].startswith("Not given")
    assert float(rates["1 to 5 years"]) > 30


def test_counts_that_a_model_does_not_state_are_those_of_all_sets_and_the_page_says_so() -> None:
    released = released_of()
    rows = released.tables["estimates"].to_pylist()
    names = ("n_sets", "n_cases", "n_controls", "n_exposed_cases", "n_exposed_controls", "n_informative")
    unstated = {
        i: {name: HiddenNumber(WithheldFor.UNSTATED) for name in names}
        for i, row in enumerate(rows)
        if row["form"] in ("adjusted", "mutually adjusted")
    }
    drafted = replace(released, withheld={"estimates": unstated})
    main = main_of(drafted)
    assert main.counts_of_all
    crude = {
        (row["comparison"], row["exposure"], row["measure"], row["level"]): row
        for row in rows
        if row["form"] == "crude"
    }
    for row in main.rows:
        for line in row.lines.values():
            of_all = crude[line["comparison"], line["exposure"], line["measure"], line["level"]]
            assert [line[name] for name in names[:5]] == [of_all[name] for name in names[:5]]
            assert line["form"] == "mutually adjusted"
    assert COUNTS_OF_ALL in " ".join(front_of(drafted).text.split())
    assert not main_of(released).counts_of_all
    assert COUNTS_OF_ALL not in " ".join(front_of(released).text.split())


def test_a_count_that_is_withheld_for_being_small_is_not_replaced() -> None:
    released = released_of()
    small = {i: {"n_cases": HiddenNumber(WithheldFor.SMALL)} for i in range(released.tables["estimates"].num_rows)}
    main = main_of(replace(released, withheld={"estimates": small}))
    assert all(isinstance(line["n_cases"], HiddenNumber) for row in main.rows for line in row.lines.values())
