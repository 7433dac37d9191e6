import logging
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pydicom
import pytest
from dicom_files import (
    PLANTED,
    JPEG2000Lossy,
    compressed_by_gdcm,
    compressed_by_pydicom,
    dicom_film,
    encapsulated,
    save_dicom,
)
from pydicom.data import get_testdata_file
from pydicom.uid import (
    UID,
    BreastTomosynthesisImageStorage,
    ComputedRadiographyImageStorage,
    DeflatedExplicitVRLittleEndian,
    DigitalMammographyXRayImageStorageForProcessing,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from formats.dicom_reading import reader
from formats.dicom_reading.reader import DicomOptions
from formats.errors import InputError
from formats.film_reading.listing import list_films
from formats.film_reading.reader import check_film, read_film, read_grey, read_thumbnail


def drawn_film(height_px: int = 200, width_px: int = 160) -> np.ndarray:
    """Draw a 12-bit film of a breast on the left in dark air; the chest wall is the brightest."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:height_px, :width_px] / width_px
    depth = np.clip(1 - ((y - 0.6) / 0.5) ** 2 - (x / 0.7) ** 2, 0, 1)
    tissue = np.sqrt(depth) * (0.8 + random.normal(0, 0.04, depth.shape))
    return (np.clip(tissue, 0.01, 1) * 4095).astype(np.uint16)


FILM = drawn_film()
SHALLOW = (FILM // 16).astype(np.uint8)


@pytest.mark.parametrize("with_preamble", [True, False], ids=["preamble", "bare"])
@pytest.mark.parametrize(
    "syntax",
    [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian],
    ids=lambda syntax: syntax.name,
)
@pytest.mark.parametrize("film", [FILM, SHALLOW], ids=["12 bits", "8 bits"])
def test_a_plain_file_gives_its_pixels_whatever_its_name(
    tmp_path: Path, film: np.ndarray, syntax: UID, with_preamble: bool
) -> None:
    dataset = dicom_film(film, 12 if film is FILM else 8)
    dataset.file_meta.TransferSyntaxUID = syntax
    path = save_dicom(tmp_path / "IM0001", dataset, with_preamble=with_preamble)
    read = read_grey(path)

    assert read.dtype == film.dtype
    np.testing.assert_array_equal(read, film)
    assert check_film(path) == film.shape
    assert read_thumbnail(path).shape == (film.shape[0] // 8, film.shape[1] // 8)


def test_deflated_files_are_read(tmp_path: Path) -> None:
    dataset = dicom_film(FILM)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian

    np.testing.assert_array_equal(read_grey(save_dicom(tmp_path / "f", dataset)), FILM)


@pytest.mark.parametrize(
    ("syntax", "tolerance"),
    [
        (RLELossless, 0),
        (JPEGLSLossless, 0),
        (JPEGLSNearLossless, 2),
        (JPEG2000Lossless, 0),
        (JPEG2000Lossy, 16),
    ],
    ids=lambda value: value.name if isinstance(value, UID) else "",
)
def test_compressed_films_give_the_same_pixels(tmp_path: Path, syntax: UID, tolerance: int) -> None:
    read = read_grey(save_dicom(tmp_path / "f", compressed_by_pydicom(dicom_film(FILM), syntax)))

    assert np.abs(read.astype(int) - FILM).max() <= tolerance


@pytest.mark.parametrize("syntax", [JPEGLossless, JPEGLosslessSV1], ids=lambda s: s.name)
def test_lossless_jpegs_give_the_same_pixels(tmp_path: Path, syntax: UID) -> None:
    path = save_dicom(tmp_path / "f", dicom_film(FILM))
    compressed_by_gdcm(path, syntax)

    assert pydicom.dcmread(path).file_meta.TransferSyntaxUID == syntax
    np.testing.assert_array_equal(read_grey(path), FILM)


def baseline_jpeg() -> bytes:
    return cv2.imencode(".jpg", SHALLOW, [cv2.IMWRITE_JPEG_QUALITY, 98])[1].tobytes()


def test_baseline_jpegs_are_read(tmp_path: Path) -> None:
    dataset = encapsulated(dicom_film(SHALLOW, 8), JPEGBaseline8Bit, baseline_jpeg())
    read = read_grey(save_dicom(tmp_path / "f", dataset))

    assert np.abs(read.astype(int) - SHALLOW).max() <= 8


def test_a_baseline_jpeg_with_a_hole_is_refused_by_name(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = baseline_jpeg()
    middle = len(whole) // 2
    holed = whole[:middle] + bytes(600) + whole[middle + 600 :]
    dataset = encapsulated(dicom_film(SHALLOW, 8), JPEGBaseline8Bit, holed)

    with pytest.raises(InputError, match=r"holed: .*(damaged|cannot be decoded)"):
        read_grey(save_dicom(tmp_path / "holed", dataset))
    assert capfd.readouterr().err == ""


def test_monochrome1_is_turned_over(tmp_path: Path) -> None:
    dataset = dicom_film(4095 - FILM, PhotometricInterpretation="MONOCHROME1")

    np.testing.assert_array_equal(read_grey(save_dicom(tmp_path / "f", dataset)), FILM)


@pytest.mark.parametrize("bits_stored", [12, 13, 16])
def test_signed_values_come_back_in_their_order(tmp_path: Path, bits_stored: int) -> None:
    signed = (FILM.astype(int) - 2000).astype(np.int16)
    read = read_grey(save_dicom(tmp_path / "f", dicom_film(signed, bits_stored)))

    np.testing.assert_array_equal(read - read.min(), FILM - FILM.min())


@pytest.mark.parametrize("bits_stored", [8, 9, 10, 12, 14, 16])
def test_every_number_of_bits_in_16(tmp_path: Path, bits_stored: int) -> None:
    film = (FILM.astype(int) * (2**bits_stored - 1) // 4095).astype(np.uint16)

    np.testing.assert_array_equal(
        read_grey(save_dicom(tmp_path / "f", dicom_film(film, bits_stored))), film
    )


def test_bits_above_the_stored_ones_are_left_aside(tmp_path: Path) -> None:
    film = FILM.copy()
    film[50:60, 20:40] |= 0x8000

    np.testing.assert_array_equal(read_grey(save_dicom(tmp_path / "f", dicom_film(film))), FILM)


def test_values_in_the_upper_bits_are_moved_down(tmp_path: Path) -> None:
    dataset = dicom_film(FILM << 4, HighBit=15)

    np.testing.assert_array_equal(read_grey(save_dicom(tmp_path / "f", dataset)), FILM)


@pytest.mark.parametrize(
    ("slope", "intercept"), [(1, -1024), (2, 0), (0.001, 0), (100, -50), (-1, 4095)]
)
def test_rescaling_keeps_what_is_seen(tmp_path: Path, slope: float, intercept: float) -> None:
    stored = 4095 - FILM if slope < 0 else FILM
    dataset = dicom_film(stored, RescaleSlope=slope, RescaleIntercept=intercept)
    read = read_grey(save_dicom(tmp_path / "f", dataset)).astype(float)

    np.testing.assert_allclose(as_shares(read), as_shares(FILM), atol=2e-4)


def as_shares(film: np.ndarray) -> np.ndarray:
    """Return grey levels from 0 to 1, by the darkest and the brightest."""
    return (film.astype(float) - film.min()) / np.ptp(film.astype(float))


def linear(values: np.ndarray, center: float, width: float) -> np.ndarray:
    """Return PS3.3, C.11.2.1.2.1 from 0 to 1."""
    return np.clip((values - (center - 0.5)) / (width - 1) + 0.5, 0, 1)


def linear_exact(values: np.ndarray, center: float, width: float) -> np.ndarray:
    """Return PS3.3, C.11.2.1.3.2 from 0 to 1."""
    return np.clip((values - center) / width + 0.5, 0, 1)


def sigmoid(values: np.ndarray, center: float, width: float) -> np.ndarray:
    """Return PS3.3, C.11.2.1.3.1 from 0 to 1."""
    return 1 / (1 + np.exp(-4 * (values - center) / width))


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize(
    ("name", "formula"),
    [(None, linear), ("LINEAR", linear), ("LINEAR_EXACT", linear_exact), ("SIGMOID", sigmoid)],
)
def test_windows_follow_the_standard(
    tmp_path: Path,
    name: str | None,
    formula: Callable[[np.ndarray, float, float], np.ndarray],
    photometric: str,
) -> None:
    film = FILM if photometric == "MONOCHROME2" else 4095 - FILM
    dataset = dicom_film(
        film, WindowCenter=2000, WindowWidth=1800, PhotometricInterpretation=photometric
    )
    if name:
        dataset.VOILUTFunction = name
    levels = formula(film.astype(float), 2000, 1800)
    expected = levels if photometric == "MONOCHROME2" else 1 - levels
    read = read_grey(save_dicom(tmp_path / "f", dataset))

    np.testing.assert_allclose(as_shares(read), as_shares(expected), atol=1e-3)


def test_a_window_applies_to_rescaled_values(tmp_path: Path) -> None:
    dataset = dicom_film(
        FILM, RescaleSlope=2, RescaleIntercept=-1000, WindowCenter=3000, WindowWidth=2001
    )
    expected = linear(FILM * 2.0 - 1000, 3000, 2001)

    np.testing.assert_allclose(
        as_shares(read_grey(save_dicom(tmp_path / "f", dataset))), expected, atol=1e-3
    )


def test_the_first_window_is_applied_or_the_one_asked_for(tmp_path: Path) -> None:
    dataset = dicom_film(FILM, WindowCenter=[2000, 1000], WindowWidth=[1800, 900])
    path = save_dicom(tmp_path / "f", dataset)

    for options, window in ((DicomOptions(), (2000, 1800)), (DicomOptions(voi=2), (1000, 900))):
        np.testing.assert_allclose(
            as_shares(read_grey(path, options)), linear(FILM, *window), atol=1e-3
        )
    for voi in (0, 3):
        with pytest.raises(InputError, match=rf"f: .*--voi {voi} is none of .* 2 windows"):
            read_grey(path, DicomOptions(voi=voi))


def lut(entries: np.ndarray, first_value: int, bits: int, dtype: str) -> pydicom.Dataset:
    item = pydicom.Dataset()
    item.add_new("LUTDescriptor", "US", [len(entries) % 65536, first_value, bits])
    item.add_new("LUTData", "OW", entries.astype(dtype).tobytes())
    item.ModalityLUTType = "US"
    return item


@pytest.mark.parametrize(("bits", "dtype"), [(8, "u1"), (8, "<u2"), (12, "<u2"), (16, "<u2")])
@pytest.mark.parametrize("keyword", ["ModalityLUTSequence", "VOILUTSequence"])
def test_look_up_tables_are_applied(tmp_path: Path, keyword: str, bits: int, dtype: str) -> None:
    entries = np.rint((np.linspace(0, 1, 3000) ** 2) * (2**bits - 1))
    dataset = dicom_film(FILM)
    setattr(dataset, keyword, [lut(entries, 500, bits, dtype)])
    expected = entries[np.clip(FILM.astype(int) - 500, 0, 2999)]

    np.testing.assert_array_equal(read_grey(save_dicom(tmp_path / "f", dataset)), expected)


def test_a_voi_lut_comes_before_the_windows(tmp_path: Path) -> None:
    entries = np.arange(4096) // 2
    dataset = dicom_film(FILM, WindowCenter=2000, WindowWidth=1800)
    dataset.VOILUTSequence = [lut(entries, 0, 12, "<u2")]
    path = save_dicom(tmp_path / "f", dataset)

    np.testing.assert_array_equal(read_grey(path), FILM // 2)
    np.testing.assert_allclose(
        as_shares(read_grey(path, DicomOptions(voi=2))), linear(FILM, 2000, 1800), atol=1e-3
    )


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize(
    ("value", "limit", "stored"),
    [
        (4095, None, 4095),
        (0, None, 0),
        (4000, 4095, 4050),
        (4095, 4000, 4050),
        (65535, None, 65535),
    ],
)
def test_padding_is_as_dark_as_the_darkest_pixel(
    tmp_path: Path, value: int, limit: int | None, stored: int, photometric: str
) -> None:
    film = np.clip(FILM, 120, 3600)
    expected = film.copy()
    expected[:, 120:] = film[:, :120].min()
    padded = film if photometric == "MONOCHROME2" else 4095 - film
    padded = padded.copy()
    padded[:, 120:] = stored
    dataset = dicom_film(padded, PhotometricInterpretation=photometric)
    dataset.add_new("PixelPaddingValue", "US", value)
    if limit is not None:
        dataset.add_new("PixelPaddingRangeLimit", "US", limit)

    np.testing.assert_array_equal(read_grey(save_dicom(tmp_path / "f", dataset)), expected)


@pytest.mark.parametrize("written_as", ["SS", "US"])
def test_negative_padding_of_signed_films(tmp_path: Path, written_as: str) -> None:
    signed = (FILM.astype(int) - 1000).astype(np.int16)
    signed[:, 120:] = -2000
    dataset = dicom_film(signed, 16)
    dataset.add_new("PixelPaddingValue", written_as, -2000 if written_as == "SS" else 63536)
    read = read_grey(save_dicom(tmp_path / "f", dataset))

    np.testing.assert_array_equal(read[:, :120] - read.min(), (FILM - FILM[:, :120].min())[:, :120])
    assert (read[:, 120:] == read.min()).all()


def test_what_is_all_padding_is_refused(tmp_path: Path) -> None:
    dataset = dicom_film(np.full((100, 100), 7, np.uint16))
    dataset.add_new("PixelPaddingValue", "US", 7)

    with pytest.raises(InputError, match=r"f: .*every pixel is padding"):
        read_grey(save_dicom(tmp_path / "f", dataset))


@pytest.mark.parametrize(
    ("attributes", "message", "allowing"),
    [
        (
            {"PresentationIntentType": "FOR PROCESSING"},
            "FOR PROCESSING.*--allow-for-processing",
            DicomOptions(allow_for_processing=True),
        ),
        (
            {"SOPClassUID": DigitalMammographyXRayImageStorageForProcessing},
            "FOR PROCESSING.*--allow-for-processing",
            DicomOptions(allow_for_processing=True),
        ),
        (
            {"Modality": "CR", "SOPClassUID": ComputedRadiographyImageStorage},
            "modality CR .Computed Radiography.*--any-modality",
            DicomOptions(any_modality=True),
        ),
        ({"Modality": None}, "modality none.*--any-modality", DicomOptions(any_modality=True)),
    ],
)
def test_what_networks_have_not_learnt_is_refused_unless_allowed(
    tmp_path: Path, attributes: dict[str, str], message: str, allowing: DicomOptions
) -> None:
    path = save_dicom(tmp_path / "f", dicom_film(FILM, **attributes))

    for read in (read_grey, check_film):
        with pytest.raises(InputError, match=f"f: .*{message}"):
            read(path)
    np.testing.assert_array_equal(read_grey(path, allowing), FILM)
    assert check_film(path, allowing) == FILM.shape


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"NumberOfFrames": 60}, "of 60 frames, where one film is expected; give"),
        ({"SOPClassUID": BreastTomosynthesisImageStorage}, "Tomosynthesis.* of 1 frames"),
        ({"Rows": None}, "holds no picture"),
        ({"PhotometricInterpretation": "RGB"}, "RGB is a picture in colour"),
        ({"BitsAllocated": 32}, "bits stored in 32"),
        ({"Rows": 20}, "160x20 pixels is too small"),
    ],
)
def test_what_is_no_single_film_is_refused_with_the_next_step(
    tmp_path: Path, attributes: dict[str, object], message: str
) -> None:
    path = save_dicom(tmp_path / "f", dicom_film(FILM, **attributes))

    for read in (read_grey, check_film):
        with pytest.raises(InputError, match=f"f: .*{message}"):
            read(path)


@pytest.mark.parametrize("kept_bytes", [300, 700, 20000])
def test_a_file_that_is_cut_off_is_refused_by_name(tmp_path: Path, kept_bytes: int) -> None:
    path = save_dicom(tmp_path / "cut", dicom_film(FILM))
    path.write_bytes(path.read_bytes()[:kept_bytes])

    with pytest.raises(InputError, match=r"cut: "):
        read_grey(path)


def test_a_compressed_file_that_is_cut_off_is_refused_by_name(tmp_path: Path) -> None:
    path = save_dicom(tmp_path / "cut", compressed_by_pydicom(dicom_film(FILM), RLELossless))
    path.write_bytes(path.read_bytes()[:-8000])

    with pytest.raises(InputError, match=r"cut: "):
        read_grey(path)


def test_a_missing_decoder_is_named_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save_dicom(tmp_path / "f", compressed_by_pydicom(dicom_film(FILM), JPEGLSLossless))
    bare = SimpleNamespace(
        is_available=False,
        missing_dependencies=[
            "gdcm - requires gdcm>=3.0.10",
            "pylibjpeg - requires pylibjpeg>=2.0 and pylibjpeg-libjpeg>=2.1",
            "pyjpegls - requires numpy and pyjpegls>=1.2",
        ],
    )
    monkeypatch.setattr(reader, "get_decoder", lambda _: bare)

    with pytest.raises(InputError, match=r"JPEG-LS Lossless.* needs a decoder") as error:
        read_grey(path)
    assert "install python-gdcm or pyjpegls (pip install mammo-two-stage[dicom])" in str(
        error.value
    )


def test_a_transfer_syntax_without_decoder_is_named(tmp_path: Path) -> None:
    dataset = encapsulated(dicom_film(FILM), UID("1.2.840.10008.1.2.4.100"), bytes(100))

    with pytest.raises(InputError, match=r"f: transfer syntax MPEG2.* has no decoder"):
        read_grey(save_dicom(tmp_path / "f", dataset))


def test_twelve_bit_lossy_jpegs_say_what_they_are() -> None:
    path = Path(str(get_testdata_file("JPGExtended.dcm")))
    options = DicomOptions(any_modality=True)

    with pytest.raises(InputError, match=r"JPEG Extended.*save the film uncompressed"):
        read_grey(path, options)


@pytest.mark.parametrize(
    "name",
    ["MR_small_RLE.dcm", "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm"],
)
def test_files_of_other_writers_give_their_plain_twin(name: str) -> None:
    options = DicomOptions(any_modality=True)
    plain = read_grey(Path(str(get_testdata_file("MR_small.dcm"))), options)
    try:
        compressed = read_grey(Path(str(get_testdata_file(name))), options)
    except InputError as error:
        pytest.skip(str(error))

    np.testing.assert_array_equal(compressed, plain)


def test_a_folder_lists_dicom_files_by_content_and_leaves_dicomdirs_out(tmp_path: Path) -> None:
    save_dicom(tmp_path / "1.2.840.3", dicom_film(FILM))
    save_dicom(tmp_path / "IM0001", dicom_film(FILM), with_preamble=False)
    shutil.copy(str(get_testdata_file("DICOMDIR")), tmp_path / "DICOMDIR")
    (tmp_path / "README").write_text("notes")
    films = [tmp_path / "1.2.840.3", tmp_path / "IM0001"]

    assert list_films([tmp_path]).films == films
    assert list_films([tmp_path / "DICOMDIR"]).films == films
    assert list_films([films[1]]).films == [films[1]]


def test_nothing_of_the_person_is_read_or_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    path = save_dicom(tmp_path / "f", dicom_film(FILM))
    path.write_bytes(path.read_bytes().replace(b"19010203", b"PLANTED!"))
    frames = save_dicom(tmp_path / "frames", dicom_film(FILM, NumberOfFrames=9))
    caplog.clear()
    said = repr(read_film(path).metadata)
    with pytest.raises(InputError) as error:
        read_film(frames)
    said += "\n".join([str(error.value), caplog.text, *capfd.readouterr()])

    assert "9 frames" in said
    assert not any(word in said for word in (*PLANTED, "PLANTED!"))


def test_a_broken_transfer_syntax_is_named_by_the_file_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder
) -> None:
    path = save_dicom(tmp_path / "f", dicom_film(FILM))
    syntax = str(ExplicitVRLittleEndian).encode()
    path.write_bytes(path.read_bytes().replace(syntax, syntax.replace(b"2", b"r", 1)))

    with pytest.raises(InputError, match=re.escape(f"{path}: transfer syntax 1.r.840")):
        read_film(path)

    assert not caplog.records
    assert not recwarn.list
