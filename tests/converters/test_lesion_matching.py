import numpy as np
import pytest

from converters.ddsm_files.ics import ScanSize
from converters.ddsm_files.overlay import Abnormality
from converters.lesion_matching import abnormality_boxes_xyxy, match_abnormalities

FILM = (240, 160)
NEAR = Abnormality(bbox_xyxy=(20, 40, 60, 80), pathology="BENIGN")
FAR = Abnormality(bbox_xyxy=(200, 300, 260, 380), pathology="MALIGNANT")


def test_pairs_by_place_whatever_the_order() -> None:
    boxes = [(100, 150, 30, 40), (10, 20, 20, 20)]

    assert match_abnormalities(boxes, [NEAR, FAR], FILM, None) == [FAR, NEAR]


def test_header_gives_the_exact_scale() -> None:
    scan = ScanSize(lines=960, pixels_per_line=480)

    boxes = abnormality_boxes_xyxy([NEAR], FILM, scan)

    # A third across, a quarter down.
    assert boxes == pytest.approx(np.array([[20 / 3, 10, 20, 20]]))


def test_lesion_elsewhere_stays_unmatched() -> None:
    assert match_abnormalities([(90, 10, 20, 20)], [NEAR], FILM, None) == [None]


def test_each_abnormality_is_given_once() -> None:
    boxes = [(10, 20, 20, 20), (11, 21, 20, 20)]

    assert match_abnormalities(boxes, [NEAR], FILM, None) == [NEAR, None]


def test_nothing_to_match() -> None:
    assert match_abnormalities([], [NEAR], FILM, None) == []
    assert match_abnormalities([(1, 2, 3, 4)], [], FILM, None) == [None]


@pytest.mark.parametrize(("height_px", "is_matched"), [(2, False), (3, True)])
def test_an_overlap_of_three_tenths_is_enough(height_px: int, is_matched: bool) -> None:
    square = Abnormality(bbox_xyxy=(0, 0, 20, 20), pathology="BENIGN")

    # Of 10 x 10 pixels of the film.
    matched = match_abnormalities([(0, 0, 10, height_px)], [square], FILM, None)
    assert matched == [square if is_matched else None]
