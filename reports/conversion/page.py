"""The quality report of a conversion as one page that needs no other file, and its figures."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from converters.conversion import Conversion
from converters.records import TableRow
from formats.labels import LABEL_COLOURS, LABELS
from formats.whole_file import write_whole
from reports.conversion.contact_sheet import draw_contact_sheet
from reports.conversion.figures import (
    draw_age_distribution,
    draw_class_balance,
    draw_lesion_sizes,
    draw_mean_age,
)
from reports.conversion.lesion_places import draw_lesion_places
from reports.conversion.summary import conversion_points
from reports.conversion.tables import conversion_tables
from reports.pages import render
from reports.style import png_bytes, svg_address

TEMPLATE = "conversion.html.jinja"
PAGE_NAME = "quality_report.html"
TITLES = {
    "lesion_sizes.png": "Sizes of the lesions; lines divide small, medium and large",
    "lesion_places.png": "Where the lesions lie, on the mean film",
    "class_balance.png": "Views by label",
    "age_distribution.png": "Ages of the patients",
    "mean_age_by_status.png": "Mean age and its standard deviation",
}


def write_conversion_page(
    conversion: Conversion, root: Path | None, output_dir: Path
) -> list[Path]:
    """Write the page and its figures, each also as a PNG, and return their paths.

    Args:
        conversion: what was converted.
        root: the folder of the films; None where only tables were read.
        output_dir: made where it is missing.

    Raises:
        OSError: a file cannot be written.
    """
    figures = conversion_figures(conversion, root)
    page = render(TEMPLATE, page_context(conversion, figures, root))
    write_whole(page.encode(), output_dir / PAGE_NAME)
    for name, figure in figures.items():
        write_whole(png_bytes(figure), output_dir / name)
    return [output_dir / name for name in (PAGE_NAME, *figures)]


def conversion_figures(conversion: Conversion, root: Path | None) -> dict[str, Figure]:
    """Draw the figures, by file name."""
    ages = patients_ages(conversion.rows)
    figures = {
        "class_balance.png": draw_class_balance(label_counts(conversion)),
        "age_distribution.png": draw_age_distribution(ages),
        "mean_age_by_status.png": draw_mean_age(ages),
    }
    if root is None or not any(view.lesions for view in conversion.kept_views):
        return figures
    return {
        "lesion_sizes.png": draw_lesion_sizes(conversion.kept_views),
        "lesion_places.png": draw_lesion_places(conversion.kept_views, root),
        **figures,
    }


def page_context(
    conversion: Conversion, figures: dict[str, Figure], root: Path | None
) -> dict[str, Any]:
    """Return what the template shows."""
    findings = conversion.report["findings"].values()
    sheet = draw_contact_sheet(conversion.views, conversion.findings, root) if root else []
    return {
        "report": conversion.report,
        "first_points": conversion_points(conversion),
        "label_colours": LABEL_COLOURS,
        "contact_sheet": sheet,
        "figures": {TITLES[name]: svg_address(figure) for name, figure in figures.items()},
        "tables": conversion_tables(conversion.report),
        "occurred": [finding for finding in findings if finding["count"]],
        "not_occurred": [finding["meaning"] for finding in findings if not finding["count"]],
    }


def patients_ages(rows: Iterable[TableRow]) -> dict[str, list[float]]:
    """Return each patient's age once, by status; patients without one are left out."""
    age_of = {(row.status, row.case_id): row.age_years for row in rows if row.age_years}
    ages: dict[str, list[float]] = {label: [] for label in LABELS}
    for (status, _), age_years in age_of.items():
        if status in ages:
            ages[status].append(age_years)
    return ages


def label_counts(conversion: Conversion) -> dict[str, int]:
    """Count the views by label; by the table, where no film was opened."""
    labels = [view.label for view in conversion.kept_views] or [
        row.status if row.mask_files else "Normal" for row in conversion.rows
    ]
    return {label: labels.count(label) for label in LABELS}
