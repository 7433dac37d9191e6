import pytest
import torch
from torch import Tensor, nn

from detector.validation import detection_figures

CPU = torch.device("cpu")
BOX = torch.tensor([[10.0, 10, 30, 30]])
EMPTY = torch.zeros(0, 4)


class Dictated(nn.Module):
    """Answers with the given boxes, whatever the image."""

    def __init__(self, answers: list[tuple[Tensor, list[float]]]) -> None:
        super().__init__()
        self.answers = iter(answers)

    def forward(self, images: list[Tensor]) -> list[dict[str, Tensor]]:
        found = [next(self.answers) for _ in images]
        return [
            {
                "boxes": boxes,
                "scores": torch.tensor(scores),
                "labels": torch.ones(len(boxes), dtype=torch.int64),
            }
            for boxes, scores in found
        ]


def truth(
    *boxes: Tensor, crowds: Tensor = EMPTY
) -> list[tuple[list[Tensor], list[dict[str, Tensor]]]]:
    return [
        (
            [torch.zeros(3, 8, 8)],
            [
                {
                    "boxes": b,
                    "labels": torch.ones(len(b)).long(),
                    "crowds": crowds,
                    "image_id": torch.tensor(i),
                }
            ],
        )
        for i, b in enumerate(boxes, start=1)
    ]


def test_perfect_boxes_score_one() -> None:
    model = Dictated([(BOX, [0.9]), (EMPTY, [])])

    assert detection_figures(model, truth(BOX, EMPTY), CPU) == pytest.approx({"ap": 1, "ap50": 1})


def test_a_better_scored_false_positive_on_a_negative_halves_precision() -> None:
    model = Dictated([(BOX, [0.5]), (BOX, [0.9])])

    assert detection_figures(model, truth(BOX, EMPTY), CPU)["ap50"] == pytest.approx(0.5)


def test_boxes_on_a_crowd_region_are_not_false_positives() -> None:
    crowd = torch.tensor([[50.0, 50, 90, 90]])
    # Surer than the lesion: one far smaller than the crowd and within it, one beside it.
    within, beside = torch.tensor([[60.0, 60, 64, 64]]), torch.tensor([[0.0, 60, 30, 90]])

    def ap50(other: Tensor, crowds: Tensor) -> float:
        model = Dictated([(torch.cat([other, BOX]), [0.9, 0.5])])
        return detection_figures(model, truth(BOX, crowds=crowds), CPU)["ap50"]

    assert ap50(within, crowd) == pytest.approx(1)
    assert ap50(beside, crowd) == pytest.approx(0.5)
    assert ap50(within, EMPTY) == pytest.approx(0.5)


def test_nothing_found_scores_zero() -> None:
    model = Dictated([(EMPTY, [])])

    assert detection_figures(model, truth(BOX), CPU) == {"ap": 0.0, "ap50": 0.0}


def test_standard_output_stays_clean(capsys: pytest.CaptureFixture[str]) -> None:
    detection_figures(Dictated([(BOX, [0.9])]), truth(BOX), CPU)

    assert capsys.readouterr().out == ""
