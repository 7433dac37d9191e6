"""What a guess from the site alone would score: the bar below which nothing was learnt."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

from formats.site_letter import site_and_number


class Guessed(NamedTuple):
    """A view's label and where it comes from."""

    case_id: str
    label: str


class SiteScores(NamedTuple):
    """Shares of views that the best guess gets right."""

    three_classes_by_letter: float
    three_classes_by_letter_and_number: float
    normal_or_tumour_by_letter: float
    normal_or_tumour_by_letter_and_number: float


def site_scores(views: Sequence[Guessed]) -> SiteScores:
    """Guess every view's label from its site letter, and from letter and case number.

    The guess is the commonest label of the letter, or of the letter and a run of 200 case numbers.
    It has seen the labels that it is scored on, so it is an upper bound on what a network could
    gain by telling the scanners and the tapes apart.
    """
    cases = [site_and_number(view.case_id) for view in views]
    letters = [case.site_letter for case in cases]
    runs = [(case.site_letter, case.run) for case in cases]
    labels = [view.label for view in views]
    is_normal = [label == "Normal" for label in labels]
    return SiteScores(
        majority_score(letters, labels),
        majority_score(runs, labels),
        majority_score(letters, is_normal),
        majority_score(runs, is_normal),
    )


def majority_score(groups: Iterable[Hashable], labels: Iterable[Hashable]) -> float:
    """Return the share that guessing each group's commonest label gets right; 0 of nothing."""
    counts: dict[Hashable, Counter[Hashable]] = defaultdict(Counter)
    for group, label in zip(groups, labels, strict=True):
        counts[group][label] += 1
    total = sum(count.total() for count in counts.values())
    return sum(max(count.values()) for count in counts.values()) / total if total else 0.0
