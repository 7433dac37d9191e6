from pathlib import Path

import pytest

from commands.shared.shipped_files import find_shipped, shipped_files
from formats.errors import InputError

CONFIGS = Path(__file__).parents[3] / "configs"


@pytest.mark.parametrize("given", ["detector_torchvision", "detector_torchvision.yaml"])
def test_a_configuration_needs_no_path(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert find_shipped(given, ".yaml") == CONFIGS / "detector_torchvision.yaml"


def test_a_file_of_ones_own_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("detector_torchvision.yaml").write_text("")

    assert find_shipped("detector_torchvision.yaml", ".yaml") == Path("detector_torchvision.yaml")
    assert find_shipped("detector_torchvision", ".yaml").parent == CONFIGS


@pytest.mark.parametrize("given", ["detector_torchvison", "runs/detector_torchvision.yaml"])
def test_what_is_not_there_is_named_beside_what_is(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(InputError, match=f"^{given}: .*'classifier_crops', .*'whole_image_single'"):
        find_shipped(given, ".yaml")


def test_lists_of_patients_are_found_too() -> None:
    assert list(shipped_files(".txt")) == ["cbis_ddsm_validation_patients"]
