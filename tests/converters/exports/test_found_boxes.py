from pathlib import Path

import pytest

from converters.exports.found_boxes import found_boxes, require_films_meant
from formats.errors import InputError
from formats.results import Detection, ImageResult, ModelFile, Results


def found(score: float, label: str = "Cancer") -> Detection:
    scores = {"Benign": 0.2, "Cancer": 0.8}
    return Detection(bbox_xyxy=(1, 2, 11, 22), score=score, label=label, label_scores=scores)


def results(*images: tuple[str, list[Detection]]) -> Results:
    return Results(
        method="two_stage",
        models=[ModelFile("a.safetensors", "ab" * 32), ModelFile("b.safetensors", "cd" * 32)],
        images=[
            ImageResult(
                file_name=name,
                width=48,
                height=64,
                label="Cancer" if detections else "Normal",
                scores={"Normal": 0.1, "Benign": 0.2, "Cancer": 0.7},
                detections=detections,
            )
            for name, detections in images
        ],
    )


def test_results_become_a_data_set_of_their_boxes() -> None:
    dataset = found_boxes(
        results(("../films/a.png", [found(0.5, "Benign"), found(0.1)]), ("b.png", [found(0.9)]))
    )

    size = {"width": 48, "height": 64}
    assert dataset.images == [
        {"id": 1, "file_name": "films/a.png", "label": "Cancer", **size},
        {"id": 2, "file_name": "b.png", "label": "Cancer", **size},
    ]
    box = {"bbox": [1, 2, 10, 20], "area": 200, "iscrowd": 0}
    assert dataset.annotations == [
        {"id": 1, "image_id": 1, "category_id": 1, "score": 0.5, **box},
        {"id": 2, "image_id": 1, "category_id": 2, "score": 0.1, **box},
        {"id": 3, "image_id": 2, "category_id": 2, "score": 0.9, **box},
    ]
    assert dataset.description == "two_stage, a.safetensors abababab, b.safetensors cdcdcdcd"


def test_boxes_from_a_score_on_are_taken_and_films_without_one_stay() -> None:
    dataset = found_boxes(
        results(("a.png", [found(0.6), found(0.49), found(0.5)]), ("b.png", [found(0.1)])), 0.5
    )

    assert [box["score"] for box in dataset.annotations] == [0.6, 0.5]
    assert len(dataset.images) == 2


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with films, the current folder being `runs` beside them."""
    for folder in ("films", "runs"):
        (tmp_path / folder).mkdir()
    (tmp_path / "films" / "a.png").touch()
    monkeypatch.chdir(tmp_path / "runs")
    return tmp_path


RESULTS_PATH = Path("results.json")


def test_a_name_that_leads_to_the_film_below_the_image_root_is_taken(root: Path) -> None:
    # From here, from the folder that the name begins in, and of a film that is nowhere.
    require_films_meant(results(("../films/a.png", [])), RESULTS_PATH, root / "films")
    require_films_meant(results(("../runs/../films/a.png", [])), RESULTS_PATH, root)
    require_films_meant(results(("../../films/a.png", [])), RESULTS_PATH, root)
    require_films_meant(results(("..\\films\\b.png", [])), RESULTS_PATH, root / "films")
    require_films_meant(results(("/elsewhere/films/a.png", [])), RESULTS_PATH, root)
    require_films_meant(results(("a.png", [])), RESULTS_PATH, root / "films")


def test_names_that_may_mean_another_film_are_all_refused(root: Path) -> None:
    other = root / "other"
    other.mkdir()
    (other / "a.png").touch()
    absolute = f"{root}/films/a.png"
    names = [("../../far/a.png", []), ("..\\films\\a.png", []), (absolute, [])]

    with pytest.raises(InputError) as error:
        require_films_meant(results(*names), RESULTS_PATH, other)
    advice = "give the folder that its name begins in as image root"
    maybe = f"found as {other / 'a.png'}, which may be another film"
    assert str(error.value) == (
        "results.json: 3 kinds of fault:\n"
        f"- ../../far/a.png: {maybe}; {advice}: ../../, seen from where the results were made\n"
        f"- ..\\films\\a.png: {maybe}; {advice}: ../, seen from where the results were made\n"
        f"- {absolute}: {maybe}; {advice}: /, seen from where the results were made"
    )
