"""Time and peak memory of a whole `mammo evaluate`, against plain pycocotools on the same files.

    python benchmarks/evaluate_command.py [--views 2000] [--detections 100] [--resamples 2000]
        [--without-pycocotools]

The files are made up as in `benchmarks/resampling.py`. pycocotools reads its own list of the same
boxes and evaluates them once, whatever their class; it needs some 4 kB a box, so that many views
are for `--without-pycocotools`. Each side is a process of its own. Time is the processor's, in
which other programs matter little.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from resampling import FILM_PX, VIEWS_PER_PATIENT, make_rows

from evaluation.rows import DetectionRows, LesionRows
from formats.coco import CocoAnnotation, CocoDataset, CocoImage, write_coco
from formats.labels import CATEGORY_NAMES, LABELS

PYCOCOTOOLS = """
import sys
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
truth = COCO(sys.argv[1])
evaluation = COCOeval(truth, truth.loadRes(sys.argv[2]), "bbox")
evaluation.params.useCats = 0
evaluation.evaluate()
evaluation.accumulate()
evaluation.summarize()
"""
"""Whatever the class of a box or a lesion."""


def write_all(
    view_count: int, detections_per_view: int, truth: Path, results: Path, plain_list: Path
) -> None:
    _, lesions, found = make_rows(view_count, detections_per_view)
    write_truth(view_count, lesions, truth)
    write_results(view_count, found, results)
    write_list(found, plain_list)


def write_truth(view_count: int, lesions: LesionRows, path: Path) -> None:
    labels = np.full(view_count, "Normal", dtype=object)
    labels[lesions.view] = [LABELS[label] for label in lesions.label]
    images = [
        CocoImage(
            id=view + 1,
            file_name=f"{view}.png",
            width=FILM_PX,
            height=FILM_PX,
            case_id=f"C_{view // VIEWS_PER_PATIENT}",
            side=("LEFT", "RIGHT")[view // 2 % 2],
            view=("CC", "MLO")[view % 2],
            label=labels[view],
        )
        for view in range(view_count)
    ]
    annotations = [
        CocoAnnotation(
            id=row + 1,
            image_id=int(lesions.view[row]) + 1,
            category_id=int(lesions.label[row]),
            bbox=lesions.bbox_xywh[row].tolist(),
            area=float(lesions.area_px[row]),
            iscrowd=0,
        )
        for row in range(len(lesions.view))
    ]
    dataset = CocoDataset(images=images, annotations=annotations)
    write_coco(dataset, path)


def write_results(view_count: int, found: DetectionRows, path: Path) -> None:
    """Write the boxes as `mammo predict` does, with its line ends and digits."""
    head = {"schema_version": 1, "method": "made_up", "models": [], "lowest_score": 0.0}
    with path.open("w") as file:
        file.write(json.dumps(head)[:-1] + ', "images": [')
        ends = np.searchsorted(found.view, range(view_count + 1)).tolist()
        for view, rows in enumerate(pairwise(ends)):
            image = image_record(view, found, slice(*rows))
            file.write(("," if view else "") + json.dumps(image, indent=1))
        file.write("]}")


def image_record(view: int, found: DetectionRows, rows: slice) -> dict[str, Any]:
    order = np.argsort(-found.score[rows], kind="stable")
    boxes_xyxy, score = found.bbox_xywh[rows][order], found.score[rows][order]
    boxes_xyxy[:, 2:] += boxes_xyxy[:, :2]
    best = float(score[0])
    return {
        "file_name": f"{view}.png",
        "width": FILM_PX,
        "height": FILM_PX,
        "label": "Benign",
        "scores": {"Normal": 1 - best, "Benign": best / 2, "Cancer": best / 2},
        "detections": [
            {
                "bbox_xyxy": box,
                "score": of_box,
                "label": "Benign",
                "label_scores": {"Benign": 0.5, "Cancer": 0.5},
            }
            for box, of_box in zip(boxes_xyxy.tolist(), score.tolist(), strict=True)
        ],
    }


def write_list(found: DetectionRows, path: Path) -> None:
    with path.open("w") as file:
        for row, record in enumerate(list_records(found)):
            file.write(("," if row else "[") + json.dumps(record))
        file.write("]")


def list_records(found: DetectionRows) -> Iterator[dict[str, Any]]:
    category_id = next(iter(CATEGORY_NAMES))
    for view, box, score in zip(
        found.view.tolist(), found.bbox_xywh.tolist(), found.score.tolist(), strict=True
    ):
        yield {"image_id": view + 1, "category_id": category_id, "bbox": box, "score": score}


def cost(command: Sequence[str | Path]) -> tuple[float, float]:
    """Return the processor seconds and the GiB at the peak of a command."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{command[:4]} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--views", type=int, default=2000)
    parser.add_argument("--detections", type=int, default=100)
    parser.add_argument("--resamples", type=int, default=2000)
    parser.add_argument("--without-pycocotools", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        truth, results, plain_list = (
            Path(folder) / name for name in ("test.json", "results.json", "list.json")
        )
        writing = get_context("spawn").Process(
            target=write_all,
            args=(arguments.views, arguments.detections, truth, results, plain_list),
        )
        # A process of its own: to the system, what a parent has held is its children's peak too.
        writing.start()
        writing.join()
        if writing.exitcode:
            raise SystemExit("the files could not be written")
        print(f"{results.stat().st_size / 2**20:.0f} MiB of results")
        evaluate: list[str | Path] = [sys.executable, "-m", "commands", "evaluate"]
        evaluate += ["--coco", truth, "--results", results, "--output-dir", Path(folder) / "report"]
        seconds, gib = cost([*evaluate, "--resamples", str(arguments.resamples)])
        print(f"mammo evaluate: {seconds:.0f} s of the processor, {gib:.2f} GiB")
        if not arguments.without_pycocotools:
            plain, plain_gib = cost([sys.executable, "-c", PYCOCOTOOLS, truth, plain_list])
            print(f"pycocotools:    {plain:.0f} s of the processor, {plain_gib:.2f} GiB")
            print(f"over pycocotools: time {seconds / plain:.2f}, memory {gib / plain_gib:.2f}")


if __name__ == "__main__":
    main()
