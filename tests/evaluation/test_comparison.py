from pathlib import Path

import pytest
from made_rows import make_dataset, make_results

from evaluation.audit import SITE
from evaluation.comparison import Comparison, compare
from evaluation.method_figures import HEADLINES
from formats.coco import write_coco
from formats.errors import InputError
from formats.results import write_results

# Site A is all normal, site B all cancer: the letter tells everything.
TOLD = [(f"A_{n}", "LEFT", "Normal") for n in range(6)] + [
    (f"B_{n}", "LEFT", "Cancer") for n in range(6)
]
UNTOLD = [
    (f"{letter}_{n}", "LEFT", label)
    for letter in "AB"
    for n, label in enumerate(["Normal", "Cancer"] * 3)
]


def compared(folder: Path, cases: list[tuple[str, str, str]]) -> Comparison:
    dataset = make_dataset(cases)
    write_coco(dataset, folder / "test.json")
    write_coco(make_dataset([cases[0]]), folder / "train.json")
    paths = []
    for seed, method in enumerate(("single", "two_stage")):
        paths.append(folder / f"{method}.json")
        write_results(make_results(dataset, method, seed), paths[-1])
    return compare(folder / "test.json", paths, None, None, resamples=60, seed=0, allow_leak=True)


def test_shared_patients_stop_it_unless_allowed(tmp_path: Path) -> None:
    compared(tmp_path, UNTOLD)
    paths = [tmp_path / "single.json"]
    with pytest.raises(
        InputError, match=r"test\.json: shares 1 patients \(A_0\).* with train\.json.*--allow-leak"
    ):
        compare(tmp_path / "test.json", paths, None, None, resamples=5, seed=0)
    compare(tmp_path / "test.json", paths, [], None, resamples=5, seed=0)


def test_methods_stand_side_by_side(tmp_path: Path) -> None:
    comparison = compared(tmp_path, UNTOLD)

    assert list(comparison.said) == ["single", "two_stage"]
    assert list(comparison.differences) == [("single", "two_stage")]
    key = HEADLINES["macro_f1_by_view"]
    first, second = (comparison.said[name][key].value for name in ("single", "two_stage"))
    assert comparison.differences["single", "two_stage"][key].value == first - second


def test_the_audit_catches_a_site_that_tells(tmp_path: Path) -> None:
    guess = compared(tmp_path, TOLD).audit.site_guesses[SITE]["patient"]

    assert guess.numbers["auc", "tumour"].value == 1
    assert guess.tells


def test_the_audit_does_not_cry_wolf(tmp_path: Path) -> None:
    audit = compared(tmp_path, UNTOLD).audit

    assert not any(guess.tells for guess in audit.site_guesses[SITE].values())


def test_a_shared_patient_is_found_beside(tmp_path: Path) -> None:
    assert compared(tmp_path, UNTOLD).audit.shared[0].patients == ["A_0"]


def test_figures_within_a_site_are_those_of_its_patients_alone(tmp_path: Path) -> None:
    whole = compared(tmp_path, UNTOLD).audit
    (tmp_path / "b").mkdir()
    dataset = make_dataset([case for case in UNTOLD if case[0].startswith("B")])
    write_coco(dataset, tmp_path / "b" / "test.json")
    of_b = compare(
        tmp_path / "b" / "test.json", [tmp_path / "two_stage.json"], [], None, resamples=5, seed=0
    )

    assert whole.patients_at_site == {"A": 6, "B": 6}
    for headline, key in HEADLINES.items():
        expected = of_b.said["two_stage"][key].value
        assert whole.within_site["B"]["two_stage"][headline].value == pytest.approx(expected)
