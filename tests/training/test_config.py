from pathlib import Path

import pytest

from detector.config import DetectorConfig
from formats.errors import InputError
from training.config import config_from_dict, config_to_dict, load_config, write_config


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


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.yaml"):
        load_config(DetectorConfig, tmp_path / "nowhere.yaml", [])


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


@pytest.mark.parametrize("path", sorted(Path("configs").glob("*detector*.yaml")), ids=str)
def test_detector_configs_load(path: Path) -> None:
    assert load_config(DetectorConfig, path, []).data.class_names
