"""Every order of rows has each of its columns once: Ibis keeps one key per column, the last, without a word."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import ibis
import pytest
import sqlglot
from sqlglot import exp

from riskset.registers.checks.rule import Limits
from riskset.registers.checks.rules import rules_of
from riskset.registers.ordering import order_keys
from riskset.registers.schema import TABLES

SOURCE = Path(__file__).parents[2] / "src" / "riskset"
MODULES = sorted(SOURCE.rglob("*.py"))


def orders(tree: ast.AST) -> Iterator[ast.expr]:
    """What is given as an order, as an argument, as a key of a window kept in a dictionary, or to a method."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "order_by":
            yield node.value
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            yield from (value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "order_by")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "order_by":
            yield from node.args


def is_plain(order: ast.expr) -> bool:
    """One key, distinct names written out, or the keys of the one function that sees to it."""
    if isinstance(order, ast.Call) and isinstance(order.func, ast.Name):
        return order.func.id == "order_keys"
    if not isinstance(order, ast.List):
        return not isinstance(order, ast.Name | ast.ListComp | ast.Tuple)
    if len(order.elts) == 1:
        return True
    names = [node.value for node in order.elts if isinstance(node, ast.Constant)]
    return len(names) == len(order.elts) == len(set(names))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_an_order_is_written_out_or_made_by_order_keys(path: Path) -> None:
    for order in orders(ast.parse(path.read_text(encoding="utf-8"))):
        assert is_plain(order), f"line {order.lineno}: make it with order_keys"


def test_the_test_sees_an_order_with_a_key_twice() -> None:
    for wrong in ("[t['stop'].desc(), *rest]", "['a', 'b', 'a']", "keys", "[t[c] for c in names]"):
        [order] = orders(ast.parse(f"ibis.row_number().over(order_by={wrong})"))
        assert not is_plain(order)


@pytest.mark.parametrize("columns", [["stop", "county", "stop"], ["stop"]])
def test_a_column_given_twice_or_not_at_all_is_refused(columns: list[str]) -> None:
    table = ibis.table({"stop": "date", "county": "string"}, name="t")
    with pytest.raises(ValueError, match="each of its columns once"):
        order_keys(table, columns, last_first=["stop"] if len(columns) > 1 else ["county"])


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "pyspark"])
@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if table.key])
def test_of_rows_with_one_key_the_order_is_by_every_other_column(name: str, dialect: str) -> None:
    """As compiled: nothing that varies is left to chance, and the longest spell comes first."""
    schema = TABLES[name]
    kinds = {c.name: "date" if str(c.type) == "date32[day]" else "string" for c in schema.columns}
    rows = ibis.table({**kinds, "id": "string", "fine": "boolean", "born": "date"}, name="rows")
    [rule] = [rule for rule in rules_of(name) if rule.name.endswith("delivered before")]
    broken = rows.mutate(broken=rule.broken(rows, Limits.of(date(2020, 1, 1))))
    sql = str(ibis.to_sql(broken, dialect=dialect))
    [window] = sqlglot.parse_one(sql, dialect="spark" if dialect == "pyspark" else dialect).find_all(exp.Window)
    keys = [(key.this.name, bool(key.args.get("desc"))) for key in window.args["order"].expressions]
    rest = {c.name for c in schema.columns} - set(schema.key)
    assert sorted(column for column, _ in keys) == sorted(rest)
    assert [column for column, last_first in keys if last_first] == (["stop"] if "stop" in rest else [])
