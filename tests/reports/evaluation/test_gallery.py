import base64
from pathlib import Path

import cv2
import numpy as np
import pytest
from made_rows import make_dataset

from evaluation.method_figures import MatchedMethod, Truth, match_method, read_truth
from evaluation.rows import results_by_view
from formats.coco import write_coco
from formats.errors import InputError
from formats.labels import LABEL_COLOURS, bgr_of
from formats.results import Detection, ImageResult, Results
from reports.evaluation.gallery import (
    PICTURE_SIDE_PX,
    draw_gallery,
    worst_false_positives,
    worst_misses,
)

CASES = [("A_1", "LEFT", "Benign"), ("A_2", "LEFT", "Cancer")]
LESION = (20.0, 20.0, 40.0, 40.0)
ELSEWHERE = (60.0, 60.0, 80.0, 90.0)


def evaluated(folder: Path, boxes: list[list[tuple[tuple, float]]]) -> tuple[Truth, MatchedMethod]:
    """Give the four views these boxes with these scores."""
    dataset = make_dataset(CASES)
    write_coco(dataset, folder / "test.json")
    normal = {"Normal": 1.0, "Benign": 0.0, "Cancer": 0.0}
    halves = {"Benign": 0.5, "Cancer": 0.5}
    images = [
        ImageResult(
            file_name=image["file_name"],
            width=100,
            height=120,
            label="Normal",
            scores=normal,
            detections=[
                Detection(bbox_xyxy=box, score=score, label="Cancer", label_scores=halves)
                for box, score in found
            ],
        )
        for image, found in zip(dataset.images, boxes, strict=True)
    ]
    truth = read_truth(folder / "test.json")
    said = results_by_view(Path("m.json"), images, truth.views)
    return truth, match_method("m", Results(method="m", models=[], images=[]), said, truth)


def test_worst_first(tmp_path: Path) -> None:
    truth, method = evaluated(
        tmp_path, [[(LESION, 0.2)], [], [(ELSEWHERE, 0.4)], [(ELSEWHERE, 0.8), (LESION, 0.9)]]
    )

    # Never found: the cancer before the benign lesion. Then by score.
    assert worst_misses(method, truth).tolist() == [2, 1, 0, 3]
    assert method.detections.score[worst_false_positives(method)].tolist() == [0.8, 0.4]


def test_pictures_show_lesion_and_box(tmp_path: Path) -> None:
    truth, method = evaluated(tmp_path, [[], [], [], [(ELSEWHERE, 0.8)]])
    for name in truth.views.file_names:
        cv2.imwrite(str(tmp_path / name), np.tile(np.arange(90, 100, dtype=np.uint8), (120, 10)))
    gallery = draw_gallery(method, truth, tmp_path)
    miss, false = gallery.misses[0], gallery.false_positives[0]
    encoded = base64.b64decode(false.address.partition(",")[2])
    picture = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR).astype(int)

    assert miss.caption == "Cancer, not found"
    assert false.caption == "score 0.80, no lesion"
    assert false.file_name == "A_2_LEFT_MLO.png"
    assert max(picture.shape[:2]) == PICTURE_SIDE_PX
    # The lesion is a cancer; the box, as probably either, is called benign.
    for colour in (bgr_of(LABEL_COLOURS["Cancer"]), bgr_of(LABEL_COLOURS["Benign"])):
        # JPEG bleeds colours.
        assert (np.abs(picture - colour).sum(axis=2) < 120).any()


def test_a_missing_film_is_named(tmp_path: Path) -> None:
    truth, method = evaluated(tmp_path, [[], [], [], []])

    with pytest.raises(InputError, match=r"A_2_LEFT_CC\.png"):
        draw_gallery(method, truth, tmp_path)
