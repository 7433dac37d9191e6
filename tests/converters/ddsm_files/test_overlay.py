import pytest

from converters.ddsm_files.overlay import Abnormality, decode_chain, parse_overlay

TWO = """TOTAL_ABNORMALITIES 2
ABNORMALITY 1
LESION_TYPE MASS SHAPE IRREGULAR MARGINS SPICULATED
LESION_TYPE CALCIFICATION TYPE PLEOMORPHIC DISTRIBUTION CLUSTERED
ASSESSMENT 5
SUBTLETY 2
PATHOLOGY MALIGNANT
TOTAL_OUTLINES 2
BOUNDARY
10 20 2 2 2 4 4 6 6 6 0 #
\tCORE
900 900 2 4 6 #
ABNORMALITY 2
LESION_TYPE CALCIFICATION TYPE N/A DISTRIBUTION N/A
ASSESSMENT 3
SUBTLETY 5
PATHOLOGY BENIGN_WITHOUT_CALLBACK
TOTAL_OUTLINES 1
BOUNDARY
100 200 3 3 5 5 7 7 1 #
"""


def test_reads_every_abnormality() -> None:
    overlay = parse_overlay(TWO)

    first, second = overlay.abnormalities
    # Columns 10 to 13 and rows 20 to 22; the core does not count.
    assert first.bbox_xyxy == (10, 20, 14, 23)
    assert first.lesion_type == "MASS+CALCIFICATION"
    assert (first.assessment, first.subtlety, first.label) == (5, 2, "Cancer")
    # Steps 3 3 5 5 7 7 1: south-east, south-west, north-west, north-east.
    assert second.bbox_xyxy == (98, 200, 103, 205)
    assert (second.pathology, second.label) == ("BENIGN_WITHOUT_CALLBACK", "Benign")
    assert overlay.problems == ()


def test_steps_run_clockwise_from_north() -> None:
    points = decode_chain("5 5 0 1 2 3 4 5 6 7 #").tolist()

    assert points == [[5, 5], [5, 4], [6, 3], [7, 3], [8, 4], [8, 5], [7, 6], [6, 6], [5, 5]]


@pytest.mark.parametrize("pathology", ["UNPROVEN", "SOMETHING_ELSE"])
def test_other_pathologies_say_nothing(pathology: str) -> None:
    overlay = parse_overlay(TWO.replace("MALIGNANT", pathology))

    assert overlay.abnormalities[0].label is None
    assert overlay.problems == ()


def test_boundary_may_run_over_lines() -> None:
    overlay = parse_overlay(TWO.replace("10 20 2 2 2 4", "10 20 2 2\n2 4"))

    assert overlay.abnormalities[0].bbox_xyxy == (10, 20, 14, 23)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [("10 20 2 2 2", "10 20 2 9 2", "a step outside 0 to 7"),
     ("10 20 2 2 2", "10 20 2 -1 2", "a step outside 0 to 7"),
     ("10 20 2 2 2", "10 20 2 8 2", "a step outside 0 to 7"),
     ("10 20 2 2 2 4 4 6 6 6 0 #", "#", "no start column and row"),
     ("10 20 2 2 2 4 4 6 6 6 0 #", "10 #", "no start column and row"),
     ("10 20 2 2 2", "10 -20 2 2 2", "no start column and row"),
     ("10 20", "ten 20", ""),
     ("10 20", "1" * 400, ""),
     ("BOUNDARY\n10 20", "OUTLINE\n10 20", "no BOUNDARY")],
)  # fmt: skip
def test_broken_boundary_loses_only_its_abnormality(old: str, new: str, problem: str) -> None:
    overlay = parse_overlay(TWO.replace(old, new, 1))

    assert [a.label for a in overlay.abnormalities] == ["Benign"]
    (said,) = overlay.problems
    assert said.startswith(f"abnormality 1: boundary cannot be read ({problem}")
    assert said.endswith(f"{problem})")


def test_cut_off_file_is_noticed() -> None:
    overlay = parse_overlay(TWO[: TWO.index("100 200 3 3") + 11])

    assert len(overlay.abnormalities) == 1
    assert overlay.problems == ("abnormality 2: boundary cannot be read (no '#' ends it)",)


def test_wrong_count_and_missing_pathology_are_noticed() -> None:
    text = TWO.replace("TOTAL_ABNORMALITIES 2", "TOTAL_ABNORMALITIES 3")
    overlay = parse_overlay(text.replace("PATHOLOGY MALIGNANT\n", ""))

    assert overlay.problems == (
        "abnormality 1: no PATHOLOGY",
        "the head announces 3 abnormalities, 2 follow",
    )


def test_values_out_of_range_are_dropped() -> None:
    overlay = parse_overlay(TWO.replace("ASSESSMENT 5", "ASSESSMENT 9").replace("Y 2", "Y ²"))

    assert overlay.abnormalities[0].assessment is None
    assert overlay.abnormalities[0].subtlety is None


@pytest.mark.parametrize(
    ("assessment", "subtlety", "read"),
    [("0", "1", (0, 1)), ("5", "5", (5, 5)), ("6", "6", (None, None)), ("-1", "0", (None, None)),
     ("N/A", "2.5", (None, None)), ("", "", (None, None))],
)  # fmt: skip
def test_grades_are_those_of_their_scales(
    assessment: str, subtlety: str, read: tuple[int | None, int | None]
) -> None:
    text = TWO.replace("ASSESSMENT 5", f"ASSESSMENT {assessment}")
    first, _ = parse_overlay(text.replace("SUBTLETY 2", f"SUBTLETY {subtlety}")).abnormalities

    assert (first.assessment, first.subtlety) == read


def test_words_may_be_in_any_case_and_types_are_named_once() -> None:
    text = TWO.replace("CALCIFICATION TYPE PLEOMORPHIC", "Mass SHAPE OVAL").lower()
    first, second = parse_overlay(text).abnormalities

    assert (first.pathology, first.label, first.lesion_type) == ("MALIGNANT", "Cancer", "MASS")
    assert (second.label, second.lesion_type) == ("Benign", "CALCIFICATION")


def test_what_is_not_said_stays_open() -> None:
    overlay = parse_overlay("TOTAL_ABNORMALITIES 1\nABNORMALITY 1\nBOUNDARY\n0 0 2 4 #\n")

    assert overlay.abnormalities == (Abnormality(bbox_xyxy=(0, 0, 2, 2)),)
    assert overlay.problems == ("abnormality 1: no PATHOLOGY",)


def test_a_head_that_announces_nothing_is_noticed() -> None:
    overlay = parse_overlay(TWO.partition("\n")[2])

    assert len(overlay.abnormalities) == 2
    assert overlay.problems == ("the head announces None abnormalities, 2 follow",)


@pytest.mark.parametrize(
    "junk", ["", "\n\n", "\x00\xff\xfe", "ABNORMALITY", "BOUNDARY\n#", "#" * 99]
)
def test_junk_never_crashes(junk: str) -> None:
    overlay = parse_overlay(junk)

    assert overlay.abnormalities == ()
    assert overlay.problems
