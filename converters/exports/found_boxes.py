"""Results as a data set whose lesions are the boxes that were found, for the tools' layouts."""

import posixpath
from pathlib import Path

import numpy as np

from formats.coco_records import CocoAnnotation, CocoDataset, CocoImage
from formats.faults import Faults
from formats.film_reading.paths import film_path, relative_name
from formats.geometry.boxes import area_xyxy, xyxy_to_xywh
from formats.labels import CATEGORY_IDS
from formats.results import Results


def found_boxes(results: Results, lowest_score: float = 0.0) -> CocoDataset:
    """Return the films of the results, and their boxes from a score on, each with its score."""
    dataset = CocoDataset(images=[], annotations=[], description=_description(results))
    for image_id, image in enumerate(results.images, start=1):
        dataset.images.append(
            CocoImage(
                id=image_id,
                file_name=relative_name(image.file_name),
                width=image.width,
                height=image.height,
                label=image.label,
            )
        )
        for detection in image.detections:
            if detection.score < lowest_score:
                continue
            box_xyxy = np.array([detection.bbox_xyxy])
            dataset.annotations.append(
                CocoAnnotation(
                    id=len(dataset.annotations) + 1,
                    image_id=image_id,
                    category_id=CATEGORY_IDS[detection.label],
                    bbox=xyxy_to_xywh(box_xyxy)[0].tolist(),
                    area=float(area_xyxy(box_xyxy)[0]),
                    iscrowd=0,
                    score=detection.score,
                )
            )
    return dataset


def require_films_meant(results: Results, results_path: Path, image_root: Path) -> None:
    """Refuse names that lead out of the image root, and whose film there may be another.

    Names such as `../films/a.png` and `/data/films/a.png` are looked for below the image root with
    ever fewer folders, and `a.png` may be of something else. What is found has to be what the name
    as it stands leads to from the current folder; where that leads nowhere, `films/a.png`.

    Args:
        results: of films named from the folder in which they were made.
        results_path: what messages call them.
        image_root: of the films.

    Raises:
        InputFaultsError: there are such names.
    """
    faults = Faults(results_path)
    for image in results.images:
        name = posixpath.normpath(image.file_name.replace("\\", "/"))
        root = "/" if name.startswith("/") else "../" * name.split("/").count("..")
        found = film_path(image_root, relative_name(name))
        if root and found.is_file() and not _is_meant(name, found, image_root):
            faults.add(
                f"{image.file_name}: found as {found}, which may be another film",
                f"give the folder that its name begins in as image root: {root}, seen from where "
                "the results were made",
            )
    faults.raise_any()


def _is_meant(name: str, found: Path, image_root: Path) -> bool:
    written = Path(name)
    if written.is_file():
        return found.samefile(written)
    return name.startswith("/") or found == image_root / relative_name(name)


def _description(results: Results) -> str:
    """Say what found the boxes: the method, and its files by the beginning of their hashes."""
    models = [f"{model.name} {model.sha256[:8]}" for model in results.models]
    return ", ".join([results.method, *models])
