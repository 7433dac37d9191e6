"""How reports call what the code calls by keys."""

from evaluation.audit import SITE, SITE_AND_NUMBER
from evaluation.boxes.froc import (
    ALL_LESIONS,
    CANCER_RATES,
    CENTRE,
    DENSITIES,
    IOU_20,
    IOU_50,
    PER_BREAST,
    PER_VIEW,
)
from evaluation.boxes.pycocotools_numbers import CLASS_MEAN, TUMOUR
from evaluation.figure_keys import LABEL_KEYS, LESION_LABEL_KEYS, FigureKey, rate_key
from formats.labels import LABELS, LESION_LABELS
from formats.site_letter import CASES_IN_RUN


def rate_name(rate: float) -> str:
    """Write a rate of false positives a view, such as `1/8` and `2`."""
    return f"1/{round(1 / rate)}" if rate < 1 else f"{round(rate)}"


LABEL_NAMES = dict(zip(LABEL_KEYS, LABELS, strict=True))
LESION_LABEL_NAMES = dict(zip(LESION_LABEL_KEYS, LESION_LABELS, strict=True))

HEADLINES = {
    "ap50_tumour": "AP50, tumours",
    "ap_tumour": "AP, tumours",
    "ap50_class_mean": "AP50, mean of classes",
    "lesion_sensitivity_iou50_at_1_fp": "Lesion sensitivity at 1 FP a view",
    "lesion_sensitivity_centre_at_1_fp": "Lesion sensitivity at 1 FP a view, by box centre",
    "breast_sensitivity_iou50_at_1_fp": "Breast sensitivity at 1 FP a view",
    "auc_cancer_or_benign_of_found": "AUC cancer or benign, lesions found",
    "cancer_sensitivity_at_1_fp": "Cancer sensitivity at 1 FP a view",
    "auc_tumour_by_view": "AUC tumour, views",
    "auc_cancer_by_view": "AUC cancer, views",
    "auc_tumour_by_patient": "AUC tumour, patients",
    "auc_cancer_by_patient": "AUC cancer, patients",
    "accuracy_by_view": "Accuracy of three labels, views",
    "balanced_accuracy_by_view": "Balanced accuracy, views",
    "macro_f1_by_view": "Macro F1, views",
}
COCO_CLASSES = {TUMOUR: "Tumour", CLASS_MEAN: "Mean of classes", **LESION_LABEL_NAMES}
COCO_NUMBERS = {
    **{"ap": "AP", "ap50": "AP50", "ap75": "AP75"},
    **{f"ap_{size}": f"AP {size}" for size in ("small", "medium", "large")},
    **{f"ar_{boxes}": f"AR {boxes}" for boxes in (1, 10, 100)},
    **{f"ar_{size}": f"AR {size}" for size in ("small", "medium", "large")},
}
CRITERIA = {IOU_50: "IoU 0.5", IOU_20: "IoU 0.2", CENTRE: "Box centre"}
TARGETS = {PER_VIEW: "per view", PER_BREAST: "per breast"}
LESION_GROUPS = {
    ALL_LESIONS: "All",
    **LESION_LABEL_NAMES,
    "small": "Small (box below 0.5 % of view)",
    "medium": "Medium (0.5 to 1 %)",
    "large": "Large (from 1 %)",
    "mass": "Mass",
    "calcification": "Calcification",
    **{f"density_{grade}": f"Density {grade}" for grade in DENSITIES},
}
SITE_KNOWLEDGE = {
    SITE: "site letter alone",
    SITE_AND_NUMBER: f"site letter and case number in {CASES_IN_RUN}s",
}
CLASSIFICATION_FIGURES: dict[FigureKey, str] = {
    ("accuracy",): "Accuracy",
    ("balanced_accuracy",): "Balanced accuracy",
    ("macro_f1",): "Macro F1",
    ("auc", "tumour"): "AUC tumour",
    ("auc", "cancer"): "AUC cancer",
    ("average_precision", "tumour"): "Average precision, tumour",
    ("average_precision", "cancer"): "Average precision, cancer",
    ("calibration_error", "tumour"): "Calibration error, tumour",
    ("calibration_error_by_chance", "tumour"): "Calibration error by chance, tumour",
    ("calibration_error", "cancer"): "Calibration error, cancer",
    ("calibration_error_by_chance", "cancer"): "Calibration error by chance, cancer",
    **{("precision", key): f"Precision, {name}" for key, name in LABEL_NAMES.items()},
    **{("confusion_rows", key, key): f"Recall, {name}" for key, name in LABEL_NAMES.items()},
}
SITE_FIGURES: dict[FigureKey, str] = {
    ("accuracy",): "accuracy",
    ("auc", "tumour"): "AUC tumour",
    ("auc", "cancer"): "AUC cancer",
}
LESION_FIGURES: dict[FigureKey, str] = {
    ("lesions_matched",): "Lesions matched",
    ("auc_cancer_or_benign",): "AUC cancer or benign",
    **{
        ("cancer_sensitivity", unit, rate_key(rate)): (
            f"Cancer sensitivity {name} at {rate_name(rate)} FP"
        )
        for unit, name in TARGETS.items()
        for rate in CANCER_RATES
    },
}
