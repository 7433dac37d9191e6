"""Which views a detector may learn from: what to do with those that only look normal."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from converters.records import Finding, FindingKind, TableRow, View

KEPT = "kept as Normal"
LEFT_OUT = "left out"


class Selection(NamedTuple):
    """The views to keep, in their order, and each doubtful view's fate."""

    views: tuple[View, ...]
    findings: tuple[Finding, ...]


def select_views(
    views: Iterable[View], keep_unmarked_siblings: bool, keep_other_breasts: bool
) -> Selection:
    """Leave out the views whose label is not known, and the doubtful ones as asked.

    Args:
        views: All views that were read.
        keep_unmarked_siblings: Keep as Normal an unmarked view of a breast whose other view is
            marked. The lesion is most likely there too, only not outlined.
        keep_other_breasts: Keep as Normal the unmarked breast of a patient with a lesion in the
            other one, where a reader saw both and marked nothing.
    """
    kept, findings = [], []
    for view in views:
        doubt = doubt_about(view)
        is_kept = {
            None: True,
            FindingKind.LABEL_UNKNOWN: False,
            FindingKind.SIBLING_UNMARKED: keep_unmarked_siblings,
            FindingKind.OTHER_BREAST_UNMARKED: keep_other_breasts,
        }[doubt]
        if is_kept:
            kept.append(view)
        if doubt is not None:
            findings.append(
                Finding(kind=doubt, file=view.file_name, detail=KEPT if is_kept else LEFT_OUT)
            )
    return Selection(tuple(kept), tuple(findings))


def doubt_about(view: View) -> FindingKind | None:
    """Say why a view's label is in doubt, or None where it is not."""
    if not view.is_fully_read:
        return FindingKind.LABEL_UNKNOWN
    return _doubt_by_table(view.row, view.is_sibling_marked)


def doubts_by_table(rows: Sequence[TableRow]) -> list[Finding]:
    """Note the views that the table alone shows to be doubtful."""
    marks = sibling_marks(rows)
    doubts = ((row, _doubt_by_table(row, marks[row.image_file])) for row in rows)
    return [
        Finding(kind=doubt, file=row.image_file, detail="by the table")
        for row, doubt in doubts
        if doubt
    ]


def sibling_marks(rows: Iterable[TableRow]) -> dict[str, bool | None]:
    """Say for each film of the table whether its breast's other view has a mask in the table.

    Returns:
        By `image_file`; None where the other view is not in the table.
    """
    by_breast: dict[str, list[TableRow]] = defaultdict(list)
    for row in rows:
        by_breast[row.breast_id].append(row)
    marks: dict[str, bool | None] = {}
    for breast in by_breast.values():
        for row in breast:
            siblings = [other for other in breast if other.view != row.view]
            is_marked = any(other.mask_files for other in siblings)
            marks[row.image_file] = is_marked if siblings else None
    return marks


def _doubt_by_table(row: TableRow, is_sibling_marked: bool | None) -> FindingKind | None:
    if row.mask_files or row.status == "Normal":
        return None
    if is_sibling_marked:
        return FindingKind.SIBLING_UNMARKED
    return FindingKind.OTHER_BREAST_UNMARKED
