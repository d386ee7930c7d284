"""The script in R."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from riskset.report.catalogue import english_scripts as script_words
from riskset.report.scripts.refits import ScriptModel, template
from riskset.results.refitting import CodedVariable, Entering, ModelTerm
from riskset.results.vocabulary import Family


def r_script(models: Iterable[ScriptModel], stamp: str, digits: int) -> str:
    """The script that fits these models in R and compares with what is stored to so many digits."""
    heading = (*script_words.RATIOS, *script_words.NOT_GIVEN, *script_words.OF_R)
    lines = [*(f"# {line}" for line in heading), "", f"digits <- {digits}"]
    lines += [f"cat({quoted(script_words.printed_as(stamp, digits))}, fill = TRUE)", "", template("analysis_head.R")]
    for one in models:
        lines += [*_model(one), ""]
    return "\n".join([*lines, template("analysis_end.R")])


def _model(one: ScriptModel) -> Iterator[str]:
    model = one.model
    yield f"{_fit_of(one)}({model.number}, {quoted(one.title)}, {quoted(model.data)},"
    if model.events:
        yield f"  entry = {quoted(model.entry)}, events = c({', '.join(map(str, model.events))}),"
    else:
        yield f"  ties = {quoted(model.ties)},"
    yield f"  terms = list({', '.join(map(_term, model.terms))}),"
    yield "  ratios = list("
    ratios = [f"    ratio({quoted(r.column)}, {r.value!r}, {quoted(r.label)})" for r in one.ratios]
    yield ",\n".join(ratios) + "))"


def _fit_of(one: ScriptModel) -> str:
    if one.model.model.family is Family.FINE_GRAY:
        return "subdistribution"
    return "hazards" if one.model.events else "odds"


def _term(term: ModelTerm) -> str:
    made, by = _columns(term.variable), quoted(term.by.name) if term.by else ""
    match term.entering:
        case Entering.ITSELF:
            return made
        case Entering.IN_EACH_STRATUM:
            return f"in_each_stratum({made}, {by})"
        case Entering.AGAINST_FIRST_STRATUM:
            return f"against_first({made}, {by})"
        case Entering.TIMES_NUMBER:
            return f"times({made}, {by})"
        case _:
            assert_never(term.entering)


def _columns(variable: CodedVariable) -> str:
    name = quoted(variable.name)
    if variable.levels:
        return f"levels_of({name})"
    return f"number({name})" if variable.columns == 1 else f"spline({name}, {variable.columns})"


def quoted(text: str) -> str:
    """A text as R reads it, in letters that every encoding has."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if " " <= letter <= "~":
        return letter
    # R's texts hold no nought, and no half of a pair of surrogates.
    code = 0xFFFD if letter == "\0" or "\ud800" <= letter <= "\udfff" else ord(letter)
    return f"\\u{{{code:x}}}" if code < 0x10000 else f"\\U{{{code:x}}}"
