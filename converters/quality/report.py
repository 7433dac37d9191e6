"""The quality report: what a data set holds, what was odd, and what was done about it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from converters.quality.site_guess import Guessed, site_scores
from converters.quality.table_counts import table_counts
from converters.records import READ_FAILURES, Finding, FindingKind, TableRow, View
from converters.selection import doubt_about
from formats.labels import LABELS
from formats.notice import NOTICE

SCHEMA_VERSION = 1
MEANINGS = {
    FindingKind.IMAGE_MISSING: "Films that the table names and that are not on disk",
    FindingKind.IMAGE_UNREADABLE: "Films that cannot be read",
    FindingKind.MASK_MISSING: "Masks that the table names and that are not on disk",
    FindingKind.MASK_UNREADABLE: "Masks that cannot be read, or do not fit their film",
    FindingKind.MASK_EMPTY: "Masks without an outline",
    FindingKind.MASK_OF_OTHER_SIZE: "Masks of another size than their film (scaled if alike)",
    FindingKind.MASK_INVERTED: "Masks dark on bright (turned over)",
    FindingKind.MASK_ALREADY_FILLED: "Masks that are filled, not outlines",
    FindingKind.MASK_OUTLINE_OPEN: "Outlines with a gap (their convex hull was taken)",
    FindingKind.MASK_IN_PIECES: "Masks of several pieces (the largest was taken)",
    FindingKind.NAME_MATCHED_IGNORING_CASE: "Names that match only ignoring case",
    FindingKind.NAME_MATCHED_IGNORING_ENDING: "Names that match only ignoring the ending",
    FindingKind.FOUND_IN_OTHER_FOLDER: "Files found in another folder than the table's",
    FindingKind.STRAY_FILE: "Stray files: on disk, but not in the table",
    FindingKind.FOLDER_UNREADABLE: "Folders and links that cannot be followed",
    FindingKind.ICS_UNREADABLE: "Headers (.ics) that cannot be read",
    FindingKind.OVERLAY_UNREADABLE: "OVERLAY files that cannot be read in full",
    FindingKind.OVERLAY_UNMATCHED: "Lesions and OVERLAY abnormalities without a counterpart",
    FindingKind.OVERLAY_DISAGREES_WITH_CASE: "Lesions whose OVERLAY disagrees with the folder",
    FindingKind.ROW_UNUSABLE: "Rows of a table that cannot be used",
    FindingKind.ROW_REPEATED: "Films that stand twice in one table",
    FindingKind.TABLES_DISAGREE: "Films whose status differs between tables",
    FindingKind.AGE_MISSING: "Views without an age",
    FindingKind.DENSITY_MISSING: "Views without a density",
    FindingKind.LESION_IN_NORMAL_CASE: "Lesions marked in a case of the Normal folder",
    FindingKind.LABEL_UNKNOWN: "Views left out, as a mask of theirs could not be used",
    FindingKind.SIBLING_UNMARKED: "Unmarked views of a breast whose other view is marked",
    FindingKind.OTHER_BREAST_UNMARKED: "Views of an unmarked breast in a Benign or Cancer case",
    FindingKind.FILM_REPEATED: "Films that stand in the data set twice, byte for byte",
    FindingKind.FILM_LOOKS_REPEATED: "Films of two patients that show the same picture",
    FindingKind.ANNOTATION_UNREADABLE: "Annotations that cannot be read (their films are left out)",
    FindingKind.ANNOTATION_MISSING: "Films that no annotation file speaks of (taken for normal)",
    FindingKind.LESION_LEFT_OUT: "Annotations that are no lesions of their own, left out",
    FindingKind.LESION_WITHOUT_PLACE: "Films with a lesion whose place is not given, left out",
    FindingKind.PATIENT_IN_TWO_PARTS: "Patients that stand in two parts of the source's own split",
    FindingKind.FILM_IN_TWO_PARTS: "Films that stand in two parts of the source's own split",
}
RELABELLING_REASONS = {
    None: "its lesions' own pathology",
    FindingKind.SIBLING_UNMARKED: "no lesion is marked here, though one is in the other view",
    FindingKind.OTHER_BREAST_UNMARKED: "no lesion is marked in this breast",
}
NOT_SEEN = (
    "Films are compared by their bytes. Different patients' films of one size, side, view and age "
    "are also compared by a thumbnail; a copy that was resized, mirrored or given another age goes "
    "unseen. Films are checked by header and end only: damage in the middle goes unseen."
)


def table_report(
    rows: Sequence[TableRow], findings: Iterable[Finding], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Report on the tables alone, in JSON's own types."""
    return {
        "schema_version": SCHEMA_VERSION,
        "note": NOTICE,
        "settings": dict(settings),
        "table": table_counts(rows),
        "site_alone_would_score": {
            "case_status": _site_scores((row.case_id, row.status) for row in rows)
        },
        "findings": findings_section(findings),
    }


def conversion_sections(
    views: Sequence[View], parts: Mapping[str, Sequence[View]]
) -> dict[str, Any]:
    """Report on the views that were read and on those that went into the parts."""
    kept = [view for part in parts.values() for view in part]
    return {
        "views": {
            "read": len(views),
            "kept": len(kept),
            "kept_by_label": _label_counts(kept),
            "kept_by_label_and_case_status": _by_label_and_status(kept),
        },
        "lesions": _lesion_counts(kept),
        "site_alone_would_score": {
            "view_label": _site_scores((view.row.case_id, view.label) for view in kept)
        },
        "relabelled": _relabelled(views),
        "splits": {name: _part_counts(part) for name, part in parts.items()},
        "warnings": empty_part_warnings(parts),
        "not_seen": NOT_SEEN,
    }


def findings_section(findings: Iterable[Finding]) -> dict[str, Any]:
    """Return for every kind, also those that did not occur, its count and its files."""
    by_kind: dict[FindingKind, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_kind[finding.kind].append(finding)
    return {
        kind.value: {
            "meaning": MEANINGS[kind],
            "count": len(by_kind[kind]),
            "files": [
                {"file": finding.file, "detail": finding.detail}
                for finding in sorted(by_kind[kind], key=lambda f: (f.file, f.detail))
            ],
        }
        for kind in FindingKind
    }


def count_read_failures(findings: Iterable[Finding]) -> int:
    """Count the films, masks and folders that should have been there, whole."""
    return sum(finding.kind in READ_FAILURES for finding in findings)


def read_failure_warnings(findings: Iterable[Finding]) -> list[str]:
    """Say for each kind of read failure how many there are, and name the first."""
    by_kind: dict[FindingKind, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_kind[finding.kind].append(finding)
    warnings = []
    for kind in FindingKind:
        if kind in READ_FAILURES and kind in by_kind:
            first = min(by_kind[kind], key=lambda finding: finding.file)
            count = len(by_kind[kind])
            warnings.append(f"{MEANINGS[kind]}: {count}, first {first.file}: {first.detail}")
    return warnings


def empty_part_warnings(parts: Mapping[str, Sequence[View]]) -> list[str]:
    """Say which parts are empty."""
    cases = len({view.row.case_id for part in parts.values() for view in part})
    return [
        f"{name} is empty: {cases} patients are too few for this split"
        for name, part in parts.items()
        if not part
    ]


def _site_scores(views: Iterable[tuple[str, str]]) -> dict[str, float]:
    scores = site_scores([Guessed(*view) for view in views])
    return {name: round(score, 4) for name, score in scores._asdict().items()}


def _label_counts(views: Iterable[View]) -> dict[str, int]:
    counts = Counter(view.label for view in views)
    return {label: counts[label] for label in LABELS}


def _by_label_and_status(views: Sequence[View]) -> dict[str, dict[str, int]]:
    counts = Counter((view.label, view.row.status) for view in views)
    return {label: {status: counts[label, status] for status in LABELS} for label in LABELS}


def _lesion_counts(views: Sequence[View]) -> dict[str, Any]:
    lesions = [lesion for view in views for lesion in view.lesions]
    per_view = Counter(len(view.lesions) for view in views)
    return {
        "count": len(lesions),
        "by_label": dict(sorted(Counter(lesion.label for lesion in lesions).items())),
        "by_pathology_source": dict(
            sorted(Counter(lesion.pathology_source for lesion in lesions).items())
        ),
        "by_type": dict(
            sorted(Counter(lesion.lesion_type or "unknown" for lesion in lesions).items())
        ),
        "views_by_number_of_lesions": {str(n): per_view[n] for n in sorted(per_view)},
    }


def _relabelled(views: Iterable[View]) -> list[dict[str, Any]]:
    """Return every change from a folder's label to a view's, why, and the files."""
    files: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for view in views:
        doubt = doubt_about(view)
        if doubt in RELABELLING_REASONS and view.label != view.row.status:
            reason = RELABELLING_REASONS[doubt]
            files[view.row.status, view.label, reason].append(view.file_name)
    return [
        {"from": status, "to": label, "reason": reason, "count": len(names), "files": sorted(names)}
        for (status, label, reason), names in sorted(files.items())
    ]


def _part_counts(views: Sequence[View]) -> dict[str, Any]:
    site_of_case = {view.row.case_id: view.row.site for view in views}
    return {
        "cases": len(site_of_case),
        "cases_by_site": dict(sorted(Counter(site_of_case.values()).items())),
        "views": len(views),
        "views_by_label": _label_counts(views),
        "lesions": sum(len(view.lesions) for view in views),
    }
