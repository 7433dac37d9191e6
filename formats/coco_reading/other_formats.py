"""Files that hold annotations but are no COCO files: which they are, and how to get one."""

from pathlib import Path
from typing import Any

from formats.errors import InputError


def is_coco(document: Any) -> bool:
    """Whether it is a COCO detection file, by its list of images, and no results file."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("images"), list)
        and not _is_results(document)
    )


def _is_results(document: dict[str, Any]) -> bool:
    return "schema_version" in document and "method" in document


def refuse_other_format(path: Path, document: Any) -> None:
    """Refuse what is no COCO detection file, by what it is.

    Raises:
        InputError: it is none.
    """
    if not is_coco(document):
        raise InputError(f"{path}: {_what_it_is(document)}")


def _what_it_is(document: Any) -> str:
    first = document[0] if isinstance(document, list) and document else None
    if isinstance(first, dict):
        if "image_id" in first and "score" in first:
            return (
                "a COCO results list, which names boxes but no images; give the COCO file that "
                "was predicted on, and boxes as results"
            )
        if "data" in first and ("annotations" in first or "completions" in first):
            return "Label Studio's own JSON, no COCO file; export the project as COCO"
    if isinstance(document, dict):
        if "_via_img_metadata" in document:
            return "a project of VIA, no COCO file; export its annotations as COCO"
        if "shapes" in document and "imagePath" in document:
            return "LabelMe's own JSON of one image, no COCO file; convert the folder to COCO"
        if _is_results(document):
            return (
                "a results file; give the COCO file that was predicted on, or, to export the boxes "
                "that were found, this file as --results"
            )
    return "no COCO file (no list 'images'); see docs/formats.md for its form"
