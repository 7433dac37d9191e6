"""One film from a file to what is found on it, at every score that the page can show."""

from dataclasses import replace
from pathlib import Path

from pydicom import Dataset

from formats.dicom_objects.source import read_source
from formats.errors import InputError
from formats.film_reading.reader import is_dicom_file, read_film
from formats.geometry.box_sizes import with_metadata
from formats.results import LOWEST_LISTED_SCORE, ImageResult, Results
from pipeline.cases.grouping import with_cases
from pipeline.cases.lesion_pairs import with_depths
from pipeline.cases.view_fusion import MAXIMUM
from pipeline.film_result import listed_from
from pipeline.method_names import MethodName
from pipeline.two_stage import TwoStage
from serving.kept_films import ReadFilm


class FilmReader:
    """Reads films and finds what is on them, one after the other."""

    def __init__(self, model: TwoStage) -> None:
        """Take the pair's scores.

        Raises:
            InputError: the pair is not calibrated.
        """
        self._model = model
        self.default_score = model.operating_score("balanced")
        self.operating_points = model.operating_points
        self.operating_curve = model.operating_curve
        scores = [*self.operating_points.values(), *(p.score for p in self.operating_curve)]
        self.lowest_score = max(min(scores), LOWEST_LISTED_SCORE)

    def read(self, path: Path, name: str) -> ReadFilm:
        """Read a film and list all its boxes from the lowest score on.

        Args:
            path: of the file.
            name: what the film is called in results and messages.

        Raises:
            InputError: the file is no film that can be read.
        """
        try:
            film = read_film(path)
            source = _source(path)
        except InputError as error:
            raise InputError(str(error).replace(str(path), name)) from error
        found = self._model.predict(film.pixels, name, self.default_score, self.lowest_score)
        result = with_metadata(with_depths(found, film.pixels), film.metadata)
        return ReadFilm(pixels=film.pixels, result=result, source=source)

    def results(self, images: list[ImageResult], lowest_score: float) -> Results:
        """Return the results file's document of what scores as much.

        Breasts and cases are as `mammo infer` has them: of the films whose case, side and view are
        known. Between operating points no fusion was fitted, and the maximum is taken.
        """
        named = (name for name, score in self.operating_points.items() if score == lowest_score)
        name = next(named, None)
        of_views = Results(
            method=MethodName.two_stage,
            models=self._model.models,
            images=[listed_from(image, lowest_score) for image in images],
            lowest_score=lowest_score,
            box_convention=self._model.box_convention_name,
            operating_point=name,
            fusion=(self._model.view_fusion(name) if name else MAXIMUM).described(),
        )
        return with_cases(of_views)


def at_score(film: ReadFilm, lowest_score: float) -> ReadFilm:
    """Return a film with the boxes that score as much."""
    return replace(film, result=listed_from(film.result, lowest_score))


def _source(path: Path) -> Dataset | None:
    if not is_dicom_file(path):
        return None
    try:
        return read_source(path, with_person=False)
    except InputError:
        # The film can be looked at all the same, but nothing can refer to it.
        return None
