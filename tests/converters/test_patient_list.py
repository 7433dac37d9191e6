from pathlib import Path

import pytest

from converters.patient_list import read_patient_list, split_by_patients
from formats.coco import CocoDataset, CocoImage
from formats.errors import InputError


def dataset(*case_ids: str) -> CocoDataset:
    images = [
        CocoImage(id=i, file_name=f"{i}.png", width=9, height=9, case_id=case_id)
        for i, case_id in enumerate(case_ids, start=1)
    ]
    return CocoDataset(images=images, annotations=[])


def test_comments_and_blank_lines_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "patients.txt"
    path.write_text("# held out\nP_1\n\n  P_2 \n")

    assert read_patient_list(path) == {"P_1", "P_2"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"# nobody\n", "names no patient; write one case_id a line"),
        (b"M\xfcller\n", "not UTF-8 text (invalid start byte); save it as UTF-8"),
        (None, "cannot be read (No such file or directory); check the path"),
    ],
)
def test_a_list_that_cannot_be_used_is_named_with_the_next_step(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "patients.txt"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(InputError) as error:
        read_patient_list(path)
    assert str(error.value) == f"{path}: {said}"


def test_all_views_of_a_patient_are_in_one_part() -> None:
    train, val = split_by_patients(dataset("P_1", "P_2", "P_1", "P_3"), {"P_1"})

    assert [image["case_id"] for image in train.images] == ["P_2", "P_3"]
    assert [image["case_id"] for image in val.images] == ["P_1", "P_1"]


@pytest.mark.parametrize(
    ("case_ids", "validation", "said"),
    [
        (
            ("P_1", "P_2"),
            {"P_9", "P_8"},
            "2 validation patients have no image, such as P_8; the list belongs to another data "
            "set",
        ),
        (("P_1", ""), {"P_1"}, "2.png: has no case_id, so its patient is unknown; add it"),
        (("P_1", "P_1"), {"P_1"}, "0 training and 2 validation images; both need some"),
        (("P_1", "P_1"), set(), "2 training and 0 validation images; both need some"),
    ],
)
def test_a_split_that_cannot_be_is_refused(
    case_ids: tuple[str, ...], validation: set[str], said: str
) -> None:
    with pytest.raises(InputError) as error:
        split_by_patients(dataset(*case_ids), validation)
    assert str(error.value) == said


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    path = tmp_path / "patients.txt"
    path.write_text("P_1\n  # a remark\n", encoding="utf-8-sig")

    assert read_patient_list(path) == {"P_1"}
