from pathlib import Path

import pytest

from formats.coco_reading.category_words import (
    NO_LESION,
    Meaning,
    guess_of,
    meaning_of,
    read_category_map,
)
from formats.errors import InputError


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("benign_mass", "Benign mass"),
        ("malignant_calcification", "Cancer calcification"),
        ("mass (malignant)", "Cancer mass"),
        ("BenignMass", "Benign mass"),
        ("CALC-MALIGNANT", "Cancer calcification"),
        ("BENIGN_WITHOUT_CALLBACK", "Benign"),
        ("1_breast cancer", "Cancer"),
        ("Tumour", "lesion"),
        ("mass BI-RADS 5", "mass"),
        ("['Mass', 'Suspicious Calcification']", "mass and calcification"),
        ("Focal Asymmetry", "asymmetry"),
        ("no finding", "ignore"),
        ("Normal breast", "ignore"),
        ("_background_", "ignore"),
    ],
)
def test_names_are_understood_whatever_their_case_and_separators(name: str, meaning: str) -> None:
    assert str(meaning_of(name)) == meaning


@pytest.mark.parametrize(
    "name",
    ["BI-RADS 4", "BIRADS_4A", "benign (BI-RADS 2)", "non-malignant", "not cancer", "no cancer",
     "benign/malignant", "probably benign", "suspected cancer", "cancer free", "normal mass",
     "skin thickening", "non-mass enhancement", "M", "", "1", "malignant mass of dogs"],
)  # fmt: skip
def test_what_would_be_a_guess_is_not_understood(name: str) -> None:
    assert meaning_of(name) is None


def test_a_guess_is_offered_for_the_message() -> None:
    assert guess_of("malignant mass x2b") == Meaning(pathology="Cancer", lesion_type="MASS")
    assert guess_of("non-malignant") is None
    assert guess_of("probably benign mass") == Meaning(lesion_type="MASS")


def test_a_map_is_yaml_or_json_and_all_its_names_are_texts(tmp_path: Path) -> None:
    yaml_path, json_path = tmp_path / "map.yaml", tmp_path / "map.json"
    yaml_path.write_text("1: malignant mass\nno: Ignore\nB2: benign\n?x: lesion\n")
    json_path.write_text('{"1": "malignant mass", "no": "ignore", "B2": "Benign", "?x": "lesion"}')
    mapped = read_category_map(yaml_path)

    assert mapped == read_category_map(json_path)
    assert mapped["1"] == Meaning(pathology="Cancer", lesion_type="MASS")
    assert mapped["no"] == NO_LESION
    assert mapped["?x"] == Meaning()


@pytest.mark.parametrize(
    ("text", "message"),
    [("M: perhaps", "'M' is said to mean 'perhaps'"), ("- M", "no list"), ("", "no list"),
     ("M: [", "not YAML"), ("M: {a: b}", "not understood")],
)  # fmt: skip
def test_a_map_that_says_nothing_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(text)

    with pytest.raises(InputError, match=rf"map\.yaml: .*{message}"):
        read_category_map(path)
