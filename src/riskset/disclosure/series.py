"""A curve without a model as numbers: events so far and patients at risk, of a release and of those before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from riskset.spec.levels import ALL


@dataclass(frozen=True)
class Series:
    """A curve.

    Attributes
    ----------
    of : measure and class (empty for all patients)
    level, cause : of whom, and of which event (empty for any)
    at_risk, events : time → at risk then, events so far
    patients : of whom it is
    total : events in all, of which some may come before the curve begins
    rows : time → number of its row in the table
    shown, shown_at_risk : times of which the events, and those at risk, have left
    """

    of: tuple[str, str]
    level: str
    cause: str
    at_risk: Mapping[float, int]
    events: Mapping[float, int]
    patients: int
    total: int
    rows: Mapping[float, int] = field(default_factory=dict)
    shown: frozenset[float] = frozenset()
    shown_at_risk: frozenset[float] = frozenset()

    @property
    def name(self) -> tuple[str, str, str, str]:
        return (*self.of, self.level, self.cause)

    def so_far(self, time: float) -> int:
        """Events until a time."""
        latest = max((t for t in self.events if t <= time), default=None)
        return 0 if latest is None else self.events[latest]

    def since(self, earlier: Series) -> Series:
        """What lies between the curve of an earlier release and this one; below nought where it is of fewer."""
        return Series(
            self.of,
            self.level,
            self.cause,
            {t: n - earlier.at_risk[t] for t, n in self.at_risk.items() if t in earlier.at_risk},
            {t: n - earlier.so_far(t) for t, n in self.events.items()},
            self.patients - earlier.patients,
            self.total - earlier.total,
        )


def rests(series: Sequence[Series], whole: Iterable[Series]) -> list[Series]:
    """By cause, all patients without those of some levels."""
    made = []
    for all_of in whole:
        parts = [s for s in series if s.cause == all_of.cause]
        if parts:
            events = {t: n - sum(s.so_far(t) for s in parts) for t, n in all_of.events.items()}
            at_risk = {t: n - sum(s.at_risk.get(t, 0) for s in parts) for t, n in all_of.at_risk.items()}
            patients = all_of.patients - sum(s.patients for s in parts)
            total = all_of.total - sum(s.total for s in parts)
            made.append(Series(parts[0].of, ALL, all_of.cause, at_risk, events, patients, total))
    return made


class Before:
    """The curves of an earlier release.

    Parameters
    ----------
    curves : all of them, with the times that have left
    """

    def __init__(self, curves: Iterable[Series]) -> None:
        self._curves = {curve.name: curve for curve in curves if curve.shown}
        self._classes = {(curve.of, bool(curve.cause)) for curve in self._curves.values()}

    def came(self, series: Sequence[Series], whole: Sequence[Series]) -> list[Series]:
        """Of whom the curves are more or fewer than they were, and of whom those of all are without them."""
        of_levels, of_all = self._since(series), self._since(whole)
        return [*of_levels, *rests(of_levels, of_all)]

    def _since(self, series: Sequence[Series]) -> list[Series]:
        return [s.since(self._curves[s.name]) for s in series if s.name in self._curves]

    def lacks(self, series: Sequence[Series], time: float, *, at_risk: bool = False) -> bool:
        """Whether one of the curves has left, but not this time of it."""
        curves = [self._curves[s.name] for s in series if s.name in self._curves]
        return any(time not in (curve.shown_at_risk if at_risk else curve.shown) for curve in curves)

    def lacks_curve(self, series: Series) -> bool:
        """Whether curves of other levels of the class have left, and not this one: those and all nearly tell it."""
        return series.name not in self._curves and (series.of, bool(series.cause)) in self._classes
