"""No fact about a person hangs on the last bit of a library's function, nor on how it orders what is equal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.exact import inexact

SOURCE = Path(__file__).parents[2] / "src" / "riskset"
ROOMS = ("nation", "cohort", "exposure", "registers")
MODULES = [
    SOURCE / "calendar.py",
    SOURCE / "lookup.py",
    *(path for room in ROOMS for path in sorted((SOURCE / room).rglob("*.py"))),
]

COUNTS = "sums of whole numbers"
ESTIMATE = "shares, rates and medians that describe; no person, set or level hangs on them"
TEXT = "the method of a text"
DECIDES_NOTHING = "what it computes is printed or stored rounded, and makes no fact"
DISTINCT = "the keys are distinct, and a stable sort of all dispensings takes several times as long"

ALLOWED: dict[str, dict[str, str]] = {
    "nation/arithmetic.py": {"math": "factorials of whole numbers"},
    "nation/calibration.py": dict.fromkeys(("sum", "**", "std", "average", "mean", "median"), DECIDES_NOTHING),
    "nation/confounders.py": {"sum": COUNTS},
    "nation/families.py": {"sum": COUNTS},
    "nation/pseudo_true.py": dict.fromkeys(("reduceat", "prod", "@", "exp", "linalg", "sum"), DECIDES_NOTHING),
    "nation/people.py": {"sum": COUNTS},
    "nation/progression.py": {"sum": COUNTS, "median": "a field of the settings"},
    "nation/sibships.py": {"sum": COUNTS},
    "nation/streams.py": {"prod": "the number of numbers asked for"},
    "cohort/audit/checks.py": {"sum": COUNTS},
    "cohort/audit/matched_sets.py": {"reduceat": "smallest and largest"},
    "cohort/followup.py": {"sum": COUNTS, "median": ESTIMATE},
    "cohort/sampling_frame.py": {"sum": COUNTS},
    "cohort/incidence.py": {"sum": ESTIMATE},
    "cohort/population.py": {"sum": COUNTS},
    "cohort/relatives.py": {"sum": COUNTS},
    "cohort/sampler.py": {"polynomial": "of whole numbers, modulo a prime"},
    "cohort/scores.py": {"sum": COUNTS},
    "cohort/sets.py": {"sum": COUNTS},
    "exposure/diagnostics.py": {"sum": COUNTS, "mean": ESTIMATE},
    "exposure/dispensings.py": {"sum": COUNTS},
    "exposure/history.py": {"argsort": DISTINCT},
    "exposure/shortest.py": {"median": ESTIMATE},
    "exposure/splitting.py": {"sum": COUNTS},
    "registers/checks/amounts.py": {"sum": COUNTS},
    "registers/checks/checked.py": {"sum": COUNTS},
    "registers/checks/checking.py": {"sum": COUNTS},
    "registers/checks/lost_lines.py": {"sum": COUNTS},
    "registers/checks/relations.py": {"sum": COUNTS},
    "registers/checks/spell_ends.py": {"sum": COUNTS},
    "registers/checks/whole_sets.py": {"sum": COUNTS},
    "registers/checks/date_ways.py": {"sum": COUNTS},
    "registers/checks/misread_dates.py": {"sum": COUNTS},
    "registers/delivered/column_map.py": {"partition": TEXT, "math": "whether a constant is a number"},
    "registers/delivered/date_formats.py": {"sum": COUNTS},
    "registers/delivered/delivered_types.py": {"sum": COUNTS},
    "registers/delivered/encoding.py": {"sum": COUNTS},
    "registers/delivered/no_text.py": {"sum": COUNTS},
    "registers/delivered/signs.py": {"sum": COUNTS},
    "registers/documentation.py": {"partition": TEXT},
    "registers/engines/postgres.py": {"**": "keyword arguments or whole numbers"},
    "registers/engines/spark.py": {"**": "keyword arguments or whole numbers", "sum": COUNTS},
    "registers/observation.py": {"sum": COUNTS},
    "registers/held.py": {"sum": COUNTS},
    "registers/checks/older_codes.py": {"sum": COUNTS},
    "registers/delivered/reading.py": {"sum": COUNTS, "partition": TEXT},
    "registers/checks/days_shared.py": {
        "sum": COUNTS,
        "statistics": "the lower of two middle counts",
        "**": DECIDES_NOTHING,
    },
    "registers/checks/remarks.py": {
        "sum": COUNTS,
        "statistics": "the lower of two middle counts",
        "**": DECIDES_NOTHING,
    },
    "registers/delivered/whole.py": {"sum": COUNTS},
}
"""By module, what is let pass there and why. A new entry needs a reason that a reader believes."""


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_facts_come_from_exact_arithmetic(module: Path) -> None:
    allowed = ALLOWED.get(module.relative_to(SOURCE).as_posix(), {})
    found = [(line, name) for line, name in inexact(module.read_text(encoding="utf-8")) if name not in allowed]
    assert not found, "use riskset.nation.arithmetic, whole numbers, or kind='stable'"


@pytest.mark.parametrize(
    "line",
    [
        "np.exp(x)",
        "np.log1p(x)",
        "x ** 0.7",
        "x**y",
        "a @ b",
        "x @= y",
        "x **= 2",
        "values.mean()",
        "np.interp(x, a, b)",
        "np.linalg.cholesky(a)",
        "np.argsort(x)",
        "x.argsort()",
        "np.argsort(x, kind='quicksort')",
        "sum(weights)",
        "np.random.default_rng(1)",
        "generator.poisson(2)",
        "numbers.standard_normal(3)",
        "import math",
        "from math import exp",
        "from scipy import stats",
        "from scipy.special import ndtri",
        "rates.map(np.exp)",
        "exp(x)",
    ],
)
def test_what_is_not_exact_is_seen(line: str) -> None:
    assert list(inexact(line))


@pytest.mark.parametrize(
    "line",
    [
        "from riskset.nation.arithmetic import exp\nexp(x)",
        "rng.poisson(2.0, 3)",
        "stream(1, 'a', 2).standard_normal(3)",
        "np.argsort(x, kind='stable')",
        "2**31 + 10**7",
        "np.sqrt(x) + x / y",
        "np.cumsum(x)",
    ],
)
def test_what_is_exact_passes(line: str) -> None:
    assert not list(inexact(line))


def test_no_exception_is_left_over() -> None:
    for name, allowed in ALLOWED.items():
        assert set(allowed) <= {what for _, what in inexact((SOURCE / name).read_text(encoding="utf-8"))}, name
