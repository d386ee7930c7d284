"""The explained study in the page's own type; its windows are drawn in a figure instead."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

from riskset.spec.explain import sections
from riskset.spec.paragraphs import Drawing
from riskset.spec.study import Study


def render_explanation(study: Study) -> Markup:
    """The sentences of ``riskset explain`` without the keys of the description: sections, paragraphs and lists."""
    rendered = []
    for section in sections(study, keys=False):
        rendered.append(Markup("<h3>{}</h3>").format(section.title))
        texts = [block for block in section.blocks if not isinstance(block, Drawing)]
        for is_item, run in groupby(texts, key=lambda text: text.startswith("- ")):
            blocks = list(run)
            rendered.append(_list(blocks) if is_item else _paragraphs(blocks))
    return Markup("\n").join(rendered)


def _paragraphs(texts: Sequence[str]) -> Markup:
    return Markup("").join(Markup("<p>{}</p>").format(text) for text in texts)


def _list(points: Sequence[str]) -> Markup:
    items = (Markup("<li>{}</li>").format(point[2:]) for point in points)
    return Markup("<ul>{}</ul>").format(Markup("").join(items))
