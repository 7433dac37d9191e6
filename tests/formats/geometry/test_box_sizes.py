import json
from pathlib import Path

import pytest

from formats.errors import InputError
from formats.film_reading.metadata import FilmMetadata
from formats.geometry.box_sizes import with_metadata
from formats.results import (
    Detection,
    ImageResult,
    Results,
    read_results,
    results_to_json,
    write_results,
)

BOX = Detection(
    bbox_xyxy=(10.0, 20.0, 30.0, 60.0),
    score=0.9,
    label="Cancer",
    label_scores={"Benign": 0.25, "Cancer": 0.75},
)
SCORES = {"Normal": 0.1, "Benign": 0.2, "Cancer": 0.7}
RESULT = ImageResult(
    file_name="a.dcm", width=100, height=200, label="Cancer", scores=SCORES, detections=[BOX]
)


def test_width_goes_by_the_spacing_along_a_row_and_height_by_that_down_a_column() -> None:
    metadata = FilmMetadata(spacing_mm=(0.10011, 0.05033), spacing_source="PixelSpacing")
    measured = with_metadata(RESULT, metadata)

    # 20 columns and 40 rows, to a hundredth of a millimetre.
    assert measured.detections[0].size_mm == (1.01, 4.0)


def test_all_that_a_films_file_says_goes_into_its_result() -> None:
    metadata = FilmMetadata(
        sop_instance_uid="1.2.3",
        study_instance_uid="1.2",
        side="LEFT",
        view="CC",
        spacing_mm=(0.1, 0.05),
        spacing_source="PixelSpacing",
        study_label="Anna, 7",
    )
    told = with_metadata(RESULT, metadata)

    assert (told.sop_instance_uid, told.case_id) == ("1.2.3", "1.2")
    assert (told.side, told.view, told.study_label) == ("LEFT", "CC", "Anna, 7")
    assert (told.spacing_mm, told.spacing_source) == ((0.1, 0.05), "PixelSpacing")


def test_without_spacing_nothing_changes() -> None:
    assert with_metadata(RESULT, FilmMetadata()) == RESULT


def test_sizes_and_spacing_come_back_from_a_results_file(tmp_path: Path) -> None:
    metadata = FilmMetadata(spacing_mm=(0.1, 0.05), spacing_source="PixelSpacing")
    results = Results(method="m", models=[], images=[with_metadata(RESULT, metadata), RESULT])
    write_results(results, tmp_path / "r.json")

    assert read_results(tmp_path / "r.json") == results


@pytest.mark.parametrize("spacing_mm", [[0.1], [0.1, 0.0], [0.1, float("nan")]], ids=str)
def test_a_spacing_that_cannot_be_is_refused(tmp_path: Path, spacing_mm: list[float]) -> None:
    document = results_to_json(Results(method="m", models=[], images=[RESULT]))
    document["images"][0]["spacing_mm"] = spacing_mm
    (tmp_path / "r.json").write_text(json.dumps(document))

    with pytest.raises(InputError, match=r"a\.dcm: spacing_mm"):
        read_results(tmp_path / "r.json")


def test_keys_of_newer_versions_are_left_aside(tmp_path: Path) -> None:
    document = results_to_json(Results(method="m", models=[], images=[RESULT]))
    document["images"][0]["weather"] = "fine"
    document["images"][0]["detections"][0]["mood"] = "good"
    (tmp_path / "r.json").write_text(json.dumps(document))

    assert read_results(tmp_path / "r.json").images == [RESULT]
