"""CBIS-DDSM, INbreast and mini-MIAS, drawn to their published layouts."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from foreign_layouts import (
    BOX_XYWH,
    SHAPE_HW,
    CbisDdsm,
    filled_mask,
    inbreast_xml,
    write_inbreast,
    write_mini_mias,
    write_pixels,
)
from small_ddsm import draw_film

from converters.conversion import Conversion
from converters.imports.importing import ImportSettings, import_data_set
from converters.records import FindingKind
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


def details(conversion: Conversion, kind: FindingKind) -> list[tuple[str, str]]:
    return [(f.file, f.detail) for f in conversion.findings if f.kind is kind]


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
    assert dataset.description == "CBIS-DDSM (Lee et al. 2017)"
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
    (note,) = details(conversion, FindingKind.FILM_REPEATED)
    assert note[0].startswith("Calc-Training_P_00001_LEFT_CC/")
    assert note[1].startswith("also Mass-Training_P_00001_LEFT_CC/")
    assert note[1].endswith(".dcm, whose lesions are taken together with its own")


def test_a_cbis_mask_in_the_films_folder_is_not_taken_for_the_film(tmp_path: Path) -> None:
    data = CbisDdsm(tmp_path / "cbis", "png")
    name = data.add("P_00001")
    data.write_tables()
    folder = data.root / name
    folder.mkdir()
    for path in data.root.glob("*.png"):
        path.rename(folder / path.name.replace(f"{name}.png", "film.png"))
    _, dataset = imported("cbis-ddsm", data.root)

    assert [image["file_name"] for image in dataset.images] == [f"{name}/film.png"]
    assert dataset.annotations[0]["bbox"] == pytest.approx(list(BOX_XYWH), abs=1)


def test_cbis_grades_that_are_no_numbers_stay_open(tmp_path: Path) -> None:
    data = CbisDdsm(tmp_path / "cbis", "png")
    data.add("P_00001")
    data.write_tables()
    table = data.root / "mass_case_description_train_set.csv"
    table.write_text(table.read_text().replace("OBSCURED,4,", "OBSCURED,N/A,"))
    _, dataset = imported("cbis-ddsm", data.root)

    assert "assessment" not in dataset.annotations[0]
    assert dataset.annotations[0]["subtlety"] == 5


def test_films_of_one_view_that_differ_are_two(tmp_path: Path) -> None:
    data = CbisDdsm(tmp_path / "cbis", "dicom")
    data.add("P_00001", film="one")
    data.add("P_00001", kind="Calc", film="another")
    data.write_tables()
    conversion, dataset = imported("cbis-ddsm", data.root)

    assert len(dataset.images) == 2
    assert "film_repeated" not in kinds(conversion)


def test_a_cbis_film_without_its_mask_is_left_out_and_said(tmp_path: Path) -> None:
    data = CbisDdsm(tmp_path / "cbis", "png")
    data.add("P_00001")
    data.add("P_00002")
    data.write_tables()
    (data.root / "Mass-Training_P_00002_LEFT_CC_1_MASK.png").unlink()
    conversion, dataset = imported("cbis-ddsm", data.root)

    assert [image["case_id"] for image in dataset.images] == ["P_00001"]
    mask_path = data.rows["mass_case_description_train_set.csv"][1][13]
    assert details(conversion, FindingKind.MASK_MISSING) == [
        (str(mask_path).strip(), "1 files, none of the film's shape")
    ]
    assert conversion.read_failures == 1
    (data.root / "Mass-Training_P_00002_LEFT_CC_1_CROP.png").unlink()
    ((_, detail),) = details(imported("cbis-ddsm", data.root)[0], FindingKind.MASK_MISSING)
    assert detail == "not on disk"


def test_cbis_films_and_masks_that_cannot_be_used_cost_no_others(tmp_path: Path) -> None:
    data = CbisDdsm(tmp_path / "cbis", "png")
    for number in range(1, 7):
        data.add(f"P_0000{number}")
    data.write_tables()
    films = [data.root / f"Mass-Training_P_0000{number}_LEFT_CC.png" for number in range(1, 6)]
    gone, broken, blank, half, photograph = films
    masks = {film: film.with_name(f"{film.stem}_1_MASK.png") for film in films}
    gone.unlink()
    broken.write_bytes(b"")
    write_pixels(masks[blank], np.zeros(SHAPE_HW, np.uint8))
    write_pixels(masks[half], filled_mask((20, 30, 25, 35), (120, 80)))
    write_pixels(masks[photograph], draw_film("no mask"))
    conversion, dataset = imported("cbis-ddsm", data.root)

    assert [image["case_id"] for image in dataset.images] == ["P_00004", "P_00006"]
    assert [f.detail for f in conversion.findings if f.kind is FindingKind.IMAGE_MISSING] == [
        "not on disk"
    ]
    assert kinds(conversion)["image_unreadable"] == 1
    assert details(conversion, FindingKind.MASK_EMPTY) == [
        (masks[blank].name, "nothing stands out")
    ]
    assert details(conversion, FindingKind.MASK_OF_OTHER_SIZE) == [
        (masks[half].name, "80x120, the film 160x240 pixels")
    ]
    assert details(conversion, FindingKind.MASK_UNREADABLE) == [
        (
            masks[photograph].name,
            "a photograph, not a mask; give the outline alone, on an even background",
        )
    ]
    # Every mask is filled here, which is no oddity.
    assert "mask_already_filled" not in kinds(conversion)


def test_cbis_tables_that_are_not_as_published_are_named(tmp_path: Path) -> None:
    data = CbisDdsm(tmp_path / "cbis", "png")
    data.add("P_00001")
    data.write_tables()
    table = data.root / "mass_case_description_train_set.csv"
    whole = table.read_text()
    table.write_text(whole.replace("pathology", "truth").replace("image view", "view"))

    with pytest.raises(InputError) as error:
        imported("cbis-ddsm", data.root)
    assert str(error.value) == (
        f"{table}: no column ['image view', 'pathology'], as CBIS-DDSM's tables have; give the "
        "table as it was published"
    )


def test_cbis_tables_without_their_films_name_the_next_step(tmp_path: Path) -> None:
    data = CbisDdsm(tmp_path / "cbis", "png")
    data.add("P_00001")
    data.write_tables()
    for film in data.root.glob("*.png"):
        film.unlink()

    with pytest.raises(InputError) as error:
        imported("cbis-ddsm", data.root)
    path = data.rows["mass_case_description_train_set.csv"][0][11]
    assert str(error.value) == (
        f"{data.root}: none of the 1 abnormalities' films is here with its mask, the first being "
        f"{path}; give the folder that holds tables and films"
    )


@pytest.mark.parametrize("columns", ["image_path,Patient", "path,PatientID", ""])
def test_kaggles_own_table_without_its_columns_tells_no_names(tmp_path: Path, columns: str) -> None:
    data = CbisDdsm(tmp_path / "cbis", "jpeg")
    data.add("P_00001")
    data.write_tables()
    info = data.root / "csv" / "dicom_info.csv"
    rows = info.read_text().partition("\n")[2]
    info.write_text(f"{columns},SeriesDescription\n{rows}" if columns else "")
    _, dataset = imported("cbis-ddsm", data.root)

    # The folders are called after the series, which the case table tells too.
    assert len(dataset.annotations) == 1


def test_kaggles_own_table_names_films_in_folders_of_any_name(tmp_path: Path) -> None:
    data = CbisDdsm(tmp_path / "cbis", "jpeg")
    data.add("P_00001")
    data.write_tables()
    info = data.root / "csv" / "dicom_info.csv"
    for number, folder in enumerate(sorted((data.root / "jpeg").iterdir())):
        folder.rename(folder.with_name(f"folder {number}"))
        info.write_text(info.read_text().replace(folder.name, f"folder {number}"))
    info.write_text(info.read_text() + "CBIS-DDSM/jpeg/gone/1.jpg,Mass-Training_P_9_LEFT_CC,x\n")
    _, dataset = imported("cbis-ddsm", data.root)

    assert len(dataset.annotations) == 1


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
    assert details(conversion, FindingKind.LESION_LEFT_OUT) == [
        ("AllXML/20586908.xml", "'Calcification' of 1 points"),
        ("AllXML/20586908.xml", "'Skin Thickening' of 4 points"),
    ]
    assert dataset.description == "INbreast (Moreira et al. 2012)"
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
    ((file, detail),) = details(conversion, FindingKind.ANNOTATION_UNREADABLE)
    assert file == "AllXML/20586908.xml"
    assert detail.startswith("no element found")


def test_inbreast_outlines_are_read_as_they_are_written(tmp_path: Path) -> None:
    folder = tmp_path / "inbreast"
    write_inbreast(folder)
    triangle = [(5.0, 6.0), (45.0, 6.0), (45.0, 36.0)]
    regions = (("", triangle), ("Mass", triangle[:2]), (" Spiculated Region ", triangle),
               ("Assymetry", [(x + 9, y) for x, y in triangle]))  # fmt: skip
    (folder / "AllXML" / "22678622.xml").write_bytes(inbreast_xml(*regions))
    (folder / "AllXML" / "20586934.xml").write_bytes(
        inbreast_xml(("Mass", triangle)).replace(b"(5.000000, 6.000000)", b"(5)")
    )
    header = "File Name;ACR;Bi-Rads"
    (folder / "INbreast.csv").write_text(f"{header}\n20586908.0;;4b\n22678622; 2.0 ;none\n")
    (folder / "AllDICOMs" / "1.txt").touch()
    # However deep the films lie.
    (folder / "AllDICOMs").rename(folder / "films")
    (folder / "AllDICOMs").mkdir()
    (folder / "films").rename(folder / "AllDICOMs" / "films")
    (folder / "A.csv").write_text("File Name;ACR\n22678622;1\n")
    conversion, dataset = imported("inbreast", folder)

    assert len(dataset.images) == 2
    assert details(conversion, FindingKind.ANNOTATION_UNREADABLE) == [
        ("AllXML/20586934.xml", "a point of 'Mass' is not of two numbers")
    ]
    assert details(conversion, FindingKind.LESION_LEFT_OUT)[2:] == [
        ("AllXML/22678622.xml", "'' of 3 points"),
        ("AllXML/22678622.xml", "'Mass' of 2 points"),
    ]
    film, lesions = lesions_of(dataset, "22678622")
    assert (film["case_id"], film["density"]) == ("61a13bd2f08a0f9c", 2)
    assert [(a["lesion_type"], a["bbox"]) for a in lesions] == [
        ("MASS", [5, 6, 40, 30]),
        ("ASYMMETRY", [14, 6, 40, 30]),
    ]
    assert not any("assessment" in lesion for lesion in lesions)
    film, lesions = lesions_of(dataset, "20586908")
    assert "density" not in film
    assert {lesion["assessment"] for lesion in lesions} == {4}


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
    assert details(conversion, FindingKind.LESION_WITHOUT_PLACE) == [
        ("mdb002.pgm", "CALC without a circle"),
        ("mdb005.pgm", "MISC without a circle"),
    ]
    assert dataset.description == "mini-MIAS (Suckling et al. 1994)"


def test_mini_mias_lines_that_cannot_be_cost_no_others(tmp_path: Path) -> None:
    folder = tmp_path / "all-mias"
    write_mini_mias(folder)
    (folder / "mdb003.pgm").write_bytes(b"")
    lines = [
        "mdb001 G ABCD B 135 25 20", "mdb002 G CIRC X 135 25 20", "mdb003 G CIRC B 100 100 20",
        "mdb009 D NORM", "mdb004 G ARCH M 100 0 10",
    ]  # fmt: skip
    (folder / "Info.txt").unlink()
    # Not UTF-8, as old files need not be.
    (folder / "the INFO.TXT").write_bytes(b"Universit\xe9\n" + "\n".join(lines).encode())
    conversion, dataset = imported("mini-mias", folder)

    assert details(conversion, FindingKind.ANNOTATION_UNREADABLE) == [
        ("mdb001.pgm", "mdb001 ABCD B 135 25 20"),
        ("mdb002.pgm", "mdb002 CIRC X 135 25 20"),
    ]
    assert details(conversion, FindingKind.IMAGE_MISSING) == [("mdb009.pgm", "not on disk")]
    assert kinds(conversion)["image_unreadable"] == 1
    image, (lesion,) = lesions_of(dataset, "mdb004")
    assert len(dataset.images) == 1
    # Cut off at the lowest row, which is y = 0.
    assert lesion["bbox"] == [90, 245, 21, 11]
    assert lesion["lesion_type"] == "ARCHITECTURAL_DISTORTION"
    assert image["label"] == "Cancer"


def test_mini_mias_without_its_films_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "all-mias"
    write_mini_mias(folder)
    for film in folder.glob("*.pgm"):
        film.unlink()

    with pytest.raises(InputError) as error:
        imported("mini-mias", folder)
    assert str(error.value) == f"{folder}: none of the 6 films of Info.txt can be used"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "cbis-ddsm",
            "no case table here (such as mass_case_description_train_set.csv); add those of "
            "CBIS-DDSM",
        ),
        (
            "inbreast",
            "no film of INbreast's naming here (such as "
            "22678622_61a13bd2f08a0f9c_MG_R_CC_ANON.dcm); give the folder that holds AllDICOMs",
        ),
        ("mini-mias", "no Info.txt here; give the folder of mini-MIAS that has it"),
        (
            "yolo",
            "the names of the classes are nowhere; add data.yaml with 'names', or classes.txt with "
            "a name a line",
        ),
        (
            "voc",
            "none of the 0 XML files here is an annotation whose film is here too; give the folder "
            "that holds both",
        ),
        ("csv", "no csv or xlsx table here; add the one that lists the boxes"),
        (
            "coco",
            "none of its 0 JSON files is a COCO file whose films are here and of the size that it "
            "says; give the folder that holds both",
        ),
    ],
)
def test_another_folder_is_refused_with_what_is_missing(
    tmp_path: Path, source: str, said: str
) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(InputError) as error:
        imported(source, tmp_path / "empty")
    assert str(error.value) == f"{tmp_path / 'empty'}: {said}"


def test_yolo_without_a_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "classes.txt").write_text("benign\n")

    with pytest.raises(InputError) as error:
        imported("yolo", tmp_path / "set")
    assert str(error.value) == (
        f"{tmp_path / 'set'}: no film here; give the folder that holds images and labels"
    )
