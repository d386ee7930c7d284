"""What each rule removes, so that nothing is lost unseen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from riskset.errors import DesignError
from riskset.results.columns import table_of
from riskset.results.notes import NOTHING, Arguable, Arguments
from riskset.results.rows import AttritionStep
from riskset.results.set_vocabulary import AttritionPart, AttritionRule, Relation, Unit


@dataclass(frozen=True)
class Criterion:
    """A rule that removes people, with what it names."""

    rule: AttritionRule
    arguments: Arguments = NOTHING

    def of(self, relation: Relation) -> Criterion:
        """The same of a relative of the case."""
        return Criterion(self.rule, self.arguments.also(relation=str(relation)))

    def __str__(self) -> str:
        """For a message: ``age (high 120, low 18)``."""
        texts = ((name, " ".join(v) if isinstance(v, tuple) else v) for name, v in self.arguments.pairs)
        named = ", ".join(f"{name} {value}" for name, value in texts if value != "")
        return f"{self.rule} ({named})" if named else str(self.rule)


def criterion(rule: AttritionRule, **arguments: Arguable) -> Criterion:
    """A rule with its arguments by name."""
    return Criterion(rule, Arguments.of(**arguments))


class NobodyLeft(DesignError):
    """Nobody is left after a rule of attrition.

    Parameters
    ----------
    what, where, remedy
        As of every error; ``{rule}`` in ``what`` is the place of the rule.
    criterion
        The rule: by its code, until `in_words` says it.
    """

    def __init__(self, what: str, criterion: Criterion, *, where: str, remedy: str) -> None:
        self.clause, self.criterion = what, criterion
        super().__init__(what.format(rule=criterion), where=where, remedy=remedy)

    def in_words(self, words: Callable[[AttritionRule, Arguments], str]) -> DesignError:
        """The same error with the rule in words."""
        rule = words(self.criterion.rule, self.criterion.arguments)
        return DesignError(self.clause.format(rule=rule), where=self.where, remedy=self.remedy)


class Attrition:
    """The count of those who remain after each rule, in the order in which the rules are applied.

    Parameters
    ----------
    part : whom the rules make
    unit : what is counted
    first : who those counted at first are
    remaining : how many they are
    comparison : label of the controls, if the part is of some
    """

    def __init__(
        self, part: AttritionPart, unit: Unit, first: AttritionRule | Criterion, remaining: int, comparison: str = ""
    ) -> None:
        self.part, self.unit, self.comparison = part, unit, comparison
        self.steps: list[AttritionStep] = []
        self.remaining = remaining
        self.keep(first, remaining)

    def keep(self, rule: AttritionRule | Criterion, remaining: int) -> None:
        """Add a rule and the number whom it leaves."""
        stated = rule if isinstance(rule, Criterion) else Criterion(rule)
        self.steps.append(
            AttritionStep(
                part=self.part,
                comparison=self.comparison,
                step=len(self.steps),
                rule=stated.rule,
                arguments=stated.arguments,
                removed=self.remaining - remaining,
                remaining=remaining,
                unit=self.unit,
            )
        )
        self.remaining = remaining

    def last_rule(self) -> Criterion:
        """The rule after which nobody was left."""
        last = next(step for step in self.steps if not step.remaining)
        return Criterion(last.rule, last.arguments)

    def table(self) -> pa.Table:
        """The steps as ``results.tables.ATTRITION``."""
        return table_of(self.steps, AttritionStep)
