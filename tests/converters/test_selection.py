from dataclasses import replace

import pytest
from views import make_lesion, make_row, make_view

from converters.records import Fate, Finding, FindingKind
from converters.selection import doubt_about, doubts_by_table, select_views, sibling_marks

NORMAL = make_view("A_0001", "Normal")
MARKED = make_view("C_0001", "Cancer", lesions=[make_lesion("Cancer")])
SIBLING = make_view("C_0001", "Cancer", view="MLO", is_sibling_marked=True)
OTHER = make_view("C_0001", "Cancer", side="RIGHT")
UNKNOWN = replace(MARKED, lesions=())


def test_every_doubt_is_named() -> None:
    views = (NORMAL, MARKED, SIBLING, OTHER, UNKNOWN)

    assert [doubt_about(view) for view in views] == [
        None,
        None,
        FindingKind.SIBLING_UNMARKED,
        FindingKind.OTHER_BREAST_UNMARKED,
        FindingKind.LABEL_UNKNOWN,
    ]


@pytest.mark.parametrize(
    ("siblings", "others", "kept"),
    [(True, True, [SIBLING, OTHER]), (False, True, [OTHER]), (True, False, [SIBLING]),
     (False, False, [])],
)  # fmt: skip
def test_doubtful_views_go_where_they_are_told(siblings: bool, others: bool, kept: list) -> None:
    views, findings = select_views([NORMAL, MARKED, SIBLING, OTHER, UNKNOWN], siblings, others)

    assert views == (NORMAL, MARKED, *kept)
    fates = {finding.kind: finding.fate for finding in findings}
    assert fates == {
        FindingKind.SIBLING_UNMARKED: Fate.KEPT_AS_NORMAL if siblings else Fate.LEFT_OUT,
        FindingKind.OTHER_BREAST_UNMARKED: Fate.KEPT_AS_NORMAL if others else Fate.LEFT_OUT,
        FindingKind.LABEL_UNKNOWN: Fate.LEFT_OUT,
    }
    assert all(
        f.detail == ("kept as Normal" if f.fate is Fate.KEPT_AS_NORMAL else "left out")
        for f in findings
    )
    assert [f.file for f in findings] == [v.file_name for v in (SIBLING, OTHER, UNKNOWN)]


def test_view_that_lost_one_of_two_masks_is_left_out() -> None:
    row = make_row("C_0001", "Cancer", masks=2)
    view = make_view("C_0001", "Cancer", lesions=[make_lesion("Cancer")])

    assert doubt_about(replace(view, row=row)) is FindingKind.LABEL_UNKNOWN


def test_sibling_is_the_same_breasts_other_view() -> None:
    marked = make_row("C_0001", "Cancer", masks=1)
    sibling = make_row("C_0001", "Cancer", view="MLO")
    other = make_row("C_0001", "Cancer", side="RIGHT")

    marks = sibling_marks([marked, sibling, other])

    assert marks == {marked.image_file: False, sibling.image_file: True, other.image_file: None}
    undecided = {"detail": "by the table", "fate": Fate.NOT_DECIDED}
    assert doubts_by_table([marked, sibling, other]) == [
        Finding(kind=FindingKind.SIBLING_UNMARKED, file=sibling.image_file, **undecided),
        Finding(kind=FindingKind.OTHER_BREAST_UNMARKED, file=other.image_file, **undecided),
    ]
