"""The colours of pages and figures; those of the labels are with the labels.

Red, green and blue as in CSS, `#rrggbb`, and for shades `#rrggbbaa`.
"""

from formats.labels import LABEL_COLOURS

# Okabe and Ito's, told apart by most colour-blind people; those of the labels left out.
METHOD_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#8c564b", "#000000")
GRID_COLOUR = "#e6e6e6"
REFERENCE_COLOUR = "#bbbbbb"
HEAT_COLOURS = ("#ffcc0000", "#ff730099", "#ff0000e6")
"""From no lesion, which is transparent, to many."""

LIGHT_PAGE = {
    "ink": "#1a1a1a",
    "paper": "#ffffff",
    "muted": "#595959",
    "line": "#d8d8d8",
    "strong-line": "#888888",
    "link": "#0062a3",
    "warning": "#a33c00",
    "notice": "#fff4e0",
    "notice-edge": LABEL_COLOURS["Cancer"],
    "sunken": "#f5f5f5",
    "shade": "#00000038",
    "cell": METHOD_COLOURS[0],
    "picture-ground": "#111111",
    "figure-ground": "#ffffff",
}
"""Custom properties of a page's style sheet."""
DARK_PAGE = {
    "ink": "#e6e6e6",
    "paper": "#16181b",
    "muted": "#a8a8a8",
    "line": "#3a3d42",
    "strong-line": "#777777",
    "link": "#7cc0f5",
    "warning": "#ffa366",
    "notice": "#33291a",
    "sunken": "#24272b",
    "shade": "#000000b3",
}
"""What differs where a reader prefers dark pages."""
PRINTED_PAGE = {
    "ink": "#000000",
    "paper": "#ffffff",
    "muted": "#444444",
    "line": "#cccccc",
    "link": "#000000",
    "notice": "#ffffff",
}
"""What differs on paper."""
PAGE_COLOURS = {"light": LIGHT_PAGE, "dark": DARK_PAGE, "printed": PRINTED_PAGE}
