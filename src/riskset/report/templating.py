"""HTML from the templates of the report: every text is escaped, and a name that a template lacks is an error."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from riskset.spec.words import capital


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("riskset.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["capital"] = capital
    return environment


def render(template: str, /, **values: object) -> Markup:
    """A template of ``report/templates`` with its values, as markup."""
    return Markup(_environment().get_template(template).render(**values))
