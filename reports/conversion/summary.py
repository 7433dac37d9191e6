"""A conversion in a few sentences: what its user has to know before training on it."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from converters.conversion import Conversion
from converters.quality.report import MEANINGS
from converters.records import READ_FAILURES, Fate, Finding, FindingKind
from formats.labels import LABELS
from reports.first_points import Point

LEFT_OUT_REASONS = {
    FindingKind.LABEL_UNKNOWN: "whose outline could not be used",
    FindingKind.SIBLING_UNMARKED: "without an outline, of breasts outlined in the other view",
    FindingKind.OTHER_BREAST_UNMARKED: "of unmarked breasts in Benign and Cancer cases",
}
DOUBTS = {
    FindingKind.SIBLING_UNMARKED: "of breasts outlined in the other view alone, where the lesion "
    "most likely is too",
    FindingKind.OTHER_BREAST_UNMARKED: "of the unmarked breast of a patient with a lesion in the "
    "other one",
}


def conversion_points(conversion: Conversion) -> list[Point]:
    """Return the sentences that a user needs who reads no more."""
    points = [Point("What is in it", contents_sentence(conversion))]
    if conversion.views:
        points += [
            Point("What was relabelled", relabelled_sentence(conversion.report)),
            Point("What was left out", left_out_sentence(conversion.findings)),
        ]
    return [
        *points,
        Point("What is doubtful", doubt_sentence(conversion)),
        Point("How far the scanner gives the label away", scanner_sentence(conversion.report)),
    ]


def contents_sentence(conversion: Conversion) -> str:
    """Say how many views, patients and lesions there are, and how they were split."""
    report = conversion.report
    if not conversion.views:
        table = report["table"]
        return (
            f"The tables name {table['views']} views of {table['cases']} patients; no film was "
            "opened."
        )
    views, splits = report["views"], report["splits"]
    labels = ", ".join(f"{views['kept_by_label'][label]} {label}" for label in LABELS)
    parts = ", ".join(f"{part['views']} {name}" for name, part in splits.items())
    cases = sum(part["cases"] for part in splits.values())
    return (
        f"{views['kept']} views of {cases} patients ({labels}) with {report['lesions']['count']} "
        f"lesions, split by patient: {parts}."
    )


def relabelled_sentence(report: dict[str, Any]) -> str:
    """Say which views carry another label than their folder."""
    changes = [
        f"{change['count']} from {change['from']} to {change['to']} ({change['reason']})"
        for change in report["relabelled"]
    ]
    if not changes:
        return "Every view carries the label of its folder."
    count = sum(change["count"] for change in report["relabelled"])
    return f"{count} views carry another label than their folder: {'; '.join(changes)}."


def left_out_sentence(findings: Iterable[Finding]) -> str:
    """Say which views and files are missing from the COCO files."""
    said = [f for f in findings if f.fate is Fate.LEFT_OUT or f.kind in READ_FAILURES]
    counts = Counter(finding.kind for finding in said)
    if not counts:
        return "No view was left out, and every film and outline could be read."
    parts = [
        f"{count} views {LEFT_OUT_REASONS[kind]}"
        if kind in LEFT_OUT_REASONS
        else f"{_lower(MEANINGS[kind])}: {count}"
        for kind, count in counts.items()
    ]
    return _upper("; ".join(parts)) + "."


def doubt_sentence(conversion: Conversion) -> str:
    """Say which labels may be wrong."""
    # Of tables alone nothing is kept or left out: all that is doubtful counts.
    doubtful = Fate.KEPT_AS_NORMAL if conversion.views else Fate.NOT_DECIDED
    counts = Counter(f.kind for f in conversion.findings if f.fate is doubtful)
    parts = [
        f"{counts[kind]} Normal views are {why}" for kind, why in DOUBTS.items() if counts[kind]
    ]
    if conversion.views:
        sources = conversion.report["lesions"]["by_pathology_source"]
        by_case, total = sources.get("case", 0), sum(sources.values())
        if by_case:
            parts.append(
                f"{by_case} of {total} lesions are named by their case, as no OVERLAY names them"
            )
    repeated = sum(
        finding.kind in (FindingKind.FILM_REPEATED, FindingKind.FILM_LOOKS_REPEATED)
        for finding in conversion.findings
    )
    if repeated:
        parts.append(f"films that stand in the data set more than once: {repeated}")
    return _upper("; ".join(parts)) + "." if parts else "No label stands out as doubtful."


def scanner_sentence(report: dict[str, Any]) -> str:
    """Say what a guess from the case's letter gets right, beside a guess that knows nothing."""
    scores = report["site_alone_would_score"]
    of_views = scores.get("view_label", scores["case_status"])
    counts = report["views"]["kept_by_label"] if "views" in report else None
    counts = counts or report["table"]["views_by_status"]
    commonest = max(counts.values()) / max(sum(counts.values()), 1)
    letter = of_views["three_classes_by_letter"]
    with_number = of_views["three_classes_by_letter_and_number"]
    tumour = of_views["normal_or_tumour_by_letter"]
    return (
        f"The first letter of a case (its site and scanner) alone gets {_percent(letter)} of the "
        f"labels right, with the case number {_percent(with_number)}, and Normal or tumour "
        f"{_percent(tumour)}; the commonest label alone gets {_percent(commonest)}. A network that "
        "is not clearly better has not been shown to see tumours."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
