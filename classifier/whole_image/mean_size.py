"""The mean size of a data set's films, from which a network's input takes its own."""

import numpy as np

from formats.coco import CocoDataset


def mean_size_px(coco: CocoDataset) -> tuple[int, int]:
    """Return the mean (height, width) in pixels of a data set's films."""
    sizes = np.array([(image["height"], image["width"]) for image in coco.images])
    height_px, width_px = sizes.mean(axis=0).round().astype(int).tolist()
    return height_px, width_px
