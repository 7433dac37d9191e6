"""The figure of what a temperature does to the probabilities of cancer."""

from pathlib import Path

from matplotlib.figure import Figure

from evaluation.reliability import Reliability

SIZE_INCHES = (5.0, 4.0)
DOTS_PER_INCH = 120
COLOURS = {"before": "#d55e00", "after": "#0072b2"}


def draw_before_and_after(before: Reliability, after: Reliability, path: Path) -> None:
    """Draw two reliability diagrams of cancer into a PNG."""
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=1)
    for (name, colour), part in zip(COLOURS.items(), (before, after), strict=True):
        filled = part.count > 0
        axes.plot(
            part.mean_probability[filled],
            part.frequency[filled],
            marker="o",
            color=colour,
            label=f"{name}: expected error {part.expected_error:.3f}",
        )
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="Given probability of cancer")
    axes.set_ylabel("Frequency of cancer among lesions")
    axes.legend()
    figure.savefig(path, dpi=DOTS_PER_INCH)
