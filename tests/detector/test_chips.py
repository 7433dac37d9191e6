import torch
from torchvision import tv_tensors

from detector.chips import RandomChip
from detector.crowds import CROWD_LABEL


def example(
    boxes_xyxy: list[list[float]], side_px: int = 64
) -> tuple[tv_tensors.Image, dict[str, torch.Tensor]]:
    """An image whose pixels are their column number, and its boxes."""
    columns = torch.arange(side_px, dtype=torch.uint8).expand(1, side_px, side_px)
    boxes = tv_tensors.BoundingBoxes(
        torch.tensor(boxes_xyxy).reshape(-1, 4), format="XYXY", canvas_size=(side_px, side_px)
    )
    labels = torch.arange(1, len(boxes_xyxy) + 1)
    return tv_tensors.Image(columns), {"boxes": boxes, "labels": labels}


def test_windows_around_a_lesion_show_all_of_it_and_move_its_box_along() -> None:
    torch.manual_seed(0)
    lefts = set()
    for _ in range(50):
        image, target = RandomChip(32, lesion_share=1.0)(*example([[40.0, 8, 56, 20]]))
        left = int(image[0, 0, 0])
        lefts.add(left)

        assert image.shape == (1, 32, 32)
        assert target["boxes"].canvas_size == (32, 32)
        assert target["boxes"][0, 0] == 40 - left
        assert (target["boxes"][0, 2:] - target["boxes"][0, :2]).tolist() == [16, 12]
    assert min(lefts) < 28
    assert max(lefts) > 30


def test_lesion_larger_than_the_window_fills_it() -> None:
    torch.manual_seed(0)
    image, target = RandomChip(32, lesion_share=1.0)(*example([[0.0, 0, 64, 64]]))

    assert image.shape == (1, 32, 32)
    assert target["boxes"].tolist() == [[0, 0, 32, 32]]


def test_lesion_of_which_less_than_half_is_in_view_is_dropped_with_its_label() -> None:
    torch.manual_seed(0)
    # No window can hold much of both.
    lesions = [[0.0, 0, 30, 30], [34, 20, 62, 48]]
    shown = [RandomChip(32, lesion_share=1.0)(*example(lesions))[1] for _ in range(20)]

    assert {tuple(target["labels"].tolist()) for target in shown} == {(1,), (2,)}
    assert all(len(target["boxes"]) == 1 for target in shown)


def test_a_crowd_region_stays_one_however_little_of_it_is_in_view() -> None:
    torch.manual_seed(0)
    image, target = example([[0.0, 0, 16, 16], [0, 10, 64, 64]])
    target["labels"] = torch.tensor([1, CROWD_LABEL])
    for _ in range(20):
        _, shown = RandomChip(20, lesion_share=1.0)(image, target)

        # Windows are put around the lesion, of whose neighbourhood the crowd is a part.
        assert shown["labels"].tolist() == [1, CROWD_LABEL]


def test_images_without_lesions_give_windows_from_anywhere() -> None:
    torch.manual_seed(0)
    images = [RandomChip(32, lesion_share=1.0)(*example([]))[0] for _ in range(20)]

    assert len({int(image[0, 0, 0]) for image in images}) > 5


def test_windows_of_no_lesion_share_fall_anywhere() -> None:
    torch.manual_seed(0)
    chips = [RandomChip(32, lesion_share=0.0)(*example([[0.0, 0, 30, 30]])) for _ in range(40)]

    assert {len(target["labels"]) for _, target in chips} == {0, 1}
    assert all(target["boxes"].shape[1] == 4 for _, target in chips)
