"""A page read back: what a browser would load, the tables with their cells, whether every element is closed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from riskset.report.document import write_report
from riskset.results.released import Released
from riskset.results.run_folder import SUPPLEMENT

VOID = {"meta", "br", "hr", "img", "input", "link", "col", "wbr"}
LOADING = {"src", "href", "srcset", "poster", "data", "action", "xlink:href", "background"}


@dataclass
class Table:
    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)


class Page(HTMLParser):
    """Attributes
    ----------
    problems : elements that are closed wrongly
    loads : values of attributes that make a browser fetch something
    tags : names of all elements
    ids : identifiers, in order
    tables : captions and cells
    text : everything shown
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.tables: list[Table] = []
        self.attributes: list[tuple[str, str, str]] = []
        self._open: list[str] = []
        self._text: list[str] = []
        self.feed(html)
        self.close()
        self.problems += [f"{tag} is never closed" for tag in self._open]

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self._text))

    @property
    def links_inside(self) -> set[str]:
        """Anchors of the page itself to which it links."""
        return {target[1:] for target in self.loads if target.startswith("#")}

    def table(self, caption: str) -> Table:
        return next(t for t in self.tables if t.caption.startswith(caption))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._seen(tag, attrs)
        if tag not in VOID:
            self._open.append(tag)
        if tag == "table":
            self.tables.append(Table())
        if tag == "tr":
            self.tables[-1].rows.append([])
        if tag in ("td", "th"):
            self.tables[-1].rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._seen(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "caption":
            self.tables[-1].caption = self.tables[-1].caption.strip()
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"{tag} is closed where it is not open, line {self.getpos()[0]}")

    def handle_data(self, data: str) -> None:
        if "style" in self._open or "script" in self._open:
            return
        self._text.append(data)
        inside = set(self._open[-4:])
        if "caption" in self._open and self._open[-1] != "a":
            self.tables[-1].caption += data
        elif inside & {"td", "th"}:
            self.tables[-1].rows[-1][-1] += data.strip().replace("\u00a0", " ")

    def _seen(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.append((tag, name, value or ""))
            if name in LOADING:
                self.loads.append(value or "")
            if name == "id":
                self.ids.append(value or "")


def write_supplement(released: Released, folder: Path) -> Path:
    """Write the report and give the path of its supplement, which has everything."""
    return write_report(released, folder).parent / SUPPLEMENT


def is_table_of_ours(target: str) -> bool:
    """Whether a link is to the file of one of the supplement's tables."""
    return re.fullmatch(r"supplement/[a-z0-9-]+\.csv", target) is not None
