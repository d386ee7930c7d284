"""The explained study in the page's own type; the windows stay drawn as they are."""

from __future__ import annotations

from itertools import groupby

from markupsafe import Markup

from riskset.spec.explain import sections
from riskset.spec.paragraphs import Drawing
from riskset.spec.study import Study


def render_explanation(study: Study) -> Markup:
    """The sentences of ``riskset explain``: sections, paragraphs, lists, and drawn windows as preformatted text."""
    rendered = []
    for section in sections(study):
        rendered.append(Markup("<h3>{}</h3>").format(section.title))
        for kind, blocks in groupby(section.blocks, key=_kind):
            rendered.append(_render(kind, list(blocks)))
    return Markup("\n").join(rendered)


def _kind(block: str | Drawing) -> str:
    if isinstance(block, Drawing):
        return "drawing"
    return "item" if block.startswith("- ") else "paragraph"


def _render(kind: str, blocks: list[str | Drawing]) -> Markup:
    if kind == "item":
        items = (Markup("<li>{}</li>").format(str(block)[2:]) for block in blocks)
        return Markup("<ul>{}</ul>").format(Markup("").join(items))
    shape = Markup("<pre>{}</pre>") if kind == "drawing" else Markup("<p>{}</p>")
    texts = (block.text if isinstance(block, Drawing) else block for block in blocks)
    return Markup("\n").join(shape.format(text) for text in texts)
