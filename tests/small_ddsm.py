"""A data set in Mini-DDSM's layout, a few small views at a time, for tests of one trap each."""

import csv
import zlib
from pathlib import Path

import cv2
import numpy as np

SHAPE_HW = (240, 160)
COLUMNS = (
    "fullPath", "fileName", "View", "Side", "Status", "Tumour_Contour", "Tumour_Contour2",
    "Age", "Density",
)  # fmt: skip
SQUARE_CHAIN = "{x} {y} " + " ".join(["2"] * 39 + ["4"] * 39 + ["6"] * 39 + ["0"] * 38) + " #"


def draw_film(name: str, shape_hw: tuple[int, int] = SHAPE_HW) -> np.ndarray:
    """Draw smooth texture that is another one for every name."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    coarse = rng.uniform(0, 200, (12, 8)).astype(np.float32)
    return cv2.resize(coarse, shape_hw[::-1], interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def draw_outline(
    box_xywh: tuple[int, int, int, int], shape_hw: tuple[int, int] = SHAPE_HW
) -> np.ndarray:
    """Draw a box's one-pixel outline, 255 on 0."""
    x, y, width, height = box_xywh
    mask = np.zeros(shape_hw, np.uint8)
    cv2.rectangle(mask, (x, y), (x + width - 1, y + height - 1), 255)
    return mask


def overlay_text(*abnormalities: tuple[str, int, int]) -> str:
    """Write abnormalities of 40 x 40 pixels of the scan: pathology, left and top."""
    lines = [f"TOTAL_ABNORMALITIES {len(abnormalities)}"]
    for number, (pathology, x, y) in enumerate(abnormalities, start=1):
        lines += [
            f"ABNORMALITY {number}",
            "LESION_TYPE MASS SHAPE OVAL MARGINS CIRCUMSCRIBED",
            "ASSESSMENT 4",
            "SUBTLETY 3",
            f"PATHOLOGY {pathology}",
            "TOTAL_OUTLINES 1 ",
            "BOUNDARY",
            SQUARE_CHAIN.format(x=x, y=y),
        ]
    return "\n".join(lines) + "\n"


class SmallDdsm:
    """Grows view by view; `write_table` makes it complete."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.rows: list[dict[str, object]] = []

    def add_view(
        self,
        case_id: str,
        status: str,
        view: str = "LEFT_CC",
        masks: tuple[np.ndarray, ...] = (),
        film: np.ndarray | None = None,
        suffix: str = ".jpg",
        age: object = 60,
    ) -> Path:
        """Write a film and its masks, and remember its row; return the film's path."""
        side, _, projection = view.partition("_")
        folder = self.root / status / case_id.split("_")[1]
        folder.mkdir(parents=True, exist_ok=True)
        stem = f"{case_id}_1.{view}"
        path = folder / f"{stem}{suffix}"
        cv2.imwrite(str(path), draw_film(stem) if film is None else film)
        below = f"{status}\\{folder.name}\\"
        names = [f"{stem}_Mask{'' if i == 1 else i}{suffix}" for i in range(1, len(masks) + 1)]
        for name, mask in zip(names, masks, strict=True):
            cv2.imwrite(str(folder / name), mask)
        cells = [f"{below}{name}" for name in names] + ["-", "-"]
        self.rows.append(
            dict(
                zip(
                    COLUMNS,
                    (
                        f"\\{below}{path.name}", f"\\{path.name}", projection, side, status,
                        *cells[:2], age, 2,
                    ),
                    strict=True,
                )
            )
        )  # fmt: skip
        return path

    def write_table(self, name: str = "DataWMask.csv") -> Path:
        """Write the rows so far."""
        path = self.root / name
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(self.rows)
        return path
