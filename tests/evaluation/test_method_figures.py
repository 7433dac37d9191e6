import os
from pathlib import Path

import numpy as np
import pytest
from made_rows import make_dataset, make_results

from evaluation.bootstrap import resampled_weights
from evaluation.boxes.pycocotools_numbers import CLASS_MEAN
from evaluation.method_figures import (
    HEADLINES,
    MatchedMethod,
    Truth,
    estimates,
    measure,
    paired_differences,
    read_methods,
    read_truth,
    replicate_method,
)
from formats.coco import write_coco
from formats.errors import InputError
from formats.results import write_results

CASES = [
    (f"{letter}_{number}", "LEFT", label)
    for letter in "AB"
    for number, label in enumerate(["Normal", "Benign", "Cancer", "Cancer"])
]


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Truth, list[MatchedMethod]]:
    folder: Path = tmp_path_factory.mktemp("evaluated")
    dataset = make_dataset(CASES)
    write_coco(dataset, folder / "test.json")
    for name, method in (("a", "two_stage"), ("b", "single"), ("c", "two_stage")):
        write_results(make_results(dataset, method, ord(name)), folder / f"{name}.json")
    truth = read_truth(folder / "test.json")
    return truth, read_methods([folder / f"{name}.json" for name in "abc"], truth)


def test_methods_of_one_name_are_told_apart(evaluated: tuple[Truth, list[MatchedMethod]]) -> None:
    assert [m.name for m in evaluated[1]] == ["two_stage (a)", "single", "two_stage (c)"]


def test_two_files_of_one_method_and_name_are_refused(tmp_path: Path) -> None:
    dataset = make_dataset(CASES)
    write_coco(dataset, tmp_path / "test.json")
    write_results(make_results(dataset, "single", 0), tmp_path / "a.json")

    with pytest.raises(InputError, match=r"a second 'single \(a\)'"):
        read_methods([tmp_path / "a.json"] * 2, read_truth(tmp_path / "test.json"))


def test_a_pipe_is_refused_before_it_is_waited_for(tmp_path: Path) -> None:
    write_coco(make_dataset(CASES), tmp_path / "test.json")
    os.mkfifo(tmp_path / "pipe.json")

    with pytest.raises(InputError, match=r"pipe\.json: no file that can be read twice"):
        read_methods([tmp_path / "pipe.json"], read_truth(tmp_path / "test.json"))


def test_ids_from_0_change_nothing(tmp_path: Path) -> None:
    dataset = make_dataset(CASES)
    write_results(make_results(dataset, "single", 0), tmp_path / "single.json")
    said = []
    for shift in (0, -1):
        for record in (*dataset.images, *dataset.annotations):
            record["id"] += shift
        for annotation in dataset.annotations:
            annotation["image_id"] += shift
        write_coco(dataset, tmp_path / "test.json")
        method = read_methods([tmp_path / "single.json"], read_truth(tmp_path / "test.json"))[0]
        said.append({name: summary.numbers for name, summary in method.summaries.items()})

    assert dataset.annotations[0]["id"] == 0
    assert said[0]["tumour"]["ap50"] > 0
    assert said[0] == said[1]


def test_every_headline_is_measured(evaluated: tuple[Truth, list[MatchedMethod]]) -> None:
    truth, methods = evaluated
    numbers = measure(methods[0], np.ones((1, len(truth.views.patients))))

    assert set(HEADLINES.values()) <= set(numbers)
    assert {values.shape for values in numbers.values()} == {(1,)}


def test_rows_and_pycocotools_agree_on_every_number(
    evaluated: tuple[Truth, list[MatchedMethod]],
) -> None:
    truth, methods = evaluated
    numbers = measure(methods[0], np.ones((1, len(truth.views.patients))))

    for class_name, summary in methods[0].summaries.items():
        for name, value in summary.numbers.items():
            own = numbers["coco", class_name, name][0]
            assert np.isnan(own) if value is None else abs(own - value) < 1e-12


def test_what_is_too_much_for_pycocotools_has_the_same_figures(
    evaluated: tuple[Truth, list[MatchedMethod]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth, _methods = evaluated
    results = make_results(truth.dataset, "single", 0)
    write_results(results, tmp_path / "single.json")
    monkeypatch.setattr("evaluation.method_figures.MOST_DETECTIONS", 1)
    alone = read_methods([tmp_path / "single.json"], truth)[0]
    monkeypatch.undo()
    with_pycocotools = read_methods([tmp_path / "single.json"], truth)[0]
    weights = np.ones((1, len(truth.views.patients)))

    assert len(alone.detections.view) > 1
    assert alone.summaries == {}
    assert set(with_pycocotools.summaries) == {"tumour", "class_mean", "benign", "cancer"}
    own, shown = (replicate_method(m, weights) for m in (alone, with_pycocotools))
    for key, value in shown.items():
        assert own[key] == pytest.approx(value, abs=1e-12, nan_ok=True)


def test_every_number_has_an_interval_around_it(
    evaluated: tuple[Truth, list[MatchedMethod]],
) -> None:
    truth, methods = evaluated
    weights = resampled_weights(len(truth.views.patients), 100, seed=0)
    said = estimates(replicate_method(methods[0], weights))

    ap = said["coco", CLASS_MEAN, "ap50"]
    assert 0 < ap.value < 1
    assert ap.low < ap.value < ap.high
    assert all(number.low is not None for number in said.values() if number.value is not None)


def test_differences_are_paired(evaluated: tuple[Truth, list[MatchedMethod]]) -> None:
    truth, methods = evaluated
    weights = resampled_weights(len(truth.views.patients), 50, seed=0)
    first, second = (replicate_method(method, weights) for method in methods[:2])
    key = HEADLINES["auc_tumour_by_view"]
    to_itself, to_other = paired_differences(first, first), paired_differences(first, second)

    assert (to_itself[key].low, to_itself[key].high) == (0, 0)
    assert to_other[key].value == first[key][0] - second[key][0]
    assert to_other[key].low < to_other[key].high
