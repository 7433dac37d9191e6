from dataclasses import replace
from pathlib import Path

from made_rows import make_dataset, make_results

from evaluation.comparison import Comparison, compare
from formats.coco import CocoDataset, write_coco
from formats.results import Results, write_results
from reports.evaluation.summary import evaluation_points

CASES = [(f"{s}_{n}", "LEFT", label) for s in "AB" for n, label in enumerate(["Normal", "Cancer"])]


def compared(folder: Path, dataset: CocoDataset, *methods: Results) -> Comparison:
    write_coco(dataset, folder / "test.json")
    paths = []
    for results in methods:
        paths.append(folder / f"{results.method}.json")
        write_results(results, paths[-1])
    return compare(folder / "test.json", paths, None, None, resamples=20, seed=0, allow_leak=True)


def boxless(results: Results) -> Results:
    for image in results.images:
        image.detections.clear()
    return results


def perfect(dataset: CocoDataset) -> Results:
    results = make_results(dataset, "perfect", 0)
    for image, record in zip(results.images, dataset.images, strict=True):
        box = image.detections.pop()
        if record["label"] != "Normal":
            image.detections.append(replace(box, bbox_xyxy=(20, 20, 40, 40), score=1.0))
    return results


def test_three_sentences_say_what_was_found_how_sure_and_what_to_distrust(tmp_path: Path) -> None:
    dataset = make_dataset(CASES)
    nothing = boxless(make_results(dataset, "blind", 0))
    points = evaluation_points(compared(tmp_path, dataset, nothing, perfect(dataset)))

    assert [point.question for point in points] == [
        "What was found",
        "How sure",
        "What to distrust",
    ]
    assert "Of 4 lesions" in points[0].answer
    assert "perfect 100 %, blind 0 %" in points[0].answer
    assert "between 100 % and 100 %" in points[1].answer
    assert "8 views of 4 patients" in points[1].answer
    assert "better than blind beyond chance" in points[1].answer
    assert "4 patients are few" in points[2].answer
    assert all(point.answer.count(". ") == 0 and point.answer.endswith(".") for point in points)


def test_methods_of_equal_results_are_not_told_apart(tmp_path: Path) -> None:
    dataset = make_dataset(CASES)
    results = [make_results(dataset, name, 0) for name in ("one", "other")]

    assert "cannot be told" in evaluation_points(compared(tmp_path, dataset, *results))[1].answer


def test_without_boxes_the_views_are_spoken_of(tmp_path: Path) -> None:
    dataset = make_dataset(CASES)
    points = evaluation_points(
        compared(tmp_path, dataset, boxless(make_results(dataset, "whole", 0)))
    )

    assert "AUC of: whole 0." in points[0].answer


def test_shared_patients_come_first(tmp_path: Path) -> None:
    dataset = make_dataset(CASES)
    write_coco(make_dataset(CASES[:1]), tmp_path / "train.json")
    points = evaluation_points(compared(tmp_path, dataset, perfect(dataset)))

    assert points[2].answer.startswith(
        "Patients that are also in train.json, and may have been learnt: 1"
    )
