"""Everything that reads a file from outside, each with a file that it reads well.

A parser is handed bytes; whatever they are, it may raise an `InputError` and nothing else.
"""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from reliability import film_corpus

from converters.ddsm_files.ics import parse_ics
from converters.ddsm_files.mask_files import read_mask
from converters.ddsm_files.outlines import lesion_region
from converters.ddsm_files.overlay import parse_overlay
from converters.ddsm_files.tables import read_table
from detector.config import DetectorConfig
from formats.coco import read_coco
from formats.errors import InputError
from formats.film_reading.reader import read_film
from formats.results import read_results
from pipeline.many_films.journal import Journal
from training.config import load_config
from training.saving.checkpoint import Checkpoint, load_checkpoint, save_checkpoint

OVERLAY = """TOTAL_ABNORMALITIES 1
ABNORMALITY 1
LESION_TYPE MASS SHAPE OVAL MARGINS CIRCUMSCRIBED
ASSESSMENT 3
SUBTLETY 4
PATHOLOGY BENIGN
TOTAL_OUTLINES 1
BOUNDARY
100 200 2 2 2 4 4 4 6 6 6 0 0 0 #
"""
ICS = """ics_version 1.0
filename A-0001-1
SEQUENCE
LEFT_CC LINES 4000 PIXELS_PER_LINE 3000 BITS_PER_PIXEL 12 RESOLUTION 50 OVERLAY
"""
TABLE = """fullPath,fileName,View,Side,Status,Tumour_Contour,Tumour_Contour2,Age,Density
\\Cancer\\0001\\C_0001_1.LEFT_CC.jpg,C_0001_1.LEFT_CC.jpg,CC,LEFT,Cancer,Cancer\\m.jpg,-,57,2
"""
COCO = {
    "categories": [{"id": 1, "name": "Benign"}, {"id": 2, "name": "Cancer"}],
    "images": [{"id": 1, "file_name": "a.png", "width": 64, "height": 90, "case_id": "A_0001"}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 2, "bbox": [1, 2, 10, 20], "area": 200}
    ],
}
IMAGE_RESULT = {
    **{"file_name": "a.png", "width": 64, "height": 90, "label": "Cancer"},
    "scores": {"Normal": 0.1, "Benign": 0.2, "Cancer": 0.7},
    "detections": [
        {
            **{"bbox_xyxy": [1, 2, 11, 22], "score": 0.9, "label": "Cancer"},
            "label_scores": {"Benign": 0.25, "Cancer": 0.75},
        }
    ],
}
RESULTS = {
    **{"schema_version": 1, "method": "two_stage", "lowest_score": 0.01},
    "models": [{"name": "detector.safetensors", "sha256": "0"}],
    "images": [IMAGE_RESULT],
}
RUN = {"method": "two_stage", "models": []}
CONFIG = """input:
  side_px: 64
data:
  image_root: films
optimisation:
  epochs: 3
  learning_rate: 0.001
"""


class Parser(NamedTuple):
    """What reads a file."""

    good: bytes
    ending: str
    read: Callable[[Path], Any]

    def accepts(self, content: bytes) -> bool:
        """Hand it a file; tell whether it was read rather than refused."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"file{self.ending}"
            path.write_bytes(content)
            try:
                self.read(path)
            except InputError:
                return False
            return True


def text_of(path: Path) -> str:
    return path.read_text(encoding="latin-1")


def outline(path: Path) -> Any:
    drawn = read_mask(path)
    return lesion_region(drawn, drawn.shape[:2])


def journal(path: Path) -> Any:
    return Journal(path.with_suffix(""), RUN, path.parent).read()


def checkpoint() -> bytes:
    saved = Checkpoint(
        kind="detector",
        config={"input": {"side_px": 64}},
        class_names=["Tumour"],
        state={"weight": torch.arange(6.0).reshape(2, 3)},
        operating_points={"balanced": 0.5},
    )
    with tempfile.TemporaryDirectory() as folder:
        save_checkpoint(saved, Path(folder) / "c")
        return (Path(folder) / "c").read_bytes()


def mask() -> bytes:
    drawn = np.zeros((90, 64), np.uint8)
    cv2.circle(drawn, (30, 40), 12, 255)
    return film_corpus.cv2_bytes(".pgm", drawn)


def journal_lines() -> bytes:
    record = {"film": None, "result": IMAGE_RESULT}
    return "".join(json.dumps(d) + "\n" for d in ({"version": 2, **RUN}, record)).encode()


PARSERS = {
    "overlay": Parser(OVERLAY.encode(), ".OVERLAY", lambda path: parse_overlay(text_of(path))),
    "ics": Parser(ICS.encode(), ".ics", lambda path: parse_ics(text_of(path))),
    "outline": Parser(mask(), ".pgm", outline),
    "table": Parser(TABLE.encode(), ".csv", read_table),
    "coco": Parser(json.dumps(COCO).encode(), ".json", read_coco),
    "results": Parser(json.dumps(RESULTS).encode(), ".json", read_results),
    "journal": Parser(journal_lines(), ".json.journal", journal),
    "config": Parser(CONFIG.encode(), ".yaml", lambda path: load_config(DetectorConfig, path, [])),
    "checkpoint": Parser(
        checkpoint(), ".safetensors", lambda path: load_checkpoint(path, "detector")
    ),
    "dicom": Parser(film_corpus.whole_files()["dicom plain.dcm"][0], ".dcm", read_film),
    "png": Parser(film_corpus.whole_files()["png 16.png"][0], ".png", read_film),
    "tiff": Parser(film_corpus.whole_files()["tiff None.tif"][0], ".tif", read_film),
}
