from pathlib import Path
from typing import Any

import pytest
from made_rows import make_dataset, make_results

from evaluation.method_figures import read_methods, read_truth
from formats.coco import write_coco, write_json
from formats.coco_results import results_of_list
from formats.errors import InputError, InputFaultsError
from formats.results import coco_results

DATASET = make_dataset([("A_1", "LEFT", "Cancer"), ("B_1", "LEFT", "Normal")])


def record(**changes: Any) -> dict[str, Any]:
    return {"image_id": 1, "category_id": 2, "bbox": [1, 2, 3, 4], "score": 0.75, **changes}


def test_a_plain_list_is_evaluated_as_the_boxes_that_it_holds(tmp_path: Path) -> None:
    write_coco(DATASET, tmp_path / "test.json")
    truth = read_truth(tmp_path / "test.json")
    results = make_results(DATASET, "two_stage", 0)
    write_json(coco_results(results, DATASET), tmp_path / "mine.json")
    (method,) = read_methods([tmp_path / "mine.json"], truth)

    assert method.name == "mine"
    assert method.detections.score.tolist() == [i.detections[0].score for i in results.images]


def test_scores_of_an_image_are_its_best_boxes(tmp_path: Path) -> None:
    boxes = [record(category_id=1, score=0.5), record(score=0.25), record(score="0.125")]
    first, *others = results_of_list(tmp_path / "r.json", boxes, DATASET).images

    assert first.scores == {"Normal": 0.5, "Benign": 0.25, "Cancer": 0.25}
    assert [d.score for d in first.detections] == [0.5, 0.25, 0.125]
    assert first.detections[0].bbox_xyxy == (1, 2, 4, 6)
    assert all(other.label == "Normal" for other in others)


def test_all_that_is_wrong_is_listed(tmp_path: Path) -> None:
    wrong = [record(image_id=99), record(category_id=7), record(bbox=[1, 2, 0, 4]),
             record(score=5), "box"]  # fmt: skip

    with pytest.raises(InputFaultsError) as caught:
        results_of_list(tmp_path / "r.json", wrong, DATASET)
    for part in ("4 kinds", "2 times: record 0", "category 7", "bbox [1, 2, 0, 4]", "score 5"):
        assert part in str(caught.value)


def test_ids_of_a_file_that_was_changed_in_reading_are_not_guessed(tmp_path: Path) -> None:
    changed = make_dataset([("A_1", "LEFT", "Cancer")])
    changed.changes.append("1 x image ids started at 0, moved up by 1")

    with pytest.raises(InputFaultsError, match="whose ids are those of a COCO file"):
        results_of_list(tmp_path / "r.json", [record()], changed)


def test_a_coco_file_is_no_results_file(tmp_path: Path) -> None:
    write_coco(DATASET, tmp_path / "test.json")

    with pytest.raises(InputError, match=r"test\.json: a COCO file, no results"):
        read_methods([tmp_path / "test.json"], read_truth(tmp_path / "test.json"))
