"""Everything that is said about a method: rows prepared once, then measured under any weights."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from evaluation.bootstrap import Estimate, estimate, replicate
from evaluation.boxes.average_precision import AreaRanking, coco_numbers, rank_for_coco
from evaluation.boxes.box_size_ratio import SizeRatios, size_ratio_numbers, size_ratios
from evaluation.boxes.centre_pairs import centre_pairs
from evaluation.boxes.froc import (
    ALL_LESIONS,
    CENTRE,
    CRITERIA,
    IOU_50,
    PER_BREAST,
    PER_VIEW,
    Froc,
    lesion_groups,
    match_by,
    rank_for_froc,
    sensitivities,
)
from evaluation.boxes.lesion_classification import (
    LesionClassification,
    lesion_numbers,
    match_for_classification,
)
from evaluation.boxes.pycocotools_numbers import (
    CLASS_MEAN,
    LESION_LABEL_INDICES,
    MOST_DETECTIONS,
    TUMOUR,
    CocoSummary,
    coco_summaries,
)
from evaluation.figure_keys import LESION_LABEL_KEYS, FigureKey
from evaluation.labels.classification import (
    ClassificationCounts,
    Units,
    classification_numbers,
    count_units,
    group_units,
)
from evaluation.labels.cut_results import Cut, blank_beyond_cut, find_cut
from evaluation.labels.fused_units import with_fused
from evaluation.means import mean_of_defined
from evaluation.rows import (
    DetectionRows,
    LesionRows,
    ViewResults,
    ViewRows,
    lesion_rows,
    results_by_view,
    view_predictions,
    view_rows,
)
from formats.coco import COCO_AS_IT_IS, CocoDataset, CocoOptions, read_coco
from formats.coco_results import results_of_list
from formats.errors import InputError
from formats.json_files.stream import read_json_without
from formats.results import Results, images_one_by_one, parse_results

Numbers = dict[FigureKey, np.ndarray]

HEADLINES: dict[str, FigureKey] = {
    "ap50_tumour": ("coco", TUMOUR, "ap50"),
    "ap_tumour": ("coco", TUMOUR, "ap"),
    "ap50_class_mean": ("coco", CLASS_MEAN, "ap50"),
    "lesion_sensitivity_iou50_at_1_fp": ("froc", IOU_50, PER_VIEW, ALL_LESIONS, "at_1_fp"),
    "lesion_sensitivity_centre_at_1_fp": ("froc", CENTRE, PER_VIEW, ALL_LESIONS, "at_1_fp"),
    "breast_sensitivity_iou50_at_1_fp": ("froc", IOU_50, PER_BREAST, ALL_LESIONS, "at_1_fp"),
    "auc_cancer_or_benign_of_found": ("lesions", "auc_cancer_or_benign"),
    "cancer_sensitivity_at_1_fp": ("lesions", "cancer_sensitivity", PER_VIEW, "at_1_fp"),
    "auc_tumour_by_view": ("classification", "view", "auc", "tumour"),
    "auc_cancer_by_view": ("classification", "view", "auc", "cancer"),
    "auc_tumour_by_patient": ("classification", "patient", "auc", "tumour"),
    "auc_cancer_by_patient": ("classification", "patient", "auc", "cancer"),
    "accuracy_by_view": ("classification", "view", "accuracy"),
    "balanced_accuracy_by_view": ("classification", "view", "balanced_accuracy"),
    "macro_f1_by_view": ("classification", "view", "macro_f1"),
}
"""The figures that a reader looks for first, by a short key of their own."""


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What the COCO file says."""

    path: Path
    dataset: CocoDataset
    views: ViewRows
    lesions: LesionRows
    groups: dict[str, np.ndarray]
    """(L,) masks of lesions, as `lesion_groups` gives them."""


@dataclass(frozen=True, kw_only=True)
class MatchedMethod:
    """A method's results as rows, matched to the truth in every way."""

    name: str
    results: Results
    """Without its images."""
    left_out: int
    """How many of those are not of the truth."""
    detections: DetectionRows
    summaries: dict[str, CocoSummary]
    """By class; empty where the results are cut, as pycocotools does not know of it, and where they
    are too many for it."""
    coco: dict[str, dict[str, AreaRanking]]
    matches: dict[str, np.ndarray]
    """(N,) lesion that each detection finds, by criterion."""
    froc: dict[str, Froc]
    lesions: LesionClassification
    units: dict[str, Units]
    classification: dict[str, ClassificationCounts]
    sizes: SizeRatios
    cut: Cut | None
    """How far the results reach; None where all boxes that matter are listed."""


def read_truth(
    path: Path, image_root: Path | None = None, options: CocoOptions = COCO_AS_IT_IS
) -> Truth:
    """Read what is evaluated on, with the sizes of its films if it does not give them.

    Raises:
        InputError: the file is no COCO file, or names nothing to evaluate on.
    """
    dataset = read_coco(path, options, image_root)
    views, lesions = view_rows(dataset), lesion_rows(dataset)
    return Truth(
        path=path,
        dataset=dataset,
        views=views,
        lesions=lesions,
        groups=lesion_groups(views, lesions),
    )


def read_methods(paths: list[Path], truth: Truth) -> list[MatchedMethod]:
    """Read results files and match them; two of one method take their files' names too.

    Plain COCO results lists are read too, each by its file's name.

    Raises:
        InputError: a file is no results file, does not cover the views, or has another's name.
    """
    read = [_read_results(path, truth) for path in paths]
    names = [results.method for results, _ in read]
    methods: list[MatchedMethod] = []
    for path, (results, said) in zip(paths, read, strict=True):
        is_alone = names.count(results.method) == 1
        name = results.method if is_alone else f"{results.method} ({path.stem})"
        if name in [method.name for method in methods]:
            raise InputError(f"{path}: a second '{name}'; rename the file to tell them apart")
        methods.append(match_method(name, results, said, truth))
    return methods


def _read_results(path: Path, truth: Truth) -> tuple[Results, ViewResults]:
    """Read a results file, or a plain COCO results list of the data set; its views come apart."""
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: no file that can be read twice; write it to one first")
    document = read_json_without(path, "images")
    if isinstance(document, list):
        results = results_of_list(path, document, truth.dataset)
        return replace(results, images=[]), results_by_view(path, results.images, truth.views)
    results = parse_results(path, document)
    return results, results_by_view(path, images_one_by_one(path), truth.views)


def match_method(name: str, results: Results, said: ViewResults, truth: Truth) -> MatchedMethod:
    """Match a method's results to the truth."""
    views, lesions, detections = truth.views, truth.lesions, said.detections
    matches = {criterion: match_by(criterion, detections, lesions) for criterion in CRITERIA}
    coco = {TUMOUR: rank_for_coco(views, lesions, detections)}
    for label, class_key in zip(LESION_LABEL_INDICES, LESION_LABEL_KEYS, strict=True):
        ranked = detections.scored_for(label)
        coco[class_key] = rank_for_coco(views, lesions.of_label(label), ranked)
    units = with_fused(group_units(views, view_predictions(said.images)), views, results)
    is_for_pycocotools = len(detections.view) <= MOST_DETECTIONS
    cut = find_cut(results.lowest_score, views, lesions, detections, matches)
    return MatchedMethod(
        name=name,
        results=results,
        left_out=said.left_out,
        detections=detections,
        summaries=coco_summaries(views, lesions, detections)
        if cut is None and is_for_pycocotools
        else {},
        coco=coco,
        matches=matches,
        froc={
            criterion: rank_for_froc(views, lesions, detections, match, truth.groups)
            for criterion, match in matches.items()
        },
        lesions=match_for_classification(views, lesions, detections),
        units=units,
        classification={
            unit: count_units(of_unit, len(views.patients)) for unit, of_unit in units.items()
        },
        sizes=size_ratios(centre_pairs(views, lesions, detections)),
        cut=cut,
    )


def measure(method: MatchedMethod, weights: np.ndarray) -> Numbers:
    """Return every (R,) figure of a method under (R, P) patient weights."""
    numbers: Numbers = {}
    by_class = {key: coco_numbers(rows, weights) for key, rows in method.coco.items()}
    by_class[CLASS_MEAN] = {
        key: mean_of_defined(
            np.stack([by_class[label][key] for label in LESION_LABEL_KEYS], axis=1)
        )
        for key in by_class[TUMOUR]
    }
    for class_key, of_class in by_class.items():
        numbers |= {("coco", class_key, key): value for key, value in of_class.items()}
    for criterion, froc in method.froc.items():
        found = sensitivities(froc, weights)
        numbers |= {("froc", criterion, *key): value for key, value in found.items()}
    of_lesions = lesion_numbers(method.lesions, weights)
    numbers |= {("lesions", *key): value for key, value in of_lesions.items()}
    for unit, counts in method.classification.items():
        said = classification_numbers(counts, weights)
        numbers |= {("classification", unit, *key): value for key, value in said.items()}
    sizes = size_ratio_numbers(method.sizes, weights)
    numbers |= {("box_size_ratio", side): value for side, value in sizes.items()}
    return blank_beyond_cut(numbers, method.cut, weights) if method.cut else numbers


def replicate_method(method: MatchedMethod, weights: np.ndarray) -> Numbers:
    """Measure a method under all weights, of which the first are all 1."""
    numbers = replicate(lambda part: measure(method, part), weights, method.name)
    # Equal to the last digits, but the value shown is pycocotools' own.
    for class_key, summary in method.summaries.items():
        for key, value in summary.numbers.items():
            numbers["coco", class_key, key][0] = np.nan if value is None else value
    return numbers


def estimates(numbers: Numbers) -> dict[FigureKey, Estimate]:
    """Turn replicates into values with intervals."""
    return {key: estimate(values) for key, values in numbers.items()}


def paired_differences(first: Numbers, second: Numbers) -> dict[FigureKey, Estimate]:
    """Return first minus second, each resample's own difference."""
    return {key: estimate(first[key] - second[key]) for key in first}
