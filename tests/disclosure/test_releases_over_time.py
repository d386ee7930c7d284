"""An attacker who has all releases of a project narrows no small number of any, nor of those who came between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from riskset.disclosure.door import clear
from riskset.disclosure.policy import Policy
from tests.disclosure.kinds_of_patients import KINDS as PATIENTS
from tests.disclosure.kinds_of_patients import patients_of
from tests.disclosure.kinds_of_sets import COMPARISONS, UNKNOWN, Kind, Person, kinds_of, sets_of
from tests.disclosure.releases_over_time import Left, Project, Release
from tests.disclosure.test_kinds_of_patients import left as left_of_patients
from tests.disclosure.test_kinds_of_patients import points
from tests.disclosure.test_kinds_of_sets import left as left_of_sets

POLICY = Policy("under 5")
ALONE = Policy("small counts alone", complementary=False)

Seen = Callable[[Person], Person]
"""How a description sees a person."""


def window(recent: str, between: str) -> Seen:
    """Use in years of which another window takes some for another level."""
    levels = {"recent": recent, "between": between}
    return lambda person: person._replace(use=levels.get(person.use, person.use))


def cut(at: int) -> Seen:
    """Strata by age, which stands in the place of sex."""
    return lambda person: person._replace(sex=f"<{at}" if int(person.sex) < at else f"≥{at}")


def same(person: Person) -> Person:
    return person


def alike(kinds: Sequence[Kind]) -> list[Kind]:
    """Sets whose members are alike in what stands in the place of sex."""
    return [kind for kind in kinds if len({one.sex for one in (kind.case, *kind.controls, *kind.siblings)}) == 1]


def alone(kinds: Sequence[Kind]) -> list[Kind]:
    """Sets without siblings."""
    return [kind for kind in kinds if not kind.siblings]


PLACES: Mapping[str, tuple[Sequence[Kind], Sequence[Seen]]] = {
    "two comparisons": (kinds_of(("never", "ever"), ("low",), ("female",)), (same,)),
    "levels": (alone(kinds_of(("never", "lag only", "ever"), ("low",), ("female",))), (same,)),
    "a covariate": (alone(kinds_of(("never", "ever"), ("low", UNKNOWN), ("female",))), (same,)),
    "strata": (alone(kinds_of(("never", "ever"), ("low",), ("female", "male"))), (same,)),
    "windows": (
        alone(kinds_of(("never", "recent", "between", "ever"), ("low",), ("female",))),
        (window("lag only", "ever"), window("lag only", "lag only")),
    ),
    "cuts": (alike(alone(kinds_of(("never", "ever"), ("low",), ("60", "65", "70")))), (cut(65), cut(66))),
}


def seen(kind: Kind, by: Seen) -> Kind:
    case, controls, siblings = kind
    return Kind(by(case), tuple(map(by, controls)), tuple(map(by, siblings)))


def drawn(place: str, seed: int) -> Project:
    """Two to four releases of up to four blocks, each block of a few sets or of dozens."""
    kinds, seers = PLACES[place]
    rng = np.random.default_rng(seed)
    n_releases = int(rng.integers(2, 5))
    common = rng.dirichlet(np.full(len(kinds), rng.choice((0.05, 0.2))))
    sizes = [rng.integers(8, 120), *(rng.integers(1, rng.choice((4, 12, 60)) + 1) for _ in range(n_releases - 1))]
    many = np.array([rng.multinomial(size, common) for size in sizes])
    releases = []
    for n in range(n_releases):
        blocks = of_release(n, n_releases, seed)
        study = int(rng.integers(len(seers)))
        kinds_seen = [seen(kind, seers[study]) for kind in kinds]
        comparisons = COMPARISONS if any(kind.siblings for kind in kinds) else COMPARISONS[:1]
        sets = sets_of(kinds_seen, many[sorted(blocks)].sum(axis=0), comparisons)
        releases.append(Release(blocks, sets.released, sets.sums).of_study(study, n))
    return Project(many, releases)


def of_release(n: int, of: int, seed: int) -> frozenset[int]:
    """Of whom a release is: data grow; or fewer and fewer are asked for; or some come and others go."""
    blocks = set(range(n + 1)) if seed % 3 == 0 else set(range(of - n)) if seed % 3 == 1 else {0, *range(n, of, 2)}
    return frozenset(blocks)


def drawn_patients(seed: int) -> Project:
    """Patients who were followed, in two or three releases."""
    rng = np.random.default_rng(seed)
    n_releases = int(rng.integers(2, 4))
    common = rng.dirichlet(np.full(len(PATIENTS), rng.choice((0.05, 0.2, 1.0))))
    sizes = [rng.integers(40, 400), *(rng.integers(1, rng.choice((4, 12, 60, 200)) + 1) for _ in range(n_releases - 1))]
    many = np.array([rng.multinomial(size, common) for size in sizes])
    releases = []
    for n in range(n_releases):
        blocks = of_release(n, n_releases, seed)
        patients = patients_of(many[sorted(blocks)].sum(axis=0))
        release = Release(blocks, patients.released, patients.sums, frozenset(points(patients)))
        releases.append(release.of_study(0, n))
    return Project(many, releases)


def drawn_number(seed: int) -> tuple[Project, Left]:
    """A project of sets of each place in turn, or of patients, with how to read what leaves."""
    places = [*PLACES, PATIENTS]
    place = places[seed % len(places)]
    if isinstance(place, str):
        return drawn(place, seed // len(places)), left_of_sets
    return drawn_patients(seed // len(places)), left_of_patients


BOUNDED = (158, 254)
"""Projects with few pairs that came by another window, and with few of a model's own people."""


def assert_withstands(seed: int) -> None:
    project, left = drawn_number(seed)
    assert project.narrowed(project.leave(POLICY), POLICY, left) == []


@pytest.mark.parametrize("seed", [*range(7, 14), *BOUNDED])
def test_no_small_number_follows_from_all_releases_of_a_project(seed: int) -> None:
    assert_withstands(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(500))
def test_five_hundred_projects_released_over_time(seed: int) -> None:
    assert_withstands(seed)


def test_the_same_attacker_breaks_what_withholds_small_counts_alone() -> None:
    project, left = drawn_number(9)
    assert project.narrowed(project.leave(ALONE), POLICY, left)


def test_the_same_attacker_breaks_releases_that_do_not_know_of_each_other() -> None:
    project, left = drawn_number(9)
    apart = [clear(release.released, POLICY).released for release in project.releases]
    assert project.narrowed(apart, POLICY, left)
