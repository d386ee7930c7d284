"""Codes of ICD-8 and ICD-9 that were delivered as ICD-10, and could be taken for it: they are set apart.

E880A of 1990 is a fall, not a disorder of plasma proteins; V27A the outcome of a delivery, not a motorcycle accident.
ICD-10 came to Denmark in 1994, Finland in 1996, Sweden in 1997 and Norway in 1999.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from riskset.registers.engines.duckdb import DuckDB

OLDER = "older than icd10"
"""The `system` of a diagnosis that is no ICD-10; such rows are kept and not asked for."""

FIRST, LAST = 1994, 1999
"""The years in which registers went over to ICD-10: before the first none had it, after the last all."""

_OLD = "^([0-9]|E8[12][0-9]|E9[1-9][0-9]|V0[78])"
"""Codes that ICD-10 does not have: of categories that are numbers, and of supplements that it has left out."""
_NEW = "^([A-DF-UW-Z][0-9]|E[0-7][0-9])"
"""Codes that only ICD-10 has."""
_SHAPE = "^(E[89][0-9]{2}([A-Z]|[0-9])?|V[0-9]{2}([A-Z]|[0-9]{1,2})?)$"
_SHAPE_WITH_LETTER = "^(E[89][0-9]{2}|V[0-9]{2})[A-WYZ]$"
"""External causes and factors of health in ICD-9; with the letter that the Nordic editions end in, others in a digit.

With a digit they are shaped as codes of ICD-10 are (E849 with a fourth digit), which none was before `FIRST`."""


@dataclass(frozen=True)
class OlderCodes:
    """Which rows hold a code of an older revision as ICD-10, and of which nobody can tell.

    Attributes
    ----------
    older : conditions on the rows
    doubtful : the same, of codes that may be of ICD-9 or of ICD-10; none of them is older
    """

    older: Any
    doubtful: Any


def older_codes(engine: DuckDB, coded: ir.Table, rows: ir.Table, code: str) -> OlderCodes | None:
    """Which rows hold a code of an older revision as ICD-10, and which may; None where none does.

    The codes of older revisions begin with a digit, but for the supplements E and V. Until 1999, a code that ICD-10
    does not have is older; and where more than half of a year's are such, or none of a year's is one that only ICD-10
    has, all of its codes are. Before 1994, those are that have the shape of a supplement's. Later a year tells by its
    other codes: where fewer than a hundredth are older, it has gone over, and such codes are ICD-10. In a year with
    more of them, one that ends in a letter is older, and one that ends in a digit is doubtful; so are all where no
    other code tells. Where a later year is older as a whole, the doubtful ones are older.

    Parameters
    ----------
    coded : the rows with `date` and a code that is declared as ICD-10
    rows : those of which it is asked, and maybe others
    code : the column of the codes
    """
    early = coded.filter(coded["date"].year() <= LAST, coded[code].notnull())
    forms = {"old": _OLD, "new": _NEW, "shaped": _SHAPE}
    counts = {name: early[code].re_search(form).sum() for name, form in forms.items()}
    by_year = engine.collect(early.group_by(year=early["date"].year()).agg(n=early.count(), **counts)).to_pylist()
    years = _years(by_year)
    if not any(years.values()):
        return None
    year, of = rows["date"].year(), rows[code]
    supplement = of.re_search(_SHAPE)
    older = ibis.or_(
        year.isin(years["with old"]) & of.re_search(_OLD),
        year.isin(years["whole"]) & of.notnull(),
        year.isin(years["before"]) & supplement,
        year.isin(years["mixed"]) & of.re_search(_SHAPE_WITH_LETTER),
    ).fill_null(False)
    doubtful = year.isin([*years["mixed"], *years["silent"]]) & supplement
    return OlderCodes(older, doubtful.fill_null(False) & ~older)


def _years(by_year: Sequence[Mapping[str, int]]) -> dict[str, list[int]]:
    """The years by what their codes tell, of which so many are only older, only ICD-10, or shaped as supplements."""
    old = [row for row in by_year if row["old"]]
    whole = {row["year"] for row in old if 2 * row["old"] > row["n"] or not row["new"]}
    open_ = [row for row in by_year if row["year"] >= FIRST and row["year"] not in whole]
    mixed = [row["year"] for row in open_ if 100 * row["old"] >= row["n"]]
    silent = [row["year"] for row in open_ if not row["old"] and not row["new"] and row["shaped"]]
    last = max(whole, default=FIRST)
    before = {row["year"] for row in by_year if row["year"] < FIRST and row["shaped"]}
    before |= {year for year in (*mixed, *silent) if year < last}
    return {
        "with old": [row["year"] for row in old],
        "whole": sorted(whole),
        "before": sorted(before),
        "mixed": sorted(set(mixed) - before),
        "silent": sorted(set(silent) - before),
    }
