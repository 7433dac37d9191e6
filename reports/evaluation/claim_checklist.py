"""CLAIM 2024 by item: where an evaluation report answers it, and what its user has to add.

The items are those of the Checklist for Artificial Intelligence in Medical Imaging, 2024 update
(Tejani et al., Radiology: Artificial Intelligence 2024, doi:10.1148/ryai.240300), in our words.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ChecklistItem:
    """One thing that a study has to say."""

    number: int
    asks: str
    answered_in: tuple[str, ...] = ()
    """Of `SECTIONS`."""
    to_add: str = ""
    """Empty where the report says all of it."""


SECTIONS = {
    "first-points": "First screen",
    "data": "Data",
    "headlines": "Headlines",
    "audit": "Audit",
    "coco": "COCO",
    "froc": "FROC",
    "lesions": "Lesions named",
    "classification": "Views, breasts, patients",
    "errors": "Worst errors",
    "models": "Models",
    "definitions": "Definitions",
}
"""The report's sections by their ids on the page."""
ITEMS = (
    ChecklistItem(number=1, asks="Title: AI is used, and of which kind", to_add="your title"),
    ChecklistItem(
        number=2,
        asks="Abstract: design, methods, results, conclusions",
        answered_in=("first-points", "headlines"),
        to_add="your abstract; take its figures with their intervals",
    ),
    ChecklistItem(
        number=3, asks="Background, and what the method is to be used for", to_add="all of it"
    ),
    ChecklistItem(number=4, asks="Aims and hypotheses", to_add="all of it"),
    ChecklistItem(
        number=5,
        asks="Prospective or retrospective",
        to_add="retrospective, if the films were there before the study",
    ),
    ChecklistItem(number=6, asks="Goal of the study", to_add="all of it"),
    ChecklistItem(
        number=7,
        asks="Sources of the data",
        answered_in=("data",),
        to_add="name, version and licence of the data set; where and when the films were made",
    ),
    ChecklistItem(
        number=8,
        asks="Who was included and excluded",
        to_add="views that the conversion left out, from its quality_report.json",
    ),
    ChecklistItem(
        number=9,
        asks="Preprocessing",
        to_add="grey-level window and input size, from each checkpoint's configuration",
    ),
    ChecklistItem(
        number=10, asks="Selection of parts of the data", to_add="options of the conversion"
    ),
    ChecklistItem(number=11, asks="De-identification", to_add="all of it"),
    ChecklistItem(
        number=12,
        asks="Missing data",
        answered_in=("first-points", "definitions"),
        to_add="films that could not be read, from the log of mammo predict",
    ),
    ChecklistItem(
        number=13, asks="How images were acquired", to_add="scanner or detector, views, spacing"
    ),
    ChecklistItem(
        number=14,
        asks="How the reference standard was obtained",
        answered_in=("data",),
        to_add="who drew the outlines, and what proved benign and cancer",
    ),
    ChecklistItem(number=15, asks="Why that reference standard", to_add="all of it"),
    ChecklistItem(number=16, asks="Who annotated, and with what training", to_add="all of it"),
    ChecklistItem(
        number=17, asks="How the test set was annotated", to_add="all of it, if it differs"
    ),
    ChecklistItem(
        number=18,
        asks="Agreement within and between annotators",
        answered_in=("froc",),
        to_add="none is measured; sensitivity by box centre says how much hangs on the drawing",
    ),
    ChecklistItem(
        number=19,
        asks="How data were assigned to parts",
        to_add="seed and ratios, from the conversion's quality_report.json",
    ),
    ChecklistItem(
        number=20,
        asks="Level at which the parts are disjoint",
        answered_in=("audit",),
        to_add="the other parts, if the audit was not given them",
    ),
    ChecklistItem(
        number=21,
        asks="Size of the test set, and why it is enough",
        answered_in=("data", "headlines"),
        to_add="what was intended; the intervals say what it was enough for",
    ),
    ChecklistItem(
        number=22,
        asks="The model in detail",
        answered_in=("models",),
        to_add="the configuration in each checkpoint",
    ),
    ChecklistItem(
        number=23, asks="Software and its versions", to_add="versions of this package and of torch"
    ),
    ChecklistItem(
        number=24,
        asks="How parameters were initialised",
        to_add="model.weights in each checkpoint's configuration",
    ),
    ChecklistItem(
        number=25,
        asks="How the model was trained",
        to_add="augmentation, schedule and epochs, from each checkpoint's configuration",
    ),
    ChecklistItem(
        number=26,
        asks="How the final model was chosen",
        to_add="that the validation part chose it, and how often the test part was looked at",
    ),
    ChecklistItem(
        number=27, asks="Ensembles", to_add="networks that are merged, and looks at each film"
    ),
    ChecklistItem(
        number=28,
        asks="Metrics",
        answered_in=("headlines", "definitions"),
        to_add="which one was primary, named before looking",
    ),
    ChecklistItem(
        number=29,
        asks="Significance and uncertainty",
        answered_in=("headlines", "definitions"),
    ),
    ChecklistItem(
        number=30,
        asks="Robustness",
        answered_in=("froc", "audit"),
        to_add="other seeds, scanners and populations",
    ),
    ChecklistItem(
        number=31,
        asks="Explanation of what the model does",
        answered_in=("errors",),
        to_add="boxes say where, not why",
    ),
    ChecklistItem(
        number=32,
        asks="Evaluation on internal data",
        answered_in=("headlines",),
        to_add="whether these films are of the source that was trained on",
    ),
    ChecklistItem(
        number=33,
        asks="Evaluation on external data",
        to_add="a report like this one on films of another source",
    ),
    ChecklistItem(number=34, asks="Registration of a clinical trial", to_add="its number, if any"),
    ChecklistItem(
        number=35,
        asks="Patients included and excluded, as numbers",
        answered_in=("data",),
        to_add="the excluded, from the conversion's quality_report.json",
    ),
    ChecklistItem(
        number=36,
        asks="Who the patients of each part are",
        answered_in=("data",),
        to_add="the other parts; density, ethnicity and symptoms where known",
    ),
    ChecklistItem(
        number=37,
        asks="Performance on each part of the data",
        answered_in=("headlines", "coco", "froc", "lesions", "classification"),
        to_add="reports of the training and validation parts",
    ),
    ChecklistItem(
        number=38,
        asks="Diagnostic performance and its precision",
        answered_in=("classification", "lesions"),
        to_add="how readers do on the same films",
    ),
    ChecklistItem(
        number=39,
        asks="Analysis of failures",
        answered_in=("errors", "froc", "audit"),
        to_add="what the worst errors have in common",
    ),
    ChecklistItem(
        number=40,
        asks="Limitations",
        answered_in=("first-points", "audit"),
        to_add="what your use differs in",
    ),
    ChecklistItem(
        number=41,
        asks="What follows for practice",
        to_add="nothing clinical: this is research software",
    ),
    ChecklistItem(number=42, asks="Protocol, or further details", to_add="where they are"),
    ChecklistItem(
        number=43,
        asks="Availability of software, model and data",
        answered_in=("models",),
        to_add="where checkpoints with these SHA-256 can be had",
    ),
    ChecklistItem(number=44, asks="Funding", to_add="all of it"),
)
