from pathlib import Path

import cv2
import numpy as np
import pytest
from small_ddsm import draw_film, draw_outline

from converters.ddsm_files.mask_files import read_mask
from converters.ddsm_files.outlines import lesion_region
from formats.errors import InputError

BOX_XYWH = (40, 60, 50, 70)
OUTLINE = draw_outline(BOX_XYWH)
SHAPE_HW = OUTLINE.shape
RED_BGR = (0, 0, 255)


def write(path: Path, image: np.ndarray) -> Path:
    assert cv2.imwrite(str(path), image)
    return path


def with_alpha(bgr: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    return np.dstack([bgr, alpha])


def one_colour(*bgr: int) -> np.ndarray:
    return np.full((*SHAPE_HW, 3), bgr, np.uint8)


def box_of(mask: np.ndarray) -> tuple[int, int, int, int]:
    region = lesion_region(mask, SHAPE_HW)
    assert region is not None
    return region.bbox_xywh


@pytest.mark.parametrize(
    "image",
    [
        with_alpha(one_colour(0, 0, 0), OUTLINE),
        with_alpha(one_colour(255, 255, 255), OUTLINE),
        with_alpha(one_colour(*RED_BGR), OUTLINE),
        with_alpha(one_colour(0, 0, 0), 255 - OUTLINE),
        with_alpha(np.dstack([draw_film("hidden")] * 3), OUTLINE),
        with_alpha(np.dstack([OUTLINE] * 3), np.full(SHAPE_HW, 255, np.uint8)),
        with_alpha(np.dstack([OUTLINE] * 3), np.zeros(SHAPE_HW, np.uint8)),
        OUTLINE,
        OUTLINE.astype(np.uint16) * 257,
        np.dstack([255 - OUTLINE] * 3),
    ],
    ids=["black", "white", "red", "line cut out", "over a hidden film", "all opaque",
         "all see-through", "grey", "16 bit", "dark on bright"],
)  # fmt: skip
def test_the_line_is_found_in_whichever_channel(tmp_path: Path, image: np.ndarray) -> None:
    assert box_of(read_mask(write(tmp_path / "mask.png", image))) == BOX_XYWH


def test_a_see_through_margin_is_not_the_drawing(tmp_path: Path) -> None:
    alpha = np.full(SHAPE_HW, 255, np.uint8)
    alpha[:, :20] = 0
    image = with_alpha(np.dstack([OUTLINE] * 3), alpha)

    assert box_of(read_mask(write(tmp_path / "mask.png", image))) == BOX_XYWH


def film_with_outline(brightness: float) -> np.ndarray:
    film = np.zeros((800, 500), np.uint8)
    film[100:700, :300] = draw_film("breast", (600, 300)) * brightness
    picture = cv2.cvtColor(film, cv2.COLOR_GRAY2BGR)
    return cv2.ellipse(picture, (150, 400), (60, 40), 0, 0, 360, RED_BGR, 3)


@pytest.mark.parametrize("brightness", [1, 0.5])
@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_an_outline_on_the_film_itself_is_refused(
    tmp_path: Path, suffix: str, brightness: float
) -> None:
    path = write(tmp_path / f"mask{suffix}", film_with_outline(brightness))

    with pytest.raises(InputError) as error:
        read_mask(path)
    assert str(error.value) == (
        f"{path}: a photograph, not a mask; give the outline alone, on an even background"
    )


@pytest.mark.parametrize("quality", [30, 75, 95])
@pytest.mark.parametrize("thickness_px", [1, 5, cv2.FILLED], ids=["thin", "thick", "filled"])
@pytest.mark.parametrize("shape_hw", [(60, 40), (240, 160), (3000, 2000)], ids=str)
def test_soft_and_noisy_drawings_are_masks(
    tmp_path: Path, shape_hw: tuple[int, int], thickness_px: int, quality: int
) -> None:
    height_px, width_px = shape_hw
    mask = np.zeros(shape_hw, np.uint8)
    centre_xy, axes_xy = (width_px // 2, height_px // 2), (width_px // 3, height_px // 4)
    cv2.ellipse(mask, centre_xy, axes_xy, 30, 0, 360, 255, thickness_px)
    path = tmp_path / "mask.jpg"
    cv2.imwrite(str(path), cv2.GaussianBlur(mask, (3, 3), 0), [cv2.IMWRITE_JPEG_QUALITY, quality])

    assert read_mask(path).shape == shape_hw


def test_what_is_no_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "mask.png").write_bytes(b"text")

    with pytest.raises(InputError, match=r"mask\.png"):
        read_mask(tmp_path / "mask.png")
