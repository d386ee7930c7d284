"""A language that nobody speaks: the report with each letter of its catalogue in another alphabet.

The words of a report stand in ``report.catalogue``, and what sets numbers and days in ``report.formats``: a second
language is a second catalogue. Whatever a page still shows in plain letters when these modules are loaded with their
words changed stands elsewhere.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html.parser import HTMLParser
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

import pytest

import riskset

_FAR = 0xFEE0
"""From a letter to its full width, which has capitals and small letters too."""
_THERE = {ord(c): chr(ord(c) + _FAR) for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}
_BACK = {ord(there): chr(here) for here, there in _THERE.items()}
_KEPT = re.compile(r"(\{[^{}]*\}|<[^<>]*>|&\w+;)")
"""Places for values, tags and entities, which are no words."""
_OF_KEYS = frozenset({"removesuffix", "removeprefix", "startswith", "endswith", "compile", "getattr", "sub", "several"})
"""Functions whose arguments are no words, but what words are looked up or cut by."""


def strange(text: str) -> str:
    """The text in the other alphabet."""
    parts = _KEPT.split(text)
    return "".join(part if i % 2 else part.translate(_THERE) for i, part in enumerate(parts))


class _Words(ast.NodeTransformer):
    """Changes the texts of a module that are words: no docstrings, keys, or what is compared."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(strange(node.value)) if isinstance(node.value, str) else node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.AST:
        node.value = self.visit(node.value)  # its format stays
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        node.value = self.visit(node.value)
        return node

    def visit_arguments(self, node: ast.arguments) -> ast.AST:
        names = [each.arg for each in node.args[len(node.args) - len(node.defaults) :]]
        node.defaults = [
            each if name == "name" else self.visit(each)  # the name of an argument of a note is a key
            for name, each in zip(names, node.defaults, strict=True)
        ]
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.AST:
        node.body = [self.visit(each) for each in node.body]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.value = node.value and self.visit(node.value)
        return node

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        node.values = [self.visit(each) for each in node.values]
        return ast.Call(ast.Name("Either", ast.Load()), [node], [])

    def visit_Call(self, node: ast.Call) -> ast.AST:
        called = ast.unparse(node.func).split(".")[-1]
        if called == "get":  # of a mapping: its key is no word, what stands in for it is
            node.args[1:] = [self.visit(each) for each in node.args[1:]]
            node.func = self.visit(node.func)
            return node
        return node if called in _OF_KEYS else self.generic_visit(node)


class Either(dict[Any, Any]):
    """A mapping by keys, or by what words have become of them."""

    def __missing__(self, key: Any) -> Any:
        if isinstance(key, str) and (plain := key.translate(_BACK)) in self:
            return self[plain]
        raise KeyError(key)

    def get(self, key: Any, default: Any = None) -> Any:
        try:
            return self[key]
        except KeyError:
            return default


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        tree = _Words().visit(ast.parse(self.get_data(self.path)))
        return compile(ast.fix_missing_locations(tree), self.path, "exec")

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["Either"] = Either
        super().exec_module(module)


class _Finder(MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if not name.startswith("riskset.report.catalogue.english") and name != "riskset.report.formats":
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(name, spec.origin)
        return spec


@contextmanager
def spoken() -> Iterator[None]:
    """While it lasts, what is imported of the report speaks this language; what was imported before does not."""
    held = {name: module for name, module in sys.modules.items() if f"{name}.".startswith("riskset.report.")}
    with pytest.MonkeyPatch.context() as patch:
        for name in held:
            patch.delitem(sys.modules, name)
        patch.setattr(riskset, "report", getattr(riskset, "report", None), raising=False)
        patch.setattr(sys, "meta_path", [_Finder(), *sys.meta_path])
        try:
            yield
        finally:
            for name in [name for name in sys.modules if f"{name}.".startswith("riskset.report.")]:
                del sys.modules[name]


class _Texts(HTMLParser):
    """The texts of a page, and those that are read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._unread = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread = tag in ("style", "script")
        self.texts += [value or "" for name, value in attrs if name in ("aria-label", "title", "alt")]

    def handle_endtag(self, tag: str) -> None:
        self._unread = False

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.texts.append(data)


def plain_words(html: str, own: Sequence[str]) -> dict[str, str]:
    """The words of a page in plain letters → a text where each stands.

    Parameters
    ----------
    own : regular expressions of what need not be in the catalogue, such as the study's own words
    """
    page = _Texts()
    page.feed(html)
    names = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(own)})(?![A-Za-z])", re.IGNORECASE)
    texts = [" ".join(text.split()) for text in page.texts]
    found = [(word, text) for text in texts for word in re.findall(r"[A-Za-z]{2,}", names.sub(" ", text))]
    return dict(reversed(found))
