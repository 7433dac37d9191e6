import cv2
import numpy as np
import pytest
from skimage.measure import label, regionprops
from small_ddsm import draw_outline

from converters.ddsm_files.outlines import lesion_region
from converters.records import FindingKind
from formats.errors import InputError

SHAPE = (240, 160)
BOX = (30, 50, 40, 60)


def as_jpeg(mask: np.ndarray, quality: int = 80) -> np.ndarray:
    _, encoded = cv2.imencode(".jpg", mask, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED)


def test_outline_becomes_the_region_inside_it() -> None:
    region = lesion_region(draw_outline(BOX), SHAPE)

    assert region is not None
    assert region.bbox_xywh == BOX
    assert region.area_px == 40 * 60
    corners = {tuple(point) for point in region.polygon_xy.tolist()}
    assert corners == {(30, 50), (69, 50), (69, 109), (30, 109)}
    assert region.oddities == {}


def test_random_outlines_measure_as_another_library_does() -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        radii_px = rng.uniform(25, 55, len(angles))
        corners_xy = np.stack([80 + radii_px * np.cos(angles), 120 + radii_px * np.sin(angles)], 1)
        mask = np.zeros(SHAPE, np.uint8)
        cv2.polylines(mask, [corners_xy.round().astype(np.int32)], True, 255, thickness=2)

        region = lesion_region(mask, SHAPE)
        (measured,) = regionprops(label(mask > 0, connectivity=2))

        assert region is not None
        y_min, x_min, y_end, x_end = measured.bbox
        assert region.bbox_xywh == (x_min, y_min, x_end - x_min, y_end - y_min)
        # Inlets narrower than a gap that is bridged are inside here.
        assert region.area_px == pytest.approx(measured.area_filled, rel=0.01)


def test_jpeg_noise_is_no_lesion() -> None:
    mask = draw_outline(BOX)
    rng = np.random.default_rng(0)
    noisy = as_jpeg(cv2.add(mask, rng.integers(0, 32, SHAPE, dtype=np.uint8)))

    region = lesion_region(noisy, SHAPE)

    assert region is not None
    assert np.abs(np.subtract(region.bbox_xywh, BOX)).max() <= 1
    assert region.area_px == pytest.approx(2400, rel=0.05)


def test_polygon_follows_a_round_outline() -> None:
    mask = np.zeros(SHAPE, np.uint8)
    cv2.ellipse(mask, (80, 120), (30, 45), 20, 0, 360, 255, 2)

    region = lesion_region(as_jpeg(mask), SHAPE)

    assert region is not None
    drawn = cv2.fillPoly(np.zeros(SHAPE, np.uint8), [region.polygon_xy], 1)
    assert cv2.countNonZero(drawn) == pytest.approx(region.area_px, rel=0.05)
    assert region.area_px == pytest.approx(np.pi * 31 * 46, rel=0.05)
    x, y, width, height = cv2.boundingRect(region.polygon_xy)
    assert np.abs(np.subtract((x, y, width, height), region.bbox_xywh)).max() <= 2


@pytest.mark.parametrize("box", [(0, 0, 30, 20), (130, 220, 30, 20), (0, 100, 160, 30)])
def test_outline_at_the_films_edge_keeps_its_last_pixel(box: tuple[int, int, int, int]) -> None:
    region = lesion_region(draw_outline(box), SHAPE)

    assert region is not None
    assert region.bbox_xywh == box


@pytest.mark.parametrize("dtype_max", [(np.uint8, 255), (np.uint16, 65535), (np.uint16, 255),
                                       (np.uint8, 1)])  # fmt: skip
def test_any_depth_is_halved_at_its_own_range(dtype_max: tuple[type, int]) -> None:
    dtype, maximum = dtype_max
    mask = (draw_outline(BOX) > 0).astype(dtype) * dtype(maximum)

    region = lesion_region(mask, SHAPE)

    assert region is not None
    assert region.bbox_xywh == BOX


def test_inverted_mask_is_turned_over() -> None:
    region = lesion_region(255 - draw_outline(BOX), SHAPE)

    assert region is not None
    assert region.bbox_xywh == BOX
    assert region.oddities == {FindingKind.MASK_INVERTED: "dark on bright; turned over"}


def test_a_brighter_line_on_a_bright_background_is_not_turned_over() -> None:
    region = lesion_region(np.where(draw_outline(BOX) > 0, 255, 180).astype(np.uint8), SHAPE)

    assert region is not None
    assert (region.bbox_xywh, region.oddities) == (BOX, {})


def test_filled_mask_is_taken_as_it_is() -> None:
    mask = np.zeros(SHAPE, np.uint8)
    mask[50:110, 30:70] = 255

    region = lesion_region(mask, SHAPE)

    assert region is not None
    assert (region.bbox_xywh, region.area_px) == (BOX, 2400)
    assert region.oddities == {
        FindingKind.MASK_ALREADY_FILLED: "a filled region; its border is the lesion's"
    }


@pytest.mark.parametrize("level", [0, 30, 255])
def test_flat_mask_is_empty(level: int) -> None:
    assert lesion_region(np.full(SHAPE, level, np.uint8), SHAPE) is None


def test_faint_noise_and_specks_are_empty() -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 40, SHAPE, dtype=np.uint8)
    speck = np.zeros(SHAPE, np.uint8)
    speck[100:102, 50:53] = 255

    assert lesion_region(noise, SHAPE) is None
    assert lesion_region(speck, SHAPE) is None


def test_gap_is_bridged_by_the_hull() -> None:
    mask = draw_outline(BOX)
    mask[60:75, 30] = 0

    region = lesion_region(mask, SHAPE)

    assert region is not None
    assert (region.bbox_xywh, region.area_px) == (BOX, 2400)
    assert region.oddities == {FindingKind.MASK_OUTLINE_OPEN: "has a gap; took its convex hull"}


def test_small_loop_does_not_close_an_outline_with_a_gap() -> None:
    mask = draw_outline(BOX) | draw_outline((BOX[0], BOX[1], 10, 8))
    mask[60:75, 30] = 0

    region = lesion_region(mask, SHAPE)

    assert region is not None
    assert (region.bbox_xywh, region.area_px) == (BOX, 2400)
    assert list(region.oddities) == [FindingKind.MASK_OUTLINE_OPEN]


def test_gap_of_one_pixel_is_no_gap() -> None:
    mask = draw_outline(BOX)
    mask[60, 30] = 0

    region = lesion_region(mask, SHAPE)

    assert region is not None
    assert region.oddities == {}


def test_largest_of_several_pieces_is_taken() -> None:
    mask = draw_outline(BOX) | draw_outline((120, 200, 10, 8))
    mask[10, 10] = 255

    region = lesion_region(mask, SHAPE)

    assert region is not None
    assert region.bbox_xywh == BOX
    assert region.oddities == {FindingKind.MASK_IN_PIECES: "2 pieces; took the largest"}


def test_mask_of_half_the_size_is_scaled() -> None:
    half = draw_outline((15, 25, 20, 30), (120, 80))

    region = lesion_region(half, SHAPE)

    assert region is not None
    assert np.abs(np.subtract(region.bbox_xywh, BOX)).max() <= 2
    assert region.area_px == pytest.approx(2400, rel=0.1)


def test_mask_of_another_shape_is_refused() -> None:
    with pytest.raises(InputError) as error:
        lesion_region(draw_outline(BOX, (160, 240)), SHAPE)
    assert str(error.value) == (
        "mask of 240x160 pixels does not fit its film of 160x240; find the mask of this film"
    )


@pytest.mark.parametrize(
    ("width_px", "fits"), [(156, False), (157, True), (163, True), (164, False)]
)
def test_an_aspect_that_differs_by_two_per_cent_is_scaled_over(width_px: int, fits: bool) -> None:
    mask = draw_outline(BOX, (240, width_px))

    if fits:
        assert lesion_region(mask, SHAPE) is not None
    else:
        with pytest.raises(InputError, match=f"mask of {width_px}x240 pixels"):
            lesion_region(mask, SHAPE)


@pytest.mark.parametrize(("level", "stands_out"), [(73, False), (74, True)])
def test_a_line_stands_out_by_64_levels(level: int, stands_out: bool) -> None:
    background = np.random.default_rng(0).integers(10, 20, SHAPE, dtype=np.uint8)
    mask = np.where(draw_outline(BOX) > 0, np.uint8(level), background)

    assert (lesion_region(mask, SHAPE) is not None) == stands_out


@pytest.mark.parametrize(
    ("width_px", "height_px", "is_lesion"), [(3, 3, False), (4, 1, True), (1, 4, True)]
)
def test_a_lesion_has_four_pixels_one_way(width_px: int, height_px: int, is_lesion: bool) -> None:
    mask = np.zeros(SHAPE, np.uint8)
    mask[100 : 100 + height_px, 50 : 50 + width_px] = 255

    assert (lesion_region(mask, SHAPE) is not None) == is_lesion


def test_a_dark_outline_with_a_gap_has_both_oddities() -> None:
    mask = draw_outline(BOX)
    mask[60:75, 30] = 0
    region = lesion_region(255 - mask, SHAPE)

    assert region is not None
    assert (region.bbox_xywh, region.area_px) == (BOX, 2400)
    assert set(region.oddities) == {FindingKind.MASK_INVERTED, FindingKind.MASK_OUTLINE_OPEN}


def test_a_filled_region_beside_a_smaller_one_is_taken_and_both_are_counted() -> None:
    mask = np.zeros(SHAPE, np.uint8)
    mask[50:110, 30:70] = 255
    mask[200:210, 100:110] = 255
    region = lesion_region(mask, SHAPE)

    assert region is not None
    assert region.bbox_xywh == BOX
    assert region.oddities == {
        FindingKind.MASK_ALREADY_FILLED: "a filled region; its border is the lesion's",
        FindingKind.MASK_IN_PIECES: "2 pieces; took the largest",
    }


def test_pieces_inside_another_are_none_of_their_own() -> None:
    mask = draw_outline(BOX) | draw_outline((40, 70, 10, 10))
    region = lesion_region(mask, SHAPE)

    assert region is not None
    assert (region.bbox_xywh, region.oddities) == (BOX, {})
