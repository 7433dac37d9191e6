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


def test_an_empty_or_missing_list_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("# nobody\n")

    with pytest.raises(InputError, match=r"empty\.txt.*no patient"):
        read_patient_list(tmp_path / "empty.txt")
    with pytest.raises(InputError, match=r"gone\.txt"):
        read_patient_list(tmp_path / "gone.txt")


def test_all_views_of_a_patient_are_in_one_part() -> None:
    train, val = split_by_patients(dataset("P_1", "P_2", "P_1", "P_3"), {"P_1"})

    assert [image["case_id"] for image in train.images] == ["P_2", "P_3"]
    assert [image["case_id"] for image in val.images] == ["P_1", "P_1"]


@pytest.mark.parametrize(
    ("case_ids", "validation", "message"),
    [
        (("P_1", "P_2"), {"P_9"}, "P_9"),
        (("P_1", ""), {"P_1"}, r"2\.png.*no case_id"),
        (("P_1", "P_1"), {"P_1"}, "0 training"),
    ],
)
def test_a_split_that_cannot_be_is_refused(
    case_ids: tuple[str, ...], validation: set[str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        split_by_patients(dataset(*case_ids), validation)


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    path = tmp_path / "patients.txt"
    path.write_text("P_1\n  # a remark\n", encoding="utf-8-sig")

    assert read_patient_list(path) == {"P_1"}


def test_a_list_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_bytes(b"M\xfcller\n")

    with pytest.raises(InputError, match=r"p\.txt.*not UTF-8"):
        read_patient_list(tmp_path / "p.txt")
