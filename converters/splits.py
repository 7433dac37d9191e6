"""Splitting patients into training, validation and test, alike in labels and sites."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from converters.records import View
from formats.errors import InputError
from formats.labels import SEVERITY

PART_NAMES = ("train", "val", "test")
RATIO_TOLERANCE = 1e-6


class Patient(NamedTuple):
    """What the split must know of a patient."""

    case_id: str
    label: str
    """The worst of the patient's views."""
    site: str


def patients_of(views: Iterable[View]) -> list[Patient]:
    """Return the patients behind the views, sorted by `case_id`."""
    views_of: dict[str, list[View]] = defaultdict(list)
    for view in views:
        views_of[view.row.case_id].append(view)
    return [
        Patient(
            case_id=case_id,
            label=max((view.label for view in of_patient), key=SEVERITY.index),
            site=of_patient[0].row.site,
        )
        for case_id, of_patient in sorted(views_of.items())
    ]


def split_patients(
    patients: Sequence[Patient],
    linked: Iterable[Collection[str]],
    ratios: Sequence[float],
    seed: int,
) -> dict[str, str]:
    """Deal the patients to the parts in proportion, within each label and site.

    The shuffled patients are laid out by label and site and dealt one after the other to the part
    that is furthest behind its share. Any stretch of them is then divided as asked to within a
    patient or so, and what a small stratum cannot divide its neighbours of the same label make up.

    Args:
        patients: All patients.
        linked: Groups of `case_id` that must stay together, as they share a film.
        ratios: The shares of train, val and test; they sum to 1, and train's is not zero.
        seed: Of the shuffling, not negative.

    Returns:
        The part's name by `case_id`. A part may be empty where there are too few patients.

    Raises:
        InputError: the ratios or the seed are out of range.
    """
    check_arguments(ratios, seed)
    rng = np.random.default_rng(seed)
    groups = _groups(patients, linked)
    order = rng.permutation(len(groups))
    shuffled = sorted((groups[i] for i in order), key=_stratum)
    part_of: dict[str, str] = {}
    dealt = np.zeros(len(ratios))
    for group in shuffled:
        behind = np.asarray(ratios) * (dealt.sum() + len(group)) - dealt
        part = int(behind.argmax())
        dealt[part] += len(group)
        part_of |= {patient.case_id: PART_NAMES[part] for patient in group}
    return dict(sorted(part_of.items()))


def deal_views(views: Iterable[View], part_of: Mapping[str, str]) -> dict[str, list[View]]:
    """Return each part's views, in their order.

    Raises:
        AssertionError: two parts share a patient or a file's content; they must not be written.
    """
    parts: dict[str, list[View]] = {name: [] for name in PART_NAMES}
    for view in views:
        parts[part_of[view.row.case_id]].append(view)
    _assert_disjoint({k: {v.row.case_id for v in part} for k, part in parts.items()})
    _assert_disjoint({k: {v.content_id for v in part} for k, part in parts.items()})
    return parts


def _assert_disjoint(values_of_part: Mapping[str, set[str]]) -> None:
    for (first, a), (second, b) in combinations(values_of_part.items(), 2):
        if a & b:
            raise AssertionError(f"{first} and {second} share {min(a & b)}")


def check_arguments(ratios: Sequence[float], seed: int) -> None:
    """Check a split's shares and seed.

    Raises:
        InputError: the shares or the seed are out of range.
    """
    said = " ".join(map(str, ratios))
    is_valid = len(ratios) == len(PART_NAMES) and all(
        math.isfinite(ratio) and ratio >= 0 for ratio in ratios
    )
    if not is_valid or abs(sum(ratios) - 1) > RATIO_TOLERANCE or ratios[0] == 0:
        raise InputError(
            f"split {said}: give three shares for train, val and test that sum to 1, "
            "the first above 0, such as 0.7 0.15 0.15"
        )
    if seed < 0:
        raise InputError(f"seed {seed} is negative; give one from 0 on")


def _groups(
    patients: Sequence[Patient], linked: Iterable[Collection[str]]
) -> list[tuple[Patient, ...]]:
    """Join the patients that are linked, directly or through others."""
    group_of = {patient.case_id: {patient.case_id} for patient in patients}
    for link in linked:
        present = [case_id for case_id in link if case_id in group_of]
        joined = set().union(*(group_of[case_id] for case_id in present))
        for case_id in joined:
            group_of[case_id] = joined
    by_id = {patient.case_id: patient for patient in patients}
    firsts = {min(group): group for group in group_of.values()}
    return [tuple(by_id[case_id] for case_id in sorted(firsts[key])) for key in sorted(firsts)]


def _stratum(group: Sequence[Patient]) -> tuple[int, str]:
    worst = max(SEVERITY.index(patient.label) for patient in group)
    return worst, "".join(sorted({patient.site for patient in group}))
