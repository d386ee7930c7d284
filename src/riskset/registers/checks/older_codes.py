"""Codes of ICD-8 and ICD-9 that were delivered as ICD-10, and could be taken for it: they are set apart.

E880A of 1990 is a fall, not a disorder of plasma proteins; V27A the outcome of a delivery, not a motorcycle accident.
ICD-10 came to Denmark in 1994, Finland in 1996, Sweden in 1997 and Norway in 1999.
"""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from riskset.registers.engines.duckdb import DuckDB

OLDER = "older than icd10"
"""The `system` of a diagnosis that is no ICD-10; such rows are kept and not asked for."""

FIRST, LAST = 1994, 1999
"""The years in which registers went over to ICD-10: before the first none had it, after the last all."""

_SHAPE = "^(E[89][0-9]{2}([A-Z]|[0-9])?|V[0-9]{2}([A-Z]|[0-9]{1,2})?)$"
_SHAPE_WITH_LETTER = "^(E[89][0-9]{2}|V[0-9]{2})[A-WYZ]$"
"""External causes and factors of health in ICD-9; with the letter that the Nordic editions end in, others in a digit.

With a digit they are shaped as codes of ICD-10 are (E849 with a fourth digit), which none was before `FIRST`."""


def older_codes(engine: DuckDB, coded: ir.Table, rows: ir.Table, code: str) -> Any | None:
    """Which rows hold a code of an older revision as ICD-10; None where there are none.

    The codes of older revisions begin with a digit, but for the supplements E and V. Until 1999, a code that begins
    with one is older, and where more than half of a year's do, all of its codes are; in a year with a hundredth of
    them, and in each before 1994, those are that have the shape of a supplement's.

    Parameters
    ----------
    coded : the rows with `date` and a code that is declared as ICD-10
    rows : those of which it is asked, and maybe others
    code : the column of the codes
    """
    early = coded.filter(coded["date"].year() <= LAST, coded[code].notnull())
    by_year = engine.collect(
        early.group_by(year=early["date"].year()).agg(
            n=early.count(), digits=early[code].re_search("^[0-9]").sum(), shaped=early[code].re_search(_SHAPE).sum()
        )
    ).to_pylist()
    whole = [row["year"] for row in by_year if 2 * row["digits"] > row["n"]]
    before = [row["year"] for row in by_year if row["year"] < FIRST and row["shaped"]]
    mixed = [row["year"] for row in by_year if row["year"] >= FIRST and 100 * row["digits"] >= row["n"]]
    mixed = [year for year in mixed if year not in whole]
    digits = [row["year"] for row in by_year if row["digits"]]
    conditions = [(digits, rows[code].re_search("^[0-9]")), (whole, rows[code].notnull())]
    conditions += [(before, rows[code].re_search(_SHAPE)), (mixed, rows[code].re_search(_SHAPE_WITH_LETTER))]
    older: Any = ibis.literal(False)
    for years, shaped in conditions:
        if years:
            older = older | (rows["date"].year().isin(years) & shaped)
    return older.fill_null(False) if digits or before else None
