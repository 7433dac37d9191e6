"""No setting that cannot be comes as far as the data: each is refused by its name."""

from pathlib import Path

import pytest

from classifier.crops.config import CropClassifierConfig
from classifier.whole_image.config import WholeImageConfig
from detector.config import DetectorConfig
from formats.errors import InputError
from training.config import load_config

OF_ALL = [
    "optimisation.epochs=0",
    "optimisation.batch_size=0",
    "optimisation.learning_rate=.nan",
    "optimisation.weight_decay=-1",
    "optimisation.warmup_epochs=-1",
    "optimisation.plateau_epochs=0",
    "optimisation.max_gradient_norm=0",
    "optimisation.ema_decay=1",
    "optimisation.patience_epochs=-1",
    "optimisation.loader_workers=-1",
    "optimisation.seed=-1",
    "model.frozen_blocks=-1",
]
OF_DETECTOR = [
    "input.side_px=-32",
    "input.mean=[1]",
    "input.std=[0,0,0]",
    "model.pyramid_channels=-3",
    "model.head_width=0",
    "model.anchor_sides=[]",
    "model.anchor_sides=[[0.1],[0.2],[0.3],[-0.4]]",
    "model.anchor_height_to_width=[]",
    "model.roi_side_cells=0",
    "model.detections_per_image=-1",
    "model.proposals.kept=0",
    "model.proposals.nms_iou=2",
    "model.sampling.positive_anchor_iou=0.2",
    "model.sampling.boxes_per_image=0",
    "model.sampling.positive_box_share=-1",
    "model.suppression.lowest_score=2",
    "model.suppression.nms_iou=-1",
    "looks.same_box_iou=0",
    "looks.same_lesion_iou=0",
    "augmentation.horizontal_flip=3",
    "augmentation.vertical_flip=-1",
    "augmentation.rotation_degrees=-1",
    "augmentation.scale=[]",
    "augmentation.shift=2",
    "augmentation.gamma=[1]",
    "augmentation.chip_side_px=20",
    "augmentation.chip_lesion_share=2",
    "augmentation.chips_per_view=0",
]
OF_CROPS = [
    "input.side_px=20",
    "input.margin=0.5",
    "model.dropout=2",
    "model.frozen_epochs=-1",
    "looks.zooms=[]",
    "distillation.weight=-1",
    "augmentation.rotation_degrees=999",
    "augmentation.scale=[2,1]",
    "augmentation.shift=-1",
    "augmentation.gamma=[1,2,3]",
    "label_smoothing=3",
]
OF_WHOLE_IMAGES = [
    "data.normal_kept_one_in=0",
    "model.dropout=2",
    "model.unfrozen_blocks=-1",
    "decision.tumour_probability=2",
    "augmentation.horizontal_flip=3",
    "augmentation.vertical_flip=-1",
    "label_smoothing=-1",
]
IMPOSSIBLE = [
    *((DetectorConfig, override) for override in OF_ALL + OF_DETECTOR),
    *((CropClassifierConfig, override) for override in OF_ALL + OF_CROPS),
    *((WholeImageConfig, override) for override in OF_ALL + OF_WHOLE_IMAGES),
]


@pytest.mark.parametrize(("schema", "override"), IMPOSSIBLE)
def test_an_impossible_setting_is_refused_by_its_name(
    schema: type, override: str, tmp_path: Path
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("{}")
    name = override.partition("=")[0]

    with pytest.raises(InputError, match=rf"^{name} is .*; give "):
        load_config(schema, path, [override])
