"""Tables in LaTeX: every sign is set as itself, every row has every column, every environment is closed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskset.report.office.exhibits import read_exhibits
from riskset.report.office.latex import ESCAPED, escape_latex, write_latex
from tests.report.office.reports import RUNS, front_named, shown, squeezed

MARKS = ("Internal, not cleared",)
SPECIAL = "\\{}#$%&_~^<>|\"'`[]*−≥≤Σ-,"
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")) | st.sampled_from(SPECIAL + " \u00a0"))
_WRITTEN = {latex: sign for sign, latex in ESCAPED.items()}
_ONE = re.compile("|".join(re.escape(latex) for latex in sorted(_WRITTEN, key=len, reverse=True)))


def unescape(latex: str) -> str:
    """The text that LaTeX sets."""
    return _ONE.sub(lambda written: _WRITTEN[written[0]], latex)


@given(TEXTS)
def test_a_text_is_set_as_it_is(text: str) -> None:
    assert unescape(escape_latex(text)) == text


@given(TEXTS)
def test_no_sign_that_means_something_to_latex_is_left(text: str) -> None:
    rest = _ONE.sub(lambda written: " " if written[0] != "~" else "", escape_latex(text))
    assert not set(rest) & set("\\{}#$%&_~^<>|\"'`[]*−≥≤Σ")
    assert "--" not in rest
    assert ",," not in rest


def test_what_is_not_escaped_would_be_seen() -> None:
    assert escape_latex("50 % & a_b") == r"50 \% \& a\_b"
    assert escape_latex("\\n{x}[1]") == r"\textbackslash{}n\{x\}{[}1{]}"
    assert escape_latex("a--b, c,,d ~ 5\u00a0y") == r"a-{}-b, c,{},d \textasciitilde{} 5~y"


@pytest.mark.parametrize("name", list(RUNS))
def test_a_table_is_whole_and_holds_the_cells_of_the_page(name: str) -> None:
    front = front_named(name)
    tables = iter(shown(front).cells[1 if front.points.glance else 0 :])
    for exhibit in read_exhibits(front).values():
        if not exhibit.grids:
            continue
        latex = write_latex(exhibit, MARKS)
        opened, closed = (re.findall(rf"\\{what}\{{(\w+)\}}", latex) for what in ("begin", "end"))
        assert sorted(opened) == sorted(closed)
        assert latex.count(r"\toprule") == latex.count(r"\bottomrule") == len(exhibit.grids)
        assert r"\textbf{Internal, not cleared.}" in latex
        words = squeezed(set_as_text(latex))
        for _ in exhibit.grids:
            place = 0
            for text in next(tables):
                place = words.find(without_braces(text), place) + 1
                assert place, text
        for grid, body in zip(
            exhibit.grids, re.findall(r"\\toprule\n(.*?)\\bottomrule", latex, re.DOTALL), strict=True
        ):
            rows = [row for row in re.findall(r"[^\n]+", body) if row[-2:] == r"\\"]
            assert len(rows) == grid.n_rows
            assert {columns_of(row) for row in rows} == {grid.n_columns}


def set_as_text(latex: str) -> str:
    """What is printed of a table, near enough: commands of the layout and braces taken out."""
    text = re.sub(r"\\(begin|end)\{tabular\}(\[\w\])?(\{@\{\}\w@\{\}\})?", "", latex)
    text = re.sub(r"\\hspace\{1em\}|\\newline |\\multicolumn\{\d+\}\{\w\}|\\textbf", "", text)
    text = re.sub(r" \\\\", " ", re.sub(r"(?<!\\)&", " ", text))
    return without_braces(unescape(text))


def without_braces(text: str) -> str:
    return re.sub("[{}]", "", text)


def columns_of(row: str) -> int:
    """How many columns a row has."""
    spans = sum(int(n) - 1 for n in re.findall(r"\\multicolumn\{(\d+)\}", row))
    return len(re.findall(r"(?<!\\)&", row)) + 1 + spans
