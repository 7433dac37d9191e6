"""Time of resampling patients for AP and FROC, against one plain pycocotools evaluation.

    python benchmarks/resampling.py [--views 8000] [--detections 100] [--resamples 2000]
        [--pieces 1]

Rows are made up: four views a patient, half of the views with a lesion, and a tenth of their
detections near it. Matching is timed too, reading files is not, on neither side. The peak of
memory is the process' own before pycocotools is called, rows and imports included.

pycocotools needs several times as much. Where that is more than there is, `--pieces 4` lets it
evaluate quarters of the views one after the other, which is less work than all views at once: the
ratio is then an upper bound, and its numbers are not compared.
"""

import argparse
import contextlib
import io
import resource
import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from evaluation.bootstrap import Estimate, estimate, replicate, resampled_weights
from evaluation.boxes.average_precision import (
    coco_numbers,
    interpolated_average_precision,
    rank_for_coco,
)
from evaluation.boxes.froc import (
    ALL_LESIONS,
    IOU_50,
    PER_VIEW,
    match_by,
    rank_for_froc,
    sensitivities,
)
from evaluation.figure_keys import rate_key
from evaluation.rows import DetectionRows, LesionRows, ViewRows

VIEWS_PER_PATIENT = 4
FILM_PX = 1000
Numbers = dict[str, np.ndarray]


def make_rows(
    view_count: int, detections_per_view: int
) -> tuple[ViewRows, LesionRows, DetectionRows]:
    random = np.random.default_rng(0)
    view = np.arange(view_count)
    patient = view // VIEWS_PER_PATIENT
    lesion_view = view[::2]
    lesions_xywh = random_boxes(random, len(lesion_view))
    label = random.integers(1, 3, len(lesion_view))
    detection_view = np.repeat(view, detections_per_view)
    boxes_xywh = random_boxes(random, len(detection_view))
    score = random.beta(1, 6, len(detection_view))
    is_near = (detection_view % 2 == 0) & (random.uniform(size=len(detection_view)) < 0.1)
    boxes_xywh[is_near] = lesions_xywh[detection_view[is_near] // 2]
    boxes_xywh[is_near] += random.normal(0, 12, (is_near.sum(), 4))
    score[is_near] = random.beta(2, 3, is_near.sum())
    view_label = np.zeros(view_count, dtype=np.int64)
    view_label[lesion_view] = label
    return (
        ViewRows(
            file_names=tuple(map(str, view)),
            patients=tuple(map(str, range(int(np.max(patient)) + 1))),
            patient=patient,
            breast=view // 2,
            breasts=tuple(map(str, range(int(np.max(view)) // 2 + 1))),
            label=view_label,
            density=np.zeros(view_count),
            height_px=np.full(view_count, FILM_PX),
            width_px=np.full(view_count, FILM_PX),
            without_breast=0,
        ),
        LesionRows(
            view=lesion_view,
            bbox_xywh=lesions_xywh,
            area_px=lesions_xywh[:, 2] * lesions_xywh[:, 3] * 0.8,
            label=label,
            is_crowd=np.zeros(len(lesion_view), dtype=bool),
            lesion_type=("",) * len(lesion_view),
        ),
        DetectionRows(
            view=detection_view,
            bbox_xywh=boxes_xywh.clip(1),
            score=score,
            label_scores=np.full((len(score), 2), 0.5),
        ),
    )


def random_boxes(random: np.random.Generator, count: int) -> np.ndarray:
    return np.hstack(
        [random.uniform(0, FILM_PX - 250, (count, 2)), random.uniform(30, 250, (count, 2))]
    )


def resample_ap50_and_froc(
    views: ViewRows, lesions: LesionRows, detections: DetectionRows, weights: np.ndarray
) -> Numbers:
    ranking = rank_for_coco(views, lesions, detections)["all"]
    groups = {ALL_LESIONS: ~lesions.is_crowd}
    match = match_by(IOU_50, detections, lesions)
    froc = rank_for_froc(views, lesions, detections, match, groups)

    def measure(part: np.ndarray) -> Numbers:
        at_50 = next(ranking.ranking.counts(part))
        ap50 = interpolated_average_precision(*at_50, part @ ranking.lesion_count)
        found = sensitivities(froc, part)
        return {"AP50": ap50, "sensitivity at 1 FP": found[PER_VIEW, ALL_LESIONS, rate_key(1.0)]}

    return replicate(measure, weights, "AP50 and FROC")


def resample_twelve_numbers(
    views: ViewRows, lesions: LesionRows, detections: DetectionRows, weights: np.ndarray
) -> Numbers:
    rankings = rank_for_coco(views, lesions, detections)
    return replicate(lambda part: coco_numbers(rankings, part), weights, "COCO's twelve")


def views_between(rows: np.ndarray, first: int, end: int) -> slice:
    """Return where the rows of some views are, of the sorted views of all rows."""
    return slice(*np.searchsorted(rows, [first, end]))


def plain_pycocotools(
    first_view: int, end_view: int, lesions: LesionRows, detections: DetectionRows
) -> Callable[[], np.ndarray]:
    of_lesions = views_between(lesions.view, first_view, end_view)
    of_detections = views_between(detections.view, first_view, end_view)
    truth = COCO()
    truth.dataset = {
        "images": [{"id": view + 1} for view in range(first_view, end_view)],
        "categories": [{"id": 1, "name": "Tumour"}],
        "annotations": [
            {
                "id": row,
                "image_id": view + 1,
                "category_id": 1,
                "bbox": box,
                "area": a,
                "iscrowd": 0,
            }
            for row, (view, box, a) in enumerate(
                zip(
                    lesions.view[of_lesions].tolist(),
                    lesions.bbox_xywh[of_lesions].tolist(),
                    lesions.area_px[of_lesions].tolist(),
                    strict=True,
                ),
                start=1,
            )
        ],
    }
    results = [
        {"image_id": view + 1, "category_id": 1, "bbox": box, "score": score}
        for view, box, score in zip(
            detections.view[of_detections].tolist(),
            detections.bbox_xywh[of_detections].tolist(),
            detections.score[of_detections].tolist(),
            strict=True,
        )
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        found = truth.loadRes(results)

    def evaluate() -> np.ndarray:
        with contextlib.redirect_stdout(io.StringIO()):
            evaluation = COCOeval(truth, found, "bbox")
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
        return evaluation.stats

    return evaluate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--views", type=int, default=8000)
    parser.add_argument("--detections", type=int, default=100)
    parser.add_argument("--resamples", type=int, default=2000)
    parser.add_argument("--pieces", type=int, default=1, help="for pycocotools (default: 1)")
    arguments = parser.parse_args()
    rows = make_rows(arguments.views, arguments.detections)
    weights = resampled_weights(len(rows[0].patients), arguments.resamples, seed=0)
    seconds, numbers = {}, {}
    for name, resample in (
        ("AP50 and FROC", resample_ap50_and_froc),
        ("COCO's twelve", resample_twelve_numbers),
    ):
        begin = time.process_time()
        numbers[name] = resample(*rows, weights)
        seconds[name] = time.process_time() - begin
    peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    plain, stats = 0.0, np.zeros(0)
    ends = np.linspace(0, arguments.views, arguments.pieces + 1, dtype=int).tolist()
    for first_view, end_view in pairwise(ends):
        evaluate = plain_pycocotools(first_view, end_view, rows[1], rows[2])
        begin = time.process_time()
        stats = evaluate()
        plain += time.process_time() - begin
        del evaluate
    print(f"one plain pycocotools evaluation, {arguments.pieces} pieces: {plain:.1f} s of CPU")
    for name, took in seconds.items():
        print(f"{arguments.resamples} resamples, {name}: {took:.1f} s, {took / plain:.2f} times")
    print(f"peak of memory before pycocotools: {peak_gib:.2f} GiB")
    shown: dict[str, Estimate] = {
        name: estimate(values) for name, values in numbers["AP50 and FROC"].items()
    }
    for name, value in shown.items():
        print(f"{name}: {value.value:.4f} ({value.low:.4f} to {value.high:.4f})")
    if arguments.pieces == 1:
        twelve = [values[0] for values in numbers["COCO's twelve"].values()]
        apart = np.abs(np.array(twelve) - stats).max()
        print(f"the twelve numbers differ from pycocotools' by at most {apart:.1e}")


if __name__ == "__main__":
    main()
