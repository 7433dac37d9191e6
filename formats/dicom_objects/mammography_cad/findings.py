"""What a CAD program found on mammograms, as the report takes it."""

from dataclasses import dataclass
from enum import Enum

from pydicom.sr.coding import Code

MAMMOGRAPHY_DENSITY = Code("129793001", "SCT", "Mammography breast density")
"""How CID 6014 calls what may be a mass when it is seen on one image."""


class RenderingIntent(Enum):
    """What a viewer does with a finding (CID 6034)."""

    REQUIRED = Code(
        "111150", "DCM", "Presentation Required: Rendering device is expected to present"
    )
    OPTIONAL = Code("111151", "DCM", "Presentation Optional: Rendering device may present")
    NONE = Code("111152", "DCM", "Not for Presentation: Rendering device expected not to present")


@dataclass(frozen=True, kw_only=True)
class CadAlgorithm:
    """What found it (TID 4019)."""

    name: str
    version: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SingleImageFinding:
    """One place on one image (TID 4006)."""

    sop_instance_uid: str
    """Of the image."""
    centre_xy: tuple[float, float]
    """In pixels, column first; the far corner of the first pixel is (1, 1)."""
    outline_xy: tuple[tuple[float, float], ...]
    """The corners of a closed polygon, the first repeated at its end; may be empty."""
    certainty_percent: float | None = None
    probability_of_cancer_percent: float | None = None
    kind: Code = MAMMOGRAPHY_DENSITY
    """One of CID 6014."""
    rendering_intent: RenderingIntent = RenderingIntent.REQUIRED
