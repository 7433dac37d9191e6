"""Reasons to distrust the figures: shared patients and films, and what the site alone tells."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from evaluation.figure_keys import FigureKey
from evaluation.labels.binary_scores import area_of_counts
from evaluation.labels.classification import CANCER, NORMAL, Units
from formats.coco import COCO_AS_IT_IS, CocoDataset, CocoImage, CocoOptions, read_coco
from formats.film_reading.paths import film_path
from formats.film_reading.reader import read_grey
from formats.labels import LABELS
from formats.leaks import Shared, shared_by_name
from formats.progress import with_progress
from formats.site_letter import SiteAndNumber, site_and_number

SITE = "site_letter"
SITE_AND_NUMBER = "site_letter_and_case_number"
SHUFFLES = 500
SHUFFLE_TAIL = 0.99
SHUFFLED_KEYS: tuple[FigureKey, ...] = (("accuracy",), ("auc", "tumour"), ("auc", "cancer"))
SPLIT_FILES = ("train.json", "val.json", "test.json")


@dataclass(frozen=True)
class Chance:
    """What groups of the same sizes score when the patients are shuffled among them."""

    mean: float
    high: float
    """99 % of the shuffles stay below."""


def sibling_splits(coco_path: Path) -> list[Path]:
    """Return the other parts that lie beside a COCO file: train.json, val.json, test.json."""
    beside = [coco_path.with_name(name) for name in SPLIT_FILES]
    return [path for path in beside if path.is_file() and path.resolve() != coco_path.resolve()]


def shared_with_splits(
    dataset: CocoDataset,
    split_paths: list[Path],
    image_root: Path | None,
    options: CocoOptions = COCO_AS_IT_IS,
) -> list[Shared]:
    """Compare patients, file names and, given the image root, pixels with other parts.

    Raises:
        InputError: a part is no COCO file, or an image cannot be read.
    """
    return [
        _shared(dataset, path.name, read_coco(path, options, image_root), image_root)
        for path in split_paths
    ]


def _shared(
    dataset: CocoDataset, split: str, other: CocoDataset, image_root: Path | None
) -> Shared:
    shared = shared_by_name(dataset, other, split)
    if image_root is None:
        return shared
    return replace(shared, films=_same_films(dataset.images, other.images, image_root))


def _same_films(
    ours: list[CocoImage], theirs: list[CocoImage], image_root: Path
) -> list[tuple[str, str]]:
    """Find pairs of files with the same pixels; only films of one size can have them."""

    def size(image: CocoImage) -> tuple[int, int]:
        return image["width"], image["height"]

    sizes = {size(image) for image in ours} & {size(image) for image in theirs}
    names_of: dict[str, list[str]] = defaultdict(list)
    for image in with_progress([i for i in ours if size(i) in sizes], "comparing films"):
        names_of[_pixel_hash(film_path(image_root, image["file_name"]))].append(image["file_name"])
    pairs = []
    for image in with_progress([i for i in theirs if size(i) in sizes], "comparing films"):
        for name in names_of.get(_pixel_hash(film_path(image_root, image["file_name"])), []):
            pairs.append((name, image["file_name"]))
    return pairs


def _pixel_hash(path: Path) -> str:
    return hashlib.sha256(read_grey(path).tobytes()).hexdigest()


def patient_sites(patients: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return each patient's site letter, as in `C_0029`.

    None where the names have no letter and number, or all the same letter.
    """
    cases = _sites_and_numbers(patients)
    letters = tuple(case.site_letter for case in cases or [])
    return letters if len(set(letters)) > 1 else None


def site_groups(patients: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Return the (P,) number of each patient's group by what is known of the patient.

    That is the letter, or the letter and the case number in bins of `CASES_IN_RUN`.

    Empty where the patients' names tell no site.
    """
    cases = _sites_and_numbers(patients)
    if cases is None or patient_sites(patients) is None:
        return {}
    named = {
        SITE: [case.site_letter for case in cases],
        SITE_AND_NUMBER: [f"{case.site_letter} {case.run}" for case in cases],
    }
    return {
        name: np.unique(np.array(groups), return_inverse=True)[1] for name, groups in named.items()
    }


def _sites_and_numbers(patients: tuple[str, ...]) -> list[SiteAndNumber] | None:
    try:
        return [site_and_number(name) for name in patients]
    except ValueError:
        return None


def guess_by_group(units: Units, group_of_patient: np.ndarray) -> Units:
    """Give every unit the frequencies of its group in these very units, whose truth is used.

    This is the most that anybody could score who knows the group and nothing else.
    """
    units = units.named()
    group = group_of_patient[units.patient]
    counts = np.zeros((group_of_patient.max() + 1, len(LABELS)))
    np.add.at(counts, (group, units.truth), 1)
    frequency = counts[group] / counts[group].sum(axis=1, keepdims=True)
    return replace(
        units,
        called=counts[group].argmax(axis=1),
        tumour=1 - frequency[:, NORMAL],
        cancer=frequency[:, CANCER],
    )


def shuffled_scores(
    units: Units, group_of_patient: np.ndarray, seed: int
) -> dict[FigureKey, Chance]:
    """Score the guess by group with the groups dealt to the patients at random.

    Small groups fit any labels well; this is how well. A question that all units answer alike, such
    as whether there is a tumour where there is one everywhere, has no figure and is left out.
    """
    random = np.random.default_rng(seed)
    units = units.named()
    if not len(units.truth):
        return {}
    of_patient = np.zeros((len(group_of_patient), len(LABELS)))
    np.add.at(of_patient, (units.patient, units.truth), 1)
    scores = []
    for _ in range(SHUFFLES):
        counts = np.zeros((group_of_patient.max() + 1, len(LABELS)))
        np.add.at(counts, random.permutation(group_of_patient), of_patient)
        accuracy = float(counts.max(axis=1).sum()) / float(counts.sum())
        total, cancers = counts.sum(axis=1), counts[:, CANCER]
        tumours = total - counts[:, NORMAL]
        areas = [_area_by_group(positives, total) for positives in (tumours, cancers)]
        scores.append((accuracy, *areas))
    return {
        key: Chance(float(np.mean(values)), float(np.quantile(values, SHUFFLE_TAIL)))
        for key, values in zip(SHUFFLED_KEYS, zip(*scores, strict=True), strict=True)
        if np.isfinite(values).all()
    }


def _area_by_group(positives: np.ndarray, total: np.ndarray) -> float:
    """Return the area under the ROC curve of (G,) groups ranked by their part of positives."""
    filled = total > 0
    parts, place = np.unique(positives[filled] / total[filled], return_inverse=True)
    negatives = total - positives
    at_part = [
        np.bincount(place, side[filled], len(parts))[None] for side in (positives, negatives)
    ]
    return float(area_of_counts(*at_part)[0])
