"""Of which people the numbers of a row of estimates are: all of a comparison, a stratum of it, or a model's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from riskset.disclosure.populations import Trait
from riskset.disclosure.system import Key
from riskset.results.vocabulary import Analysis, Contrast, Role

Row = Mapping[str, Any]
Rows = list[dict[str, Any]]
Sizes = tuple[int | None, int | None, int | None]

CASES, CONTROLS, SETS = "cases", "controls", "sets"
SIDES = (CASES, CONTROLS)


def trait_of(row: Row) -> Trait:
    """By what the people of a row of estimates are told apart."""
    is_exposure = row["role"] == Role.EXPOSURE
    name = row["exposure"] if is_exposure else row["covariate"]
    return Trait("exposure" if is_exposure else "covariate", name, row["measure"] if is_exposure else "", row["level"])


class Parts:
    """Of which people the numbers of a row are stated: of all of a comparison, and of strata that make them up.

    A model leaves out who has an unknown covariate, and each set of covariates other people: what such a model, a
    test of several levels, or the sets that are informative for one of them count is linked by sums and inequalities
    that nobody has written down. Their estimates are stated, their counts are not.

    Parameters
    ----------
    rows : estimates of matched sets
    sets : comparison → number of sets in its Table 1
    """

    def __init__(self, rows: Rows, sets: Mapping[str, int]) -> None:
        self.whole: dict[str, Sizes] = {}
        for row in rows:
            if not row["modifier"] and row["n_sets"] is not None:
                size = self.whole.get(row["comparison"])
                if size is None or (row["n_sets"], row["n_controls"] or 0) > (size[0] or 0, size[2] or 0):
                    self.whole[row["comparison"]] = _sizes(row)
        for comparison, size in list(self.whole.items()):
            if size[0] != sets.get(comparison, size[0]):  # every model leaves somebody of Table 1 out
                del self.whole[comparison]
        self.strata = {
            place: sizes
            for place, sizes in _strata(rows).items()
            if _sum_of(sizes.values()) == self.whole.get(place[0], (None, None, None))
        }

    def of(self, row: Row) -> str | None:
        """The name of the people of a row, empty for all; None of a row whose counts are not stated."""
        if row["contrast"] not in (Contrast.LEVEL, Contrast.VALUE):
            return None
        if not row["modifier"]:
            return "" if _sizes(row) == self.whole.get(row["comparison"]) else None
        strata = self.strata.get((row["comparison"], row["modifier"]), {})
        return stratum_name(row["modifier"], row["stratum"]) if strata.get(row["stratum"]) == _sizes(row) else None


def stratum_name(modifier: str, stratum: str) -> str:
    """What the people of a stratum are called."""
    return f"{modifier} {stratum}"


def _strata(rows: Rows) -> dict[tuple[str, str], dict[str, Sizes]]:
    """Comparison and modifier → stratum → its largest size."""
    strata: defaultdict[tuple[str, str], dict[str, Sizes]] = defaultdict(dict)
    for row in rows:
        if row["modifier"] and row["contrast"] == Contrast.LEVEL and None not in _sizes(row):
            of_modifier = strata[row["comparison"], row["modifier"]]
            of_modifier[row["stratum"]] = max(of_modifier.get(row["stratum"], (0, 0, 0)), _sizes(row))
    return strata


def _sum_of(sizes: Iterable[Sizes]) -> Sizes:
    sets, cases, controls = (sum(n or 0 for n in each) for each in zip(*sizes, strict=True))
    return sets, cases, controls


def _sizes(row: Row) -> Sizes:
    return row["n_sets"], row["n_cases"], row["n_controls"]


def risk_rows(estimates: Rows) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of estimates from matched sets, with their numbers."""
    return ((i, row) for i, row in enumerate(estimates) if row["analysis"] == Analysis.RISK)


OWN = "in the model "
"""How the names of a model's own people begin."""


def own_people(row: Row) -> str:
    """What the people of a model's row are called, where they are fewer than those of its comparison."""
    names = ("form", "measure", "model_name", "estimator", "exposure", "modifier", "stratum")
    return OWN + ", ".join(str(row[name]) for name in names)


def people_of(row: Row) -> tuple[str | int | None, ...]:
    """As many people of one stratum are taken for the same, whatever the model."""
    return row["comparison"], row["modifier"], row["stratum"], *_sizes(row)


def is_own(part: str) -> bool:
    """Whether a part of a comparison is a model's own people."""
    return part.startswith(OWN)


def is_of_model(key: Key) -> bool:
    """Whether a number is of a model's own people, or of those whom it leaves out."""
    return any(OWN in part for part in key)
