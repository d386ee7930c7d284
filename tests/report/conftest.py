"""What is drawn alike on many pages is drawn once: half of the time of a page is its figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import vl_convert

DRAWN: dict[str, Any] = {}
"""What was asked for → the drawing; emptied where it matters that the same is drawn again."""


def once(draw: Callable[..., Any]) -> Callable[..., Any]:
    def drawn(what: Any, **how: Any) -> Any:
        asked = json.dumps([draw.__name__, what, how], sort_keys=True)
        if asked not in DRAWN:
            DRAWN[asked] = draw(what, **how)
        return DRAWN[asked]

    return drawn


@pytest.fixture(autouse=True, scope="package")
def drawn_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("vegalite_to_svg", "svg_to_png"):
            patch.setattr(vl_convert, name, once(getattr(vl_convert, name)))
        yield
    DRAWN.clear()
