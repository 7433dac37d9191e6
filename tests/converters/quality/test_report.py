from dataclasses import replace

from views import make_lesion, make_row, make_view

from converters.quality.report import (
    MEANINGS,
    conversion_sections,
    count_read_failures,
    findings_section,
    read_failure_warnings,
    table_report,
)
from converters.records import Finding, FindingKind

CANCER = make_view("C_0001", "Cancer", lesions=[make_lesion("Cancer")])
BENIGN_IN_CANCER = make_view("C_0001", "Cancer", side="RIGHT", lesions=[make_lesion("Benign")])
OTHER = make_view("C_0002", "Cancer")
NORMAL = make_view("A_0001", "Normal")
VIEWS = [CANCER, BENIGN_IN_CANCER, OTHER, NORMAL]
PARTS = {"train": VIEWS[:3], "val": [NORMAL], "test": []}


def test_every_kind_of_finding_is_reported_even_at_zero() -> None:
    section = findings_section(
        [
            Finding(kind=FindingKind.STRAY_FILE, file="b", detail="x"),
            Finding(kind=FindingKind.STRAY_FILE, file="a", detail="y"),
        ]
    )

    assert set(section) == {kind.value for kind in FindingKind}
    assert set(MEANINGS) == set(FindingKind)
    assert section["mask_empty"]["count"] == 0
    assert section["stray_file"]["count"] == 2
    assert section["stray_file"]["files"] == [
        {"file": "a", "detail": "y"},
        {"file": "b", "detail": "x"},
    ]


def test_relabelled_views_say_why() -> None:
    relabelled = conversion_sections(VIEWS, PARTS)["relabelled"]

    assert [(c["from"], c["to"], c["reason"], c["files"]) for c in relabelled] == [
        ("Cancer", "Benign", "its lesions' own pathology", [BENIGN_IN_CANCER.file_name]),
        ("Cancer", "Normal", "no lesion is marked in this breast", [OTHER.file_name]),
    ]


def test_view_of_unknown_label_is_not_relabelled() -> None:
    unknown = replace(CANCER, lesions=())

    assert conversion_sections([unknown], {"train": []})["relabelled"] == []


def test_counts_of_views_lesions_and_parts() -> None:
    report = conversion_sections(VIEWS, PARTS)

    assert report["views"]["kept_by_label_and_case_status"] == {
        "Normal": {"Normal": 1, "Benign": 0, "Cancer": 1},
        "Benign": {"Normal": 0, "Benign": 0, "Cancer": 1},
        "Cancer": {"Normal": 0, "Benign": 0, "Cancer": 1},
    }
    assert report["lesions"]["by_label"] == {"Benign": 1, "Cancer": 1}
    assert report["splits"]["train"] == {
        "cases": 2,
        "cases_by_site": {"C": 2},
        "views": 3,
        "views_by_label": {"Normal": 1, "Benign": 1, "Cancer": 1},
        "lesions": 2,
    }
    assert report["warnings"] == ["test is empty: 3 patients are too few for this split"]


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
    report = table_report([make_row("A_0001", "Normal")], [], {"seed": 3})

    assert report["settings"] == {"seed": 3}
    assert report["table"]["views"] == 1
    assert report["site_alone_would_score"]["case_status"]["three_classes_by_letter"] == 1
    assert "not a medical device" in report["note"]
