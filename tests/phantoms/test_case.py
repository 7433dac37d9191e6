from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from formats.film_reading.reader import read_grey
from phantoms.case import draw_case
from phantoms.plan import CasePlan, Quirk

PLAN = CasePlan(
    index=4, status="Normal", site="A", number="0002", age_years=61, density=3, quirk=Quirk.NONE
)


def test_rows_name_the_files_that_were_written(tmp_path: Path) -> None:
    rows = draw_case(PLAN, tmp_path, seed=0, site_bias=False)

    assert [(row["Side"], row["View"]) for row in rows] == [
        ("LEFT", "CC"), ("LEFT", "MLO"), ("RIGHT", "CC"), ("RIGHT", "MLO"),
    ]  # fmt: skip
    films = sorted((tmp_path / "Normal/0002").glob("*.jpg"))
    assert [film.name for film in films] == sorted(str(row["fileName"]) for row in rows)
    assert (tmp_path / "Normal/0002/A-0002-1.ics").exists()


@pytest.mark.parametrize(
    ("quirk", "column", "value"),
    [(Quirk.MISSING_AGE, "Age", None), (Quirk.DENSITY_ZERO, "Density", 0)],
)
def test_table_lacks_what_the_quirk_takes(
    tmp_path: Path, quirk: Quirk, column: str, value: int | None
) -> None:
    rows = draw_case(replace(PLAN, quirk=quirk), tmp_path, seed=0, site_bias=False)

    assert [row[column] for row in rows] == [value] * 4


def test_site_shows_only_with_bias(tmp_path: Path) -> None:
    def films(site: str, site_bias: bool) -> list[np.ndarray]:
        root = tmp_path / f"{site}{site_bias}"
        draw_case(replace(PLAN, site=site), root, seed=0, site_bias=site_bias)
        return [read_grey(path) for path in sorted(root.rglob("*.jpg"))]

    for first, second in zip(films("A", False), films("D", False), strict=True):
        assert np.array_equal(first, second)
    for first, second in zip(films("A", True), films("D", True), strict=True):
        assert np.median(second) - np.median(first) > 10
