"""What both classifiers are built of."""

from dataclasses import dataclass

from training.networks.backbones import Activation, BatchNorm
from training.setting_checks import BELOW_ONE, at_least, check_settings


@dataclass(kw_only=True)
class ClassifierModel:
    """The network."""

    architecture: str = "efficientnet_b0"
    """As in `timm.list_models()`, or `shufflenet_v2_x1_0`."""
    weights: str = "none"
    """`none`, `imagenet` (installed with the extra `pretrained`, or downloaded), or the path of a
    safetensors file."""
    initial_checkpoint: str = ""
    """A crop classifier of this project to start from, in place of `weights`; its input and classes
    may differ. Empty for none."""
    activation: Activation = Activation.own
    batch_norm: BatchNorm = BatchNorm.learned
    frozen_blocks: int = 0
    """How many of the body's first blocks, its stem included, stay as the weights have them."""
    dropout: float = 0.2
    frozen_epochs: int = 0
    """Epochs in which only the head learns; useful with pre-trained weights."""

    def __post_init__(self) -> None:
        """Refuse a head that sees nothing, and counts below nothing."""
        check_settings(
            "model", self, frozen_blocks=at_least(0), dropout=BELOW_ONE, frozen_epochs=at_least(0)
        )
