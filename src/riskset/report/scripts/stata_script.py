"""The script in Stata, in commands that every version since 14 has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import assert_never

from riskset.report.catalogue import english_scripts as script_words
from riskset.report.scripts.refits import ScriptModel, template
from riskset.results.refitting import Entering, ModelTerm
from riskset.results.vocabulary import Family


def stata_script(models: Iterable[ScriptModel], stamp: str, digits: int) -> str:
    """The script that fits these models in Stata and compares with what is stored to so many digits."""
    models = [one for one in models if one.model.model.family is not Family.FINE_GRAY]
    heading = (*script_words.RATIOS, *script_words.NOT_GIVEN, *script_words.OF_STATA)
    lines = [*(f"* {line}" for line in heading), "", template("analysis_head.do")]
    lines += [f"global digits {digits}", f"display as text {text(script_words.printed_as(stamp, digits))}", ""]
    for data in dict.fromkeys(one.model.data for one in models):
        lines += [*_load(data), ""]
    for one in models:
        lines += [*_model(one), ""]
    return "\n".join([*lines, template("analysis_end.do")])


def _load(data: str) -> Iterator[str]:
    """Rows with the models that each is in, kept under a name for the time of the script."""
    for name in (f"{data}_groups", data):
        yield f'import delimited "`folder\'/{name}.csv", clear case(preserve) asdouble encoding("utf-8")'
        if name == data:
            yield f'quietly merge m:1 group using "`{data}_groups\'", nogenerate'
        else:
            yield "capture drop row"
        yield f"tempfile {name}"
        yield f'quietly save "`{name}\'"'


def _model(one: ScriptModel) -> Iterator[str]:
    model, within = one.model, "" if one.model.events else " set"
    yield f"display as text _newline {text(one.title)}"
    yield f'use "`{model.data}\'", clear'
    yield f"quietly keep if m{model.number} == 1"
    yield 'global columns ""'
    for term in model.terms:
        yield from _term(term, within)
    yield f"keep_informative{within}"
    yield "ereturn clear"
    yield from _fit(one)
    for ratio in one.ratios:
        yield f"display as text {text(ratio.label)}"
        yield f"set_beside {ratio.column} {ratio.value!r}"


def _term(term: ModelTerm, within: str) -> Iterator[str]:
    variable, by = term.variable, term.by.name if term.by else ""
    if variable.levels:
        yield f"by_level {variable.name}"
    else:
        yield f"numbers {' '.join(variable.column_names)}"
    match term.entering:
        case Entering.ITSELF:
            pass
        case Entering.IN_EACH_STRATUM:
            yield f"in_each_stratum {by}"
        case Entering.AGAINST_FIRST_STRATUM:
            yield f"against_first {by}{within}"
        case Entering.TIMES_NUMBER:
            yield f"times_number {by}"
        case _:
            assert_never(term.entering)
    yield "enter_model"


def _fit(one: ScriptModel) -> Iterator[str]:
    model = one.model
    if model.events:
        yield f"quietly generate byte counted = inlist(event, {', '.join(map(str, model.events))})"
        yield f"quietly stset stop, failure(counted) enter(time {model.entry})"
        yield "capture noisily stcox $columns, efron nolog"
    elif model.ties == "exact":
        yield "capture noisily clogit case $columns, group(set) nolog"
    else:
        yield "quietly generate byte moment = 1"
        yield "quietly stset moment, failure(case)"
        yield f"capture noisily stcox $columns, strata(set) {model.ties} nolog"


SAFE = frozenset(" .,:;()-_=<>+%&?!#")
"""Signs that mean nothing within a quoted text of Stata, nor begin a comment."""


def text(value: str) -> str:
    """A text as ``display`` shows it: what Stata would read as a macro, a quote or a comment is named by its number."""
    parts = []
    for is_plain, letters in groupby(value, _is_plain):
        if is_plain:
            parts.append(f'"{"".join(letters)}"')
        else:
            parts += [f"char({ord(one)})" if ord(one) < 128 else f"uchar({ord(one)})" for one in letters]
    return " ".join(parts) or '""'


def _is_plain(letter: str) -> bool:
    return letter.isalnum() or letter in SAFE or (ord(letter) >= 160 and letter.isprintable())
