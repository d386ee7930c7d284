"""The models of a run with the numbers that are printed of them, as every script has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from riskset.precision import WRITTEN
from riskset.report.catalogue import ENGLISH
from riskset.report.catalogue import english_scripts as script_words
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.lines import words_of
from riskset.results.refitting import KEY, RefittedModel
from riskset.results.released import Released
from riskset.results.vocabulary import Contrast


@dataclass(frozen=True)
class StoredRatio:
    """A printed ratio.

    Attributes
    ----------
    column : of the model, whose coefficient it is
    label : what it is of
    value : its logarithm, as stored
    """

    column: str
    label: str
    value: float


@dataclass(frozen=True)
class ScriptModel:
    """A model with what is printed of it."""

    model: RefittedModel
    title: str
    ratios: tuple[StoredRatio, ...]


def models_of(released: Released) -> Iterator[ScriptModel]:
    """The models of which a ratio may be shown, in order."""
    rows = released.table("estimates").to_pylist()
    stored = {tuple(row[name] for name in KEY): row["estimate"] for row in rows}
    for model in released.refitting.printed_in(rows).models:
        ratios = tuple(
            StoredRatio(one.column, _label(one.facts()), float(f"{stored[one.key]:.{WRITTEN}g}"))
            for one in model.printed
        )
        yield ScriptModel(model, _title(model, model.printed[0].facts()), ratios)


def _title(model: RefittedModel, row: Mapping[str, str]) -> str:
    contrast = ENGLISH.contrasts[Contrast(row["contrast"])]
    parts = (
        ENGLISH.model(model.model),
        words_of(model.model.measure),
        words_of(model.model.model_name),
        contrast,
        model.model_id,
    )
    return script_words.title_of(row["comparison"], *dict.fromkeys(parts))


def _label(row: Mapping[str, str]) -> str:
    of = label_of_name(None, row["covariate"] or row["exposure"])
    parted = script_words.stratum_of(label_of_name(None, row["modifier"]), row["stratum"], row["against"])
    step = script_words.step_of(row["unit"]) if row["unit"] else ""
    return script_words.row_of(of, row["level"], parted, step)


def template(name: str) -> str:
    """The part of a script that is the same for all studies."""
    return files("riskset.report").joinpath("templates", name).read_text(encoding="utf-8")
