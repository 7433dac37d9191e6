"""One skeleton for every page: a template, filled in, that needs no other file."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from evaluation.bootstrap import Estimate
from formats.notice import NOTICE
from reports.colours import PAGE_COLOURS

NOT_APPLICABLE = "n/a"


def render(template: str, context: Mapping[str, Any]) -> str:
    """Fill in a template; what goes into HTML is escaped."""
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=lambda name: name is not None and name.endswith(".html.jinja"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = format_number
    environment.filters["interval"] = format_interval
    return environment.get_template(template).render(
        {"notice": NOTICE, "page_colours": PAGE_COLOURS, **context}
    )


def format_number(estimate: Estimate) -> str:
    """Write the value with three digits."""
    return NOT_APPLICABLE if estimate.value is None else f"{estimate.value:.3f}"


def format_interval(estimate: Estimate) -> str:
    """Write the interval with three digits, or nothing where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{estimate.low:.3f} to {estimate.high:.3f}"
