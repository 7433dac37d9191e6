"""COCO files as the annotation tools write them."""

from pathlib import Path

import numpy as np
import pytest
from blobs import BlobData, make_blobs
from tool_coco import TOOLS, export_with

from formats.coco import read_coco
from formats.coco_films import read_listed_film, require_films

LESION_TYPES = {
    "cvat": "MASS",
    "label_studio": "MASS",
    "labelme": "MASS",
    "fiftyone": "CALCIFICATION",
}


@pytest.fixture(scope="module")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> BlobData:
    return make_blobs(tmp_path_factory.mktemp("blobs"))


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tools_file_gives_the_same_lesions_and_films(
    blobs: BlobData, tmp_path: Path, tool: str
) -> None:
    exported = export_with(tool, blobs.coco, blobs.root, tmp_path)
    read = read_coco(exported.coco_path, image_root=exported.image_root)

    assert [i["id"] for i in read.images] == [i["id"] for i in blobs.coco.images]
    assert len(read.annotations) == len(blobs.coco.annotations)
    for ours, theirs in zip(blobs.coco.annotations, read.annotations, strict=True):
        assert theirs["image_id"] == ours["image_id"]
        assert theirs["category_id"] == ours["category_id"]
        assert theirs["bbox"] == pytest.approx(ours["bbox"], abs=1)
        assert theirs["area"] == pytest.approx(ours["area"], rel=0.1)
        assert theirs["iscrowd"] == 0
        assert theirs.get("lesion_type") == LESION_TYPES.get(tool)
    require_films(read.images, exported.image_root)
    for ours, theirs in zip(blobs.coco.images, read.images, strict=True):
        assert (theirs["width"], theirs["height"]) == (ours["width"], ours["height"])
        film = read_listed_film(theirs, exported.image_root)
        assert np.array_equal(film, read_listed_film(ours, blobs.root))


def test_what_was_changed_is_said(blobs: BlobData, tmp_path: Path) -> None:
    exported = export_with("via", blobs.coco, blobs.root, tmp_path)
    changes = "\n".join(read_coco(exported.coco_path, image_root=exported.image_root).changes)

    for said in ("9 x size read from the film", "8 x box of texts", "category 2 'malignant' (4"):
        assert said in changes
