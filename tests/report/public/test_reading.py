"""The reading grade: syllables counted by hand, a text reckoned by hand."""

from __future__ import annotations

import pytest

from tests.report.public.reading import grade, prose, sentences, syllables

BY_HAND = {
    1: "ALS year years used with than more less cause chance range did does need months times month one the see "
    "seen whole way ways found born facts looked lives shown means half no",
    2: "people beside nearly doctor stopping because talking table number other often women person causes uses changes "
    "study answer answers open number before started needed worry being sleeping little records country",
    3: "medicines medicine pharmacy relative disagree happening different possible together banana",
    4: "diagnosis education estimated relatively psychiatric complicated information discovery",
}
"""Words by how many syllables a dictionary gives them; those of the page among them."""


@pytest.mark.parametrize(("n", "word"), [(n, word) for n, words in BY_HAND.items() for word in words.split()])
def test_syllables_are_those_of_a_dictionary(n: int, word: str) -> None:
    assert syllables(word) == n


def test_where_the_counter_errs_it_counts_more_so_that_the_grade_is_not_too_low() -> None:
    assert (syllables("something"), syllables("somebody")) == (3, 4)


def test_a_grade_reckoned_by_hand() -> None:
    text = ["The cat sat. We saw 4,695 other people!", "A doctor may know"]
    assert [len(each) for each in sentences(text)] == [3, 5, 4]
    n_syllables = 3 + (1 + 1 + 1 + 2 + 2) + (1 + 2 + 1 + 1)
    assert grade(text) == pytest.approx(0.39 * 12 / 3 + 11.8 * n_syllables / 12 - 15.59)


def test_harder_text_has_a_higher_grade_and_names_do_not_count() -> None:
    easy = ["We saw more of it. We do not know why."]
    hard = ["Epidemiological considerations necessitate particularly conservative interpretation of associations."]
    assert grade(easy) < 2 < 15 < grade(hard)
    named = ["We saw more benzodiazepine derivatives of it. We do not know why."]
    assert grade(named) > grade(easy)
    assert grade(named, ["Benzodiazepine derivatives"]) == grade(easy)


def test_paragraphs_are_read_and_labels_are_not() -> None:
    html = (
        '<h2>No</h2><p>One <b>two</b>.</p><p class="who">No</p><figcaption>Three.</figcaption><td>No</td><p>Four.</p>'
    )
    assert prose(html) == ["One two.", "Three.", "Four."]
