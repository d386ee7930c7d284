"""Which codes and diagnoses that a study asks for no row of the delivery has: misspelt, or not delivered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ibis.expr.types as ir

from riskset.lookup import has_prefix
from riskset.registers.registers import Registers
from riskset.registers.schema import DIAGNOSIS_OF_REGISTRY
from riskset.results.rows import Diagnostic
from riskset.results.vocabulary import Analysis, DiagnosticCode, Model
from riskset.spec.asked import atc_asked, events_of, icd10_asked, sources_asked
from riskset.spec.design import Event
from riskset.spec.study import Study


def describe_codes(registers: Registers, study: Study) -> Iterator[Diagnostic]:
    """A diagnostic for each code that a study asks for and no row of its table begins with, for each diagnosis of a
    quality register that nobody has, and for each source of diagnoses that no row is from.

    Such a code makes nobody a case, exposed or ill, and takes nobody out of the risk set, without a word.
    """
    icd10 = icd10_asked(study)
    asked = {
        ("diagnosis", "code"): [code for code, place in icd10 if ".cause[" not in place],
        ("death", "cause"): [code for code, place in icd10 if ".cause[" in place],
        ("dispensing", "atc"): [code for code, _ in atc_asked(study)],
    }
    for (table, column), codes in asked.items():
        if codes and table in registers:
            yield from (_row(table, code) for code in _without_rows(registers, registers[table], column, codes))
    yield from (
        _row("registry_item", diagnosis)
        for diagnosis in _diagnoses_of_nobody(registers, [event for event, _ in events_of(study)])
    )
    yield from (_row("source", source) for source in _sources_of_nothing(registers, study))


def _row(table: str, code: str) -> Diagnostic:
    model = Model(Analysis.DELIVERY)
    return Diagnostic(model=model, code=DiagnosticCode.CODE_NOT_DELIVERED, covariate=table, level=code, value=0.0)


def _without_rows(registers: Registers, rows: ir.Table, column: str, codes: Sequence[str]) -> list[str]:
    if "system" in rows.columns:
        rows = rows.filter(rows["system"] == "icd10")
    matching = rows.filter(has_prefix(rows[column], codes)).select(column).distinct()
    delivered = registers.engine.collect(matching)[column].to_pylist()
    return [code for code in sorted(set(codes)) if not any(text.startswith(code) for text in delivered)]


def _diagnoses_of_nobody(registers: Registers, events: Sequence[Event]) -> list[str]:
    """Diagnoses of quality registers that these events are of and nobody has."""
    asked = {(event.registry, text) for event in events for text in event.diagnosis}
    if not asked or "registry_item" not in registers:
        return []
    items = registers["registry_item"]
    held = items.filter(items["name"] == DIAGNOSIS_OF_REGISTRY).select("registry", "text").distinct()
    there = {(row["registry"], row["text"]) for row in registers.engine.collect(held).to_pylist()}
    return sorted({text for _, text in asked - there})


def _sources_of_nothing(registers: Registers, study: Study) -> list[str]:
    """Sources of diagnoses that a study asks for in an event or a covariate, and no row has."""
    asked = {source for sources, _ in sources_asked(study) for source in sources}
    if not asked or "diagnosis" not in registers:
        return []
    held = registers.engine.collect(registers["diagnosis"].select("source").distinct())["source"].to_pylist()
    return sorted(asked.difference(held))
