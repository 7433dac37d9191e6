"""The report's tables, before they are HTML or Markdown."""

from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.audit import SHUFFLED_KEYS, Chance
from evaluation.average_precision import COCO_NAMES
from evaluation.bootstrap import Estimate
from evaluation.classification import UNITS, NumberKey
from evaluation.comparison import Comparison
from evaluation.froc import CRITERIA, MEAN, PER_BREAST, PER_VIEW, RATES, rate_name
from evaluation.method_figures import HEADLINES
from evaluation.pycocotools_numbers import CLASS_MEAN, TUMOUR
from formats.coco import LABELS
from formats.results import LESION_LABELS

Cell = Estimate | str

COCO_CLASSES = (TUMOUR, CLASS_MEAN, *LESION_LABELS)
CLASSIFICATION_ROWS: dict[str, NumberKey] = {
    "Accuracy": ("accuracy",),
    "Balanced accuracy": ("balanced accuracy",),
    "Macro F1": ("macro F1",),
    "AUC tumour": ("AUC", "tumour"),
    "AUC cancer": ("AUC", "cancer"),
    "Average precision, tumour": ("average precision", "tumour"),
    "Average precision, cancer": ("average precision", "cancer"),
    "Calibration error, tumour": ("calibration error", "tumour"),
    "Calibration error, cancer": ("calibration error", "cancer"),
    **{f"Precision, {name}": ("precision", name) for name in LABELS},
    **{f"Recall, {name}": ("confusion rows", name, name) for name in LABELS},
}
SHUFFLED_TITLES = {key: " ".join(key) for key in SHUFFLED_KEYS}


@dataclass(frozen=True)
class Table:
    """Rows of cells under columns; the first column names the rows."""

    caption: str
    columns: list[str]
    rows: list[tuple[str, list[Cell]]]


@dataclass(frozen=True)
class ConfusionCell:
    """How many units of a true label were called so, and which part of that label's."""

    count: int
    part: Estimate


@dataclass(frozen=True)
class Confusion:
    """Rows are the truth, columns what was called, both in the order of `LABELS`."""

    method: str
    unit: str
    rows: list[list[ConfusionCell]]


def headline_table(comparison: Comparison) -> Table:
    """Put the headlines of all methods side by side."""
    rows = [(title, _column(comparison, key)) for title, key in HEADLINES.items()]
    return Table("Headline figures", ["", *_names(comparison)], rows)


def difference_table(comparison: Comparison) -> Table | None:
    """Put the headlines' paired differences side by side; None for a single method."""
    if not comparison.differences:
        return None
    rows: list[tuple[str, list[Cell]]] = [
        (title, [differences[key] for differences in comparison.differences.values()])
        for title, key in HEADLINES.items()
    ]
    pairs = [f"{first} minus {second}" for first, second in comparison.differences]
    return Table("Paired differences", ["", *pairs], rows)


def coco_tables(comparison: Comparison) -> list[Table]:
    """Make one table of the twelve numbers for each class."""
    return [
        Table(
            class_name,
            ["", *_names(comparison)],
            [
                (name.replace("_", " "), _column(comparison, ("coco", class_name, name)))
                for name in COCO_NAMES
            ],
        )
        for class_name in COCO_CLASSES
    ]


def froc_tables(comparison: Comparison) -> list[Table]:
    """Make one table of sensitivities at all rates for each criterion, for all lesions."""
    rates = [rate_name(rate) for rate in RATES]
    tables = []
    for criterion in CRITERIA:
        rows: list[tuple[str, list[Cell]]] = []
        for unit in (PER_VIEW, PER_BREAST):
            for name in _names(comparison):
                said = comparison.said[name]
                key = ("froc", criterion, unit, "All")
                rows.append((f"{name}, {unit}", [said[*key, rate] for rate in (*rates, MEAN)]))
        tables.append(Table(criterion, ["False positives a view", *rates, MEAN], rows))
    return tables


def froc_group_tables(comparison: Comparison) -> list[Table]:
    """Make one table of sensitivities at 1 false positive a view by group, for each criterion."""
    groups = comparison.truth.groups
    return [
        Table(
            f"{criterion}, {unit}",
            ["", "Lesions", *_names(comparison)],
            [
                (
                    group,
                    [
                        str(int(mask.sum())),
                        *_column(comparison, ("froc", criterion, unit, group, "1")),
                    ],
                )
                for group, mask in groups.items()
            ],
        )
        for criterion in CRITERIA
        for unit in (PER_VIEW, PER_BREAST)
    ]


def lesion_table(comparison: Comparison) -> Table:
    """Put what was named rightly side by side."""
    names = [key[1] for key in next(iter(comparison.said.values())) if key[0] == "lesions"]
    rows = [(name[:1].upper() + name[1:], _column(comparison, ("lesions", name))) for name in names]
    return Table("Lesions found at IoU 0.5", ["", *_names(comparison)], rows)


def classification_table(comparison: Comparison, unit: str) -> Table:
    """Put the figures of whole views, breasts or patients side by side."""
    rows = [
        (title, _column(comparison, ("classification", unit, *key)))
        for title, key in CLASSIFICATION_ROWS.items()
    ]
    return Table(f"By {unit}", ["", *_names(comparison)], rows)


def confusions(comparison: Comparison, unit: str) -> list[Confusion]:
    """Make a confusion matrix for each method."""
    made = []
    for method in comparison.methods:
        counts = method.classification[unit].confusion.sum(axis=0)
        key = ("classification", unit, "confusion rows")
        rows = [
            [
                ConfusionCell(int(count), comparison.said[method.name][*key, true, called])
                for called, count in zip(LABELS, of_label, strict=True)
            ]
            for true, of_label in zip(LABELS, counts, strict=True)
        ]
        made.append(Confusion(method.name, unit, rows))
    return made


def site_tables(comparison: Comparison) -> list[Table]:
    """Put what the site alone scores beside the methods, for views, breasts and patients."""
    if not comparison.audit.site_guesses:
        return []
    tables = []
    for unit in UNITS:
        rows: list[tuple[str, list[Cell]]] = []
        for known, of_unit in comparison.audit.site_guesses.items():
            guess = of_unit[unit]
            rows.append((known, [guess.numbers[key] for key in SHUFFLED_KEYS]))
            rows.append(
                (
                    f"{known}, patients shuffled",
                    [_chance_text(guess.chance.get(key)) for key in SHUFFLED_KEYS],
                )
            )
        for name in _names(comparison):
            said = comparison.said[name]
            rows.append((name, [said["classification", unit, *key] for key in SHUFFLED_KEYS]))
        tables.append(Table(f"By {unit}", ["", *SHUFFLED_TITLES.values()], rows))
    return tables


def _chance_text(chance: Chance | None) -> str:
    return f"{chance.mean:.3f} (99 % below {chance.high:.3f})" if chance else "n/a"


def within_site_tables(comparison: Comparison) -> list[Table]:
    """Make one table of the headlines for each site letter."""
    audit = comparison.audit
    return [
        Table(
            f"Site {letter}, {audit.patients_at_site[letter]} patients",
            ["", *by_method],
            [(title, [said[title] for said in by_method.values()]) for title in HEADLINES],
        )
        for letter, by_method in audit.within_site.items()
    ]


def count_table(comparison: Comparison) -> Table:
    """Count what was evaluated on."""
    truth, units = comparison.truth, comparison.methods[0].units
    rows: list[tuple[str, list[Cell]]] = []
    for unit, of_unit in units.items():
        by_label = [str(int((of_unit.truth == place).sum())) for place in range(len(LABELS))]
        rows.append((f"{unit}s", [str(len(of_unit.truth)), *by_label]))
    lesions = [truth.groups[name].sum() for name in LESION_LABELS]
    total = truth.groups["All"].sum()
    rows.append(("lesions", [str(int(total)), "", *(str(int(count)) for count in lesions)]))
    return Table("What was evaluated on", ["", "All", *LABELS], rows)


def _names(comparison: Comparison) -> list[str]:
    return [method.name for method in comparison.methods]


def _column(comparison: Comparison, key: Iterable[str]) -> list[Cell]:
    return [comparison.said[name][tuple(key)] for name in _names(comparison)]
