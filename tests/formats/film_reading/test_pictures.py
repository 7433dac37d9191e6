import logging
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from formats.errors import InputError
from formats.film_reading.pictures import check_picture, read_picture

DEEP = np.linspace(0, 4095, 64 * 48).reshape(64, 48).astype(np.uint16)
SHALLOW = (DEEP // 16).astype(np.uint8)


@pytest.mark.parametrize("byte_order", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("film", [DEEP, SHALLOW], ids=["16 bits", "8 bits"])
def test_a_tiff_whose_zero_is_white_is_turned_over(
    tmp_path: Path, film: np.ndarray, compression: str | None, byte_order: str
) -> None:
    path = tmp_path / "f.tif"
    stored = np.iinfo(film.dtype).max - film
    tifffile.imwrite(
        path, stored, photometric="miniswhite", compression=compression, byteorder=byte_order
    )

    np.testing.assert_array_equal(read_picture(path), film)
    assert check_picture(path) == film.shape


@pytest.mark.parametrize("page_count", [2, 5])
def test_a_stack_is_refused_with_its_count(tmp_path: Path, page_count: int) -> None:
    path = tmp_path / "stack.tif"
    tifffile.imwrite(path, np.stack([DEEP] * page_count), photometric="minisblack")

    for read in (read_picture, check_picture):
        with pytest.raises(InputError, match=rf"stack\.tif: a TIFF of {page_count} pages.*save"):
            read(path)


def test_an_animated_png_is_a_stack_too(tmp_path: Path) -> None:
    frame = Image.fromarray(SHALLOW)
    frame.save(tmp_path / "f.png", save_all=True, append_images=[Image.fromarray(255 - SHALLOW)])

    with pytest.raises(InputError, match="PNG of 2 pages"):
        read_picture(tmp_path / "f.png")


@pytest.mark.parametrize("fill", [b"\0", b"\xff", None], ids=["zeros", "ones", "taken out"])
@pytest.mark.parametrize("options", [[], [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]], ids=["plain", "pro"])
def test_a_jpeg_with_a_hole_is_refused_by_name(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], options: list[int], fill: bytes | None
) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (300, 200)).astype(np.uint8)
    whole = cv2.imencode(".jpg", noise, options)[1].tobytes()
    middle = len(whole) // 2
    path = tmp_path / "hole.jpg"
    path.write_bytes(whole[:middle] + (fill or b"") * 2000 + whole[middle + 2000 :])

    with pytest.raises(InputError, match=r"hole\.jpg.*(damaged|cannot be decoded).*"):
        read_picture(path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_a_hole_in_other_formats_is_refused_by_name(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], suffix: str
) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (300, 200)).astype(np.uint8)
    whole = cv2.imencode(f".{suffix}", noise)[1].tobytes()
    path = tmp_path / f"hole.{suffix}"
    path.write_bytes(whole[:20000] + bytes(2000) + whole[22000:])

    with pytest.raises(InputError, match=rf"hole\.{suffix}.*(damaged|cannot be decoded)"):
        read_picture(path)
    assert capfd.readouterr().err == ""


def test_what_others_write_meanwhile_is_not_swallowed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f.png"
    cv2.imwrite(str(path), SHALLOW)
    decode = cv2.imdecode

    def talking_decode(encoded: np.ndarray, flags: int) -> np.ndarray:
        os.write(2, b"a remark\n")
        return decode(encoded, flags)

    monkeypatch.setattr(cv2, "imdecode", talking_decode)
    with caplog.at_level(logging.WARNING):
        read_picture(path)

    assert "f.png: a remark" in caplog.text


@pytest.mark.parametrize("end", ["", "\n"], ids=["no line feed", "line feed"])
@pytest.mark.parametrize("film", [DEEP, SHALLOW], ids=["12 bits", "8 bits"])
def test_an_ascii_pgm_needs_no_final_line_feed(tmp_path: Path, film: np.ndarray, end: str) -> None:
    path = tmp_path / "f.pgm"
    rows = "\n".join(" ".join(map(str, row)) for row in film.tolist())
    path.write_text(f"P2\n48 64\n{4095 if film.dtype == np.uint16 else 255}\n{rows}{end}")

    np.testing.assert_array_equal(read_picture(path), film)


@pytest.mark.parametrize("content", [b"II*\0\x08\0\0\0", b"MM\0*" + bytes(200)])
def test_a_tiff_without_a_page_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.tif").write_bytes(content)

    with pytest.raises(InputError, match=r"f\.tif.*TIFF is cut off or damaged"):
        check_picture(tmp_path / "f.tif")
