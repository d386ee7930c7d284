"""Which known name a name was meant for: another spelling of it, never another word.

``county_of_birth`` is one letter from ``country_of_birth`` and means something else, so it is no misspelling of that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from riskset.spec.tidying import looks

_TEXT = (
    "adjust age analysis anchor association at atc band baseline below birth birthday bmi by caliper cap case cause "
    "censored child civil classe code column comparison conf constant control country county couple cousin covariate "
    "curve cut data date day ddd death decimal decline delay delimiter delivered description diagnosis diagnostic "
    "dispensing education eligibility encoding end endpoint entry estimate event exposure father female file first "
    "firth format free from half height high history horizon household icd10 id if in income index interaction "
    "interval item kind label lag last lay least level lookback low main male man maoi marital marker married match "
    "matched maternal maximum mean measure measurement median men min minimum missing model month most mother "
    "municipality name note nsaid null number of only onset origin other outcome package parent partner paternal path "
    "per period person policy ppi prediagnostic primary procedure prognosis published quote range ratio record region "
    "registry relation replacement residence residential reversal robust row run scale seed set severity sex sha256 "
    "sibling site skip snri socioeconomic source spouse ssri start state status stop style subgroup subtitle survival "
    "system table tca text tie time title tolerance trend type union unit until use user value varying visit ward "
    "washout week weight widow widower within without woman women year zone "
)
WORDS = frozenset(_TEXT.split())
"""Words that are meant as they stand: those of descriptions and registers, without a plural's s."""


@cache
def _words(name: str) -> tuple[str, ...]:
    return tuple(_singular(word) for word in re.findall(r"[^\W_]+", name.casefold()))


def _singular(word: str) -> str:
    return word if len(word) < 4 or word.endswith(("ss", "is", "us")) else word.removesuffix("s")


def near(name: str, known: Sequence[str]) -> str | None:
    """The known name that a name is a spelling of, or None.

    A name that looks the same is, as one with letters of another alphabet; of the same words in another order or with
    another ending; one a letter or two away, unless each of its words is a word in its own right.
    """
    words = _words(name)
    for other in known:
        if looks(name) == looks(other) and name:
            return other
    for other in known:
        if "".join(words) == "".join(_words(other)) or set(words) - {"of"} == set(_words(other)) - {"of"} != set():
            return other
    if is_meant(name, known):
        return None
    allowed = 1 if len(name) < 6 else 2
    close = [(_edits(name.casefold(), k.casefold()), k) for k in known if abs(len(k) - len(name)) <= allowed]
    nearest = min((pair for pair in close if pair[0] <= allowed and _begin_alike(name, pair[1])), default=None)
    return nearest[1] if nearest else None


def is_meant(name: str, known: Sequence[str] = ()) -> bool:
    """Whether each word of a name is a word in its own right, or one of a known name, so that it is no misspelling."""
    known_words = {word for other in known for word in _words(other)}
    return all(word in WORDS or word in known_words for word in _words(name))


def _begin_alike(one: str, other: str) -> bool:
    """Whether two names begin with the same letter, or one of their first two letters is lost or they are swapped."""
    one, other = one.casefold(), other.casefold()
    return one[:1] == other[:1] or one[1:] == other or other[1:] == one or one[:2] == other[1::-1]


def _edits(one: str, other: str) -> int:
    """Letters to be left out, put in, replaced or swapped with the next, to come from one text to the other."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, start=1):
        row = [i]
        for j, b in enumerate(other, start=1):
            least = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                least = min(least, rows[-2][j - 2] + 1)
            row.append(least)
        rows.append(row)
    return rows[-1][-1]
