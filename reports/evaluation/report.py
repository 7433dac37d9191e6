"""The report of a comparison: one HTML page that needs nothing else, a Markdown summary, a JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.audit import Chance
from evaluation.bootstrap import Estimate
from evaluation.boxes.box_size_ratio import SIDES, differs_noticeably
from evaluation.comparison import Audit, Comparison
from evaluation.figure_keys import FigureKey
from evaluation.labels.classification import UNITS
from evaluation.method_figures import MatchedMethod
from evaluation.rows import UNNAMED, sorted_images
from formats.coco import write_json
from formats.geometry.box_conventions import AS_FOUND
from formats.labels import LABELS
from formats.notice import NOTICE
from formats.whole_file import write_whole
from reports.evaluation import tables, wording
from reports.evaluation.claim_checklist import ITEMS, SECTIONS
from reports.evaluation.figures import (
    draw_ages,
    draw_froc,
    draw_label_counts,
    draw_precision_recall,
    draw_receiver_curve,
    draw_reliability,
)
from reports.evaluation.gallery import Gallery, draw_gallery
from reports.evaluation.summary import evaluation_points
from reports.pages import format_interval, format_number, render
from reports.style import svg_address

JSON_NAME = "report.json"
HTML_NAME = "report.html"
MARKDOWN_NAME = "summary.md"
TEMPLATES = {HTML_NAME: "evaluation.html.jinja", MARKDOWN_NAME: "evaluation.md.jinja"}
QUESTIONS = ("tumour", "cancer")


def write_report(comparison: Comparison, output_dir: Path) -> list[Path]:
    """Write the three files, each whole or not at all, and return their paths."""
    write_json(report_json(comparison), output_dir / JSON_NAME)
    context = report_context(comparison)
    for name, template in TEMPLATES.items():
        write_whole(render(template, context).encode(), output_dir / name)
    return [output_dir / name for name in (HTML_NAME, MARKDOWN_NAME, JSON_NAME)]


def report_context(comparison: Comparison) -> dict[str, Any]:
    """Return what the templates show."""
    methods, said = comparison.methods, comparison.said
    units = methods[0].units
    ages = draw_ages(sorted_images(comparison.truth.dataset), comparison.truth.views)
    return {
        "first_points": evaluation_points(comparison),
        "comparison": comparison,
        "audit": comparison.audit,
        "galleries": draw_galleries(comparison),
        "labels": LABELS,
        "site_knowledge": wording.SITE_KNOWLEDGE,
        "coco_classes": wording.COCO_CLASSES,
        "notes": [*reading_notes(comparison), *notes(comparison)],
        "counts": tables.count_table(comparison),
        "balance": svg_address(draw_label_counts(units)),
        "ages": svg_address(ages) if ages else None,
        "headlines": tables.headline_table(comparison),
        "differences": tables.difference_table(comparison),
        "coco": tables.coco_tables(comparison),
        "froc": tables.froc_tables(comparison),
        "froc_figures": {
            name: svg_address(draw_froc(methods, said, key))
            for key, name in wording.CRITERIA.items()
        },
        "froc_groups": tables.froc_group_tables(comparison),
        "lesions": tables.lesion_table(comparison),
        "units": UNITS,
        "classification": {unit: tables.classification_table(comparison, unit) for unit in UNITS},
        "confusions": {unit: tables.confusions(comparison, unit) for unit in UNITS},
        "classification_figures": {unit: _unit_figures(comparison, unit) for unit in UNITS},
        "site_tables": tables.site_tables(comparison),
        "within_site": tables.within_site_tables(comparison),
        "checklist": ITEMS,
        "checklist_sections": SECTIONS,
    }


def draw_galleries(comparison: Comparison) -> dict[str, Gallery]:
    """Show each method's worst errors, by method; nothing without images."""
    if comparison.image_root is None:
        return {}
    return {
        method.name: draw_gallery(method, comparison.truth, comparison.image_root)
        for method in comparison.methods
    }


def report_json(comparison: Comparison) -> dict[str, Any]:
    """Return every figure as nested JSON; n/a is null."""
    return {
        "notice": NOTICE,
        "coco": comparison.truth.path.name,
        "resamples_of_patients": comparison.resamples,
        "seed": comparison.seed,
        "notes": [*reading_notes(comparison), *notes(comparison)],
        "methods": {
            method.name: _method_json(method, comparison.said[method.name])
            for method in comparison.methods
        },
        "differences": [
            {"method": first, "minus": second, "figures": _nested(numbers)}
            for (first, second), numbers in comparison.differences.items()
        ],
        "audit": _audit_json(comparison.audit),
    }


def _method_json(method: MatchedMethod, said: Mapping[FigureKey, Estimate]) -> dict[str, Any]:
    return {
        "method": method.results.method,
        "models": [asdict(model) for model in method.results.models],
        "box_convention": method.results.box_convention,
        "lowest_score": method.results.lowest_score,
        **_nested(said),
        "confusion_counts": {
            unit: counts.confusion.sum(axis=0).astype(int).tolist()
            for unit, counts in method.classification.items()
        },
    }


def _audit_json(audit: Audit) -> dict[str, Any]:
    return {
        "shared_with_other_splits": [asdict(shared) for shared in audit.shared],
        "site": {
            known: {
                unit: {**_nested(guess.numbers), "patients_shuffled": _nested(guess.chance)}
                for unit, guess in of_unit.items()
            }
            for known, of_unit in audit.site_guesses.items()
        },
        "patients_at_site": audit.patients_at_site,
        "within_site": {
            letter: {
                name: {headline: asdict(estimate) for headline, estimate in said.items()}
                for name, said in by_method.items()
            }
            for letter, by_method in audit.within_site.items()
        },
    }


def reading_notes(comparison: Comparison) -> list[str]:
    """Say what reading the COCO file changed."""
    truth = comparison.truth
    return [f"Reading {truth.path.name} changed: {change}." for change in truth.dataset.changes]


def notes(comparison: Comparison) -> list[str]:
    """Say what a reader must know before believing a figure, besides what reading changed."""
    truth = comparison.truth
    said = []
    if UNNAMED in truth.lesions.label:
        unnamed = int((truth.lesions.label == UNNAMED).sum())
        said.append(
            f"{unnamed} of {len(truth.lesions.label)} lesions are of unknown pathology: figures of "
            "Benign and Cancer leave them out, figures of tumours hold."
        )
    if len(np.unique(truth.lesions.view)) == truth.views.count:
        said.append(
            "Every view has a lesion. False positives are counted on views with lesions only, "
            "and nothing here tells how many a normal view would get."
        )
    if truth.views.without_breast:
        said.append(
            f"{truth.views.without_breast} of {truth.views.count} views have no case_id or no "
            "side: each counts as a breast of its own, and without case_id as a patient of its "
            "own, which makes intervals too narrow where patients have several views."
        )
    for method in comparison.methods:
        said += cut_notes(method) + box_notes(method, comparison.said[method.name])
        if method.cut is None and not method.summaries:
            said.append(
                f"{method.name} lists {len(method.detections.view):,} boxes, for which pycocotools "
                "needs gigabytes: its lines are left out. The figures are this project's own, "
                "which equal pycocotools' to the last digits."
            )
        if not len(method.detections.view):
            said.append(f"{method.name} lists no boxes, so it finds no lesion.")
        if method.left_out:
            said.append(
                f"{method.name}: results of {method.left_out} images that are not in "
                f"{truth.path.name} are left out."
            )
    return said


def cut_notes(method: MatchedMethod) -> list[str]:
    """Say from which score on boxes are listed, where that leaves figures out."""
    if method.cut is None:
        return []
    return [
        f"{method.name} lists boxes from score {method.cut.lowest_score:.3f} on alone. AP is n/a, "
        "and so is the sensitivity at rates of false positives that those boxes do not exceed; a "
        "view without a listed box has tumour probability 0, which lowers the AUCs of views. "
        "Predict with mammo predict, which lists all boxes, to evaluate."
    ]


def box_notes(method: MatchedMethod, said: dict[FigureKey, Estimate]) -> list[str]:
    """Say how the boxes are drawn, and warn where they differ in size from the truth."""
    notes = []
    if method.results.box_convention != AS_FOUND:
        notes.append(
            f"{method.name}: boxes are drawn by the convention {method.results.box_convention}."
        )
    width, height = (said["box_size_ratio", side] for side in SIDES)
    if differs_noticeably(width) or differs_noticeably(height):
        notes.append(
            f"{method.name}: boxes that share a middle with a lesion are "
            f"{format_number(width)} ({format_interval(width)}) times as wide and "
            f"{format_number(height)} ({format_interval(height)}) times as high as the lesion's "
            "(medians). AP50 and sensitivity by IoU measure how boxes are drawn; believe the hits "
            "by box centre, and predict with a --box-convention of this data set, fitted by "
            "mammo calibrate --fit-boxes on patients that are not evaluated."
        )
    return notes


def _unit_figures(comparison: Comparison, unit: str) -> dict[str, str]:
    figures = {}
    for question in QUESTIONS:
        if len(np.unique(comparison.methods[0].units[unit].is_positive(question))) == 1:
            continue
        arguments = (comparison.methods, unit, question)
        figures[f"ROC, {question}"] = svg_address(draw_receiver_curve(*arguments))
        figures[f"Precision and recall, {question}"] = svg_address(
            draw_precision_recall(*arguments)
        )
        figures[f"Reliability, {question}"] = svg_address(
            draw_reliability(comparison.methods, comparison.said, unit, question)
        )
    return figures


def _nested(numbers: Mapping[FigureKey, Estimate | Chance]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for key, estimate in numbers.items():
        place = root
        for name in key[:-1]:
            place = place.setdefault(name, {})
        place[key[-1]] = asdict(estimate)
    return root
