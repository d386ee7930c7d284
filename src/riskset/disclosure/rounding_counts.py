"""Counts rounded, where a policy asks for it, and the shares that stand beside them made anew of the rounded ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskset.disclosure.by_code import DIAGNOSTICS
from riskset.disclosure.policy import Policy
from riskset.results.columns import columns_of
from riskset.results.roles import COUNTS, DisclosureRole
from riskset.results.set_vocabulary import Summary
from riskset.results.tables import KINDS
from riskset.results.vocabulary import DiagnosticCode


def rounded(table: str, rows: list[dict[str, Any]], policy: Policy) -> list[dict[str, Any]]:
    """The rows of a table with each count as the policy shows it; as they are where it rounds nothing."""
    if policy.rounding is None:
        return rows
    names = [column.name for column in columns_of(KINDS[table]) if column.role in COUNTS]
    return [{**row, **_counts(row, names, policy), **_shares(table, row, policy)} for row in rows]


def _counts(row: Mapping[str, Any], names: list[str], policy: Policy) -> dict[str, Any]:
    return {name: policy.shown(row[name]) for name in names if row[name] is not None}


def _shares(table: str, row: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    if table == "quality" and row["share"] is not None:
        of = policy.shown(row["of"])
        return {"share": policy.shown(row["rows"]) / of if of else 0.0}
    if table == "table_one" and row["kind"] == Summary.SHARE:
        return {f"{side}_value": _share(row, side, policy) for side in ("cases", "controls")} | {"smd": None}
    if table == "diagnostics" and row["value"] is not None:
        is_count = DIAGNOSTICS[DiagnosticCode(row["code"])] is DisclosureRole.COUNT
        return {"value": float(policy.shown(round(row["value"])))} if is_count else {}
    return {}


def _share(row: Mapping[str, Any], side: str, policy: Policy) -> float | None:
    n, share = row[f"{side}_n"], row[f"{side}_value"]
    if n is None or share is None:
        return None
    whole = policy.shown(round(n / share)) if share else 0
    return min(1.0, policy.shown(n) / whole) if whole else 0.0
