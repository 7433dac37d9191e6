"""What a method says of a breast and of a case, beside what it says of their views."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class LesionPair:
    """A box of the CC view and one of the MLO view."""

    cc: int
    """Place among the CC view's boxes, from 0."""
    mlo: int
    """Place among the MLO view's boxes, from 0."""
    misfit: float
    """How unlike they are in depth, size and kind; 0 is alike."""


@dataclass(frozen=True, kw_only=True)
class BreastResult:
    """All about one breast, from whichever of its CC and MLO views there are."""

    case_id: str
    side: str
    """LEFT or RIGHT."""
    views: list[str]
    """Which of CC and MLO there are, in this order."""
    label: str
    """The worst of its views'."""
    scores: dict[str, float]
    """Fused probability of Normal, Benign and Cancer; they sum to 1."""
    same_lesion: list[LesionPair] = field(default_factory=list)
    """Boxes of both views that are likely one lesion."""


@dataclass(frozen=True, kw_only=True)
class CaseResult:
    """All about one case: it is what its worst breast is."""

    case_id: str
    sides: list[str]
    """Which of LEFT and RIGHT there are, in this order."""
    label: str
    scores: dict[str, float]
    """Probability of Normal, Benign and Cancer; they sum to 1."""
