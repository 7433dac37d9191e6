"""What a film's file says of it beside the pixels; of the person only what was asked for."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FilmMetadata:
    """What is known of a film; None where its file does not say."""

    sop_instance_uid: str | None = None
    study_instance_uid: str | None = None
    side: str | None = None
    """LEFT or RIGHT."""
    view: str | None = None
    """CC, MLO and other view positions of DICOM."""
    spacing_mm: tuple[float, float] | None = None
    """Between pixel centres: down a column (of y), then along a row (of x)."""
    spacing_source: str | None = None
    """The DICOM attribute that the spacing comes from, and the magnification if it was used."""
    study_label: str | None = None
    """The person's name and number, if they were asked for."""
