"""The content tree of a Mammography CAD SR (TID 4000 and those that it includes)."""

from collections.abc import Mapping, Sequence

from pydicom import Dataset
from pydicom.sr.coding import Code

from formats.dicom_objects.content_items import (
    CONCEPT_MODIFIER,
    CONTAINS,
    INFERRED,
    PROPERTY,
    SELECTED,
    code_item,
    container,
    number_item,
    place_item,
    reference_item,
    text_item,
)
from formats.dicom_objects.mammography_cad import codes
from formats.dicom_objects.mammography_cad.findings import CadAlgorithm, SingleImageFinding
from formats.dicom_objects.mammography_cad.image_library import image_library_entry

TEMPLATE_ID = "4000"
# The image library is the second child of the root; references to its images begin so.
LIBRARY_PATH = (1, 2)


def cad_report(
    images: Sequence[Dataset],
    findings: Sequence[SingleImageFinding],
    algorithm: CadAlgorithm,
    detected: Sequence[Code],
    description: str,
) -> Dataset:
    """Return the root container of a report on the images of one study.

    Args:
        images: the images' headers, those without findings too.
        findings: each on one of the images.
        algorithm: what looked at all images.
        detected: what it looks for, of CID 6014.
        description: what has to be known of all results, in a sentence.
    """
    paths = {
        image.SOPInstanceUID: (*LIBRARY_PATH, number) for number, image in enumerate(images, 1)
    }
    language = code_item(CONCEPT_MODIFIER, codes.LANGUAGE, codes.ENGLISH)
    library = container(
        CONTAINS, codes.IMAGE_LIBRARY, [image_library_entry(image) for image in images]
    )
    children = [
        language,
        library,
        _overall_impression(findings, algorithm, description, paths),
        _summary_of_detections(algorithm, detected, list(paths.values())),
        code_item(CONTAINS, codes.SUMMARY_OF_ANALYSES, codes.NOT_ATTEMPTED),
    ]
    return container(None, codes.REPORT, children, TEMPLATE_ID)


def _overall_impression(
    findings: Sequence[SingleImageFinding],
    algorithm: CadAlgorithm,
    description: str,
    paths: Mapping[str, Sequence[int]],
) -> Dataset:
    """Return TID 4001 with one individual impression (TID 4003) for each finding."""
    children = [
        text_item(PROPERTY, codes.IMPRESSION_DESCRIPTION, description),
        *_algorithm(algorithm),
    ]
    for finding in findings:
        intent = code_item(CONCEPT_MODIFIER, codes.RENDERING_INTENT, finding.rendering_intent.value)
        found = _single_image_finding(finding, algorithm, paths[finding.sop_instance_uid])
        children.append(container(INFERRED, codes.INDIVIDUAL_IMPRESSION, [intent, found]))
    summary = codes.WITH_FINDINGS if findings else codes.WITHOUT_FINDINGS
    return code_item(CONTAINS, codes.SUMMARY, summary, children)


def _single_image_finding(
    finding: SingleImageFinding, algorithm: CadAlgorithm, image_path: Sequence[int]
) -> Dataset:
    """Return TID 4006."""
    numbers = (
        (codes.CERTAINTY_OF_FINDING, finding.certainty_percent),
        (codes.PROBABILITY_OF_CANCER, finding.probability_of_cancer_percent),
    )
    children = [
        code_item(CONCEPT_MODIFIER, codes.RENDERING_INTENT, finding.rendering_intent.value),
        *_algorithm(algorithm),
        *(
            number_item(PROPERTY, name, percent, codes.PERCENT)
            for name, percent in numbers
            if percent is not None
        ),
        *_geometry(finding, image_path),
    ]
    return code_item(CONTAINS, codes.SINGLE_IMAGE_FINDING, finding.kind, children)


def _geometry(finding: SingleImageFinding, image_path: Sequence[int]) -> list[Dataset]:
    """Return TID 4021."""
    image = reference_item(SELECTED, image_path)
    items = [place_item(PROPERTY, codes.CENTRE, "POINT", [finding.centre_xy], [image])]
    if finding.outline_xy:
        image = reference_item(SELECTED, image_path)
        items.append(place_item(PROPERTY, codes.OUTLINE, "POLYLINE", finding.outline_xy, [image]))
    return items


def _summary_of_detections(
    algorithm: CadAlgorithm, detected: Sequence[Code], image_paths: Sequence[Sequence[int]]
) -> Dataset:
    """Return what was looked for on which images (TID 4015 and 4017)."""
    performed = [
        code_item(
            CONTAINS,
            codes.DETECTION_PERFORMED,
            kind,
            [
                *_algorithm(algorithm),
                *(reference_item(PROPERTY, path) for path in image_paths),
            ],
        )
        for kind in detected
    ]
    successful = container(INFERRED, codes.SUCCESSFUL_DETECTIONS, performed)
    return code_item(CONTAINS, codes.SUMMARY_OF_DETECTIONS, codes.SUCCEEDED, [successful])


def _algorithm(algorithm: CadAlgorithm) -> list[Dataset]:
    """Return TID 4019."""
    return [
        text_item(PROPERTY, codes.ALGORITHM_NAME, algorithm.name),
        text_item(PROPERTY, codes.ALGORITHM_VERSION, algorithm.version),
        *(
            text_item(PROPERTY, codes.ALGORITHM_PARAMETERS, parameter)
            for parameter in algorithm.parameters
        ),
    ]
