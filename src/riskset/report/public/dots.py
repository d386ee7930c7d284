"""People as dots, one or so many each: filled those whom the whole range has, open those whom a part of it has."""

from __future__ import annotations

from markupsafe import Markup

MOST_DOTS = 60
"""A row has at most so many."""
FEWEST_DOTS = 30
"""And room for at least so many, or dots of a rare event would be large."""

STEP, GAP, HEIGHT, RADIUS = 7.0, 3.0, 9.0, 2.7
"""Between dots, after each ten, the row's height and a dot's size, in pixels."""


def people_in_a_dot(most: int) -> int:
    """1, 2, 5, 10, …: the least with which the largest number has at most `MOST_DOTS`."""
    power = 1
    while most > MOST_DOTS * 5 * power:
        power *= 10
    return next(head * power for head in (1, 2, 5) if most <= MOST_DOTS * head * power)


def draw_dots(low: int, high: int, each: int, *, most: int) -> Markup:
    """A row of dots.

    Parameters
    ----------
    low, high : people whom the whole range has, and whom it may have; the same for a number without a range
    each : people in a dot
    most : the largest number of all rows, so that a dot has one size in them
    """
    filled, drawn = round(low / each), round(high / each)
    parts = [
        Markup('<circle class="{}" cx="{:g}" cy="{:g}" r="{:g}"/>').format(
            "mark" if i < filled else "mark open", _x(i), HEIGHT / 2, RADIUS
        )
        for i in range(drawn)
    ]
    return Markup('<svg class="dots" viewBox="0 0 {:g} {:g}" aria-hidden="true">{}</svg>').format(
        _x(max(FEWEST_DOTS, round(most / each)) - 1) + STEP / 2, HEIGHT, Markup("").join(parts)
    )


def _x(i: int) -> float:
    return STEP / 2 + i * STEP + i // 10 * GAP
