"""The arrays that callers give: checked, and labels made numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskset.errors import FitError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

_FAR = 1e100


def numbers(values: ArrayLike, what: str) -> Floats:
    """Numbers or booleans of any kind as floats, NaN where masked or NA; texts, days and the like are refused."""
    given = _as_array(values, what)
    if given.dtype.kind in "fiub":
        with np.errstate(over="ignore"):  # of a wider type
            return np.asarray(given, float)
    wrong = _NOT_NUMBERS.get(given.dtype.kind, "other things")
    if given.dtype.kind == "O":
        plain = [np.nan if is_missing(value) else value for value in given.ravel()]
        if all(isinstance(value, Real | Decimal | np.bool_) for value in plain):
            return np.array([_as_float(value) for value in plain], float).reshape(given.shape)
        wrong = "texts" if any(isinstance(value, str | bytes) for value in plain) else wrong
    raise FitError(f"there are {wrong} where numbers are needed", where=what, remedy="code them as numbers")


def _as_array(values: object, what: str) -> NDArray[Any]:
    """As NumPy has it, with None for what is masked, in a masked array or in a list of whatever holds one."""
    try:
        return np.asarray(_unmasked(values))
    except ValueError:
        raise ValueError(f"{what} is no array: its rows differ in length") from None


def _unmasked(values: Any, depth: int = 3) -> Any:
    if isinstance(values, np.ma.MaskedArray):
        hidden = np.ma.getmaskarray(values)
        if values.dtype.names or not hidden.any():
            return values.data
        given = values.data.astype(object)
        given[hidden] = None
        return given
    holders = (np.ma.MaskedArray, list, tuple)
    if not depth or not isinstance(values, list | tuple) or not any(isinstance(value, holders) for value in values):
        return values
    plain = [_unmasked(value, depth - 1) for value in values]
    return [value.tolist() if isinstance(value, np.ndarray) else value for value in plain]


_NOT_NUMBERS = {"U": "texts", "S": "texts", "T": "texts", "M": "dates", "m": "lengths of time", "c": "complex numbers"}


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return np.inf


def is_missing(value: object) -> bool:
    """None, NaN, NaT, or the NA of another library, of which nothing is true."""
    if value is None or value is np.ma.masked:
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        return "NA" in type(value).__name__.upper()


def finite(values: ArrayLike, what: str) -> Floats:
    """Numbers of any shape, none of them missing or infinite."""
    given = numbers(values, what)
    if not np.isfinite(given).all():
        raise FitError("some values are missing or infinite", where=what, remedy="leave them out")
    require_range(given, what)
    return given


def number(value: float, what: str) -> float:
    """One finite number."""
    given = finite(value, what)
    if given.ndim:
        raise ValueError(f"{what} has shape {given.shape}; it should be one number")
    return float(given)


def whole(value: int, what: str, *, least: int = 0, most: int | None = None) -> int:
    """One whole number, from ``least`` to ``most``."""
    given = number(value, what)
    if given != np.rint(given) or given < least or (most is not None and given > most):
        span = f"from {least} on" if most is None else f"from {least} to {most}"
        raise ValueError(f"{what} is {given:g}; it should be a whole number {span}")
    return int(given)


def moment(value: float, what: str) -> float:
    """One time from the origin, 0 or later."""
    given = number(value, what)
    if given < 0:
        raise ValueError(f"{what} is {given:g}; it should be 0 or later")
    return given


def span(landmark: float, horizon: float) -> tuple[float, float]:
    """A landmark, 0 or later, and the end of a horizon above 0 after it."""
    begin, length = moment(landmark, "landmark"), number(horizon, "horizon")
    if not length > 0:
        raise ValueError(f"horizon is {length:g}; it should be above 0")
    return begin, begin + length


def probabilities(values: ArrayLike, n_rows: int, what: str) -> Floats:
    """(n,) numbers from 0 to 1."""
    given = numbers(values, what)
    if given.shape != (n_rows,):
        raise ValueError(f"{what} has shape {given.shape}; it should be ({n_rows},)")
    outside = int(np.count_nonzero(~((given >= 0) & (given <= 1))))
    if outside:
        raise FitError(
            f"{outside} values are missing or lie outside 0 to 1", where=what, remedy="give each as a probability"
        )
    return given


def in_a_row(values: ArrayLike, what: str) -> Floats:
    """(k,) finite numbers; one alone is a row of one."""
    given = np.atleast_1d(finite(values, what))
    if given.ndim != 1:
        raise ValueError(f"{what} has {given.ndim} dimensions; it should have one")
    return given


def confidence(level: float) -> float:
    """A confidence level, between 0 and 1."""
    level = number(level, "level")
    if not 0 < level < 1:
        raise ValueError(f"the confidence level is {level}; it should lie between 0 and 1")
    return level


def checked_columns(x: ArrayLike, n_rows: int, names: Sequence[str] | None) -> tuple[Floats, tuple[str, ...]]:
    """Covariates as (n, p) and their names, by default a data frame's; refused where a value is missing or infinite."""
    columns = numbers(x, "x")
    if columns.ndim == 1:
        columns = columns[:, None]
    if columns.ndim != 2 or len(columns) != n_rows:
        raise ValueError(f"x has shape {columns.shape}; it should be ({n_rows}, p)")
    terms = term_names(x, columns.shape[1], names)
    with np.errstate(over="ignore", invalid="ignore"):
        doubtful = not np.isfinite(columns.sum())
    if doubtful:
        bad = [name for name, column in zip(terms, columns.T, strict=True) if not np.isfinite(column).all()]
        if bad:
            raise FitError("some values are missing or infinite", where=", ".join(bad), remedy="leave those rows out")
    for name, column in zip(terms, columns.T, strict=True):
        require_range(column, name)
    return columns, terms


def term_names(x: object, p: int, names: Sequence[str] | None, what: str = "x") -> tuple[str, ...]:
    """The names of p columns: those given, else those that a data frame or a column of one has, else ``x[0]``, ….

    Raises
    ------
    ValueError
        One text, not as many names as columns, one that is no text, or one that is given twice.
    """
    if isinstance(names, str | bytes):
        raise ValueError(f"names is one text; it should be a list of {p}, one for each column of {what}")
    if names is None:
        names = _names_within(x)
        return names if len(names) == p else tuple(f"{what}[{j}]" for j in range(p))
    terms = tuple(names) if isinstance(names, Iterable) else ()
    if len(terms) != p:
        raise ValueError(f"there are {len(terms)} names for {p} columns of {what}")
    refuse_no_texts(terms)
    require_once(terms)
    return tuple(str(name) for name in terms)


def refuse_no_texts(names: Sequence[object]) -> None:
    """Refuse names of which one is no text.

    Raises
    ------
    ValueError
        One is none.
    """
    wrong = next((i for i, name in enumerate(names) if not isinstance(name, str)), None)
    if wrong is not None:
        raise ValueError(f"names[{wrong}] is no text; it should be one, such as 'age'")


def require_once(names: Sequence[str]) -> None:
    """Refuse names of which one is given twice: which of the terms is meant by it could not be told.

    Raises
    ------
    ValueError
        One is.
    """
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise ValueError(f"the name {twice!r} is given twice; each should be one term's")


def _names_within(x: object) -> tuple[str, ...]:
    """What a frame calls its columns, and what a column is called; none of other arrays."""
    columns = getattr(x, "columns", None)
    names = (getattr(x, "name", None),) if columns is None else tuple(columns)
    return tuple(str(name) for name in names) if all(isinstance(name, str) for name in names) else ()


def require_range(values: Floats, what: str) -> None:
    """Refuse finite numbers whose squares a double does not hold, large or small."""
    largest = float(np.abs(values).max(initial=0.0))
    if largest > _FAR or 0 < largest < 1 / _FAR:
        raise FitError("the values are too large or too small to compute with", where=what, remedy="take another unit")


def checked_per_row(values: ArrayLike | None, n_rows: int, what: str) -> Floats | None:
    """(n,) finite numbers, or None; weights are positive too."""
    if values is None:
        return None
    given = numbers(values, what)
    if given.shape != (n_rows,):
        raise ValueError(f"{what} has shape {given.shape}; it should be ({n_rows},)")
    if not np.isfinite(given).all():
        raise FitError("some values are missing or infinite", where=what, remedy="leave those rows out")
    if what == "weights" and not np.all(given > 0):
        raise FitError("some weights are not positive", where=what, remedy="leave those rows out")
    require_range(given, what)
    return given


def label_codes(labels: ArrayLike, *, what: str) -> Integers:
    """Number the labels from 0; integers keep their order and may leave gaps.

    Labels of any type are accepted; those that cannot be sorted are numbered as they come.
    """
    values = label_array(labels, what)
    if values.ndim != 1:
        raise ValueError(f"{what} has {values.ndim} dimensions; it should have one")
    if values.size == 0:
        return np.zeros(0, np.int64)
    if values.dtype.kind in "iu":
        low, high = int(values.min()), int(values.max())
        if high - low < 2**61:
            wide = (
                values.astype(np.int64, copy=False)
                if values.dtype.kind == "i"
                else values.astype(np.uint64, copy=False)
            )
            return np.asarray(wide - wide.dtype.type(low), np.int64)
    if (values.dtype.kind in "fc" and np.isnan(values).any()) or (values.dtype.kind in "mM" and np.isnat(values).any()):
        raise FitError("some rows have no label", where=what, remedy="leave those rows out")
    if values.dtype.kind == "O":
        if any(is_missing(value) for value in values):
            raise FitError("some rows have no label", where=what, remedy="leave those rows out")
        number: dict[object, int] = {}
        try:
            return np.fromiter((number.setdefault(value, len(number)) for value in values), np.int64, values.size)
        except TypeError:
            raise ValueError(f"{what} holds what is no label, such as a list") from None
    return np.unique(values, return_inverse=True)[1].astype(np.int64, copy=False)


def label_array(labels: ArrayLike, what: str) -> NDArray[Any]:
    """The labels as an array that keeps each as it is.

    NumPy makes texts of all labels of a list in which one is a text, of a NaN too, and floats of whole numbers beside
    one: labels that differ may become one, and those that are missing a word.
    """
    given = _unmasked(labels)
    values = _as_array(given, what)
    if not isinstance(given, list | tuple) or values.ndim != 1 or values.dtype.kind not in "USf":
        return values
    made = zip(values.tolist(), given, strict=True)
    if any(type(now) is not type(label) and now != label for now, label in made):
        values = np.empty(len(given), object)
        values[:] = given
    return values


def grouped(labels: ArrayLike, n_rows: int, what: str = "group") -> tuple[NDArray[Any], Integers]:
    """(k,) the labels there are, sorted where they can be, and (n,) the number of each row's."""
    codes = dense_codes(labels, n_rows, what)
    some = np.unique(codes, return_index=True)[1]
    return label_array(labels, what)[some], codes


def dense_codes(labels: ArrayLike, n_rows: int, what: str) -> Integers:
    """(n,) labels of any type numbered 0, 1, … without gaps."""
    codes = np.unique(label_codes(labels, what=what), return_inverse=True)[1]
    if codes.shape != (n_rows,):
        raise ValueError(f"{what} has shape {codes.shape}; it should be ({n_rows},)")
    return np.asarray(codes, np.int64)
