"""Boxes of other people's COCO files: which layout they are in, and what is left of each."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from formats.coco_reading.options import BboxFormat
from formats.coco_reading.shapes import Shape
from formats.coco_reading.values import as_number
from formats.coco_records import CocoImage
from formats.faults import Faults

# A file may lose so many of its boxes, in parts of all, before it is refused.
MAX_LOST_SHARE = 0.03
# A box that keeps less of its area is lost: it belongs to another edition of the film.
MIN_KEPT_SHARE = 0.5
# Rounding may put an edge so far outside.
EDGE_TOLERANCE_PX = 1.5
# Of the boxes that fit their image as corners, where the layout is that.
MIN_CORNERS_SHARE = 0.95
LOST_KINDS = {
    "not finite": "box dropped: not four finite numbers",
    "empty": "box dropped: empty",
    "outside": "box dropped: outside its image",
    "cut": "box clipped to less than half: most of it is outside its image",
}
ALLOW_ADVICE = (
    "correct them, or read the file without them by --allow-lost-boxes (in a training, "
    "data.allow_lost_boxes=true)"
)
Numbers = list[float]


def raw_numbers(raw_box: Any) -> Numbers | None:
    """Return a box's four numbers, also from texts; None where they are not four finite ones."""
    if not isinstance(raw_box, list) or len(raw_box) != 4:
        return None
    numbers = [as_number(value) for value in raw_box]
    return None if None in numbers else numbers  # type: ignore[return-value]


def wrong_layout_fault(
    boxes: Sequence[tuple[Numbers, CocoImage | None]], layout: BboxFormat, faults: Faults
) -> None:
    """Note it where all boxes are parts of their image, or where they are corners.

    Args:
        boxes: the four numbers of each, and its image.
        layout: what the boxes are said to be.
        faults: takes what is wrong.
    """
    numbers = [box for box, _ in boxes]
    if (
        numbers
        and all(0 <= value <= 1 for box in numbers for value in box)
        and any(map(any, numbers))
    ):
        faults.add(
            f"all {len(numbers)} boxes lie in 0..1, such as {numbers[0]}: they are normalised to "
            "their image",
            "multiply them by its width and height in pixels",
        )
    on_image = [(box, image) for box, image in boxes if image is not None]
    if layout == BboxFormat.xyxy or not on_image:
        return
    leaving = [box for box, image in on_image if _leaves(box, image)]
    corners = sum(_are_corners(box, image) for box, image in on_image)
    if leaving and corners >= MIN_CORNERS_SHARE * len(on_image):
        faults.add(
            f"{len(leaving)} of {len(on_image)} boxes, such as {leaving[0]}, leave their image as "
            f"[x, y, width, height], and {corners} fit as [x_min, y_min, x_max, y_max]",
            "if they are the latter, give --bbox-format xyxy (in a training, "
            "data.bbox_format=xyxy)",
        )


class BoxReader:
    """Reads boxes one by one, and counts how many were lost."""

    def __init__(self, layout: BboxFormat, changes: Counter[str]) -> None:
        """Begin with no box.

        Args:
            layout: what the four numbers are.
            changes: takes what was clipped, dropped, or taken from an outline.
        """
        self._layout = layout
        self._changes = changes
        self.count = 0
        """Of all boxes."""
        self.lost: dict[str, list[str]] = {kind: [] for kind in LOST_KINDS}
        """Which records lost theirs, by why."""

    def read(
        self, raw: dict[str, Any], where: str, image: CocoImage, shape: Shape | None
    ) -> list[float] | None:
        """Return a record's box as xywh inside its image; None where nothing is left of it.

        Args:
            raw: the annotation.
            where: what messages call it.
            image: the one that it lies on.
            shape: its outline, which gives the box where there is no other.
        """
        self.count += 1
        numbers = raw_numbers(raw.get("bbox"))
        if shape is not None and (not raw.get("bbox") or numbers is None or not any(numbers)):
            self._changes["box taken from the outline, as there was no other"] += 1
            numbers = list(shape.bbox_xywh)
        elif numbers is not None:
            if numbers != raw["bbox"] or any(isinstance(value, str) for value in raw["bbox"]):
                self._changes["box of texts read as numbers"] += 1
            if self._layout == BboxFormat.xyxy:
                numbers = [*numbers[:2], numbers[2] - numbers[0], numbers[3] - numbers[1]]
                self._changes["box of corners turned into left, top, width, height"] += 1
            numbers = self._around_turned(numbers, raw)
        if numbers is None:
            self._lose("not finite", f"{where}: {raw.get('bbox')}")
            return None
        return self._clip(numbers, f"{where}: {raw.get('bbox')}", image)

    def _around_turned(self, box: Numbers, raw: dict[str, Any]) -> Numbers:
        """Return the box around one that CVAT turned about its middle."""
        attributes = raw.get("attributes")
        degrees = as_number(attributes.get("rotation")) if isinstance(attributes, dict) else None
        if not degrees:
            return box
        self._changes["box that was turned replaced by the upright one around it"] += 1
        x, y, width, height = box
        sine, cosine = (abs(turn(math.radians(degrees))) for turn in (math.sin, math.cos))
        wide, high = width * cosine + height * sine, width * sine + height * cosine
        return [x + (width - wide) / 2, y + (height - high) / 2, wide, high]

    def _clip(self, box: Numbers, example: str, image: CocoImage) -> list[float] | None:
        x, y, width, height = box
        if width <= 0 or height <= 0:
            self._lose("empty", example)
            return None
        right, bottom = min(x + width, image["width"]), min(y + height, image["height"])
        left, top = max(x, 0), max(y, 0)
        size = f" on {image['width']}x{image['height']} pixels"
        if right <= left or bottom <= top:
            self._lose("outside", example + size)
            return None
        if x >= 0 and y >= 0 and x + width <= image["width"] and y + height <= image["height"]:
            return box
        clipped = [left, top, right - left, bottom - top]
        if clipped[2] * clipped[3] < MIN_KEPT_SHARE * width * height:
            self._lose("cut", example + size)
        else:
            self._changes["box clipped to its image"] += 1
        return clipped

    def _lose(self, kind: str, example: str) -> None:
        self._changes[LOST_KINDS[kind]] += 1
        self.lost[kind].append(example)


def lost_boxes_fault(boxes: BoxReader, faults: Faults) -> None:
    """Note it where more than a few boxes in a hundred are lost."""
    lost_count = sum(map(len, boxes.lost.values()))
    if lost_count <= MAX_LOST_SHARE * boxes.count:
        return
    said = [
        f"{len(examples)} x {LOST_KINDS[kind]} ({'; '.join(examples[:3])})"
        for kind, examples in boxes.lost.items()
        if examples
    ]
    faults.add(
        f"{lost_count} of {boxes.count} boxes would be lost: {', '.join(said)}", ALLOW_ADVICE
    )


def _leaves(box: Numbers, image: CocoImage) -> bool:
    right, bottom = box[0] + box[2], box[1] + box[3]
    return (
        right > image["width"] + EDGE_TOLERANCE_PX or bottom > image["height"] + EDGE_TOLERANCE_PX
    )


def _are_corners(box: Numbers, image: CocoImage) -> bool:
    x1, y1, x2, y2 = box
    return (
        min(x1, y1) >= -EDGE_TOLERANCE_PX
        and x1 < x2 <= image["width"] + EDGE_TOLERANCE_PX
        and y1 < y2 <= image["height"] + EDGE_TOLERANCE_PX
        and math.isfinite(x1)
    )
