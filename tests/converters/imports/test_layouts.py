"""COCO, YOLO, VOC and tables, as annotation tools lay them out."""

import shutil
from collections import Counter
from pathlib import Path

import pytest
from blobs import BlobData
from foreign_layouts import write_film, write_table
from tool_coco import TOOLS, export_with

from converters.conversion import Conversion
from converters.imports.importing import ImportSettings, import_data_set
from converters.records import FindingKind
from formats.coco import CocoDataset, CocoOptions, read_coco
from formats.coco_reading.category_words import Meaning
from formats.errors import InputError, InputFaultsError

# Of films of 160 x 240 pixels, (width, height).
BOX = [40.0, 60.0, 50.0, 70.0]
YOLO_LINE = "{} 0.40625 0.395833333 0.3125 0.291666667"


def imported(
    source: str, folder: Path, settings: ImportSettings | None = None
) -> tuple[Conversion, CocoDataset]:
    output = folder.with_name("out")
    conversion = import_data_set(source, folder, output, settings or ImportSettings())
    return conversion, read_coco(output / "all.json")


def kinds(conversion: Conversion) -> dict[str, int]:
    return dict(Counter(finding.kind.value for finding in conversion.findings))


def boxes(dataset: CocoDataset) -> dict[str, list[tuple[int, list[float]]]]:
    lesions = dataset.annotations_by_image()
    return {
        image["file_name"]: [
            (a["category_id"], [round(value, 3) for value in a["bbox"]])
            for a in lesions[image["id"]]
        ]
        for image in dataset.images
    }


def write_yolo(folder: Path, part: str, name: str, lines: str | None) -> None:
    write_film(folder / part / "images" / f"{name}.png")
    if lines is not None:
        label = folder / part / "labels" / f"{name}.txt"
        label.parent.mkdir(parents=True, exist_ok=True)
        label.write_text(lines)


@pytest.fixture
def yolo(tmp_path: Path) -> Path:
    folder = tmp_path / "yolo"
    polygon = "1 0.25 0.25 0.5625 0.25 0.5625 0.541666667 0.25 0.541666667\n"
    write_yolo(folder, "train", "P1_L_CC", YOLO_LINE.format(0) + "\n")
    write_yolo(folder, "train", "P1_L_MLO", polygon)
    write_yolo(folder, "valid", "P2_R_CC", "")
    write_yolo(folder, "test", "P3_R_CC", None)
    (folder / "data.yaml").write_text("nc: 2\nnames: [benign, malignant]\n")
    return folder


def test_yolo_gives_boxes_polygons_and_negatives(yolo: Path) -> None:
    conversion, dataset = imported("yolo", yolo)

    assert boxes(dataset) == {
        "test/images/P3_R_CC.png": [],
        "train/images/P1_L_CC.png": [(1, BOX)],
        "train/images/P1_L_MLO.png": [(2, BOX)],
        "valid/images/P2_R_CC.png": [],
    }
    assert kinds(conversion) == {"annotation_missing": 1}
    assert any("4 of 4 films tell no patient" in warning for warning in conversion.warnings)


def test_a_case_pattern_names_patients_and_the_source_split_is_kept(yolo: Path) -> None:
    pattern = r"(?P<case>P\d)_(?P<side>[LR])_(?P<view>CC|MLO)"
    settings = ImportSettings(case_pattern=pattern, keep_split=True)
    conversion, dataset = imported("yolo", yolo, settings)
    parts = {n: read_coco(yolo.with_name("out") / f"{n}.json") for n in ("train", "val", "test")}

    assert [(i["case_id"], i["side"], i["view"]) for i in parts["train"].images] == [
        ("P1", "LEFT", "CC"), ("P1", "LEFT", "MLO"),
    ]  # fmt: skip
    assert [i["case_id"] for i in (*parts["val"].images, *parts["test"].images)] == ["P2", "P3"]
    assert conversion.warnings == ()
    assert len(dataset.images) == 4


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("(", "no regular expression"), (r"P\d", "no group named case"),
     (r"(?P<case>Q\d)", "4 of 4 film names do not fit it, such as ")],
)  # fmt: skip
def test_a_pattern_that_cannot_be_is_refused(yolo: Path, pattern: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        imported("yolo", yolo, ImportSettings(case_pattern=pattern))


@pytest.mark.parametrize(
    ("line", "message"),
    [("0 0.5 0.5 0.2", "4 numbers"), ("7 0.5 0.5 0.2 0.2", "class 7 of 2"),
     ("0 50 50 20 20", "outside 0..1"), ("0 a b c d", "not of numbers")],
)  # fmt: skip
def test_a_yolo_line_that_cannot_be_leaves_its_film_out(
    yolo: Path, line: str, message: str
) -> None:
    (yolo / "train" / "labels" / "P1_L_CC.txt").write_text(line)
    conversion, dataset = imported("yolo", yolo)
    (finding,) = [f for f in conversion.findings if f.kind == "annotation_unreadable"]

    assert message in finding.detail
    assert "train/images/P1_L_CC.png" not in boxes(dataset)
    assert conversion.read_failures == 1


def test_names_of_any_layout_are_understood_or_mapped(yolo: Path) -> None:
    (yolo / "data.yaml").write_text("names: {0: B-type, 1: mass}\n")
    options = CocoOptions(category_map={"B-type": Meaning(pathology="Benign")})

    with pytest.raises(InputFaultsError, match=r"'B-type' .1 annotations. is not understood"):
        imported("yolo", yolo)
    _, dataset = imported("yolo", yolo, ImportSettings(options=options))
    assert sorted(a["category_id"] for a in dataset.annotations) == [1, 3]


def voc_xml(name: str, category: str, corners: tuple[object, ...], width: int = 160) -> str:
    x1, y1, x2, y2 = corners
    return (
        f"<annotation><folder>images</folder><filename>{name}</filename>"
        f"<size><width>{width}</width><height>240</height><depth>1</depth></size>"
        f"<object><name>{category}</name><bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin>"
        f"<xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox></object></annotation>"
    )


def test_voc_gives_boxes_and_says_what_cannot_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "voc"
    for name in ("a", "b", "c", "d", "e"):
        write_film(folder / "JPEGImages" / f"{name}.png")
    xml = folder / "Annotations"
    xml.mkdir()
    (xml / "a.xml").write_text(voc_xml("a.png", "Malignant Mass", (40, 60, 90, 130)))
    (xml / "b.xml").write_text(voc_xml("b.png", "benign", (40, "?", 90, 130)))
    (xml / "c.xml").write_text(voc_xml("c.png", "benign", (4, 6, 9, 13), width=320))
    (xml / "d.xml").write_text("<!DOCTYPE a [<!ENTITY x 'y'>]><annotation>&x;</annotation>")
    conversion, dataset = imported("voc", folder)

    assert boxes(dataset) == {"JPEGImages/a.png": [(2, BOX)], "JPEGImages/e.png": []}
    assert dataset.annotations[0]["lesion_type"] == "MASS"
    assert kinds(conversion)["annotation_unreadable"] == 3
    assert kinds(conversion)["annotation_missing"] == 1


def test_voc_that_names_no_film_is_of_the_one_called_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "voc"
    write_film(folder / "set" / "a.png")
    (folder / "set" / "a.xml").write_text(voc_xml("", "cancer", (40, 60, 90, 130), width=0))
    _, dataset = imported("voc", folder)

    assert boxes(dataset) == {"set/a.png": [(2, BOX)]}


def test_vocs_parts_are_those_of_the_folders(tmp_path: Path) -> None:
    folder = tmp_path / "voc"
    for part in ("train", "test"):
        write_film(folder / part / f"{part}.png")
        xml = voc_xml(f"{part}.png", "cancer", (40, 60, 90, 130))
        (folder / part / f"{part}.xml").write_text(xml)
    imported("voc", folder, ImportSettings(keep_split=True))

    kept = read_coco(tmp_path / "out" / "test.json").images
    assert [image["file_name"] for image in kept] == ["test/test.png"]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (["filename", "width", "height", "class", "xmin", "ymin", "xmax", "ymax"],
         ["a.png", 160, 240, "malignant", 40, 60, 90, 130]),
        (["Image Path", "Pathology", "x", "y", "w", "h"],
         ["C:\\set\\a.png", "MALIGNANT", "40,0", 60, 50, 70]),
        (["image_id", "finding_categories", "xmin", "ymin", "xmax", "ymax"],
         ["a", "cancer", 40, 60, 90, 130]),
    ],
)  # fmt: skip
def test_tables_are_known_by_their_columns(
    tmp_path: Path, header: list[str], row: list[object]
) -> None:
    folder = tmp_path / "table"
    write_film(folder / "films" / "a.png")
    write_film(folder / "films" / "b.png")
    empty = [row[0] if column == 0 else "" for column in range(len(row))]
    empty[0] = str(row[0]).replace("a.png", "b.png") if ".png" in str(row[0]) else "b"
    write_table(folder / "boxes.csv", header, [row, empty])
    _, dataset = imported("csv", folder)

    assert boxes(dataset) == {"films/a.png": [(2, BOX)], "films/b.png": []}


def test_a_tables_patients_sides_and_parts_are_taken(tmp_path: Path) -> None:
    folder = tmp_path / "table"
    rows = []
    for place, part in enumerate(("training", "test")):
        write_film(folder / f"{place}.png")
        rows.append([f"{place}.png", "mass", 1, 2, 33, 44, f"study{place}", "L", "CC", "C", part])
    header = ["image", "label", "x1", "y1", "x2", "y2", "study_id", "laterality", "view_position",
              "breast_density", "split"]  # fmt: skip
    write_table(folder / "t.csv", header, rows)
    _, dataset = imported("csv", folder, ImportSettings(keep_split=True))

    assert dataset.images[0] == {
        "id": 1, "file_name": "0.png", "width": 160, "height": 240, "case_id": "study0",
        "side": "LEFT", "view": "CC", "density": 3,
    }  # fmt: skip
    assert [i["file_name"] for i in read_coco(tmp_path / "out" / "test.json").images] == ["1.png"]


def test_a_tables_name_says_the_part_of_rows_that_do_not_and_a_fault_names_its_row(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "table"
    header = ["image", "label", "x1", "y1", "x2", "y2"]
    for name in ("a", "b", "c"):
        write_film(folder / f"{name}.png")
    write_table(folder / "train.csv", header, [["a.png", "cancer", 1, 2, 33, 44]])
    rows = [["b.png", "cancer", 1, 2, 33, 44], ["c.png", "cancer", "?", 2, 33, 44]]
    write_table(folder / "test.csv", header, rows)
    conversion, _ = imported("csv", folder, ImportSettings(keep_split=True))

    kept = read_coco(tmp_path / "out" / "test.json").images
    assert [image["file_name"] for image in kept] == ["b.png"]
    unreadable = FindingKind.ANNOTATION_UNREADABLE
    assert [f.file for f in conversion.findings if f.kind is unreadable] == ["test.csv, row 3"]


def test_a_table_without_the_columns_is_told_which(tmp_path: Path) -> None:
    folder = tmp_path / "table"
    folder.mkdir()
    (folder / "t.csv").write_text("name;class\na.png;benign\n")

    with pytest.raises(
        InputError, match=r"t\.csv: no column for the film's file .* and for the box"
    ):
        imported("csv", folder)


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tools_coco_is_imported(blob_data: BlobData, tmp_path: Path, tool: str) -> None:
    export_with(tool, blob_data.coco, blob_data.root, tmp_path / "set")
    conversion, dataset = imported("coco", tmp_path / "set")

    assert len(dataset.images) == 9
    found = sorted(dataset.annotations, key=lambda a: a["bbox"])
    truth = sorted(blob_data.coco.annotations, key=lambda a: a["bbox"])
    for ours, theirs in zip(truth, found, strict=True):
        assert theirs["category_id"] == ours["category_id"]
        assert theirs["bbox"] == pytest.approx(ours["bbox"], abs=1)
    for image in dataset.images:
        assert (tmp_path / "set" / image["file_name"]).is_file()
    assert conversion.read_failures == 0


def test_roboflows_copies_of_a_film_stay_together(blob_data: BlobData, tmp_path: Path) -> None:
    exported = export_with("roboflow", blob_data.coco, blob_data.root, tmp_path / "set")
    second = tmp_path / "set" / "valid"
    shutil.copytree(exported.image_root, second)
    for film in second.glob("*.png"):
        film.rename(second / film.name.replace("0123456789abcdef", "fedcba9876543210"))
    coco = second / "_annotations.coco.json"
    coco.write_text(coco.read_text().replace("0123456789abcdef", "fedcba9876543210"))
    conversion, dataset = imported("coco", tmp_path / "set")

    assert len(dataset.images) == 18
    assert {i["case_id"] for i in dataset.images} == {f"film_{n}_png" for n in range(1, 10)}
    assert kinds(conversion)["patient_in_two_parts"] == 9


def test_coco_of_another_edition_leaves_its_films_out(blob_data: BlobData, tmp_path: Path) -> None:
    exported = export_with("fiftyone", blob_data.coco, blob_data.root, tmp_path / "set")
    write_film(exported.image_root / "data" / "film_1.png")
    conversion, dataset = imported("coco", tmp_path / "set")

    assert len(dataset.images) == 8
    (finding,) = [f for f in conversion.findings if f.kind == "annotation_unreadable"]
    assert "128x160 pixels by labels.json, 160x240 by its file" in finding.detail


def test_a_label_without_a_box_is_no_negative(tmp_path: Path) -> None:
    folder = tmp_path / "table"
    for name in ("a", "b"):
        write_film(folder / f"{name}.png")
    header = ["file_name", "category", "x", "y", "w", "h"]
    write_table(folder / "t.csv", header, [["a.png", "malignant", *[""] * 4],
                                           ["b.png", "normal", *[""] * 4]])  # fmt: skip
    conversion, dataset = imported("csv", folder)

    assert [(i["file_name"], i["label"]) for i in dataset.images] == [("b.png", "Normal")]
    assert kinds(conversion)["lesion_without_place"] == 1


def test_masks_and_what_systems_leave_behind_are_no_films(yolo: Path) -> None:
    write_film(yolo / "train" / "images" / "P1_L_CC_mask.png")
    for name in ("__MACOSX/train/images/._P1_L_CC.png", "train/images/._P1_L_CC.png"):
        (yolo / name).parent.mkdir(parents=True, exist_ok=True)
        (yolo / name).write_bytes(b"companion")
    (yolo / "__MACOSX" / "data.yaml").write_bytes(b"\x00\xff")
    conversion, dataset = imported("yolo", yolo)

    assert len(dataset.images) == 4
    assert kinds(conversion) == {"annotation_missing": 1, "stray_file": 1}
