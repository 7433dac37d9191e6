"""Films of a study that tests write, with what was found on them, and other people's validators."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dicom_files import dicom_film, save_dicom
from pydicom import Dataset

from formats.dicom_objects.found import FilmFindings
from formats.dicom_objects.software import Software
from formats.dicom_objects.source import read_source
from formats.results import Detection, ImageResult

HEIGHT_PX, WIDTH_PX = 400, 300
STUDY_UID, SERIES_UID = "1.2.826.0.1.3680043.8.498.1", "1.2.826.0.1.3680043.8.498.2"
SOFTWARE = Software(
    version="9.8.7",
    algorithm="mammo-two-stage two_stage",
    parameters=("detector.safetensors SHA-256 " + "a" * 64, "lowest score 0.3500"),
)
CANCER = Detection(
    bbox_xyxy=(10.0, 20.0, 80.5, 90.25),
    score=0.9,
    label="Cancer",
    label_scores={"Benign": 0.3, "Cancer": 0.7},
    size_mm=(5.6, 4.9),
)
BENIGN = Detection(
    bbox_xyxy=(100.0, 2.0, 180.0, 60.0),
    score=0.5,
    label="Benign",
    label_scores={"Benign": 0.8, "Cancer": 0.2},
)


def view_code(
    value: str = "R-10242", scheme: str = "SRT", meaning: str = "cranio-caudal"
) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


HEADER: dict[str, Any] = {
    "StudyInstanceUID": STUDY_UID,
    "SeriesInstanceUID": SERIES_UID,
    "StudyDate": "20200102",
    "StudyTime": "101112",
    "ContentDate": "20200103",
    "ContentTime": "101113.5",
    "ImageLaterality": "L",
    "ViewPosition": "CC",
    "ViewCodeSequence": [view_code()],
    "PatientOrientation": ["A", "FL"],
    "ImagerPixelSpacing": [0.07, 0.08],
    "WindowCenter": 2000,
    "WindowWidth": 3000,
}


def write_film(path: Path, **attributes: Any) -> Path:
    """Write a film of `HEADER`, and of a person; None takes an attribute away."""
    pixels = (np.arange(HEIGHT_PX * WIDTH_PX) % 4096).astype(np.uint16)
    header = {**HEADER, **attributes}
    given = {keyword: value for keyword, value in header.items() if value is not None}
    dataset = dicom_film(pixels.reshape(HEIGHT_PX, WIDTH_PX), **given)
    for keyword in set(attributes) - set(given):
        if keyword in dataset:
            delattr(dataset, keyword)
    # Without its UIDs a film has no meta information either.
    is_whole = {"SOPClassUID", "SOPInstanceUID"} <= set(dataset.dir())
    return save_dicom(path, dataset, with_preamble=is_whole)


def found_film(
    folder: Path, *detections: Detection, with_person: bool = False, **attributes: Any
) -> FilmFindings:
    """Write a film and return its header with what was found on it."""
    path = write_film(folder / f"film{len(list(folder.iterdir()))}", **attributes)
    result = ImageResult(
        file_name=str(path),
        width=WIDTH_PX,
        height=HEIGHT_PX,
        label="Cancer" if detections else "Normal",
        scores={"Normal": 0.1, "Benign": 0.2, "Cancer": 0.7},
        detections=list(detections),
    )
    return FilmFindings(read_source(path, with_person=with_person), result)


def items(parent: Dataset, meaning: str) -> list[Dataset]:
    """Return all content items below one that have a concept name, depth first."""
    found = []
    for child in parent.get("ContentSequence") or []:
        name = child.get("ConceptNameCodeSequence")
        if name and name[0].CodeMeaning == meaning:
            found.append(child)
        found += items(child, meaning)
    return found


def require_valid(path: Path, *, is_report: bool = False) -> None:
    """Have David Clunie's dciodvfy check an object, and dcmtk's dsrdump a report's content."""
    if not shutil.which("dciodvfy") or not shutil.which("dsrdump"):
        pytest.skip("needs dciodvfy (Debian's dicom3tools) and dsrdump (dcmtk)")
    said = subprocess.run(["dciodvfy", "-new", str(path)], capture_output=True, text=True).stderr
    assert "Error" not in said, said
    if is_report:
        read = subprocess.run(["dsrdump", str(path)], capture_output=True, text=True)
        assert read.returncode == 0, read.stderr
        assert "E:" not in read.stderr, read.stderr
