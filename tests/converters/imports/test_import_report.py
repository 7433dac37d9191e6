from dataclasses import replace

from views import make_lesion, make_view

from converters.imports.import_report import import_report
from converters.quality.report import NOT_SEEN, findings_section
from converters.records import Finding, FindingKind, Lesion, View
from formats.notice import NOTICE


def lesion(label: str, side_px: int, assessment: int | None = None) -> Lesion:
    return replace(
        make_lesion(label),
        bbox_xywh=(1, 2, side_px, 5),
        assessment=assessment,
        lesion_type="MASS" if assessment else None,
    )


def view(case_id: str, *lesions: Lesion, height_px: int = 240) -> View:
    return replace(make_view(case_id, "Cancer", lesions=lesions), height_px=height_px)


VIEWS = [
    view("P_1", lesion("Cancer", 24, 5), lesion("Benign", 48, 3)),
    view("P_1", lesion("Lesion", 6), height_px=120),
    view("P_2", height_px=480),
]
LEAKS = [
    Finding(kind=FindingKind.STRAY_FILE, file="x", detail="y"),
    Finding(kind=FindingKind.FILM_IN_TWO_PARTS, file="a.png", detail="in train and val"),
    Finding(kind=FindingKind.PATIENT_IN_TWO_PARTS, file="P_1", detail="in train and test"),
    Finding(kind=FindingKind.PATIENT_IN_TWO_PARTS, file="P_2", detail="in val and test"),
]


def report(views: list[View], findings: list[Finding], without_patient: int) -> dict[str, object]:
    return import_report(
        source="yolo",
        views=views,
        parts={"train": views[:2], "val": views[2:], "test": []},
        findings=findings,
        changes=["1 x something"],
        without_patient=without_patient,
        settings={"seed": 3},
    )


def test_all_that_was_imported_is_counted() -> None:
    assert report(VIEWS, LEAKS[:1], without_patient=0) == {
        "schema_version": 1,
        "note": NOTICE,
        "source": "yolo",
        "settings": {"seed": 3},
        "views": {
            "kept": 3,
            "kept_by_label": {"Normal": 1, "Benign": 0, "Lesion": 1, "Cancer": 1},
            "with_patient": 3,
            "sizes_px": {"height": [120, 240, 480], "width": [160, 160, 160]},
        },
        "lesions": {
            "count": 3,
            "by_label": {"Benign": 1, "Cancer": 1, "Lesion": 1},
            "by_type": {"MASS": 2, "unknown": 1},
            "by_assessment": {"3": 1, "5": 1, "unknown": 1},
            "views_by_number_of_lesions": {"0": 1, "1": 1, "2": 1},
            # 6 of 160, 24 of 240 and 48 of 240 pixels.
            "side_share": [0.0375, 0.1, 0.2],
        },
        "splits": {
            "train": {
                "cases": 1,
                "views": 2,
                "views_by_label": {"Normal": 0, "Benign": 0, "Lesion": 1, "Cancer": 1},
                "lesions": 3,
            },
            "val": {
                "cases": 1,
                "views": 1,
                "views_by_label": {"Normal": 1, "Benign": 0, "Lesion": 0, "Cancer": 0},
                "lesions": 0,
            },
            "test": {
                "cases": 0,
                "views": 0,
                "views_by_label": {"Normal": 0, "Benign": 0, "Lesion": 0, "Cancer": 0},
                "lesions": 0,
            },
        },
        "changes": ["1 x something"],
        "warnings": ["test is empty: 2 patients are too few for this split"],
        "findings": findings_section(LEAKS[:1]),
        "not_seen": NOT_SEEN,
    }


def test_leaks_and_films_without_a_patient_are_warned_of() -> None:
    found = report(VIEWS, LEAKS, without_patient=2)

    assert found["warnings"] == [
        "2 patients stand in two parts of the source's own split, such as P_1 (in train and test): "
        "figures by that split are too good",
        "1 films stand in two parts of the source's own split, such as a.png (in train and val): "
        "figures by that split are too good",
        "2 of 3 films tell no patient: each counts as one of its own, so that a patient's films "
        "may be trained on and tested on; name the patients by --case-pattern",
        "test is empty: 2 patients are too few for this split",
    ]
    assert found["views"]["with_patient"] == 1  # type: ignore[index]


def test_without_a_lesion_there_are_no_shares() -> None:
    found = report(VIEWS[2:], [], without_patient=0)

    assert found["lesions"]["side_share"] == []  # type: ignore[index]
