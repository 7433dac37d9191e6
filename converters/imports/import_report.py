"""The quality report of an import: counts, what was changed, leaks and sizes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from converters.quality.report import (
    NOT_SEEN,
    SCHEMA_VERSION,
    empty_part_warnings,
    findings_section,
)
from converters.records import Finding, FindingKind, View
from formats.labels import SEVERITY
from formats.notice import NOTICE

LEAKS = (FindingKind.PATIENT_IN_TWO_PARTS, FindingKind.FILM_IN_TWO_PARTS)


def import_report(
    *,
    source: str,
    views: Sequence[View],
    parts: Mapping[str, Sequence[View]],
    findings: Sequence[Finding],
    changes: Sequence[str],
    without_patient: int,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """Report on an import, in JSON's own types.

    Args:
        source: the layout's name.
        views: all that were kept.
        parts: the views of train, val and test.
        findings: what was odd.
        changes: what reading changed, a sentence each.
        without_patient: how many films tell no patient.
        settings: what was chosen.
    """
    lesions = [lesion for view in views for lesion in view.lesions]
    return {
        "schema_version": SCHEMA_VERSION,
        "note": NOTICE,
        "source": source,
        "settings": dict(settings),
        "views": {
            "kept": len(views),
            "kept_by_label": label_counts(views),
            "with_patient": len(views) - without_patient,
            "sizes_px": _sizes(views),
        },
        "lesions": {
            "count": len(lesions),
            "by_label": _counts(lesion.label for lesion in lesions),
            "by_type": _counts(lesion.lesion_type or "unknown" for lesion in lesions),
            "by_assessment": _counts(str(lesion.assessment or "unknown") for lesion in lesions),
            "views_by_number_of_lesions": _counts(str(len(view.lesions)) for view in views),
            "side_share": _side_shares(views),
        },
        "splits": {name: _part(part) for name, part in parts.items()},
        "changes": list(changes),
        "warnings": [
            *_leak_warnings(findings),
            *_patient_warnings(len(views), without_patient),
            *empty_part_warnings(parts),
        ],
        "findings": findings_section(findings),
        "not_seen": NOT_SEEN,
    }


def label_counts(views: Sequence[View]) -> dict[str, int]:
    """Count the views by label; `Lesion` is of unknown pathology."""
    counts = Counter(view.label for view in views)
    return {label: counts[label] for label in SEVERITY}


def _part(views: Sequence[View]) -> dict[str, Any]:
    return {
        "cases": len({view.row.case_id for view in views}),
        "views": len(views),
        "views_by_label": label_counts(views),
        "lesions": sum(len(view.lesions) for view in views),
    }


def _counts(values: Any) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _sizes(views: Sequence[View]) -> dict[str, list[int]]:
    """Return the least, the median and the largest height and width."""
    sizes = np.array([(view.height_px, view.width_px) for view in views])
    quantiles = np.quantile(sizes, (0, 0.5, 1), axis=0, method="nearest").astype(int)
    return {"height": quantiles[:, 0].tolist(), "width": quantiles[:, 1].tolist()}


def _side_shares(views: Sequence[View]) -> list[float]:
    """Return least, median and largest of lesions' longer sides, in parts of their films'."""
    shares = [
        max(lesion.bbox_xywh[2:]) / max(view.height_px, view.width_px)
        for view in views
        for lesion in view.lesions
    ]
    return [round(float(share), 4) for share in np.quantile(shares, (0, 0.5, 1))] if shares else []


def _leak_warnings(findings: Sequence[Finding]) -> list[str]:
    what = {LEAKS[0]: "patients", LEAKS[1]: "films"}
    counts = Counter(finding.kind for finding in findings)
    first = {kind: next((f for f in findings if f.kind == kind), None) for kind in LEAKS}
    return [
        f"{counts[kind]} {what[kind]} stand in two parts of the source's own split, such as "
        f"{found.file} ({found.detail}): figures by that split are too good"
        for kind, found in first.items()
        if found is not None
    ]


def _patient_warnings(view_count: int, without_patient: int) -> list[str]:
    if not without_patient:
        return []
    return [
        f"{without_patient} of {view_count} films tell no patient: each counts as one of its own, "
        "so that a patient's films may be trained on and tested on; name the patients by "
        "--case-pattern"
    ]
