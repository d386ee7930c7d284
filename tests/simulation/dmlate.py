"""Real people: death in Danish diabetics, insulin before the index date, sampled again and again.

The sampled odds ratio estimates the calendar-time hazard ratio stratified on sex and birth year. Epi's own count leaves
out four people who died on the day of their diagnosis; here they are at risk on that day and cases of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from riskset.analysis.coding import code_exposure
from riskset.analysis.frame import AnalysisFrame
from riskset.cohort.cases import CaseList, find_cases
from riskset.cohort.sampler import Draws, draw_controls, sets_of
from riskset.cohort.sampling_frame import SamplingFrame, find_risk_sets
from riskset.exposure.windows import anchors_of, measure_exposures
from riskset.registers.delivered.source import Sources
from riskset.registers.engine import Engine
from riskset.registers.ingest import import_registers
from riskset.registers.registers import Registers
from riskset.spec import PopulationControls, Study
from riskset.stats import ClogitFit, fit_clogit
from tests.outside import DMLATE, deliver_dmlate

COX_OF_EVERYONE = 0.72122
"""log hazard ratio by stratified Cox, Breslow ties; SE 0.05482 (dmlate_cox.R, R 4.2.2, survival 3.5-3)."""
COX_WITHOUT_THE_FOUR, WHOLE_RISK_SET_WITHOUT_THE_FOUR = 0.7228, 0.7234
"""The same by others, without the four, and from all members of every risk set."""


@dataclass(frozen=True)
class Sampling:
    """The example's cases and risk sets, found once."""

    engine: Engine
    registers: Registers
    study: Study
    controls: PopulationControls
    cases: CaseList
    risk_sets: SamplingFrame

    def draw(self, seed: int) -> pa.Table:
        """Matched sets of one draw."""
        return sets_of(self.cases, self.controls, draw_controls(self.risk_sets, seed, self.controls))

    def everyone(self) -> pa.Table:
        """Each case with all members of its risk set."""
        listed = pa.concat_tables(list(self.risk_sets.everyone(self.risk_sets.case_id)))
        listed = listed.sort_by([("case_id", "ascending"), ("person_id", "ascending")])
        draws = Draws(listed["case_id"].to_numpy(), listed["person_id"].to_numpy())
        return sets_of(self.cases, self.controls, draws)

    def fit(self, drawn: Sequence[pa.Table]) -> ClogitFit:
        """The effect of insulin in several draws stacked, each set a stratum of its own."""
        anchors = anchors_of(pa.concat_tables(drawn))
        measured = measure_exposures(self.registers, anchors, self.study.exposures)
        exposure = self.study.exposures[0]
        x, case, set_id = [], [], []
        for number, sets in enumerate(drawn):
            anchored = sets.append_column("anchor_date", sets["index_date"])
            frame = AnalysisFrame(anchored, measured.terms, measured.values, anchors)
            x.append(code_exposure(frame, exposure.name, exposure.measures[0]).columns)
            case.append(frame.case)
            set_id.append(frame.set_id + (number << 20))
        return fit_clogit(np.vstack(x), np.concatenate(case), np.concatenate(set_id))


@contextmanager
def open_sampling(folder: Path) -> Iterator[Sampling]:
    """Import DMlate within ``folder`` and find cases and risk sets."""
    study = Study.load(DMLATE / "study.toml")
    controls = study.controls[0]
    assert isinstance(controls, PopulationControls)
    with Engine() as engine:
        registers = import_registers(
            Sources.load(deliver_dmlate(folder / "delivered")), folder / "store", engine=engine
        )
        cases = find_cases(registers, study.case_definition)
        yield Sampling(
            engine, registers, study, controls, cases, find_risk_sets(registers, study.at_risk, controls, cases)
        )
