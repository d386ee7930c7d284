"""A protocol as a page or as Markdown; the description stands in it in full (`results.protocol_file` reads it back)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import assert_never

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from riskset.errors import SpecError
from riskset.report.catalogue import english_protocol as english
from riskset.report.protocol import Block, Chapter, DesignDiagram, TextTable, ToWrite, protocol_chapters
from riskset.results.protocol_file import APPENDIX, STATED, description_in
from riskset.spec.explain import is_point
from riskset.spec.paragraphs import Drawing
from riskset.spec.study import Study
from riskset.spec.wording import heading_of
from riskset.storage.atomic import write_text

NO_DIAGRAM = Markup()


def protocol_markdown(study: Study) -> str:
    """The protocol as Markdown."""
    lines = [
        f"# {_escaped(heading_of(study))}",
        "",
        english.stated(STATED, study.fingerprint),
        "",
    ]
    for chapter in protocol_chapters(study):
        lines += [f"{'#' * (chapter.depth + 1)} {chapter.number} {chapter.title}", ""]
        for are_points, blocks in groupby(chapter.blocks, key=is_point):
            parts = [part for part in map(_markdown, blocks) if part]
            lines += [*parts, ""] if are_points else [text for part in parts for text in (part, "")]
    return "\n".join([*lines, f"## {APPENDIX}", "", "```toml", study.to_toml() + "```", ""])


def protocol_html(study: Study, *, diagram: Markup = NO_DIAGRAM) -> str:
    """The protocol as one page without script or network, to be read and printed.

    Parameters
    ----------
    diagram : the design as a picture (SVG), to stand above the design in words; none when left out
    """
    environment = Environment(
        loader=PackageLoader("riskset.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    chapters = [(chapter, _anchor(chapter), _html(chapter, diagram)) for chapter in protocol_chapters(study)]
    style = files("riskset.report").joinpath("templates/protocol.css").read_text(encoding="utf-8")
    return environment.get_template("protocol.html").render(
        words=english,
        heading=heading_of(study),
        stated=STATED,
        fingerprint=study.fingerprint,
        chapters=chapters,
        appendix=APPENDIX,
        description=study.to_toml(),
        style=Markup(style),
    )


FORMATS: Mapping[str, Callable[[Study], str]] = {".html": protocol_html, ".md": protocol_markdown}
"""The end of a file's name → what makes its text."""


def write_protocol(study: Study, path: str | Path) -> Path:
    """Write the protocol of a study as the end of the file's name says: ``.html`` or ``.md``.

    Raises
    ------
    SpecError
        Another end, no such folder, or a file in its place that is no protocol.
    """
    path = Path(path)
    make = FORMATS.get(path.suffix.lower())
    if make is None:
        raise SpecError("a protocol is no such file", where=str(path), remedy=f"end its name in {' or '.join(FORMATS)}")
    if not path.parent.is_dir():
        raise SpecError("there is no such folder", where=str(path.parent), remedy="make it first")
    if path.is_dir():
        raise SpecError("this is a folder", where=str(path), remedy="name a file in it")
    if path.exists() and description_in(path) is None:
        raise SpecError("this file is no protocol and would be replaced", where=str(path), remedy="name another one")
    write_text(path, make(study))
    return path


def _markdown(block: Block) -> str:
    match block:
        case str():
            return f"- {_escaped(block[2:])}" if is_point(block) else _escaped(block)
        case Drawing():
            return f"```\n{block.text}\n```"
        case TextTable():
            return "\n".join((f"*{_escaped(block.caption)}*", "", *_table(block)))
        case ToWrite():
            return f"> **{english.FOR_AUTHORS}:** {_escaped(block.what)}."
        case DesignDiagram():
            return ""
        case _:
            assert_never(block)


def _table(grid: TextTable) -> Iterator[str]:
    yield f"| {' | '.join(grid.head)} |"
    yield "|---" * len(grid.head) + "|"
    for row in grid.rows:
        yield f"| {' | '.join(map(_escaped, row))} |"


def _escaped(text: str) -> str:
    """Text that Markdown takes as text, on one line."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", re.sub(r"\s+", " ", text).strip())


def _html(chapter: Chapter, diagram: Markup) -> Markup:
    rendered = Markup()
    for are_points, blocks in groupby(chapter.blocks, key=is_point):
        if are_points:
            items = Markup().join(Markup("<li>{}</li>").format(str(block)[2:]) for block in blocks)
            rendered += Markup("<ul>{}</ul>\n").format(items)
        else:
            rendered += Markup().join(_element(block, diagram) for block in blocks)
    return rendered


def _element(block: Block, diagram: Markup) -> Markup:
    match block:
        case str():
            return Markup("<p>{}</p>\n").format(block)
        case Drawing():
            return Markup('<pre tabindex="0">{}</pre>\n').format(block.text)
        case TextTable():
            head = Markup().join(Markup('<th scope="col">{}</th>').format(name) for name in block.head)
            rows = Markup("\n").join(_row(row) for row in block.rows)
            table = Markup("<table><caption>{}</caption><thead><tr>{}</tr></thead>\n<tbody>{}</tbody></table>\n")
            return table.format(block.caption, head, rows)
        case ToWrite():
            return Markup('<p class="author"><b>{}:</b> {}.</p>\n').format(english.FOR_AUTHORS, block.what)
        case DesignDiagram():
            return Markup('<figure id="design">{}</figure>\n').format(diagram) if diagram else Markup()
        case _:
            assert_never(block)


def _row(row: tuple[str, ...]) -> Markup:
    first, *rest = row
    cells = Markup().join(Markup("<td>{}</td>").format(text) for text in rest)
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(first, cells)


def _anchor(chapter: Chapter) -> str:
    return f"c{chapter.number.replace('.', '-')}"
