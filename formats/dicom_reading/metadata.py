"""What a mammogram's DICOM header says of the film, and of the person if that was asked for."""

import math
import re

from pydicom import Dataset

from formats.film_reading.metadata import FilmMetadata

METADATA_KEYWORDS = (
    "SOPInstanceUID",
    "StudyInstanceUID",
    "ImageLaterality",
    "Laterality",
    "ViewPosition",
    "ViewCodeSequence",
    "PixelSpacing",
    "PixelSpacingCalibrationType",
    "ImagerPixelSpacing",
    "NominalScannedPixelSpacing",
    "EstimatedRadiographicMagnificationFactor",
)
PERSON_KEYWORDS = ("PatientName", "PatientID", "SpecificCharacterSet")
SIDES = {"L": "LEFT", "R": "RIGHT"}
VIEW_POSITION = re.compile(r"[A-Z]{2,5}")
# Context group 4014, by SNOMED CT and by the older SNOMED RT code.
VIEWS_BY_CODE = {
    "399162004": "CC",
    "R-10242": "CC",
    "399368009": "MLO",
    "R-10226": "MLO",
    "399260004": "ML",
    "R-10224": "ML",
    "399352003": "LM",
    "R-10228": "LM",
}


def film_metadata(dataset: Dataset) -> FilmMetadata:
    """Return what a data set says of its film."""
    spacing_mm, spacing_source = _spacing(dataset)
    laterality = dataset.get("ImageLaterality") or dataset.get("Laterality")
    return FilmMetadata(
        sop_instance_uid=str(dataset.get("SOPInstanceUID") or "") or None,
        study_instance_uid=str(dataset.get("StudyInstanceUID") or "") or None,
        side=SIDES.get(str(laterality)),
        view=_view(dataset),
        spacing_mm=spacing_mm,
        spacing_source=spacing_source,
        study_label=_study_label(dataset),
    )


def _study_label(dataset: Dataset) -> str | None:
    """Return name and number of the person; None unless their attributes were read."""
    words = [str(dataset.get(keyword) or "") for keyword in ("PatientName", "PatientID")]
    # One line, whatever stands in the file.
    return " ".join(" ".join(words).split()) or None


def _view(dataset: Dataset) -> str | None:
    position = str(dataset.get("ViewPosition") or "")
    if VIEW_POSITION.fullmatch(position):
        return position
    codes = dataset.get("ViewCodeSequence") or [Dataset()]
    return VIEWS_BY_CODE.get(str(codes[0].get("CodeValue")))


def _spacing(dataset: Dataset) -> tuple[tuple[float, float] | None, str | None]:
    """Return (y, x) millimetres in the breast, and where they come from.

    PixelSpacing that only repeats ImagerPixelSpacing is that of the detector (PS3.3, 10.7.1.3):
    the breast lies nearer to the source and is magnified.
    """
    pixel_mm = _pair(dataset, "PixelSpacing")
    imager_mm = _pair(dataset, "ImagerPixelSpacing")
    is_calibrated = bool(dataset.get("PixelSpacingCalibrationType"))
    if pixel_mm and (is_calibrated or not imager_mm or pixel_mm != imager_mm):
        return pixel_mm, "PixelSpacing"
    if imager_mm:
        (magnification,) = positive_numbers(
            dataset.get("EstimatedRadiographicMagnificationFactor")
        ) or (None,)
        if magnification is None:
            return imager_mm, "ImagerPixelSpacing"
        y_mm, x_mm = imager_mm
        return (
            (y_mm / magnification, x_mm / magnification),
            "ImagerPixelSpacing / EstimatedRadiographicMagnificationFactor",
        )
    scanned_mm = _pair(dataset, "NominalScannedPixelSpacing")
    return scanned_mm, "NominalScannedPixelSpacing" if scanned_mm else None


def _pair(dataset: Dataset, keyword: str) -> tuple[float, float] | None:
    numbers = positive_numbers(dataset.get(keyword))
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


def positive_numbers(value: object) -> tuple[float, ...]:
    """Return an attribute's numbers, or none of them if one cannot be a length."""
    if value is None or value == "":
        return ()
    values = value if hasattr(value, "__iter__") and not isinstance(value, str) else [value]
    numbers = tuple(float(number) for number in values)
    return numbers if all(math.isfinite(n) and n > 0 for n in numbers) else ()
