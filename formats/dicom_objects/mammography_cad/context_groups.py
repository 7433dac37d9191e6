"""Context groups: which codes may be a value (PS3.16, annex B, 2026a), by number."""

from pydicom.sr.coding import Code

from formats.dicom_objects.mammography_cad import codes


def _dcm(value: str, meaning: str) -> Code:
    return Code(value, "DCM", meaning)


def _sct(value: str, meaning: str) -> Code:
    return Code(value, "SCT", meaning)


BREAST_COMPOSITION = _sct("129715009", "Breast composition")
BREAST_GEOMETRY = _dcm("111100", "Breast geometry")
IMAGE_QUALITY = _dcm("111101", "Image Quality")
NON_LESION = _dcm("111102", "Non-lesion")
SELECTED_REGION = _dcm("111099", "Selected region")
NIPPLE = _sct("24142002", "Nipple")
CONTEXT_GROUPS: dict[str, tuple[Code, ...]] = {
    "4014": (
        _sct("399260004", "medial-lateral"),
        _sct("399368009", "medio-lateral oblique"),
        _sct("399352003", "latero-medial"),
        _sct("399099002", "latero-medial oblique"),
        _sct("399162004", "cranio-caudal"),
        _sct("399196006", "caudo-cranial"),
        _sct("399188001", "superolateral to inferomedial oblique"),
        _sct("441555000", "inferomedial to superolateral oblique"),
        _sct("399192008", "cranio-caudal exaggerated laterally"),
        _sct("399101009", "cranio-caudal exaggerated medially"),
        _sct("127457009", "tissue specimen from breast"),
    ),
    "6014": (
        BREAST_COMPOSITION,
        BREAST_GEOMETRY,
        IMAGE_QUALITY,
        NON_LESION,
        SELECTED_REGION,
        NIPPLE,
        _dcm("111111", "Cooper's ligament changes"),
        _dcm("111112", "Mass in the skin"),
        _dcm("111113", "Mass on the skin"),
        _sct("127189005", "Axillary adenopathy"),
        _sct("79654002", "Edema"),
        _sct("68171009", "Axillary lymph node"),
        _sct("129795008", "Trabecular thickening of breast"),
        _sct("129796009", "Skin retraction of breast"),
        _sct("129792006", "Architectural distortion of breast"),
        _sct("129794007", "Tubular density"),
        _sct("129793001", "Mammography breast density"),
        _sct("95324001", "Skin lesion"),
        _sct("129770007", "Individual Calcification"),
        _sct("129797000", "Skin thickening of breast"),
        _sct("129769006", "Calcification Cluster"),
        _sct("443808008", "Intramammary lymph node"),
    ),
    "6022": (codes.LEFT_BREAST, codes.RIGHT_BREAST, codes.BOTH_BREASTS),
    "6034": (
        _dcm("111150", "Presentation Required: Rendering device is expected to present"),
        _dcm("111151", "Presentation Optional: Rendering device may present"),
        _dcm("111152", "Not for Presentation: Rendering device expected not to present"),
    ),
    "6042": (
        codes.SUCCEEDED,
        codes.PARTIALLY_SUCCEEDED,
        codes.FAILED,
        codes.NOT_ATTEMPTED,
    ),
    "6047": (
        codes.WITHOUT_FINDINGS,
        codes.WITH_FINDINGS,
        _dcm("111243", "Not all algorithms succeeded; without findings"),
        _dcm("111244", "Not all algorithms succeeded; with findings"),
        _dcm("111245", "No algorithms succeeded; without findings"),
    ),
}
