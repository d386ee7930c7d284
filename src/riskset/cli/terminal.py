"""What a person at the command line is told: progress, one sentence at the end, and which places will not do."""

from __future__ import annotations

import math
import re
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

from cyclopts import CycloptsError, MissingArgumentError, UnknownCommandError, UnusedCliTokensError

from riskset.errors import AuditError, FitError, RisksetError, SpecError, cut, one_line, several
from riskset.registers.places import refuse_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pyarrow as pa

    from riskset.registers.held import HeldTables
    from riskset.results.beside import Beside
    from riskset.results.released import Released
    from riskset.results.rows import QualityRow
    from riskset.run import Run

T = TypeVar("T")


class Teller:
    """Says on standard error what is being done, and how long it took."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False)
        self._status = self._console.status("")
        self._started = self._previous = time.perf_counter()
        self._doing = ""

    def __call__(self, doing: str) -> None:
        """Begin something; what was being done is finished."""
        self._finish()
        self._doing, self._previous = doing, time.perf_counter()
        self._status.update(doing)

    def at(self, done: int, total: int) -> None:
        """How far along it is."""
        self._status.update(f"{self._doing}: {done} of {total}")

    def __enter__(self) -> Teller:
        self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._status.stop()
        if kind is None:
            self._finish()

    def _finish(self) -> None:
        if self._doing:
            now = time.perf_counter()
            line = f"[dim]{now - self._started:6.1f} s[/dim]  {self._doing} ({now - self._previous:.1f} s)"
            self._console.print(line, soft_wrap=True)


def end(message: str, code: int) -> NoReturn:
    """Say one sentence on standard error, or a numbered list of them, and end with a code."""
    print("\n".join(one_line(line) for line in message.splitlines()), file=sys.stderr)
    sys.exit(code)


class Findings:
    """Collects what several checks refuse, so that it is told at once."""

    def __init__(self) -> None:
        self._errors: list[RisksetError] = []

    def of(self, check: Callable[[], T]) -> T | None:
        """What a check gives; None where it refuses."""
        try:
            return check()
        except RisksetError as error:
            self._errors.append(error)
            return None

    def refuse(self) -> None:
        """Raise what was refused, the most basic first: the descriptions, then the delivery."""
        if self._errors:
            raise several(sorted(self._errors, key=lambda error: error.exit_code))


def of_typing(error: CycloptsError) -> str:
    """What is wrong with the line that was typed."""
    command = " ".join(["riskset", *(error.command_chain or ())])
    what = str(error)
    if isinstance(error, MissingArgumentError) and error.argument:
        name, positional = error.argument.name, error.argument.field_info.is_positional
        what = f"{command} needs {name.lstrip('-').upper() if positional else name}"
    if isinstance(error, UnusedCliTokensError):
        what = f"{command} takes fewer words: {' '.join(error.unused_tokens or ())} is left over"
    if isinstance(error, UnknownCommandError):
        from riskset.spec.complaints import among  # and with it all of `spec`, which --help does without
        from riskset.spec.tidying import foreign

        commands: Iterable[str] = error.app or ()
        word, there = (error.unused_tokens or [""])[0], [name for name in commands if not name.startswith("-")]
        other = f" ({foreign(word)})" if foreign(word) else ""
        what = f'Unknown command "{word}"{other}; {among(word, there)}'
    clauses = re.sub(r"\. ([A-Z])", lambda begins: f"; {begins[1].lower()}", what.rstrip("."))
    end = " " if clauses.endswith("?") else "; "
    return f"{cut(clauses)}{end}{command} --help shows what can be written."


def internal_fault(error: Exception) -> str:
    """Where a mistake of ours is; neither its message nor a traceback, which may quote a cell."""
    code = Path(__file__).parents[1]
    ours = [f for f in traceback.extract_tb(error.__traceback__) if code in Path(f.filename).parents]
    place = f"{Path(ours[-1].filename).name} line {ours[-1].lineno}" if ours else "an unknown place"
    return f"A fault of riskset's own ({type(error).__name__} in {place}); please report it, with the command."


def refuse_places(study: Path, out: Path, store: Path) -> None:
    """Refuse a run whose files would replace a study description, or a store's."""
    refuse_place(out, option="--out")
    refuse_place(store, option="--store")
    if (out / "study.toml").exists() and study.exists() and (out / "study.toml").samefile(study):
        raise SpecError(f"{study} would be replaced by the run's own copy", where="--out", remedy="name another folder")
    if store.resolve() in (out.resolve(), *out.resolve().parents):
        raise SpecError(f"{store} is where the run goes", where="--store", remedy="name a folder of its own")


def refuse_swapped(study: Path | None = None, sources: Path | None = None) -> None:
    """Say so where a sources file is given in the place of a study, or a study in that of a sources file."""
    if study is not None and _is_of(study, "tables", "files", but="period"):
        raise SpecError(
            "this is a sources file, in the place of the study", where=str(study), remedy="name study.toml here"
        )
    if sources is not None and _is_of(sources, "period", "cases", but="tables"):
        raise SpecError(
            "this is a study, in the place of the sources file", where=str(sources), remedy="name sources.toml here"
        )


def _is_of(path: Path, *keys: str, but: str) -> bool:
    """Whether a TOML file has one of some keys at its top, and not another; what cannot be read has none."""
    from riskset.spec.from_toml import load_toml

    try:
        content = load_toml(path)
    except SpecError:
        return False
    return but not in content and any(key in content for key in keys)


def end_with_run(finished: Run, report: Path) -> None:
    """What a person must know of a finished run, and where its report is.

    Raises
    ------
    FitError
        A main model could not be fitted as asked.
    """
    from riskset.report.days_covered import in_sentences
    from riskset.results.quality_vocabulary import counts_sets

    for line in in_sentences(finished.released.table("diagnostics").to_pylist()):
        print(f"Consider: {line}")
    quality = [r for r in finished.released.table("quality").to_pylist() if not counts_sets(r["rule"], r["subject"])]
    aside = sum(r["rows"] for r in quality if r["action"] == "quarantined")
    if aside:
        print(f"Delivered rows set aside: {aside:,}; the report's section on data quality says why.")
    print(f"The report: {report}")
    if finished.failures:
        remedy = f"what could be estimated is in {report}"
        first, *others = finished.failures
        raise several([FitError(first, remedy=remedy), *map(FitError, others)])


def print_remarks(registers: HeldTables) -> None:
    """What an import found that breaks no rule and may be wrong."""
    from riskset.report.noticed import in_sentences

    for sentence in in_sentences(registers.remarks, in_memory=registers.in_memory):
        print(f"Consider: {sentence}")


def print_audit(audit: pa.Table, attrition: pa.Table | None = None, set_aside: Sequence[QualityRow] = ()) -> None:
    """Every check of the matched sets with its count, after what was left out before it."""
    from rich.console import Console
    from rich.table import Table

    from riskset.report.catalogue import ENGLISH
    from riskset.results.quality_vocabulary import counts_sets
    from riskset.results.set_vocabulary import AttritionRule, AuditCheck, Unit, Verdict

    marks = {Verdict.VIOLATION: "VIOLATION: ", Verdict.NOTE: "note: ", Verdict.PASS: ""}
    needing_a_control = (AttritionRule.ANY_CONTROL, AttritionRule.ELIGIBLE_CONTROL)
    for row in set_aside:
        action = ENGLISH.quality_actions[row.action]
        what = "Delivered sets" if counts_sets(row.rule, row.subject) else "Rows of the file"
        print(f"{what}: {row.rows:,} of {row.of:,} {action}: {ENGLISH.quality(row)}.")
    lost = [] if attrition is None else attrition.to_pylist()
    lost = [row for row in lost if row["unit"] == Unit.SETS and row["step"] and row["removed"]]
    for row in lost:
        sets = f"{row['removed']:,} sets left out, {row['remaining']:,} left"
        print(f"{ENGLISH.part(row)}: {sets}: {ENGLISH.rule(row)}.")
    alone = {row["comparison"]: row["removed"] for row in lost if row["rule"] in needing_a_control}
    checks: dict[str, dict[str, str]] = {}
    for row in audit.to_pylist():
        counted = f"{marks[Verdict(row['verdict'])]}{row['count']:,} of {row['of']:,}"
        if row["check"] == AuditCheck.SET_WITHOUT_CONTROL and row["comparison"] in alone:
            counted += f", and {alone[row['comparison']]:,} left out above"
        checks.setdefault(ENGLISH.check(row)[0], {})[row["comparison"]] = counted
    table = Table(box=None)
    table.add_column("audit of the matched sets")
    comparisons = list(dict.fromkeys(audit["comparison"].to_pylist()))
    for comparison in comparisons:
        table.add_column(comparison, justify="right")
    for check, by_comparison in checks.items():
        table.add_row(check, *(by_comparison.get(comparison, "") for comparison in comparisons))
    Console().print(table)


def of_audit(failed: AuditError, remedy: str) -> AuditError:
    """The same refusal with its checks in the words of the printed table."""
    from riskset.report.catalogue import ENGLISH
    from riskset.results.set_vocabulary import Verdict

    broken = [row for row in failed.audit.to_pylist() if row["verdict"] == Verdict.VIOLATION]
    checks = (f"{row['comparison']}: {ENGLISH.check(row)[0]}, {row['count']:,} of {row['of']:,}" for row in broken)
    return AuditError(f"the matched sets fail their audit ({'; '.join(checks)})", failed.audit, remedy)


def print_beside_planted(released: Released) -> None:
    """Each planted ratio with the estimates of all comparisons below each other, and how many intervals hold it."""
    from rich.console import Console
    from rich.table import Table

    from riskset.results.beside import beside_planted

    estimates, planted = (released.table(name) for name in ("estimates", "planted"))
    asked = [controls.comparison for controls in released.study.controls]
    rows = [each for each in beside_planted(estimates, planted) if each.row["comparison"] in asked]
    table = Table(box=None)
    for heading in ("class", "first\nuse", "planted", "controls", "estimate\n(95% CI)"):
        table.add_column(heading, no_wrap=heading != "controls")
    table.add_column("inform.\nsets", justify="right")
    for (exposure, level), group in _by_place(rows).items():
        for i, each in enumerate(group):
            place = ("", "", "") if i else (exposure, level, f"{math.exp(each.truth['value']):.2f}")
            table.add_row(*place, each.row["comparison"], _estimated(each), f"{each.shown['n_informative']:,}")
    held = {name: _held([each for each in rows if each.row["comparison"] == name]) for name in asked}
    print("Odds ratios, mutually adjusted, beside the planted ratios:")
    for name, share in held.items():
        print(f"  {name}: {share} intervals hold the planted ratio.")
    Console().print(table)
    limits = beside_planted(estimates, planted, pseudo_true=True)
    print(f"Of other model forms {_held(limits)} intervals hold the limit of their form.")
    print("Estimates beside planted values test the method; they replicate nothing: the published values were planted.")


def _estimated(each: Beside) -> str:
    """``1.34 (1.12-1.60)``, marked where it is Firth's, since maximum likelihood has no finite estimate."""
    from riskset.report.formats import exponentiated

    ratio, low, high = (exponentiated(each.number(key)) for key in ("estimate", "conf_low", "conf_high"))
    if ratio is None or not math.isfinite(ratio):
        return "not estimable"
    ends = "" if low is None or high is None else f" ({_two_decimals(low)}-{_two_decimals(high)})"
    return f"{'Firth ' if each.is_firth else ''}{_two_decimals(ratio)}{ends}"


def _two_decimals(ratio: float) -> str:
    if 0 < ratio < 0.005:
        return "<0.01"
    return f"{ratio:.2f}" if ratio < 1000 else ">999"


def _by_place(rows: list[Beside]) -> dict[tuple[str, str], list[Beside]]:
    places: dict[tuple[str, str], list[Beside]] = {}
    for each in rows:
        places.setdefault((each.row["exposure"], each.row["level"]), []).append(each)
    return places


def _held(rows: list[Beside]) -> str:
    return f"{sum(each.holds for each in rows)} of {len(rows)}"
