"""What a whole-image network is asked: its classes, and which label of a view belongs to which."""

from collections.abc import Mapping
from dataclasses import dataclass

from formats.labels import LABELS


@dataclass(frozen=True)
class Question:
    """The classes of one network. Views whose label is not mapped take no part."""

    class_names: tuple[str, ...]
    class_of_label: Mapping[str, int]
    """Label of a view to the position of its class in the names."""


SINGLE = Question(LABELS, {label: index for index, label in enumerate(LABELS)})
"""The single classifier: Normal, Benign or Cancer?"""
FIRST = Question(("Normal", "Tumour"), {"Normal": 0, "Benign": 1, "Cancer": 1})
"""The hierarchy's first network: is there a tumour?"""
SECOND = Question(("Benign", "Cancer"), {"Benign": 0, "Cancer": 1})
"""The hierarchy's second network: which tumour is it?"""
