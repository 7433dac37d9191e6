import csv
import io

from formats.film_reading.metadata import FilmMetadata
from formats.geometry.box_sizes import with_metadata
from formats.results import Detection, ImageResult
from pipeline.many_films.result_lines import CSV_COLUMNS, describe, results_to_csv

BOX = Detection(
    bbox_xyxy=(10.4, 20.0, 30.0, 60.6),
    score=0.875,
    label="Cancer",
    label_scores={"Benign": 0.25, "Cancer": 0.75},
)
FOUND = ImageResult(
    file_name="a.png", width=100, height=200, label="Cancer", scores={}, detections=[BOX]
)
NOTHING = ImageResult(file_name="b.png", width=100, height=200, label="Normal", scores={})


def test_lines_for_people() -> None:
    assert describe(FOUND) == "a.png: Cancer probability 0.75 score 0.88 box 10,20,30,61 px"
    assert describe(NOTHING) == "b.png: Normal (no box above the operating point)"


def test_table_has_a_row_a_box_and_one_for_normal() -> None:
    rows = list(csv.reader(io.StringIO(results_to_csv([FOUND, NOTHING]))))

    assert rows[0] == list(CSV_COLUMNS)
    assert rows[1] == [
        "a.png", "Cancer", "0.7500", "0.8750", "10.4000", "20.0000", "30.0000", "60.6000",
        "", "", "", "", "",
    ]  # fmt: skip
    assert rows[2] == ["b.png", "Normal", *[""] * 11]


def test_sizes_in_millimetres_stand_beside_pixels_and_say_their_source() -> None:
    spacing = FilmMetadata(spacing_mm=(0.5, 0.25), spacing_source="ImagerPixelSpacing")
    measured = with_metadata(FOUND, spacing)
    rows = list(csv.reader(io.StringIO(results_to_csv([measured]))))

    assert describe(measured).endswith("box 10,20,30,61 px, 4.9 x 20.3 mm by ImagerPixelSpacing")
    assert rows[1][-5:] == ["4.9", "20.3", "ImagerPixelSpacing", "", ""]


def test_the_table_names_film_and_study_where_results_do() -> None:
    metadata = FilmMetadata(sop_instance_uid="1.2.3", study_label="DOE^JANE 17")
    results = [with_metadata(result, metadata) for result in (FOUND, NOTHING)]
    rows = list(csv.DictReader(io.StringIO(results_to_csv(results))))

    assert [row["sop_instance_uid"] for row in rows] == ["1.2.3", "1.2.3"]
    assert [row["study_label"] for row in rows] == ["DOE^JANE 17", "DOE^JANE 17"]
