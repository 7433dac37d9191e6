import csv
import json
import logging
import shutil
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
import tifffile
from dicom_files import (
    PLANTED,
    JPEG2000Lossy,
    compressed_by_gdcm,
    compressed_by_pydicom,
    dicom_film,
    encapsulated,
    save_dicom,
)
from found_films import items, require_valid
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from commands.command_line import run_command
from formats.film_reading.reader import read_grey
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
    return compressed_by_pydicom(dicom_film(FILM, **SPACING), syntax)


def baseline_jpeg() -> FileDataset:
    shallow = (FILM // 16).astype(np.uint8)
    frame = cv2.imencode(".jpg", shallow, [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    return encapsulated(dicom_film(shallow, 8, **SPACING), JPEGBaseline8Bit, frame)


DATASETS: dict[str, Callable[[], FileDataset]] = {
    "explicit": lambda: dicom_film(FILM, **SPACING),
    "implicit": lambda: in_syntax(ImplicitVRLittleEndian),
    "big": lambda: in_syntax(ExplicitVRBigEndian),
    "deflated": lambda: in_syntax(DeflatedExplicitVRLittleEndian),
    "rle": lambda: compressed(RLELossless),
    "jpegls": lambda: compressed(JPEGLSLossless),
    "jpegls_near": lambda: compressed(JPEGLSNearLossless),
    "jpeg2000": lambda: compressed(JPEG2000Lossless),
    "jpeg2000_lossy": lambda: compressed(JPEG2000Lossy),
    "jpeg_baseline": baseline_jpeg,
    "monochrome1": lambda: dicom_film(
        4095 - FILM, PhotometricInterpretation="MONOCHROME1", **SPACING
    ),
    "signed": lambda: dicom_film((FILM.astype(int) - 2048).astype(np.int16), **SPACING),
}


LOSSLESS_JPEGS = {"jpeg_lossless": JPEGLossless, "jpeg_lossless_sv1": JPEGLosslessSV1}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same film in many ways, each under a name that says nothing of its format."""
    root = tmp_path_factory.mktemp("study")
    for name, make in DATASETS.items():
        save_dicom(root / name, make())
    for name, syntax in LOSSLESS_JPEGS.items():
        compressed_by_gdcm(save_dicom(root / name, dicom_film(FILM, **SPACING)), syntax)
    save_dicom(root / "bare", dicom_film(FILM, **SPACING), with_preamble=False)
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

    assert len(boxes) == len(DATASETS) + len(LOSSLESS_JPEGS) + 5
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
    everything = "\n".join([said.out, said.err, caplog.text]).encode() + all_bytes(tmp_path / "out")
    assert b"raw.dcm" in everything
    for word in PLANTED:
        assert word.encode() not in everything


def all_bytes(folder: Path) -> bytes:
    """Return names and content of all files below a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return b"".join(str(path).encode() + path.read_bytes() for path in files)


@pytest.fixture(scope="module")
def four_views(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of four views, with a DICOMDIR and a report that somebody else made."""
    root = tmp_path_factory.mktemp("four_views")
    uids = {"StudyInstanceUID": "1.2.3.4", "SeriesInstanceUID": "1.2.3.4.5"}
    for number, (side, view) in enumerate(product("LR", ("CC", "MLO"))):
        film = dicom_film(FILM, ImageLaterality=side, ViewPosition=view, **SPACING, **uids)
        (root / "IMAGES").mkdir(exist_ok=True)
        save_dicom(root / "IMAGES" / f"IM{number}", film)
    for name in ("DICOMDIR", "reportsi.dcm"):
        shutil.copy(str(get_testdata_file(name)), root / name)
    return root


@pytest.mark.parametrize(("kind", "root"), [("measurements", "1500"), ("cad", "4000")])
def test_a_study_gives_a_report_states_and_captures_and_no_patient(
    four_views: Path, tmp_path: Path, kind: str, root: str, capfd: pytest.CaptureFixture[str]
) -> None:
    objects = str(tmp_path / "objects")
    options = ["--dicom-sr", objects, "--dicom-gsps", objects, "--dicom-sc", objects]
    out = ["--output-dir", str(tmp_path / "out"), "--device", "cpu"]
    assert main([str(four_views / "DICOMDIR"), *options, *out, "--dicom-sr-kind", kind]) == 0

    results = read_results(tmp_path / "out" / "results.json")
    (report_path,) = Path(objects).glob(f"{kind}_1.2.3.4.dcm")
    report = pydicom.dcmread(report_path)
    found = sum(len(image.detections) for image in results.images)
    assert report.ContentTemplateSequence[0].TemplateIdentifier == root
    assert len(results.images) == 4
    assert len(items(report, "Probability of cancer")) == found > 0
    hashes = {f"{model.name} SHA-256 {model.sha256}" for model in results.models}
    assert hashes <= {item.TextValue for item in items(report, "Algorithm Parameters")}
    require_valid(report_path, is_report=True)
    assert len(list(Path(objects).glob("gsps_*.dcm"))) == 4
    assert len(list(Path(objects).glob("sc_*.dcm"))) == 4
    said = capfd.readouterr()
    everything = (said.out + said.err).encode() + all_bytes(tmp_path)
    assert not any(word.encode() in everything for word in PLANTED)


def test_the_person_is_named_everywhere_where_it_was_asked_for(tmp_path: Path) -> None:
    film = save_dicom(tmp_path / "film", DATASETS["explicit"]())
    folder = str(tmp_path / "out")
    options = ["--dicom-sr", folder, "--dicom-gsps", folder, "--dicom-sc", folder]
    assert (
        main([str(film), "--study-label", *options, "--output-dir", folder, "--device", "cpu"]) == 0
    )

    (image,) = read_results(tmp_path / "out" / "results.json").images
    assert image.study_label == "PLANTEDNAME^WITH PLANTEDID"
    (row,) = csv.DictReader((tmp_path / "out" / "results.csv").open(encoding="utf-8"))
    assert row["study_label"] == image.study_label
    assert row["sop_instance_uid"] == image.sop_instance_uid
    for path in (tmp_path / "out").glob("*.dcm"):
        assert pydicom.dcmread(path).PatientName == "PLANTEDNAME^WITH"


def test_what_no_object_can_refer_to_is_named_and_the_rest_is_written(
    four_views: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    options = ["--dicom-sr", str(tmp_path / "sr"), "--device", "cpu"]
    film = str(four_views / "IMAGES" / "IM0")
    assert main([film, str(EXAMPLE), *options]) == 3

    assert f"{EXAMPLE}: no DICOM file, so no DICOM object can refer to it" in caplog.text
    assert len(list((tmp_path / "sr").iterdir())) == 1


def test_a_folder_with_earlier_objects_gives_the_films_alone(
    four_views: Path, tmp_path: Path
) -> None:
    film = shutil.copy(four_views / "IMAGES" / "IM0", tmp_path / "IM0")
    here = str(tmp_path)
    options = ["--dicom-sr", here, "--dicom-gsps", here, "--dicom-sc", here, "--device", "cpu"]
    for _ in range(2):
        assert main([here, *options, "--output-dir", here]) == 0

        images = read_results(tmp_path / "results.json").images
        assert [image.file_name for image in images] == [Path(film).as_posix()]


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
