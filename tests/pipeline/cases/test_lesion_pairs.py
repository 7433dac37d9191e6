from dataclasses import replace

import numpy as np

from formats.results import Detection, ImageResult
from pipeline.cases.lesion_pairs import lesion_pairs, with_depths


def box(depth: float | None, side_px: float = 40, cancer: float = 0.5) -> Detection:
    return Detection(
        bbox_xyxy=(100, 100, 100 + side_px, 100 + side_px),
        score=0.5,
        label="Benign",
        label_scores={"Benign": 1 - cancer, "Cancer": cancer},
        depth=depth,
    )


def view(*boxes: Detection) -> ImageResult:
    return ImageResult(
        file_name="", width=500, height=800, label="Benign", scores={}, detections=list(boxes)
    )


def paired(cc: ImageResult, mlo: ImageResult) -> list[tuple[int, int]]:
    return [(pair.cc, pair.mlo) for pair in lesion_pairs(cc, mlo)]


def test_boxes_at_one_depth_are_paired() -> None:
    assert paired(view(box(0.2), box(0.7)), view(box(0.72), box(0.18))) == [(0, 1), (1, 0)]


def test_size_and_kind_decide_where_depth_does_not() -> None:
    small, large = box(0.5, 30), box(0.5, 60)
    assert paired(view(small, large), view(large, small)) == [(0, 1), (1, 0)]
    benign, cancer = box(0.5, cancer=0.1), box(0.5, cancer=0.9)
    assert paired(view(benign, cancer), view(cancer, benign)) == [(0, 1), (1, 0)]


def test_each_box_is_in_one_pair_at_most() -> None:
    (pair,) = lesion_pairs(view(box(0.5), box(0.52)), view(box(0.51, 40)))

    assert (pair.cc, pair.mlo) in ((0, 0), (1, 0))
    assert 0 < pair.misfit < 0.2


def test_boxes_unlike_all_others_or_of_unknown_depth_stay_alone() -> None:
    assert paired(view(box(0.1)), view(box(0.9))) == []
    assert paired(view(box(0.5, 20)), view(box(0.5, 120))) == []
    assert paired(view(box(None)), view(box(0.5))) == []
    assert paired(view(), view(box(0.5))) == []


def test_depths_are_those_of_the_boxes_middles() -> None:
    film = np.full((800, 500), 5, dtype=np.uint8)
    film[100:700, :240] = 150
    shallow = replace(box(None), bbox_xyxy=(40, 300, 80, 340))
    result = with_depths(view(shallow), film)

    assert abs(result.detections[0].depth - 60 / 240) < 0.03
    assert with_depths(view(shallow), np.full((800, 500), 5, dtype=np.uint8)) == view(shallow)
