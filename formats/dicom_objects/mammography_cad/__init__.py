"""The Mammography CAD SR (PS3.16, TID 4000), for anybody's findings.

`MammographyCadSR` makes the document of one study's images, `template_violations` checks the
content of any such document row by row. Nothing here knows of this project's networks.
"""

from formats.dicom_objects.mammography_cad.document import MammographyCadSR
from formats.dicom_objects.mammography_cad.findings import (
    MAMMOGRAPHY_DENSITY,
    CadAlgorithm,
    RenderingIntent,
    SingleImageFinding,
)
from formats.dicom_objects.mammography_cad.row_check import template_violations

__all__ = [
    "MAMMOGRAPHY_DENSITY",
    "CadAlgorithm",
    "MammographyCadSR",
    "RenderingIntent",
    "SingleImageFinding",
    "template_violations",
]
