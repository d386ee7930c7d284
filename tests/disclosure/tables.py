"""Tables and projects of several releases, invented, as systems of numbers and sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from riskset.disclosure.policy import Policy
from riskset.disclosure.suppress import protect
from riskset.disclosure.system import Cell, Equation, Key, System


def total_of(total: str, *parts: str) -> Equation:
    """A total and its parts, each named by one word."""
    return Equation({**{(part,): 1 for part in parts}, (total,): -1})


def system_of(
    values: Mapping[str, int], policy: Policy, *equations: Equation, **changes: Mapping[str, object]
) -> System:
    """Cells of one word each; small ones are primary; `changes` are further fields of single cells."""
    cells = [Cell((name,), value, primary=policy.is_small(value)) for name, value in values.items()]
    return System(tuple(replace(cell, **changes.get(cell.key[0], {})) for cell in cells), equations)  # type: ignore[arg-type]


def table(counts: Sequence[Sequence[int]] | np.ndarray, policy: Policy) -> System:
    """A table of two dimensions with both margins and the total; `sum` is the name of a margin."""
    inner = np.asarray(counts)
    full = np.block([[inner, inner.sum(1, keepdims=True)], [inner.sum(0, keepdims=True), inner.sum()]])
    rows = [*map(str, range(len(inner))), "sum"]
    columns = [*map(str, range(inner.shape[1])), "sum"]
    cells = tuple(
        Cell((row, column), int(value), primary=policy.is_small(int(value)))
        for row, line in zip(rows, full, strict=True)
        for column, value in zip(columns, line, strict=True)
    )
    across = [{(row, column): 1 if column != "sum" else -1 for column in columns} for row in rows]
    down = [{(row, column): 1 if row != "sum" else -1 for row in rows} for column in columns]
    return System(cells, tuple(map(Equation, [*across, *down])))


def random_counts(rows: int, columns: int, seed: int, mean: float = 12) -> np.ndarray:
    """Counts as tables of patients have them: many small, a few large."""
    return np.random.default_rng(seed).negative_binomial(1.2, 1.2 / (1.2 + mean), (rows, columns))


@dataclass
class Project:
    """Releases of one study while its cohort grows, in the order in which they leave.

    Each release has some tables of the same persons: by region and sex, by region, by sex, by county (a second grouping
    of the regions, so that no table holds another) and the total. What follows from two releases, how many came in
    between, is a number, too, though it stands in no table; so are the regions by sex where they are not printed.
    """

    values: dict[Key, int]
    sums: list[Equation]
    printed: list[set[Key]]

    @staticmethod
    def random(seed: int, most_releases: int = 4) -> Project:
        random = np.random.default_rng(seed)
        regions, sexes = int(random.integers(2, 5)), 2
        county = random.integers(0, 2, regions)
        project = Project({}, [], [])
        before = np.zeros((regions, sexes), int)
        for time in map(str, range(int(random.integers(1, most_releases + 1)))):
            counts = before + random.negative_binomial(1, 1 / (1 + random.choice([4, 12])), before.shape)
            project._add_time(time, counts, before, county)
            project._print_some(time, random)
            before = counts
        return project

    def _add_time(self, time: str, counts: np.ndarray, before: np.ndarray, county: np.ndarray) -> None:
        cells = {(r, s): (time, f"region {r}", f"sex {s}") for r in range(len(counts)) for s in range(counts.shape[1])}
        for (r, s), key in cells.items():
            self.values[key] = int(counts[r, s])
            if time != "0":
                came, earlier = (f"came by {time}", *key[1:]), (str(int(time) - 1), *key[1:])
                self.values[came] = int(counts[r, s] - before[r, s])
                self.sums.append(Equation({came: 1, earlier: 1, key: -1}))
        groups = {f"region {r}": [cells[r, s] for s in range(counts.shape[1])] for r in range(len(counts))}
        groups |= {f"sex {s}": [cells[r, s] for r in range(len(counts))] for s in range(counts.shape[1])}
        for c in sorted(set(county.tolist())):
            groups[f"county {c}"] = [key for (r, _), key in cells.items() if county[r] == c]
        groups["all"] = list(cells.values())
        for name, members in groups.items():
            self.values[time, name] = sum(self.values[key] for key in members)
            self.sums.append(Equation({**dict.fromkeys(members, 1), (time, name): -1}))

    def _print_some(self, time: str, random: np.random.Generator) -> None:
        of_time = [key for key in self.values if key[0] == time]
        kinds = {" ".join(part.split()[0] for part in key[1:]) for key in of_time}
        chosen = {kind for kind in sorted(kinds) if random.random() < 0.6} | {"all"}
        self.printed.append({key for key in of_time if " ".join(part.split()[0] for part in key[1:]) in chosen})

    def released(self, policy: Policy) -> tuple[System, frozenset[Key]]:
        """Every release protected in its turn; the system in the end, and what stands in no file."""
        published: set[Key] = set()
        withheld: set[Key] = set()
        for number, printed in enumerate(self.printed):
            times = {str(time) for time in range(number + 1)}
            values = {key: value for key, value in self.values.items() if key[0].removeprefix("came by ") in times}
            cells = tuple(
                Cell(
                    key,
                    value,
                    primary=policy.is_small(value),
                    published=key in published,
                    stands_for=policy.readable(Cell(key, value)) if key in published else None,
                    hidden=key in withheld or key not in published | printed,
                )
                for key, value in values.items()
            )
            system = System(cells, tuple(e for e in self.sums if e.coefficients.keys() <= values.keys()))
            pattern = protect(system, policy)
            assert pattern.is_safe or not policy.complementary
            withheld |= printed & pattern.hidden.keys()
            published |= printed - pattern.hidden.keys()
        return system, frozenset(system.places.keys() - published)
