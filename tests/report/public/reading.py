"""How hard a page is to read: the grade of Flesch and Kincaid, with a syllable counter of our own.

Grade = 0.39 words/sentences + 11.8 syllables/words − 15.59 (Kincaid et al. 1975). The words that a study gives, such as
names of medicines, diseases and covariates, are left out, as is usual: the page cannot choose them. Headings, the rows
of tables and the labels of pictures are no sentences and are left out too; they would make the grade lower.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser

_NOT_PROSE = {"who", "line"}
"""Classes of paragraphs that are labels."""


class _Prose(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs: list[str] = []
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("p", "figcaption"):
            self._inside = not _NOT_PROSE & set((dict(attrs).get("class") or "").split())
            self.paragraphs += [""] if self._inside else []

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag not in ("p", "figcaption")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.paragraphs[-1] += data


def prose(html: str) -> list[str]:
    """The paragraphs of a page."""
    return [re.sub(r"\s+", " ", text).strip() for text in _Prose(html).paragraphs]


def sentences(paragraphs: Iterable[str], names: Iterable[str] = ()) -> list[list[str]]:
    """The words of each sentence, without names. A number is a word; a hyphen parts two."""
    text = "\n".join(paragraphs)
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text, flags=re.IGNORECASE)
    parts = re.split(r"[.?!](?=[\s”]|$)|\n", text)
    words = [re.findall(r"\d[\d,.]*|[^\W\d_]+(?:’[^\W\d_]+)?", part) for part in parts]
    return [each for each in words if each]


def syllables(word: str) -> int:
    """The syllables of an English word: groups of vowels but for silent ends; at least one, and one of a number."""
    word = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", word))
    groups += len(re.findall(r"i[ao](?!n\b|ns\b|us\b)|eing$|[^q]ua[^l]", word))  # two in one group: di-agnosis
    if re.search(r"[^aeiouy]e$", word) and not re.search(r"[^aeiouy]le$", word):
        groups -= 1  # cause, but ta-ble
    elif re.search(r"[aeiouy].*[^aeiouy]ely$", word):
        groups -= 1  # like-ly
    elif re.search(r"[^aeiouytd]ed$", word) and not re.search(r"[^aeiouy]led$", word):
        groups -= 1  # used, but sta-ted
    elif re.search(r"[^aeiouysxzcg]es$", word) and not re.search(r"([^aeiouy]l|sh|ch)es$", word):
        groups -= 1  # times, but cau-ses
    return max(groups, 1)


def grade(paragraphs: Iterable[str], names: Iterable[str] = ()) -> float:
    """The grade of a text."""
    each = sentences(paragraphs, names)
    words = [word for sentence in each for word in sentence]
    return 0.39 * len(words) / len(each) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
