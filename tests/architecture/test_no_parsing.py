"""The report reads columns: no module of it takes labels, notes or names of models apart.

What is about typography alone, and not about what a text means, stands in `ALLOWED` with its reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPORT = Path(__file__).parents[2] / "src" / "riskset" / "report"
READING = {"startswith", "endswith", "removeprefix", "removesuffix", "partition", "rpartition", "split", "rsplit"}

PATTERNS = {"search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split"}
"""Of `re`, and of a pattern that a module has compiled, in capitals."""

MARKUP = "tags and attributes of HTML, SVG or CSS that we or a library wrote, never the text between them"
TYPOGRAPHY = "how a text is set, whatever it means"

ALLOWED = {
    ("document.py", "_with_anchors"): MARKUP,
    ("document.py", "anchored"): MARKUP,
    ("document.py", "supplement_parts"): MARKUP,
    ("figures.py", "inline"): MARKUP,
    ("figures.py", "_lean"): MARKUP,
    ("figures.py", "_with_titles"): MARKUP,
    ("figures.py", "_with_own_clips"): MARKUP,
    ("office/palette.py", "palette"): MARKUP,
    ("office/palette.py", "picture_style"): MARKUP,
    ("office/pictures.py", "_opened"): MARKUP,
    ("office/read_html.py", "_tree"): MARKUP,
    ("office/read_html.py", "_illustration"): MARKUP,
    ("office/text_lines.py", "classes"): MARKUP,
    ("supplement_tables.py", "write_supplement_tables"): MARKUP,
    ("theme.py", "style_sheet"): MARKUP,
    ("theme.py", "script"): MARKUP,
    ("catalogue/catalogue.py", "check"): "the place for what is concerned in a clause",
    ("catalogue/english_quality.py", "_subject"): "the columns of a rule, which are one cell of its key",
    ("figures.py", "slug"): "the name of a file or an anchor, of letters and figures",
    ("front/drawing.py", "_words"): "words, for the width of lines",
    ("front/key_points.py", "words"): "words, to count them",
    ("front/page.py", "_abbreviated"): "which abbreviations stand on a page, to list them",
    ("front/page.py", "_explained"): "whether NR stands in it, to say below what it is short for",
    ("tables.py", "_hides"): "whether the sign of a withheld number stands in it, to explain it below",
    ("lines.py", "words_of"): "the capitals of an abbreviation",
    ("view.py", "spaced"): TYPOGRAPHY,
    ("office/latex.py", "escape_latex"): TYPOGRAPHY,
    ("office/text_lines.py", "tidied"): TYPOGRAPHY,
    ("protocol_pages.py", "_escaped"): TYPOGRAPHY,
    ("office/spreadsheet.py", "number_of"): "a cell that is nothing but a number, for a sheet to add up",
    ("office/spreadsheet.py", "_digits"): "how many decimals a number is shown with",
    ("supplement_tables.py", "_said"): "the raised figure of a footnote at the end of a cell",
    ("prognosis/fits.py", "_small"): "the digits and the power of a number",
    ("explained.py", "render_explanation"): "items of a list in the text of `riskset explain`",
    ("formats.py", "p_phrase"): "the sign before a p-value",
    ("formats.py", "number"): "the minus before a nought",
    ("tables.py", "sentence"): "the full stop of a sentence",
}
"""(module, function) → why it may."""


def _modules() -> list[str]:
    return sorted(path.relative_to(REPORT).as_posix() for path in REPORT.rglob("*.py"))


def _readings(tree: ast.Module) -> Iterator[tuple[str, int, str]]:
    """Function, line and what is called, of each call that takes a text apart."""
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READING:
                yield function.name, node.lineno, node.func.attr
            if isinstance(node, ast.Call) and _exchanges_words(node):
                yield function.name, node.lineno, ast.unparse(node)
            if isinstance(node, ast.Call) and _is_of_pattern(node.func):
                yield function.name, node.lineno, ast.unparse(node.func)
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In):
                left = node.left
                if isinstance(left, ast.Constant) and isinstance(left.value, str) and not left.value.isidentifier():
                    yield function.name, node.lineno, f"{left.value!r} in"


def _exchanges_words(call: ast.Call) -> bool:
    """Whether a call is ``.replace`` of words or of what parts them; of one sign, as of ``_`` in a name, it is not."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr == "replace" and call.args):
        return False
    old = call.args[0]
    return isinstance(old, ast.Constant) and isinstance(old.value, str) and (len(old.value) > 1 or old.value in ",;:")


def _is_of_pattern(called: ast.expr) -> bool:
    """Whether a call is ``re.sub`` and the like, or that of a compiled pattern."""
    if not isinstance(called, ast.Attribute) or called.attr not in PATTERNS:
        return False
    of = called.value
    compiled_here = isinstance(of, ast.Call) and ast.unparse(of.func) == "re.compile"
    return compiled_here or (isinstance(of, ast.Name) and (of.id == "re" or of.id.isupper()))


@pytest.mark.parametrize(
    ("line", "is_seen"),
    [
        ("re.sub('a', 'b', label)", True),
        ("_NUMBER.fullmatch(label)", True),
        ("re.compile('a').search(label)", True),
        ("label.removesuffix(' (reference)')", True),
        ("' (reference)' in label", True),
        ("re.escape(label)", False),
        ("label.replace('_', ' ')", False),
        ("label.replace(', ', ' and ')", True),
        ("label.replace(' to ', '–')", True),
        ("label.replace(',', ';', 1)", True),
        ("label.replace(label, '')", False),
        ("replace(label, row=1)", False),
        ("node.findall('p')", False),
    ],
)
def test_what_takes_a_text_apart_is_seen(line: str, is_seen: bool) -> None:
    tree = ast.parse(f"def shown(label, node):\n    return {line}")
    assert bool(list(_readings(tree))) is is_seen


@pytest.mark.parametrize("module", _modules())
def test_no_text_is_taken_apart(module: str) -> None:
    tree = ast.parse((REPORT / module).read_text(encoding="utf-8"))
    wrong = [f"{module}:{line} {what}" for name, line, what in _readings(tree) if (module, name) not in ALLOWED]
    assert not wrong


def test_what_is_allowed_is_there() -> None:
    """An allowance that nothing needs is taken back."""
    for module, function in ALLOWED:
        tree = ast.parse((REPORT / module).read_text(encoding="utf-8"))
        assert function in {name for name, _, _ in _readings(tree)}, (module, function)
