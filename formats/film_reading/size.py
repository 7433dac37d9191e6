"""Which sizes a mammogram can have."""

from pathlib import Path

from formats.errors import InputError

MIN_SIDE_PX = 32
MAX_PIXELS = 150_000_000


def check_size(path: Path, height_px: int, width_px: int) -> None:
    """Refuse a picture that is too small for a mammogram, or too large to be read.

    Raises:
        InputError: it is.
    """
    if min(width_px, height_px) < MIN_SIDE_PX:
        raise InputError(
            f"{path}: {width_px}x{height_px} pixels is too small for a mammogram "
            f"(at least {MIN_SIDE_PX} each way); use the original file"
        )
    if width_px * height_px > MAX_PIXELS:
        raise InputError(
            f"{path}: {width_px}x{height_px} pixels is more than {MAX_PIXELS:,}; reduce the image"
        )
