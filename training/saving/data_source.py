"""What is remembered of the data that a network learnt from."""

from pathlib import Path

from training.saving.checkpoint import hash_file


def data_source(train_coco: Path) -> dict[str, str]:
    """Return the name and the SHA-256 of a training part's COCO file."""
    return {"train_coco": train_coco.name, "train_coco_sha256": hash_file(train_coco)}
