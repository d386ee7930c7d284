"""Numbers of pairs of a case and a control, by who of them is at a level."""

from __future__ import annotations

from riskset.disclosure.book import Spot
from riskset.disclosure.given_back import discordant_pairs, states_pairs
from riskset.disclosure.people_of_rows import CASES, CONTROLS, Row
from riskset.disclosure.populations import Counted, Groups, Trait

PAIRS = ("pairs, case exposed alone", "pairs, control exposed alone", "pairs, both exposed", "pairs, neither exposed")
DISCORDANT = "pairs, one exposed"


def put_pairs(groups: Groups, i: int, row: Row, part: str, trait: Trait) -> None:
    """The exposed are in discordant pairs, which an unadjusted ratio states, and in pairs of two exposed."""
    pairs, comparison = discordant_pairs(row), row["comparison"]
    if pairs is None:
        return
    places = [Spot("estimates", i, "estimate")] if states_pairs(row, pairs) else []
    for who, n in zip(PAIRS[:2], pairs, strict=True):
        groups.level(Counted(who, comparison, part), trait, n, *places)
    alone, control_alone, both, neither = (Counted(who, comparison, part) for who in PAIRS)
    discordant = Counted(DISCORDANT, comparison, part)
    groups.level(discordant, trait, sum(pairs))
    n_both = row["n_exposed_cases"] - pairs[0]
    groups.level(both, trait, n_both)
    groups.level(neither, trait, row["n_sets"] - sum(pairs) - n_both)
    of = {group: groups.levels[group][trait] for group in (alone, control_alone, both, neither)}
    differ = groups.levels[discordant][trait]
    groups.book.add_up(differ, [of[alone], of[control_alone]], (*differ, "(in no pair)"))
    for who, parts in ((CASES, (alone, both)), (CONTROLS, (control_alone, both))):
        exposed = groups.levels[Counted(who, comparison, part)].get(trait)
        if exposed is not None:
            groups.book.add_up(exposed, [of[one] for one in parts], (*exposed, "(in no pair)"))
    groups.book.add_up(groups.totals[Counted(CASES, comparison, part)], of.values(), (*neither, *trait, "(no pair)"))
