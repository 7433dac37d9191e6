import torch

from detector.crowds import lies_in_crowd

CROWDS = torch.tensor([[0.0, 0, 10, 10], [50, 50, 90, 90]])


def test_a_box_lies_in_a_crowd_if_half_of_it_does() -> None:
    boxes = torch.tensor(
        [[5.0, 0, 15, 10], [6, 0, 16, 10], [60, 60, 62, 62], [0, 0, 90, 90], [20, 20, 30, 30]]
    )

    assert lies_in_crowd(boxes, CROWDS).tolist() == [True, False, True, False, False]


def test_without_crowds_no_box_lies_in_one() -> None:
    assert lies_in_crowd(torch.zeros(2, 4), torch.zeros(0, 4)).tolist() == [False, False]
