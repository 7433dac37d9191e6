"""Methods side by side on one COCO file: every figure, every difference, and the audit."""

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from evaluation.audit import (
    Chance,
    guess_by_group,
    patient_sites,
    shared_with_splits,
    shuffled_scores,
    sibling_splits,
    site_groups,
)
from evaluation.bootstrap import Estimate, estimate, replicate, resampled_weights
from evaluation.figure_keys import FigureKey
from evaluation.labels.classification import (
    UNITS,
    classification_numbers,
    count_units,
)
from evaluation.method_figures import (
    HEADLINES,
    MatchedMethod,
    Numbers,
    Truth,
    estimates,
    measure,
    paired_differences,
    read_methods,
    read_truth,
    replicate_method,
)
from formats.coco import COCO_AS_IT_IS, CocoOptions
from formats.coco_films import require_films
from formats.leaks import Shared, refuse_leak


@dataclass(frozen=True)
class SiteGuess:
    """What one unit's labels guessed from the site score."""

    numbers: dict[FigureKey, Estimate]
    chance: dict[FigureKey, Chance]

    @property
    def tells(self) -> bool:
        """Whether the site tells more about the labels than groups dealt at random do."""
        observed = {key: self.numbers[key].value for key in self.chance}
        return any(
            value is not None and value > self.chance[key].high for key, value in observed.items()
        )


@dataclass(frozen=True, kw_only=True)
class Audit:
    """Reasons to distrust the figures."""

    shared: list[Shared]
    site_guesses: dict[str, dict[str, SiteGuess]]
    """By what is known and by unit; empty where the patients' names tell no site."""
    patients_at_site: dict[str, int]
    within_site: dict[str, dict[str, dict[str, Estimate]]]
    """The headlines by site, method and key."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All that a report shows."""

    truth: Truth
    methods: list[MatchedMethod]
    said: dict[str, dict[FigureKey, Estimate]]
    """Every figure by method and key."""
    differences: dict[tuple[str, str], dict[FigureKey, Estimate]]
    """First minus second method, for every pair."""
    audit: Audit
    image_root: Path | None
    """Of the films, for those who show them; None without."""
    resamples: int
    seed: int


def compare(
    coco_path: Path,
    results_paths: list[Path],
    split_paths: list[Path] | None,
    image_root: Path | None,
    resamples: int,
    seed: int,
    options: CocoOptions = COCO_AS_IT_IS,
    *,
    allow_leak: bool = False,
) -> Comparison:
    """Evaluate results files on a COCO file.

    Args:
        coco_path: what is evaluated on.
        results_paths: one results file a method.
        split_paths: other parts of the data set; None looks for them beside the COCO file.
        image_root: of the films, for comparing films and showing them; None does without.
        resamples: of patients, for the intervals.
        seed: of the resamples.
        options: how the COCO files are read.
        allow_leak: go on where another part has patients or films of this one.

    Raises:
        InputError: a file cannot be used, or there is such a leak.
    """
    truth = read_truth(coco_path, image_root, options)
    methods = read_methods(results_paths, truth)
    if split_paths is None:
        split_paths = sibling_splits(coco_path)
    # What fails on a missing film comes before what takes long.
    if image_root:
        require_films(truth.dataset.images, image_root)
    shared = shared_with_splits(truth.dataset, split_paths, image_root, options)
    refuse_leak(shared, coco_path, allow_leak)
    weights = resampled_weights(len(truth.views.patients), resamples, seed)
    numbers = {method.name: replicate_method(method, weights) for method in methods}
    return Comparison(
        truth=truth,
        methods=methods,
        said={name: estimates(of_method) for name, of_method in numbers.items()},
        differences={
            (first, second): paired_differences(numbers[first], numbers[second])
            for first, second in combinations(numbers, 2)
        },
        audit=_audit(truth, methods, weights, shared, seed),
        image_root=image_root,
        resamples=resamples,
        seed=seed,
    )


def _audit(
    truth: Truth,
    methods: list[MatchedMethod],
    weights: np.ndarray,
    shared: list[Shared],
    seed: int,
) -> Audit:
    sites = np.array(patient_sites(truth.views.patients) or [])
    guesses = {
        known: {unit: _site_guess(methods[0], unit, group, weights, seed) for unit in UNITS}
        for known, group in site_groups(truth.views.patients).items()
    }
    letters = sorted(set(sites.tolist()))
    return Audit(
        shared=shared,
        site_guesses=guesses,
        patients_at_site={letter: int((sites == letter).sum()) for letter in letters},
        within_site={
            letter: {
                method.name: _headlines_within(method, sites == letter, weights, letter)
                for method in methods
            }
            for letter in letters
        },
    )


def _site_guess(
    method: MatchedMethod, unit: str, group: np.ndarray, weights: np.ndarray, seed: int
) -> SiteGuess:
    # The truth is the same in every method's units.
    truth = method.units[unit]
    counts = count_units(guess_by_group(truth, group), len(group))
    numbers = replicate(
        lambda part: classification_numbers(counts, part), weights, f"site, {unit}s"
    )
    return SiteGuess(
        {key: estimate(values) for key, values in numbers.items()},
        shuffled_scores(truth, group, seed),
    )


def _headlines_within(
    method: MatchedMethod, is_inside: np.ndarray, weights: np.ndarray, letter: str
) -> dict[str, Estimate]:
    """Measure with all patients of other sites left out of every resample."""

    def headlines(part: np.ndarray) -> Numbers:
        numbers = measure(method, part * is_inside)
        return {(headline,): numbers[key] for headline, key in HEADLINES.items()}

    found = replicate(headlines, weights, f"{method.name} within {letter}")
    return {headline: estimate(values) for (headline,), values in found.items()}
