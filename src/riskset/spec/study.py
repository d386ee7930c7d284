"""The whole study: a description that travels, without a single location in it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, ValidationError, model_validator

from riskset.errors import SpecError
from riskset.spec.base import Part
from riskset.spec.design import Cases, Controls, Eligibility, Period
from riskset.spec.measures import Covariate, Exposure, Name
from riskset.spec.models import BUILT_IN_COVARIATES, Model, Prognosis

P = TypeVar("P", bound=Part)


class Published(Part):
    """A published figure to be set beside ours; for a synthetic nation it is no replication."""

    exposure: str
    measure: str
    level: str
    estimate: Annotated[float, Field(gt=0)]
    """On the ratio scale."""
    low: float | None = None
    high: float | None = None
    source: str


class Study(Part):
    """A register study as data."""

    name: str
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    """Of the sampler; the same seed draws the same controls on any engine."""
    description: str = ""
    period: Period
    eligibility: Eligibility = Eligibility()
    cases: Cases
    controls: Annotated[tuple[Controls, ...], Field(min_length=1)]
    anchor: Literal["index date", "onset"] = "index date"
    """Where windows end: at the set's date, or at the case's symptom onset, given to its whole set."""
    exposures: tuple[Exposure, ...] = ()
    covariates: tuple[Covariate, ...] = ()
    models: tuple[Model, ...] = ()
    conf_level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    prognosis: Prognosis | None = None
    published: tuple[Published, ...] = ()

    @model_validator(mode="after")
    def _references(self) -> Study:
        _check_unique("controls", [c.comparison for c in self.controls])
        _check_unique("exposures", [e.name for e in self.exposures])
        _check_unique("models", [m.key for m in self.models])
        known = (*BUILT_IN_COVARIATES, *(c.name for c in self.covariates))
        _check_unique("covariates", list(known))
        for i, model in enumerate(self.models):
            here = f"models[{i}]"
            having = [e.name for e in self.exposures if any(m.key == model.measure for m in e.measures)]
            if not having:
                keys = sorted({m.key for e in self.exposures for m in e.measures})
                raise ValueError(f"{here}.measure: no exposure has a measure {model.measure!r}; there are {_list(keys)}")
            for name in model.exposures:
                if name not in having:
                    raise ValueError(f"{here}.exposures: {name!r} has no measure {model.measure!r}; {_list(having)} have")
            asked = (*model.adjust, *(s.by for s in model.subgroups), *model.interactions)
            for name in asked:
                if name not in known:
                    raise ValueError(f"{here}: {name!r} is no covariate; there are {_list(known)}")
        return self

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical JSON: equal for the Python and the TOML spelling of one study."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    @classmethod
    def load(cls, path: str | Path) -> Study:
        """Read ``study.toml``.

        Raises
        ------
        SpecError
            The file is missing, is no TOML, or says something that cannot be meant; with the path inside it.
        """
        return read_toml(cls, Path(path))


def read_toml(kind: type[P], path: Path) -> P:
    """Read a TOML file as a part of a description, with errors for the person who wrote it."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SpecError("there is no such file", where=str(path), remedy="give the path of a TOML file") from None
    except IsADirectoryError:
        raise SpecError("this is a folder", where=str(path), remedy="give the path of a TOML file") from None
    except UnicodeDecodeError:
        raise SpecError("the file is not UTF-8 text", where=str(path), remedy="save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"this is no valid TOML: {error}", where=str(path)) from None
    return parse(kind, data, where=path.name)


def parse(kind: type[P], data: dict[str, Any], *, where: str = "") -> P:
    """Build a part of a description from plain data, or raise the first thing wrong with it as a SpecError."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise as_spec_error(error, where) from None


def as_spec_error(error: ValidationError, where: str = "") -> SpecError:
    """The first of pydantic's complaints in our words: a path, what is wrong, what would be right."""
    problem = error.errors()[0]
    path = ""
    for step in problem["loc"]:
        if isinstance(step, int):
            path += f"[{step}]"
        elif not _is_tag(step):
            path += f".{step}" if path else str(step)
    what, remedy = _in_words(problem)
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return SpecError(what + more, where=" ".join(p for p in (where, path) if p), remedy=remedy)


_TAGS = {"population", "siblings", "spouses", "ever", "any_use", "first_use", "count", "ddd", "recency"}


def _is_tag(step: str) -> bool:
    # A discriminated union puts the chosen kind into the path; it is no key of the file.
    return step in _TAGS


def _in_words(problem: Any) -> tuple[str, str]:
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "extra_forbidden":
        return "unknown key", "remove it or mend its spelling"
    if kind == "missing":
        return "a required key is missing", "add it"
    if kind == "value_error":
        what, _, remedy = str(context["error"]).partition("; ")
        return what, remedy
    if kind == "union_tag_invalid":
        return f"unknown kind {context['tag']!r}", f"write one of {context['expected_tags']}"
    if kind == "union_tag_not_found":
        return "its kind is missing", "add kind = …"
    return str(problem["msg"])[0].lower() + str(problem["msg"])[1:], ""


def _check_unique(where: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{where}: {name!r} is there twice; names are unique")


def _list(names: Any) -> str:
    return ", ".join(names) or "none"
