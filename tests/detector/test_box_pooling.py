import pytest
import torch
from torch import Tensor
from torchvision.ops import MultiScaleRoIAlign

from detector.box_pooling import BoxPooling

SIDE_PX = 256
STRIDES = (8, 16, 32)
IMAGES = 3
CHANNELS = 5


@pytest.fixture
def boxes() -> list[Tensor]:
    """Of all sizes, so that each level has some; at every edge; one image has none."""
    random = torch.Generator().manual_seed(0)
    corners = torch.rand((400, 2, 2), generator=random) * SIDE_PX
    anywhere = torch.cat([corners.amin(dim=1), corners.amax(dim=1)], dim=1)
    edges = torch.tensor(
        [
            *([0.0, 0, 256, 256], [0, 0, 3, 3], [255, 255, 256, 256], [250, 0, 256, 256]),
            # Half a pixel at the end of the map: its points lie outside.
            *([255.5, 255.5, 256, 256], [256, 256, 256, 256], [0, 0, 0, 0]),
        ]
    )
    return [anywhere, edges, torch.zeros(0, 4)]


def _pooled_and_gradients(
    pooling: MultiScaleRoIAlign,
    boxes: list[Tensor],
    dtype: torch.dtype = torch.float32,
    places_missing: int = 0,
) -> tuple[Tensor, list[Tensor]]:
    random = torch.Generator().manual_seed(1)
    maps = {
        str(level): torch.rand(
            (IMAGES, CHANNELS, *2 * [SIDE_PX // stride - places_missing]), generator=random
        )
        .to(dtype)
        .to(memory_format=torch.channels_last)
        .requires_grad_()
        for level, stride in enumerate(STRIDES)
    }
    pooled = pooling(maps, boxes, [(SIDE_PX, SIDE_PX)] * IMAGES)
    wanted = torch.rand(pooled.shape, generator=random)
    (pooled * wanted).sum().backward()
    gradients = [level_map.grad for level_map in maps.values()]
    return pooled.detach(), [gradient for gradient in gradients if gradient is not None]


def _poolings() -> tuple[BoxPooling, MultiScaleRoIAlign]:
    settings = (["0", "1", "2"], 7, 2)
    return BoxPooling(*settings), MultiScaleRoIAlign(*settings)


def test_learns_what_torchvisions_pooling_learns(boxes: list[Tensor]) -> None:
    own, torchvisions = _poolings()

    pooled, gradients = _pooled_and_gradients(own, boxes)
    expected, expected_gradients = _pooled_and_gradients(torchvisions, boxes)

    assert pooled.shape == (407, CHANNELS, 7, 7)
    torch.testing.assert_close(pooled, expected, rtol=0, atol=1e-5)
    assert len(gradients) == len(STRIDES)
    torch.testing.assert_close(gradients, expected_gradients, rtol=1e-4, atol=1e-3)


def test_maps_that_end_early_are_pooled_as_torchvision_does(boxes: list[Tensor]) -> None:
    own, torchvisions = _poolings()

    # As of backbones that do not pad: the image's side is no multiple of the map's.
    pooled, gradients = _pooled_and_gradients(own, boxes, places_missing=2)
    expected, expected_gradients = _pooled_and_gradients(torchvisions, boxes, places_missing=2)

    torch.testing.assert_close(pooled, expected, rtol=0, atol=1e-5)
    torch.testing.assert_close(gradients, expected_gradients, rtol=1e-4, atol=1e-3)


def test_half_precision_maps_give_single_precision(boxes: list[Tensor]) -> None:
    own, torchvisions = _poolings()

    pooled, gradients = _pooled_and_gradients(own, boxes, torch.bfloat16)
    with torch.autocast("cpu", torch.bfloat16):
        expected, expected_gradients = _pooled_and_gradients(torchvisions, boxes, torch.bfloat16)

    assert pooled.dtype == torch.float32
    torch.testing.assert_close(pooled, expected.float(), rtol=0.01, atol=0.01)
    torch.testing.assert_close(gradients, expected_gradients, rtol=0.05, atol=0.5)


def test_half_precision_boxes_are_pooled_as_torchvision_does(boxes: list[Tensor]) -> None:
    own, torchvisions = _poolings()
    rounded = [of_image.bfloat16() for of_image in boxes]

    pooled, _ = _pooled_and_gradients(own, rounded)
    with torch.autocast("cpu", torch.bfloat16):
        expected, _ = _pooled_and_gradients(torchvisions, rounded)

    torch.testing.assert_close(pooled, expected, rtol=0, atol=1e-5)


def test_no_box_at_all_gives_nothing() -> None:
    own, _ = _poolings()

    pooled, gradients = _pooled_and_gradients(own, [torch.zeros(0, 4)] * IMAGES)

    assert pooled.shape == (0, CHANNELS, 7, 7)
    assert all(bool((gradient == 0).all()) for gradient in gradients)


def test_in_evaluation_it_is_torchvisions(boxes: list[Tensor]) -> None:
    own, torchvisions = (pooling.eval() for pooling in _poolings())

    pooled, _ = _pooled_and_gradients(own, boxes)
    expected, _ = _pooled_and_gradients(torchvisions, boxes)

    assert torch.equal(pooled, expected)
