"""The quality report as one page that needs no other file."""

import base64
from collections.abc import Mapping
from typing import Any

import jinja2

TEMPLATE = "conversion_report.html.jinja"


def quality_page(report: Mapping[str, Any], figures: Mapping[str, bytes]) -> str:
    """Render the report and its figures (PNG bytes by file name) as HTML."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("reports"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    images = {name: base64.b64encode(png).decode() for name, png in figures.items()}
    return environment.get_template(TEMPLATE).render(report=report, images=images)
