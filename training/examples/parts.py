"""The parts that a training learns from and is chosen by."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from formats.coco import CocoDataset
from formats.leaks import refuse_leak, same_files, shared_by_name

logger = logging.getLogger(__name__)


def refuse_shared_parts(train: CocoDataset, val: CocoDataset, data: Any) -> None:
    """Refuse a validation part that has patients or films of the training part.

    Args:
        train: the training part.
        val: the validation part.
        data: a configuration's `data` section, which may allow it.

    Raises:
        InputError: something is shared, and that is not allowed.
    """
    shared = shared_by_name(val, train, Path(data.train_coco).name)
    shared = replace(shared, films=same_files(val, train, Path(data.image_root)))
    for leak in refuse_leak([shared], Path(data.val_coco), data.allow_leak):
        logger.warning("%s", leak)
