"""Which lesions a breast has: their kind, size and place."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from phantoms.breast import Breast

# The lesion's box as a fraction of its view: a log-normal with this median, cut at both ends.
MEDIAN_BOX_FRACTION = 0.02
BOX_FRACTION_SIGMA = 0.8
BOX_FRACTION_RANGE = (0.003, 0.18)
PLACEMENT_TRIES = 40
CONTRAST_RANGE = (0.12, 0.3)
MASS_SHARE = 0.8
CALCIFICATION_SHARE = 0.12
BENIGN_PATHOLOGIES = ("BENIGN", "BENIGN_WITHOUT_CALLBACK", "UNPROVEN")
BENIGN_PATHOLOGY_SHARES = (0.75, 0.22, 0.03)


@dataclass(frozen=True, kw_only=True)
class PhantomLesion:
    """One lesion, as both views of its breast show it. Lengths are in pixels."""

    pathology: str
    """The `.OVERLAY` file's word, such as MALIGNANT."""
    has_mass: bool
    has_calcifications: bool
    depth_px: float
    """From the chest wall to the lesion's centre, the same in both views."""
    across: dict[str, float]
    """Position along the chest wall in each view, -1 (top) to 1 (bottom) of what the breast has."""
    outline_radius_px: float
    contrast: float
    """Added attenuation of the whole lesion."""

    @property
    def is_malignant(self) -> bool:
        """Whether it is a cancer."""
        return self.pathology == "MALIGNANT"

    @property
    def subtlety(self) -> int:
        """How easily it is seen, 1 (hardly) to 5 (at once)."""
        low, high = CONTRAST_RANGE
        return 1 + int(4.99 * (self.contrast - low) / (high - low))


def sample_lesions(
    rng: np.random.Generator, breast: Breast, view_area_px: int, malignant: Sequence[bool]
) -> list[PhantomLesion]:
    """Draw a breast's lesions, one for each entry of `malignant`, apart from each other."""
    lesions: list[PhantomLesion] = []
    for is_malignant in malignant:
        candidates = (
            _sample_lesion(rng, breast, view_area_px, is_malignant, len(malignant))
            for _ in range(PLACEMENT_TRIES)
        )
        lesion = next(
            (c for c in candidates if not any(_overlap(c, other, breast) for other in lesions)),
            None,
        )
        # A breast that is full keeps the lesions it has room for.
        if lesion is not None:
            lesions.append(lesion)
    return lesions


def _sample_lesion(
    rng: np.random.Generator,
    breast: Breast,
    view_area_px: int,
    is_malignant: bool,
    crowd: int,
) -> PhantomLesion:
    box_fraction = MEDIAN_BOX_FRACTION * np.exp(rng.normal(0, BOX_FRACTION_SIGMA))
    box_area_px = np.clip(box_fraction / crowd, *BOX_FRACTION_RANGE) * view_area_px
    radius_px = min(np.sqrt(box_area_px) / 2, 0.5 * breast.depth_px)
    kind = rng.uniform()
    return PhantomLesion(
        pathology=(
            "MALIGNANT"
            if is_malignant
            else str(rng.choice(BENIGN_PATHOLOGIES, p=BENIGN_PATHOLOGY_SHARES))
        ),
        has_mass=kind > CALCIFICATION_SHARE,
        has_calcifications=kind < 1 - MASS_SHARE,
        depth_px=rng.uniform(0.9 * radius_px, max(0.9 * breast.depth_px - radius_px, radius_px)),
        across={"CC": rng.uniform(-0.9, 0.9), "MLO": rng.uniform(-0.9, 0.9)},
        outline_radius_px=radius_px,
        contrast=rng.uniform(*CONTRAST_RANGE),
    )


def _overlap(first: PhantomLesion, second: PhantomLesion, breast: Breast) -> bool:
    """Whether two lesions might touch in one of the views."""
    depth_gap_px = abs(first.depth_px - second.depth_px)
    # Half the half-height is about what `across` spans at the depth of most lesions.
    across_gap_px = min(
        abs(first.across[view] - second.across[view]) * 0.5 * breast.half_height_px
        for view in ("CC", "MLO")
    )
    reach_px = 1.1 * (first.outline_radius_px + second.outline_radius_px)
    return max(depth_gap_px, across_gap_px) < reach_px
