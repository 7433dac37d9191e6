"""The labels of views and lesions: their order, their ids in COCO files, their colours."""

CATEGORY_NAMES = {1: "Benign", 2: "Cancer"}
"""A lesion's category in COCO files."""
CATEGORY_IDS = {name: category_id for category_id, name in CATEGORY_NAMES.items()}
LESION_LABELS = tuple(CATEGORY_NAMES.values())
LABELS = ("Normal", *LESION_LABELS)
"""From the mildest to the worst."""
UNNAMED_LESION = "Lesion"
"""A lesion of which nobody says whether it is benign: a detector learns from it, no classifier."""
UNNAMED_CATEGORY_ID = 3
SEVERITY = ("Normal", "Benign", UNNAMED_LESION, "Cancer")
"""From the mildest to the worst, where some lesions may be either."""

# Told apart by most colour-blind people, on white pages and on films.
LABEL_COLOURS = {"Normal": "#7f7f7f", "Benign": "#009fe6", "Cancer": "#d55e00"}
"""Red, green and blue as in CSS, `#rrggbb`."""
UNNAMED_COLOUR = "#cc79a7"
"""Of lesions that may be either."""

# Words of tables, OVERLAY files and other people's categories.
LABEL_OF_WORD = {
    "normal": "Normal",
    "benign": "Benign",
    "benign_without_callback": "Benign",
    "cancer": "Cancer",
    "malignant": "Cancer",
    "malign": "Cancer",
}


def label_meant_by(word: str) -> str | None:
    """Return the label that a word stands for, whatever its case; None for any other word."""
    return LABEL_OF_WORD.get(word.strip().casefold().replace(" ", "_"))


def colour_of(label: str) -> str:
    """Return the colour of a label, or of a lesion that may be either."""
    return LABEL_COLOURS.get(label, UNNAMED_COLOUR)


def bgr_of(colour: str) -> tuple[int, int, int]:
    """Return a `#rrggbb` colour's blue, green and red levels, 0 to 255, as OpenCV draws it."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return blue, green, red
