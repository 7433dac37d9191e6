"""A conversion's counts as tables."""

from collections.abc import Mapping
from typing import Any

from formats.labels import LABELS
from reports.table import Cell, ReportTable

PART_TITLES = {"train": "Training", "val": "Validation", "test": "Test"}


def conversion_tables(report: Mapping[str, Any]) -> list[ReportTable]:
    """Return the counts that a reader looks for; all others stand in the JSON report."""
    tables = [status_table(report["table"]), site_table(report["table"])]
    if "splits" in report:
        tables = [split_table(report["splits"]), kept_table(report["views"]), *tables]
    return tables


def split_table(splits: Mapping[str, Any]) -> ReportTable:
    """Count patients, views by label, and lesions of each part."""
    rows = [
        (
            PART_TITLES[name],
            _cells(part["cases"], part["views"], *part["views_by_label"].values(), part["lesions"]),
        )
        for name, part in splits.items()
    ]
    columns = ["", "Patients", "Views", *LABELS, "Lesions"]
    return ReportTable(caption="Split, by patient", columns=columns, rows=rows)


def kept_table(views: Mapping[str, Any]) -> ReportTable:
    """Count the views that were kept by their label and by their folder's."""
    rows = [
        (f"{label} by its lesions", _cells(*by_status.values()))
        for label, by_status in views["kept_by_label_and_case_status"].items()
    ]
    columns = ["", *(f"folder {label}" for label in LABELS)]
    return ReportTable(caption="Views kept, by label and folder", columns=columns, rows=rows)


def status_table(table: Mapping[str, Any]) -> ReportTable:
    """Count what the data set's own table names, by folder."""
    titles = {
        "cases_by_status": "Patients",
        "views_by_status": "Views",
        "unmarked_views_by_status": "Views without an outline",
        "unmarked_breasts_by_status": "Breasts without an outline",
    }
    rows = [(title, _cells(*table[key].values())) for key, title in titles.items()]
    return ReportTable(caption="By the data set's table", columns=["", *LABELS], rows=rows)


def site_table(table: Mapping[str, Any]) -> ReportTable:
    """Count the views of each site by folder."""
    rows = [
        (f"Site {site}", _cells(*counts.values()))
        for site, counts in table["views_by_site_and_status"].items()
    ]
    return ReportTable(caption="Views by site and folder", columns=["", *LABELS], rows=rows)


def _cells(*counts: int) -> list[Cell]:
    return [str(count) for count in counts]
