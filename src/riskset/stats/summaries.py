"""A fit as a table of its terms, in the columns that R's broom gives them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from contextlib import suppress
from dataclasses import dataclass
from html import escape

import numpy as np
from scipy import special

from riskset.errors import FitError, there_are
from riskset.stats.arrays import Floats, refuse_no_texts, require_once
from riskset.unseen import is_unseen, named

Names = Sequence[str] | Mapping[str, str] | None
"""What terms shall be called: one name for each, or new names for some; None as in the fit."""


@dataclass(frozen=True, eq=False)
class FitTable:
    """The terms of a fit, one a row. Shown, it is a table; ``pandas.DataFrame(table)`` is a data frame of it.

    It imports no maker of frames: `to_dict` is for others than pandas.

    Attributes
    ----------
    term
        (p,) names.
    estimate
        (p,) on the scale of the model, or ratios where they were asked for.
    std_error
        (p,) of the estimate on the scale of the model: of a ratio, of its logarithm.
    statistic, p_value
        (p,) estimate through standard error, and its two-sided p-value.
    conf_low, conf_high
        (p,) confidence limits, on the scale of ``estimate``.
    """

    term: tuple[str, ...]
    estimate: Floats
    std_error: Floats
    statistic: Floats
    p_value: Floats
    conf_low: Floats
    conf_high: Floats

    def __len__(self) -> int:
        return len(self.term)

    def __repr__(self) -> str:
        cells = [list(_COLUMNS), *self._cells()]
        widths = [max(len(row[i]) for row in cells) for i in range(len(_COLUMNS))]
        return "\n".join(
            "  ".join(
                cell.rjust(width) if i else cell.ljust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in cells
        )

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in _COLUMNS)
        rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in self._cells())
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def to_dict(self) -> dict[str, list[str] | list[float]]:
        """Column → values, for ``pandas.DataFrame``, ``polars.DataFrame`` or ``pyarrow.table``."""
        return {"term": list(self.term)} | {name: getattr(self, name).tolist() for name in _COLUMNS[1:]}

    def __iter__(self) -> Iterator[dict[str, str | float]]:
        return iter(self.rows())

    def rows(self) -> list[dict[str, str | float]]:
        """A dictionary for each term."""
        columns = self.to_dict()
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]

    def _cells(self) -> list[list[str]]:
        numbers = np.column_stack([getattr(self, name) for name in _COLUMNS[1:]])
        return [[name, *(f"{v:.4g}" for v in row)] for name, row in zip(self.term, numbers, strict=True)]


class ShownFit:
    """Base of fits: shown, a fit is one line about itself and the table of its terms, and no array."""

    converged: bool

    @abstractmethod
    def _heading(self) -> str:
        """What was fitted, to how much, and its log-likelihood."""

    @abstractmethod
    def table(self) -> FitTable:
        """The terms of the fit."""

    def __repr__(self) -> str:
        return "\n".join([self._first_line(), *self._shown(repr)])

    def _repr_html_(self) -> str:
        return f"<div><strong>{escape(self._first_line())}</strong>{''.join(self._shown(FitTable._repr_html_))}</div>"

    def _first_line(self) -> str:
        return f"{type(self).__name__}: {self._heading()}, {'converged' if self.converged else 'did not converge'}"

    def _shown(self, show: Callable[[FitTable], str]) -> Iterator[str]:
        """The table; nothing of a fit that refuses to have one."""
        with suppress(FitError):
            yield show(self.table())


_COLUMNS = ("term", "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")


def fit_table(
    terms: Sequence[str],
    estimate: Floats,
    std_error: Floats,
    limits: Floats,
    *,
    names: Names = None,
    ratio: bool = False,
    df: Floats | None = None,
) -> FitTable:
    """The table of a fit.

    Parameters
    ----------
    terms, estimate, std_error : (p,) on the scale of the model
    limits : (p, 2) confidence limits on that scale
    names : what the terms shall be called
    ratio : whether estimates and limits are exponentiated
    df : (p,) degrees of freedom of t; normal when left out

    Raises
    ------
    ValueError
        There are not as many names as terms, a name for a term that the fit has not, one that is no text or cannot be
        read, or one name for two terms.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / std_error
    p_value = 2 * (special.ndtr(-np.abs(statistic)) if df is None else special.stdtr(df, -np.abs(statistic)))
    shown = np.column_stack([estimate, limits])
    if ratio:
        with np.errstate(over="ignore"):
            shown = np.exp(shown)
    return FitTable(_named(terms, names), shown[:, 0], std_error, statistic, p_value, shown[:, 1], shown[:, 2])


def _named(terms: Sequence[str], names: Names) -> tuple[str, ...]:
    if names is None:
        return tuple(terms)
    if isinstance(names, Mapping):
        strange = [name for name in names if name not in terms]
        if strange:
            raise ValueError(f"the fit has no term {strange[0]!r}; {there_are(terms)}")
        return _checked([names.get(term, term) for term in terms], terms)
    if isinstance(names, str | bytes) or not isinstance(names, Sized) or len(names) != len(terms):
        raise ValueError(f"names should be {len(terms)} texts, one for each of {', '.join(terms)}")
    return _checked(tuple(names), terms)


def _checked(names: Sequence[str], terms: Sequence[str]) -> tuple[str, ...]:
    """Names that can be told apart and read; a term's own may be anything."""
    refuse_no_texts(names)
    for name, term in zip(names, terms, strict=True):
        unseen = next(filter(is_unseen, name), None)
        if name != term and (unseen or not name.strip()):
            what = f"a sign that cannot be seen ({named(unseen)})" if unseen else "nothing to read"
            raise ValueError(f"the name for {term} holds {what}; it should be a text on one line")
    require_once(names)
    return tuple(names)


def require_converged(converged: bool, *, where: str, reason: str = "", remedy: str) -> None:
    """Refuse to tabulate a fit that did not converge.

    Raises
    ------
    FitError
        With the reason and what may be done.
    """
    if not converged:
        what = "the fit did not converge" + (f" ({reason.rstrip('.')})" if reason else "")
        raise FitError(what, where=where, remedy=remedy)
