"""Films with bright blobs for lesions: quick to draw and quick to learn."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from formats.coco import CocoAnnotation, CocoDataset, CocoImage, write_coco


@dataclass(frozen=True, kw_only=True)
class BlobData:
    """Dark films with one bright disc (Benign) or square (Cancer) each, and one empty film."""

    root: Path
    coco_path: Path
    coco: CocoDataset


def make_blobs(root: Path) -> BlobData:
    random = np.random.default_rng(0)
    images: list[CocoImage] = []
    annotations: list[CocoAnnotation] = []
    for index in range(1, 10):
        film = random.normal(40, 6, (160, 128)).clip(0, 255).astype(np.uint8)
        # The last film is a negative.
        if index < 9:
            x, y, side = (int(value) for value in random.integers((10, 10, 24), (80, 110, 40)))
            category_id = 1 + index % 2
            draw_blob(film, x, y, side, category_id)
            annotations.append(
                {
                    "id": index,
                    "image_id": index,
                    "category_id": category_id,
                    "bbox": [x, y, side, side],
                    "area": side * side,
                    "iscrowd": 0,
                }
            )
        cv2.imwrite(str(root / f"film_{index}.png"), film)
        images.append(
            {
                "id": index,
                "file_name": f"film_{index}.png",
                "width": 128,
                "height": 160,
                "case_id": f"A_{(index + 1) // 2:04d}",
                "side": "LEFT",
                "view": "CC",
            }
        )
    coco = CocoDataset(images=images, annotations=annotations, description="bright blobs")
    write_coco(coco, root / "blobs.json")
    return BlobData(root=root, coco_path=root / "blobs.json", coco=coco)


def draw_blob(film: np.ndarray, x: int, y: int, side: int, category_id: int) -> None:
    if category_id == 1:
        cv2.circle(film, (x + side // 2, y + side // 2), side // 2, 220, cv2.FILLED)
    else:
        cv2.rectangle(film, (x, y), (x + side - 1, y + side - 1), 220, cv2.FILLED)
