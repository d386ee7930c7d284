"""Natural frequencies: of so many people, how many in a year without use and with it, in whole people."""

from __future__ import annotations

from dataclasses import dataclass

from riskset.report.front.absolute_terms import LevelRates

RATES_ARE_PER = 100_000
MOST = 10_000_000
FEWEST = 10
"""The denominator is `RATES_ARE_PER`, or ten times as many until the overall rate is so many people, up to `MOST`."""


@dataclass(frozen=True)
class Frequencies:
    """How many people in a year, if the medicine were the cause.

    Attributes
    ----------
    of : of how many
    without : of those who did not use it
    used, low, high : of those who did, and the ends of the interval of the ratio alone
    """

    of: int
    without: int
    used: int
    low: int
    high: int


def denominator(incidence: float) -> int:
    """Of how many people, for an incidence per 100,000 person-years above 0."""
    of = RATES_ARE_PER
    while of < MOST and whole(incidence, of) < FEWEST:
        of *= 10
    return of


def whole(rate: float, of: int) -> int:
    """A rate per 100,000 as whole people of so many."""
    return round(rate * (of // RATES_ARE_PER))


def frequencies(rate: LevelRates, of: int) -> Frequencies | None:
    """A level's rates as whole people; None where it has no ratio, or where its end would be more than everybody."""
    if rate.ratio is None or rate.without * rate.ratio.high > RATES_ARE_PER:
        return None
    used, low, high = (whole(rate.without * end, of) for end in rate.ratio)
    return Frequencies(of, whole(rate.without, of), used, low, high)
