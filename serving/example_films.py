"""The films behind the page's example button: a synthetic case of four views."""

from collections.abc import Iterator
from pathlib import Path

from phantoms.case import SIDES, VIEWS, draw_case
from phantoms.plan import plan_cases

# Picked by eye: a case on which the embedded pair finds lesions, and errs.
SEED, CASE = 3, 5


def draw_example_films(folder: Path) -> Iterator[tuple[Path, str]]:
    """Draw the case below a folder, and yield each film's file with its name."""
    *_, plan = plan_cases(CASE + 1, SEED, site_bias=False)
    draw_case(plan, folder, SEED, site_bias=False)
    for view in VIEWS:
        for side in reversed(SIDES):
            path = folder / plan.folder / f"{plan.case_id}_1.{side}_{view}.jpg"
            yield path, f"synthetic {side} {view}"
