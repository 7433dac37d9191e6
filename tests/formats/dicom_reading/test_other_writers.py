"""pydicom's own test files: each is read as pydicom reads it, or refused by name."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.uid import ImplicitVRLittleEndian

from formats.dicom_reading.reader import DicomOptions, check_dicom, read_dicom
from formats.dicom_reading.signature import is_dicom
from formats.errors import InputError
from formats.film_reading.reader import read_head

FOLDER = Path(pydicom.__file__).parent / "data" / "test_files"
ANY = DicomOptions(any_modality=True, allow_for_processing=True)
# Implicit and explicit, both byte orders, deflated, RLE, JPEG 2000 of both kinds, JPEG-LS; signed,
# with padding, with windows, with overlays, with a wrong header.
FILMS = [
    "693_J2KI.dcm",
    "CT_small.dcm",
    "J2K_pixelrep_mismatch.dcm",
    "JPEG2000.dcm",
    "MR_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_expb.dcm",
    "MR_small_implicit.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "MR_small_padded.dcm",
    "examples_overlay.dcm",
    "image_dfl.dcm",
]
# A film to some versions of the decoders, and refused with others.
AS_DECODERS_HAVE_IT = ["JPEG2000-embedded-sequence-delimiter.dcm"]
OTHERS = sorted(
    path
    for path in FOLDER.rglob("*")
    if path.is_file()
    and path.name not in [*FILMS, *AS_DECODERS_HAVE_IT]
    and is_dicom(read_head(path))
)


def as_shares(film: np.ndarray) -> np.ndarray:
    film = film.astype(float)
    return (film - film.min()) / np.ptp(film)


@pytest.mark.parametrize("name", FILMS)
def test_films_are_as_pydicom_shows_them(name: str) -> None:
    dataset = pydicom.dcmread(FOLDER / name, force=True)
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    try:
        read, _ = read_dicom(FOLDER / name, ANY)
    except InputError as error:
        if "needs a decoder" in str(error):
            pytest.skip(str(error))
        raise
    shown = apply_voi_lut(apply_modality_lut(dataset.pixel_array, dataset), dataset)

    np.testing.assert_allclose(as_shares(read), as_shares(shown), atol=1e-3)
    assert check_dicom(FOLDER / name, ANY) == read.shape


def test_there_are_others() -> None:
    assert len(OTHERS) > 100


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: str(path.relative_to(FOLDER)))
def test_what_is_no_film_is_refused_by_name(path: Path) -> None:
    with pytest.raises(InputError, match=path.name.replace("+", r"\+")):
        read_dicom(path, ANY)
