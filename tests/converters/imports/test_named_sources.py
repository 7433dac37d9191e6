"""CBIS-DDSM, INbreast and mini-MIAS, drawn to their published layouts."""

from collections import Counter
from pathlib import Path

import pytest
from foreign_layouts import BOX_XYWH, CbisDdsm, write_inbreast, write_mini_mias

from converters.conversion import Conversion
from converters.imports.importing import ImportSettings, import_data_set
from formats.coco import CocoAnnotation, CocoDataset, CocoImage, read_coco
from formats.errors import InputError


def imported(
    source: str, folder: Path, settings: ImportSettings | None = None
) -> tuple[Conversion, CocoDataset]:
    output = folder.with_name("out")
    conversion = import_data_set(source, folder, output, settings or ImportSettings())
    return conversion, read_coco(output / "all.json")


def kinds(conversion: Conversion) -> dict[str, int]:
    return dict(Counter(finding.kind.value for finding in conversion.findings))


def lesions_of(dataset: CocoDataset, part_of_name: str) -> tuple[CocoImage, list[CocoAnnotation]]:
    (image,) = [image for image in dataset.images if part_of_name in image["file_name"]]
    return image, dataset.annotations_by_image()[image["id"]]


@pytest.mark.parametrize("edition", ["dicom", "nbia", "jpeg", "png"])
def test_cbis_ddsm_reads_the_same_in_every_edition(tmp_path: Path, edition: str) -> None:
    data = CbisDdsm(tmp_path / "cbis", edition)
    data.add("P_00001")
    data.add("P_00002", "RIGHT_MLO", "BENIGN_WITHOUT_CALLBACK", kind="Calc", is_swapped=True)
    data.write_tables()
    conversion, dataset = imported("cbis-ddsm", data.root)

    said = {(i["case_id"], i["side"], i["view"], i["label"]) for i in dataset.images}
    assert said == {("P_00001", "LEFT", "CC", "Cancer"), ("P_00002", "RIGHT", "MLO", "Benign")}
    for lesion in dataset.annotations:
        assert lesion["bbox"] == pytest.approx(list(BOX_XYWH), abs=1)
        assert lesion["area"] == pytest.approx(50 * 70, rel=0.05)
        assert (lesion["assessment"], lesion["subtlety"]) == (4, 5)
    assert {a["lesion_type"] for a in dataset.annotations} == {"MASS", "CALCIFICATION"}
    assert {a["category_id"] for a in dataset.annotations} == {1, 2}
    assert dataset.images[0]["density"] == 3
    assert conversion.read_failures == 0


def test_cbis_ddsm_says_who_stands_in_training_and_test_table(tmp_path: Path) -> None:
    data = CbisDdsm(tmp_path / "cbis", "dicom")
    data.add("P_00001")
    data.add("P_00001", "LEFT_MLO", kind="Calc", part="Test")
    data.add("P_00002", part="Test")
    data.add("P_00003")
    data.write_tables()
    conversion, _ = imported("cbis-ddsm", data.root, ImportSettings(keep_split=True))

    assert kinds(conversion)["patient_in_two_parts"] == 1
    (warning,) = [w for w in conversion.warnings if "source's own split" in w]
    assert "1 patients stand in two parts" in warning
    assert "P_00001 (in train and test)" in warning
    parts = {n: read_coco(tmp_path / "out" / f"{n}.json").images for n in ("train", "val", "test")}
    assert {n: sorted({i["case_id"] for i in images}) for n, images in parts.items()} == {
        "train": ["P_00001", "P_00003"], "val": [], "test": ["P_00002"],
    }  # fmt: skip


def test_cbis_ddsm_finds_the_film_that_stands_in_two_sets(tmp_path: Path) -> None:
    data = CbisDdsm(tmp_path / "cbis", "png")
    data.add("P_00001", film="one film")
    data.add("P_00009", part="Test", film="one film")
    data.add("P_00002")
    data.write_tables()
    conversion, _ = imported("cbis-ddsm", data.root)

    assert kinds(conversion)["film_in_two_parts"] == 1
    rows = (tmp_path / "out" / "splits.csv").read_text().splitlines()
    parts = dict(row.split(",")[:2] for row in rows)
    assert parts["P_00001"] == parts["P_00009"]


def test_a_film_of_both_cbis_tables_is_one_with_all_its_lesions(tmp_path: Path) -> None:
    data = CbisDdsm(tmp_path / "cbis", "dicom")
    data.add("P_00001", film="both")
    data.add("P_00001", kind="Calc", film="both", box_xywh=(100, 150, 30, 40), pathology="BENIGN")
    data.add("P_00001", number=2, film="both", box_xywh=(10, 10, 20, 25))
    data.write_tables()
    conversion, dataset = imported("cbis-ddsm", data.root)

    assert len(dataset.images) == 1
    assert sorted(a["lesion_type"] for a in dataset.annotations) == [
        "CALCIFICATION",
        "MASS",
        "MASS",
    ]
    assert kinds(conversion)["film_repeated"] == 1


def test_a_cbis_film_without_its_mask_is_left_out_and_said(tmp_path: Path) -> None:
    data = CbisDdsm(tmp_path / "cbis", "png")
    data.add("P_00001")
    data.add("P_00002")
    data.write_tables()
    (data.root / "Mass-Training_P_00002_LEFT_CC_1_MASK.png").unlink()
    conversion, dataset = imported("cbis-ddsm", data.root)

    assert [image["case_id"] for image in dataset.images] == ["P_00001"]
    assert kinds(conversion)["mask_missing"] == 1
    assert conversion.read_failures == 1


def test_inbreast_has_lesions_of_unknown_pathology(tmp_path: Path) -> None:
    folder = tmp_path / "inbreast"
    write_inbreast(folder)
    conversion, dataset = imported("inbreast", folder)
    image, lesions = lesions_of(dataset, "20586908")

    assert (image["case_id"], image["side"], image["view"], image["density"]) == (
        "6c613a14b80a8591", "RIGHT", "CC", 4,
    )  # fmt: skip
    assert "label" not in image
    assert [(a["category_id"], a["lesion_type"], a["assessment"]) for a in lesions] == [
        (3, "MASS", 5), (3, "CALCIFICATION", 5),
    ]  # fmt: skip
    assert lesions[0]["bbox"] == [30, 40, 49, 59]
    assert kinds(conversion)["lesion_left_out"] == 2
    assert lesions_of(dataset, "20586934")[0]["view"] == "MLO"
    assert lesions_of(dataset, "22678622")[0]["label"] == "Normal"
    part = {line.split(",")[0] for line in (tmp_path / "out" / "splits.csv").read_text().split()}
    assert part == {"case_id", "6c613a14b80a8591", "61a13bd2f08a0f9c"}


def test_inbreast_xml_that_is_none_leaves_its_film_out(tmp_path: Path) -> None:
    folder = tmp_path / "inbreast"
    write_inbreast(folder)
    (folder / "AllXML" / "20586908.xml").write_text("<plist><dict>")
    conversion, dataset = imported("inbreast", folder)

    assert len(dataset.images) == 2
    assert kinds(conversion)["annotation_unreadable"] == 1


def test_mini_mias_counts_y_from_the_bottom_and_films_in_pairs(tmp_path: Path) -> None:
    folder = tmp_path / "all-mias"
    write_mini_mias(folder)
    conversion, dataset = imported("mini-mias", folder)
    first, lesions = lesions_of(dataset, "mdb001")

    # y = 25 of 256 rows, from the bottom.
    assert lesions[0]["bbox"] == [115, 210, 41, 41]
    assert (lesions[0]["category_id"], lesions[0]["lesion_type"]) == (1, "MASS")
    assert (first["case_id"], first["side"], first["view"]) == ("MIAS_001", "RIGHT", "MLO")
    fourth, two = lesions_of(dataset, "mdb004")
    assert (fourth["case_id"], fourth["side"], fourth["label"]) == ("MIAS_002", "LEFT", "Cancer")
    assert [a["lesion_type"] for a in two] == ["MASS", "ASYMMETRY"]
    assert lesions_of(dataset, "mdb003")[0]["label"] == "Normal"
    # Calcifications all over, and a note in place of a circle.
    assert len(dataset.images) == 3
    assert kinds(conversion)["lesion_without_place"] == 2


@pytest.mark.parametrize(
    ("source", "missing"),
    [("cbis-ddsm", "no case table"), ("inbreast", "no film of INbreast's naming"),
     ("mini-mias", "no Info.txt"), ("yolo", "names of the classes"), ("voc", "0 XML files"),
     ("csv", "no csv or xlsx table"), ("coco", "0 JSON files")],
)  # fmt: skip
def test_another_folder_is_refused_with_what_is_missing(
    tmp_path: Path, source: str, missing: str
) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(InputError, match=rf"empty: .*{missing}"):
        imported(source, tmp_path / "empty")
