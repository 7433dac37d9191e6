"""How costs grow with views, lesions a view, and the side of the input: powers, and a figure.

    python benchmarks/growth.py [--figure docs/images/growth.png]

Four sizes each, each in a process of its own: matching and 200 resamples of COCO's twelve numbers
by the views (20 detections each) and by the lesions a view, its memory beyond that of a few views,
and the bare detector network's time by the side of its input. Times are of the processor, the least
of several, so that other programs matter little. A power is fitted by least squares to the
logarithms.
"""

import argparse
import resource
import time
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from resampling import make_rows, random_boxes, resample_twelve_numbers

from evaluation.bootstrap import resampled_weights
from evaluation.rows import LesionRows
from reports.colours import METHOD_COLOURS
from reports.style import add_legend, new_axes, png_bytes

DETECTIONS = 20
RESAMPLES = 200
VIEWS = (4_000, 8_000, 16_000, 32_000)
LESIONS = (1, 4, 16, 64)
VIEWS_WITH_LESIONS = 2_000
SIDES_PX = (256, 384, 576, 864)


@dataclass(frozen=True, kw_only=True)
class Growth:
    """What something costs at several sizes."""

    name: str
    sizes: tuple[int, ...]
    costs: tuple[float, ...]

    @property
    def power(self) -> float:
        """By which the cost grows with the size."""
        return float(np.polyfit(np.log(self.sizes), np.log(self.costs), 1)[0])


def evaluated(views: int, lesions_a_view: int) -> tuple[float, float]:
    """Return the seconds of an evaluation, and the MiB of memory that it took."""
    rows = make_rows(views, DETECTIONS)
    if lesions_a_view:
        rows = (rows[0], with_lesions(views, lesions_a_view), rows[2])
    weights = resampled_weights(len(rows[0].patients), RESAMPLES, seed=0)
    seconds = []
    for _ in range(2):
        begin = time.process_time()
        resample_twelve_numbers(*rows, weights)
        seconds.append(time.process_time() - begin)
    return min(seconds), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def with_lesions(views: int, lesions_a_view: int) -> LesionRows:
    count = views * lesions_a_view
    boxes_xywh = random_boxes(np.random.default_rng(1), count)
    return LesionRows(
        view=np.repeat(np.arange(views), lesions_a_view),
        bbox_xywh=boxes_xywh,
        area_px=boxes_xywh[:, 2] * boxes_xywh[:, 3],
        label=np.ones(count, dtype=np.int64),
        is_crowd=np.zeros(count, dtype=bool),
        lesion_type=("",) * count,
    )


def network(side_px: int) -> float:
    """Return the seconds that the bare detector network takes for one square."""
    import torch

    from detector.config import DetectorConfig, DetectorInput
    from detector.model import build_detector

    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = build_detector(DetectorConfig(input=DetectorInput(side_px=side_px))).eval()
    square = torch.rand(1, side_px, side_px)
    seconds = []
    with torch.inference_mode():
        for _ in range(6):
            begin = time.process_time()
            model([square])
            seconds.append(time.process_time() - begin)
    return min(seconds)


def measured() -> list[Growth]:
    with get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        base_mib = pool.apply(evaluated, (400, 0))[1]
        by_views = [pool.apply(evaluated, (views, 0)) for views in VIEWS]
        by_lesions = [pool.apply(evaluated, (VIEWS_WITH_LESIONS, count)) for count in LESIONS]
        by_side = tuple(pool.apply(network, (side_px,)) for side_px in SIDES_PX)
    memory = tuple(mib - base_mib for _, mib in by_views)
    return [
        Growth(name="evaluation by views", sizes=VIEWS, costs=tuple(s for s, _ in by_views)),
        Growth(name="its memory", sizes=VIEWS, costs=memory),
        Growth(
            name="evaluation by lesions a view",
            sizes=LESIONS,
            costs=tuple(s for s, _ in by_lesions),
        ),
        Growth(name="detector by side of the input", sizes=SIDES_PX, costs=by_side),
    ]


def draw(growths: list[Growth], path: Path) -> None:
    figure, axes = new_axes("times the smallest size", "times its cost")
    for growth, colour in zip(growths, METHOD_COLOURS, strict=False):
        axes.loglog(
            np.array(growth.sizes) / growth.sizes[0],
            np.array(growth.costs) / growth.costs[0],
            "o-",
            color=colour,
            label=f"{growth.name}: {growth.power:.2f}",
        )
    # Room for the legend.
    axes.set_ylim(0.9, 60)
    add_legend(axes)
    path.write_bytes(png_bytes(figure))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figure", type=Path)
    arguments = parser.parse_args()
    growths = measured()
    for growth in growths:
        costs = ", ".join(f"{cost:.3g}" for cost in growth.costs)
        print(f"{growth.name}: power {growth.power:.2f} ({costs} at {growth.sizes})")
    if arguments.figure:
        draw(growths, arguments.figure)


if __name__ == "__main__":
    main()
