import csv
import json
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from dicom_files import PLANTED, dicom_film, save_dicom
from pydicom.dataset import FileDataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from commands.command_line import run_command
from formats.films import read_grey
from formats.results import read_results

main = partial(run_command, "infer")

EXAMPLE = min((Path(__file__).parents[2] / "examples").glob("*.png"))
FILM = read_grey(EXAMPLE).astype(np.uint16) * 16
SPACING = {"ImagerPixelSpacing": [0.1, 0.1], "EstimatedRadiographicMagnificationFactor": 1.25}


def in_syntax(syntax: UID) -> FileDataset:
    dataset = dicom_film(FILM, **SPACING)
    dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


def compressed(syntax: UID) -> FileDataset:
    dataset = dicom_film(FILM, **SPACING)
    dataset.compress(syntax)
    return dataset


DATASETS: dict[str, Callable[[], FileDataset]] = {
    "explicit": lambda: dicom_film(FILM, **SPACING),
    "implicit": lambda: in_syntax(ImplicitVRLittleEndian),
    "big": lambda: in_syntax(ExplicitVRBigEndian),
    "deflated": lambda: in_syntax(DeflatedExplicitVRLittleEndian),
    "rle": lambda: compressed(RLELossless),
    "jpegls": lambda: compressed(JPEGLSLossless),
    "jpeg2000": lambda: compressed(JPEG2000Lossless),
    "monochrome1": lambda: dicom_film(
        4095 - FILM, PhotometricInterpretation="MONOCHROME1", **SPACING
    ),
    "signed": lambda: dicom_film((FILM.astype(int) - 2048).astype(np.int16), **SPACING),
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same film in many ways, each under a name that says nothing of its format."""
    pytest.importorskip("jpeg_ls")
    pytest.importorskip("openjpeg")
    root = tmp_path_factory.mktemp("study")
    for name, make in DATASETS.items():
        save_dicom(root / name, make())
    cv2.imwrite(str(root / "film.png"), FILM)
    cv2.imwrite(str(root / "film.pgm"), FILM)
    # A negative by its tag.
    tifffile.imwrite(root / "film.tif", 65535 - FILM, photometric="miniswhite")
    # And one that nothing tells but its air.
    cv2.imwrite(str(root / "negative.png"), 4095 - FILM)
    return root


def test_a_film_gives_the_same_boxes_however_it_is_stored(study: Path, tmp_path: Path) -> None:
    arguments = [str(study), "--output-dir", str(tmp_path), "--device", "cpu"]
    assert main([*arguments, "--operating-point", "sensitive"]) == 0
    boxes = {
        Path(image.file_name).name: np.array([found.bbox_xyxy for found in image.detections])
        for image in read_results(tmp_path / "results.json").images
    }

    assert len(boxes) == len(DATASETS) + 4
    assert len(boxes["film.png"])
    for name, found in boxes.items():
        np.testing.assert_allclose(found, boxes["film.png"], atol=1, err_msg=name)


def test_millimetres_uids_and_no_patient_stand_in_every_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    dataset = DATASETS["explicit"]()
    film = save_dicom(tmp_path / "film.dcm", dataset)
    raw = save_dicom(
        tmp_path / "raw.dcm", dicom_film(FILM, PresentationIntentType="FOR PROCESSING")
    )
    stack = save_dicom(tmp_path / "stack.dcm", dicom_film(FILM, NumberOfFrames=3))
    cut = save_dicom(tmp_path / "cut.dcm", dicom_film(FILM))
    cut.write_bytes(cut.read_bytes()[:2000])
    films = [str(path) for path in (film, raw, stack, cut)]
    assert main([*films, "--output-dir", str(tmp_path / "out"), "--device", "cpu"]) == 3

    image = json.loads((tmp_path / "out" / "results.json").read_text())["images"][0]
    x1, y1, x2, y2 = image["detections"][0]["bbox_xyxy"]
    assert image["sop_instance_uid"] == dataset.SOPInstanceUID
    assert image["spacing_mm"] == [0.08, 0.08]
    assert image["spacing_source"].startswith("ImagerPixelSpacing / Estimated")
    assert image["detections"][0]["size_mm"] == pytest.approx(
        [(x2 - x1) * 0.08, (y2 - y1) * 0.08], abs=0.01
    )
    rows = list(csv.DictReader((tmp_path / "out" / "results.csv").open(encoding="utf-8")))
    assert float(rows[0]["width_mm"]) == image["detections"][0]["size_mm"][0]
    said = capfd.readouterr()
    assert " mm by ImagerPixelSpacing" in said.out
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    everything = "\n".join([said.out, said.err, caplog.text]).encode() + written
    assert b"raw.dcm" in everything
    for word in PLANTED:
        assert word.encode() not in everything


def test_options_let_raw_films_and_other_modalities_pass_and_choose_the_window(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    dataset = dicom_film(FILM, Modality="CR", PresentationIntentType="FOR PROCESSING")
    path = str(save_dicom(tmp_path / "film", dataset))
    allowing = ["--any-modality", "--allow-for-processing"]

    assert main([path, "--device", "cpu"]) == 1
    assert main([path, "--device", "cpu", *allowing]) == 0
    assert main([path, "--device", "cpu", *allowing, "--voi", "2"]) == 1
    assert "--voi 2" in caplog.text
