"""How somebody else's COCO file is to be read where it does not say so itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from formats.coco_reading.category_words import Meaning, read_category_map


class BboxFormat(StrEnum):
    """What the four numbers of a box are."""

    xywh = "xywh"
    """Left, top, width, height: COCO's own."""
    xyxy = "xyxy"
    """Left, top, right, bottom."""


@dataclass(frozen=True, kw_only=True)
class CocoOptions:
    """What the file's own words do not tell."""

    category_map: Mapping[str, Meaning] = field(default_factory=dict)
    """What categories and labels mean, by name."""
    bbox_format: BboxFormat = BboxFormat.xywh
    allow_lost_boxes: bool = False
    """Read a file too that loses many of its boxes."""


COCO_AS_IT_IS = CocoOptions()


def coco_options(
    category_map: Path | str | None, bbox_format: str, allow_lost_boxes: bool
) -> CocoOptions:
    """Return the options that a command or a configuration gives.

    Raises:
        InputError: the category map cannot be used.
    """
    return CocoOptions(
        category_map=read_category_map(Path(category_map)) if category_map else {},
        bbox_format=BboxFormat(bbox_format),
        allow_lost_boxes=allow_lost_boxes,
    )
