import os
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from formats.errors import InputError
from formats.film_reading.pictures import read_picture
from formats.film_reading.reader import read_grey
from phantoms import data_set as phantoms
from phantoms.data_set import make_phantoms

STEPS_XY = np.array([[0, -1], [1, -1], [1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1]])


@pytest.fixture(scope="module")
def table(phantom_root: Path) -> pd.DataFrame:
    return pd.read_excel(phantom_root / "Data-MoreThanTwoMasks.xlsx", na_values="-")


def masks_named(row: pd.Series) -> list[str]:
    return [str(name).replace("\\", "/") for name in row.filter(like="Tumour_Contour").dropna()]


def find(root: Path, name: str) -> Path:
    """The file of this name, whatever its case."""
    folder = root / Path(name).parent
    (path,) = [p for p in folder.iterdir() if p.name.lower() == Path(name).name.lower()]
    return path


def box_xyxy(path: Path) -> np.ndarray:
    rows, columns = np.nonzero(read_picture(path) > 127)
    return np.array([columns.min(), rows.min(), columns.max(), rows.max()])


def overlay_boxes_xyxy(path: Path) -> list[np.ndarray]:
    lines = path.read_text().splitlines()
    boxes = []
    for code in [lines[i + 1] for i, line in enumerate(lines) if line == "BOUNDARY"]:
        numbers = np.array(code.rstrip("# ").split(), int)
        points = numbers[:2] + np.cumsum(STEPS_XY[numbers[2:]], axis=0)
        boxes.append(np.concatenate([points.min(axis=0), points.max(axis=0)]))
    return boxes


def test_every_film_of_the_table_exists_in_its_view(
    phantom_root: Path, table: pd.DataFrame
) -> None:
    assert len(table) == 36
    for row in table.itertuples():
        film = read_grey(phantom_root / row.fullPath.replace("\\", "/"))
        assert film.shape[0] > film.shape[1]
        wall, free = (film[:, :60], film[:, -60:]) if row.Side == "LEFT" else (
            film[:, -60:], film[:, :60],
        )  # fmt: skip
        assert wall.mean() > 1.5 * free.mean()


def test_every_mask_of_the_table_exists_ignoring_case(
    phantom_root: Path, table: pd.DataFrame
) -> None:
    named = [name for _, row in table.iterrows() for name in masks_named(row)]

    exact = [(phantom_root / name).exists() for name in named]
    assert all(find(phantom_root, name) for name in named)
    assert not all(exact)


def test_boxes_of_masks_and_overlays_agree(phantom_root: Path, table: pd.DataFrame) -> None:
    compared = 0
    for _, row in table.iterrows():
        masks = [box_xyxy(find(phantom_root, name)) for name in masks_named(row)]
        overlay = phantom_root / row.fullPath.replace("\\", "/").replace(".jpg", ".OVERLAY")
        assert overlay.exists() == bool(masks)
        if masks:
            marked = [box / 2 for box in overlay_boxes_xyxy(overlay)]
            assert len(marked) == len(masks)
            for mask in masks:
                # The scan is not exactly twice the film's size.
                assert min(np.abs(mask - box).max() for box in marked) <= 4
                compared += 1
    assert compared >= 20


def test_a_lesion_is_equally_deep_in_both_views(phantom_root: Path, table: pd.DataFrame) -> None:
    compared = 0
    for _, breast in table.groupby([table.fileName.str[:6], "Side"], sort=False):
        depths_px = []
        for _, row in breast.iterrows():
            width_px = read_grey(phantom_root / row.fullPath.replace("\\", "/")).shape[1]
            boxes = [box_xyxy(find(phantom_root, name)) for name in masks_named(row)]
            columns = np.array([(box[0] + box[2]) / 2 for box in boxes])
            depths_px.append(columns if row.Side == "LEFT" else width_px - 1 - columns)
        cc, mlo = depths_px
        if len(cc) == len(mlo):
            assert cc == pytest.approx(mlo, abs=20)
            compared += len(cc)
    assert compared >= 8


def test_the_oddities_of_the_real_data_are_there(phantom_root: Path, table: pd.DataFrame) -> None:
    marked = table["Tumour_Contour"].notna()
    views_marked = marked.groupby([table.fileName.str[:6], table.Side]).sum()
    tumour = table.Status != "Normal"

    assert table.Age.isna().sum() == 4
    assert (table.Density == 0).sum() == 4
    assert table.Tumour_Contour6.notna().sum() == 2
    assert (views_marked == 1).sum() >= 2
    assert (~marked & tumour).sum() > 8
    names = {path.name for path in phantom_root.rglob("*")}
    assert "BoundaryMask.png" in names
    assert any(name.startswith("Mask_") for name in names)
    assert any(name.endswith(".OVERLAYu") for name in names)
    assert len({path.parent.name for path in phantom_root.glob("*/*/*.jpg")}) < 9


def test_one_film_stands_under_two_patients(phantom_root: Path) -> None:
    films = [p for p in phantom_root.rglob("*.jpg") if "mask" not in p.name.lower()]

    digests = [sha256(film.read_bytes()).digest() for film in films]
    assert len(films) - len(set(digests)) == 1


def test_a_cancer_patients_other_breast_is_benign(phantom_root: Path) -> None:
    def pathologies(overlay: Path) -> set[str]:
        return {line for line in overlay.read_text().splitlines() if line.startswith("PATHOLOGY")}

    found = [pathologies(path) for path in phantom_root.glob("Cancer/*/*.OVERLAY")]
    assert sum(all("MALIGNANT" not in line for line in lines) for lines in found) == 2


def digest_of(root: Path) -> dict[str, bytes]:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {str(p.relative_to(root)): sha256(p.read_bytes()).digest() for p in files}


def test_same_seed_gives_same_bytes_on_any_number_of_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_phantoms(tmp_path / "several", cases=3, seed=7)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    make_phantoms(tmp_path / "one", cases=3, seed=7)

    assert digest_of(tmp_path / "several") == digest_of(tmp_path / "one")


def test_fewer_cases_than_statuses_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"2 cases.*at least 3"):
        make_phantoms(tmp_path / "out", cases=2, seed=0)


def test_negative_seed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="seed -1"):
        make_phantoms(tmp_path / "out", cases=3, seed=-1)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")

    with pytest.raises(InputError, match="not an empty folder"):
        make_phantoms(tmp_path, cases=3, seed=0)
    with pytest.raises(InputError, match=r"kept\.txt"):
        make_phantoms(tmp_path / "kept.txt", cases=3, seed=0)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def disk_full(rows: object, root: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(phantoms, "write_tables", disk_full)

    with pytest.raises(OSError, match="No space"):
        make_phantoms(tmp_path / "out", cases=3, seed=0)
    assert not list(tmp_path.iterdir())
