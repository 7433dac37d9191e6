"""Fitting a box convention: how found boxes have to change to be drawn as a data set draws them."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import least_squares

from detector.members import DETECTOR_KINDS
from evaluation.boxes.centre_pairs import CentrePairs, centre_pairs
from evaluation.rows import detection_rows, lesion_rows, view_rows
from formats.coco import CocoDataset
from formats.errors import InputError
from formats.geometry.box_conventions import BoxConvention
from pipeline.class_naming import ClassNamingDetector
from pipeline.fitting.all_boxes import predict_all, predict_with_class_naming, predict_with_pair
from pipeline.two_stage import TwoStage
from training.saving.checkpoint import load_checkpoint, save_checkpoint

# Sizes that differ more than by this, as logarithm, from what the others say count less and less.
OUTLIER_SCALE = 0.2
LARGEST_FACTOR = 10.0


@dataclass(frozen=True, kw_only=True)
class FittedConvention:
    """A convention, and what it was read off."""

    convention: BoxConvention
    pairs: int
    """Lesions with a box whose middle is theirs."""
    patients: int


def fit_box_convention(pairs: CentrePairs) -> BoxConvention:
    """Find how found boxes have to grow or shrink to be drawn as the lesions' are.

    Sizes are compared by their logarithm, every patient weighs the same, and lesions that are drawn
    unlike the others count less (soft L1). One more patient's weight speaks for no offset and for
    width and height alike, so that a few lesions cannot say more than they know. Factors and
    offsets are not negative: no box vanishes.

    Raises:
        InputError: there is no pair.
    """
    if not len(pairs.patient):
        raise InputError(
            "no found box has its middle in a lesion's box or the other way round, so there is "
            "nothing to fit; use a detector that finds lesions on these films"
        )
    found, drawn = (
        size / pairs.film_size_px for size in (pairs.found_size_px, pairs.drawn_size_px)
    )
    typical = np.median(found, axis=0)
    weight = np.sqrt(1 / np.bincount(pairs.patient)[pairs.patient])[:, None]

    def residuals(parameters: np.ndarray) -> np.ndarray:
        factors, offsets = parameters[:2], parameters[2:]
        misfit = weight * np.log((factors * found + offsets * typical) / drawn)
        unlikeness = np.log(factors[0] / factors[1])
        return np.concatenate([misfit.ravel(), offsets, [unlikeness]])

    lowest = [1 / LARGEST_FACTOR] * 2 + [0.0] * 2
    fit = least_squares(
        residuals,
        x0=[1.0, 1.0, 0.01, 0.01],
        bounds=(lowest, LARGEST_FACTOR),
        loss="soft_l1",
        f_scale=OUTLIER_SCALE,
    )
    (width_factor, height_factor), offsets = fit.x[:2], np.round(fit.x[2:] * typical, 6)
    return BoxConvention(
        width_factor=float(width_factor),
        width_offset=float(offsets[0]),
        height_factor=float(height_factor),
        height_offset=float(offsets[1]),
    )


def fit_boxes_of_checkpoint(
    name: str,
    detector_path: Path,
    classifier_path: Path | None,
    dataset: CocoDataset,
    image_root: Path,
    output_dir: Path,
    device: torch.device,
) -> FittedConvention:
    """Write `detector.safetensors` with one more convention to `output_dir`.

    Nothing else in the checkpoint changes: not its operating points, not what it finds. The
    classifier, which decides what the surest box of a lesion is, is needed unless the detector
    names classes itself.

    Raises:
        InputError: a checkpoint, an image or the data set is not usable.
    """
    checkpoint = load_checkpoint(detector_path, *DETECTOR_KINDS)
    if classifier_path is None:
        predict = predict_with_class_naming(ClassNamingDetector(detector_path, device))
    else:
        predict = predict_with_pair(TwoStage(detector_path, classifier_path, device))
    detections = detection_rows(predict_all(predict, dataset, image_root))
    pairs = centre_pairs(view_rows(dataset), lesion_rows(dataset), detections)
    convention = fit_box_convention(pairs)
    conventions = {**checkpoint.box_conventions, name: asdict(convention)}
    save_checkpoint(
        replace(checkpoint, box_conventions=conventions), output_dir / "detector.safetensors"
    )
    return FittedConvention(
        convention=convention,
        pairs=len(pairs.patient),
        patients=len(np.unique(pairs.patient)),
    )
