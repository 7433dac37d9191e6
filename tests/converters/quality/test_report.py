from dataclasses import replace

from views import make_lesion, make_row, make_view

from converters.quality.report import (
    MEANINGS,
    NOT_SEEN,
    conversion_sections,
    count_read_failures,
    findings_section,
    read_failure_warnings,
    table_report,
)
from converters.quality.table_counts import table_counts
from converters.records import Finding, FindingKind
from formats.notice import NOTICE

MASS = replace(make_lesion("Cancer"), lesion_type="MASS")
CANCER = make_view("C_0001", "Cancer", lesions=[MASS])
BENIGN_IN_CANCER = make_view("C_0001", "Cancer", side="RIGHT", lesions=[make_lesion("Benign")])
OTHER = make_view("C_0002", "Cancer")
NORMAL = make_view("A_0001", "Normal")
UNREAD = replace(make_view("D_0001", "Cancer", lesions=[MASS]), lesions=())
VIEWS = [CANCER, BENIGN_IN_CANCER, OTHER, NORMAL]
PARTS = {"train": VIEWS[:3], "val": [NORMAL], "test": []}


def test_every_kind_of_finding_is_reported_even_at_zero() -> None:
    section = findings_section(
        [
            Finding(kind=FindingKind.STRAY_FILE, file="b", detail="x"),
            Finding(kind=FindingKind.STRAY_FILE, file="a", detail="y"),
            Finding(kind=FindingKind.STRAY_FILE, file="a", detail="x"),
        ]
    )

    assert set(section) == {kind.value for kind in FindingKind}
    assert set(MEANINGS) == set(FindingKind)
    assert section["mask_empty"]["count"] == 0
    assert section["stray_file"] == {
        "meaning": "Stray files: on disk, but not in the table",
        "count": 3,
        "files": [
            {"file": "a", "detail": "x"},
            {"file": "a", "detail": "y"},
            {"file": "b", "detail": "x"},
        ],
    }


def test_relabelled_views_say_why() -> None:
    further = make_view("C_0000", "Cancer")
    sibling = make_view("C_0001", "Cancer", view="MLO", is_sibling_marked=True)

    assert conversion_sections([*VIEWS, sibling, further], PARTS)["relabelled"] == [
        {
            "from": "Cancer",
            "to": "Benign",
            "reason": "its lesions' own pathology",
            "count": 1,
            "files": [BENIGN_IN_CANCER.file_name],
        },
        {
            "from": "Cancer",
            "to": "Normal",
            "reason": "no lesion is marked here, though one is in the other view",
            "count": 1,
            "files": [sibling.file_name],
        },
        {
            "from": "Cancer",
            "to": "Normal",
            "reason": "no lesion is marked in this breast",
            "count": 2,
            "files": [further.file_name, OTHER.file_name],
        },
    ]


def test_view_of_unknown_label_is_not_relabelled() -> None:
    unknown = replace(CANCER, lesions=())

    assert conversion_sections([unknown], {"train": []})["relabelled"] == []


def test_counts_of_views_lesions_and_parts() -> None:
    report = conversion_sections([*VIEWS, UNREAD], PARTS)

    assert report["views"] == {
        "read": 5,
        "kept": 4,
        "kept_by_label": {"Normal": 2, "Benign": 1, "Cancer": 1},
        "kept_by_label_and_case_status": {
            "Normal": {"Normal": 1, "Benign": 0, "Cancer": 1},
            "Benign": {"Normal": 0, "Benign": 0, "Cancer": 1},
            "Cancer": {"Normal": 0, "Benign": 0, "Cancer": 1},
        },
    }
    assert report["lesions"] == {
        "count": 2,
        "by_label": {"Benign": 1, "Cancer": 1},
        "by_pathology_source": {"overlay": 2},
        "by_type": {"MASS": 1, "unknown": 1},
        "views_by_number_of_lesions": {"0": 2, "1": 2},
    }
    assert report["splits"] == {
        "train": {
            "cases": 2,
            "cases_by_site": {"C": 2},
            "views": 3,
            "views_by_label": {"Normal": 1, "Benign": 1, "Cancer": 1},
            "lesions": 2,
        },
        "val": {
            "cases": 1,
            "cases_by_site": {"A": 1},
            "views": 1,
            "views_by_label": {"Normal": 1, "Benign": 0, "Cancer": 0},
            "lesions": 0,
        },
        "test": {
            "cases": 0,
            "cases_by_site": {},
            "views": 0,
            "views_by_label": {"Normal": 0, "Benign": 0, "Cancer": 0},
            "lesions": 0,
        },
    }
    # A: its one view; C: one of three by label, two of three by having a tumour.
    assert report["site_alone_would_score"]["view_label"] == {
        "three_classes_by_letter": 0.5,
        "three_classes_by_letter_and_number": 0.5,
        "normal_or_tumour_by_letter": 0.75,
        "normal_or_tumour_by_letter_and_number": 0.75,
    }
    assert report["warnings"] == ["test is empty: 3 patients are too few for this split"]
    assert report["not_seen"] == NOT_SEEN


def test_only_files_that_should_be_there_are_failures() -> None:
    findings = [Finding(kind=kind, file="f", detail="") for kind in FindingKind]

    assert count_read_failures(findings) == 7


def test_each_kind_of_failure_is_one_warning_that_names_the_first() -> None:
    findings = [
        Finding(kind=FindingKind.MASK_EMPTY, file="b.png", detail="blank"),
        Finding(kind=FindingKind.MASK_EMPTY, file="a.png", detail="nothing"),
        Finding(kind=FindingKind.STRAY_FILE, file="c.txt", detail=""),
        Finding(kind=FindingKind.IMAGE_MISSING, file="d.png", detail="not on disk"),
    ]

    assert read_failure_warnings(findings) == [
        "Films that the table names and that are not on disk: 1, first d.png: not on disk",
        "Masks without an outline: 2, first a.png: nothing",
    ]


def test_table_report_holds_counts_and_settings() -> None:
    rows = [
        make_row("A_0001", "Normal"),
        make_row("A_0201", "Cancer"),
        make_row("A_0002", "Benign"),
    ]
    stray = Finding(kind=FindingKind.STRAY_FILE, file="a", detail="x")
    report = table_report(rows, [stray], {"seed": 3})

    assert report == {
        "schema_version": 1,
        "note": NOTICE,
        "settings": {"seed": 3},
        "table": table_counts(rows),
        "site_alone_would_score": {
            "case_status": {
                "three_classes_by_letter": 0.3333,
                "three_classes_by_letter_and_number": 0.6667,
                "normal_or_tumour_by_letter": 0.6667,
                "normal_or_tumour_by_letter_and_number": 0.6667,
            }
        },
        "findings": findings_section([stray]),
    }
