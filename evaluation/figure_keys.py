"""Keys of figures: what the JSON report and the code call a figure. Its wording is `reports/`'s."""

from formats.labels import LABELS, LESION_LABELS

FigureKey = tuple[str, ...]
"""From the broadest part to the narrowest, each in snake_case."""

LABEL_KEYS = tuple(label.lower() for label in LABELS)
LESION_LABEL_KEYS = tuple(label.lower() for label in LESION_LABELS)


def rate_key(rate: float) -> str:
    """Write a rate of false positives a view, such as `at_0_125_fp` and `at_2_fp`."""
    return f"at_{rate:g}_fp".replace(".", "_")


def range_key(low: float, high: float) -> str:
    """Write a range of probabilities, such as `from_0_1_to_0_2`."""
    return f"from_{low:.1f}_to_{high:.1f}".replace(".", "_")
