"""The report's tables, before they are HTML or Markdown."""

from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.audit import Chance
from evaluation.bootstrap import Estimate
from evaluation.boxes.froc import ALL_LESIONS, FROC_RATES, MEAN_OVER_RATES
from evaluation.comparison import Comparison
from evaluation.figure_keys import LABEL_KEYS, LESION_LABEL_KEYS, rate_key
from evaluation.labels.classification import UNITS
from evaluation.method_figures import HEADLINES
from formats.labels import LABELS
from reports.evaluation import wording
from reports.evaluation.wording import TARGETS, rate_name
from reports.table import Cell, ReportTable


@dataclass(frozen=True)
class ConfusionCell:
    """How many units of a true label were called so, and which part of that label's."""

    count: int
    part: Estimate


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """Rows are the truth, columns what was called, both in the order of `LABELS`."""

    method: str
    rows: list[list[ConfusionCell]]


def headline_table(comparison: Comparison) -> ReportTable:
    """Put the headlines of all methods side by side."""
    rows = [
        (wording.HEADLINES[headline], _column(comparison, key))
        for headline, key in HEADLINES.items()
    ]
    return ReportTable(caption="Headline figures", columns=["", *_names(comparison)], rows=rows)


def difference_table(comparison: Comparison) -> ReportTable | None:
    """Put the headlines' paired differences side by side; None for a single method."""
    if not comparison.differences:
        return None
    rows: list[tuple[str, list[Cell]]] = [
        (wording.HEADLINES[headline], [of_pair[key] for of_pair in comparison.differences.values()])
        for headline, key in HEADLINES.items()
    ]
    pairs = [f"{first} minus {second}" for first, second in comparison.differences]
    return ReportTable(caption="Paired differences", columns=["", *pairs], rows=rows)


def coco_tables(comparison: Comparison) -> list[ReportTable]:
    """Make one table of the twelve numbers for each class."""
    return [
        ReportTable(
            caption=class_name,
            columns=["", *_names(comparison)],
            rows=[
                (name, _column(comparison, ("coco", class_key, key)))
                for key, name in wording.COCO_NUMBERS.items()
            ],
        )
        for class_key, class_name in wording.COCO_CLASSES.items()
    ]


def froc_tables(comparison: Comparison) -> list[ReportTable]:
    """Make one table of sensitivities at all rates for each criterion, for all lesions."""
    rate_keys = [*map(rate_key, FROC_RATES), MEAN_OVER_RATES]
    tables = []
    for criterion, criterion_name in wording.CRITERIA.items():
        rows: list[tuple[str, list[Cell]]] = []
        for unit, unit_name in TARGETS.items():
            for name in _names(comparison):
                said = comparison.said[name]
                key = ("froc", criterion, unit, ALL_LESIONS)
                rows.append((f"{name}, {unit_name}", [said[*key, rate] for rate in rate_keys]))
        columns = ["False positives a view", *map(rate_name, FROC_RATES), "mean"]
        tables.append(ReportTable(caption=criterion_name, columns=columns, rows=rows))
    return tables


def froc_group_tables(comparison: Comparison) -> list[ReportTable]:
    """Make one table of sensitivities at 1 false positive a view by group, for each criterion."""
    groups = comparison.truth.groups
    return [
        ReportTable(
            caption=f"{criterion_name}, {unit_name}",
            columns=["", "Lesions", *_names(comparison)],
            rows=[
                (
                    wording.LESION_GROUPS[group],
                    [
                        str(int(mask.sum())),
                        *_column(comparison, ("froc", criterion, unit, group, rate_key(1))),
                    ],
                )
                for group, mask in groups.items()
            ],
        )
        for criterion, criterion_name in wording.CRITERIA.items()
        for unit, unit_name in TARGETS.items()
    ]


def lesion_table(comparison: Comparison) -> ReportTable:
    """Put what was named rightly side by side."""
    rows = [
        (title, _column(comparison, ("lesions", *key)))
        for key, title in wording.LESION_FIGURES.items()
    ]
    return ReportTable(
        caption="Lesions found at IoU 0.5", columns=["", *_names(comparison)], rows=rows
    )


def classification_table(comparison: Comparison, unit: str) -> ReportTable:
    """Put the figures of whole views, breasts or patients side by side."""
    rows = [
        (title, _column(comparison, ("classification", unit, *key)))
        for key, title in wording.CLASSIFICATION_FIGURES.items()
    ]
    return ReportTable(caption=f"By {unit}", columns=["", *_names(comparison)], rows=rows)


def confusions(comparison: Comparison, unit: str) -> list[Confusion]:
    """Make a confusion matrix for each method."""
    made = []
    for method in comparison.methods:
        counts = method.classification[unit].confusion.sum(axis=0)
        key = ("classification", unit, "confusion_rows")
        rows = [
            [
                ConfusionCell(int(count), comparison.said[method.name][*key, true, called])
                for called, count in zip(LABEL_KEYS, of_label, strict=True)
            ]
            for true, of_label in zip(LABEL_KEYS, counts, strict=True)
        ]
        made.append(Confusion(method=method.name, rows=rows))
    return made


def site_tables(comparison: Comparison) -> list[ReportTable]:
    """Put what the site alone scores beside the methods, for views, breasts and patients."""
    if not comparison.audit.site_guesses:
        return []
    tables = []
    for unit in UNITS:
        rows: list[tuple[str, list[Cell]]] = []
        for known, of_unit in comparison.audit.site_guesses.items():
            guess = of_unit[unit]
            name = wording.SITE_KNOWLEDGE[known]
            rows.append((name, [guess.numbers[key] for key in wording.SITE_FIGURES]))
            rows.append(
                (
                    f"{name}, patients shuffled",
                    [_chance_text(guess.chance.get(key)) for key in wording.SITE_FIGURES],
                )
            )
        for name in _names(comparison):
            said = comparison.said[name]
            cells: list[Cell] = [said["classification", unit, *key] for key in wording.SITE_FIGURES]
            rows.append((name, cells))
        tables.append(
            ReportTable(
                caption=f"By {unit}", columns=["", *wording.SITE_FIGURES.values()], rows=rows
            )
        )
    return tables


def _chance_text(chance: Chance | None) -> str:
    return f"{chance.mean:.3f} (99 % below {chance.high:.3f})" if chance else "n/a"


def within_site_tables(comparison: Comparison) -> list[ReportTable]:
    """Make one table of the headlines for each site letter."""
    audit = comparison.audit
    return [
        ReportTable(
            caption=f"Site {letter}, {audit.patients_at_site[letter]} patients",
            columns=["", *by_method],
            rows=[
                (wording.HEADLINES[headline], [said[headline] for said in by_method.values()])
                for headline in HEADLINES
            ],
        )
        for letter, by_method in audit.within_site.items()
    ]


def count_table(comparison: Comparison) -> ReportTable:
    """Count what was evaluated on."""
    truth, units = comparison.truth, comparison.methods[0].units
    rows: list[tuple[str, list[Cell]]] = []
    for unit, of_unit in units.items():
        by_label = [str(int((of_unit.truth == place).sum())) for place in range(len(LABELS))]
        rows.append((f"{unit}s", [str(len(of_unit.truth)), *by_label]))
    lesions = [truth.groups[key].sum() for key in LESION_LABEL_KEYS]
    total = truth.groups[ALL_LESIONS].sum()
    rows.append(("lesions", [str(int(total)), "", *(str(int(count)) for count in lesions)]))
    return ReportTable(caption="What was evaluated on", columns=["", "All", *LABELS], rows=rows)


def _names(comparison: Comparison) -> list[str]:
    return [method.name for method in comparison.methods]


def _column(comparison: Comparison, key: Iterable[str]) -> list[Cell]:
    return [comparison.said[name][tuple(key)] for name in _names(comparison)]
