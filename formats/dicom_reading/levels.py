"""From the values that a DICOM file stores to grey levels: one table for a whole film.

Modality LUT or rescaling, then VOI LUT or window, then MONOCHROME1 turned over: each maps one
value to one value, so the chain runs over all values that can occur, once, and not over pixels.
"""

import cv2
import numpy as np
from pydicom import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_windowing

LEVEL_KEYWORDS = (
    "PhotometricInterpretation",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
    "RescaleSlope",
    "RescaleIntercept",
    "ModalityLUTSequence",
    "VOILUTSequence",
    "WindowCenter",
    "WindowWidth",
    "VOILUTFunction",
)
HIGHEST_LEVEL = 65535
# Rows whose levels stay in the processor's cache.
ROWS_AT_ONCE = 64


def grey_levels(dataset: Dataset, pixels: np.ndarray, voi: int) -> np.ndarray:
    """Return the grey levels of a film, bright where there is much tissue.

    Args:
        dataset: the film's attributes (`LEVEL_KEYWORDS`).
        pixels: (H, W) integers of 8 or 16 bits as the file has them, whatever their unused bits.
        voi: which of the file's VOI LUTs and windows, from 1: the LUTs first.

    Returns:
        (H, W) uint8 or uint16; padding has the darkest level of the rest. `pixels` are overwritten
        where they can be: new memory costs more time than the table.

    Raises:
        ValueError: the file has no such VOI, an attribute cannot be, or all is padding.
    """
    unsigned = pixels.view(np.dtype(f"u{pixels.dtype.itemsize}"))
    words = np.arange(2 ** (8 * pixels.dtype.itemsize))
    table = _level_of_value(dataset, voi)[_stored_index(dataset, words)]
    padding = _is_padding(dataset, words)
    if padding.any():
        table[padding] = table.max()
        table[padding] = _darkest_level(unsigned, table)
    if not _changes(table, unsigned):
        return unsigned
    is_reused = unsigned.flags.writeable and unsigned.dtype == table.dtype
    return cv2.LUT(unsigned, table, unsigned if is_reused else None)


def _darkest_level(pixels: np.ndarray, table: np.ndarray) -> int:
    """Return the darkest level of (H, W) pixels by a table where padding is the brightest."""
    lowest, brightest = int(table.min()), int(table.max())
    darkest = brightest
    for start in range(0, len(pixels), ROWS_AT_ONCE):
        rows = np.ascontiguousarray(pixels[start : start + ROWS_AT_ONCE])
        darkest = min(darkest, int(np.min(cv2.LUT(rows, table))))
        if darkest == lowest:
            break
    if darkest == brightest:
        raise ValueError("every pixel is padding")
    return darkest


def _changes(table: np.ndarray, pixels: np.ndarray) -> bool:
    """Say whether a table would change the pixels; most files need none."""
    same = np.flatnonzero(table != np.arange(len(table)))
    return bool(len(same)) and (table.dtype != pixels.dtype or int(pixels.max()) >= same[0])


def _stored_index(dataset: Dataset, words: np.ndarray) -> np.ndarray:
    """Return which of the possible stored values each word of the pixel data means, from 0."""
    bits = dataset.BitsStored
    shift = dataset.get("HighBit", bits - 1) + 1 - bits
    index = (words >> max(shift, 0)) & (2**bits - 1)
    # Of two's complement the lower half comes second.
    return index ^ 2 ** (bits - 1) if dataset.PixelRepresentation else index


def _stored_values(dataset: Dataset) -> np.ndarray:
    """Return all values that pixels can have, in rising order."""
    bits = dataset.BitsStored
    lowest = -(2 ** (bits - 1)) if dataset.PixelRepresentation else 0
    return np.arange(lowest, lowest + 2**bits)


def _is_padding(dataset: Dataset, words: np.ndarray) -> np.ndarray:
    """Say which words of the pixel data are padding; its values are given as pixels are stored."""
    first = dataset.get("PixelPaddingValue")
    if first is None or first == "":
        return np.zeros(len(words), dtype=bool)
    last = dataset.get("PixelPaddingRangeLimit")
    last = first if last is None or last == "" else last
    # Some writers give a negative value as the unsigned one of the same bits.
    ends = [_as_stored(dataset, int(value)) for value in (first, last)]
    values = words
    if dataset.PixelRepresentation:
        # Signed, by the bits of a word or by those stored: unused bits need not repeat the sign.
        values = np.where(words >= len(words) // 2, words - len(words), words)
        meant = _stored_values(dataset)[_stored_index(dataset, words)]
        return (min(ends) <= values) & (values <= max(ends)) | (
            (min(ends) <= meant) & (meant <= max(ends))
        )
    return (min(ends) <= values) & (values <= max(ends))


def _as_stored(dataset: Dataset, value: int) -> int:
    word_bits = dataset.BitsAllocated
    value &= 2**word_bits - 1
    is_negative = dataset.PixelRepresentation and value >= 2 ** (word_bits - 1)
    return value - 2**word_bits if is_negative else value


def _level_of_value(dataset: Dataset, voi: int) -> np.ndarray:
    """Return the uint8 or uint16 grey level of each value that can be stored."""
    levels = _apply_voi(dataset, _apply_modality(dataset, _stored_values(dataset)), voi)
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        levels = levels.min() + levels.max() - levels
    return _to_unsigned(levels, dataset.BitsStored)


def _apply_modality(dataset: Dataset, values: np.ndarray) -> np.ndarray:
    sequence = dataset.get("ModalityLUTSequence")
    if sequence:
        return _look_up(dataset, sequence[0], values)
    return apply_modality_lut(values, dataset)


def _apply_voi(dataset: Dataset, values: np.ndarray, voi: int) -> np.ndarray:
    luts = dataset.get("VOILUTSequence") or []
    centers, widths = _numbers(dataset, "WindowCenter"), _numbers(dataset, "WindowWidth")
    windows = list(zip(centers, widths, strict=False))
    if voi == 1 and not luts and not windows:
        return values
    if not 1 <= voi <= len(luts) + len(windows):
        raise ValueError(
            f"--voi {voi} is none of its {len(luts)} VOI LUTs and {len(windows)} windows"
        )
    if voi <= len(luts):
        return _look_up(dataset, luts[voi - 1], values)
    window = Dataset()
    window.WindowCenter, window.WindowWidth = windows[voi - 1 - len(luts)]
    window.VOILUTFunction = dataset.get("VOILUTFunction") or "LINEAR"
    # These set pydicom's output range.
    window.PhotometricInterpretation, window.BitsStored = "MONOCHROME2", 16
    window.PixelRepresentation = 0
    # Far from a sigmoid window the exponential overflows, and its inverse is 0 as it should be.
    with np.errstate(over="ignore"):
        return apply_windowing(values, window)


def _numbers(dataset: Dataset, keyword: str) -> list[float]:
    value = dataset.get(keyword)
    if value is None or value == "":
        return []
    return [float(number) for number in (value if hasattr(value, "__iter__") else [value])]


def _look_up(dataset: Dataset, lut: Dataset, values: np.ndarray) -> np.ndarray:
    """Look values up in a LUT of 8 to 16 bits (PS3.3, C.11.1.1.1).

    pydicom's own functions wrap 8-bit VOI LUTs of more than 256 entries, and know Modality LUTs
    of 8 and 16 bits only.
    """
    entry_count, first_value, _ = (int(number) for number in lut.LUTDescriptor)
    entry_count = entry_count or 2**16
    if values.min() < 0 and first_value >= 2**15:
        first_value -= 2**16
    entries = _lut_entries(dataset, lut, entry_count)
    return entries[np.clip(np.floor(values - first_value).astype(int), 0, entry_count - 1)]


def _lut_entries(dataset: Dataset, lut: Dataset, entry_count: int) -> np.ndarray:
    data = lut.LUTData
    if not isinstance(data, bytes):
        entries = np.atleast_1d(np.asarray(data))
    else:
        byte_order = "<" if dataset.original_encoding[1] else ">"
        is_packed = len(data) < 2 * entry_count
        entries = np.frombuffer(data, np.uint8 if is_packed else np.dtype(f"{byte_order}u2"))
    if len(entries) < entry_count:
        raise ValueError(f"a LUT of {entry_count} entries holds {len(entries)}")
    return entries[:entry_count].astype(np.int64)


def _to_unsigned(levels: np.ndarray, bits_stored: int) -> np.ndarray:
    """Keep whole levels, moved to 0 where some are negative; stretch others over 16 bits."""
    low, high = float(levels.min()), float(levels.max())
    if not np.isfinite([low, high]).all():
        raise ValueError("rescaling gives no finite grey levels")
    is_whole = np.array_equal(levels, np.rint(levels))
    if not is_whole or high - low > HIGHEST_LEVEL:
        levels, high = (levels - low) * (HIGHEST_LEVEL / max(high - low, 1e-12)), HIGHEST_LEVEL
    elif low < 0 or high > HIGHEST_LEVEL:
        levels, high = levels - low, high - low
    fits_a_byte = bits_stored <= 8 and high <= 255
    return np.rint(levels).astype(np.uint8 if fits_a_byte else np.uint16)
