"""What a language has to word."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from riskset.report.catalogue.clause import AuditWords, Clause, DiagnosticWords, Remedy, worded
from riskset.results.notes import Arguments, Note, NoteCode, read_notes
from riskset.results.planted_prognosis import CASES
from riskset.results.quality_vocabulary import QualityAction, QualityRule
from riskset.results.row_cells import AttritionCells, AuditCells, DiagnosticCells
from riskset.results.rows import Failure, QualityRow
from riskset.results.set_vocabulary import AttritionPart, AttritionRule, AuditCheck, Unit, Verdict
from riskset.results.vocabulary import (
    Association,
    Contrast,
    DiagnosticCode,
    Estimand,
    Family,
    FirthReason,
    Form,
    Model,
    Pace,
    Sensitivity,
    TruthKind,
    Who,
)
from riskset.spec.study import Study


@dataclass(frozen=True)
class Catalogue:
    """A language: words for every value of the vocabulary.

    Attributes
    ----------
    families, forms : kinds of models, and what stands in them
    sensitivities : what sets a model apart from the main one
    associations, features : what of the marker the hazard of a joint model depends on, in a model's name and in a
        sentence
    paces : how an invented patient declines
    notes : what is said of a number, a clause without a capital and a full stop
    diagnostics : names of diagnostics and what all of a kind say
    tests : what was tested, where a diagnostic is a p-value
    contrasts : what a fit compares, after the name of a diagnostic on it
    estimands, firth_reasons, truths : what an odds ratio estimates, why Firth's is given, kinds of truth
    parts, rules, units : attrition; in a part ``{comparison}`` is the label of the controls
    checks, verdicts : of the audit
    quality_rules, quality_actions : what delivered rows were held to or noticed for, and what became of them
    remedies : what may be done about what was noticed
    people : who is counted
    events : an event after diagnosis, by its name
    as_sensitivity : a model that is a sensitivity, by what sets it apart
    failed_part, failed_model : what could not be made, and a model that could not be fitted as asked, with the reason
    remarked : what was noticed of delivered rows, how many, what became of them, and what may be done
    stratum : a subgroup behind the name of a diagnostic
    silent_tables : a sentence on tables whose last rows lie more than so many days before the end of the study
    named : what a study defines or is built in, by its name, in words; without a study what is built in
    """

    families: Mapping[Family, str]
    forms: Mapping[Form, str]
    sensitivities: Mapping[Sensitivity, str]
    associations: Mapping[Association, str]
    features: Mapping[Association, str]
    paces: Mapping[Pace, str]
    notes: Mapping[NoteCode, Clause]
    diagnostics: Mapping[DiagnosticCode, DiagnosticWords]
    tests: Mapping[DiagnosticCode, Clause]
    contrasts: Mapping[Contrast, str]
    estimands: Mapping[Estimand, Clause]
    firth_reasons: Mapping[FirthReason, str]
    truths: Mapping[TruthKind, str]
    parts: Mapping[AttritionPart, str]
    rules: Mapping[AttritionRule, Clause]
    units: Mapping[Unit, str]
    checks: Mapping[AuditCheck, AuditWords]
    verdicts: Mapping[Verdict, str]
    quality_rules: Mapping[QualityRule, Clause]
    quality_actions: Mapping[QualityAction, str]
    remedies: Mapping[QualityRule, Remedy]
    people: Mapping[Who, str]
    events: Callable[[str], str]
    as_sensitivity: Callable[[str], str]
    failed_part: Callable[[str, str], str]
    failed_model: Callable[[str, str, str, Sequence[str], str], str]
    remarked: Callable[[QualityRow, str, str, str], str]
    stratum: Callable[[str, str], str]
    silent_tables: Callable[[Sequence[str], int], str]
    named: Callable[[str, Study | None], str]

    def note(self, note: Note, study: Study | None = None) -> str:
        """A note as a clause."""
        return worded(self.notes[note.code], self._with_names(note.arguments, study))

    def clauses(self, notes: Iterable[Note], study: Study | None = None) -> tuple[str, ...]:
        """Notes as clauses, each once; that one is withheld, its table says of all."""
        return tuple(dict.fromkeys(self.note(one, study) for one in notes if one.code is not NoteCode.WITHHELD))

    def _with_names(self, arguments: Arguments, study: Study | None) -> Arguments:
        """The arguments with what has a name in its words."""
        return arguments.but(
            **{name: self.named(str(arguments[name]), study) for name in _OF_NAMES if name in arguments}
        )

    def part(self, row: AttritionCells) -> str:
        """Whom a row of attrition counts: ``population controls``."""
        return self.parts[AttritionPart(row["part"])].format(comparison=row["comparison"])

    def rule(self, row: AttritionCells) -> str:
        """The rule of a row of attrition."""
        return self.criterion(AttritionRule(row["rule"]), Arguments.read(row["arguments"]))

    def criterion(self, rule: AttritionRule, arguments: Arguments) -> str:
        """A rule that removes people: ``age 18 to 110``."""
        return worded(self.rules[rule], arguments)

    def check(self, row: AuditCells) -> tuple[str, str]:
        """What a row of the audit looked for, and what that means."""
        words, arguments = self.checks[AuditCheck(row["check"])], Arguments.read(row["arguments"])
        subject = row["subject"].replace("_", " ")
        name, meaning = (worded(clause, arguments) for clause in (words.name, words.meaning))
        return name.replace("{subject}", subject), meaning.replace("{subject}", subject)

    def quality(self, row: QualityRow) -> str:
        """What delivered rows were held to, or noticed for: ``birth_date missing``."""
        return worded(self.quality_rules[row.rule], row.arguments.also(subject=row.subject))

    def remark(self, row: QualityRow, *, in_memory: bool) -> str:
        """What was noticed of delivered rows, as a sentence; they came in files, or in frames."""
        remedy = self.remedies[row.rule]
        clause = remedy.of_frame if in_memory and remedy.of_frame else remedy.of_files
        advice = worded(clause, row.arguments.also(subject=row.subject))
        if row.rule is QualityRule.LAST_LINE_OPEN:  # of a file, of which no rows are counted
            return f"{self.quality(row)}; {advice}."
        return self.remarked(row, self.quality(row), self.quality_actions[row.action], advice)

    def model(self, model: Model) -> str:
        """A model in a few words: ``Cox, mutually adjusted``; ``joint model, value, adjusted``."""
        sensitivity = self.sensitivities[model.sensitivity]
        parts = (
            self.families[model.family],
            self.associations[model.association],
            self.events(model.cause) if model.cause else "",
            self.forms[model.form],
            self.as_sensitivity(sensitivity) if sensitivity else "",
        )
        return ", ".join(filter(None, parts))

    def failure(self, failure: Failure) -> str:
        """A model that could not be fitted as asked, or a part that was not made, as a sentence without a full stop."""
        why = "; ".join(self.clauses(failure.notes))
        compared = "" if failure.comparison == CASES else failure.comparison
        if not failure.exposures:
            return self.failed_part(compared, why)
        model = self.forms[failure.model.form] if compared else self.model(failure.model)
        return self.failed_model(compared, failure.model.model_name, model, failure.exposures, why)

    def diagnostic(self, row: DiagnosticCells, study: Study | None = None) -> tuple[str, str]:
        """The name of a diagnostic and what is said of it, of a row of the table."""
        facts = self._with_names(_facts(row), study)
        about = self.diagnostics[DiagnosticCode(row["code"])]
        stratum = self.stratum(str(facts["modifier"]), row["stratum"]) if row["stratum"] else ""
        compared = self.contrasts[Contrast(row["contrast"] or "")]
        name = worded(about.name, facts) + (f", {compared}" if compared and about.of_fit else "") + stratum
        return name, "; ".join((*filter(None, [about.note]), *self.clauses(read_notes(row["notes"]), study)))

    def test(self, row: DiagnosticCells, study: Study | None = None) -> str:
        """What a diagnostic tested: ``proportional hazards, age``."""
        return worded(self.tests[DiagnosticCode(row["code"])], self._with_names(_facts(row), study))


_OF_NAMES = ("by", "covariate", "modifier", "spline")
"""Arguments that are the names of covariates."""


def _facts(row: DiagnosticCells) -> Arguments:
    """What a diagnostic is named by."""
    return Arguments.of(
        **{name: row[name] or "" for name in ("who", "covariate", "level", "modifier", "measure", "cause")}
    )
