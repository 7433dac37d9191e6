"""Which classifier a configuration file is for."""

from pathlib import Path

from classifier.crops.config import CropClassifierConfig, CropTaskName
from classifier.crops.training_task import train_crop_classifier
from classifier.whole_image.config import WholeImageConfig, WholeImageTaskName
from classifier.whole_image.training_task import train_whole_image
from formats.errors import InputError
from training.config import load_config, read_yaml
from training.progress import Progress


def train_from_file(
    path: Path, overrides: list[str], run_dir: Path, device: str, resume: bool
) -> dict[Path, Progress]:
    """Train what the file's `task` names, crops where it names none.

    Returns:
        The best checkpoint of each trained network, and how its training went.

    Raises:
        InputError: the configuration, the data or the weights are not usable.
        NonFiniteLossError: training diverged.
    """
    task = read_yaml(path).get("task", CropTaskName.crops)
    if task in list(WholeImageTaskName):
        whole_image = load_config(WholeImageConfig, path, overrides)
        return train_whole_image(whole_image, run_dir, device, resume)
    if task not in list(CropTaskName):
        known = ", ".join([*CropTaskName, *WholeImageTaskName])
        raise InputError(f"{path}: task is '{task}'; give one of {known}")
    crops = load_config(CropClassifierConfig, path, overrides)
    return {run_dir / "best.safetensors": train_crop_classifier(crops, run_dir, device, resume)}
