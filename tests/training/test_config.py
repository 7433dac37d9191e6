from pathlib import Path

import pytest

from detector.config import DetectorConfig
from formats.errors import InputError
from training.config import (
    config_from_dict,
    config_to_dict,
    load_config,
    missing_settings,
    write_config,
)


@pytest.fixture
def yaml_file(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text("optimisation:\n  epochs: 3\n")
    return path


def test_overrides_win_over_file_and_file_over_defaults(yaml_file: Path) -> None:
    config = load_config(DetectorConfig, yaml_file, ["optimisation.batch_size=2"])

    assert config.optimisation.epochs == 3
    assert config.optimisation.batch_size == 2
    assert config.input.side_px == DetectorConfig().input.side_px


def test_unknown_key_in_file_names_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / "typo.yaml"
    path.write_text("optimisation:\n  epoch: 3\n")

    with pytest.raises(InputError, match=r"typo\.yaml.*epoch"):
        load_config(DetectorConfig, path, [])


def test_unknown_override_is_named(yaml_file: Path) -> None:
    with pytest.raises(InputError, match="bakbone"):
        load_config(DetectorConfig, yaml_file, ["model.bakbone=resnet18"])


def test_value_of_wrong_type_is_named(yaml_file: Path) -> None:
    with pytest.raises(InputError, match="many"):
        load_config(DetectorConfig, yaml_file, ["optimisation.epochs=many"])


def test_impossible_value_is_refused(yaml_file: Path) -> None:
    with pytest.raises(InputError, match=r"optimisation\.epochs is 0"):
        load_config(DetectorConfig, yaml_file, ["optimisation.epochs=0"])


def test_a_value_that_is_no_yaml_is_told_apart(yaml_file: Path) -> None:
    with pytest.raises(InputError, match=r"override optimisation\.epochs=\[1,2: .*not YAML"):
        load_config(DetectorConfig, yaml_file, ["optimisation.epochs=[1,2"])


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.yaml"):
        load_config(DetectorConfig, tmp_path / "nowhere.yaml", [])


@pytest.mark.parametrize("text", ["~: 1", "model: {null: 1}", "? [1, 2]\n: 3"])
def test_a_name_that_is_none_is_refused_with_its_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(text)

    with pytest.raises(InputError, match=r"odd\.yaml: "):
        load_config(DetectorConfig, path, [])


def test_broken_yaml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("a: [1, 2")

    with pytest.raises(InputError, match=r"broken\.yaml: not YAML"):
        load_config(DetectorConfig, path, [])


def test_dict_and_file_round_trips(yaml_file: Path, tmp_path: Path) -> None:
    config = load_config(DetectorConfig, yaml_file, ["data.class_names=[Benign,Cancer]"])
    write_config(config, tmp_path / "copy.yaml")

    assert config_from_dict(DetectorConfig, config_to_dict(config)) == config
    assert load_config(DetectorConfig, tmp_path / "copy.yaml", []) == config


TEXTS = ["set #2", "2024_01", "0123", "12:30", "yes", "null", "[a]", "a=b: c"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_given_on_the_command_line_stays_as_written(yaml_file: Path, text: str) -> None:
    config = load_config(DetectorConfig, yaml_file, [f"data.image_root={text}"])

    assert config.data.image_root == text


@pytest.mark.parametrize("text", ["2024_01", "0123", "12:30", "yes"])
def test_a_text_in_a_file_stays_as_written(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"data: {{image_root: {text}, val_coco: {text}}}\ninput: {{side_px: 64}}\n")
    config = load_config(DetectorConfig, path, [])

    assert (config.data.image_root, config.data.val_coco) == (text, text)
    assert config.input.side_px == 64


def test_an_override_without_a_value_is_told_what_to_be(yaml_file: Path) -> None:
    with pytest.raises(InputError, match=r"override optimisation\.epochs: give key=value"):
        load_config(DetectorConfig, yaml_file, ["optimisation.epochs"])


def test_settings_that_values_do_not_give_are_named() -> None:
    values = config_to_dict(DetectorConfig())
    del values["model"]["proposals"]["kept"], values["looks"]

    assert missing_settings(DetectorConfig, values) == ["model.proposals.kept", "looks"]
