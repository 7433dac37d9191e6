"""A fixed split, written down as the list of its validation patients."""

from pathlib import Path

from formats.coco import CocoDataset
from formats.errors import InputError


def read_patient_list(path: Path) -> set[str]:
    """Read one patient a line; blank lines and lines that begin with `#` do not count.

    Raises:
        InputError: the file is missing or names nobody.
    """
    try:
        # Some editors put a byte-order mark first.
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text ({error.reason}); save it as UTF-8") from error
    named = (line.strip() for line in lines)
    patients = {name for name in named if name and not name.startswith("#")}
    if not patients:
        raise InputError(f"{path}: names no patient; write one case_id a line")
    return patients


def split_by_patients(
    dataset: CocoDataset, validation_patients: set[str]
) -> tuple[CocoDataset, CocoDataset]:
    """Return the training and the validation part, all views of a patient in one of them.

    Raises:
        InputError: an image has no `case_id`, a listed patient has no image, or a part is empty.
    """
    unknown = [image["file_name"] for image in dataset.images if not image.get("case_id")]
    if unknown:
        raise InputError(f"{unknown[0]}: has no case_id, so its patient is unknown; add it")
    missing = validation_patients - {image["case_id"] for image in dataset.images}
    if missing:
        raise InputError(
            f"{len(missing)} validation patients have no image, such as {min(missing)}; "
            "the list belongs to another data set"
        )
    train = [i for i in dataset.images if i["case_id"] not in validation_patients]
    val = [i for i in dataset.images if i["case_id"] in validation_patients]
    if not train or not val:
        raise InputError(f"{len(train)} training and {len(val)} validation images; both need some")
    return dataset.subset(train), dataset.subset(val)
