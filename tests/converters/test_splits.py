from collections import Counter

import pytest
from views import make_lesion, make_view

from converters.splits import Patient, deal_views, patients_of, split_patients
from formats.errors import InputError

RATIOS = (0.7, 0.15, 0.15)


def population(size: int) -> list[Patient]:
    labels = ("Normal", "Benign", "Cancer")
    return [
        Patient(f"{'ABCD'[i % 4]}_{i:04d}", labels[i // 4 % 3], "ABCD"[i % 4]) for i in range(size)
    ]


def part_counts(part_of: dict[str, str]) -> tuple[int, int, int]:
    counts = Counter(part_of.values())
    return counts["train"], counts["val"], counts["test"]


def test_every_stratum_is_divided_in_proportion() -> None:
    patients = population(1200)

    part_of = split_patients(patients, [], RATIOS, seed=1)

    assert part_counts(part_of) == (840, 180, 180)
    strata = {(p.label, p.site) for p in patients}
    assert len(strata) == 12
    for stratum in strata:
        inside = {p.case_id: part_of[p.case_id] for p in patients if p[1:] == stratum}
        # Of 100 patients 70, 15 and 15, to within one or two.
        assert part_counts(inside) == pytest.approx((70, 15, 15), abs=2)


def test_seed_decides() -> None:
    patients = population(60)

    first = split_patients(patients, [], RATIOS, seed=1)

    assert first == split_patients(patients, [], RATIOS, seed=1)
    assert first != split_patients(patients, [], RATIOS, seed=2)


@pytest.mark.parametrize(
    ("size", "expected"),
    [(1, (1, 0, 0)), (2, (2, 0, 0)), (3, (2, 1, 0)), (5, (3, 1, 1)), (7, (5, 1, 1)),
     (13, (9, 2, 2)), (20, (14, 3, 3))],
)  # fmt: skip
def test_few_patients_do_not_crash(size: int, expected: tuple[int, int, int]) -> None:
    assert part_counts(split_patients(population(size), [], RATIOS, seed=0)) == expected


def test_part_of_share_zero_stays_empty() -> None:
    part_of = split_patients(population(50), [], (0.8, 0.2, 0.0), seed=0)

    assert part_counts(part_of) == (40, 10, 0)


@pytest.mark.parametrize("seed", range(5))
def test_linked_patients_stay_together(seed: int) -> None:
    patients = population(40)
    links = [{"A_0000", "B_0001"}, {"B_0001", "D_0003"}, {"C_0002", "C_0010"}, {"A_0004", "gone"}]

    part_of = split_patients(patients, links, RATIOS, seed)

    assert len(part_of) == 40
    # Also through a third one.
    assert part_of["A_0000"] == part_of["B_0001"] == part_of["D_0003"]
    assert part_of["C_0002"] == part_of["C_0010"]


@pytest.mark.parametrize(
    ("ratios", "said"),
    [
        ((0.7, 0.2, 0.2), "0.7 0.2 0.2"),
        ((0.7, 0.15, 0.150002), "0.7 0.15 0.150002"),
        ((0.0, 0.5, 0.5), "0.0 0.5 0.5"),
        ((1.2, -0.1, -0.1), "1.2 -0.1 -0.1"),
        ((float("nan"), 0, 1), "nan 0 1"),
        ((1, 0), "1 0"),
    ],
)
def test_bad_shares_are_refused(ratios: tuple[float, ...], said: str) -> None:
    with pytest.raises(InputError) as error:
        split_patients(population(9), [], ratios, seed=0)
    assert str(error.value) == (
        f"split {said}: give three shares for train, val and test that sum to 1, the first above "
        "0, such as 0.7 0.15 0.15"
    )


def test_shares_may_be_rounded() -> None:
    part_of = split_patients(population(30), [], (0.3333333, 0.3333333, 0.3333333), seed=0)

    assert part_counts(part_of) == (10, 10, 10)


def test_negative_seed_is_refused() -> None:
    with pytest.raises(InputError) as error:
        split_patients(population(9), [], RATIOS, seed=-1)
    assert str(error.value) == "seed -1 is negative; give one from 0 on"


def test_patients_take_the_worst_of_their_views() -> None:
    views = [
        make_view("C_0029", "Cancer", lesions=[make_lesion("Benign")]),
        make_view("C_0029", "Cancer", side="RIGHT", lesions=[make_lesion("Cancer")]),
        make_view("A_0029", "Cancer", lesions=[make_lesion("Benign")]),
        make_view("A_0030", "Benign"),
    ]

    assert patients_of(views) == [
        Patient("A_0029", "Benign", "A"),
        Patient("A_0030", "Normal", "A"),
        Patient("C_0029", "Cancer", "C"),
    ]


def test_shared_content_in_two_parts_is_an_alarm() -> None:
    views = [make_view("A_0001", "Normal", content_id="7"),
             make_view("A_0002", "Normal", content_id="7")]  # fmt: skip

    parts = deal_views(views, {"A_0001": "val", "A_0002": "val"})
    assert parts == {"train": [], "val": views, "test": []}
    with pytest.raises(AssertionError, match="train and val share 7"):
        deal_views(views, {"A_0001": "train", "A_0002": "val"})
