"""Matched sets drawn from a conditional logistic model, for tests."""

from __future__ import annotations

import numpy as np


def draw_sets(
    n_sets: int, size: int, beta: list[float], *, n_cases: int = 1, seed: int = 1, share: float = 0.4
) -> dict[str, np.ndarray]:
    """Sets whose cases are drawn with odds exp(xβ); every second column is binary with the given share.

    Adding Gumbel noise and taking the largest draws a single case exactly; several cases only nearly so.
    """
    rng = np.random.default_rng(seed)
    n, p = n_sets * size, len(beta)
    x = rng.normal(size=(n, p))
    x[:, ::2] = rng.random((n, (p + 1) // 2)) < share
    rank = (x @ np.array(beta) + rng.gumbel(size=n)).reshape(n_sets, size).argsort(axis=1).argsort(axis=1)
    return {"x": x, "case": (rank >= size - n_cases).ravel(), "set_id": np.repeat(np.arange(n_sets), size)}
