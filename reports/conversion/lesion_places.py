"""Where in the breast the lesions lie: a heat map on the mean film of each projection."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from scipy.ndimage import gaussian_filter

from converters.records import View
from formats.errors import InputError
from formats.film_reading.intensity_window import apply_window, intensity_window
from formats.film_reading.reader import read_thumbnail
from formats.labels import SEVERITY, colour_of
from reports.colours import HEAT_COLOURS
from reports.style import SMALL_FONT_POINTS

PROJECTIONS = ("CC", "MLO")
SIZE_INCHES = (6.4, 5.0)
MARGINS = {"left": 0.02, "right": 0.98, "bottom": 0.08, "top": 0.93, "wspace": 0.05}
# Height and width of the mean film and of the heat map.
GRID_HW = (160, 100)
# Of the heat's spread around each lesion, in cells.
HEAT_SIGMA = 6.0
LARGEST_SAMPLE = 400
HEAT = LinearSegmentedColormap.from_list("heat", HEAT_COLOURS)


class TurnedFilm(NamedTuple):
    """A film with the chest wall on the left, small."""

    view: View
    picture: np.ndarray
    """uint8 of `GRID_HW`."""
    is_mirrored: bool


def draw_lesion_places(views: Sequence[View], root: Path) -> Figure:
    """Draw the middles of lesions, all breasts turned so that the chest wall is on the left.

    Args:
        views: those with and without lesions; of each projection at most `LARGEST_SAMPLE` with
            lesions are drawn, as each film is opened.
        root: the folder of the films.
    """
    figure = Figure(figsize=SIZE_INCHES)
    figure.subplots_adjust(**MARGINS)
    for axes, projection in zip(figure.subplots(1, 2), PROJECTIONS, strict=True):
        marked = [view for view in views if view.row.view == projection and view.lesions]
        turned = turned_films(_sample(marked, LARGEST_SAMPLE), root)
        middles = lesion_middles(turned)
        extent = (0, 1, 1, 0)
        axes.imshow(mean_film(turned), cmap="gray", extent=extent, aspect="auto")
        axes.imshow(heat_map(middles), cmap=HEAT, extent=extent, aspect="auto")
        for label in filter(middles.get, SEVERITY):
            x, y = np.array(middles[label], dtype=np.float64).reshape(-1, 2).T
            colour = colour_of(label)
            axes.scatter(x, y, s=9, color=colour, edgecolors="white", linewidths=0.4, label=label)
        count = sum(map(len, middles.values()))
        axes.set_title(f"{projection}, {count} lesions of {len(turned)} views", fontsize=10)
        axes.set_xlabel("chest wall on the left", fontsize=SMALL_FONT_POINTS)
        axes.set(xlim=(0, 1), ylim=(1, 0), xticks=[], yticks=[])
        if count:
            axes.legend(fontsize=SMALL_FONT_POINTS, loc="lower right")
    return figure


def turned_films(views: Sequence[View], root: Path) -> list[TurnedFilm]:
    """Open the views' films and turn those whose chest wall is on the right.

    A side's films are not all exposed alike in DDSM, so that the pixels decide. A film that cannot
    be decoded is left out.
    """
    turned = []
    for view in views:
        try:
            film = read_thumbnail(root / view.file_name)
        except InputError:
            continue
        shown = apply_window(film, intensity_window(film))
        small = cv2.resize(shown, GRID_HW[::-1], interpolation=cv2.INTER_AREA)
        is_mirrored = is_chest_wall_on_right(small)
        turned.append(TurnedFilm(view, small[:, ::-1] if is_mirrored else small, is_mirrored))
    return turned


def is_chest_wall_on_right(film: np.ndarray) -> bool:
    """Whether the breast hangs from the right edge of a (H, W) film: there is more tissue.

    Edges and corners, where DDSM's films have bright borders and labels, are left aside.
    """
    height, width = film.shape
    middle = film[height // 4 : -height // 4, width // 20 : -width // 20 or None].astype(np.float64)
    third = middle.shape[1] // 3
    return bool(middle[:, -third:].mean() > middle[:, :third].mean())


def lesion_middles(turned: Sequence[TurnedFilm]) -> dict[str, list[tuple[float, float]]]:
    """Return the middles (x, y) of the lesions' boxes by label, as parts of the turned film."""
    middles: dict[str, list[tuple[float, float]]] = {label: [] for label in SEVERITY}
    for view, _, is_mirrored in turned:
        for lesion in view.lesions:
            left, top, width, height = lesion.bbox_xywh
            x = (left + width / 2) / view.width_px
            y = (top + height / 2) / view.height_px
            middles[lesion.label].append((1 - x if is_mirrored else x, y))
    return middles


def heat_map(middles: dict[str, list[tuple[float, float]]]) -> np.ndarray:
    """Return how densely the lesions lie, 0 to 1, on a grid of `GRID_HW`."""
    points = [point for of_label in middles.values() for point in of_label]
    x, y = np.array(points, dtype=np.float64).reshape(-1, 2).T
    counts, _, _ = np.histogram2d(y, x, bins=GRID_HW, range=((0, 1), (0, 1)))
    heat = gaussian_filter(counts, HEAT_SIGMA, mode="constant")
    return heat / heat.max() if heat.max() > 0 else heat


def mean_film(turned: Sequence[TurnedFilm]) -> np.ndarray:
    """Return the mean of the films as uint8 of `GRID_HW`; black of none."""
    if not turned:
        return np.zeros(GRID_HW, dtype=np.uint8)
    return np.mean([film for _, film, _ in turned], axis=0).round().astype(np.uint8)


def _sample(views: Sequence[View], largest: int) -> Sequence[View]:
    """Take evenly spaced views, at most so many."""
    if len(views) <= largest:
        return views
    return [views[place] for place in np.linspace(0, len(views) - 1, largest).astype(int)]
