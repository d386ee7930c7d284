"""What a language has to word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from riskset.report.catalogue.clause import Clause, DiagnosticWords, worded
from riskset.results.notes import Arguments, Note, NoteCode, read_notes
from riskset.results.rows import Failure
from riskset.results.vocabulary import Contrast, DiagnosticCode, Estimand, Family, FirthReason, Form, Model, TruthKind


@dataclass(frozen=True)
class Style:
    """How numbers are set.

    Attributes
    ----------
    percent : what stands before a per cent sign: a space, or nothing as American medical journals have it
    """

    percent: str = " "


@dataclass(frozen=True)
class Catalogue:
    """A language: words for every value of the vocabulary.

    Attributes
    ----------
    style : how numbers are set
    families, forms : kinds of models, and what stands in them
    notes : what is said of a number, a clause without a capital and a full stop
    diagnostics : names of diagnostics and what all of a kind say
    contrasts : what a fit compares, after the name of a diagnostic on it
    estimands, firth_reasons, truths : what an odds ratio estimates, why Firth's is given, kinds of truth
    """

    style: Style
    families: Mapping[Family, str]
    forms: Mapping[Form, str]
    notes: Mapping[NoteCode, Clause]
    diagnostics: Mapping[DiagnosticCode, DiagnosticWords]
    contrasts: Mapping[Contrast, str]
    estimands: Mapping[Estimand, Clause]
    firth_reasons: Mapping[FirthReason, str]
    truths: Mapping[TruthKind, str]

    def note(self, note: Note) -> str:
        """A note as a clause."""
        return worded(self.notes[note.code], note.arguments)

    def clauses(self, notes: Iterable[Note]) -> tuple[str, ...]:
        """Notes as clauses, each once."""
        return tuple(dict.fromkeys(self.note(one) for one in notes))

    def model(self, model: Model) -> str:
        """A model in a few words: ``Cox, mutually adjusted``."""
        return ", ".join(filter(None, (self.families[model.family], self.forms[model.form])))

    def failure(self, failure: Failure) -> str:
        """A model that could not be fitted as asked, as a sentence without a full stop."""
        name = f"{failure.model.model_name}: " if failure.model.model_name else ""
        which = f"{failure.comparison}, {name}{self.forms[failure.model.form]} model of {', '.join(failure.exposures)}"
        return f"{which}: {'; '.join(self.clauses(failure.notes))}"

    def diagnostic(self, row: Mapping[str, Any]) -> tuple[str, str]:
        """The name of a diagnostic and what is said of it, of a row of the table."""
        facts = Arguments.of(**{name: row[name] or "" for name in ("who", "covariate", "level", "modifier")})
        about = self.diagnostics[DiagnosticCode(row["code"])]
        stratum = f" ({row['modifier'].replace('_', ' ')} {row['stratum']})" if row["stratum"] else ""
        compared = self.contrasts[Contrast(row["contrast"] or "")]
        name = worded(about.name, facts) + (f", {compared}" if compared and about.of_fit else "") + stratum
        return name, "; ".join((*filter(None, [about.note]), *self.clauses(read_notes(row["notes"]))))
