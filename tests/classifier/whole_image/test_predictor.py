from pathlib import Path

import numpy as np
import pytest
import torch

from classifier.whole_image.config import WholeImageConfig, WholeImageInput
from classifier.whole_image.model import build_whole_image_classifier, save_whole_image_classifier
from classifier.whole_image.predictor import WholeImagePredictor
from classifier.whole_image.questions import FIRST, SECOND, SINGLE
from formats.errors import InputError

CPU = torch.device("cpu")
VIEWS = {"train_views_Normal": "5", "train_views_Benign": "3", "train_views_Cancer": "2"}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    config = WholeImageConfig(input=WholeImageInput(height_px=96, width_px=64))
    path = tmp_path_factory.mktemp("weights") / "single.safetensors"
    model = build_whole_image_classifier(config.model, 3)
    save_whole_image_classifier(model, config, SINGLE, path, VIEWS, {})
    return path


def test_what_is_said_of_a_film_does_not_depend_on_the_others(path: Path) -> None:
    predictor = WholeImagePredictor.from_checkpoint(path, SINGLE, CPU)
    random = np.random.default_rng(0)
    films = [
        random.integers(0, 255, (300, 200)).astype(np.uint8),
        random.integers(0, 4000, (128, 256)).astype(np.uint16),
    ]
    probabilities = predictor.probabilities(films)

    assert probabilities.shape == (2, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(predictor.probabilities(films[1:]), probabilities[1:])
    assert predictor.train_views == [5, 3, 2]


def test_no_film_is_no_row(path: Path) -> None:
    assert WholeImagePredictor.from_checkpoint(path, SINGLE, CPU).probabilities([]).shape == (0, 3)


@pytest.mark.parametrize("question", [FIRST, SECOND], ids=["first", "second"])
def test_a_network_for_another_question_is_refused(path: Path, question: object) -> None:
    with pytest.raises(InputError, match=r"tells \['Normal', 'Benign', 'Cancer'\] apart"):
        WholeImagePredictor.from_checkpoint(path, question, CPU)  # type: ignore[arg-type]
