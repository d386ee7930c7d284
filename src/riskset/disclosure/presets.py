"""Common rules on small numbers, with where each is written and how sure that is; and a policy read from a file.

What a place asks for changes, and the place decides. A preset is where to begin, no clearance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from riskset.disclosure.policy import Policy, Zero
from riskset.errors import DisclosureError, several
from riskset.spec.complaints import closest, shown
from riskset.spec.tidying import looks, tidy
from riskset.unseen import is_unseen, named


class Standing(StrEnum):
    """How sure it is that a rule is the rule."""

    WRITTEN = "written"
    """The body that applies it says so in writing."""
    SECOND_HAND = "second hand"
    """Somebody else says that the body applies it."""
    CONVENTION = "convention"
    """Usual in the field, nobody's rule."""
    NO_RULE = "no rule"
    """No written national rule was found; it is the default under another name."""


@dataclass(frozen=True)
class Preset:
    """A policy with its sources.

    Attributes
    ----------
    policy
        The policy, by the preset's name.
    standing
        How sure it is that this is the rule.
    sources
        Where it is written: addresses.
    """

    policy: Policy
    standing: Standing
    sources: tuple[str, ...]


DEFAULT = "under 5"
"""The preset of whoever says nothing."""

PRESETS: Mapping[str, Preset] = {
    preset.policy.name: preset
    for preset in (
        Preset(
            Policy(DEFAULT),
            Standing.CONVENTION,
            ("https://cran.r-project.org/web/packages/omopgenerics/vignettes/suppression.html",),
        ),
        Preset(
            Policy("under 3", minimum=3),
            Standing.WRITTEN,
            ("https://www.ssb.no/en/omssb/personvern/personopplysninger-i-statistikken",),
        ),
        Preset(
            Policy("under 10", minimum=10),
            Standing.WRITTEN,
            ("http://celsius.lshtm.ac.uk/onscell.html", "https://zenodo.org/records/10054629"),
        ),
        Preset(
            Policy("under 10, zeros too", minimum=10, zero=Zero.WITHHELD),
            Standing.WRITTEN,
            ("https://guidebook.ukllc.ac.uk/docs/user_guide/sdc",),
        ),
        Preset(
            Policy("rounded to 5", rounding=5),
            Standing.CONVENTION,
            (
                "https://cran.r-project.org/web/packages/SmallCountRounding/vignettes/"
                "Introduction_to_SmallCountRounding.html",
            ),
        ),
        Preset(
            Policy("opensafely", minimum=8, rounding=5),
            Standing.WRITTEN,
            ("https://docs.opensafely.org/sdc/", "https://www.opensafely.org/updated-output-checking-processes/"),
        ),
        Preset(
            Policy("hospital episode statistics", minimum=8, rounding=5),
            Standing.WRITTEN,
            (
                "https://digital.nhs.uk/data-and-information/data-tools-and-services/data-services/"
                "hospital-episode-statistics/change-to-disclosure-control-methodology-for-hes-and-ecds-from-september-2018",
            ),
        ),
        Preset(
            Policy("denmark"),
            Standing.SECOND_HAND,
            (
                "https://steno-aarhus.github.io/registers-guide/en/14_eksport-hjemsendelse.html",
                "https://www.dst.dk/en/TilSalg/Forskningsservice/hjemtagelse-af-analyseresultater",
            ),
        ),
        Preset(
            Policy("norway", minimum=3),
            Standing.WRITTEN,
            (
                "https://www.ssb.no/en/omssb/personvern/personopplysninger-i-statistikken",
                "https://helsedata.no/no/soknadsveiledning/anonyme-opplysninger/",
            ),
        ),
        Preset(
            Policy("finland"),
            Standing.NO_RULE,
            (
                "https://findata.fi/en/services-and-instructions/producing-anonymous-results/",
                "https://stat.fi/en/services/services-for-researchers/instructions-for-researchers/using-the-datasets/"
                "output-checking-fiona",
            ),
        ),
        Preset(Policy("sweden"), Standing.NO_RULE, ("https://www.scb.se/FAQ-CKM",)),
    )
}
"""Name → preset. docs/disclosure.md says of each what its sources say."""

_WHOLE, _YES_OR_NO, _TEXT = "a whole number, as 5", "true or false", "text in quotes"
_KINDS: Mapping[str, str] = {
    "preset": _TEXT,
    "name": _TEXT,
    "minimum": _WHOLE,
    "zero": _TEXT,
    "margin": _WHOLE,
    "complementary": _YES_OR_NO,
    "rounding": _WHOLE,
}
"""Key of a policy in a file → what stands there."""


def read_policy(written: Mapping[str, object], where: str = "policy") -> Policy:
    """The policy that a file describes.

    Parameters
    ----------
    written
        Keys and values as TOML gives them: the fields of `Policy`, and `preset`, the name of one to begin with.
    where
        The file or section, for messages.

    Raises
    ------
    DisclosureError
        A key is not known, a value is not what stands there, or the policy contradicts itself: all of it at once.
    """
    problems = list(_misspelt(written, where))
    if problems:
        raise several(problems)
    preset = str(written.get("preset", DEFAULT))
    if preset not in PRESETS:
        raise DisclosureError(
            f"{shown(preset)} is no preset", where=f"{where}.preset", remedy=closest(preset, [*PRESETS])
        )
    if written.get("complementary") is False and "margin" in written:
        raise DisclosureError(
            "a margin asks for what complementary = false gives up",
            where=f"{where}.margin",
            remedy="leave one of them out",
        )
    policy = _changed(PRESETS[preset].policy, written, where)
    _refuse_borrowed_name(policy, where)
    return policy


def _refuse_borrowed_name(policy: Policy, where: str) -> None:
    """Every page is stamped with the name: who reads that of a preset takes its rules to have held."""
    alike = [preset.policy for preset in PRESETS.values() if _seen(preset.policy) == _seen(policy)]
    if alike and policy not in alike:
        raise DisclosureError(
            f"{shown(policy.name)} is the name of a preset, whose rules are others",
            where=f"{where}.name",
            remedy="give the policy a name of its own, or leave the name out",
        )


def _seen(policy: Policy) -> str:
    return looks(tidy(policy.name))


def is_preset(policy: Policy) -> bool:
    """Whether a policy is one of those that docs/disclosure.md lists, by its name."""
    return policy.name in PRESETS and PRESETS[policy.name].policy == policy


def _misspelt(written: Mapping[str, object], where: str) -> Iterator[DisclosureError]:
    for key, value in written.items():
        place = f"{where}.{key}"
        if key not in _KINDS:
            yield DisclosureError("unknown key", where=place, remedy=closest(key, [*_KINDS]))
        elif not _is_kind(value, _KINDS[key]):
            yield DisclosureError(f"{shown(value)} cannot stand there", where=place, remedy=f"write {_KINDS[key]}")
        elif isinstance(value, str) and any(map(is_unseen, value)):
            unseen = named(next(filter(is_unseen, value)))
            what = f"a sign that cannot be seen stands in this text ({unseen})"
            yield DisclosureError(what, where=place, remedy="remove it")
        elif key == "zero" and value not in [*Zero]:
            yield DisclosureError(f"{shown(value)} is not known", where=place, remedy=closest(value, [*Zero]))


def _is_kind(value: object, kind: str) -> bool:
    if kind == _WHOLE:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, bool if kind == _YES_OR_NO else str)


def _changed(policy: Policy, written: Mapping[str, object], where: str) -> Policy:
    """A policy with what is written put in its place; changed, it is no longer the preset and has another name."""

    def whole(key: str, otherwise: int) -> int:
        value = written.get(key)
        return value if isinstance(value, int) else otherwise

    changed = f"{policy.name}, changed" if written.keys() - {"preset", "name"} else policy.name
    try:
        return Policy(
            name=str(written.get("name", changed)),
            minimum=whole("minimum", policy.minimum),
            zero=Zero(str(written.get("zero", policy.zero))),
            margin=whole("margin", policy.margin),
            complementary=written.get("complementary", policy.complementary) is True,
            rounding=whole("rounding", policy.rounding or 0) if "rounding" in written else policy.rounding,
        )
    except DisclosureError as error:
        inside = [DisclosureError(one.what, where=f"{where}.{one.where}", remedy=one.remedy) for one in error.each]
        raise several(inside) from None
