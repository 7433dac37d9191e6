"""How much longer reading a DICOM film takes than its decoder alone; at most 1.2 times is wanted.

Run: python benchmarks/dicom_reading.py

The film has the size of a digital mammogram and is drawn. For each way of storing it, decoder and
reading take turns many times, and the fastest of each counts, in processor time: on a busy machine,
and with the same memory to find, both have had the same. The decoder alone is pydicom's
`pixel_array` on the file. Of an uncompressed film that is a copy of its bytes, which a single look
at every pixel doubles; the last column says what reading costs on top.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    UID,
    DigitalMammographyXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from formats.film_reading.reader import read_film

HEIGHT_PX, WIDTH_PX = 3328, 2560
REPEATS = 25


def main() -> None:
    """Print a row for each way of storing the film."""
    film = drawn_film()
    print(f"{'stored as':45} {'decoder ms':>10} {'reading ms':>10} {'ratio':>6} {'on top ms':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for syntax in (ExplicitVRLittleEndian, RLELossless, JPEGLSLossless, JPEG2000Lossless):
            stored: list[tuple[str, dict[str, object]]] = [
                ("as it is", {}),
                (
                    "MONOCHROME1, window",
                    {
                        "PhotometricInterpretation": "MONOCHROME1",
                        "WindowCenter": 2000,
                        "WindowWidth": 3000,
                    },
                ),
                ("padding", {"PixelPaddingValue": 0}),
            ]
            for name, attributes in stored:
                path = Path(folder) / "film"
                save(path, film, syntax, attributes)
                decoder_s, reading_s = fastest_s(
                    [partial(pixel_array, path), partial(read_film, path)]
                )
                print(
                    f"{syntax.name[:22]:22}, {name:21} {decoder_s * 1e3:10.1f} "
                    f"{reading_s * 1e3:10.1f} {reading_s / decoder_s:6.2f} "
                    f"{(reading_s - decoder_s) * 1e3:10.1f}"
                )


def drawn_film() -> np.ndarray:
    """Draw a 12-bit film of a breast with noise in dark air."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:HEIGHT_PX, :WIDTH_PX] / WIDTH_PX
    depth = np.clip(1 - ((y - 0.65) / 0.55) ** 2 - (x / 0.7) ** 2, 0, 1)
    tissue = np.sqrt(depth) * (0.8 + random.normal(0, 0.03, depth.shape))
    return (np.clip(tissue, 0, 1) * 4095).astype(np.uint16)


def save(path: Path, film: np.ndarray, syntax: UID, attributes: dict[str, object]) -> None:
    """Write a film as DICOM in a transfer syntax."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    dataset.SOPClassUID = DigitalMammographyXRayImageStorageForPresentation
    dataset.SOPInstanceUID = generate_uid()
    dataset.Modality = "MG"
    dataset.Rows, dataset.Columns = film.shape
    dataset.SamplesPerPixel, dataset.PixelRepresentation = 1, 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PhotometricInterpretation = "MONOCHROME2"
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    inverted = dataset.PhotometricInterpretation == "MONOCHROME1"
    dataset.PixelData = (4095 - film if inverted else film).tobytes()
    if syntax != ExplicitVRLittleEndian:
        dataset.compress(syntax)
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)


def fastest_s(ways: Sequence[Callable[[], object]]) -> list[float]:
    """Return the shortest of several processor times in seconds, of ways that take turns."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(REPEATS):
        for way, taken in zip(ways, times, strict=True):
            start = time.process_time()
            way()
            taken.append(time.process_time() - start)
    return [min(taken) for taken in times]


if __name__ == "__main__":
    main()
