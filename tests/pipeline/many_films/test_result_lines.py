import csv
import io
from dataclasses import replace

from formats.case_results import BreastResult, CaseResult, LesionPair
from formats.film_reading.metadata import FilmMetadata
from formats.geometry.box_sizes import with_metadata
from formats.results import Detection, ImageResult, Results
from pipeline.many_films.result_lines import CSV_COLUMNS, describe, describe_cases, results_to_csv

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

SURELY_NORMAL = {"Normal": 1.0, "Benign": 0.0, "Cancer": 0.0}


def rows_of(*images: ImageResult) -> list[list[str]]:
    return list(csv.reader(io.StringIO(results_to_csv(results_of(*images)))))


def results_of(*images: ImageResult) -> Results:
    return Results(method="two_stage", models=[], images=list(images))


def test_lines_for_people() -> None:
    assert describe(FOUND) == "a.png: Cancer probability 0.75 score 0.88 box 10,20,30,61 px"
    assert describe(NOTHING) == "b.png: Normal (no box above the operating point)"


def test_a_name_with_line_breaks_stays_on_one_line() -> None:
    named = (replace(result, file_name="x\r\n\x1b[2Ja.png: é") for result in (FOUND, NOTHING))
    case = CaseResult(case_id="C\n1", sides=["LEFT"], label="Normal", scores=SURELY_NORMAL)
    breast = BreastResult(
        case_id="C\n1", side="LEFT", views=["CC"], label="Normal", scores=SURELY_NORMAL
    )
    fused = replace(results_of(), breasts=[breast], cases=[case])

    for line in map(describe, named):
        assert line.startswith("x\\r\\n\\x1b[2Ja.png: é: ")
        assert line.isprintable()
    assert [line.split(",")[0] for line in describe_cases(fused)] == [
        "case C\\n1",
        "breast C\\n1 left",
    ]


def test_table_has_a_row_a_box_and_one_for_normal() -> None:
    rows = rows_of(FOUND, NOTHING)

    assert rows[0] == list(CSV_COLUMNS)
    assert rows[1] == [
        "a.png", "Cancer", "0.7500", "0.8750", "10.4000", "20.0000", "30.0000", "60.6000",
        *[""] * 12,
    ]  # fmt: skip
    assert rows[2] == ["b.png", "Normal", *[""] * 18]


def test_sizes_in_millimetres_stand_beside_pixels_and_say_their_source() -> None:
    spacing = FilmMetadata(spacing_mm=(0.5, 0.25), spacing_source="ImagerPixelSpacing")
    measured = with_metadata(FOUND, spacing)
    rows = rows_of(measured)

    assert describe(measured).endswith("box 10,20,30,61 px, 4.9 x 20.3 mm by ImagerPixelSpacing")
    assert rows[1][8:11] == ["4.9", "20.3", "ImagerPixelSpacing"]


def test_the_table_names_film_and_study_where_results_do() -> None:
    metadata = FilmMetadata(sop_instance_uid="1.2.3", study_label="DOE^JANE 17")
    results = results_of(*(with_metadata(result, metadata) for result in (FOUND, NOTHING)))
    rows = list(csv.DictReader(io.StringIO(results_to_csv(results))))

    assert [row["sop_instance_uid"] for row in rows] == ["1.2.3", "1.2.3"]
    assert [row["study_label"] for row in rows] == ["DOE^JANE 17", "DOE^JANE 17"]


CASE = Results(
    method="two_stage",
    models=[],
    images=[
        replace(FOUND, case_id="anna", side="LEFT", view="CC"),
        replace(NOTHING, case_id="anna", side="RIGHT", view="MLO"),
        replace(NOTHING, file_name="c.png"),
    ],
    breasts=[
        BreastResult(
            case_id="anna",
            side="LEFT",
            views=["CC", "MLO"],
            label="Cancer",
            scores={"Normal": 0.25, "Benign": 0.125, "Cancer": 0.625},
            same_lesion=[LesionPair(cc=0, mlo=1, misfit=0.5)],
        ),
        BreastResult(
            case_id="anna",
            side="RIGHT",
            views=["MLO"],
            label="Normal",
            scores={"Normal": 0.75, "Benign": 0.125, "Cancer": 0.125},
        ),
    ],
    cases=[
        CaseResult(
            case_id="anna",
            sides=["LEFT", "RIGHT"],
            label="Cancer",
            scores={"Normal": 0.25, "Benign": 0.125, "Cancer": 0.625},
        )
    ],
)


def test_lines_of_cases_and_breasts() -> None:
    assert list(describe_cases(CASE)) == [
        "case anna, left and right: Cancer, probability of a tumour 0.75, of cancer 0.62",
        "breast anna left, CC and MLO: Cancer, probability of a tumour 0.75, of cancer 0.62; "
        "likely one lesion: box 1 of CC and 2 of MLO",
        "breast anna right, MLO: Normal, probability of a tumour 0.25, of cancer 0.12",
    ]
    assert not list(describe_cases(results_of(FOUND)))


def test_an_unclear_case_has_its_breasts_alone() -> None:
    lines = list(describe_cases(replace(CASE, cases=None)))

    assert [line.split(":")[0] for line in lines] == [
        "breast anna left, CC and MLO",
        "breast anna right, MLO",
    ]


def test_the_table_says_what_breast_and_case_are() -> None:
    rows = list(csv.reader(io.StringIO(results_to_csv(CASE))))

    assert [row[13:] for row in rows[1:]] == [
        ["anna", "LEFT", "CC", "Cancer", "0.6250", "Cancer", "0.6250"],
        ["anna", "RIGHT", "MLO", "Normal", "0.1250", "Cancer", "0.6250"],
        [""] * 7,
    ]
