"""What is exported is what comes back, through our own import and through the tools' packages."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
import yaml
from blobs import BlobData
from dicom_files import dicom_film, save_dicom
from foreign_layouts import write_pixels
from pycocotools.coco import COCO
from small_ddsm import draw_film

from commands.command_line import run_command
from commands.export_annotations import FORMATS
from converters.exports.exported_films import PICTURE_SUFFIXES
from converters.exports.exporting import EXPORTS, export_annotations
from converters.exports.found_boxes import found_boxes
from converters.imports.importing import ImportSettings, import_data_set
from formats.coco import CocoAnnotation, CocoDataset, CocoImage, read_coco, write_coco
from formats.errors import InputError
from formats.film_reading.reader import read_grey
from formats.labels import CATEGORY_NAMES
from formats.results import Detection, ImageResult, ModelFile, Results, write_results

IMPORTED_AS = {"coco": "coco", "yolo": "yolo", "fiftyone": "coco", "cvat": "coco"}


@pytest.fixture
def parts(blob_data: BlobData) -> dict[str, CocoDataset]:
    images = blob_data.coco.images
    return {"train": blob_data.coco.subset(images[:6]), "val": blob_data.coco.subset(images[6:])}


def said(dataset: CocoDataset) -> dict[str, list[tuple[int, list[float]]]]:
    lesions = dataset.annotations_by_image()
    return {
        Path(image["file_name"]).name: [
            (a["category_id"], [round(value, 3) for value in a["bbox"]])
            for a in lesions[image["id"]]
        ]
        for image in dataset.images
    }


def test_the_command_knows_every_layout() -> None:
    assert tuple(EXPORTS) == FORMATS


@pytest.mark.parametrize("layout", IMPORTED_AS)
def test_what_is_exported_comes_back(
    blob_data: BlobData, parts: dict[str, CocoDataset], tmp_path: Path, layout: str
) -> None:
    export_annotations(layout, parts, blob_data.root, tmp_path / "set")
    settings = ImportSettings(keep_split=layout != "cvat")
    import_data_set(IMPORTED_AS[layout], tmp_path / "set", tmp_path / "out", settings)

    assert said(read_coco(tmp_path / "out" / "all.json")) == said(blob_data.coco)
    if layout != "cvat":
        assert said(read_coco(tmp_path / "out" / "val.json")) == said(parts["val"])


def test_an_export_is_what_pycocotools_opens(
    blob_data: BlobData, parts: dict[str, CocoDataset], tmp_path: Path
) -> None:
    export = export_annotations("coco", parts, blob_data.root, tmp_path / "set")
    coco = COCO(str(export.paths[0]))

    assert len(coco.getImgIds()) == 6
    assert [c["name"] for c in coco.loadCats(coco.getCatIds())] == ["Benign", "Cancer"]


def test_fiftyone_opens_it(
    blob_data: BlobData, parts: dict[str, CocoDataset], tmp_path: Path
) -> None:
    fiftyone_coco = pytest.importorskip("fiftyone.utils.coco")
    export_annotations("fiftyone", parts, blob_data.root, tmp_path / "set")
    # The importer alone, as a data set would need FiftyOne's database.
    folder = str(tmp_path / "set" / "train")
    importer = fiftyone_coco.COCODetectionDatasetImporter(dataset_dir=folder)
    importer.setup()
    labels = {
        Path(path).name: [found.label for found in label["detections"].detections]
        for path, _, label in importer
    }

    names = {1: ["Benign"], 2: ["Cancer"]}
    assert labels == {name: names[of[0][0]] for name, of in said(parts["train"]).items()}


def test_cvats_own_library_opens_it(
    blob_data: BlobData, parts: dict[str, CocoDataset], tmp_path: Path
) -> None:
    components = pytest.importorskip("datumaro.components.dataset")
    export_annotations("cvat", parts, blob_data.root, tmp_path / "set")
    dataset = components.Dataset.import_from(str(tmp_path / "set"), "coco_instances")

    assert sum(len(item.annotations) for item in dataset) == len(blob_data.coco.annotations)


@pytest.mark.parametrize("layout", ["coco", "yolo"])
def test_supervision_opens_it(
    blob_data: BlobData, parts: dict[str, CocoDataset], tmp_path: Path, layout: str
) -> None:
    supervision = pytest.importorskip("supervision")
    root = tmp_path / "set"
    export_annotations(layout, parts, blob_data.root, root)
    if layout == "coco":
        dataset = supervision.DetectionDataset.from_coco(
            str(root / "images"), str(root / "annotations" / "instances_train.json")
        )
    else:
        dataset = supervision.DetectionDataset.from_yolo(
            str(root / "images" / "train"),
            str(root / "labels" / "train"),
            str(root / "data.yaml"),
        )

    assert dataset.classes == ["Benign", "Cancer"]
    found = {Path(path).name: boxes.xyxy for path, _, boxes in dataset}
    for name, lesions in said(parts["train"]).items():
        for (_, (x, y, w, h)), xyxy in zip(lesions, found[name], strict=True):
            assert xyxy == pytest.approx([x, y, x + w, y + h], abs=1)


def test_a_dicom_film_becomes_a_picture_that_tools_read(tmp_path: Path) -> None:
    film = draw_film("film")
    write_pixels(tmp_path / "films" / "case" / "a.dcm", film)
    image = {"id": 1, "file_name": "case/a.dcm", "width": 160, "height": 240}
    dataset = CocoDataset(images=[image], annotations=[])  # type: ignore[list-item]
    export_annotations("yolo", {"train": dataset}, tmp_path / "films", tmp_path / "set")

    picture = cv2.imread(str(tmp_path / "set/images/train/case_a.dcm.png"), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(picture, film)
    assert (tmp_path / "set/labels/train/case_a.dcm.txt").read_text() == ""


def listed_films(root: Path, *names: str) -> CocoDataset:
    """Films of these names, each of its own grey levels, with a lesion that tells its place."""
    images: list[CocoImage] = []
    lesions: list[CocoAnnotation] = []
    for number, name in enumerate(names, start=1):
        film = np.random.default_rng(number).integers(0, 255, (80, 60), dtype=np.uint8)
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in PICTURE_SUFFIXES:
            cv2.imwrite(str(path), film)
        else:
            save_dicom(path, dicom_film(film, bits_stored=8))
        images.append({"id": number, "file_name": name, "width": 60, "height": 80})
        lesions.append(
            {
                **{"id": number, "image_id": number, "category_id": 2, "iscrowd": 0},
                **{"bbox": [number, 2, 10, 10], "area": 100},
            }  # type: ignore[typeddict-item]
        )
    return CocoDataset(images=images, annotations=lesions)


@pytest.mark.parametrize("layout", FORMATS)
def test_films_of_like_names_stay_apart(tmp_path: Path, layout: str) -> None:
    uids = ("case/1.2.840.113619.2.1", "case/1.2.840.113619.2.2")
    names = (*uids, "x.dcm", "x.png", "X.png", "x.dcm.png", "a/b.png", "a_b.png", "a_b.tif")
    dataset = listed_films(tmp_path / "films", *names)
    export = export_annotations(layout, {"train": dataset}, tmp_path / "films", tmp_path / layout)

    placed = [p for p in (tmp_path / layout).rglob("*") if p.suffix in PICTURE_SUFFIXES]
    assert len({str(path).casefold() for path in placed}) == len(names)
    pictures = {read_grey(path).tobytes() for path in placed}
    assert pictures == {read_grey(tmp_path / "films" / name).tobytes() for name in names}
    assert any("numbered whose names would meet" in note for note in export.notes)


def test_a_written_name_leads_to_its_own_film(tmp_path: Path) -> None:
    names = ("x.dcm", "x.dcm.png", "x.png", "X.png")
    first, second = listed_films(tmp_path / "films", *names), CocoDataset(images=[], annotations=[])
    second.images, first.images = first.images[1:], first.images[:1]
    first.annotations = []
    second.annotations = []
    parts = {"train": first, "val": second}
    export = export_annotations("coco", parts, tmp_path / "films", tmp_path / "set")

    listed = [
        i["file_name"] for path in export.paths for i in json.loads(path.read_text())["images"]
    ]
    assert listed == ["x.dcm.png", "x.dcm_2.png", "x.png", "X_2.png"]
    for name, written in zip(names, listed, strict=True):
        film = read_grey(tmp_path / "set" / "images" / written)
        assert np.array_equal(film, read_grey(tmp_path / "films" / name))


@pytest.fixture
def two_films(tmp_path: Path) -> dict[str, CocoDataset]:
    """Two parts of one film each, ids from 1: a lesion of which little is said, and one of all."""
    datasets = {
        "train": listed_films(tmp_path / "films", "a.png"),
        "val": listed_films(tmp_path / "films", "b.png"),
    }
    for part, dataset in datasets.items():
        dataset.description = f"{part} films"
        dataset.annotations[0]["bbox"] = [3, 2, 6, 10]
        dataset.annotations[0]["area"] = 60
    datasets["val"].annotations[0]["category_id"] = 1
    datasets["val"].annotations[0]["lesion_type"] = "MASS"
    datasets["val"].annotations[0]["segmentation"] = [[3, 2, 9, 2, 9, 12]]
    return datasets


def exported(layout: str, parts: dict[str, CocoDataset], tmp_path: Path) -> list[str]:
    """Export two films, and return the names of what was written below `set`."""
    root = tmp_path / "set"
    export_annotations(layout, parts, tmp_path / "films", root)
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def document(tmp_path: Path, name: str) -> Any:
    return json.loads((tmp_path / "set" / name).read_text(encoding="utf-8"))


CATEGORIES = [
    {"id": 1, "name": "Benign", "supercategory": ""},
    {"id": 2, "name": "Cancer", "supercategory": ""},
]
LESION = {"id": 1, "image_id": 1, "bbox": [3, 2, 6, 10], "area": 60, "iscrowd": 0}


def test_coco_is_written_to_the_letter(two_films: dict[str, CocoDataset], tmp_path: Path) -> None:
    assert exported("coco", two_films, tmp_path) == [
        "annotations/instances_train.json",
        "annotations/instances_val.json",
        "images/a.png",
        "images/b.png",
    ]
    assert document(tmp_path, "annotations/instances_train.json") == {
        "info": {"description": "train films"},
        "licenses": [{"id": 0, "name": "", "url": ""}],
        "categories": CATEGORIES,
        "images": [{"id": 1, "file_name": "a.png", "width": 60, "height": 80}],
        "annotations": [{**LESION, "category_id": 2, "segmentation": []}],
    }
    (lesion,) = document(tmp_path, "annotations/instances_val.json")["annotations"]
    assert lesion == {**LESION, "category_id": 1, "segmentation": [[3, 2, 9, 2, 9, 12]]}


def test_cvat_gets_one_file_of_both_parts(
    two_films: dict[str, CocoDataset], tmp_path: Path
) -> None:
    assert exported("cvat", two_films, tmp_path) == [
        "annotations/instances_default.json",
        "images/a.png",
        "images/b.png",
    ]
    whole = document(tmp_path, "annotations/instances_default.json")
    assert whole["info"] == {"description": "train films"}
    assert [(i["id"], i["file_name"]) for i in whole["images"]] == [(1, "a.png"), (2, "b.png")]
    assert [(a["id"], a["image_id"], a["category_id"]) for a in whole["annotations"]] == [
        (1, 1, 2),
        (2, 2, 1),
    ]
    assert [a["attributes"] for a in whole["annotations"]] == [{"occluded": False}] * 2


def test_fiftyone_gets_a_folder_a_part_and_the_lesions_types(
    two_films: dict[str, CocoDataset], tmp_path: Path
) -> None:
    assert exported("fiftyone", two_films, tmp_path) == [
        "train/data/a.png",
        "train/labels.json",
        "val/data/b.png",
        "val/labels.json",
    ]
    (plain,) = document(tmp_path, "train/labels.json")["annotations"]
    (typed,) = document(tmp_path, "val/labels.json")["annotations"]
    assert "lesion_type" not in plain
    assert typed["lesion_type"] == "MASS"


def test_yolo_is_written_to_the_letter(two_films: dict[str, CocoDataset], tmp_path: Path) -> None:
    assert exported("yolo", two_films, tmp_path) == [
        "data.yaml",
        "images/train/a.png",
        "images/val/b.png",
        "labels/train/a.txt",
        "labels/val/b.txt",
    ]
    assert (tmp_path / "set" / "data.yaml").read_text() == (
        "train: images/train\nval: images/val\nnames:\n  0: Benign\n  1: Cancer\n"
    )
    line = "0 0.100000000 0.087500000 0.100000000 0.125000000\n"
    assert (tmp_path / "set" / "labels" / "val" / "b.txt").read_text() == line


def test_yolo_leaves_crowds_out_and_says_so(
    two_films: dict[str, CocoDataset], tmp_path: Path
) -> None:
    two_films["train"].annotations[0]["iscrowd"] = 1
    export = export_annotations("yolo", two_films, tmp_path / "films", tmp_path / "set")

    assert export.notes == ("1 crowd regions left out, which YOLO has no line for",)
    assert (tmp_path / "set" / "labels" / "train" / "a.txt").read_text() == ""


def test_label_studio_is_written_to_the_letter(
    two_films: dict[str, CocoDataset], tmp_path: Path
) -> None:
    assert exported("label-studio", two_films, tmp_path) == [
        "images/a.png",
        "images/b.png",
        "label_config.xml",
        "tasks.json",
    ]
    assert (tmp_path / "set" / "label_config.xml").read_text() == (
        '<View><Image name="image" value="$image"/><RectangleLabels name="label" toName="image">'
        '<Label value="Benign"/><Label value="Cancer"/><Label value="Lesion"/></RectangleLabels>'
        "</View>\n"
    )
    box = {
        **{"from_name": "label", "to_name": "image", "type": "rectanglelabels"},
        **{"original_width": 60, "original_height": 80, "image_rotation": 0},
    }
    place = {"x": 5, "y": 2.5, "width": 10, "height": 12.5, "rotation": 0}
    assert tasks(tmp_path / "set") == [
        {
            "data": {"image": f"/data/local-files/?d=images/{film}"},
            "annotations": [
                {"result": [{**box, "id": name, "value": {**place, "rectanglelabels": [label]}}]}
            ],
        }
        for film, name, label in (("a.png", "box1", "Cancer"), ("b.png", "box2", "Benign"))
    ]


def test_lesions_of_unknown_pathology_have_a_name_of_their_own(
    two_films: dict[str, CocoDataset], tmp_path: Path
) -> None:
    two_films["val"].annotations[0]["category_id"] = 3
    exported("coco", two_films, tmp_path)

    names = [
        [c["name"] for c in document(tmp_path, f"annotations/instances_{part}.json")["categories"]]
        for part in ("train", "val")
    ]
    assert names == [["Benign", "Cancer"], ["Benign", "Cancer", "Lesion"]]


def ultralytics_label(film: Path) -> Path:
    """Where Ultralytics looks for a film's label: `img2label_paths` of its data.utils."""
    return Path("/labels/".join(str(film).rsplit("/images/", 1)).rsplit(".", 1)[0] + ".txt")


def test_ultralytics_finds_the_label_of_every_film(tmp_path: Path) -> None:
    names = (
        *("images/00001_LEFT_CC.jpg", "images/images/a.png", "images.png", "b/images/1.2.840"),
        *("a.png", "a.jpg", "A.png", "deep/a.png", "deep_a.png"),
    )
    dataset = listed_films(tmp_path / "films", *names)
    # A folder above of that name too.
    output = tmp_path / "images" / "set"
    export_annotations("yolo", {"train": dataset}, tmp_path / "films", output)

    # Loaders take the films of one folder.
    films = [path for path in (output / "images" / "train").iterdir() if path.is_file()]
    numbers = []
    for film in films:
        (line,) = ultralytics_label(film).read_text().splitlines()
        left_px = (float(line.split()[1]) - float(line.split()[3]) / 2) * 60
        expected = tmp_path / "films" / names[round(left_px) - 1]
        assert np.array_equal(read_grey(film), read_grey(expected))
        numbers.append(round(left_px))
    assert sorted(numbers) == list(range(1, len(names) + 1))


def test_ultralytics_finds_the_films_from_wherever_it_is_started(
    blob_data: BlobData, parts: dict[str, CocoDataset], tmp_path: Path
) -> None:
    (path,) = export_annotations("yolo", parts, blob_data.root, tmp_path / "set").paths
    settings = yaml.safe_load(path.read_text())

    # As its check_det_dataset does: what `path` names, else the folder of data.yaml.
    root = Path(settings.get("path") or path.parent)
    for part, dataset in parts.items():
        films = {film.name for film in (root / settings[part]).iterdir()}
        assert films == {image["file_name"] for image in dataset.images}


def test_supervision_opens_yolo_films_that_lay_in_folders(tmp_path: Path) -> None:
    supervision = pytest.importorskip("supervision")
    dataset = listed_films(tmp_path / "films", "images/a.png", "case/b.png")
    export_annotations("yolo", {"train": dataset}, tmp_path / "films", tmp_path / "set")
    opened = supervision.DetectionDataset.from_yolo(
        str(tmp_path / "set" / "images" / "train"),
        str(tmp_path / "set" / "labels" / "train"),
        str(tmp_path / "set" / "data.yaml"),
    )

    assert [len(boxes) for _, _, boxes in opened] == [1, 1]


def test_yolo_numbers_classes_alike_whatever_occurs(tmp_path: Path) -> None:
    dataset = listed_films(tmp_path / "films", "a.png")
    export_annotations("yolo", {"train": dataset}, tmp_path / "films", tmp_path / "set")

    names = yaml.safe_load((tmp_path / "set" / "data.yaml").read_text())["names"]
    assert names == {0: "Benign", 1: "Cancer"}
    assert (tmp_path / "set" / "labels" / "train" / "a.txt").read_text().startswith("1 ")


@pytest.mark.parametrize("part", ["path", "names", "nc", "download", "images", "Names"])
def test_a_part_that_yolo_keeps_the_name_of_is_refused(tmp_path: Path, part: str) -> None:
    dataset = listed_films(tmp_path / "films", "a.png")

    with pytest.raises(InputError) as error:
        export_annotations("yolo", {part: dataset}, tmp_path / "films", tmp_path / "set")
    assert str(error.value) == (
        f"{part}: a part is called as its file, and '{part}' means something else in YOLO's "
        f"layout; rename the file {part}.json, for example to train.json"
    )
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("layout", FORMATS)
def test_a_film_of_another_size_than_listed_is_refused_before_anything_is_written(
    tmp_path: Path, layout: str
) -> None:
    dataset = listed_films(tmp_path / "films", "a.png", "b.dcm")
    dataset.images[1]["width"] = 61

    with pytest.raises(InputError, match=r"b\.dcm.* 60x80 pixels, but 61x80 are listed"):
        export_annotations(layout, {"val": dataset}, tmp_path / "films", tmp_path / "set")
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("stood_before", [False, True])
def test_an_export_that_fails_leaves_nothing_that_blocks_the_next(
    tmp_path: Path, *, stood_before: bool
) -> None:
    dataset = listed_films(tmp_path / "films", "a.png", "b.dcm")
    film = tmp_path / "films" / "b.dcm"
    whole = film.read_bytes()
    # No header shows that pixels are missing.
    film.write_bytes(whole[:-2000])
    output = tmp_path / "set"
    if stood_before:
        output.mkdir()

    with pytest.raises(InputError, match=r"b\.dcm"):
        export_annotations("coco", {"val": dataset}, tmp_path / "films", output)
    assert output.exists() == stood_before
    film.write_bytes(whole)
    export_annotations("coco", {"val": dataset}, tmp_path / "films", output)


def test_a_picture_of_a_kind_that_tools_do_not_read_becomes_png(tmp_path: Path) -> None:
    film = np.random.default_rng(0).integers(0, 255, (80, 60), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "mdb001.pgm"), film)
    image: CocoImage = {"id": 1, "file_name": "mdb001.pgm", "width": 60, "height": 80}
    dataset = CocoDataset(images=[image], annotations=[])
    export_annotations("yolo", {"train": dataset}, tmp_path, tmp_path / "set")

    assert np.array_equal(read_grey(tmp_path / "set/images/train/mdb001.pgm.png"), film)


def test_films_take_no_room_twice(
    blob_data: BlobData, parts: dict[str, CocoDataset], tmp_path: Path
) -> None:
    films = tmp_path / "films"
    films.mkdir()
    for path in blob_data.root.glob("*.png"):
        (films / path.name).write_bytes(path.read_bytes())
    export_annotations("coco", parts, films, tmp_path / "set")

    placed = tmp_path / "set" / "images" / "film_1.png"
    assert placed.samefile(films / "film_1.png")


def test_a_folder_that_holds_something_is_refused(
    blob_data: BlobData, parts: dict[str, CocoDataset]
) -> None:
    with pytest.raises(InputError) as error:
        export_annotations("coco", parts, blob_data.root, blob_data.root)
    assert str(error.value) == f"{blob_data.root}: is not a new or an empty folder; name another"


def test_a_file_in_place_of_the_folder_is_refused(
    blob_data: BlobData, parts: dict[str, CocoDataset], tmp_path: Path
) -> None:
    (tmp_path / "set").touch()

    with pytest.raises(InputError, match="is not a new or an empty folder; name another"):
        export_annotations("coco", parts, blob_data.root, tmp_path / "set")


def test_the_command_prints_what_it_wrote(
    blob_data: BlobData,
    parts: dict[str, CocoDataset],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, part in parts.items():
        write_coco(part, tmp_path / f"{name}.json")
    files = [str(tmp_path / f"{name}.json") for name in parts]
    output = tmp_path / "out"
    arguments = [
        "--image-root",
        str(blob_data.root),
        "--format",
        "yolo",
        "--output-dir",
        str(output),
    ]

    assert run_command("export-annotations", [*arguments, "--coco", *files]) == 0
    assert capsys.readouterr().out == f"{output / 'data.yaml'}\n"


def tasks(folder: Path) -> list[dict[str, Any]]:
    return json.loads((folder / "tasks.json").read_text(encoding="utf-8"))


def xyxy_px(box: dict[str, Any]) -> list[float]:
    """A Label Studio box, which is in percent, in pixels."""
    value, width, height = box["value"], box["original_width"], box["original_height"]
    x, y = value["x"] * width / 100, value["y"] * height / 100
    return [x, y, x + value["width"] * width / 100, y + value["height"] * height / 100]


def test_label_studio_gets_lesions_as_annotations_of_its_own_interface(
    blob_data: BlobData, parts: dict[str, CocoDataset], tmp_path: Path
) -> None:
    export_annotations("label-studio", parts, blob_data.root, tmp_path / "set")
    interface = ElementTree.parse(tmp_path / "set" / "label_config.xml").getroot()
    image, labels = interface.find("Image"), interface.find("RectangleLabels")
    assert image is not None
    assert labels is not None
    known = {label.get("value") for label in labels}

    for task in tasks(tmp_path / "set"):
        assert image.get("value") == "$image"
        name = task["data"]["image"].removeprefix("/data/local-files/?d=")
        assert (tmp_path / "set" / unquote(name)).is_file()
        expected = said(blob_data.coco)[Path(unquote(name)).name]
        (annotation,) = task.get("annotations", [{"result": []}])
        for box, (category_id, (x, y, w, h)) in zip(annotation["result"], expected, strict=True):
            assert (box["from_name"], box["to_name"]) == (labels.get("name"), image.get("name"))
            assert labels.get("toName") == image.get("name")
            assert set(box["value"]["rectanglelabels"]) <= known
            assert box["value"]["rectanglelabels"] == [CATEGORY_NAMES[category_id]]
            assert xyxy_px(box) == pytest.approx([x, y, x + w, y + h], abs=1e-3)


@pytest.fixture
def found(blob_data: BlobData) -> CocoDataset:
    """Boxes that a method found on two of the films."""
    detections = [
        Detection(
            bbox_xyxy=(10.5, 20.0, 30.0, 60.25),
            score=score,
            label="Cancer",
            label_scores={"Benign": 0.2, "Cancer": 0.8},
        )
        for score in (0.9, 0.25)
    ]
    images = [
        ImageResult(
            file_name=image["file_name"],
            width=image["width"],
            height=image["height"],
            label="Cancer" if of_image else "Normal",
            scores={"Normal": 0.1, "Benign": 0.2, "Cancer": 0.7},
            detections=of_image,
        )
        for image, of_image in zip(blob_data.coco.images[:2], (detections, []), strict=True)
    ]
    models = [ModelFile("detector.safetensors", "ab" * 32)]
    return found_boxes(Results(method="two_stage", models=models, images=images), 0.2)


def test_label_studio_gets_what_was_found_as_predictions(
    blob_data: BlobData, found: CocoDataset, tmp_path: Path
) -> None:
    export_annotations("label-studio", {"results": found}, blob_data.root, tmp_path / "set")

    with_boxes, without = tasks(tmp_path / "set")
    (prediction,) = with_boxes["predictions"]
    assert prediction["model_version"] == "two_stage, detector.safetensors abababab"
    assert prediction["score"] == 0.9
    assert [box["score"] for box in prediction["result"]] == [0.9, 0.25]
    assert xyxy_px(prediction["result"][0]) == pytest.approx([10.5, 20.0, 30.0, 60.25])
    assert without.keys() == {"data"}


def test_scores_of_found_boxes_stand_where_each_tool_looks_for_them(
    blob_data: BlobData, found: CocoDataset, tmp_path: Path
) -> None:
    written = {
        layout: json.loads(
            export_annotations(layout, {"results": found}, blob_data.root, tmp_path / layout)
            .paths[0]
            .read_text(encoding="utf-8")
        )["annotations"]
        for layout in ("fiftyone", "cvat")
    }

    assert [lesion["score"] for lesion in written["fiftyone"]] == [0.9, 0.25]
    assert [lesion["attributes"] for lesion in written["cvat"]] == [
        {"occluded": False, "score": 0.9},
        {"occluded": False, "score": 0.25},
    ]


def test_yolo_has_no_place_for_scores_and_says_so(
    blob_data: BlobData, found: CocoDataset, tmp_path: Path
) -> None:
    export = export_annotations("yolo", {"results": found}, blob_data.root, tmp_path / "set")

    (note,) = export.notes
    assert note == (
        "the scores of 2 boxes left out, which YOLO's labels have no place for; --lowest-score "
        "chooses boxes by them"
    )
    for label in (tmp_path / "set" / "labels" / "results").iterdir():
        assert all(len(line.split()) == 5 for line in label.read_text().splitlines())


def test_supervision_opens_what_was_found(
    blob_data: BlobData, found: CocoDataset, tmp_path: Path
) -> None:
    supervision = pytest.importorskip("supervision")
    export_annotations("coco", {"results": found}, blob_data.root, tmp_path / "set")
    dataset = supervision.DetectionDataset.from_coco(
        str(tmp_path / "set" / "images"),
        str(tmp_path / "set" / "annotations" / "instances_results.json"),
    )

    assert [len(boxes) for _, _, boxes in dataset] == [2, 0]


def test_results_of_a_run_are_exported_by_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("film.png", np.random.default_rng(0).integers(0, 255, (64, 48), dtype=np.uint8))
    detections = [
        Detection(
            bbox_xyxy=(1, 2, 11, 12),
            score=score,
            label="Benign",
            label_scores={"Benign": 1.0, "Cancer": 0.0},
        )
        for score in (0.6, 0.4)
    ]
    image = ImageResult(
        file_name="film.png",
        width=48,
        height=64,
        label="Benign",
        scores={"Normal": 0.4, "Benign": 0.6, "Cancer": 0.0},
        detections=detections,
    )
    write_results(Results(method="two_stage", models=[], images=[image]), Path("results.json"))
    words = ["--results", "results.json", "--image-root", ".", "--lowest-score", "0.5"]

    assert run_command("export-annotations", [*words, "--format", "coco", "--output-dir", "o"]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path == Path("o/annotations/instances_results.json")
    (lesion,) = json.loads(path.read_text())["annotations"]
    assert (lesion["bbox"], lesion["score"]) == ([1, 2, 10, 10], 0.6)
