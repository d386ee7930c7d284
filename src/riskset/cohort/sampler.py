"""Controls from the risk sets of the population: incidence-density sampling.

For a case with index date t, the risk set is everyone else with the same matching keys who is under observation on t,
is eligible on t by the rule that cases meet, and is free of the disease through t. A future case is a candidate until
its own date. Controls are a simple random sample without replacement from the risk set.

The sample is found by guessing: uniform positions of the frame, in a keyed order, of which those at risk are
accepted and the first ``ratio`` distinct persons kept. Who is short is given four times as many guesses, again and
again, until they would be as many as the spells to guess among: then the risk set is listed in full and put in keyed
order. Work grows with the cases, not with the population.

Source: Langholz and Goldstein (1996), Risk set sampling in epidemiologic cohort studies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from riskset.cohort.attrition import Attrition, criterion
from riskset.cohort.cases import CaseList
from riskset.cohort.hashing import DEGREE, Ints, coefficients, polynomial, scaled
from riskset.cohort.likeness import keys_of
from riskset.cohort.not_made import NotMade
from riskset.cohort.sampling_frame import ROWS_AT_ONCE, SamplingFrame, find_risk_sets
from riskset.microdata import Microdata
from riskset.registers.registers import Registers
from riskset.results.notes import NoteCode, note
from riskset.results.set_vocabulary import AttritionPart, AttritionRule, Unit
from riskset.spec.design import AtRisk, PopulationControls


@dataclass(frozen=True)
class MatchedSets(Microdata):
    """The matched sets of one comparison.

    Attributes
    ----------
    table
        ``comparison, set_id, person_id, case, index_date, relation`` and the matching keys, sorted by set, the case
        first, then ``person_id``. ``set_id`` is the case's ``case_id``. Every set has at least one control.
    attrition
        Rows of ``results.tables.ATTRITION``, in sets.
    frame_digest
        SHA-256 of the frame; the same seed draws the same controls from the same frame.
    """

    table: pa.Table
    attrition: pa.Table
    frame_digest: str


@dataclass(frozen=True)
class Draws(Microdata):
    """Controls as parallel arrays, sorted by case and then by the order of drawing.

    Attributes
    ----------
    case_id, person_id : int64 (n,), no pair twice
    """

    case_id: Ints
    person_id: Ints

    @classmethod
    def none(cls) -> Draws:
        """No controls."""
        return cls(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


def sample_population(
    registers: Registers, at_risk: AtRisk, controls: PopulationControls, cases: CaseList, *, seed: int
) -> MatchedSets:
    """Draw ``controls.ratio`` controls for each case from its risk set.

    A risk set with fewer members is taken whole; a case whose risk set is empty, or who has no known value of a
    matching key, has no set, and is counted. With ``replacement = false`` cases are served in order of ``case_id``
    (index date, then person), and a person who has served as a control is not drawn again.

    Raises
    ------
    DesignError
        Every risk set is empty, or the design asks for what cannot be done yet.
    SourceError
        A register or a matching key is not delivered.
    """
    risk_sets = find_risk_sets(registers, at_risk, controls, cases)
    try:
        draws = draw_controls(risk_sets, seed, controls)
    finally:
        risk_sets.drop()
    attrition = Attrition(AttritionPart.CONTROLS, Unit.SETS, AttritionRule.CASES, len(cases), controls.comparison)
    if controls.match:
        known = criterion(AttritionRule.KEYS_KNOWN, keys=controls.match)
        attrition.keep(known, len(risk_sets.case_id))
    attrition.keep(AttritionRule.ELIGIBLE_CONTROL, len(np.unique(draws.case_id)))
    if not attrition.remaining:
        raise NotMade(
            "every risk set is empty: no case has an eligible control",
            note(NoteCode.EMPTY_RISK_SETS),
            where="controls",
            remedy="match on fewer keys, or see whom the eligibility and free_of leave",
        )
    return MatchedSets(sets_of(cases, controls, draws), attrition.table(), risk_sets.digest)


def draw_controls(risk_sets: SamplingFrame, seed: int, controls: PopulationControls) -> Draws:
    """Draw controls from risk sets that have been found; another seed, another draw from the same frame."""
    label, ratio = controls.comparison, controls.ratio
    if not controls.replacement:
        return _draw_once(risk_sets, seed, label, ratio)
    left, done, number = risk_sets.case_id, Draws.none(), _probes(ratio)
    while len(left):
        # Who is still short is drawn for anew, with more probes or from the whole risk set, so that the draw does not
        # depend on how it was found.
        room = risk_sets.room[np.searchsorted(risk_sets.case_id, left)]
        listed = left[room <= number]
        probed = np.setdiff1d(left, listed)
        drawn = _by_probing(risk_sets, probed, range(number), seed, label)
        left, number = _short(probed, drawn, ratio), 4 * number
        done = _joined(done, _by_listing(risk_sets, listed, seed, label, ratio), _without(drawn, left))
    return _first(done, ratio)


def _probes(ratio: int) -> int:
    """How many probes a case begins with; nine in ten hit where frames are as in a nation."""
    return -(-14 * ratio // 5)


def _by_probing(risk_sets: SamplingFrame, cases: Ints, numbers: range, seed: int, label: str) -> Draws:
    """Distinct members of the risk sets in the order in which probes hit them."""
    keys = np.array([coefficients(seed, f"{label} probe", j) for j in numbers]).T[:, :, None]
    members = []
    step = max(1, ROWS_AT_ONCE // len(numbers))
    for chunk in (cases[i : i + step] for i in range(0, len(cases), step)):
        place = np.searchsorted(risk_sets.case_id, chunk)
        probe = scaled(polynomial(keys, chunk[None, :]), risk_sets.room[place])
        case_id = np.broadcast_to(chunk, probe.shape).ravel()
        number = np.repeat(np.arange(len(numbers), dtype=np.int64), len(chunk))
        hits = risk_sets.at(case_id, number, probe.ravel())
        members.append(_in_order(*(hits[c].to_numpy() for c in ("case_id", "person_id", "number"))))
    return _joined(*members)


def _by_listing(risk_sets: SamplingFrame, cases: Ints, seed: int, label: str, ratio: int | None) -> Draws:
    """Members of the risk sets in keyed order: the first ``ratio``, or all of them."""
    members = []
    for listed in risk_sets.everyone(cases):
        case_id, person_id = listed["case_id"].to_numpy(), listed["person_id"].to_numpy()
        present, place = np.unique(case_id, return_inverse=True)
        keys = (
            np.array([coefficients(seed, f"{label} order", int(c)) for c in present])
            .reshape(len(present), DEGREE + 1)
            .T
        )
        draws = _in_order(case_id, person_id, polynomial(keys[:, place], person_id))
        members.append(draws if ratio is None else _first(draws, ratio))
    return _joined(*members)


def _draw_once(risk_sets: SamplingFrame, seed: int, label: str, ratio: int) -> Draws:
    """Serve the cases in order, each person at most once.

    A case that is left short has more probes, or its risk set is listed, after which later cases may be short in turn;
    the rounds end when none is that has not been listed.
    """
    left, number = risk_sets.case_id, _probes(ratio)
    orders, listed = Draws.none(), left[:0]
    while True:
        room = risk_sets.room[np.searchsorted(risk_sets.case_id, left)]
        thin = left[room <= number]
        probed = _by_probing(risk_sets, np.setdiff1d(left, thin), range(number), seed, label)
        orders = _joined(_without(orders, left), probed, _by_listing(risk_sets, thin, seed, label, None))
        listed, number = np.union1d(listed, thin), 4 * number
        served = _serve(orders, ratio)
        left = np.setdiff1d(_short(risk_sets.case_id, served, ratio), listed)
        if not len(left):
            return served


def _serve(orders: Draws, ratio: int) -> Draws:
    kept, used, served = [], set(), 0
    previous = None
    for i, (case, person) in enumerate(zip(orders.case_id.tolist(), orders.person_id.tolist(), strict=True)):
        if case != previous:
            previous, served = case, 0
        if served < ratio and person not in used:
            used.add(person)
            kept.append(i)
            served += 1
    return Draws(orders.case_id[kept], orders.person_id[kept])


def _in_order(case_id: Ints, person_id: Ints, order: Ints) -> Draws:
    """Sort by case and order, keeping the first of a person who comes twice for one case."""
    rows = np.lexsort((order, person_id, case_id))
    again = np.zeros(len(rows), dtype=bool)
    again[1:] = (np.diff(case_id[rows]) == 0) & (np.diff(person_id[rows]) == 0)
    rows = rows[~again]
    rows = rows[np.lexsort((person_id[rows], order[rows], case_id[rows]))]
    return Draws(case_id[rows], person_id[rows])


def _first(draws: Draws, ratio: int) -> Draws:
    """The first ``ratio`` of each case."""
    _, begins, counts = np.unique(draws.case_id, return_index=True, return_counts=True)
    rank = np.arange(len(draws.case_id)) - np.repeat(begins, counts)
    return Draws(draws.case_id[rank < ratio], draws.person_id[rank < ratio])


def _short(cases: Ints, draws: Draws, ratio: int) -> Ints:
    """Which of the cases have fewer than ``ratio``."""
    served, counts = np.unique(draws.case_id, return_counts=True)
    return np.setdiff1d(cases, served[counts >= ratio])


def _without(draws: Draws, cases: Ints) -> Draws:
    keep = ~np.isin(draws.case_id, cases)
    return Draws(draws.case_id[keep], draws.person_id[keep])


def _joined(*parts: Draws) -> Draws:
    """Draws of different cases, together."""
    case_id = np.concatenate([p.case_id for p in (Draws.none(), *parts)])
    person_id = np.concatenate([p.person_id for p in (Draws.none(), *parts)])
    order = np.argsort(case_id, kind="stable")
    return Draws(case_id[order], person_id[order])


def sets_of(cases: CaseList, controls: PopulationControls, draws: Draws) -> pa.Table:
    """The matched sets, the case first in each."""
    with_controls = np.unique(draws.case_id)
    set_id = np.concatenate([with_controls, draws.case_id])
    is_case = np.arange(len(set_id)) < len(with_controls)
    place = np.searchsorted(cases.table["case_id"].to_numpy(), set_id)
    person_id = np.where(
        is_case, cases.table["person_id"].to_numpy()[place], np.concatenate([with_controls, draws.person_id])
    )
    order = np.lexsort((person_id, ~is_case, set_id))
    of_case = cases.table.take(pa.array(place[order]))
    is_case = is_case[order]
    columns = {
        "comparison": pa.array([controls.comparison] * len(order), pa.string()),
        "set_id": pa.array(set_id[order]),
        "person_id": pa.array(person_id[order]),
        "case": pa.array(is_case),
        "index_date": of_case["index_date"].combine_chunks(),
        "relation": pa.array(np.where(is_case, "case", controls.comparison), pa.string()),
    }
    keys = keys_of(cases, controls).take(pa.array(place[order]))
    return pa.table(columns | {key: keys[key].combine_chunks() for key in keys.column_names})
