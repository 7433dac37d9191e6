"""What was found on films, as lines for people and as a table."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from formats.case_results import BreastResult, CaseResult
from formats.results import Detection, ImageResult, Results

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
CSV_COLUMNS = (
    "file_name",
    "label",
    "probability",
    "score",
    "x_min_px",
    "y_min_px",
    "x_max_px",
    "y_max_px",
    "width_mm",
    "height_mm",
    "spacing_source",
    "sop_instance_uid",
    "study_label",
    "case_id",
    "side",
    "view",
    "breast_label",
    "breast_cancer_probability",
    "case_label",
    "case_cancer_probability",
)
BOX_COLUMNS = CSV_COLUMNS[2:11]


def describe(result: ImageResult) -> str:
    """Return one readable line for each box, or one that says Normal."""
    if not result.detections:
        return f"{_on_one_line(result.file_name)}: Normal (no box above the operating point)"
    lines = []
    for detection in result.detections:
        x1, y1, x2, y2 = (round(value) for value in detection.bbox_xyxy)
        lines.append(
            f"{_on_one_line(result.file_name)}: {detection.label} "
            f"probability {detection.label_scores[detection.label]:.2f} "
            f"score {detection.score:.2f} "
            f"box {x1},{y1},{x2},{y2} px{_describe_size(result, detection)}"
        )
    return "\n".join(lines)


def _on_one_line(name: str) -> str:
    """Write line breaks and other control characters of a name as escapes: a line is a result."""
    return CONTROL_CHARACTERS.sub(lambda found: found[0].encode("unicode_escape").decode(), name)


def _describe_size(result: ImageResult, detection: Detection) -> str:
    if detection.size_mm is None:
        return ""
    width_mm, height_mm = detection.size_mm
    return f", {width_mm:.1f} x {height_mm:.1f} mm by {result.spacing_source}"


def describe_cases(results: Results) -> Iterator[str]:
    """Yield a readable line for each case, and one for each of its breasts."""
    cases = {case.case_id: case for case in results.cases or []}
    for case_id, breasts in groupby(results.breasts or [], key=attrgetter("case_id")):
        name = _on_one_line(case_id)
        if case := cases.get(case_id):
            sides = " and ".join(side.lower() for side in case.sides)
            yield f"case {name}, {sides}: {_describe_fused(case)}"
        for breast in breasts:
            views = " and ".join(breast.views)
            yield (
                f"breast {name} {breast.side.lower()}, {views}: {_describe_fused(breast)}"
                f"{_describe_pairs(breast)}"
            )


def _describe_fused(fused: BreastResult | CaseResult) -> str:
    tumour, cancer = 1 - fused.scores["Normal"], fused.scores["Cancer"]
    return f"{fused.label}, probability of a tumour {tumour:.2f}, of cancer {cancer:.2f}"


def _describe_pairs(breast: BreastResult) -> str:
    """Name boxes by their place among the film's lines, from 1."""
    pairs = [f"box {pair.cc + 1} of CC and {pair.mlo + 1} of MLO" for pair in breast.same_lesion]
    return f"; likely one lesion: {', '.join(pairs)}" if pairs else ""


def results_to_csv(results: Results) -> str:
    """Return a table with a row for each box, and one that says Normal where there is none.

    What is said of the breast and the case stands in each row of their films.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    breasts = {(breast.case_id, breast.side): breast for breast in results.breasts or []}
    cases = {case.case_id: case for case in results.cases or []}
    for result in results.images:
        origin = [
            result.sop_instance_uid or "",
            _as_text(result.study_label or ""),
            _as_text(result.case_id or ""),
            result.side or "",
            _as_text(result.view or ""),
            *_fused_cells(breasts.get((result.case_id or "", result.side or ""))),
            *_fused_cells(cases.get(result.case_id or "")),
        ]
        for detection in result.detections:
            probability = detection.label_scores[detection.label]
            numbers = (probability, detection.score, *detection.bbox_xyxy)
            writer.writerow(
                [
                    _as_path(result.file_name),
                    detection.label,
                    *(f"{number:.4f}" for number in numbers),
                    *(detection.size_mm or ("", "")),
                    result.spacing_source or "",
                    *origin,
                ]
            )
        if not result.detections:
            row = [_as_path(result.file_name), "Normal"]
            writer.writerow([*row, *[""] * len(BOX_COLUMNS), *origin])
    return stream.getvalue()


def _fused_cells(fused: BreastResult | CaseResult | None) -> list[str]:
    return ["", ""] if fused is None else [fused.label, f"{fused.scores['Cancer']:.4f}"]


def _as_path(file_name: str) -> str:
    """Write a name that spreadsheets would run as a formula so that it still finds the file."""
    return f"./{file_name}" if file_name.startswith(FORMULA_SIGNS) else file_name


def _as_text(words: str) -> str:
    """Quote words that spreadsheets would run as a formula."""
    return f"'{words}" if words.startswith(FORMULA_SIGNS) else words
