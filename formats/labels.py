"""The labels of views and lesions: their order, their ids in COCO files, their colours."""

BENIGN_ID = 1
CANCER_ID = 2
CATEGORY_NAMES = {BENIGN_ID: "Benign", CANCER_ID: "Cancer"}
"""A lesion's category in COCO files."""
LESION_LABELS = tuple(CATEGORY_NAMES.values())
LABELS = ("Normal", *LESION_LABELS)
"""From the mildest to the worst."""

# Told apart by most colour-blind people, on white pages and on films.
LABEL_COLOURS = {"Normal": "#7f7f7f", "Benign": "#009fe6", "Cancer": "#d55e00"}
"""Red, green and blue as in CSS, `#rrggbb`."""


def bgr_of(colour: str) -> tuple[int, int, int]:
    """Return a `#rrggbb` colour's blue, green and red levels, 0 to 255, as OpenCV draws it."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return blue, green, red
