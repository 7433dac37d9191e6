"""Which cases a phantom data set holds, and which of Mini-DDSM's oddities each of them carries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

import numpy as np

from formats.labels import LABELS

SITES = ("A", "B", "C", "D")
# Views of each site by status in Mini-DDSM's table.
SITE_VIEWS = {
    "Normal": (2000, 0, 0, 408),
    "Benign": (1068, 520, 720, 376),
    "Cancer": (768, 620, 932, 396),
}
# Mini-DDSM's mean age and its deviation by status, in years.
AGE_YEARS = {"Normal": (58.4, 11.8), "Benign": (53.5, 12.2), "Cancer": (61.1, 12.8)}
AGE_RANGE_YEARS = (27, 89)
# Densities 1 to 4 among Mini-DDSM's views.
DENSITY_VIEWS = (1076, 3020, 2320, 1388)


class Quirk(StrEnum):
    """What is odd about a case."""

    NONE = "none"
    MISSING_AGE = "missing_age"
    DENSITY_ZERO = "density_zero"
    REPEATED_FILM = "repeated_film"
    """Its left CC film is that of the status' case before."""
    SECOND_LESION = "second_lesion"
    """Named `_MASK2` in the table and `_Mask2` on disk."""
    ONE_VIEW_MARKED = "one_view_marked"
    STRAY_FILES = "stray_files"
    BENIGN_OTHER_BREAST = "benign_other_breast"
    """A cancer patient's other breast has a lesion that is benign."""
    MANY_LESIONS = "many_lesions"
    """Up to six, the third and later ones only in the second table."""


# Each status' first cases carry these, then the round begins anew.
QUIRKS = {
    "Normal": (Quirk.MISSING_AGE, Quirk.DENSITY_ZERO, Quirk.REPEATED_FILM),
    "Benign": (Quirk.SECOND_LESION, Quirk.ONE_VIEW_MARKED, Quirk.STRAY_FILES),
    "Cancer": (Quirk.BENIGN_OTHER_BREAST, Quirk.MANY_LESIONS, Quirk.ONE_VIEW_MARKED),
}
CASES_PER_ROUND = 10
# Every so many cases, one comes without its `.ics` file.
CASES_PER_MISSING_ICS = 4


@dataclass(frozen=True, kw_only=True)
class CasePlan:
    """One patient, before anything is drawn."""

    index: int
    status: str
    site: str
    number: str
    age_years: int
    density: int
    """Of the tissue, 1 to 4, whatever the table says."""
    quirk: Quirk

    @property
    def case_id(self) -> str:
        """Site letter and number, as in `C_0029`."""
        return f"{self.site}_{self.number}"

    @property
    def folder(self) -> str:
        """Relative to the root, with a forward slash."""
        return f"{self.status}/{self.number}"

    @property
    def has_ics(self) -> bool:
        """Whether the `.ics` file exists; one that contradicts a repeated film never does."""
        is_due = self.index % CASES_PER_MISSING_ICS != CASES_PER_MISSING_ICS - 1
        return is_due and self.quirk is not Quirk.REPEATED_FILM


def plan_cases(cases: int, seed: int, site_bias: bool) -> Iterator[CasePlan]:
    """Plan the cases, their statuses in turn.

    With `site_bias` a site's share among the cases of a status is Mini-DDSM's; without it every
    site is as frequent in every status. Numbers repeat across sites, and never in a folder.
    """
    taken: set[tuple[str, str]] = set()
    for index in range(cases):
        rng = np.random.default_rng([seed, index, 0])
        status, rank = LABELS[index % len(LABELS)], index // len(LABELS)
        weights = SITE_VIEWS[status] if site_bias else (1, 1, 1, 1)
        site = _choose(rng, SITES, weights)
        number = next(
            n for n in (f"{i:04d}" for i in count(1)) if taken.isdisjoint({(site, n), (status, n)})
        )
        taken |= {(site, number), (status, number)}
        age_years = round(np.clip(rng.normal(*AGE_YEARS[status]), *AGE_RANGE_YEARS))
        density = int(_choose(rng, "1234", DENSITY_VIEWS))
        quirks = dict(enumerate(QUIRKS[status]))
        quirk = quirks.get(rank % CASES_PER_ROUND, Quirk.NONE)
        yield CasePlan(
            index=index,
            status=status,
            site=site,
            number=number,
            age_years=age_years,
            density=density,
            quirk=quirk,
        )


def _choose(rng: np.random.Generator, choices: Sequence[str], weights: Sequence[int]) -> str:
    return str(rng.choice(list(choices), p=np.array(weights) / sum(weights)))
