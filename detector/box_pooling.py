"""Pooling of boxes whose backward pass uses every core.

torchvision's own goes back from one box to the next on a single core, a tenth of a training step
and more. The same means are weighted sums of the maps' rows, which torch's embedding bags compute
both ways.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812
from torchvision.ops import MultiScaleRoIAlign
from torchvision.ops.poolers import LevelMapper


class BoxPooling(MultiScaleRoIAlign):
    """torchvision's pooling; while it learns on a processor, equal to it to rounding."""

    def forward(
        self, x: dict[str, Tensor], boxes: list[Tensor], image_shapes: list[tuple[int, int]]
    ) -> Tensor:
        """Return (N, C, side, side) means of a pyramid's maps in the boxes of all images.

        Args:
            x: (B, C, h, w) maps of the pyramid by level's name.
            boxes: (N_i, 4) boxes of each of the B images, xyxy in its pixels.
            image_shapes: height and width of each image, all the same.
        """
        maps = [x[name] for name in self.featmap_names]
        if not (self.training and maps[0].is_cpu):
            return super().forward(x, boxes, image_shapes)
        # Powers of two, as torchvision has them, even where a backbone's maps end early.
        strides = [2 ** round(math.log2(image_shapes[0][0] / m.shape[2])) for m in maps]
        mapper = LevelMapper(
            *(strides[at].bit_length() - 1 for at in (0, -1)),
            canonical_scale=self.canonical_scale,
            canonical_level=self.canonical_level,
        )
        levels = mapper(boxes)
        image_indices = torch.cat([torch.full((len(b),), i) for i, b in enumerate(boxes)])
        boxes_in_places = torch.cat(boxes).float() / torch.tensor(strides)[levels, None]
        return self._pool(maps, levels, image_indices, boxes_in_places)

    def _pool(
        self, maps: list[Tensor], levels: Tensor, image_indices: Tensor, boxes_in_places: Tensor
    ) -> Tensor:
        heights, widths = (torch.tensor([m.shape[axis] for m in maps])[levels] for axis in (2, 3))
        rows = [level_map.permute(0, 2, 3, 1).flatten(0, 2).float() for level_map in maps]
        row_counts = torch.tensor([0, *map(len, rows)])
        first_rows = row_counts.cumsum(0)[levels] + image_indices * heights * widths
        x_min, y_min, x_max, y_max = boxes_in_places.unbind(1)
        cells_y, cells_x = self.output_size
        y, y_weights = _neighbours(y_min, y_max, heights, cells_y, self.sampling_ratio)
        x, x_weights = _neighbours(x_min, x_max, widths, cells_x, self.sampling_ratio)
        # Of each cell, every neighbour down times every neighbour across.
        y, y_weights = y[:, :, None, :, None], y_weights[:, :, None, :, None]
        x, x_weights = x[:, None, :, None, :], x_weights[:, None, :, None, :]
        places = first_rows[:, None, None, None, None] + y * widths[:, None, None, None, None] + x
        pooled = F.embedding_bag(
            places.flatten(0, 2).flatten(1),
            torch.cat(rows),
            per_sample_weights=(y_weights * x_weights).flatten(0, 2).flatten(1),
            mode="sum",
        )
        return pooled.unflatten(0, (len(levels), cells_y, cells_x)).permute(0, 3, 1, 2)


def _neighbours(
    low: Tensor, high: Tensor, map_sides: Tensor, cells: int, points_a_cell: int
) -> tuple[Tensor, Tensor]:
    """Return along one axis the (N, cells, 2 P) places beside each cell's P points, and weights.

    As torchvision has it: a box is at least a place of the map wide, points up to a place outside
    of the map take what is at its edge, and those farther out nothing.
    """
    steps = (torch.arange(cells * points_a_cell) + 0.5) / (cells * points_a_cell)
    points = low[:, None] + (high - low).clamp(min=1)[:, None] * steps
    last = map_sides[:, None] - 1
    counts = (points >= -1) & (points <= map_sides[:, None])
    points = points.clamp(min=0).minimum(last)
    before = points.long()
    share = points - before
    places = torch.stack([before, (before + 1).minimum(last)], dim=2)
    weights = torch.stack([1 - share, share], dim=2) * counts[:, :, None] / points_a_cell
    by_cell = (len(low), cells, 2 * points_a_cell)
    return places.view(by_cell), weights.view(by_cell)
