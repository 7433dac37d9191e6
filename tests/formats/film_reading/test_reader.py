from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from formats.errors import InputError
from formats.film_reading import pictures
from formats.film_reading import size as film_size
from formats.film_reading.pictures import ORIENTATION_TAG, read_picture
from formats.film_reading.reader import (
    check_film,
    read_grey,
    read_thumbnail,
)

DEEP = np.linspace(0, 4095, 64 * 48).reshape(64, 48).astype(np.uint16)
SHALLOW = (DEEP // 16).astype(np.uint8)


def saved(path: Path, picture: np.ndarray) -> Path:
    assert cv2.imwrite(str(path), picture)
    return path


def test_sixteen_bits_stay_sixteen(tmp_path: Path) -> None:
    film = read_grey(saved(tmp_path / "f.png", DEEP))

    assert film.dtype == np.uint16
    np.testing.assert_array_equal(film, DEEP)


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "pgm"])
def test_eight_bits_come_back_as_stored(tmp_path: Path, suffix: str) -> None:
    np.testing.assert_array_equal(read_grey(saved(tmp_path / f"f.{suffix}", SHALLOW)), SHALLOW)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "LA"])
def test_grey_films_stored_in_colour_come_back_grey(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "f.png"
    Image.fromarray(SHALLOW).convert(mode).save(path)
    film = read_grey(path)

    assert film.shape == SHALLOW.shape
    assert np.abs(film.astype(int) - SHALLOW).max() <= 1


def test_colour_becomes_its_luminance(tmp_path: Path) -> None:
    bgr = np.zeros((64, 48, 3), dtype=np.uint8)
    bgr[..., 1] = 200

    assert read_picture(saved(tmp_path / "f.png", bgr)) == pytest.approx(0.587 * 200, abs=1)


@pytest.mark.parametrize("channels", [3, 4])
def test_sixteen_bits_in_colour_stay_sixteen(tmp_path: Path, channels: int) -> None:
    film = read_grey(saved(tmp_path / "f.png", np.dstack([DEEP] * channels)))

    assert film.dtype == np.uint16
    np.testing.assert_array_equal(film, DEEP)


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_file_that_is_cut_off_is_refused_by_name(tmp_path: Path, suffix: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (200, 200)).astype(np.uint8)
    path = saved(tmp_path / f"cut.{suffix}", noise)
    path.write_bytes(path.read_bytes()[:-5000])

    for read in (read_grey, check_film):
        with pytest.raises(InputError, match=rf"cut\.{suffix}.*cut off"):
            read(path)


def test_a_turned_film_is_refused(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = 6
    Image.fromarray(SHALLOW).save(tmp_path / "turned.jpg", exif=exif)

    for read in (read_grey, check_film):
        with pytest.raises(InputError, match=r"turned\.jpg.*EXIF orientation 6"):
            read(tmp_path / "turned.jpg")


def test_an_upright_tag_is_no_reason_to_refuse(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = 1
    Image.fromarray(SHALLOW).save(tmp_path / "upright.jpg", exif=exif)

    assert read_grey(tmp_path / "upright.jpg").shape == SHALLOW.shape


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "empty"), (b"patient,age\n1,50\n", "not an image")]
)
def test_what_is_no_image_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "film.png"
    path.write_bytes(content)

    for read in (read_grey, check_film):
        with pytest.raises(InputError, match=rf"film\.png.*{message}"):
            read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for read in (read_grey, read_thumbnail, check_film):
        with pytest.raises(InputError, match=r"gone\.png"):
            read(tmp_path / "gone.png")


@pytest.mark.parametrize("shape", [(1, 500), (500, 1), (31, 31)])
def test_a_sliver_is_no_mammogram(tmp_path: Path, shape: tuple[int, int]) -> None:
    path = saved(tmp_path / "f.png", np.zeros(shape, dtype=np.uint8))

    for read in (read_grey, check_film):
        with pytest.raises(InputError, match=rf"f\.png.*{shape[1]}x{shape[0]} pixels is too small"):
            read(path)


def test_an_enormous_film_is_refused_before_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "f.png", SHALLOW)
    monkeypatch.setattr(film_size, "MAX_PIXELS", SHALLOW.size - 1)
    monkeypatch.setattr(pictures, "_decode", lambda *_: pytest.fail("was decoded"))

    for read in (read_grey, check_film):
        with pytest.raises(InputError, match=r"f\.png.*more than"):
            read(path)


def test_fractions_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "f.tif", SHALLOW.astype(np.float32))

    with pytest.raises(InputError, match="float32"):
        read_grey(path)


def test_a_whole_film_is_checked_without_decoding(tmp_path: Path) -> None:
    assert check_film(saved(tmp_path / "f.png", DEEP)) == DEEP.shape


def test_thumbnail_of_a_jpeg_is_an_eighth(tmp_path: Path) -> None:
    path = saved(tmp_path / "f.jpg", cv2.resize(SHALLOW, (240, 320)))

    assert read_thumbnail(path).shape == (40, 30)


def drawn_film() -> np.ndarray:
    """Draw a 12-bit film of a breast on the left, with noise, in dark air."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:480, :320] / 320
    depth = np.clip(1 - ((y - 0.75) / 0.6) ** 2 - (x / 0.7) ** 2, 0, 1)
    tissue = np.sqrt(depth) * (0.8 + random.normal(0, 0.04, depth.shape))
    return (np.clip(tissue, 0, 1) * 4095).astype(np.uint16)


@pytest.mark.parametrize("top", [255, 4095, 65535])
def test_a_negative_is_turned_over_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, top: int
) -> None:
    film = (drawn_film() // 16).astype(np.uint8) if top == 255 else drawn_film()
    stored = (top - film.astype(int)).astype(film.dtype)
    read = read_grey(saved(tmp_path / "negative.png", stored))

    np.testing.assert_array_equal(read - read.min(), film - film.min())
    assert read.dtype == film.dtype
    assert "negative.png: the air around the breast is bright" in caplog.text


def test_padding_far_above_the_tissue_becomes_dark_and_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    film = drawn_film()
    padded = film.copy()
    padded[:, 250:] = 65535
    padded[film == 0] = 65535
    read = read_grey(saved(tmp_path / "padded.png", padded))

    np.testing.assert_array_equal(read, np.where(padded == 65535, padded.min(), film))
    assert "padded.png: grey levels above" in caplog.text


def test_a_label_stays_as_it_is(tmp_path: Path) -> None:
    film = drawn_film()
    film[5:20, 280:310] = 65535

    np.testing.assert_array_equal(read_grey(saved(tmp_path / "f.png", film)), film)


@pytest.mark.parametrize("level", [0, 700, 65535])
@pytest.mark.parametrize("label_level", [None, 65535])
def test_a_film_without_contrast_is_refused(
    tmp_path: Path, level: int, label_level: int | None
) -> None:
    film = np.full((400, 300), level, dtype=np.uint16)
    film[::7, ::3] -= np.uint16(level > 0)
    if label_level:
        film[10:20, 250:290] = label_level

    with pytest.raises(InputError, match=r"f\.png: no contrast"):
        read_grey(saved(tmp_path / "f.png", film))
