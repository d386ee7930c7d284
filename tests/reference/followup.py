"""Follow-up as a slow plain loop over days, written from methods.md and the documentation and not from the program.

Rows are dicts as in the canonical tables; a case is a person and the day of diagnosis.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Rows = dict[str, list[dict[str, Any]]]
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Followed:
    """(start, stop] in whole days from the origin, and the event: its name, or nothing."""

    start: int
    stop: int
    event: str


class Lost(Exception):
    """Why a case is not followed."""


def first(rows: Rows, table: str, person: int, **kept: Any) -> date | None:
    days = [
        row["date"]
        for row in rows.get(table, [])
        if row["person_id"] == person and all(row[name] == value for name, value in kept.items())
    ]
    return min(days, default=None)


def resident(rows: Rows, person: int, day: date) -> bool:
    return any(r["person_id"] == person and r["start"] <= day < r["stop"] for r in rows["residence"])


def follow(
    rows: Rows, person: int, diagnosis: date, *, endpoint: tuple[str, ...], entry: str, origin: str, until: date
) -> Followed:
    """Walk from diagnosis day by day; every day lived, resident and free of what ends it, from entry on, counts."""
    dies = first(rows, "death", person)
    registered = first(rows, "registry_item", person, name="registration", registry="mnd")
    onset = first(rows, "registry_item", person, name="onset_date", registry="mnd")
    ventilated = first(rows, "procedure", person, code="invasive_ventilation")
    if "invasive_ventilation" not in endpoint:
        ventilated = None
    if entry == "registration" and registered is None:
        raise Lost("not registered")
    if origin == "onset" and onset is None:
        raise Lost("no onset")
    if origin == "onset" and onset is not None and onset > diagnosis:
        raise Lost("onset after diagnosis")
    begins = max(diagnosis, registered) if entry == "registration" and registered else diagnosis
    if begins >= until:
        raise Lost("enters too late")
    if ventilated is not None and ventilated < begins:
        raise Lost("ventilated before")
    zero = onset if origin == "onset" and onset else diagnosis
    day = diagnosis
    while True:
        # A death on the first day away is a death of one who was here until then.
        here = resident(rows, person, day) or (dies == day and resident(rows, person, day - DAY))
        if not here or (dies is not None and day > dies):
            raise Lost("gone before entry")
        event = "invasive_ventilation" if ventilated == day else "death" if dies == day else ""
        if day >= begins:
            tomorrow = day + DAY
            stays = resident(rows, person, tomorrow) or dies == tomorrow
            if event or tomorrow >= until or not stays:
                return Followed((begins - zero).days, (tomorrow - zero).days, event)
        elif event == "death":
            raise Lost("died before entry")
        day += DAY


def split(start: int, stop: int, event: int, change: int | None) -> list[tuple[int, int, int, bool]]:
    """Day by day: the day (t − 1, t] is after the change if t > change; equal days in a row are one piece."""
    days = [(t, change is not None and t > change) for t in range(start + 1, stop + 1)]
    pieces: list[tuple[int, int, int, bool]] = []
    for t, after in days:
        if pieces and pieces[-1][3] == after:
            pieces[-1] = (pieces[-1][0], t, 0, after)
        else:
            pieces.append((t - 1, t, 0, after))
    begin, end, _, after = pieces[-1]
    return [*pieces[:-1], (begin, end, event, after)]
