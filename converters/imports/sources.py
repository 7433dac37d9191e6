"""Which layouts and data sets can be imported, and what reads each."""

from collections.abc import Callable

from converters.ddsm_files.disk import DiskIndex
from converters.imports.cbis_ddsm import gather_cbis_ddsm
from converters.imports.coco_files import gather_coco
from converters.imports.csv_table import gather_csv
from converters.imports.gathered import Gathered
from converters.imports.inbreast import gather_inbreast
from converters.imports.mini_mias import gather_mini_mias
from converters.imports.voc import gather_voc
from converters.imports.yolo import gather_yolo
from formats.coco_reading.options import CocoOptions

COCO = "coco"
GATHER: dict[str, Callable[[DiskIndex], Gathered]] = {
    "yolo": gather_yolo,
    "voc": gather_voc,
    "csv": gather_csv,
    "cbis-ddsm": gather_cbis_ddsm,
    "inbreast": gather_inbreast,
    "mini-mias": gather_mini_mias,
}
SOURCES = (COCO, *GATHER)


def gather(source: str, disk: DiskIndex, options: CocoOptions) -> tuple[Gathered, list[str]]:
    """Gather a folder in one of `SOURCES`.

    Returns:
        What its files say, and what reading them changed.

    Raises:
        InputError: the folder is not in that layout, or cannot be read.
    """
    if source == COCO:
        return gather_coco(disk, options)
    return GATHER[source](disk), []
