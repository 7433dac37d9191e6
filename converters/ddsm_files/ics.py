"""The `.ics` header of a DDSM case: the sizes of the original scans."""

import re
from typing import NamedTuple

SCAN_LINE = re.compile(
    r"^\s*((?:LEFT|RIGHT)_(?:CC|MLO))\s+LINES\s+(\d+)\s+PIXELS_PER_LINE\s+(\d+)",
    re.MULTILINE | re.IGNORECASE,
)


class ScanSize(NamedTuple):
    """The original scan's size in pixels, about twice the shipped film's each way."""

    lines: int
    pixels_per_line: int


def parse_ics(text: str) -> dict[str, ScanSize]:
    """Return the scan sizes by view name, as in `LEFT_CC`; views that cannot be read are absent."""
    return {
        view.upper(): ScanSize(int(lines), int(pixels))
        for view, lines, pixels in SCAN_LINE.findall(text)
        if int(lines) > 0 and int(pixels) > 0
    }
