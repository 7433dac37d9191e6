"""Boxes and captions over a film, as a Grayscale Softcopy Presentation State."""

import numpy as np
from highdicom import PresentationLUTShapeValues, PresentationLUTTransformation
from highdicom.color import CIELabColor
from highdicom.pr import (
    AnnotationUnitsValues,
    GraphicAnnotation,
    GraphicLayer,
    GraphicObject,
    GraphicTypeValues,
    GrayscaleSoftcopyPresentationState,
    TextJustificationValues,
    TextObject,
)
from pydicom import Dataset

from formats.dicom_objects.found import FilmFindings, caption, outline_xy, side_of
from formats.dicom_objects.software import Software, made_by
from formats.labels import LABEL_COLOURS, LESION_LABELS
from formats.notice import SHORT_NOTICE
from formats.results import Detection

# Of the film's shorter side; viewers choose the letters' size by the text's box.
TEXT_HEIGHT = 0.03
LETTER_WIDTH_TO_HEIGHT = 0.6


def presentation_state(
    film: FilmFindings, software: Software
) -> GrayscaleSoftcopyPresentationState:
    """Return a film's boxes, one layer a label, with the film's own window.

    Args:
        film: has at least one box.
        software: what found them.

    Raises:
        ValueError, TypeError, AttributeError: the header is none that highdicom takes.
    """
    source = film.source
    layers = {
        label: GraphicLayer(
            layer_name=label.upper(),
            order=order,
            description=f"{label}: {SHORT_NOTICE}",
            display_color=_colour(label),
        )
        for order, label in enumerate(LESION_LABELS, 1)
    }
    annotations = []
    for label, layer in layers.items():
        found = [box for box in film.result.detections if box.label == label]
        if found:
            annotations.append(
                GraphicAnnotation(
                    referenced_images=[source],
                    graphic_layer=layer,
                    graphic_objects=[_box(detection) for detection in found],
                    text_objects=[*(_text(detection, source) for detection in found), _notice()],
                )
            )
    state = GrayscaleSoftcopyPresentationState(
        referenced_images=[source],
        **made_by(software, "boxes"),
        content_label="FINDINGS",
        content_description=SHORT_NOTICE,
        graphic_layers=list(layers.values()),
        graphic_annotations=annotations,
        presentation_lut_transformation=_polarity(source),
    )
    state.Laterality = side_of(source)
    return state


def _polarity(source: Dataset) -> PresentationLUTTransformation:
    """Return what keeps a film as it looks: here MONOCHROME1 does not count."""
    is_inverse = source.PhotometricInterpretation == "MONOCHROME1"
    shapes = PresentationLUTShapeValues
    return PresentationLUTTransformation(
        presentation_lut_shape=shapes.INVERSE if is_inverse else shapes.IDENTITY
    )


def _colour(label: str) -> CIELabColor:
    hexadecimal = LABEL_COLOURS[label].lstrip("#")
    return CIELabColor.from_rgb(*bytes.fromhex(hexadecimal))


def _box(detection: Detection) -> GraphicObject:
    return GraphicObject(
        graphic_type=GraphicTypeValues.POLYLINE,
        graphic_data=np.array(outline_xy(detection)),
        units=AnnotationUnitsValues.PIXEL,
    )


def _text(detection: Detection, source: Dataset) -> TextObject:
    """Return a caption above its box, or below where there is no room."""
    text = caption(detection)
    height_px = TEXT_HEIGHT * min(source.Rows, source.Columns)
    width_px = min(len(text) * height_px * LETTER_WIDTH_TO_HEIGHT, source.Columns)
    x1, y1, _, y2 = detection.bbox_xyxy
    left = max(min(x1, source.Columns - width_px), 0.0)
    top = y1 - height_px if y1 >= height_px else min(y2, source.Rows - height_px)
    return TextObject(
        text_value=text,
        units=AnnotationUnitsValues.PIXEL,
        bounding_box=(left, top, left + width_px, top + height_px),
        text_justification=TextJustificationValues.LEFT,
    )


def _notice() -> TextObject:
    """Return the notice at the lower edge of what is displayed."""
    return TextObject(
        text_value=SHORT_NOTICE,
        units=AnnotationUnitsValues.DISPLAY,
        bounding_box=(0.02, 0.95, 0.6, 0.99),
        text_justification=TextJustificationValues.LEFT,
    )
