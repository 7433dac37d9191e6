"""Boxes on their way from outlines over files and crops to film pixels and back."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.crops.config import CropShape
from classifier.crops.cutting import crop_window, cut_crop
from converters.ddsm_files.outlines import lesion_region
from formats.coco import CocoDataset, read_coco, write_coco
from formats.film_reading.reader import intensity_window
from formats.geometry.box_conventions import BoxConvention
from formats.geometry.boxes import clip_xyxy, iou_xyxy, xywh_to_xyxy, xyxy_to_xywh
from formats.geometry.letterbox import Geometry, place

QUICK = settings(max_examples=150, deadline=None, derandomize=True)
SIDES = st.integers(32, 5000)
SHARES = st.tuples(*[st.floats(0, 1)] * 4)
FACTORS = st.floats(0.1, 5)
OFFSETS = st.floats(-0.2, 0.2)


def box_on_film(shares: tuple[float, ...], height_px: int, width_px: int) -> np.ndarray:
    """Return a (1, 4) xyxy box of at least a pixel each way."""
    x1, y1 = shares[0] * (width_px - 1), shares[1] * (height_px - 1)
    x2 = x1 + 1 + shares[2] * (width_px - 1 - x1)
    y2 = y1 + 1 + shares[3] * (height_px - 1 - y1)
    return np.array([[x1, y1, x2, y2]])


@pytest.mark.parametrize("geometry", Geometry)
@QUICK
@given(height_px=SIDES, width_px=SIDES, canvas=st.tuples(SIDES, SIDES), shares=SHARES)
def test_to_the_canvas_and_back(
    geometry: Geometry,
    height_px: int,
    width_px: int,
    canvas: tuple[int, int],
    shares: tuple[float, ...],
) -> None:
    boxes = box_on_film(shares, height_px, width_px)
    placement = place((height_px, width_px), canvas, geometry)
    on_canvas = placement.to_canvas(boxes)

    assert (on_canvas >= 0).all()
    assert (on_canvas <= [canvas[1] + 1e-6, canvas[0] + 1e-6] * 2).all()
    np.testing.assert_allclose(placement.to_film(on_canvas), boxes, atol=1e-6)


@QUICK
@given(height_px=SIDES, width_px=SIDES, shares=SHARES)
def test_both_ways_to_write_a_box(height_px: int, width_px: int, shares: tuple[float, ...]) -> None:
    boxes = box_on_film(shares, height_px, width_px)

    np.testing.assert_allclose(xywh_to_xyxy(xyxy_to_xywh(boxes)), boxes, atol=1e-9)
    assert iou_xyxy(boxes, boxes)[0, 0] == pytest.approx(1)


@QUICK
@given(
    height_px=SIDES,
    width_px=SIDES,
    shares=SHARES,
    factors=st.tuples(FACTORS, FACTORS),
    offsets=st.tuples(OFFSETS, OFFSETS),
)
def test_redrawn_boxes_stay_on_the_film(
    height_px: int,
    width_px: int,
    shares: tuple[float, ...],
    factors: tuple[float, float],
    offsets: tuple[float, float],
) -> None:
    boxes = box_on_film(shares, height_px, width_px)
    convention = BoxConvention(
        width_factor=factors[0],
        height_factor=factors[1],
        width_offset=offsets[0],
        height_offset=offsets[1],
    )
    redrawn = convention.redraw(boxes, height_px, width_px)

    np.testing.assert_array_equal(clip_xyxy(redrawn, height_px, width_px), redrawn)
    assert (redrawn[:, 2:] >= redrawn[:, :2]).all()


@QUICK
@given(
    height_px=st.integers(40, 300),
    width_px=st.integers(40, 300),
    centre=st.tuples(st.floats(0.1, 0.9), st.floats(0.1, 0.9)),
    radius_px=st.integers(4, 60),
    scale=st.sampled_from([1, 2, 3]),
)
def test_from_an_outline_to_a_coco_file_and_back_to_film_pixels(
    tmp_path_factory: pytest.TempPathFactory,
    height_px: int,
    width_px: int,
    centre: tuple[float, float],
    radius_px: int,
    scale: int,
) -> None:
    x, y = round(centre[0] * width_px), round(centre[1] * height_px)
    radius_px = max(3, min(radius_px, x - 2, y - 2, width_px - x - 3, height_px - y - 3))
    mask = np.zeros((height_px, width_px), np.uint8)
    cv2.circle(mask, (x, y), radius_px, 255)
    drawn_y, drawn_x = np.nonzero(mask)
    region = lesion_region(mask, (height_px * scale, width_px * scale))
    assert region is not None
    box = {"id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0, "area": float(region.area_px)}
    box["bbox"] = [float(value) for value in region.bbox_xywh]
    image = {"id": 1, "file_name": "f.png"}
    image |= {"width": width_px * scale, "height": height_px * scale}
    path = Path(tmp_path_factory.mktemp("coco")) / "f.json"
    write_coco(CocoDataset(images=[image], annotations=[box]), path)  # type: ignore[list-item]
    read = xywh_to_xyxy(np.array([read_coco(path).annotations[0]["bbox"]]))[0]

    drawn = np.array([drawn_x.min(), drawn_y.min(), drawn_x.max() + 1, drawn_y.max() + 1]) * scale
    np.testing.assert_allclose(read, drawn, atol=scale)
    assert (read >= 0).all()
    assert (read <= [image["width"], image["height"]] * 2).all()


@pytest.mark.parametrize("shape", CropShape)
@QUICK
@given(height_px=st.integers(32, 400), width_px=st.integers(32, 400), shares=SHARES)
def test_a_crop_holds_its_box_wherever_on_the_film(
    shape: CropShape, height_px: int, width_px: int, shares: tuple[float, ...]
) -> None:
    box = box_on_film(shares, height_px, width_px)[0]
    film = np.full((height_px, width_px), 50, np.uint8)
    x1, y1 = np.floor(box[:2]).astype(int)
    x2, y2 = np.ceil(box[2:]).astype(int)
    film[y1:y2, x1:x2] = 200
    window = crop_window(box, film, 1.5, shape)
    crop = cut_crop(film, window, 48, intensity_window(np.array([[0, 255]] * 2, np.uint8)))

    assert (window[:2] <= box[:2] + 1e-6).all()
    assert (window[2:] >= box[2:] - 1e-6).all()
    assert crop.shape == (48, 48)
    assert crop[24, 24] > 100
