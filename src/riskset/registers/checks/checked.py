"""A table after its rules: what is kept, what is set aside, the counts of both, and whether they are tolerable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import ibis
import ibis.expr.types as ir

from riskset.errors import QualityError
from riskset.microdata import Microdata
from riskset.registers.checks.checked_columns import DELIVERED_CELL, DELIVERED_ID, REASON
from riskset.registers.checks.remarks import undeclared
from riskset.registers.checks.rule import Rule
from riskset.registers.checks.rules import LOST_LINE
from riskset.registers.schema import TABLES
from riskset.results.quality_vocabulary import QualityAction, QualityRule
from riskset.results.rows import QualityRow

_FEW = 0.1  # the share of wrong rows up to which tolerating them is a remedy
_SOME, _NEARLY = 3, 0.95  # so many evenings, and of the times of day such a share, have one cause


@dataclass(frozen=True)
class Checked(Microdata):
    """A table after its rules.

    Attributes
    ----------
    name : canonical table
    rows : canonical columns, `reason`, `noted`; of rows set aside, the identifier and a cell that could not be read
    rules : the rules that were checked
    counts : rule → rows that break it
    of : delivered rows that hold a fact
    skipped : delivered rows that hold none (`skip_if_missing`)
    stored_as : what `rows` is made of in the engine
    lost : lines of CSV files that could not be parted into columns; they are counted among `of`
    hints : rule → what is likely wrong, where the rows themselves tell
    given : column → its delivered values, where some are set to missing
    unread : rule → its cells that read as programs write that there is no value
    remarks : what else is to be told of the rows
    netted_from : the rows as they were before dispensings were taken back; None where nothing is
    """

    name: str
    rows: ir.Table
    rules: tuple[Rule, ...]
    counts: Mapping[str, int]
    of: int
    skipped: int
    stored_as: tuple[str, ...]
    lost: ir.Table | None = None
    hints: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, int] = field(default_factory=dict)
    unread: Mapping[str, QualityRow] = field(default_factory=dict)
    remarks: tuple[QualityRow, ...] = ()
    netted_from: ir.Table | None = None

    @property
    def before_netting(self) -> ir.Table:
        """The rows that break no rule, with their amounts as delivered: those that are taken back later, too."""
        rows = self.rows if self.netted_from is None else self.netted_from
        return rows.filter(rows[REASON] == 0)

    @property
    def kept(self) -> ir.Table:
        """The canonical rows that are not set aside."""
        return self.rows.filter(self.rows[REASON] == 0).select(*TABLES[self.name].arrow_schema.names)

    @property
    def quarantine(self) -> ir.Table:
        """The rows set aside, each with the name of the rule that it broke."""
        aside = self.rows.filter(self.rows[REASON] > 0)
        names = [(i, rule.name) for i, rule in enumerate(self.rules, 1)]
        columns = {name: aside[name] for name in TABLES[self.name].arrow_schema.names if name != "person_id"}
        aside = aside.select(
            aside[DELIVERED_ID], aside[REASON].cases(*names, else_="").name(REASON), aside[DELIVERED_CELL], **columns
        )
        if self.lost is None:
            return aside
        known = {REASON: ibis.literal(LOST_LINE.name), DELIVERED_CELL: self.lost["line"]}
        lost = {name: known.get(name, ibis.null(kind)) for name, kind in aside.schema().items()}
        return ibis.union(aside, self.lost.select(**lost), distinct=False)

    def with_lost_lines(self, lost: ir.Table, n: int) -> Checked:
        """The same with `n` lines that never became rows, of which `lost` holds what can be shown (column `line`)."""
        rules, counts = (*self.rules, LOST_LINE), {**self.counts, LOST_LINE.name: n}
        return replace(self, rules=rules, counts=counts, of=self.of + n, lost=lost)

    @property
    def known(self) -> ir.Table:
        """Of the person table: id (as delivered), person_id and born of those who are kept."""
        kept = self.rows.filter(self.rows[REASON] == 0)
        return kept.select(id=kept["id"], person_id=kept["person_id"], born=kept["birth_date"])

    @property
    def aside(self) -> int:
        """How many rows are set aside as wrong."""
        return sum(self.counts[rule.name] for rule in self.rules if rule.action is QualityAction.QUARANTINED)

    @property
    def taken_back(self) -> int:
        """How many rows the delivery itself takes back."""
        return sum(self.counts[rule.name] for rule in self.rules if rule.action is QualityAction.TAKEN_BACK)

    def quality(self) -> list[QualityRow]:
        """Every rule that was checked, broken or not, and every remark."""
        of_rules = [
            QualityRow.counted(
                self.name, rule.code, self.counts[rule.name], self.of, rule.action, subject=", ".join(rule.subject)
            )
            for rule in self.rules
        ]
        skipped = QualityRow.counted(
            self.name, QualityRule.NO_FACT, self.skipped, self.of + self.skipped, QualityAction.LEFT_OUT
        )
        return [*([skipped] if self.skipped else []), *of_rules, *self.remarks]

    def to_consider(self) -> list[QualityRow]:
        """What is to be known of the table beside its counts."""
        return [remark for remark in (*self.unread.values(), *self._evenings(), *self.remarks) if remark.rows]

    def _evenings(self) -> Iterator[QualityRow]:
        """The columns whose times of day are nearly all such as midnights have in UTC: their days are one early."""
        timed = {rule.subject: self.counts[rule.name] for rule in self.rules if rule.code is QualityRule.TIME_CUT}
        for rule in self.rules:
            n = self.counts[rule.name]
            if rule.code is QualityRule.EVENING and n >= _SOME and n >= _NEARLY * timed[rule.subject]:
                yield QualityRow.counted(self.name, rule.code, n, self.of, rule.action, subject=rule.subject[0])

    def is_beyond(self, tolerance: float) -> bool:
        """Whether more than this share of the rows is set aside."""
        return self.aside > tolerance * self.of

    def refuse_beyond(self, tolerance: float, where: str) -> None:
        """Raise QualityError when more than this share of the rows is set aside, or of a column's values lost."""
        self._refuse_lost_values(tolerance, where)
        if not self.is_beyond(tolerance):
            return
        broken = [rule for rule in self.rules if rule.action is QualityAction.QUARANTINED and self.counts[rule.name]]
        top = sorted(broken, key=lambda rule: -self.counts[rule.name])
        reasons = ", ".join(f"{rule.name}: {self.counts[rule.name]:,}" for rule in top)
        remedy = self.hints.get(top[0].name, top[0].hint) or "mend the delivery or its description"
        unread = self.unread.get(top[0].name)
        if unread and 2 * unread.rows > self.counts[top[0].name]:
            remedy = undeclared(unread)
        if self.aside <= _FEW * self.of:
            remedy += ", or state a larger tolerance"
        raise QualityError(
            f"{self.aside:,} of {self.of:,} rows are wrong ({reasons}), more than the tolerated share of {tolerance:g}",
            where=where,
            remedy=remedy,
        )

    def _refuse_lost_values(self, tolerance: float, where: str) -> None:
        """Raise QualityError when more than this share of a column's values is set to missing."""
        grouped: dict[tuple[str, float], list[Rule]] = {}
        for rule in self.rules:
            if rule.action is QualityAction.SET_TO_MISSING:
                grouped.setdefault((rule.needs[0], max(tolerance, rule.spared)), []).append(rule)
        for (column, tolerated), rules in grouped.items():
            n, of = sum(self.counts[rule.name] for rule in rules), self.given.get(column, 0)
            if n <= tolerated * of:
                continue
            top = max(rules, key=lambda rule: self.counts[rule.name])
            reasons = ", ".join(f"{rule.name}: {self.counts[rule.name]:,}" for rule in rules if self.counts[rule.name])
            raise QualityError(
                f"{n:,} of {of:,} values of {column} are set to missing ({reasons}), more than the tolerated share of "
                f"{tolerated:g}",
                where=where,
                remedy=self.hints.get(top.name, top.hint) or "mend the delivery or its description",
            )
