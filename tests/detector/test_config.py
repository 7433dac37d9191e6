from pathlib import Path

import pytest

from detector.config import DetectorConfig, DetectorData, DetectorInput, Engine
from formats.errors import InputError
from training.config import load_config

CONFIGS = Path(__file__).parents[2] / "configs"


def test_side_must_fit_the_pyramid() -> None:
    with pytest.raises(InputError, match=r"450.*multiple of 32"):
        DetectorInput(side_px=450)


def test_other_classes_are_refused() -> None:
    with pytest.raises(InputError, match="Malign"):
        DetectorData(class_names=["Malign"])


@pytest.mark.parametrize(
    "path", sorted(CONFIGS.glob("*detector*.yaml")), ids=lambda path: path.stem
)
def test_shipped_configurations_are_known_to_the_schema(path: Path) -> None:
    config = load_config(DetectorConfig, path, [])

    assert (config.model.engine == Engine.detectron2) == (path.stem == "detector_detectron2")


def test_detectron2_is_fed_as_its_model_zoo_was() -> None:
    given = load_config(DetectorConfig, CONFIGS / "detector_detectron2.yaml", []).input

    assert [255 * mean for mean in given.mean] == pytest.approx([103.53, 116.28, 123.675])
    assert [255 * std for std in given.std] == pytest.approx([1.0, 1.0, 1.0])
