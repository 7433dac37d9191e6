"""Fitting how a breast's views are fused, and comparing it with what needs no fitting."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.special import expit

from classifier.model import KIND as CLASSIFIER_KIND
from evaluation.bootstrap import Estimate, estimate, resampled_weights
from evaluation.labels.binary_scores import area_under_curve, count_by_score
from evaluation.rows import UNNAMED, ViewRows, view_rows
from formats.coco import CocoDataset
from formats.errors import InputError
from formats.labels import LABELS
from formats.results import ImageResult
from pipeline.cases.grouping import VIEWS
from pipeline.cases.view_fusion import (
    ALL_BOXES,
    TARGETS,
    FusionMethod,
    FusionParameters,
    fitted,
    maximum,
    noisy_or,
    view_log_odds,
)
from pipeline.film_result import image_scores
from pipeline.fitting.all_boxes import predict_all, predict_with_pair
from pipeline.two_stage import TwoStage
from training.saving.checkpoint import load_checkpoint, save_checkpoint

FOLDS = 5
RESAMPLES = 2000
SEED = 0
# Fewer of either answer say nothing that would hold elsewhere.
FEWEST_OF_EACH = 10


class Breasts(NamedTuple):
    """B breasts with both views or one: what the views say, and the truth."""

    views: np.ndarray
    """(B, 2) probabilities of CC and MLO; NaN where there is no such view."""
    is_positive: np.ndarray
    """(B,) bool."""
    patient: np.ndarray
    """(B,) index of the patient."""


@dataclass(frozen=True, kw_only=True)
class FittedFusion:
    """A fusion of one target, and how it compares on patients that it was not fitted on."""

    parameters: FusionParameters
    breasts: int
    positives: int
    auc: dict[str, Estimate]
    """By `FusionMethod`."""
    log_loss: dict[str, Estimate]
    auc_gain: dict[str, Estimate]
    """The fitted one's less that of each other."""
    log_loss_gain: dict[str, Estimate]


def fit_parameters(breasts: Breasts) -> FusionParameters:
    """Fit by logistic regression.

    As one more breast's weight speaks for the higher view alone, taken as it is, few breasts say
    little. Single views learn from every view of a breast by itself.
    """
    log_odds = view_log_odds(breasts.views)
    is_pair = ~np.isnan(log_odds).any(axis=1)
    pairs, of_pair = np.sort(log_odds[is_pair], axis=1)[:, ::-1], breasts.is_positive[is_pair]
    intercept, higher, lower = _logistic(pairs, of_pair, np.array([0.0, 1.0, 0.0]))
    is_view = ~np.isnan(log_odds)
    of_view = np.broadcast_to(breasts.is_positive[:, None], log_odds.shape)[is_view]
    single = _logistic(log_odds[is_view][:, None], of_view, np.array([0.0, 1.0]))
    return FusionParameters(
        intercept=intercept,
        higher=higher,
        lower=lower,
        single_intercept=single[0],
        single_slope=single[1],
    )


def fit_fusion(breasts: Breasts, patient_count: int) -> FittedFusion | None:
    """Fit, and compare on held-out patients; None where there are too few of either answer."""
    positives = int(breasts.is_positive.sum())
    if min(positives, len(breasts.is_positive) - positives) < FEWEST_OF_EACH:
        return None
    said = {
        FusionMethod.fitted: _held_out(breasts),
        FusionMethod.noisy_or: noisy_or(breasts.views),
        FusionMethod.maximum: maximum(breasts.views),
    }
    weights = resampled_weights(patient_count, RESAMPLES, SEED)
    auc = {
        name: area_under_curve(
            count_by_score(values, breasts.is_positive, breasts.patient, patient_count), weights
        )
        for name, values in said.items()
    }
    loss = {name: _log_loss(values, breasts, weights) for name, values in said.items()}
    others = (FusionMethod.noisy_or, FusionMethod.maximum)
    return FittedFusion(
        parameters=fit_parameters(breasts),
        breasts=len(breasts.is_positive),
        positives=positives,
        auc={name: estimate(values) for name, values in auc.items()},
        log_loss={name: estimate(values) for name, values in loss.items()},
        auc_gain={name: estimate(auc[FusionMethod.fitted] - auc[name]) for name in others},
        log_loss_gain={name: estimate(loss[name] - loss[FusionMethod.fitted]) for name in others},
    )


def breasts_of(
    views: ViewRows, dataset_views: Sequence[str], images: Sequence[ImageResult], target: str
) -> Breasts:
    """Gather what views say and what is true of each breast.

    A breast with two films of one view, or that may or may not be a cancer where that is asked, is
    left out.

    Args:
        views: of the data set.
        dataset_views: which view each of them is.
        images: one result a view.
        target: `tumour` or `cancer`.
    """
    count = int(views.breast.max()) + 1
    said = np.full((count, len(VIEWS)), np.nan)
    films = np.zeros((count, len(VIEWS)), dtype=int)
    is_positive, is_known = np.zeros(count, dtype=bool), np.ones(count, dtype=bool)
    patient = np.zeros(count, dtype=int)
    for row, (breast, label) in enumerate(zip(views.breast, views.label, strict=True)):
        patient[breast] = views.patient[row]
        is_positive[breast] |= label > 0 if target == "tumour" else label == LABELS.index("Cancer")
        is_known[breast] &= target == "tumour" or label != UNNAMED
        if dataset_views[row] in VIEWS:
            column = VIEWS.index(dataset_views[row])
            scores = images[row].scores
            said[breast, column] = 1 - scores["Normal"] if target == "tumour" else scores["Cancer"]
            films[breast, column] += 1
    keep = is_known & (films.sum(axis=1) > 0) & (films.max(axis=1) <= 1)
    return Breasts(said[keep], is_positive[keep], patient[keep])


def cut_at(images: Sequence[ImageResult], score: float) -> list[ImageResult]:
    """Return what the results say that list boxes from a score on only."""
    cut = []
    for image in images:
        detections = [detection for detection in image.detections if detection.score >= score]
        scores = image_scores(detections)
        cut.append(replace(image, detections=detections, scores=scores))
    return cut


def fit_fusion_of_checkpoint(
    detector_path: Path,
    classifier_path: Path,
    dataset: CocoDataset,
    image_root: Path,
    output_dir: Path,
    device: torch.device,
) -> dict[str, dict[str, FittedFusion]]:
    """Write `classifier.safetensors` with fitted fusions to `output_dir`.

    Nothing else in the checkpoint changes. There is one for results that list all boxes, and one
    for each operating point, from which on `mammo infer` lists them.

    Returns:
        The fitted fusions by what is listed and by target; a target is missing where the data set
        has too few breasts with it or without.

    Raises:
        InputError: a checkpoint, an image or the data set is not usable.
    """
    checkpoint = load_checkpoint(classifier_path, CLASSIFIER_KIND)
    model = TwoStage(detector_path, classifier_path, device)
    points = {name: model.operating_score(name) for name in model.operating_point_names}
    images = predict_all(predict_with_pair(model), dataset, image_root)
    fusions = fit_all(dataset, images, points)
    if not any(fusions.values()):
        raise InputError(
            f"{image_root}: fewer than {FEWEST_OF_EACH} breasts with a tumour, or without, and so "
            "for cancers: too few to fit a fusion; the images need case_id, side and view"
        )
    saved = {
        name: {target: asdict(fusion.parameters) for target, fusion in targets.items()}
        for name, targets in fusions.items()
    }
    save_checkpoint(replace(checkpoint, view_fusion=saved), output_dir / "classifier.safetensors")
    return fusions


def fit_all(
    dataset: CocoDataset, images: Sequence[ImageResult], points: dict[str, float]
) -> dict[str, dict[str, FittedFusion]]:
    """Fit each target, for all boxes and for those from each operating score on."""
    views = view_rows(dataset)
    names = {image["file_name"]: str(image.get("view") or "") for image in dataset.images}
    dataset_views = [names[file_name] for file_name in views.file_names]
    listed = {ALL_BOXES: images} | {name: cut_at(images, score) for name, score in points.items()}
    fusions: dict[str, dict[str, FittedFusion]] = {}
    for name, of_name in listed.items():
        fusions[name] = {}
        for target in TARGETS:
            breasts = breasts_of(views, dataset_views, of_name, target)
            fusion = fit_fusion(breasts, len(views.patients))
            if fusion is not None:
                fusions[name][target] = fusion
    return fusions


def _held_out(breasts: Breasts) -> np.ndarray:
    """Return each breast's probability by what was fitted without its fold's patients."""
    fold = np.random.default_rng(SEED).permutation(breasts.patient.max() + 1) % FOLDS
    of_breast = fold[breasts.patient]
    said = np.empty(len(breasts.patient))
    for number in range(FOLDS):
        is_out = of_breast == number
        kept = Breasts(*(column[~is_out] for column in breasts))
        said[is_out] = fitted(breasts.views[is_out], fit_parameters(kept))
    return said


def _log_loss(probability: np.ndarray, breasts: Breasts, weights: np.ndarray) -> np.ndarray:
    """Return the (R,) mean log loss under (R, P) patient weights."""
    log_odds = view_log_odds(probability)
    loss = np.logaddexp(0, np.where(breasts.is_positive, -log_odds, log_odds))
    of_breast = weights[:, breasts.patient]
    return (of_breast * loss).sum(axis=1) / of_breast.sum(axis=1)


def _logistic(inputs: np.ndarray, is_positive: np.ndarray, expected: np.ndarray) -> list[float]:
    """Return intercept and weights that explain the answers, drawn to what is expected."""
    design = np.column_stack([np.ones(len(inputs)), inputs])

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        log_odds, off = design @ parameters, parameters - expected
        value = np.logaddexp(0, np.where(is_positive, -log_odds, log_odds)).sum() + (off @ off) / 2
        return float(value), design.T @ (expit(log_odds) - is_positive) + off

    found = minimize(loss, expected, jac=True, method="L-BFGS-B").x
    return [float(value) for value in np.round(found, 6)]
