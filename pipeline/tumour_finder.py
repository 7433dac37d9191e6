"""The two stages at one operating point: films in, boxes with labels out."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from formats.errors import InputError
from formats.film_reading.reader import PRESENTED_MAMMOGRAMS, DicomOptions, Film, read_film
from formats.film_reading.size import MIN_SIDE_PX
from formats.geometry.box_sizes import with_metadata
from formats.results import ImageResult, Results
from formats.shards import Part
from pipeline.cases.grouping import with_cases
from pipeline.cases.lesion_pairs import with_depths
from pipeline.many_films.ahead import computed_ahead
from pipeline.method_names import MethodName
from pipeline.shown_film import FilmResult, with_film
from pipeline.two_stage import TwoStage

logger = logging.getLogger(__name__)
# While one film is named, the networks look at the next.
FILMS_AT_ONCE = 2


@dataclass(frozen=True, kw_only=True)
class InferredFile:
    """A file that was read, and what was found on it."""

    path: Path
    film: np.ndarray
    """(H, W) uint8 or uint16."""
    result: ImageResult


class TumourFinder:
    """Finds tumours on films and names them. Made by `pipeline.load`."""

    def __init__(
        self,
        model: TwoStage,
        operating_point: str,
        dicom: DicomOptions = PRESENTED_MAMMOGRAMS,
    ) -> None:
        """Take the lowest score that counts as found from the checkpoints.

        Raises:
            InputError: they have no such operating point.
        """
        self._model = model
        self._dicom = dicom
        self.lowest_score = model.operating_score(operating_point)
        """From here on a box counts as found and is listed."""
        self.box_convention = model.box_convention_name
        self._operating_point = operating_point
        self._fusion = model.view_fusion(operating_point).described()

    def predict(self, film: np.ndarray | Path | str) -> FilmResult:
        """Return what is found on one film, best box first.

        Args:
            film: (H, W) grey levels, uint8 or uint16, dark where there is no tissue; or an image
                file's path.

        Returns:
            The film's `label` and its `scores` by label, and `detections` with their boxes in
            pixels of the film. The file name is empty for an array. A notebook shows it with the
            annotated film.

        Raises:
            InputError: the file cannot be read, or the array is no film.
        """
        if isinstance(film, np.ndarray):
            _require_film(film)
            return with_film(self._find(film, ""), film)
        read = read_film(Path(film), self._dicom)
        return with_film(self._find_on_file(read, Path(film)), read.pixels)

    def predict_files(self, paths: Iterable[Path]) -> Iterator[InferredFile | InputError]:
        """Yield for each file what is found on it, or why it cannot be read, which is logged."""
        films = ((path, self._read(path)) for path in paths)
        for (_, film), outcome in computed_ahead(films, self._look_at, FILMS_AT_ONCE):
            if isinstance(film, InputError):
                logger.error("error: %s", film)
            yield outcome

    def _read(self, path: Path) -> Film | InputError:
        try:
            return read_film(path, self._dicom)
        except InputError as error:
            return error

    def _look_at(self, read: tuple[Path, Film | InputError]) -> InferredFile | InputError:
        path, film = read
        if isinstance(film, InputError):
            return film
        result = self._find_on_file(film, path)
        return InferredFile(path=path, film=film.pixels, result=result)

    def results(self, images: list[ImageResult], part: Part | None = None) -> Results:
        """Return the results file's document of what was found, in a part of a run or in all."""
        of_views = Results(
            method=MethodName.two_stage,
            models=self._model.models,
            images=images,
            lowest_score=self.lowest_score,
            box_convention=self.box_convention,
            operating_point=self._operating_point,
            part=part,
            fusion=self._fusion,
        )
        return with_cases(of_views)

    def _find_on_file(self, film: Film, path: Path) -> ImageResult:
        return with_metadata(self._find(film.pixels, path.as_posix()), film.metadata)

    def _find(self, film: np.ndarray, file_name: str) -> ImageResult:
        lowest = self.lowest_score
        found = self._model.predict(film, file_name, operating_score=lowest, lowest_score=lowest)
        return with_depths(found, film)


def _require_film(film: np.ndarray) -> None:
    if film.ndim != 2 or film.dtype not in (np.uint8, np.uint16) or min(film.shape) < MIN_SIDE_PX:
        raise InputError(
            f"the film is an array of {film.dtype} and shape {film.shape}; give (height, width) "
            f"grey levels, uint8 or uint16, at least {MIN_SIDE_PX} pixels each way"
        )
