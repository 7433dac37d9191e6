"""Learning features from a trained classifier: a network without pre-training of its own can.

Every place of the student's last feature map is led to the teacher's at the same place, which says
more about each crop than its label does.

Source: Romero et al., "FitNets: Hints for Thin Deep Nets", ICLR 2015.
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from classifier.crops.config import CropInput
from classifier.crops.model import load_crop_classifier
from classifier.model import ImageClassifier
from formats.errors import InputError


class DistilledClassifier(nn.Module):
    """A student with the projection that its features are compared through."""

    def __init__(self, student: ImageClassifier, teacher: ImageClassifier, side_px: int) -> None:
        """Wrap a student; only the student is kept after training."""
        super().__init__()
        self.student = student
        own, wanted = (feature_channels(network, side_px) for network in (student, teacher))
        self.projection = nn.Conv2d(own, wanted, kernel_size=1)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Return (B, class_count) logits and the (B, teacher_channels, H, W) projected map."""
        features = self.student.feature_map(crops)
        return self.student.logits(features), self.projection(features)


def load_teacher(path: Path, input_config: CropInput) -> ImageClassifier:
    """Load a trained classifier that sees the same crops as the student.

    Raises:
        InputError: the file is no classifier's checkpoint, or its input is another.
    """
    teacher, config, _ = load_crop_classifier(path)
    if config.input != input_config:
        raise InputError(
            f"{path}: this teacher sees {config.input}, the student {input_config}; "
            "give the student the same input settings"
        )
    teacher.requires_grad_(False)
    return teacher


def feature_distance(projected: Tensor, teacher: ImageClassifier, crops: Tensor) -> Tensor:
    """Return the mean square distance of (B, C, H, W) features from the teacher's.

    The teacher's are normalised at each place, so that no channel outweighs the others.
    """
    with torch.no_grad():
        wanted = teacher.feature_map(crops).movedim(1, -1)
        wanted = F.layer_norm(wanted.float(), wanted.shape[-1:])
    return F.mse_loss(projected.movedim(1, -1).float(), wanted)


def feature_channels(model: ImageClassifier, side_px: int) -> int:
    """Return how many channels the last feature map of a classifier has."""
    with torch.inference_mode():
        return model.eval().feature_map(torch.zeros(1, 3, side_px, side_px)).shape[1]
