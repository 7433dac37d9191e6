"""An evaluation in three sentences: what was found, how sure that is, what to distrust."""

from evaluation.bootstrap import Estimate
from evaluation.boxes.box_size_ratio import SIDES, differs_noticeably
from evaluation.boxes.froc import ALL_LESIONS
from evaluation.comparison import Comparison
from evaluation.figure_keys import FigureKey
from evaluation.method_figures import HEADLINES
from reports.first_points import Point
from reports.pages import NOT_APPLICABLE

SENSITIVITY = HEADLINES["lesion_sensitivity_iou50_at_1_fp"]
TUMOUR_AREA = HEADLINES["auc_tumour_by_view"]
# With fewer patients of a kind a single one moves a figure by some percent.
FEW_PATIENTS = 50


def evaluation_points(comparison: Comparison) -> list[Point]:
    """Return the three sentences that a reader needs who reads no more."""
    key = leading_figure(comparison)
    return [
        Point("What was found", found_sentence(comparison, key)),
        Point("How sure", sureness_sentence(comparison, key)),
        Point("What to distrust", distrust_sentence(comparison)),
    ]


def leading_figure(comparison: Comparison) -> FigureKey:
    """Return the key that methods are ranked by: lesions found, or views told apart."""
    has_boxes = any(len(method.detections.view) for method in comparison.methods)
    is_measured = any(said[SENSITIVITY].value is not None for said in comparison.said.values())
    return SENSITIVITY if has_boxes and is_measured else TUMOUR_AREA


def ranked_methods(comparison: Comparison, key: FigureKey) -> list[tuple[str, Estimate]]:
    """Return the methods whose figure is known, best first."""
    known = [
        (name, said[key]) for name, said in comparison.said.items() if said[key].value is not None
    ]
    return sorted(known, key=lambda method: -(method[1].value or 0.0))


def found_sentence(comparison: Comparison, key: FigureKey) -> str:
    """Say what the methods find, best first."""
    ranked = ranked_methods(comparison, key)
    if not ranked:
        return (
            "The data define no figure: there is no lesion to find and no normal view beside one."
        )
    said = ", ".join(f"{name} {_worded(key, estimate.value)}" for name, estimate in ranked)
    if key == TUMOUR_AREA:
        return f"Views with a tumour are told from normal ones with an AUC of: {said}."
    lesions = int(comparison.truth.groups[ALL_LESIONS].sum())
    return f"Of {lesions} lesions these are found (IoU 0.5) at 1 false positive a view: {said}."


def sureness_sentence(comparison: Comparison, key: FigureKey) -> str:
    """Say how far the best figure may be off, and whether the second method differs."""
    views = comparison.truth.views
    basis = f"from {views.count} views of {len(views.patients)} patients"
    ranked = ranked_methods(comparison, key)
    if not ranked or ranked[0][1].low is None:
        return f"No interval can be given {basis}."
    name, best = ranked[0]
    low, high = _worded(key, best.low), _worded(key, best.high)
    sentence = f"{name} lies between {low} and {high} with 95 % confidence, {basis}"
    if len(ranked) < 2:
        return sentence + "."
    second = ranked[1][0]
    if is_told_apart(comparison, name, second, key):
        return f"{sentence}; it is better than {second} beyond chance."
    return f"{sentence}; {second} cannot be told from it by these data."


def _worded(key: FigureKey, value: float | None) -> str:
    if value is None:
        return NOT_APPLICABLE
    return f"{value:.2f}" if key == TUMOUR_AREA else f"{100 * value:.0f} %"


def is_told_apart(comparison: Comparison, first: str, second: str, key: FigureKey) -> bool:
    """Whether the paired difference of two methods leaves out 0."""
    differences = comparison.differences
    pair = (first, second) if (first, second) in differences else (second, first)
    difference = differences[pair][key]
    if difference.low is None or difference.high is None:
        return False
    return difference.low > 0 or difference.high < 0


def distrust_sentence(comparison: Comparison) -> str:
    """Name the reasons to doubt the figures, gravest first."""
    reasons = distrust_reasons(comparison)
    if not reasons:
        return (
            "The audit found nothing against these figures; they hold for films like these alone."
        )
    return "; ".join(reasons)[0].upper() + "; ".join(reasons)[1:] + "."


def distrust_reasons(comparison: Comparison) -> list[str]:
    """Return what the audit and the data say against the figures, gravest first."""
    audit, truth = comparison.audit, comparison.truth
    reasons = []
    patients = {patient for shared in audit.shared for patient in shared.patients}
    if patients:
        parts = ", ".join(shared.split for shared in audit.shared if shared.patients)
        reasons.append(
            f"patients that are also in {parts}, and may have been learnt: {len(patients)}"
        )
    names = {name for shared in audit.shared for name in shared.files}
    if names and not patients:
        reasons.append(f"file names that are also in another part of the data set: {len(names)}")
    films = sum(len(shared.films or ()) for shared in audit.shared)
    if films:
        reasons.append(f"films that are also in another part of the data set: {films}")
    if any(guess.tells for of_unit in audit.site_guesses.values() for guess in of_unit.values()):
        reasons.append("the site letter alone tells much of the labels; read the figures by site")
    for method in comparison.methods:
        said = comparison.said[method.name]
        if any(differs_noticeably(said["box_size_ratio", side]) for side in SIDES):
            reasons.append(f"{method.name} draws boxes of another size than the truth")
        if method.cut is not None:
            reasons.append(f"{method.name} does not list its less certain boxes")
    if truth.views.label.min() > 0:
        reasons.append("no view is normal, so nothing tells how many false alarms those would get")
    if len(truth.views.patients) < FEW_PATIENTS:
        reasons.append(f"{len(truth.views.patients)} patients are few")
    if not audit.shared:
        reasons.append("no other part of the data set was there to be compared")
    return reasons
