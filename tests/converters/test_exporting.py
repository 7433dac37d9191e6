"""What is exported is what comes back, through our own import and through the tools' packages."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from blobs import BlobData
from foreign_layouts import write_pixels
from pycocotools.coco import COCO
from small_ddsm import draw_film

from commands.command_line import run_command
from commands.export_annotations import FORMATS
from converters.exporting import EXPORTS, export_annotations
from converters.imports.importing import ImportSettings, import_data_set
from formats.coco import CocoDataset, read_coco, write_coco
from formats.errors import InputError

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


@pytest.mark.parametrize("layout", EXPORTS)
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

    picture = cv2.imread(str(tmp_path / "set/images/train/case/a.png"), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(picture, film)
    assert (tmp_path / "set/labels/train/case/a.txt").read_text() == ""


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
    with pytest.raises(InputError, match="not a new or an empty folder"):
        export_annotations("coco", parts, blob_data.root, blob_data.root)


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
