"""What Mini-DDSM's table alone tells: its counts, and its rows that call for a note."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from converters.records import Finding, FindingKind, TableRow
from formats.labels import LABELS
from formats.site_letter import site_and_number


def table_counts(rows: Sequence[TableRow]) -> dict[str, Any]:
    """Count views, cases, breasts, masks, sites and missing values."""
    case_status = {row.case_id: row.status for row in rows}
    return {
        "views": len(rows),
        "cases": len(case_status),
        "cases_by_status": _by_label(case_status.values()),
        "views_by_status": _by_label(row.status for row in rows),
        "unmarked_views_by_status": _by_label(row.status for row in rows if not row.mask_files),
        **_breast_counts(rows),
        "views_by_number_of_masks": _sorted_counts(len(row.mask_files) for row in rows),
        "views_with_a_mask_in_place": _mask_places(rows),
        **_number_counts(case_status),
        "views_by_site_and_status": _by_site(rows),
        "views_without_age": sum(row.age_years is None for row in rows),
        "views_without_density": sum(row.density is None for row in rows),
        "views_by_density": _sorted_counts(row.density for row in rows if row.density),
    }


def table_findings(rows: Iterable[TableRow]) -> list[Finding]:
    """Note the views whose age or density is missing."""
    findings = []
    for row in rows:
        if row.age_years is None:
            findings.append(
                Finding(kind=FindingKind.AGE_MISSING, file=row.image_file, detail="no age")
            )
        if row.density is None:
            findings.append(
                Finding(
                    kind=FindingKind.DENSITY_MISSING, file=row.image_file, detail="none of 1 to 4"
                )
            )
    return findings


def _by_label(labels: Iterable[str]) -> dict[str, int]:
    counts = Counter(labels)
    return {label: counts[label] for label in LABELS}


def _sorted_counts(values: Iterable[int]) -> dict[str, int]:
    return {str(value): count for value, count in sorted(Counter(values).items())}


def _breast_counts(rows: Iterable[TableRow]) -> dict[str, Any]:
    breasts: dict[str, list[TableRow]] = defaultdict(list)
    for row in rows:
        breasts[row.breast_id].append(row)
    marked = {breast: sum(bool(row.mask_files) for row in breasts[breast]) for breast in breasts}
    return {
        "breasts": len(breasts),
        "unmarked_breasts_by_status": _by_label(
            views[0].status for breast, views in breasts.items() if not marked[breast]
        ),
        "breasts_with_one_view_marked": sum(
            0 < marked[breast] < len(views) for breast, views in breasts.items()
        ),
    }


def _mask_places(rows: Iterable[TableRow]) -> dict[str, int]:
    """Count the views that name a first mask, a second one, and so on."""
    places = Counter(place for row in rows for place in range(1, len(row.mask_files) + 1))
    return {str(place): places[place] for place in sorted(places)}


def _number_counts(case_ids: Iterable[str]) -> dict[str, int]:
    cases_of_number = Counter(site_and_number(case_id).number for case_id in case_ids)
    return {
        "case_numbers": len(cases_of_number),
        "case_numbers_of_several_cases": sum(count > 1 for count in cases_of_number.values()),
    }


def _by_site(rows: Sequence[TableRow]) -> dict[str, dict[str, int]]:
    return {
        site: _by_label(row.status for row in rows if row.site == site)
        for site in sorted({row.site for row in rows})
    }
