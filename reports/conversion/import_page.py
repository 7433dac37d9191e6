"""The quality report of an import as one page that needs no other file, and its figures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from converters.conversion import Conversion
from converters.imports.import_report import LEAKS
from converters.records import READ_FAILURES, FindingKind
from formats.labels import LABEL_COLOURS, SEVERITY, UNNAMED_LESION
from formats.whole_file import write_whole
from reports.conversion.contact_sheet import draw_contact_sheet
from reports.conversion.page import PAGE_NAME, TITLES, conversion_figures
from reports.conversion.tables import PART_TITLES
from reports.first_points import Point
from reports.pages import render
from reports.style import png_bytes, svg_address
from reports.table import Cell, ReportTable

TEMPLATE = "import.html.jinja"
LABEL_TITLES = {label: label for label in SEVERITY} | {UNNAMED_LESION: "Unknown pathology"}
TYPE_TITLE = "Lesions by type"


def write_import_page(conversion: Conversion, root: Path, output_dir: Path) -> list[Path]:
    """Write the page and its figures, each also as a PNG, and return their paths.

    Args:
        conversion: what was imported.
        root: the folder of the films.
        output_dir: made where it is missing.

    Raises:
        OSError: a file cannot be written.
    """
    figures = conversion_figures(conversion, root)
    findings = conversion.report["findings"].values()
    context = {
        "report": conversion.report,
        "first_points": import_points(conversion),
        "label_colours": LABEL_COLOURS,
        "contact_sheet": draw_contact_sheet(conversion.views, conversion.findings, root),
        "figures": {TITLES[name]: svg_address(figure) for name, figure in figures.items()},
        "tables": import_tables(conversion.report),
        "occurred": [finding for finding in findings if finding["count"]],
        "not_occurred": [finding["meaning"] for finding in findings if not finding["count"]],
    }
    write_whole(render(TEMPLATE, context).encode(), output_dir / PAGE_NAME)
    for name, figure in figures.items():
        write_whole(png_bytes(figure), output_dir / name)
    return [output_dir / name for name in (PAGE_NAME, *figures)]


def import_points(conversion: Conversion) -> list[Point]:
    """Return the sentences that a user needs who reads no more."""
    report = conversion.report
    return [
        Point("What is in it", contents_sentence(report)),
        Point("What was changed", changes_sentence(report["changes"])),
        Point("What was left out", left_out_sentence(conversion)),
        Point("What leaks", leaks_sentence(conversion)),
    ]


def contents_sentence(report: Mapping[str, Any]) -> str:
    """Say how many films, patients and lesions there are, and how they were split."""
    labels = ", ".join(
        f"{count} {LABEL_TITLES[label]}"
        for label, count in report["views"]["kept_by_label"].items()
        if count
    )
    parts = ", ".join(f"{part['views']} {name}" for name, part in report["splits"].items())
    cases = sum(part["cases"] for part in report["splits"].values())
    return (
        f"{report['views']['kept']} films of {cases} patients ({labels}) with "
        f"{report['lesions']['count']} lesions, split by patient: {parts}."
    )


def changes_sentence(changes: list[str]) -> str:
    """Say what reading changed."""
    return f"{'; '.join(changes)}." if changes else "Every record was taken as it stands."


def left_out_sentence(conversion: Conversion) -> str:
    """Say what could not be used."""
    kinds = {*READ_FAILURES, FindingKind.LESION_WITHOUT_PLACE, FindingKind.LESION_LEFT_OUT}
    said = [
        f"{finding['meaning'].lower()}: {finding['count']}"
        for kind, finding in conversion.report["findings"].items()
        if finding["count"] and kind in kinds
    ]
    return f"{'; '.join(said)}.".capitalize() if said else "No film and no lesion was left out."


def leaks_sentence(conversion: Conversion) -> str:
    """Say which patients and films stand in two parts, and how the split was made."""
    report = conversion.report
    counts = {kind: report["findings"][kind.value]["count"] for kind in LEAKS}
    found = (
        f"{counts[LEAKS[0]]} patients and {counts[LEAKS[1]]} films stand in two parts of the "
        "source's own split. "
        if any(counts.values())
        else "No patient and no film was found in two parts of the source's own split. "
    )
    is_kept = report["settings"]["keep_split"]
    made = "keeps the source's parts" if is_kept else "was made anew"
    return f"{found}The split that was written {made}; no patient is in two of its parts."


def import_tables(report: Mapping[str, Any]) -> list[ReportTable]:
    """Return the counts that a reader looks for; all others stand in the JSON report."""
    labels = [label for label, count in report["views"]["kept_by_label"].items() if count]
    rows: list[tuple[str, list[Cell]]] = [
        (
            PART_TITLES[name],
            [
                *map(str, (part["cases"], part["views"])),
                *(str(part["views_by_label"][label]) for label in labels),
                str(part["lesions"]),
            ],
        )
        for name, part in report["splits"].items()
    ]
    columns = ["", "Patients", "Views", *(LABEL_TITLES[label] for label in labels), "Lesions"]
    types: list[tuple[str, list[Cell]]] = [
        (kind, [str(count)]) for kind, count in report["lesions"]["by_type"].items()
    ]
    return [
        ReportTable(caption="Split, by patient", columns=columns, rows=rows),
        ReportTable(caption=TYPE_TITLE, columns=["", "Lesions"], rows=types),
    ]
