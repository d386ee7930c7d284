"""The public's page as a whole: from cleared results alone, each class with its own numbers, plain, safe and true."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from math import exp, inf
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskset.errors import DisclosureError
from riskset.report.catalogue import english_public as english
from riskset.report.public import PUBLIC, render_public, write_public
from riskset.results.released import INTERNAL, Released
from riskset.spec.words import capital
from tests.examples import examples
from tests.report.front.studies import INCIDENCE, one_measure, released_of, rows_of
from tests.report.page import Page
from tests.report.public.reading import grade, prose
from tests.report.public.studies import (
    EVENTS,
    FORM,
    LAY,
    answers_of,
    cleared,
    hiding,
    html_of,
    lay_study,
    names_given,
    nothing,
    page_of,
    releases,
    with_ends,
)
from tests.report.released import CASES, CLASSES, CONTROLS, LEVELS, RATIOS, SHARES

HARDEST = 6.0
"""The reading grade that no page exceeds, as docs/report.md has it."""


@pytest.fixture(scope="module")
def html() -> str:
    return html_of(cleared())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_internal_results_have_no_such_page(tmp_path: Path) -> None:
    internal = replace(cleared(), stamp=INTERNAL)
    for make in (render_public, lambda released: write_public(released, tmp_path)):
        with pytest.raises(DisclosureError) as caught:
            make(internal)
        assert caught.value.exit_code == 15
    assert not list(tmp_path.iterdir())


def test_it_is_one_file_that_loads_nothing_and_runs_nothing(html: str, page: Page, tmp_path: Path) -> None:
    assert write_public(cleared(), tmp_path) == tmp_path / PUBLIC
    assert (tmp_path / PUBLIC).read_text("utf-8") == html
    assert not re.search(r"https?:|@import|url\((?!#)", html, re.IGNORECASE)
    assert not {"script", "link", "img", "iframe", "object", "embed", "base"} & set(page.tags)
    assert set(page.loads) == {"report.html"}
    assert not [a for a in page.attributes if a[1].startswith("on") or a[1] == "style"]
    (policy,) = [a[2] for a in page.attributes if a[1] == "content" and "default-src" in a[2]]
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert page.problems == []
    assert len(html.encode()) < 60_000


def test_the_stamp_stands_on_the_screen_and_on_paper(html: str, page: Page) -> None:
    assert "Cleared by the rules" in page.text
    assert re.search(r'@top-right \{ content: "Cleared by the rules', html)


def test_the_warnings_stand_on_every_page() -> None:
    for released in (cleared(), nothing(lay_study()), cleared([])):
        text = page_of(released).text
        assert english.DO_NOT_STOP in text
        assert english.NO_CAUSE in text
        assert "It does not tell us why." in text
        assert "Ask your doctor or pharmacist" in text


def test_invented_persons_are_named_as_such_at_the_top_and_only_they() -> None:
    made_up = page_of(cleared(planted=True)).text
    assert 0 < made_up.index(english.SYNTHETIC[0]) < made_up.index(english.SHORT)
    assert not re.search("made-up|test study|put them in", page_of(cleared()).text)
    nation = replace(cleared(planted=True), manifest={"nation": {"incidence": 10.0}})
    assert "10 times as common as it is" in page_of(nation).text


def test_each_class_has_its_rows_in_the_studys_order(page: Page) -> None:
    groups = answers_of(page)
    assert list(groups) == ["Calming pills", "Sleeping pills", "Mood pills"]
    for rows in groups.values():
        assert [row[0] for row in rows] == [
            "Used more than 1 year before diagnosis",
            "First used less than 1 year before diagnosis",
            "First used 1 to 5 years before diagnosis",
            "First used more than 5 years before diagnosis",
        ]


FINDINGS = {english.ANSWERS["more"], english.ANSWERS["less"]}


@settings(max_examples=examples(60))
@given(releases())
def test_every_answer_is_that_of_its_own_interval(released: Released) -> None:
    """In any study: the row of a class and level answers by its interval alone, and by nothing that is withheld."""
    groups = answers_of(page_of(released))
    hidden = released.withheld["estimates"]
    shown = released.table("estimates").to_pylist()
    by_class = {capital(LAY.get(name, name)): name for name in [e.name for e in released.study.exposures]}
    for label, rows in groups.items():
        places = [i for i, row in enumerate(shown) if row["exposure"] == by_class[label]]
        for i, cells in zip(places, rows, strict=False):
            low, high = shown[i]["conf_low"], shown[i]["conf_high"]
            if "estimate" in hidden.get(i, {}):
                expected = english.ANSWERS["withheld"]
            elif inf in (shown[i]["estimate"], high) or shown[i]["n_informative"] < 10:
                expected = english.ANSWERS["withheld" if i in hidden else "not estimated"]
            elif low <= 0 <= high:
                expected = english.ANSWERS["unsure"]
            else:
                expected = english.ANSWERS["more" if low > 0 else "less"]
            assert cells[1] == expected
            if len(cells) > 2 and cells[1] not in FINDINGS:
                assert re.fullmatch(
                    r"–|Left out|Not shown|[\d,]+( to [\d,]+)?", cells[3]
                )  # a range, and no number that stands out


@settings(max_examples=examples(40))
@given(st.lists(st.tuples(*[st.floats(0.01, 2.9)] * 2, st.floats(-1, 1)), min_size=12, max_size=12))
def test_intervals_that_hold_one_yield_no_finding_for_any_numbers(widths: list[tuple[float, float, float]]) -> None:
    rows = []
    for (name, measure, level), (below, above, where) in zip(PLACES, widths, strict=True):
        low, high = exp(-below), exp(above)
        rows.append(with_ends(name, measure, level, (low ** (1 - abs(where)) * high ** abs(where), low, high)))
    page = page_of(cleared(rows, lay_study(comparisons=["population"])))
    answers = {row[1] for rows in answers_of(page).values() for row in rows}
    assert answers <= {english.ANSWERS["unsure"], english.ANSWERS["not estimated"]}
    assert not re.search(r"(more|less) often than other people\.", page.text)
    assert "about" not in " ".join(row[-1] for rows in answers_of(page).values() for row in rows)


PLACES = [(name, measure, level) for name in CLASSES for measure, level in LEVELS]


@settings(max_examples=examples(30))
@given(st.permutations(list(CLASSES)), st.randoms(use_true_random=False))
def test_classes_that_change_their_numbers_change_their_rows_and_nothing_else(order: list[str], random: Any) -> None:
    ends = {}
    for place in PLACES:
        value = exp(random.uniform(-1, 1.5))
        ends[place] = value, value / exp(random.uniform(0.1, 0.8)), value * exp(random.uniform(0.1, 0.8))
    study = lay_study(comparisons=["population"])
    taken = dict(zip(CLASSES, order, strict=True))
    before = [with_ends(*place, ends[place]) for place in PLACES]
    after = [with_ends(*place, ends[taken[place[0]], *place[1:]]) for place in PLACES]
    one, other = (answers_of(page_of(cleared(rows, study))) for rows in (before, after))
    for name in CLASSES:
        label, from_label = (capital(LAY[n]) for n in (name, taken[name]))
        assert other[label] == one[from_label]
    frames = [
        re.sub(r"<table.*?</table>|<section class=.short.*?</section>|<div class=.halves late.*", "", t, flags=re.S)
        for t in (html_of(cleared(rows, study)) for rows in (before, after))
    ]
    assert frames[0] == frames[1]


def test_in_short_names_each_class_with_its_own_answer() -> None:
    ratios = {
        "anxiolytics": (2.0, 1.5, 2.7),
        "hypnotics_sedatives": (0.5, 0.4, 0.7),
        "antidepressants": (1.1, 0.9, 1.3),
    }
    rows = [with_ends(name, "ever", "ever", ends) for name, ends in ratios.items()]
    text = page_of(cleared(rows)).text
    assert "People with the disease ALS had used calming pills more often than other people." in text
    assert "People with the disease ALS had used sleeping pills less often than other people." in text
    assert "For mood pills, we cannot tell if use was more or less common." in text
    windows = [("0-1y", (1.1, 0.8, 1.5)), ("1-5y", (1.6, 1.2, 2.2))]
    rows += [with_ends("antidepressants", "first_use", level, ends) for level, ends in windows]
    at_times = "For mood pills, we cannot tell as a whole. For some kinds of use we can: see the table."
    assert at_times in page_of(cleared(rows)).text


@pytest.mark.parametrize("ends", [(inf, 2.0, inf), (3.0, 1.5, inf), (0.0, 0.0, 0.5)])
def test_what_is_infinite_is_in_no_number(ends: tuple[float, float, float]) -> None:
    rows = [with_ends("anxiolytics", "ever", "ever", ends), with_ends("antidepressants", "ever", "ever", (2, 1.5, 2.7))]
    page = page_of(cleared(rows))
    assert answers_of(page)["Calming pills"][0][1:] == ["Could not be estimated", "–", "–"]
    assert english.MEANINGS["not estimated"] in page.text
    assert "For calming pills, we have no answer to show." in page.text
    assert not re.search("∞|inf|nan|None", page.text)


@settings(max_examples=examples(30))
@given(st.data())
def test_no_withheld_number_is_on_the_page_or_behind_it(data: st.DataObject) -> None:
    """Whatever a withheld cell holds, the page is the same."""
    released = data.draw(releases())
    html = html_of(released)
    table = released.table("estimates")
    rows = table.to_pylist()
    for i, cells in released.withheld["estimates"].items():
        for name in cells:
            rows[i][name] = 7_770 + i if name.startswith("n_") else 0.1234 + i
    changed = replace(released, tables=dict(released.tables) | {"estimates": table.from_pylist(rows, table.schema)})
    assert html_of(changed) == html
    assert not re.search(r"\bwithheld\b|\bnan\b", Page(html).text)


def test_a_withheld_count_gives_no_frequency_while_its_ratio_answers() -> None:
    rows = [
        with_ends("anxiolytics", "ever", "ever", (2.0, 1.5, 2.7)),
        with_ends("antidepressants", "ever", "ever", (2, 1.5, 2.7)),
    ]
    full = answers_of(page_of(cleared(rows)))
    for name, row in (("n_exposed_cases", 1), ("n_exposed_controls", 1)):
        page = page_of(hiding(cleared(rows), {row: [name]}))
        assert answers_of(page)["Mood pills"][0][1:] == ["More often", "Not shown", "Not shown"]
        assert answers_of(page)["Calming pills"] == full["Calming pills"]
        assert english.MEANINGS["withheld"] in page.text


def numbers_in(text: str) -> list[str]:
    return re.findall(r"\d[\d,]*(?:\.\d+)?", text)


def test_every_number_is_in_the_results_or_reckoned_by_the_rule() -> None:
    rows = rows_of(comparisons=["population"])
    page = page_of(cleared(rows, lay_study(comparisons=["population"])))
    allowed = {"1", "5", "2", f"{CASES:,}", f"{CONTROLS:,}", "100,000", "30", "95", "100"}  # lags, dates, counts
    top = 0
    for name in CLASSES:
        for measure in ("ever", "first_use"):
            of = [r for r in rows if (r["exposure"], r["measure"], r["form"]) == (name, measure, FORM["form"])]
            shares = [round(CONTROLS * SHARES[r["level"]]) / CONTROLS for r in of]
            without = 30 / (1 + sum(p * (exp(r["estimate"]) - 1) for p, r in zip(shares, of, strict=True)))
            for r in (r for r in of if r["level"] != "0-1y"):  # which may be an early sign, and has no frequency
                ends = [round(without * exp(r[k])) for k in ("estimate", "conf_low", "conf_high")]
                allowed |= {f"{round(without)}", *map(str, ends)}
                top = max(top, ends[2])
    allowed.add(f"{100_000 - top:,}")
    assert set(numbers_in(page.text.replace("policy “under 5”", ""))) <= allowed
    assert (
        f"We looked at {CASES:,} people with the disease ALS. We set them beside {CONTROLS:,} other people" in page.text
    )
    assert {f"{RATIOS['anxiolytics']['ever']}", "1.33", "2.57"}.isdisjoint(numbers_in(page.text))  # no ratio


def test_a_rare_disease_is_counted_in_whole_people_of_more(page: Page) -> None:
    rare = page_of(cleared(diagnostics=[INCIDENCE | {"value": 3.0}])).text
    assert "Of 1,000,000 people of the same sex and age, about 30 get the disease ALS in one year." in rare
    assert "Of 100,000 people of the same sex and age, about 30 get the disease ALS in one year." in page.text
    assert "We counted this in the same records." in page.text


def test_without_an_incidence_there_are_answers_and_no_rates() -> None:
    page = page_of(cleared(diagnostics=[]))
    assert all(len(row) == 2 for rows in answers_of(page).values() for row in rows)
    assert english.SIZE not in page.text
    assert "svg" not in page.tags


def test_relatives_are_one_sentence_where_they_are() -> None:
    text = page_of(cleared()).text
    assert "We also looked at their brothers and sisters, and their husbands, wives, or partners." in text
    assert "The numbers for relatives were mostly like the others." in text
    assert (
        "relatives"
        not in page_of(cleared(rows_of(comparisons=["population"]), lay_study(comparisons=["population"]))).text
    )
    few = page_of(cleared(rows_of(n_informative=5)))
    assert "We can show too little about relatives to say more." in few.text


@pytest.mark.parametrize(("first", "lay"), EVENTS)
def test_whatever_makes_a_case_is_said_in_words(first: dict[str, Any], lay: str) -> None:
    study = lay_study(comparisons=["population"], first=first, lay=lay)
    text = page_of(cleared(rows_of(comparisons=["population"]), study)).text
    if "death" in first:
        assert re.search(r"about 30 die( this way)? in one year", text)
        assert "before death" in text
        assert "diagnosis" not in text.replace("psychiatric diagnosis", "")
    elif "atc" in first:
        assert "people with a first medicine for memory loss" in text
    else:
        assert f"get {lay or 'ICD-10 G30'} in one year" in text


def test_a_large_study_keeps_the_first_rows_of_each_class_and_says_so() -> None:
    classes = [*CLASSES, "opioids", "stimulants"]
    page = page_of(cleared(rows_of(classes), lay_study(classes)))
    assert [len(rows) for rows in answers_of(page).values()] == [1] * 5
    assert english.MORE_IN_REPORT in page.text
    assert "Is there a link between 5 kinds of medicine and the disease ALS?" in page.text


def test_one_class_and_one_measure_are_enough() -> None:
    rows = [with_ends("anxiolytics", "ever", "ever", (2.0, 1.5, 2.7))]
    page = page_of(replace(released_of(rows, one_measure(), planted=False), stamp="cleared"))
    assert answers_of(page)["Anxiolytics"][0][1] == "More often"
    assert "the other medicines" not in page.text


def test_markup_in_the_names_of_a_study_is_text() -> None:
    study = lay_study(lay="<b>ill</b>")
    assert "&lt;b&gt;ill" in html_of(cleared(study=study))


@settings(max_examples=examples(60))
@given(releases())
def test_no_page_is_harder_to_read_than_the_stated_grade(released: Released) -> None:
    assert grade(prose(html_of(released)), names_given(released.study)) <= HARDEST


def test_the_grade_of_the_usual_page_and_its_length(html: str) -> None:
    text = prose(html)
    assert grade(text, names_given(cleared().study)) <= 5
    assert grade(text) <= HARDEST  # with all names
    assert len(re.findall(r"\S+", " ".join(text))) <= 450


def test_use_that_may_be_an_early_sign_is_left_out_and_not_called_kept_back(page: Page) -> None:
    rows = [row for of_class in answers_of(page).values() for row in of_class if "less than 1 year" in row[0]]
    assert rows
    assert all(row[2:] == ["Left out", "Left out"] for row in rows)
    assert "“Left out” means: the illness may be why people used it" in page.text
    assert "kept back" not in page.text
    assert "A dash means" not in page.text


def test_how_many_are_spared_is_of_the_ranges_that_are_shown(page: Page) -> None:
    """Use near the day has no range, and could have the widest."""
    assert "In the ranges shown, at least" in page.text
    assert "By the widest range" not in page.text


def test_numbers_of_relatives_are_of_those_that_are_shown(page: Page) -> None:
    run = cleared()
    spouses = [i for i, row in enumerate(run.rows("estimates")) if row["comparison"] == "spouses"]
    of_some = [i for i in spouses if run.rows("estimates")[i]["exposure"] == "antidepressants"]
    text = page_of(hiding(run, {i: ["estimate", "conf_low", "conf_high"] for i in of_some})).text
    assert "The numbers for relatives that we can show were mostly like the others." in text
    assert "The numbers for relatives were mostly like the others." in page.text


def test_a_release_does_not_claim_that_the_report_has_all_numbers(page: Page) -> None:
    assert "has all numbers" not in page.text
    assert "full report has more numbers, and the methods" in page.text
