from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from made_rows import make_dataset

from evaluation.audit import (
    SITE,
    SITE_AND_NUMBER,
    guess_by_group,
    patient_sites,
    shared_with_splits,
    shuffled_scores,
    sibling_splits,
    site_groups,
)
from evaluation.labels.classification import Units, classification_numbers, count_units
from formats.coco import write_coco
from formats.labels import LABELS

OURS = make_dataset([("A_1", "LEFT", "Cancer"), ("B_1", "LEFT", "Normal")])
THEIRS = make_dataset([("A_1", "RIGHT", "Benign"), ("C_9", "LEFT", "Normal")])


def units_of(patient: list[int], truth: list[int]) -> Units:
    labels, nothing = np.array(truth), np.zeros(len(truth))
    return Units(
        patient=np.array(patient), truth=labels, called=labels, tumour=nothing, cancer=nothing
    )


def test_other_parts_lie_beside(tmp_path: Path) -> None:
    for name in ("train", "val", "all"):
        write_coco(OURS, tmp_path / f"{name}.json")

    assert sibling_splits(tmp_path / "val.json") == [tmp_path / "train.json"]


def test_shared_patients_files_and_films(tmp_path: Path) -> None:
    write_coco(THEIRS, tmp_path / "train.json")
    random = np.random.default_rng(0)
    for dataset in (OURS, THEIRS):
        for image in dataset.images:
            film = random.integers(0, 255, (120, 100), dtype=np.uint8)
            cv2.imwrite(str(tmp_path / image["file_name"]), film)
    same = cv2.imread(str(tmp_path / "B_1_LEFT_CC.png"), cv2.IMREAD_GRAYSCALE)
    cv2.imwrite(str(tmp_path / "C_9_LEFT_MLO.png"), same)
    shared = shared_with_splits(OURS, [tmp_path / "train.json"], tmp_path)[0]

    assert shared.split == "train.json"
    assert shared.patients == ["A_1"]
    assert shared.files == []
    assert shared.films == [("B_1_LEFT_CC.png", "C_9_LEFT_MLO.png")]
    assert shared_with_splits(OURS, [tmp_path / "train.json"], None)[0].films is None


def test_sites_are_told_by_letters_and_numbers() -> None:
    patients = ("A_0001", "A_0250", "B_0002", "B_0003")
    groups = site_groups(patients)

    assert patient_sites(patients) == ("A", "A", "B", "B")
    assert groups[SITE].tolist() == [0, 0, 1, 1]
    assert groups[SITE_AND_NUMBER].tolist() == [0, 1, 2, 2]


@pytest.mark.parametrize("patients", [("P_00001", "P_00002"), ("A_1", "film.png"), ("12", "13")])
def test_names_that_tell_no_site(patients: tuple[str, ...]) -> None:
    assert patient_sites(patients) is None
    assert site_groups(patients) == {}


def test_guess_counted_by_hand() -> None:
    # Group 0: Normal, Normal, Cancer. Group 1: Benign.
    units = units_of([0, 0, 1, 2], [0, 0, 2, 1])
    guess = guess_by_group(units, np.array([0, 0, 1]))

    assert guess.called.tolist() == [0, 0, 0, 1]
    assert guess.tumour.tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1])
    assert guess.cancer.tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])


def test_the_shuffled_figures_are_those_of_the_guess() -> None:
    random = np.random.default_rng(0)
    patient, truth = random.integers(0, 8, 40), random.integers(0, 3, 40)
    units = units_of(patient.tolist(), truth.tolist())
    # Every deal of a single group is the same deal.
    group = np.zeros(8, dtype=np.int64)
    guess = guess_by_group(units, group)
    numbers = classification_numbers(count_units(guess, 8), np.ones((1, 8)))

    for key, chance in shuffled_scores(units, group, seed=0).items():
        assert chance.mean == pytest.approx(numbers[key][0])
        assert chance.high == pytest.approx(numbers[key][0])


def test_shuffling_shows_how_well_groups_fit_by_chance() -> None:
    # Ten patients, five normal, five cancer.
    units = units_of(list(range(10)), [0, 2] * 5)
    alone = shuffled_scores(units, np.arange(10), seed=0)["accuracy",]
    halves = shuffled_scores(units, np.arange(10) // 5, seed=0)["accuracy",]

    assert (alone.mean, alone.high) == (1.0, 1.0)
    # The larger part of five drawn from ten: 3 or 4 or 5 of them, so 0.6, 0.8 or 1.
    exact_mean = (100 * 0.6 + 25 * 0.8 + 1 * 1.0) * 2 / 252
    assert halves.mean == pytest.approx(exact_mean, abs=0.02)
    assert halves.high < 1.0


def test_a_question_that_all_units_answer_alike_has_no_shuffled_figure() -> None:
    units = units_of([0, 1, 2], [1, 2, 2])

    assert shuffled_scores(units, np.array([0, 1, 1]), seed=0).keys() == {
        ("accuracy",),
        ("auc", "cancer"),
    }


def test_site_scores_of_mini_ddsm_are_those_known(real_data_dir: Path) -> None:
    table = pd.read_csv(real_data_dir / "mini-ddsm-metadata.csv")
    case = table["fileName"].str.extract(r"([A-D]_\d+)_")[0]
    patients, patient = np.unique(case.to_numpy(dtype=str), return_inverse=True)
    units = units_of(patient, [LABELS.index(status) for status in table["Status"]])
    groups = site_groups(tuple(patients))
    right = {
        name: (guess_by_group(units, group).called == units.truth).mean()
        for name, group in groups.items()
    }

    assert right[SITE] == pytest.approx(0.507, abs=5e-4)
    assert right[SITE_AND_NUMBER] == pytest.approx(0.786, abs=5e-4)
