"""One comparison, such as cases against population controls: its tables, figures and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from riskset.report import compared, formats, words
from riskset.report.catalogue import english_compared as english
from riskset.report.catalogue import english_lines as line_words
from riskset.report.catalogue.english_covariates import label_of_name
from riskset.report.catalogue.english_summary import EFFECT_UNKNOWN
from riskset.report.design_tables import table_audit, table_characteristics
from riskset.report.estimate_tables import (
    estimates_name,
    table_estimates,
    table_firth,
    table_published,
    table_subgroups,
)
from riskset.report.figures import Figure, slug
from riskset.report.forest import plot_estimates, plot_subgroups
from riskset.report.side_by_side import agreement
from riskset.report.truth import TruthSection, describe_truth
from riskset.report.view import Line, View, distinct, names_of, words_of
from riskset.results.comparisons import companions, controls_of
from riskset.results.released import Released
from riskset.results.set_vocabulary import Characteristic
from riskset.spec.modification import partings_in_words, subgroups_of
from riskset.spec.study import Study


@dataclass(frozen=True)
class Analysis:
    """The estimates of one analysis of a comparison, ready for the page; parts that there are not are empty."""

    key: str
    title: str
    models: Sequence[str]
    estimates: Markup
    multiplicity: str
    forests: Sequence[Figure]
    truth: TruthSection
    published: Markup
    parted: Sequence[str]
    subgroups: Markup
    subgroup_forests: Sequence[Figure]
    firth: Markup
    same_cases: Markup
    agreement: Sequence[str]


@dataclass(frozen=True)
class Comparison:
    """A comparison, ready for the page."""

    key: str
    title: str
    compared: str
    classes: Sequence[words.ClassSummary]
    asked: str
    adjusted_for: str
    estimand: str
    can_tell: str
    sizes: str
    audit: Markup
    characteristics: Markup
    analyses: Sequence[Analysis]

    @property
    def figures(self) -> list[Figure]:
        return [f for a in self.analyses for f in (*a.forests, *a.subgroup_forests)]


def characteristics_name(comparison: str) -> str:
    """The identifier of the table of a comparison's characteristics."""
    return f"characteristics-{slug(comparison)}"


def describe_comparison(released: Released, view: View, comparison: str, analyses: Sequence[str]) -> Comparison:
    """Everything the page shows of a comparison."""
    title, key = compared.comparison_title(released.study, comparison), slug(comparison)
    audit = [row for row in released.rows("audit") if row["comparison"] == comparison]
    described = [row for row in released.rows("table_one") if row["comparison"] == comparison]
    people = [row for row in described if row["about"] not in (Characteristic.SET_SIZE, Characteristic.RELATION)]
    return Comparison(
        key=key,
        title=title,
        compared=compared.what_was_compared(view, comparison),
        classes=words.summarise_classes(view, analyses[0], comparison) if analyses else (),
        asked=words.what_was_asked(view, analyses[0], comparison) if analyses else "",
        adjusted_for=_adjusted_for(view, analyses[0], comparison) if analyses else "",
        estimand=words.estimand_line(view, comparison),
        can_tell=compared.what_it_can_tell(view, comparison),
        sizes=" ".join(
            filter(None, (compared.set_sizes(described), compared.published_sizes(released.study, comparison)))
        ),
        audit=table_audit(audit, name=f"audit-{key}", part=title),
        characteristics=table_characteristics(
            released.study, people, name=characteristics_name(comparison), part=title
        ),
        analyses=[_analysis(view, analysis, comparison, title) for analysis in analyses],
    )


def _adjusted_for(view: View, analysis: str, comparison: str) -> str:
    sentences = (
        words.taken_into_account(view, analysis, comparison),
        words.who_is_in_the_models(view, analysis, comparison),
    )
    return " ".join(filter(None, sentences))


def _analysis(view: View, analysis: str, comparison: str, part: str) -> Analysis:
    lines, parted = view.main(analysis, comparison), view.subgroups(analysis, comparison)
    key = slug(f"{analysis} {comparison}")
    effects = _effects(lines or parted)
    tables, forests = [], []
    for name in names_of(lines):
        of_model = [x for x in lines if x.model_name == name]
        title, ending = (line_words.of_model(effects, words_of(name)), f"-{slug(name)}") if name else (effects, "")
        table = estimates_name(analysis, comparison, name)
        tables.append(table_estimates(view, of_model, name=table, caption=title, part=part))
        forests += plot_estimates(view, of_model, name=f"forest {key}{ending}", title=title)
    return Analysis(
        key=key,
        title=effects,
        models=words.explain_models(view, lines),
        estimates=Markup("").join(tables),
        multiplicity=words.multiplicity(lines),
        forests=forests,
        truth=describe_truth(view, lines, key=key, part=part),
        published=table_published(view, lines, name=f"published-{key}", part=part),
        parted=_parted(view.study, comparison),
        subgroups=table_subgroups(view, parted, lines, name=f"subgroups-{key}", part=part),
        subgroup_forests=plot_subgroups(view, parted, lines, name=f"subgroups {key}", title=english.SUBGROUPS),
        firth=table_firth(view, [*lines, *parted], name=f"firth-{key}", part=part),
        same_cases=_same_cases(view, analysis, comparison),
        agreement=agreement(view, analysis, comparison, words.headlines_of(view, analysis, comparison)),
    )


def _same_cases(view: View, analysis: str, comparison: str) -> Markup:
    """The estimates from unrelated controls of the cases who have such relatives."""
    controls = controls_of(view.study.controls, comparison)
    tables = []
    for base, label in companions(view.study.controls, controls) if controls else ():
        lines = view.main(analysis, label)
        for name in names_of(lines):
            of_model = [x for x in lines if x.model_name == name]
            unrelated, kin = (compared.comparison_words(view.study, one) for one in (base.comparison, comparison))
            caption = english.effects_against(_effects(of_model), unrelated)
            part = english.cases_with(kin, words_of(name))
            key = slug(f"{analysis} {label} {name}")
            tables.append(table_estimates(view, of_model, name=f"estimates-{key}", caption=caption, part=part))
    return Markup("").join(tables)


def _effects(lines: Sequence[Line]) -> str:
    return english.effects(distinct(formats.EFFECT_LONG.get(x["scale"], EFFECT_UNKNOWN) for x in lines))


def _parted(study: Study, comparison: str) -> tuple[str, ...]:
    """By whose value its subgroups are parted, the covariates by their names on the page."""
    return partings_in_words(
        study, subgroups_of(study), comparison=comparison, called=lambda name: label_of_name(study, name)
    )
