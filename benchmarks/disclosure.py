"""What the two methods of complementary withholding take and cost: ``python -m benchmarks.disclosure --tables 5``.

For two-dimensional tables of 63, 99 and 143 cells with margins, in the same run: the exact mixed-integer program, the
guided method that larger systems get, and withholding everything. Seconds are of the processor (a busy machine counts
for nothing) and hold the audit; the ratio is of what is withheld, guided to exact.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from riskset.disclosure import suppress
from riskset.disclosure.pattern import Pattern
from riskset.disclosure.policy import Policy
from riskset.disclosure.suppress import protect
from riskset.disclosure.system import Cell, Equation, System

POLICY = Policy("under 5")
SIZES = ((8, 6), (10, 8), (12, 10))


def make_table(rows: int, columns: int, seed: int) -> System:
    """A table of patients: many small counts, a few large (negative binomial, mean 12), with margins."""
    inner = np.random.default_rng(seed).negative_binomial(1.2, 1.2 / 13.2, (rows, columns))
    full = np.block([[inner, inner.sum(1, keepdims=True)], [inner.sum(0, keepdims=True), inner.sum()]])
    cells = tuple(
        Cell((str(i), str(j)), int(value), primary=POLICY.is_small(int(value)))
        for i, line in enumerate(full)
        for j, value in enumerate(line)
    )
    across = [{(str(i), str(j)): 1 if j < columns else -1 for j in range(columns + 1)} for i in range(rows + 1)]
    down = [{(str(i), str(j)): 1 if i < rows else -1 for i in range(rows + 1)} for j in range(columns + 1)]
    return System(cells, tuple(map(Equation, [*across, *down])))


def timed(work: Callable[[], Pattern]) -> tuple[Pattern, float]:
    """What it gives, and the seconds of the processor."""
    begin = time.process_time()
    pattern = work()
    assert pattern.is_safe
    return pattern, time.process_time() - begin


def guided(system: System) -> Pattern:
    """The method of larger systems, however small this is."""
    before, suppress.EXACT_CELLS = suppress.EXACT_CELLS, 0
    try:
        return protect(system, POLICY)
    finally:
        suppress.EXACT_CELLS = before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=5, help="of each size")
    asked = parser.parse_args()
    print("cells | small | withheld: exact, guided | ratio: mean, largest | seconds: exact, guided (longest)")
    for rows, columns in SIZES:
        lines = []
        for seed in range(asked.tables):
            system = make_table(rows, columns, seed)
            exact, exact_seconds = timed(lambda system=system: protect(system, POLICY))  # type: ignore[misc]
            near, near_seconds = timed(lambda system=system: guided(system))  # type: ignore[misc]
            small = sum(cell.primary for cell in system.cells)
            lines.append((small, len(exact.hidden), len(near.hidden), exact_seconds, near_seconds))
        small, best, near, exact_time, near_time = np.array(lines).T
        ratio = near / best
        print(
            f"{(rows + 1) * (columns + 1):5d} | {small.mean():5.1f} | {best.mean():.1f}, {near.mean():.1f} | "
            f"{ratio.mean():.3f}, {ratio.max():.3f} | {exact_time.mean():.2f}, {near_time.mean():.2f} "
            f"({exact_time.max():.2f}, {near_time.max():.2f})"
        )


if __name__ == "__main__":
    main()
