"""The COCO contract between the packages: its records."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NotRequired, TypedDict

from formats.errors import InputError
from formats.labels import UNNAMED_CATEGORY_ID


class CocoImage(TypedDict):
    """One view. `file_name` is relative to the image root, sizes are in pixels as stored."""

    id: int
    file_name: str
    width: int
    height: int
    case_id: NotRequired[str]
    side: NotRequired[str]
    view: NotRequired[str]
    label: NotRequired[str]
    case_status: NotRequired[str]
    """The patient's label by the folder; a Normal view of another status is a doubtful one."""
    age: NotRequired[float]
    density: NotRequired[int]
    sibling_view_marked: NotRequired[bool]


class CocoAnnotation(TypedDict):
    """One lesion. `bbox` is xywh in pixels, `area` the filled contour's in square pixels."""

    id: int
    image_id: int
    category_id: int
    bbox: list[float]
    area: float
    iscrowd: int
    segmentation: NotRequired[list[list[float]]]
    lesion_type: NotRequired[str]
    assessment: NotRequired[int]
    subtlety: NotRequired[int]
    pathology_source: NotRequired[str]
    score: NotRequired[float]
    """Of a box that was found; lesions have none."""


@dataclass(kw_only=True)
class CocoDataset:
    """Views and their lesions. Views without lesions are kept: they are the negatives."""

    images: list[CocoImage]
    annotations: list[CocoAnnotation]
    description: str = ""
    changes: list[str] = field(default_factory=list)
    """What reading had to change, one sentence each; never written."""

    def annotations_by_image(self) -> dict[int, list[CocoAnnotation]]:
        """Map every image id to its lesions, an empty list for a negative."""
        by_image: dict[int, list[CocoAnnotation]] = {image["id"]: [] for image in self.images}
        for annotation in self.annotations:
            by_image[annotation["image_id"]].append(annotation)
        return by_image

    def subset(self, images: Iterable[CocoImage]) -> "CocoDataset":
        """Keep these images and their lesions, with the ids they have."""
        kept = list(images)
        kept_ids = {image["id"] for image in kept}
        annotations = [a for a in self.annotations if a["image_id"] in kept_ids]
        return CocoDataset(images=kept, annotations=annotations, description=self.description)


def require_pathology(dataset: CocoDataset, source: Path | str) -> None:
    """Refuse lesions that may be benign or malignant: a classifier cannot learn from them.

    Args:
        dataset: what is to be learnt from or named.
        source: what messages call it.

    Raises:
        InputError: there are some.
    """
    lesions = [a for a in dataset.annotations if not a["iscrowd"]]
    unnamed = [a for a in lesions if a["category_id"] == UNNAMED_CATEGORY_ID]
    if unnamed:
        raise InputError(
            f"{source}: {len(unnamed)} of {len(lesions)} lesions are of unknown pathology, such as "
            f"annotation {unnamed[0]['id']}: a detector of tumours can learn from them, a network "
            "that names Benign and Cancer cannot; say what their categories mean with a category "
            "map (data.category_map=FILE), or leave them out"
        )
