"""A result that has its film with it, and so can show itself."""

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from formats.results import ImageResult, coco_boxes
from reports.films.shown_result import result_html

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = [
    *("label", "score", "probability_benign", "probability_cancer"),
    *("x_min_px", "y_min_px", "x_max_px", "y_max_px", "width_mm", "height_mm"),
]


@dataclass(frozen=True, kw_only=True)
class FilmResult(ImageResult):
    """What was found on one film. A notebook shows it as the annotated film and a table."""

    film: np.ndarray = field(repr=False, compare=False)
    """(H, W) uint8 or uint16."""

    def to_pandas(self) -> "pd.DataFrame":
        """Return a row for each box, best first; widths and heights in millimetres where known."""
        # It takes 60 MiB, and films need none of it.
        import pandas as pd

        unknown = (None, None)
        rows = [
            (
                *(d.label, d.score, d.label_scores["Benign"], d.label_scores["Cancer"]),
                *d.bbox_xyxy,
                *(d.size_mm or unknown),
            )
            for d in self.detections
        ]
        return pd.DataFrame(rows, columns=COLUMNS)

    def to_coco(self, image_id: int) -> list[dict[str, Any]]:
        """Return the COCO results list: `image_id`, `category_id`, `bbox` xywh and `score` a box.

        Args:
            image_id: the film's in the COCO file that the boxes are compared with.
        """
        return coco_boxes(self, image_id)

    def _repr_html_(self) -> str:
        return result_html(self.film, self)


def with_film(result: ImageResult, film: np.ndarray) -> FilmResult:
    """Return a result that has its (H, W) film with it."""
    known = {of_result.name: getattr(result, of_result.name) for of_result in fields(ImageResult)}
    return FilmResult(**known, film=film)
