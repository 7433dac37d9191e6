"""Synthetic mammograms in Mini-DDSM's own layout, with Mini-DDSM's own oddities."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from formats.errors import InputError
from formats.labels import LABELS
from formats.progress import with_progress
from phantoms.case import draw_case
from phantoms.files import write_tables
from phantoms.plan import CasePlan, Quirk, plan_cases

MIN_CASES = len(LABELS)
REPEATED_VIEW = "LEFT_CC"


def make_phantoms(output_dir: Path, cases: int, seed: int, site_bias: bool = False) -> None:
    """Draw synthetic mammograms, four views a case, in Mini-DDSM's layout.

    About a third of the cases each is Normal, Benign and Cancer. The same arguments give the same
    bytes on any number of cores.

    Args:
        output_dir: A folder that does not exist yet or is empty.
        cases: Patients to draw, at least 3: one of each status.
        seed: Of the random numbers, not negative.
        site_bias: Let the site letter show in the films and go with the status as it does in
            Mini-DDSM. Without it the letter says nothing.

    Raises:
        InputError: fewer than 3 cases, a negative seed, or the folder holds something.
    """
    _check_arguments(output_dir, cases, seed)
    plans = list(plan_cases(cases, seed, site_bias))
    output_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output_dir.parent, prefix=".phantoms-") as scratch:
        root = Path(scratch) / "root"
        rows = [row for case_rows in _draw_all(root, plans, seed, site_bias) for row in case_rows]
        _repeat_films(root, plans)
        write_tables(rows, root)
        if output_dir.exists():
            output_dir.rmdir()
        root.replace(output_dir)


def _check_arguments(output_dir: Path, cases: int, seed: int) -> None:
    if cases < MIN_CASES:
        raise InputError(
            f"{output_dir}: {cases} cases cannot hold a normal, a benign and a cancer one; "
            f"ask for at least {MIN_CASES}"
        )
    if seed < 0:
        raise InputError(f"{output_dir}: seed {seed} is negative; give one from 0 on")
    if output_dir.exists() and (not output_dir.is_dir() or any(output_dir.iterdir())):
        raise InputError(
            f"{output_dir}: exists and is not an empty folder; name a new one, "
            "nothing is overwritten"
        )


def _draw_all(
    root: Path, plans: Sequence[CasePlan], seed: int, site_bias: bool
) -> Iterator[list[dict[str, object]]]:
    # Threads are enough: the time goes into NumPy, SciPy and OpenCV, which let go of the lock.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        drawn = pool.map(partial(draw_case, root=root, seed=seed, site_bias=site_bias), plans)
        yield from with_progress(drawn, "phantoms", item_count=len(plans), unit="case")


def _repeat_films(root: Path, plans: Sequence[CasePlan]) -> None:
    """Put one film under a second patient's name, as Mini-DDSM does."""
    for plan in plans:
        if plan.quirk is Quirk.REPEATED_FILM:
            source = plans[plan.index - len(LABELS)]
            shutil.copyfile(_film(root, source), _film(root, plan))


def _film(root: Path, plan: CasePlan) -> Path:
    return root / plan.folder / f"{plan.case_id}_1.{REPEATED_VIEW}.jpg"
