"""What stands on a page's first screen: a question of its reader, and the answer in a sentence."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """A question and its answer."""

    question: str
    answer: str
