"""Rows and results made by hand or at random, for evaluating them."""

import numpy as np

from evaluation.rows import DetectionRows, LesionRows, ViewRows
from formats.coco import CocoAnnotation, CocoDataset, CocoImage
from formats.results import Detection, ImageResult, Results

Boxes = list[tuple[float, float, float, float]]


def make_views(patient: list[int], breast: list[int] | None = None) -> ViewRows:
    """Views of 100x100 pixels; every view is its own breast unless told otherwise."""
    count = len(patient)
    return ViewRows(
        file_names=tuple(f"{view}.png" for view in range(count)),
        patients=tuple(f"A_{number}" for number in range(max(patient) + 1)),
        patient=np.array(patient),
        breast=np.array(breast if breast is not None else range(count)),
        breasts=tuple(map(str, sorted(set(breast if breast is not None else range(count))))),
        label=np.zeros(count, dtype=np.int64),
        density=np.zeros(count, dtype=np.int64),
        height_px=np.full(count, 100),
        width_px=np.full(count, 100),
        without_breast=0,
    )


def make_lesions(
    view: list[int],
    boxes_xywh: Boxes,
    label: list[int] | None = None,
    crowd: list[bool] | None = None,
    kind: list[str] | None = None,
) -> LesionRows:
    boxes = np.array(boxes_xywh, dtype=np.float64).reshape(-1, 4)
    count = len(view)
    return LesionRows(
        view=np.array(view, dtype=np.int64),
        bbox_xywh=boxes,
        area_px=boxes[:, 2] * boxes[:, 3],
        label=np.array(label or [2] * count, dtype=np.int64),
        is_crowd=np.array(crowd or [False] * count, dtype=bool),
        lesion_type=tuple(kind or [""] * count),
    )


def make_detections(
    view: list[int], boxes_xywh: Boxes, score: list[float], cancer: list[float] | None = None
) -> DetectionRows:
    probability = np.array(cancer or [0.5] * len(view), dtype=np.float64)
    return DetectionRows(
        view=np.array(view, dtype=np.int64),
        bbox_xywh=np.array(boxes_xywh, dtype=np.float64).reshape(-1, 4),
        score=np.array(score, dtype=np.float64),
        label_scores=np.stack([1 - probability, probability], axis=1),
    )


def random_rows(
    seed: int, digits: int, detections_per_view: int = 15
) -> tuple[ViewRows, LesionRows, DetectionRows]:
    """Lesions of all sizes, a few crowds, empty views, and scores rounded so that they tie."""
    random = np.random.default_rng(seed)
    view_count, patient_count = 24, 7
    views = make_views([*range(patient_count), *random.integers(0, patient_count, 17).tolist()])
    lesion_view = np.sort(random.integers(0, view_count - 4, 20))
    lesions_xywh = _random_boxes(random, 20)
    lesions = LesionRows(
        view=lesion_view,
        bbox_xywh=lesions_xywh,
        area_px=lesions_xywh[:, 2] * lesions_xywh[:, 3] * random.uniform(0.5, 1, 20),
        label=random.integers(1, 3, 20),
        is_crowd=random.uniform(size=20) < 0.15,
        lesion_type=("MASS",) * 20,
    )
    count = view_count * detections_per_view
    detection_view = np.sort(random.integers(2, view_count, count))
    boxes_xywh = _random_boxes(random, count)
    for row, view in enumerate(detection_view):
        here = np.flatnonzero(lesion_view == view)
        if len(here) and random.uniform() < 0.4:
            near = lesions_xywh[random.choice(here)] + random.normal(0, 5, 4)
            boxes_xywh[row] = np.round(near).clip(1)
    score, cancer = (np.round(random.uniform(size=count), digits) for _ in range(2))
    return (
        views,
        lesions,
        DetectionRows(
            view=detection_view,
            bbox_xywh=boxes_xywh,
            score=score,
            label_scores=np.stack([1 - cancer, cancer], axis=1),
        ),
    )


def _random_boxes(random: np.random.Generator, count: int) -> np.ndarray:
    return np.hstack([random.uniform(0, 200, (count, 2)), random.uniform(10, 150, (count, 2))])


def make_dataset(cases: list[tuple[str, str, str]]) -> CocoDataset:
    """Two views of a breast for each (case_id, side, label); tumours are at 20, 20, 20x20."""
    images: list[CocoImage] = []
    annotations: list[CocoAnnotation] = []
    for case_id, side, label in cases:
        for view in ("CC", "MLO"):
            image_id = len(images) + 1
            images.append(
                {
                    "id": image_id,
                    "file_name": f"{case_id}_{side}_{view}.png",
                    "width": 100,
                    "height": 120,
                    "case_id": case_id,
                    "side": side,
                    "view": view,
                    "label": label,
                    "age": 50.0 + len(images),
                    "density": 1 + len(images) % 4,
                }
            )
            if label != "Normal":
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": image_id,
                        "category_id": 2 if label == "Cancer" else 1,
                        "bbox": [20, 20, 20, 20],
                        "area": 300,
                        "iscrowd": 0,
                        "lesion_type": "MASS",
                    }
                )
    return CocoDataset(images=images, annotations=annotations)


def make_results(dataset: CocoDataset, method: str, seed: int) -> Results:
    """Mostly right boxes near the tumours, and some that are nowhere."""
    random = np.random.default_rng(seed)
    images = []
    for image in dataset.images:
        tumour, cancer = random.uniform(0.2, 1), random.uniform()
        x, y = random.uniform(15, 40, 2)
        label = str(random.choice(["Benign", "Cancer"]))
        scores = {"Benign": 1 - cancer, "Cancer": cancer}
        detection = Detection(
            bbox_xyxy=(x, y, x + 20, y + 20), score=tumour, label=label, label_scores=scores
        )
        images.append(
            ImageResult(
                file_name=image["file_name"],
                width=image["width"],
                height=image["height"],
                label=label if tumour > 0.5 else "Normal",
                scores={
                    "Normal": 1 - tumour,
                    "Benign": tumour * (1 - cancer),
                    "Cancer": tumour * cancer,
                },
                detections=[detection],
            )
        )
    return Results(method=method, models=[], images=images)
