"""Finds, in source text, arithmetic whose last bit or whose order among equals hangs on the processor or a library."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def _named(text: str) -> frozenset[str]:
    return frozenset(text.split())


ELEMENTARY = _named(
    "exp exp2 expm1 log log2 log10 log1p logaddexp power float_power pow cbrt hypot "
    "sin cos tan arcsin arccos arctan arctan2 asin acos atan atan2 sinh cosh tanh arcsinh arccosh arctanh "
    "erf erfc gamma lgamma gammaln ndtr ndtri"
)
"""IEEE 754 does not fix their last bit."""
SUMS = _named(
    "sum nansum prod nanprod mean nanmean average std var nanstd nanvar fsum "
    "dot vdot inner matmul einsum tensordot convolve correlate corrcoef cov trapezoid reduce reduceat "
    "interp linalg fft polynomial geomspace logspace quantile percentile median"
)
"""Nothing fixes the order in which a library adds, or whether it fuses a multiplication and an addition."""
GENERATORS = _named(
    "default_rng Generator RandomState standard_normal normal lognormal standard_exponential exponential "
    "standard_gamma poisson binomial geometric beta multinomial choice shuffle multivariate_normal"
)
"""What NumPy draws with the C library, or may draw otherwise in another version."""
MODULES = frozenset({"math", "cmath", "scipy", "statistics", "random"})
UNSTABLE = frozenset({"argpartition", "partition"})


def inexact(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of each call, operator or import whose result is not fixed.

    Whole numbers may be summed and raised to powers: what is constant is let pass, for the rest there is a list of
    exceptions with reasons beside the test.
    """
    own = _own_functions(tree := ast.parse(source))
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp | ast.AugAssign):
            if isinstance(node.op, ast.MatMult):
                yield node.lineno, "@"
            if isinstance(node.op, ast.Pow) and not _constant(node):
                yield node.lineno, "**"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            yield from ((node.lineno, name) for name in names if name.split(".")[0] in MODULES)
        elif isinstance(node, ast.Attribute):
            if node.attr in ELEMENTARY | SUMS | UNSTABLE or (node.attr in GENERATORS and not _is_stream(node)):
                yield node.lineno, node.attr
        elif isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id in ELEMENTARY | SUMS and called.id not in own:
                yield node.lineno, called.id
            if isinstance(called, ast.Attribute) and called.attr == "argsort" and not _is_stable(node):
                yield node.lineno, "argsort"


def _own_functions(tree: ast.AST) -> set[str]:
    """Names that are imported from, or defined in, the exact arithmetic."""
    own: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "riskset.nation.arithmetic":
            own |= {alias.asname or alias.name for alias in node.names}
        if isinstance(node, ast.FunctionDef):
            own.add(node.name)
    return own


def _constant(node: ast.BinOp | ast.AugAssign) -> bool:
    """Whether a power is one of the written number 2 or 10."""
    return isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant) and node.left.value in (2, 10)


def _is_stream(node: ast.Attribute) -> bool:
    """Whether the method is one of our own `Stream`, which the nation calls ``rng`` or makes by ``stream``."""
    value = node.value
    if isinstance(value, ast.Name):
        return value.id in ("rng", "self")
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "stream"


def _is_stable(call: ast.Call) -> bool:
    return any(
        word.arg == "kind" and isinstance(word.value, ast.Constant) and word.value.value == "stable"
        for word in call.keywords
    )
