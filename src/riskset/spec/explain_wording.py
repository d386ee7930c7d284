"""What the report calls the things of a study, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from riskset.spec import words
from riskset.spec.leaves import leaves
from riskset.spec.study import Study
from riskset.spec.wording import heading_of, label_of, lay_of, lay_outcome_of, outcome_of, subtitle_of


def words_in_words(study: Study) -> tuple[str, ...]:
    """The study's own words with those that stand for words it leaves out; nothing where it has none."""
    has_words = any(leaf.is_wording and not leaf.is_default for leaf in leaves(study))
    return tuple(_words(study)) if has_words else ()


def _words(study: Study) -> Iterator[str]:
    yield "Words for readers, on which no number depends:"
    yield f"- title: {heading_of(study)}"
    yield f"- subtitle: {subtitle_of(study)}"
    yield f"- what the cases have: {_for_both(outcome_of(study), lay_outcome_of(study))}"
    for exposure in study.exposures:
        yield f"- {exposure.name}: {_for_both(label_of(exposure), lay_of(exposure))}"
    for covariate in study.covariates:
        if covariate.label:
            yield f"- {covariate.name}: {covariate.label}"
    if study.prognosis and study.prognosis.marker_label:
        yield f"- {study.prognosis.marker}: {study.prognosis.marker_label}"
    yield f"- style of numbers: {words.per_cent(study.conf_level, study.number_style)} CI"
    if study.policy:
        yield f"- policy by which results leave: {study.policy}"
    for name, values in study.values.items():
        shown = words.both([f"{value!r} as {text}" for value, text in values.items()]) if values else "as delivered"
        yield f"- {words.plain(name)}: {shown}"


def _for_both(label: str, lay: str) -> str:
    return label if lay == label else f"{label}; for the public: {lay}"
