"""Several detectors in one file, which look at the same film and whose boxes are merged.

Unlike networks err on unlike places: merging what they find gains more than longer training.
"""

from collections.abc import Sequence
from functools import reduce
from pathlib import Path

import numpy as np
import torch

from detector.box_fusion import fuse
from detector.detections import Detections
from detector.members import DETECTOR_KINDS, KIND, MERGED_KIND, members_of
from detector.model import DETECTOR
from detector.predictor import DetectorPredictor
from formats.errors import InputError
from training.networks.runtime import Runtime
from training.saving.checkpoint import Checkpoint, load_checkpoint

# As one detector's boxes are merged, of both looks and of both classes.
SAME_BOX_IOU = 0.5
SAME_LESION_IOU = 0.5


class MergedPredictor:
    """Finds tumours on films of any size and depth, by the mean of several detectors."""

    def __init__(self, members: Sequence[DetectorPredictor], merged: Checkpoint) -> None:
        self._members = members
        self._same_box_iou = merged.config["same_box_iou"]
        self.same_lesion_iou = merged.config["same_lesion_iou"]
        self.class_names = merged.class_names
        self.operating_points = merged.operating_points
        self.operating_curve = merged.operating_curve
        self.box_conventions = merged.box_conventions
        self.weights_sha256 = merged.weights_sha256

    def predict(self, film: np.ndarray) -> Detections:
        """Find tumours on a (H, W) uint8 or uint16 film."""
        return self.predict_batch([film])[0]

    def predict_batch(self, films: Sequence[np.ndarray]) -> list[Detections]:
        """Find tumours on several (H, W) films of any sizes."""
        searches = [member.begin(films) for member in self._members]
        by_member = [search() for search in searches]
        return [self._fused(of_film) for of_film in zip(*by_member, strict=True)]

    def _fused(self, found: Sequence[Detections]) -> Detections:
        fused = found[0]
        for count, more in enumerate(found[1:], start=2):
            fused = fuse(fused, more, self._same_box_iou, second_share=1 / count)
        return fused


def load_predictor(
    path: Path, device: torch.device, runtime: Runtime = Runtime.torch
) -> DetectorPredictor | MergedPredictor:
    """Load one detector, or several that were merged.

    Raises:
        InputError: the file is no detector checkpoint that this version can read, or the runtime is
            not installed or cannot compute it.
    """
    whole = load_checkpoint(path, *DETECTOR_KINDS)
    try:
        members = [
            DetectorPredictor(*DETECTOR.rebuild(member), member, device, runtime)
            for member in members_of(whole)
        ]
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return members[0] if whole.kind == KIND else MergedPredictor(members, whole)


def merge_detectors(paths: Sequence[Path]) -> Checkpoint:
    """Return the detectors of several files as one, which has to be calibrated anew.

    Raises:
        InputError: there are fewer than two, a file is no checkpoint of one detector, or they find
            other classes.
    """
    if len(paths) < 2:
        raise InputError(f"{', '.join(map(str, paths))}: give two detectors or more")
    members = [load_checkpoint(path, KIND) for path in paths]
    for path, member in zip(paths, members, strict=True):
        if member.class_names != members[0].class_names:
            raise InputError(
                f"{path}: finds {member.class_names}, {paths[0]} {members[0].class_names}; merge "
                "detectors of the same classes"
            )
    return Checkpoint(
        kind=MERGED_KIND,
        config={
            "members": [member.config for member in members],
            "same_box_iou": SAME_BOX_IOU,
            "same_lesion_iou": SAME_LESION_IOU,
        },
        class_names=members[0].class_names,
        state={
            f"{index}.{name}": tensor
            for index, member in enumerate(members)
            for name, tensor in member.state.items()
        },
        data=reduce(lambda all_data, member: all_data | member.data, members, {}),
    )
