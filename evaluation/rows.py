"""One row a view, a lesion, a detection: NumPy columns that every figure is derived from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from formats.coco import CocoDataset, CocoImage
from formats.errors import InputError
from formats.geometry.boxes import xyxy_to_xywh
from formats.labels import (
    CATEGORY_NAMES,
    LABELS,
    LESION_LABELS,
    UNNAMED_CATEGORY_ID,
    UNNAMED_LESION,
)
from formats.results import ImageResult
from formats.view_label import view_label

UNNAMED = len(LABELS)
"""In place of a label's index: a lesion of unknown pathology, a view with no other lesion."""
CATEGORY_LABELS = {
    **{category_id: LABELS.index(name) for category_id, name in CATEGORY_NAMES.items()},
    UNNAMED_CATEGORY_ID: UNNAMED,
}


@dataclass(frozen=True, kw_only=True)
class ViewRows:
    """V views in the order of their COCO ids."""

    file_names: tuple[str, ...]
    patients: tuple[str, ...]
    """Names of the P patients; a view without `case_id` is a patient of its own."""
    patient: np.ndarray
    """(V,) index into `patients`."""
    breast: np.ndarray
    """(V,) number of the breast, from 0; a view whose breast is unknown is one of its own."""
    breasts: tuple[str, ...]
    """Names of the breasts: case and side, or the file name where they are unknown."""
    label: np.ndarray
    """(V,) true label, index into `LABELS`, or `UNNAMED`."""
    density: np.ndarray
    """(V,) 1 to 4, and 0 where unknown."""
    height_px: np.ndarray
    width_px: np.ndarray
    without_breast: int
    """How many views have no `case_id` or no `side`."""

    @property
    def count(self) -> int:
        """V."""
        return len(self.file_names)


@dataclass(frozen=True, kw_only=True)
class LesionRows:
    """L lesions, sorted by view and within a view as in the COCO file."""

    view: np.ndarray
    """(L,) index of the view."""
    bbox_xywh: np.ndarray
    """(L, 4) float64 pixels."""
    area_px: np.ndarray
    """(L,) of the filled contour."""
    label: np.ndarray
    """(L,) index into `LABELS`, or `UNNAMED`."""
    is_crowd: np.ndarray
    """(L,) bool: a region to be left out, no lesion to be found."""
    lesion_type: tuple[str, ...]
    """`MASS`, `CALCIFICATION`, both in one, or empty where unknown."""

    def of_label(self, label: int) -> "LesionRows":
        """Keep the lesions of one class; those that may be of it are regions to be left out."""
        is_unnamed = self.label == UNNAMED
        keep = np.flatnonzero((self.label == label) | is_unnamed)
        return LesionRows(
            view=self.view[keep],
            bbox_xywh=self.bbox_xywh[keep],
            area_px=self.area_px[keep],
            label=self.label[keep],
            is_crowd=(self.is_crowd | is_unnamed)[keep],
            lesion_type=tuple(self.lesion_type[row] for row in keep),
        )


@dataclass(frozen=True, kw_only=True)
class DetectionRows:
    """N detections, sorted by view and within a view as in the results file."""

    view: np.ndarray
    """(N,) index of the view."""
    bbox_xywh: np.ndarray
    """(N, 4) float64 pixels."""
    score: np.ndarray
    """(N,) what the boxes are ranked by."""
    label_scores: np.ndarray
    """(N, 2) probability of Benign and of Cancer, given a tumour."""

    def scored_for(self, label: int) -> "DetectionRows":
        """Rank every box by how surely it is a lesion of one class (index into `LABELS`)."""
        column = LESION_LABELS.index(LABELS[label])
        return replace(self, score=self.score * self.label_scores[:, column])

    def kept(self, keep: np.ndarray) -> "DetectionRows":
        """Keep the rows of a (N,) bool mask."""
        if keep.all():
            return self
        return DetectionRows(
            view=self.view[keep],
            bbox_xywh=self.bbox_xywh[keep],
            score=self.score[keep],
            label_scores=self.label_scores[keep],
        )

    def rank_in_view(self) -> np.ndarray:
        """Return the (N,) ranks, 0 for the best of its view; of equal scores the first listed."""
        order = np.lexsort((-self.score, self.view))
        sorted_view = self.view[order]
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order)) - np.searchsorted(sorted_view, sorted_view)
        return rank


class _Columns(NamedTuple):
    """One view's detections, as `DetectionRows` has them."""

    bbox_xywh: np.ndarray
    score: np.ndarray
    label_scores: np.ndarray


@dataclass(frozen=True, kw_only=True)
class ViewPredictions:
    """What a method says about V whole views."""

    label: np.ndarray
    """(V,) index into `LABELS`."""
    tumour: np.ndarray
    """(V,) probability that there is a tumour."""
    cancer: np.ndarray
    """(V,) probability that there is a cancer."""


def view_rows(dataset: CocoDataset) -> ViewRows:
    """Return the views of a data set.

    A view without `label` takes its worst lesion's.

    Raises:
        InputError: there is no view, a file name stands twice, or a label is none of `LABELS`.
    """
    images = sorted_images(dataset)
    names = tuple(image["file_name"] for image in images)
    if not names:
        raise InputError("the COCO file has no images, so there is nothing to evaluate")
    if len(set(names)) < len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{repeated}: stands twice in the COCO file; keep one image of that name")
    patients, patient = _numbered([image.get("case_id") or image["file_name"] for image in images])
    known = [bool(image.get("case_id") and image.get("side")) for image in images]
    breast_names = [
        breast_name(image["case_id"], image["side"]) if is_known else image["file_name"]
        for image, is_known in zip(images, known, strict=True)
    ]
    breasts, breast = _numbered(breast_names)
    return ViewRows(
        file_names=names,
        patients=patients,
        patient=patient,
        breast=breast,
        breasts=breasts,
        label=_view_labels(dataset, images),
        density=np.array([int(image.get("density") or 0) for image in images]),
        height_px=np.array([image["height"] for image in images]),
        width_px=np.array([image["width"] for image in images]),
        without_breast=known.count(False),
    )


def breast_name(case_id: str, side: str) -> str:
    """Return what a breast is called."""
    return f"{case_id} {side}"


def lesion_rows(dataset: CocoDataset) -> LesionRows:
    """Return the lesions of a data set, crowd regions among them."""
    view_of = {image["id"]: view for view, image in enumerate(sorted_images(dataset))}
    annotations = sorted(dataset.annotations, key=lambda a: view_of[a["image_id"]])
    return LesionRows(
        view=np.array([view_of[a["image_id"]] for a in annotations], dtype=np.int64),
        bbox_xywh=np.array([a["bbox"] for a in annotations], dtype=np.float64).reshape(-1, 4),
        area_px=np.array([a["area"] for a in annotations], dtype=np.float64),
        label=np.array([CATEGORY_LABELS[a["category_id"]] for a in annotations], dtype=np.int64),
        is_crowd=np.array([bool(a["iscrowd"]) for a in annotations], dtype=bool),
        lesion_type=tuple(str(a.get("lesion_type") or "") for a in annotations),
    )


def sorted_images(dataset: CocoDataset) -> list[CocoImage]:
    """Return the images in the order of the views: by id, as pycocotools takes them."""
    return sorted(dataset.images, key=lambda image: image["id"])


@dataclass(frozen=True, kw_only=True)
class ViewResults:
    """What a method says of V views."""

    images: list[ImageResult]
    """Of each view, without its detections."""
    detections: DetectionRows
    left_out: int
    """How many results are of images that are not among the views."""


def results_by_view(path: Path, images: Iterable[ImageResult], views: ViewRows) -> ViewResults:
    """Sort a method's results by view; of each only the numbers are kept.

    Raises:
        InputError: a view has no result or two, or was predicted at another size.
    """
    view_of = {name: view for view, name in enumerate(views.file_names)}
    names: set[str] = set()
    found: dict[int, ImageResult] = {}
    columns: dict[int, _Columns] = {}
    for image in images:
        if image.file_name in names:
            raise InputError(f"{path}: {image.file_name} stands twice; write the file again")
        names.add(image.file_name)
        view = view_of.get(image.file_name)
        if view is not None:
            _check_size(path, image, views.width_px[view], views.height_px[view])
            found[view] = replace(image, detections=[])
            columns[view] = _columns(image)
    missing = [name for view, name in enumerate(views.file_names) if view not in found]
    if missing:
        raise InputError(
            f"{path}: {len(missing)} of {views.count} images of the COCO file have no result, "
            f"such as {missing[0]}; run `mammo predict` on the whole COCO file, or evaluate on "
            "one that lists only what was predicted"
        )
    return ViewResults(
        images=[found[view] for view in range(views.count)],
        detections=_joined([columns[view] for view in range(views.count)]),
        left_out=len(names) - len(found),
    )


def detection_rows(images: Sequence[ImageResult]) -> DetectionRows:
    """Return the detections of one result a view."""
    return _joined([_columns(image) for image in images])


def view_predictions(images: Sequence[ImageResult]) -> ViewPredictions:
    """Return what one result a view says about whole views."""
    return ViewPredictions(
        label=np.array([LABELS.index(image.label) for image in images]),
        tumour=np.array([1 - image.scores["Normal"] for image in images], dtype=np.float64),
        cancer=np.array([image.scores["Cancer"] for image in images], dtype=np.float64),
    )


def _check_size(path: Path, image: ImageResult, width_px: int, height_px: int) -> None:
    if (image.width, image.height) != (width_px, height_px):
        raise InputError(
            f"{path}: {image.file_name} was predicted at {image.width}x{image.height} pixels, "
            f"but the COCO file says {width_px}x{height_px}; use the same images for both"
        )


def _columns(image: ImageResult) -> _Columns:
    found = image.detections
    label_scores = [[d.label_scores[name] for name in LESION_LABELS] for d in found]
    return _Columns(
        bbox_xywh=xyxy_to_xywh(np.array([d.bbox_xyxy for d in found], dtype=np.float64)),
        score=np.array([d.score for d in found], dtype=np.float64),
        label_scores=np.array(label_scores, dtype=np.float64).reshape(-1, len(LESION_LABELS)),
    )


def _joined(views: Sequence[_Columns]) -> DetectionRows:
    """Put one view's detections behind the other's."""
    no_rows = [_Columns(np.zeros((0, 4)), np.zeros(0), np.zeros((0, len(LESION_LABELS))))]
    bbox_xywh, score, label_scores = zip(*no_rows, *views, strict=True)
    counts = [len(view.score) for view in views]
    return DetectionRows(
        view=np.repeat(np.arange(len(views)), np.array(counts, dtype=np.int64)),
        bbox_xywh=np.concatenate(bbox_xywh),
        score=np.concatenate(score),
        label_scores=np.concatenate(label_scores),
    )


def _numbered(names: list[str]) -> tuple[tuple[str, ...], np.ndarray]:
    unique, number = np.unique(np.array(names, dtype=object), return_inverse=True)
    return tuple(unique), number


def _view_labels(dataset: CocoDataset, images: list[CocoImage]) -> np.ndarray:
    by_image = dataset.annotations_by_image()
    return np.array([_label_index(view_label(i, by_image[i["id"]])) for i in images])


def _label_index(label: str) -> int:
    return UNNAMED if label == UNNAMED_LESION else LABELS.index(label)
