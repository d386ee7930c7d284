"""The forms that a model of the risk is fitted in: crude, adjusted, mutually adjusted, and on which rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from riskset.analysis.coding import Block, code_covariate, lag_only_rows, varies_within_sets
from riskset.analysis.frame import AnalysisFrame, Rows
from riskset.analysis.kin import code_always, stands_for
from riskset.analysis.recording import Fitting, Recorder, model_of
from riskset.results.vocabulary import DiagnosticCode, Estimator, Form
from riskset.spec.design import Controls
from riskset.spec.measures import Measure
from riskset.spec.models import ConditionalLogistic


def forms_of(
    model: ConditionalLogistic,
    frame: AnalysisFrame,
    controls: Controls | None,
    blocks: Mapping[str, Block],
    measures: Mapping[str, Measure],
    record: Recorder,
) -> Iterator[Fitting]:
    """Each class alone, crude and adjusted, then all classes together, as the model asks.

    Parameters
    ----------
    model, frame : what is asked, and of which sets
    controls : their kind; None for a companion's
    blocks, measures : by exposure
    record : is told which covariates are left out, and why

    Yields
    ------
    Forms whose rows have every covariate of theirs known; those excluded by the lag of an exposure are out of the forms
    that hold it.
    """
    coded, had = code_always(frame, controls)
    always = _varying_within([(block, had) for block in coded], frame, record)
    covariates, known = _covariates(model, frame, controls, record)
    covariates, known = [*always, *covariates], known & had
    nobody = np.zeros(len(known), dtype=bool)
    excluded = {
        name: lag_only_rows(frame, name, measure) if measure.excludes_lag_only else nobody
        for name, measure in measures.items()
    }
    base = model_of(model).but(estimator=Estimator.MAXIMUM_LIKELIHOOD)
    if "each" in model.classes:
        for name, block in blocks.items():
            kept, plain = ~excluded[name], bool(model.adjust)
            yield Fitting(base.but(form=Form.CRUDE), [block], always, kept & had, plain=plain, known=had)
            if model.adjust:
                yield Fitting(base.but(form=Form.ADJUSTED), [block], covariates, kept & known, known=known)
    if "together" in model.classes and len(blocks) > 1:
        none_excluded = ~np.logical_or.reduce(list(excluded.values()))
        everything = list(blocks.values())
        mutual = base.but(form=Form.MUTUALLY_ADJUSTED)
        yield Fitting(mutual, everything, covariates, none_excluded & known, known=known)


def _covariates(
    model: ConditionalLogistic, frame: AnalysisFrame, controls: Controls | None, record: Recorder
) -> tuple[list[Block], Rows]:
    """The covariates to adjust for that vary within sets, and the rows where all of them are known."""
    known = np.ones(len(frame.set_id), dtype=bool)
    coded = []
    for name in model.adjust:
        if name in stands_for(controls):
            record.diagnose(DiagnosticCode.COVARIATE_STANDS_ALREADY, covariate=name)
            continue
        block, has_value = code_covariate(frame, name, missing=model.missing)
        known &= has_value
        coded.append((block, has_value))
    return _varying_within(coded, frame, record), known


def _varying_within(coded: Sequence[tuple[Block, Rows]], frame: AnalysisFrame, record: Recorder) -> list[Block]:
    """Those of the blocks, each with the rows where it is known, that vary within sets."""
    blocks = []
    for block, has_value in coded:
        if varies_within_sets(block.columns[has_value], frame.set_id[has_value]).any():
            blocks.append(block)
        else:
            record.diagnose(DiagnosticCode.COVARIATE_CONSTANT, covariate=block.name)
    return blocks
