"""Elementary functions that give the same bits on every processor, with every version of NumPy and of the C library.

IEEE 754 fixes the last bit of ``+``, ``-``, ``*``, ``/`` and the square root. It does not fix that of ``exp``, ``log``
or a power, and nothing fixes the order in which a library adds: libraries differ there, and one library differs with
the processor's instruction sets. Where a comparison or a rounding makes a day or a dose of a number, a last bit is
another person's fact. So a nation uses these functions and no others. Each step is a NumPy operation of its own, which
no compiler can contract into a fused multiply-add.

The functions are accurate to 2 units in the last place or better; a power to 2 + 2 |exponent · log(base)|.
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_PIECE = 8192
"""Numbers worked on at once: few enough to stay in the processor's cache."""

_LN2_HIGH, _LN2_LOW = float.fromhex("0x1.62e42feep-1"), float.fromhex("0x1.a39ef35793c76p-33")
"""The logarithm of 2 in two parts, the first so short that its multiples up to 2048 are exact."""
_PER_LN2 = float.fromhex("0x1.71547652b82fep+0")
_EXP = tuple(1 / factorial(k) for k in range(2, 14))
"""Coefficients of (eʳ − 1 − r) / r²; the next one is below 2⁻⁵⁷ of the sum where |r| ≤ log(2) / 2."""
_LOG = tuple(2 / (2 * k + 1) for k in range(1, 12))
"""Coefficients of (log((1 + s) / (1 − s)) − 2s) / s³ in s²; enough where |s| ≤ 3 − √8."""


def exp(x: ArrayLike) -> Floats:
    """The exponential; 0 below −745 and infinite above 710."""
    return _by_pieces(_exp, x)


def log(x: ArrayLike) -> Floats:
    """The natural logarithm of finite numbers; −inf at 0 and NaN below."""
    return _by_pieces(_log, x)


def power(base: ArrayLike, exponent: float) -> Floats:
    """A positive power of numbers of at least 0, or any power of numbers above 0."""
    return exp(exponent * log(base))


def normal_quantile(p: ArrayLike) -> Floats:
    """The quantile of the standard normal distribution, ``0 < p < 1``: Wichura (1988), algorithm AS 241, PPND16."""
    return _by_pieces(_normal_quantile, p)


def interpolate(x: ArrayLike, points: ArrayLike, values: ArrayLike) -> Floats:
    """Linear interpolation between rising points; constant before the first and after the last."""
    at, of = np.asarray(points, np.float64), np.asarray(values, np.float64)
    within = np.clip(np.asarray(x, np.float64), at[0], at[-1])
    left = np.clip(np.searchsorted(at, within, side="right") - 1, 0, len(at) - 2)
    slope = np.diff(of) / np.diff(at)
    risen: Floats = slope[left] * (within - at[left])
    # the last value itself, not what rounding leaves of it
    return np.where(within == at[-1], of[-1], of[left] + risen)


def total(values: ArrayLike) -> Floats:
    """The sum over the first axis, one row after the other."""
    rows = np.asarray(values, np.float64)
    if not len(rows):
        return np.zeros(rows.shape[1:])
    last: Floats = np.add.accumulate(rows, axis=0)[-1]
    return last


def _by_pieces(function: Callable[[Floats], Floats], x: ArrayLike) -> Floats:
    values = np.asarray(x, np.float64)
    flat = values.ravel()
    result = np.empty(flat.shape)
    for start in range(0, len(flat), _PIECE):
        result[start : start + _PIECE] = function(flat[start : start + _PIECE])
    return result.reshape(values.shape)


def _polynomial(coefficients: tuple[float, ...], x: Floats) -> Floats:
    """Horner's form, the constant first."""
    value = np.full(x.shape, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        value *= x
        value += coefficient
    return value


def _exp(x: Floats) -> Floats:
    x = np.clip(x, -800.0, 800.0)
    twos = np.rint(x * _PER_LN2)
    r = (x - twos * _LN2_HIGH) - twos * _LN2_LOW
    value = _polynomial(_EXP, r)
    value *= r
    value *= r
    value += r
    value += 1.0
    with np.errstate(over="ignore", under="ignore"):
        scaled: Floats = np.ldexp(value, twos.astype(np.int32))
    return scaled


def _log(x: Floats) -> Floats:
    known = x > 0
    fraction, twos = np.frexp(np.where(known, x, 1.0))
    small = fraction < np.sqrt(0.5)
    fraction[small] *= 2.0
    twos = (twos - small).astype(np.float64)
    f = fraction - 1.0
    s = f / (2.0 + f)
    square = s * s
    # log(1 + f) = 2s + s·R = f − s·(f − R), in which an error of s weighs little
    rest = _polynomial(_LOG, square)
    rest *= square
    value: Floats = twos * _LN2_HIGH + (f - (s * (f - rest) - twos * _LN2_LOW))
    return np.where(known, value, np.where(x == 0, -np.inf, np.nan))


_MIDDLE = (
    (
        3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
        4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
    ),
    (
        1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
        2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
    ),
)  # fmt: skip
_SIDES = (
    (
        1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
        1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
    ),
    (
        1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
        1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
    ),
)  # fmt: skip
_ENDS = (
    (
        6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
    ),
    (
        1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
    ),
)  # fmt: skip
"""Numerators and denominators of AS 241: within 0.425 of a half, further out, and beyond e⁻²⁵ of an end."""


def _normal_quantile(p: Floats) -> Floats:
    q = p - 0.5
    value: Floats = q * _ratio(_MIDDLE, 0.180625 - q * q)
    outside = np.flatnonzero(np.abs(q) > 0.425)
    tail = np.minimum(p[outside], 1.0 - p[outside])
    r = np.sqrt(-_log(tail))
    size = np.where(r <= 5.0, _ratio(_SIDES, r - 1.6), _ratio(_ENDS, r - 5.0))
    value[outside] = np.copysign(size, q[outside])
    return value


def _ratio(of: tuple[tuple[float, ...], tuple[float, ...]], x: Floats) -> Floats:
    numerator, denominator = of
    return _polynomial(numerator, x) / _polynomial(denominator, x)
