"""The figure of what a temperature does to the probabilities of cancer."""

from pathlib import Path

from evaluation.labels.reliability import Reliability
from formats.whole_file import write_whole
from reports.colours import REFERENCE_COLOUR
from reports.style import add_legend, method_colours, new_axes, png_bytes


def draw_before_and_after(before: Reliability, after: Reliability, path: Path) -> None:
    """Draw two reliability diagrams of cancer into a PNG."""
    figure, axes = new_axes("Given probability of cancer", "Frequency of cancer among lesions")
    axes.plot([0, 1], [0, 1], color=REFERENCE_COLOUR, linewidth=1)
    diagrams = {"before": before, "after": after}
    for colour, (name, part) in zip(method_colours(), diagrams.items(), strict=False):
        filled = part.count > 0
        axes.plot(
            part.mean_probability[filled],
            part.frequency[filled],
            marker="o",
            color=colour,
            label=(
                f"{name}: expected error {part.expected_error:.3f} "
                f"({part.error_by_chance:.3f} by chance)"
            ),
        )
    axes.set(xlim=(0, 1), ylim=(0, 1))
    add_legend(axes)
    write_whole(png_bytes(figure), path)
