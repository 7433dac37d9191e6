"""COCO, YOLO, VOC and tables, as annotation tools lay them out."""

import json
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
    assert dataset.description == "imported from YOLO's layout"
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
    ("pattern", "said"),
    [
        (
            "(",
            " '(': no regular expression (missing ), unterminated subpattern at position 0)",
        ),
        (
            r"P\d",
            r" 'P\d': has no group named case; write one, such as "
            r"'(?P<case>P_\d+)_(?P<side>LEFT|RIGHT)_(?P<view>CC|MLO)'",
        ),
        (
            r"(?P<case>P[12])",
            ": 1 of 4 film names do not fit it, such as test/images/P3_R_CC.png; widen it",
        ),
    ],
)
def test_a_pattern_that_cannot_be_is_refused(yolo: Path, pattern: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        imported("yolo", yolo, ImportSettings(case_pattern=pattern))
    assert str(error.value) == f"case pattern{said}"


def test_a_case_pattern_need_not_tell_side_and_view_and_minds_no_case(yolo: Path) -> None:
    _, dataset = imported("yolo", yolo, ImportSettings(case_pattern=r"(?P<case>p\d)"))

    assert [image["case_id"] for image in dataset.images] == ["P3", "P1", "P1", "P2"]
    assert not any("side" in image or "view" in image for image in dataset.images)


def test_the_source_knows_its_patients_better_than_a_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "table"
    for name in ("a_left_cc", "b_diag_ml", "c"):
        write_film(folder / f"{name}.png")
    header = ["image", "label", "x", "y", "w", "h", "patient", "side", "view"]
    rows = [
        ["a_left_cc.png", "cancer", 1, 2, 30, 40, "P7", "R", ""],
        ["b_diag_ml.png", *[""] * 8],
        ["c.png", *[""] * 5, "P8", "L", "MLO"],
    ]
    write_table(folder / "t.csv", header, rows)
    pattern = r"(?P<case>[ab])_(?P<side>[a-z]+)_(?P<view>[a-z]+)"
    _, dataset = imported("csv", folder, ImportSettings(case_pattern=pattern))

    assert [(i["case_id"], i["side"], i["view"]) for i in dataset.images] == [
        ("P7", "RIGHT", "CC"),
        ("b", "DIAG", "ML"),
        ("P8", "LEFT", "MLO"),
    ]


def details(conversion: Conversion, kind: FindingKind) -> list[tuple[str, str]]:
    return [(f.file, f.detail) for f in conversion.findings if f.kind is kind]


POLYGON = "0.1 0.1 0.2 0.2 0.3 0.3"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("0 0.5 0.5 0.2", "line 1 has 4 numbers, where 5 make a box"),
        (f"0 {POLYGON} 0.4", "line 1 has 8 numbers, where 5 make a box"),
        ("0 0.1 0.1 0.2 0.2 0.3", "line 1 has 6 numbers, where 5 make a box"),
        ("7 0.5 0.5 0.2 0.2", "line 1 has class 7 of 2 named ones"),
        ("2 0.5 0.5 0.2 0.2", "line 1 has class 2 of 2 named ones"),
        ("-1 0.5 0.5 0.2 0.2", "line 1 has class -1 of 2 named ones"),
        ("0.5 0.5 0.5 0.2 0.2", "line 1 has class 0.5 of 2 named ones"),
        ("\n0 50 50 20 20", "line 2, '0 50 50 20 20', has numbers outside 0..1"),
        ("0 0.5 0.5 0.2 1.002", "line 1, '0 0.5 0.5 0.2 1.002', has numbers outside 0..1"),
        ("0 -0.002 0.5 0.2 0.2", "line 1, '0 -0.002 0.5 0.2 0.2', has numbers outside 0..1"),
        ("0 a b c d", "line 1, '0 a b c d', is not of numbers"),
        (f"1{'x' * 50}", f"line 1, '1{'x' * 39}', is not of numbers"),
    ],
)
def test_a_yolo_line_that_cannot_be_leaves_its_film_out(yolo: Path, line: str, said: str) -> None:
    (yolo / "train" / "labels" / "P1_L_CC.txt").write_text(line)
    conversion, dataset = imported("yolo", yolo)

    unreadable = [("train/labels/P1_L_CC.txt", said)]
    assert details(conversion, FindingKind.ANNOTATION_UNREADABLE) == unreadable
    assert "train/images/P1_L_CC.png" not in boxes(dataset)
    assert len(dataset.images) == 3
    assert conversion.read_failures == 1


def test_a_yolo_lesion_may_be_outside_by_a_rounding(yolo: Path) -> None:
    triangle = "0 -0.0009 0.25 0.5 0.25 0.5 0.75"
    (yolo / "train" / "labels" / "P1_L_CC.txt").write_text(f"1 0.5 0.5 1.0009 1\n{triangle}")
    _, dataset = imported("yolo", yolo)

    assert boxes(dataset)["train/images/P1_L_CC.png"] == [
        (2, [0, 0, 160, 240]),
        (1, [0, 60, 80, 120]),
    ]


def test_yolo_files_that_are_missing_or_no_text_are_said(yolo: Path) -> None:
    (yolo / "train" / "labels" / "P1_L_CC.txt").write_bytes(b"0 \xff")
    conversion, dataset = imported("yolo", yolo)

    assert details(conversion, FindingKind.ANNOTATION_UNREADABLE) == [
        ("train/labels/P1_L_CC.txt", "not text (invalid start byte)")
    ]
    assert details(conversion, FindingKind.ANNOTATION_MISSING) == [
        ("test/images/P3_R_CC.png", "no text file beside it")
    ]
    assert len(dataset.images) == 3


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("classes.txt", "\ufeffbenign\n\n malignant \n"),
        ("obj.names", "benign\nmalignant\n"),
        ("set.yml", "names: {0: benign, 1: malignant, 5: mass}\n"),
        ("set.yaml", "\ufeffnames:\n- benign\n- malignant\n"),
    ],
)
@pytest.mark.parametrize("label", ["images/a/p.txt", "labels/a/p.txt"])
def test_yolos_names_and_labels_are_found_where_tools_put_them(
    tmp_path: Path, name: str, text: str, label: str
) -> None:
    folder = tmp_path / "yolo"
    write_film(folder / "images" / "a" / "p.png")
    write_film(folder / "images" / "broken.png").write_bytes(b"")
    (folder / label).parent.mkdir(parents=True, exist_ok=True)
    (folder / label).write_text(f"\ufeff{YOLO_LINE.format(1)}\n\n", encoding="utf-8")
    (folder / name).write_text(text, encoding="utf-8")
    (folder / "a.yaml").write_text("nothing: here\n")
    (folder / "b.yaml").write_text("- a list\n")
    conversion, dataset = imported("yolo", folder)

    assert boxes(dataset) == {"images/a/p.png": [(2, BOX)]}
    assert kinds(conversion) == {"image_unreadable": 1}


def test_yaml_that_is_none_is_named(yolo: Path) -> None:
    (yolo / "data.yaml").write_text("names: [")

    with pytest.raises(InputError) as error:
        imported("yolo", yolo)
    assert str(error.value).startswith(f"{yolo / 'data.yaml'}: not YAML (while parsing")
    assert str(error.value).endswith("); correct it")


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
    for name in ("a", "b", "c", "d.v2", "e"):
        write_film(folder / "JPEGImages" / f"{name}.png")
    xml = folder / "Annotations"
    xml.mkdir()
    (xml / "a.xml").write_text(voc_xml("a.png", "Malignant Mass", (40, 60, 90, 130)))
    (xml / "b.xml").write_text(voc_xml("b.png", "benign", (40, "?", 90, 130)))
    (xml / "c.xml").write_text(voc_xml("c.png", "benign", (4, 6, 9, 13), width=320))
    (xml / "d.v2.xml").write_text("<!DOCTYPE a [<!ENTITY x 'y'>]><annotation>&x;</annotation>")
    conversion, dataset = imported("voc", folder)

    assert boxes(dataset) == {"JPEGImages/a.png": [(2, BOX)], "JPEGImages/e.png": []}
    assert dataset.description == "imported from Pascal VOC's layout"
    assert dataset.annotations[0]["lesion_type"] == "MASS"
    corners = {"xmin": "40", "ymin": "?", "xmax": "90", "ymax": "130"}
    unreadable = details(conversion, FindingKind.ANNOTATION_UNREADABLE)
    assert unreadable[:2] == [
        ("Annotations/b.xml", f"object 'benign' has bndbox {corners}, no four numbers"),
        ("Annotations/c.xml", "says 320x240 pixels, its film has 160x240: of another edition"),
    ]
    assert unreadable[2][0] == "Annotations/d.v2.xml"
    assert unreadable[2][1].startswith("not XML (")
    assert len(unreadable) == 3
    assert details(conversion, FindingKind.ANNOTATION_MISSING) == [
        ("JPEGImages/e.png", "no XML file names it")
    ]


def test_voc_takes_what_is_whole_and_leaves_other_xml_aside(tmp_path: Path) -> None:
    folder = tmp_path / "voc"
    for name in ("a", "b", "c"):
        write_film(folder / f"{name}.png")
    (folder / "b.png").write_bytes(b"")
    (folder / "0.xml").write_text("<settings><object/></settings>")
    for name in ("a", "b", "gone"):
        xml = voc_xml(f"C:\\films\\{name}.png", "cancer", (40, 60, 90, 130))
        (folder / f"{name}.xml").write_text(xml)
    normal = "<annotation><filename>c.png</filename></annotation>"
    (folder / "z.xml").write_text(normal)
    conversion, dataset = imported("voc", folder)

    assert boxes(dataset) == {"a.png": [(2, BOX)], "c.png": []}
    assert kinds(conversion) == {"image_unreadable": 1, "image_missing": 1}
    assert details(conversion, FindingKind.IMAGE_MISSING) == [("gone.png", "not on disk")]


def test_voc_without_a_film_names_the_next_step(tmp_path: Path) -> None:
    folder = tmp_path / "voc"
    folder.mkdir()
    (folder / "a.xml").write_text(voc_xml("a.png", "cancer", (40, 60, 90, 130)))

    with pytest.raises(InputError) as error:
        imported("voc", folder)
    assert str(error.value) == (
        f"{folder}: none of the 1 XML files here is an annotation whose film is here too; give the "
        "folder that holds both"
    )


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
    write_film(folder / "test" / "unmarked.png")
    imported("voc", folder, ImportSettings(keep_split=True))

    kept = read_coco(tmp_path / "out" / "test.json").images
    assert [image["file_name"] for image in kept] == ["test/test.png", "test/unmarked.png"]


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
    assert dataset.description == "imported from a table"


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
    assert details(conversion, FindingKind.ANNOTATION_UNREADABLE) == [
        ("test.csv, row 3", "c.png: its box is ['?', '2', '33', '44'], no four numbers")
    ]


def test_a_table_is_read_past_rows_without_film_and_films_that_are_not_there(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "table"
    for name in ("a", "b", "d"):
        write_film(folder / f"{name}.png")
    (folder / "b.png").write_bytes(b"")
    header = ["File Name", "X", "Y", "Width", "Height", "Age"]
    rows: list[list[object]] = [
        ["", "", "", "", "", ""],
        ["nan", 1, 2, 3, 4, 5],
        ["gone.png", 1, 2, 30, 40, 60],
        ["d.png", "", "", "", "", "none"],
        ["d.png", 1, "", 3, 4, ""],
        ["b.png", 1, 2, 30, 40, 60],
        ["a.png", 1, 2, 30, 40, 61],
        ["a.png", 50, 60, 30, 40, "-"],
    ]
    write_table(folder / "t.csv", header, rows)
    conversion, dataset = imported("csv", folder)

    # No column tells a category.
    assert boxes(dataset) == {"a.png": [(3, [1, 2, 30, 40]), (3, [50, 60, 30, 40])]}
    assert dataset.images[0]["age"] == 61
    assert details(conversion, FindingKind.IMAGE_MISSING) == [("gone.png", "not on disk")]
    assert details(conversion, FindingKind.ANNOTATION_UNREADABLE) == [
        ("t.csv, row 6", "d.png: its box is ['1', None, '3', '4'], no four numbers")
    ]


def test_a_table_whose_films_are_not_there_names_the_next_step(tmp_path: Path) -> None:
    folder = tmp_path / "table"
    for name in ("a.csv", "b.csv"):
        write_table(folder / name, ["file", "x", "y", "w", "h"], [["a.png", 1, 2, 3, 4]])

    with pytest.raises(InputError) as error:
        imported("csv", folder)
    assert str(error.value) == (
        f"{folder}: none of the films of a.csv, b.csv is here; give the folder that holds table "
        "and films"
    )


FILE_COLUMN = "the film's file (such as 'file_name')"
BOX_COLUMNS = "the box ('xmin', 'ymin', 'xmax', 'ymax' or 'x', 'y', 'width', 'height')"


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        (["name", "class"], f"{FILE_COLUMN} and for {BOX_COLUMNS}"),
        (["file", "xmin", "ymin", "xmax"], BOX_COLUMNS),
        (["file", "x", "y", "width"], BOX_COLUMNS),
        (["class", "x", "y", "w", "h"], FILE_COLUMN),
        (["class", "x1", "y1", "x2", "y2"], FILE_COLUMN),
    ],
)
def test_a_table_without_the_columns_is_told_which(
    tmp_path: Path, header: list[str], missing: str
) -> None:
    path = tmp_path / "table" / "t.csv"
    write_table(path, [f" {name} " for name in header], [[""] * len(header)])

    with pytest.raises(InputError) as error:
        imported("csv", path.parent)
    assert str(error.value) == (
        f"{path}: no column for {missing} among {header}; name them so in the first row"
    )


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
    leaks = details(conversion, FindingKind.PATIENT_IN_TWO_PARTS)
    assert leaks == [(f"film_{n}_png", "in train and val") for n in range(1, 10)]


def test_coco_of_another_edition_leaves_its_films_out(blob_data: BlobData, tmp_path: Path) -> None:
    exported = export_with("fiftyone", blob_data.coco, blob_data.root, tmp_path / "set")
    write_film(exported.image_root / "data" / "film_1.png")
    conversion, dataset = imported("coco", tmp_path / "set")

    assert len(dataset.images) == 8
    assert details(conversion, FindingKind.ANNOTATION_UNREADABLE) == [
        (
            "data/film_1.png",
            "128x160 pixels by labels.json, 160x240 by its file: the boxes are of another edition",
        )
    ]


def coco_document(*names: str, **lesion: object) -> dict[str, object]:
    """Films of 160 x 240 pixels with a lesion each."""
    images = [
        {"id": n, "file_name": name, "width": 160, "height": 240} for n, name in enumerate(names)
    ]
    box = {"category_id": 1, "bbox": BOX, "iscrowd": 0, **lesion}
    return {
        "info": {"description": "three films"},
        "images": images,
        "annotations": [{"id": n, "image_id": n, **box} for n in range(len(images))],
        "categories": [{"id": 1, "name": "malignant"}],
    }


def test_cocos_own_words_of_films_and_lesions_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "coco"
    write_film(folder / "images" / "a.png")
    write_film(folder / "images" / "b.png").write_bytes(b"")
    said = {"lesion_type": "MASS", "assessment": 4, "subtlety": 2, "area": 1234}
    document = coco_document("a.png", "b.png", "gone.png", **said)
    known = {"case_id": "P1", "side": "LEFT", "view": "CC", "age": 61, "density": 3}
    document["images"][0].update(known)  # type: ignore[index]
    (folder / "coco").mkdir()
    (folder / "coco" / "instances_train.json").write_text(json.dumps(document))
    (folder / "coco" / "settings.json").write_text('{"images": "none"}')
    conversion, dataset = imported("coco", folder)

    image = {"id": 1, "file_name": "images/a.png", "width": 160, "height": 240, "label": "Cancer"}
    assert dataset.images == [{**image, **known}]
    (lesion,) = dataset.annotations
    assert {key: lesion.get(key) for key in said} == said
    assert dataset.description == "three films"
    assert kinds(conversion) == {"image_unreadable": 1, "image_missing": 1}
    assert conversion.report["changes"][0].startswith("coco/instances_train.json: 1 x ")


def test_cocos_parts_are_told_by_the_files_names(tmp_path: Path) -> None:
    folder = tmp_path / "coco"
    for name, part in (("a", "instances_train"), ("b", "valid"), ("c", "test_2")):
        write_film(folder / f"{name}.png")
        (folder / f"{part}.json").write_text(json.dumps(coco_document(f"{name}.png")))

    with pytest.raises(InputError) as error:
        imported("coco", folder, ImportSettings(keep_split=True))
    assert str(error.value) == (
        "c.png and 0 other films are in no part of the source's own split; leave --keep-split out"
    )
    (folder / "test_2.json").rename(folder / "test.json")
    imported("coco", folder, ImportSettings(keep_split=True))
    kept = {
        name: [i["file_name"] for i in read_coco(tmp_path / "out" / f"{name}.json").images]
        for name in ("train", "val", "test")
    }
    assert kept == {"train": ["a.png"], "val": ["b.png"], "test": ["c.png"]}


def test_coco_with_an_image_that_is_no_record_is_refused(tmp_path: Path) -> None:
    (tmp_path / "coco").mkdir()
    document = {"images": ["a.png"], "annotations": [], "categories": []}
    (tmp_path / "coco" / "a.json").write_text(json.dumps(document))

    with pytest.raises(InputFaultsError, match=r"a\.json: images\[0\] is a\.png, no record"):
        imported("coco", tmp_path / "coco")


def test_coco_without_its_films_names_the_next_step(tmp_path: Path) -> None:
    folder = tmp_path / "coco"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps(coco_document("a.png")))

    with pytest.raises(InputError) as error:
        imported("coco", folder)
    assert str(error.value) == (
        f"{folder}: none of its 1 JSON files is a COCO file whose films are here and of the size "
        "that it says; give the folder that holds both"
    )


def test_a_label_without_a_box_is_no_negative(tmp_path: Path) -> None:
    folder = tmp_path / "table"
    for name in ("a", "b"):
        write_film(folder / f"{name}.png")
    header = ["file_name", "category", "x", "y", "w", "h"]
    write_table(folder / "t.csv", header, [["a.png", "malignant", *[""] * 4],
                                           ["b.png", "normal", *[""] * 4]])  # fmt: skip
    conversion, dataset = imported("csv", folder)

    assert [(i["file_name"], i["label"]) for i in dataset.images] == [("b.png", "Normal")]
    assert details(conversion, FindingKind.LESION_WITHOUT_PLACE) == [
        ("a.png", "Cancer by its label, with no box")
    ]
    (folder / "b.png").unlink()
    with pytest.raises(InputError) as error:
        imported("csv", folder)
    assert str(error.value) == (
        f"{folder}: every film is labelled as a lesion, and none has a box; a detector cannot "
        "learn where from that"
    )


def test_a_film_whose_worst_lesion_is_of_unknown_pathology_has_no_label(tmp_path: Path) -> None:
    folder = tmp_path / "table"
    for name in ("a", "b", "c"):
        write_film(folder / f"{name}.png")
    header = ["file_name", "category", "x", "y", "w", "h"]
    rows = [["a.png", "cancer", *[""] * 4], ["a.png", "mass", 1, 2, 30, 40],
            ["b.png", "normal", *[""] * 4], ["b.png", "benign", 1, 2, 30, 40],
            ["c.png", "mass", 1, 2, 30, 40], ["c.png", "cancer", 50, 2, 30, 40]]  # fmt: skip
    write_table(folder / "t.csv", header, rows)
    _, dataset = imported("csv", folder)

    assert [image.get("label") for image in dataset.images] == [None, "Benign", "Cancer"]


def test_masks_and_what_systems_leave_behind_are_no_films(yolo: Path) -> None:
    write_film(yolo / "train" / "images" / "P1_L_CC_mask.png")
    for name in ("__MACOSX/train/images/._P1_L_CC.png", "train/images/._P1_L_CC.png"):
        (yolo / name).parent.mkdir(parents=True, exist_ok=True)
        (yolo / name).write_bytes(b"companion")
    (yolo / "__MACOSX" / "data.yaml").write_bytes(b"\x00\xff")
    conversion, dataset = imported("yolo", yolo)

    assert len(dataset.images) == 4
    assert kinds(conversion) == {"annotation_missing": 1, "stray_file": 1}
    assert details(conversion, FindingKind.STRAY_FILE) == [
        ("train/images/P1_L_CC_mask.png", "a mask by its name, and no film")
    ]


def test_an_import_tells_what_it_wrote_and_how(yolo: Path) -> None:
    pattern = r"(?P<case>P\d)"
    settings = ImportSettings(seed=3, ratios=(0.4, 0.3, 0.3), case_pattern=pattern)
    conversion, _ = imported("yolo", yolo, settings)
    out = yolo.with_name("out")

    assert conversion.paths == tuple(
        out / name
        for name in (
            *("all.json", "train.json", "val.json", "test.json"),
            *("splits.csv", "quality_report.json"),
        )
    )
    assert conversion.kept_views == conversion.views
    assert [row.case_id for row in conversion.rows] == ["P3", "P1", "P1", "P2"]
    report = json.loads((out / "quality_report.json").read_text(encoding="utf-8"))
    assert report["source"] == "yolo"
    assert report["settings"] == {
        "seed": 3, "ratios": [0.4, 0.3, 0.3], "keep_split": False, "case_pattern": pattern,
    }  # fmt: skip
    assert report["views"]["with_patient"] == 4
    assert report["changes"] == [
        "1 x box taken from the outline, as there was no other",
        "1 x category 1 'benign' (1 annotations) read as 1 'Benign'",
        "1 x category 2 'malignant' (1 annotations) read as 2 'Cancer'",
    ]
    assert {line.split(",")[0] for line in (out / "splits.csv").read_text().splitlines()} == {
        *("case_id", "P1", "P2", "P3")
    }


def test_a_root_that_is_none_or_the_output_is_refused(yolo: Path) -> None:
    with pytest.raises(InputError) as error:
        import_data_set("yolo", yolo, yolo, ImportSettings())
    assert str(error.value) == f"{yolo}: is the data set's own folder; name another for the output"
    nowhere = yolo / "nowhere"
    with pytest.raises(InputError) as error:
        import_data_set("yolo", nowhere, yolo.with_name("out"), ImportSettings())
    assert str(error.value) == (
        f"{nowhere}: no such folder; give the one that holds films and annotations"
    )


def test_an_output_below_the_root_is_not_read_again(yolo: Path) -> None:
    first, again = (
        import_data_set("yolo", yolo, yolo / "out", ImportSettings()).report for _ in range(2)
    )
    write_film(yolo / "out" / "images" / "x.png")

    assert first == again
    assert import_data_set("yolo", yolo, yolo / "out", ImportSettings()).report == first


def test_patients_that_share_films_with_others_go_with_the_first_part_of_all(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "table"
    header = ["image", "label", "x", "y", "w", "h", "patient", "split"]
    said = [("a", "P1", "test", "one"), ("b", "P2", "test", "one"), ("c", "P2", "val", "two"),
            ("d", "P3", "test", "two"), ("e", "P4", "test", "own")]  # fmt: skip
    for name, _, _, film in said:
        write_film(folder / f"{name}.png", film)
    rows = [[f"{name}.png", "cancer", *(1, 2, 30, 40), case, part] for name, case, part, _ in said]
    write_table(folder / "t.csv", header, rows)
    conversion, _ = imported("csv", folder, ImportSettings(keep_split=True))

    parts = [line.split(",")[:2] for line in (tmp_path / "out" / "splits.csv").read_text().split()]
    assert parts[1:] == [["P1", "val"], ["P2", "val"], ["P3", "val"], ["P4", "test"]]
    assert details(conversion, FindingKind.PATIENT_IN_TWO_PARTS) == [("P2", "in val and test")]
    assert details(conversion, FindingKind.FILM_IN_TWO_PARTS) == [
        ("c.png", "in val and test, as d.png too")
    ]
