from dataclasses import replace

import numpy as np
from blobs import BlobData

from formats.film_reading.reader import read_grey
from formats.geometry.boxes import xywh_to_xyxy
from pipeline.fitting.lesion_logits import name_true_lesions
from pipeline.two_stage import TwoStage


def test_each_lesion_has_its_own_logits_label_and_patient(
    random_model: TwoStage, blob_data: BlobData
) -> None:
    first, *others = blob_data.coco.annotations
    said = name_true_lesions(
        random_model.classifier,
        replace(blob_data.coco, annotations=[{**first, "iscrowd": 1}, *others]),
        blob_data.root,
    )

    # The crowd region is left out; of the films, two are of one patient.
    assert said.label.tolist() == [a["category_id"] - 1 for a in others]
    assert said.patient.tolist() == [0, 1, 1, 2, 2, 3, 3]
    film = read_grey(blob_data.root / "film_2.png")
    box_xyxy = xywh_to_xyxy(np.array([others[0]["bbox"]]))
    np.testing.assert_allclose(
        said.logits[:1], random_model.classifier.logits(film, box_xyxy), rtol=1e-5
    )
