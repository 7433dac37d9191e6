import base64
from xml.etree import ElementTree

import cv2
import numpy as np
from matplotlib.colors import to_hex

from formats.labels import LABEL_COLOURS
from reports.style import (
    DOTS_PER_INCH,
    SIZE_INCHES,
    add_legend,
    draw_stacked_by_label,
    new_axes,
    png_bytes,
    svg_address,
)


def test_labels_are_stacked_in_their_colours_and_empty_ones_left_out() -> None:
    figure, axes = new_axes("x", "y")
    draw_stacked_by_label(axes, {"Normal": [1.0, 1.0], "Benign": [], "Cancer": [1.0]}, np.arange(3))
    add_legend(axes)

    named = [text.get_text() for text in axes.get_legend().get_texts()]
    assert named == ["Normal", "Cancer"]
    colours = {to_hex(bar.get_facecolor()) for bar in axes.patches}
    assert colours == {LABEL_COLOURS["Normal"], LABEL_COLOURS["Cancer"]}
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x", "y")
    assert figure.axes == [axes]


def test_a_figure_is_a_vector_in_a_page_and_a_raster_in_a_file() -> None:
    figure, axes = new_axes("x", "y")
    axes.plot([0, 1], [0, 1])
    prefix, _, drawn = svg_address(figure).partition(",")
    png = cv2.imdecode(np.frombuffer(png_bytes(figure), np.uint8), cv2.IMREAD_COLOR)

    assert prefix == "data:image/svg+xml;base64"
    assert ElementTree.fromstring(base64.b64decode(drawn)).tag.endswith("svg")
    width, height = (round(side * DOTS_PER_INCH) for side in SIZE_INCHES)
    assert png.shape == (height, width, 3)
    assert svg_address(figure).partition(",")[2] == drawn
    assert png_bytes(figure) == png_bytes(figure)


def test_nothing_drawn_needs_no_legend() -> None:
    _, axes = new_axes("x", "y")
    draw_stacked_by_label(axes, {"Normal": [], "Benign": [], "Cancer": []}, np.arange(3))
    add_legend(axes)

    assert axes.get_legend() is None
