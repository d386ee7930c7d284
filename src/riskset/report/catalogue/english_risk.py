"""English for the results of the risk: odds ratios within matched sets."""

from __future__ import annotations

from riskset.report.catalogue.clause import Clause, DiagnosticWords
from riskset.report.catalogue.english_cohort import PEOPLE
from riskset.report.catalogue.english_fits import problem
from riskset.results.notes import Arguments, NoteCode
from riskset.results.vocabulary import DiagnosticCode, Estimand, FirthReason, TruthKind, Who
from riskset.spec import words
from riskset.spec.modification import BY_CASE, OWN, Reason, why_parted
from riskset.spec.time import Duration


def _estimand(facts: Arguments) -> str:
    clause = ESTIMANDS[Estimand(str(facts["what"]))]
    return clause if isinstance(clause, str) else clause(facts)


def _siblings(facts: Arguments) -> str:
    dates = "each on its own date" if facts["at"] == "same age" else "on one date"
    return (
        f"OR compares a case with {facts['comparison']} at risk, {dates}: confounding that is the same for them all is "
        "removed, what is inherited in part, what is personal not at all"
    )


ESTIMANDS: dict[Estimand, Clause] = {
    Estimand.HAZARD_RATIO: "OR estimates the time-averaged hazard ratio: incidence-density sampling, with replacement "
    "across sets, audited",
    Estimand.APPROXIMATE_HAZARD_RATIO: "OR approximates the time-averaged hazard ratio: each control serves once, so "
    "later sets are drawn from risk sets without those who served before",
    Estimand.WITHIN_SIBLINGS: _siblings,
    Estimand.WITHIN_COUPLES: "OR compares a case with the partner on the index date: what the household shares is "
    "removed, nothing else",
    Estimand.NOT_AUDITED: "OR of matched sets that were not audited: whether it estimates the hazard ratio is not "
    "known",
    Estimand.DESIGN_BROKEN: lambda facts: (
        f"OR of matched sets that break the design ({facts['check']}): it need not estimate the hazard ratio"
    ),
}

FIRTH_REASONS = {
    FirthReason.SEPARATION: "separation",
    FirthReason.NOT_FITTED: "maximum likelihood fails",
    FirthReason.FEW_SETS: "few informative sets",
}

TRUTHS = {
    TruthKind.PLANTED_PUBLISHED: "planted (published)",
    TruthKind.PLANTED_ASSUMED: "planted (assumed)",
    TruthKind.SOLVED: "solved from what was planted",
    TruthKind.PSEUDO_TRUE: "limit of this model's form",
}


def _separated(facts: Arguments) -> str:
    """No case has it, or no control, apart from sets that share it; of which class where that is not plain."""
    nobody = "case" if facts["only"] == "controls" else "control"
    where = " in an informative set" if facts["shared"] else ""
    if "exposure" in facts:
        return f"separation: no {nobody} has {facts['exposure']}={facts['level']}{where}"
    tends = "0" if facts["only"] == "controls" else "infinity"
    return f"separation: no {nobody} has this level{where}, so the ratio tends to {tends}"


def _test_separated(facts: Arguments) -> str:
    stratum = f" ({words.plain(str(facts['modifier']))} {facts['stratum']})" if facts["stratum"] else ""
    return f"not testable: separation: {facts['exposure']}={facts['level']}{stratum}"


def _parted(facts: Arguments, how: str) -> str:
    why = why_parted(
        str(facts["by"]),
        Reason(str(facts["reason"])),
        about=str(facts.get("about", "")),
        differing=int(facts.get("differing", 0)),
    )
    return f"by {words.plain(str(facts['by']))}: {how}, since {why}"


def _degrees(facts: Arguments) -> str:
    return f"{facts['df']} degree{'' if facts['df'] == 1 else 's'} of freedom"


NOTES: dict[NoteCode, Clause] = {
    NoteCode.ESTIMAND: _estimand,
    NoteCode.SETS_GIVEN: "the sets were given, and the audit finds nothing against their being drawn at random",
    NoteCode.AGES_DIFFER: lambda facts: (
        f"ages in a set differ by up to {Duration.parse(str(facts['caliper'])).words()} from the case's"
    ),
    NoteCode.OF_SAME_CASES: lambda facts: f"of the cases in the same model of {facts['comparison']}",
    NoteCode.ALWAYS_ADJUSTED: lambda facts: (
        f"{words.plain(str(facts['spline']))} (natural spline, {facts['knots']} knots) and "
        f"{words.plain(str(facts['covariate']))} in every model, crude too"
    ),
    NoteCode.MAY_REACT: "the window reaches the index date, and a partner may react to the illness: no estimate of a "
    "cause",
    NoteCode.LEVEL_LEFT_OUT: lambda facts: (
        f"without the {facts['rows']:,} at {words.plain(str(facts['covariate']))} {facts['level']}, whom only "
        f"{PEOPLE[Who(str(facts['only']))]} have"
    ),
    NoteCode.PARTED_BY_CASE: lambda facts: _parted(facts, BY_CASE),
    NoteCode.PARTED_BY_OWN: lambda facts: _parted(facts, OWN),
    NoteCode.ROBUST_ERRORS: "robust standard error, clustered by set",
    NoteCode.PROFILE: "profile interval and test",
    NoteCode.PROFILE_NOT_FOUND: "Wald interval and test: the profile has no end that could be found",
    NoteCode.FIRTH: lambda facts: f"Firth penalty: {FIRTH_REASONS[FirthReason(str(facts['reason']))]}",
    NoteCode.LIKELIHOOD_RATIO_TEST: lambda facts: f"likelihood-ratio test, {_degrees(facts)}",
    NoteCode.WALD_TEST: lambda facts: f"Wald test with robust errors, {_degrees(facts)}",
    NoteCode.SCORED_LEVELS: lambda facts: (
        f"χ² = {facts['statistic']:.2f}, {facts['df']} df; the levels against one slope"
    ),
    NoteCode.NO_WHOLE_SET: "no set has both a case and a control",
    NoteCode.NOBODY_AT_LEVEL: "no informative set: nobody in these sets has this level",
    NoteCode.NOBODY_DIFFERS_AT_LEVEL: "no informative set: no discordant set has this level",
    NoteCode.NOBODY_DIFFERS: "no informative set: in none do the case and its controls differ in exposure",
    NoteCode.NO_SET_LEFT: "no informative set is left: each set that differs in it has somebody at another level that "
    "only cases, or only controls, have, who is left out",
    NoteCode.SEPARATED: _separated,
    NoteCode.NOT_FITTED: lambda facts: f"not estimable: {problem(facts)}",
    NoteCode.FIRTH_BESIDE: "Firth's estimate stands beside it",
    NoteCode.ONE_RATIO_MISSING: "not estimable: one of the two ratios is not",
    NoteCode.TEST_SEPARATED: _test_separated,
    NoteCode.TEST_UNINFORMATIVE: "not testable: no two values have an informative set",
    NoteCode.TEST_NOT_FITTED: lambda facts: f"not testable: {problem(facts)}",
}


def _unknown_modifier(facts: Arguments) -> str:
    name = words.plain(str(facts["modifier"]))
    who = "sets whose case has" if facts["who"] == Who.SETS else f"{PEOPLE[Who(str(facts['who']))]} with"
    return f"{who} an unknown {name}"


def _covariate(facts: Arguments) -> str:
    return words.plain(str(facts["covariate"]))


def _modifier(facts: Arguments) -> str:
    return words.plain(str(facts["modifier"]))


_SEX_OF_SPOUSES = "not made: among spouses sex is nearly the complement of being the case"

DIAGNOSTICS: dict[DiagnosticCode, DiagnosticWords] = {
    DiagnosticCode.LOG_LIKELIHOOD: DiagnosticWords("log-likelihood", of_fit=True),
    DiagnosticCode.ITERATIONS: DiagnosticWords("iterations", of_fit=True),
    DiagnosticCode.UNKNOWN_COVARIATE: DiagnosticWords(
        lambda facts: f"{PEOPLE[Who(str(facts['who']))]} with an unknown covariate", "complete case"
    ),
    DiagnosticCode.NOT_IN_MODEL: DiagnosticWords(
        lambda facts: f"{PEOPLE[Who(str(facts['who']))]} not in the model", "with all reasons, whole sets"
    ),
    DiagnosticCode.UNKNOWN_MODIFIER: DiagnosticWords(_unknown_modifier, "in no subgroup, and not in the test"),
    DiagnosticCode.LEFT_OUT_AT_LEVEL: DiagnosticWords(
        lambda facts: f"{PEOPLE[Who(str(facts['who']))]} left out at {_covariate(facts)} {facts['level']}",
        "only cases or only controls have it: no finite coefficient, and no word on the exposure",
    ),
    DiagnosticCode.COVARIATE_CONSTANT: DiagnosticWords(
        lambda facts: f"{_covariate(facts)} left out", "it does not vary within any set (matched on?)"
    ),
    DiagnosticCode.COVARIATE_STANDS_ALREADY: DiagnosticWords(
        lambda facts: f"{_covariate(facts)} not added", "it is in every model of relatives"
    ),
    DiagnosticCode.SUBGROUPS_REFUSED: DiagnosticWords(
        lambda facts: f"subgroups by {_modifier(facts)}", _SEX_OF_SPOUSES
    ),
    DiagnosticCode.INTERACTION_REFUSED: DiagnosticWords(
        lambda facts: f"interaction with {_modifier(facts)}", _SEX_OF_SPOUSES
    ),
    DiagnosticCode.INTERACTION_MADE_ONCE: DiagnosticWords(
        lambda facts: f"interaction with {_modifier(facts)}", "made once, as that of the subgroups"
    ),
    DiagnosticCode.DEPARTURE_FROM_TREND: DiagnosticWords("departure from trend, p"),
    DiagnosticCode.SEPARATED: DiagnosticWords("not estimable as asked"),
    DiagnosticCode.UNINFORMATIVE: DiagnosticWords("not estimable as asked"),
    DiagnosticCode.NOT_FITTED: DiagnosticWords("not estimable as asked"),
    DiagnosticCode.FIRTH_NOT_FITTED: DiagnosticWords("Firth not fitted"),
}
