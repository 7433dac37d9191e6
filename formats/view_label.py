"""A view's label: its own, or its worst lesion's."""

from collections.abc import Sequence

from formats.coco import CocoAnnotation, CocoImage
from formats.errors import InputError
from formats.labels import (
    CATEGORY_NAMES,
    LABELS,
    SEVERITY,
    UNNAMED_CATEGORY_ID,
    UNNAMED_LESION,
)


def view_label(image: CocoImage, annotations: Sequence[CocoAnnotation]) -> str:
    """Return a view's own label, or where it has none that of its worst lesion.

    A crowd region is no lesion: a view with nothing else is Normal. A lesion of unknown pathology,
    `UNNAMED_LESION`, may be worse than a benign one.

    Raises:
        InputError: its own label is none of `LABELS`.
    """
    label = image.get("label")
    if label is not None and label not in LABELS:
        raise InputError(f"{image['file_name']}: label '{label}' is none of {LABELS}; correct it")
    if label is not None:
        return label
    names = {**CATEGORY_NAMES, UNNAMED_CATEGORY_ID: UNNAMED_LESION}
    lesions = (names[a["category_id"]] for a in annotations if not a["iscrowd"])
    return max(lesions, key=SEVERITY.index, default="Normal")
