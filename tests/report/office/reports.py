"""Fronts of runs of many kinds, as files, and what the page of each holds, read by another way than the files are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from docx.document import Document
from docx.oxml.ns import qn

from riskset.report.catalogue.english_results import OF_THE_PLOT
from riskset.report.front.page import Front, render_front
from riskset.results.released import Released
from riskset.spec.study import Study
from tests.report.course import make_course
from tests.report.front.studies import many, read_of, released_of, rows_of, without_anything
from tests.report.released import make_study, make_table_one

MANY = [f"class {i}, 50 % & more_of #{i} ~^\\{{}}" for i in range(5)]


def _withheld() -> Released:
    """A run of which the counts of a level are not given."""
    rows = [r | {"n_exposed_cases": None} if r["level"] == "0-1y" else r for r in rows_of()]
    return released_of(rows)


def _dated() -> Released:
    released = make_course()
    return replace(released, manifest={**released.manifest, "date": "2021-03-04"})


def _wide() -> Released:
    """A Table 1 and designs of three comparisons."""
    tables = [row for name in ("population", "siblings", "spouses") for row in make_table_one(name)]
    return released_of(table_one=tables)


def _strange() -> Released:
    """A study whose words are long, of other scripts, and hold what markup is made of."""
    described = make_study(published=False).model_dump(mode="json")
    described["name"] = "a <b>&amp; 抗うつ薬 مضادات " * 20
    for exposure in described["exposures"]:
        exposure["label"] = f"{exposure['name'][:4]}é <i> {'long ' * 20}"
    return released_of(rows_of(comparisons=["population"]), Study.model_validate(described))


RUNS: Mapping[str, Callable[[], Released]] = {
    "three comparisons": _wide,
    "course": _dated,
    "withheld": _withheld,
    "many classes": lambda: released_of(
        rows_of([f"class_{i}" for i in range(len(MANY))], ["population"]), many(MANY), planted=False
    ),
    "strange words": _strange,
    "nothing": lambda: without_anything(make_study()),
}


def front_named(name: str) -> Front:
    return read_of(RUNS[name]())


def squeezed(text: str) -> str:
    """The text without any space, where words of two cells are apart, and without signs that files may not hold."""
    return re.sub(r"[\s\x00-\x1f]", "", text)


@dataclass
class Shown(HTMLParser):
    """What a browser shows of the front's page.

    Attributes
    ----------
    tables : the texts of cells that have any, but for those of a plot
    passages : texts of paragraphs, captions, items, facts, boxes' heads
    headings, subheadings : of sections, and within them
    pictures : descriptions
    boxes : texts of the boxes of a flow
    """

    html: str
    tables: list[list[str]] = field(default_factory=list)
    passages: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    subheadings: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, dict[str, str]]] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag in ("br", "meta", "link"):
            return
        self._open.append((tag, facts))
        if tag == "table":
            self.tables.append([])
        elif tag in ("td", "th") and "plot" not in facts.get("class", ""):
            self.tables[-1].append("")
        elif tag in ("p", "figcaption", "li", "dd", "dt"):
            self.passages.append("")
        elif tag == "h2":
            self.headings.append("")
        elif tag == "h3":
            self.subheadings.append("")
        elif tag == "desc":
            self.pictures.append("")
        elif tag == "div" and re.match(r"(box|out)\b", facts.get("class", "")):
            self.boxes.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self._open]
        of = [facts.get("class", "") for _, facts in self._open]
        if any(re.match(r"(box|out)\b", name) for name in of):
            self.boxes[-1] += data
        if "desc" in tags:
            self.pictures[-1] += data
        elif {"svg", "style", "nav", "title"} & set(tags) or "plot" in of:
            return
        elif {"td", "th"} & set(tags):
            self.tables[-1][-1] += data
        elif "h2" in tags:
            self.headings[-1] += data
        elif "h3" in tags and "flow" not in of:
            self.subheadings[-1] += data
        elif {"p", "figcaption", "li", "dd", "dt"} & set(tags):
            self.passages[-1] += data

    @property
    def cells(self) -> list[list[str]]:
        """The texts of each table's cells, squeezed, those without a text left out."""
        return [[squeezed(cell) for cell in table if cell.strip()] for table in self.tables]

    def sentences(self) -> list[str]:
        """Each passage, squeezed, without what is about a plot."""
        texts = []
        for text in self.passages:
            for note in OF_THE_PLOT:
                text = text.replace(note, "")
            texts.append(squeezed(text))
        return [text for text in texts if text]


def shown(front: Front) -> Shown:
    return Shown(str(render_front(front)))


def cells_of(document: Document) -> list[list[str]]:
    """The texts of the cells of each native table of a document, squeezed."""
    tables = []
    for table in document.element.body.findall(qn("w:tbl")):
        cells = [cell for row in table.findall(qn("w:tr")) for cell in row.findall(qn("w:tc"))]
        texts = ["".join(text.text or "" for text in cell.iter(qn("w:t"))) for cell in cells]
        tables.append([squeezed(text) for text in texts if text.strip()])
    return tables
