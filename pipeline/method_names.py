"""The names of the four methods and of what they do by default, for those who only name them."""

from enum import StrEnum


class MethodName(StrEnum):
    """How commands and results files call a method."""

    single = "single"
    """One whole-image classifier: Normal, Benign or Cancer."""
    hierarchical = "hierarchical"
    """Two whole-image classifiers: Normal or Tumour, then Benign or Cancer."""
    detector = "detector"
    """A detector that names the class of each box itself."""
    two_stage = "two_stage"
    """Detect, then classify."""


DEFAULT_OPERATING_POINT = "balanced"
"""Of the two methods that find boxes."""
