import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from formats.coco import CocoDataset
from formats.errors import InputError
from formats.results import (
    Detection,
    ImageResult,
    ModelFile,
    Results,
    coco_results,
    read_results,
    results_to_json,
    write_results,
)

DETECTION = Detection(
    bbox_xyxy=(10.0, 20.0, 30.0, 60.0),
    score=0.8,
    label="Cancer",
    label_scores={"Benign": 0.25, "Cancer": 0.75},
)
SCORES = {"Normal": 0.2, "Benign": 0.2, "Cancer": 0.6}


@pytest.fixture
def results() -> Results:
    found = ImageResult(
        file_name="a.png",
        width=100,
        height=200,
        label="Cancer",
        scores=SCORES,
        detections=[DETECTION],
    )
    nothing = ImageResult(
        file_name="b.png",
        width=100,
        height=200,
        label="Normal",
        scores={"Normal": 1.0, "Benign": 0, "Cancer": 0},
    )
    models = [ModelFile("detector.safetensors", "ab12")]
    return Results(
        method="two_stage",
        models=models,
        images=[found, nothing],
        lowest_score=0.25,
        box_convention="wide",
    )


def test_round_trip(results: Results, tmp_path: Path) -> None:
    write_results(results, tmp_path / "results.json")

    assert read_results(tmp_path / "results.json") == results


def test_the_json_is_the_contract(results: Results) -> None:
    document = results_to_json(results)

    assert list(document) == [
        *("schema_version", "method", "models", "images", "lowest_score", "box_convention")
    ]
    assert document["images"][0] == {
        "file_name": "a.png",
        "width": 100,
        "height": 200,
        "label": "Cancer",
        "scores": SCORES,
        "detections": [
            {
                "bbox_xyxy": (10.0, 20.0, 30.0, 60.0),
                "score": 0.8,
                "label": "Cancer",
                "label_scores": {"Benign": 0.25, "Cancer": 0.75},
            }
        ],
    }


def test_coco_list_has_ids_and_xywh(results: Results) -> None:
    images = [
        {"id": i, "file_name": name, "width": 100, "height": 200}
        for i, name in ((7, "a.png"), (8, "b.png"))
    ]

    assert coco_results(results, CocoDataset(images=images, annotations=[])) == [  # type: ignore[arg-type]
        {"image_id": 7, "category_id": 2, "bbox": [10, 20, 20, 40], "score": 0.8}
    ]


def test_results_of_another_data_set_are_refused(results: Results) -> None:
    with pytest.raises(InputError, match=r"a\.png: not in the COCO file"):
        coco_results(results, CocoDataset(images=[], annotations=[]))


def _set_box(document: dict) -> None:
    document["images"][0]["detections"][0]["bbox_xyxy"] = [5, 5, 5, 9]


def _set_nan(document: dict) -> None:
    document["images"][0]["detections"][0]["score"] = float("nan")


def _set_score(document: dict) -> None:
    document["images"][0]["detections"][0]["score"] = 5


def _set_probability(document: dict) -> None:
    document["images"][0]["detections"][0]["label_scores"] = {"Benign": 4, "Cancer": -3}


def _set_image_probability(document: dict) -> None:
    document["images"][1]["scores"] = {"Normal": 1.5, "Benign": 0, "Cancer": -0.5}


def _set_lowest_score(document: dict) -> None:
    document["lowest_score"] = 50


def _drop_scores(document: dict) -> None:
    del document["images"][0]["scores"]


def _set_label(document: dict) -> None:
    document["images"][0]["label"] = "Maybe"


def _set_version(document: dict) -> None:
    document["schema_version"] = 99


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_set_box, "not a finite, positive box"),
        (_set_nan, r"a\.png.*score nan, which is not in 0\.\.1"),
        (_set_score, r"a\.png.*score 5, which is not in 0\.\.1"),
        (_set_probability, r"a\.png.*not probabilities in 0\.\.1"),
        (_set_image_probability, r"b\.png.*not probabilities in 0\.\.1"),
        (_set_lowest_score, "lowest_score is 50"),
        (_drop_scores, "scores"),
        (_set_label, "Maybe"),
        (_set_version, "schema_version is 99"),
    ],
)
def test_impossible_values_name_the_file(
    results: Results, tmp_path: Path, spoil: Callable[[dict], None], message: str
) -> None:
    document = json.loads(json.dumps(results_to_json(results)))
    spoil(document)
    path = tmp_path / "spoilt.json"
    path.write_text(json.dumps(document))

    with pytest.raises(InputError, match=rf"spoilt\.json.*{message}"):
        read_results(path)


def test_a_file_from_before_conventions_has_its_boxes_as_found(
    results: Results, tmp_path: Path
) -> None:
    document = results_to_json(results)
    del document["lowest_score"], document["box_convention"]
    path = tmp_path / "old.json"
    path.write_text(json.dumps(document))

    assert read_results(path) == replace(results, lowest_score=None, box_convention="as_found")


def test_what_a_later_version_says_besides_is_left_aside(results: Results, tmp_path: Path) -> None:
    document = json.loads(json.dumps(results_to_json(results)))
    for record in (document, document["images"][0], document["images"][0]["detections"][0]):
        record["said_later"] = 1
    path = tmp_path / "new.json"
    path.write_text(json.dumps(document))

    assert read_results(path) == results


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("models",), [3], "models: 3 is no JSON object"),
        (("models",), {"name": "a"}, "models is {'name': 'a'}, not a list"),
        (("models", 0, "sha256"), 7, "sha256 is 7, not a text"),
        (("method",), ["two_stage"], r"method is \['two_stage'\], not a text"),
        (("box_convention",), 3, "box_convention is 3, not a text"),
        (("lowest_score",), "low", "lowest_score is 'low'"),
        (("images",), None, "images is None, not a list"),
        (("images",), [3], "images: 3 is no JSON object"),
        (("images", 0, "file_name"), 3, "file_name is 3, not a text"),
        (("images", 0, "width"), "x", r"a\.png: width is 'x', not a positive number of pixels"),
        (("images", 0, "height"), 0, r"a\.png: height is 0, not a positive number of pixels"),
        (("images", 0, "label"), ["Cancer"], r"a\.png: label \['Cancer'\] is none of"),
        (("images", 0, "scores"), [1, 0, 0], r"scores \[1, 0, 0\] are not probabilities"),
        (("images", 0, "spacing_mm"), 0.05, r"spacing_mm is 0\.05, not a list"),
        (("images", 0, "sop_instance_uid"), 3, "sop_instance_uid is 3, not a text"),
        (("images", 0, "detections"), "none", "detections is 'none', not a list"),
        (("images", 0, "detections", 0), 3, "detections: 3 is no JSON object"),
        (("images", 0, "detections", 0, "label"), "Foo", "label 'Foo' is none of"),
        (("images", 0, "detections", 0, "label"), "Normal", "label 'Normal' is none of"),
        (("images", 0, "detections", 0, "score"), "high", "score high, which is not in"),
        (("images", 0, "detections", 0, "bbox_xyxy"), [1, 2, "3", 4], "finite, positive box"),
        (("images", 0, "detections", 0, "bbox_xyxy"), 9, "bbox_xyxy is 9, not a list"),
        (
            ("images", 0, "detections", 0, "label_scores"),
            {"Benign": "1", "Cancer": 0},
            "not probabilities",
        ),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_with_its_file(
    results: Results, tmp_path: Path, place: tuple[str | int, ...], value: object, message: str
) -> None:
    document = json.loads(json.dumps(results_to_json(results)))
    holder = document
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    path = tmp_path / "spoilt.json"
    path.write_text(json.dumps(document))

    with pytest.raises(InputError, match=rf"spoilt\.json: .*{message}"):
        read_results(path)
