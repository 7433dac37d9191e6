"""How every figure of every report looks, and how it becomes part of a page or a file."""

import base64
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from formats.labels import SEVERITY, colour_of
from reports.colours import GRID_COLOUR, METHOD_COLOURS

SIZE_INCHES = (4.6, 3.5)
# Fixed: measuring every text for a layout takes as long as drawing.
MARGINS = {"left": 0.13, "right": 0.96, "bottom": 0.14, "top": 0.96}
SMALL_FONT_POINTS = 8
DOTS_PER_INCH = 150


def new_axes(x_label: str, y_label: str) -> tuple[Figure, Axes]:
    """Return an empty figure with one pair of axes."""
    figure = Figure(figsize=SIZE_INCHES)
    figure.subplots_adjust(**MARGINS)
    axes = figure.add_subplot(xlabel=x_label, ylabel=y_label)
    axes.grid(color=GRID_COLOUR, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def method_colours() -> Iterator[str]:
    """Yield the colours of methods in their order, from the first again after the last."""
    return cycle(METHOD_COLOURS)


def add_legend(axes: Axes) -> None:
    """Explain the colours, where something is drawn in them."""
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=SMALL_FONT_POINTS, frameon=False)


def draw_stacked_by_label(
    axes: Axes, values_by_label: Mapping[str, Sequence[float]], edges: np.ndarray
) -> None:
    """Draw a histogram, the labels stacked in their colours; those without a value are left out."""
    filled = [label for label in SEVERITY if len(values_by_label.get(label, ()))]
    if not filled:
        return
    axes.hist(
        [np.asarray(values_by_label[label], dtype=np.float64) for label in filled],
        bins=edges.tolist(),
        stacked=True,
        color=[colour_of(label) for label in filled],
        label=filled,
    )


def svg_address(figure: Figure) -> str:
    """Return a figure as a data address; the same figure always gives the same bytes."""
    drawn = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "report"}):
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode("ascii")


def png_bytes(figure: Figure) -> bytes:
    """Return a figure as a PNG; the same figure always gives the same bytes."""
    drawn = io.BytesIO()
    # The library's version does not belong in the file.
    figure.savefig(drawn, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return drawn.getvalue()
