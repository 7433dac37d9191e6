"""Films in every format that is read, and the same ones broken in every way that files break.

    python tests/reliability/film_corpus.py FOLDER

writes them as files, to be tried on other readers.
"""

import io
import struct
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import tifffile
from PIL import Image

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2])]

from dicom_files import dicom_film, save_dicom  # noqa: E402
from pydicom.uid import (  # noqa: E402
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

STUDY_UID, FILM_UID = (f"1.2.826.0.1.3680043.8.498.{number}" for number in (1, 2))
HEIGHT_PX, WIDTH_PX = 90, 64
CUTS = 100
FLIPS = 120


class CorpusFile(NamedTuple):
    """A file, and what reading it may give."""

    name: str
    content: bytes
    pixels: np.ndarray | None
    """What is read if anything is; None if any film of a sane kind may be: the format has no way
    to tell."""
    must_refuse: bool = False


def film(dtype: type = np.uint16) -> np.ndarray:
    """Draw a dark film with a bright breast and a grain."""
    rows, columns = np.mgrid[:HEIGHT_PX, :WIDTH_PX]
    breast = np.clip(1.2 - np.hypot((rows - 45) / 50, columns / 45), 0, 1)
    grain = np.random.default_rng(0).normal(0, 0.01, breast.shape)
    return (
        np.clip(0.02 + 0.9 * breast + grain, 0, 1) * (4095 if dtype is np.uint16 else 255)
    ).astype(dtype)


def whole_files() -> dict[str, tuple[bytes, np.ndarray]]:
    """Return each format's file of the film and the pixels that it holds."""
    deep, shallow = film(), film(np.uint8)
    files = {
        "png 8.png": (cv2_bytes(".png", shallow), shallow),
        "png 16.png": (cv2_bytes(".png", deep), deep),
        "jpeg.jpg": lossy(".jpg", shallow),
        "jpeg progressive.jpg": lossy(".jpg", shallow, cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
        "bmp.bmp": (cv2_bytes(".bmp", shallow), shallow),
        "pgm 8.pgm": (cv2_bytes(".pgm", shallow), shallow),
        "pgm 16.pgm": (cv2_bytes(".pgm", deep), deep),
        "pgm ascii.pgm": (ascii_pgm(shallow), shallow),
    }
    for compression in (None, "zlib"):
        files[f"tiff {compression}.tif"] = (tiff_bytes(deep, compression=compression), deep)
    for compression in ("tiff_lzw", "packbits", "tiff_adobe_deflate"):
        content = pillow_bytes(Image.fromarray(deep), "TIFF", compression=compression)
        files[f"{compression}.tif"] = (content, deep)
    files["tiff big.tif"] = (tiff_bytes(deep, bigtiff=True), deep)
    for syntax in (
        *(ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian),
        *(RLELossless, JPEG2000Lossless, JPEGLSLossless),
    ):
        files[f"dicom {syntax.name}.dcm"] = (dicom_bytes(deep, syntax), deep)
    files["dicom plain.dcm"] = (dicom_bytes(deep, None), deep)
    return files


def cut_files() -> Iterator[CorpusFile]:
    """Yield each file cut off at every hundredth of its length."""
    for name, (content, pixels) in whole_files().items():
        for share in range(CUTS):
            cut = content[: len(content) * share // CUTS]
            yield CorpusFile(f"{share} of 100 of {name}", cut, pixels)


def flipped_files() -> Iterator[CorpusFile]:
    """Yield each file with single bits turned over, all over its length."""
    for name, (content, _) in whole_files().items():
        places = np.random.default_rng(len(content)).integers(0, 8 * len(content), FLIPS)
        for place in [*range(0, 8 * 64, 7), *places.tolist()]:
            flipped = bytearray(content)
            flipped[place // 8] ^= 1 << place % 8
            yield CorpusFile(f"bit {place} of {name}", bytes(flipped), None)


def odd_films() -> Iterator[CorpusFile]:
    """Yield whole files of every kind of picture that somebody may save a film as."""
    deep, shallow = film(), film(np.uint8)
    grey = Image.fromarray(shallow)
    colour = np.stack([shallow] * 3, axis=-1)
    opaque = np.dstack([shallow, np.full_like(shallow, 255)])
    yield CorpusFile("palette.png", pillow_bytes(grey.convert("P"), "PNG"), shallow)
    yield CorpusFile("alpha.png", pillow_bytes(Image.fromarray(opaque, "LA"), "PNG"), shallow)
    yield CorpusFile("colour.png", pillow_bytes(Image.fromarray(colour), "PNG"), shallow)
    cmyk = pillow_bytes(Image.fromarray(colour).convert("CMYK"), "JPEG")
    yield CorpusFile("cmyk.jpg", cmyk, None)
    exif = Image.Exif()
    for orientation in range(2, 9):
        exif[0x0112] = orientation
        turned = pillow_bytes(grey, "JPEG", exif=exif)
        yield CorpusFile(f"turned {orientation}.jpg", turned, None, must_refuse=True)
        turned_tiff = tiff_bytes(deep, extratags=[(274, "H", 1, orientation, True)])
        yield CorpusFile(f"turned {orientation}.tif", turned_tiff, None, must_refuse=True)
    for kind in (np.float32, np.float64, np.int16, np.int32, np.uint32, np.complex64):
        stored = tiff_bytes(deep.astype(kind))
        yield CorpusFile(f"{np.dtype(kind)}.tif", stored, None, must_refuse=True)
    yield CorpusFile("inverted.tif", tiff_bytes(65535 - deep, photometric="miniswhite"), deep)
    yield CorpusFile("stack.tif", tiff_bytes(np.stack([deep] * 3)), None, must_refuse=True)
    for shape in ((1, 500), (500, 1), (1, 1), (31, 500)):
        for ending in (".png", ".tif", ".pgm", ".bmp"):
            sliver = np.arange(np.prod(shape)).reshape(shape).astype(np.uint8)
            content = cv2_bytes(ending, sliver)
            yield CorpusFile(f"{shape[1]}x{shape[0]}{ending}", content, None, must_refuse=True)
    for ending in (".png", ".tif", ".pgm", ".bmp", ".jpg"):
        blank = cv2_bytes(ending, np.full_like(shallow, 90))
        yield CorpusFile(f"blank{ending}", blank, None, must_refuse=True)
        yield CorpusFile(f"empty{ending}", b"", None, must_refuse=True)
        yield CorpusFile(f"zeros{ending}", bytes(5000), None, must_refuse=True)
    for name, attributes in odd_dicom().items():
        yield CorpusFile(
            f"{name}.dcm", dicom_bytes(deep, None, **attributes), None, must_refuse=True
        )


def odd_dicom() -> dict[str, dict[str, Any]]:
    """Return attributes that no single mammogram has."""
    return {
        "no rows": {"Rows": None},
        "no columns": {"Columns": 0},
        "more rows than pixels": {"Rows": 9 * HEIGHT_PX},
        "a stack": {"NumberOfFrames": 3},
        "colour": {"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3},
        "a palette": {"PhotometricInterpretation": "PALETTE COLOR"},
        "a chest": {"Modality": "CR"},
        "32 bits": {"BitsAllocated": 32, "BitsStored": 32},
        "no bits": {"BitsStored": 0},
        "raw": {"PresentationIntentType": "FOR PROCESSING"},
    }


def bombs() -> Iterator[CorpusFile]:
    """Yield small files that claim, or unfold to, more than a machine holds."""
    for side in (15_000, 60_000, 1_000_000, 2**31 - 1):
        yield CorpusFile(f"{side}.png", png_header(side), None, must_refuse=True)
        yield CorpusFile(f"{side}.pgm", b"P5 %d %d 255\n" % (side, side), None, must_refuse=True)
        bmp = bytearray(cv2_bytes(".bmp", film(np.uint8)))
        bmp[18:26] = struct.pack("<ii", side, side)
        yield CorpusFile(f"{side}.bmp", bytes(bmp), None, must_refuse=True)
        yield CorpusFile(f"{side}.tif", tiff_header(side), None, must_refuse=True)
    zeros = np.zeros((14_000, 14_000), np.uint8)
    yield CorpusFile("black 196 million.png", cv2_bytes(".png", zeros), None, must_refuse=True)
    for side in (30_000, 65_535):
        claimed = dicom_bytes(film(), None, Rows=side, Columns=side)
        yield CorpusFile(f"claims {side}.dcm", claimed, None, must_refuse=True)
    yield CorpusFile("pages in a ring.tif", ring_of_pages(), None, must_refuse=True)
    for megabytes in (400, 1600):
        content = deflated_bomb(megabytes)
        yield CorpusFile(f"unfolds to {megabytes} MB.dcm", content, None, must_refuse=True)
    yield CorpusFile("chunk of 4 GB.png", chunk_bomb(), None, must_refuse=True)


def cv2_bytes(ending: str, pixels: np.ndarray, *options: int) -> bytes:
    return cv2.imencode(ending, pixels, list(options))[1].tobytes()


def lossy(ending: str, pixels: np.ndarray, *options: int) -> tuple[bytes, np.ndarray]:
    content = cv2_bytes(ending, pixels, *options)
    return content, cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)


def pillow_bytes(image: Image.Image, file_format: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


def tiff_bytes(pixels: np.ndarray, **options: Any) -> bytes:
    stream = io.BytesIO()
    options.setdefault("photometric", "minisblack")
    tifffile.imwrite(stream, pixels, **options)
    return stream.getvalue()


def dicom_bytes(pixels: np.ndarray, syntax: Any, **attributes: Any) -> bytes:
    dataset = dicom_film(pixels, **attributes)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.dcm"
        if syntax in (RLELossless, JPEG2000Lossless, JPEGLSLossless):
            dataset.compress(syntax)
        elif syntax is not None:
            dataset.file_meta.TransferSyntaxUID = syntax
        # The same bytes each time, so that what fails can be looked into.
        dataset.StudyInstanceUID, dataset.SOPInstanceUID = STUDY_UID, FILM_UID
        save_dicom(path, dataset)
        return path.read_bytes()


def ascii_pgm(pixels: np.ndarray) -> bytes:
    lines = [" ".join(map(str, row)) for row in pixels]
    return "\n".join([f"P2\n{pixels.shape[1]} {pixels.shape[0]}\n255", *lines, ""]).encode()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    checked = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checked


def png_header(side: int) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def chunk_bomb() -> bytes:
    whole = cv2_bytes(".png", film(np.uint8))
    return whole[:33] + struct.pack(">I", 2**32 - 20) + b"IDAT" + whole[41:]


def deflated_bomb(megabytes: int) -> bytes:
    """Hide so much nothing in a private element of a deflated film."""
    whole = dicom_bytes(film(), DeflatedExplicitVRLittleEndian)
    meta_length = struct.unpack("<I", whole[140:144])[0]
    body_start = 144 + meta_length
    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    head = struct.pack("<HH2sHI", 9, 0x1001, b"OB", 0, megabytes * 10**6)
    parts = [squeeze.compress(head), *(squeeze.compress(bytes(10**6)) for _ in range(megabytes))]
    body = zlib.decompress(whole[body_start:], wbits=-zlib.MAX_WBITS)
    return whole[:body_start] + b"".join([*parts, squeeze.compress(body), squeeze.flush()])


def tiff_header(side: int) -> bytes:
    """Claim one strip of the whole picture, which is not there."""
    tags = {256: side, 257: side, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: side, 279: 100}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + entries + bytes(104)


def ring_of_pages() -> bytes:
    page = bytearray(tiff_header(64))
    end = 8 + 2 + 9 * 12
    page[end : end + 4] = struct.pack("<I", 8)
    return bytes(page)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True)
    for group in (cut_files, flipped_files, odd_films, bombs):
        for number, file in enumerate(group()):
            (target / f"{group.__name__} {number:05d} {file.name}").write_bytes(file.content)
