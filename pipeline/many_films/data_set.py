"""A method over a whole data set, into one results file; an interrupted run goes on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from formats.coco import CocoDataset, CocoImage, write_json
from formats.coco_films import require_listed_size
from formats.errors import InputError
from formats.film_identity import FilmIdentity, identified
from formats.film_reading.paths import film_path
from formats.film_reading.reader import PRESENTED_MAMMOGRAMS, DicomOptions, Film, read_film
from formats.geometry.box_conventions import AS_FOUND
from formats.geometry.box_sizes import with_metadata
from formats.progress import with_progress
from formats.results import (
    ImageResult,
    ModelFile,
    Results,
    coco_results,
    write_results,
)
from formats.shards import Part
from pipeline.cases.grouping import with_cases
from pipeline.cases.lesion_pairs import with_depths
from pipeline.cases.view_fusion import MAXIMUM, ViewFusion
from pipeline.many_films.ahead import computed_ahead
from pipeline.many_films.journal import Journal
from pipeline.many_films.result_files import coco_results_path
from training.networks.runtime import Runtime


@dataclass(frozen=True, kw_only=True)
class Method:
    """What predicts films, loaded and ready."""

    name: str
    models: list[ModelFile]
    predict: Callable[[Sequence[np.ndarray], Sequence[str]], list[ImageResult]]
    """(H, W) films and their file names to one result each."""
    operating_point: str | None = None
    """The detector's, which decides the label of an image; none for whole-image classifiers."""
    box_convention: str = AS_FOUND
    """How the boxes are drawn."""
    lowest_score: float | None = None
    """Boxes from this score on are listed; none for whole-image classifiers."""
    fusion: ViewFusion = MAXIMUM
    """How a breast's views become one probability."""
    runtime: Runtime = Runtime.torch
    """What computes the networks."""
    films_at_once: int = 4
    """So many are read together, while those before are predicted."""


def predict_dataset(
    method: Method,
    dataset: CocoDataset,
    image_root: Path,
    output: Path,
    dicom: DicomOptions = PRESENTED_MAMMOGRAMS,
    part: Part | None = None,
) -> list[InputError]:
    """Write the results of a method on every image of a data set to `output`.

    The plain COCO results list goes beside it, to `coco_results_path(output)`.

    Finished images are kept beside the output until the end, so that the same command goes on
    where it was interrupted.

    Args:
        method: what predicts.
        dataset: its images, or those of a part of the run.
        image_root: of the films.
        output: the results file.
        dicom: which DICOM films are read, and how.
        part: which part of a run this is; None for the whole.

    Returns:
        Why images could not be read; they are missing from the results. Where that is all of
        them, what stands at `output` stays, but for a part of a run.

    Raises:
        InputError: the interrupted run was of other models or another operating point, or a film
            has another size than the data set says.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    journal = Journal(output, run_of(method, dicom), image_root)
    finished, failures = predict_open(method, dataset.images, image_root, journal, dicom)
    if finished or part or not dataset.images:
        write_finished(method, dataset, finished, output, part)
    journal.delete()
    return failures


def predict_open(
    method: Method,
    images: Sequence[CocoImage],
    image_root: Path,
    journal: Journal,
    dicom: DicomOptions = PRESENTED_MAMMOGRAMS,
) -> tuple[dict[str, ImageResult], list[InputError]]:
    """Predict what the journal has no results of, and add them to it.

    Returns:
        All finished results by file name, and why images could not be read.

    Raises:
        InputError: as `predict_dataset`.
    """
    finished = journal.read()
    failures: list[InputError] = []
    # Batches hold the same films however often the run was interrupted, so that results are the
    # same on a GPU too, where a batch's films share a call.
    size = method.films_at_once
    batches = [images[start : start + size] for start in range(0, len(images), size)]
    open_batches = [
        batch for batch in batches if not finished.keys() >= {image["file_name"] for image in batch}
    ]
    progress = with_progress(
        open_batches,
        method.name,
        films_per_item=size,
        films_before=(len(batches) - len(open_batches)) * size,
    )
    film_batches = (_read_films(image_root, batch, dicom, failures) for batch in progress)
    for _, results in computed_ahead(film_batches, partial(_predict, method), at_once=1):
        finished |= {result.file_name: result for result in results}
        journal.append(results)
    return finished, failures


def run_of(method: Method, dicom: DicomOptions) -> dict[str, Any]:
    """Return all that a run's results depend on beside the films, as JSON has it."""
    return {
        "method": method.name,
        "models": [asdict(model) for model in method.models],
        "operating_point": method.operating_point,
        "box_convention": method.box_convention,
        "dicom": asdict(dicom),
        "engine": method.runtime,
    }


def write_finished(
    method: Method,
    dataset: CocoDataset,
    finished: Mapping[str, ImageResult],
    output: Path,
    part: Part | None = None,
) -> None:
    """Write both results files, in the data set's order, whatever was finished first."""
    known = {
        image["file_name"]: FilmIdentity(
            case_id=image.get("case_id"), side=image.get("side"), view=image.get("view")
        )
        for image in dataset.images
    }
    results_file = Results(
        method=method.name,
        models=method.models,
        images=[
            identified(finished[name], identity)
            for name, identity in known.items()
            if name in finished
        ],
        lowest_score=method.lowest_score,
        box_convention=method.box_convention,
        operating_point=method.operating_point,
        part=part,
        fusion=method.fusion.described(),
    )
    results_file = with_cases(results_file)
    write_json(coco_results(results_file, dataset), coco_results_path(output))
    write_results(results_file, output)


def _read_films(
    image_root: Path,
    images: Sequence[CocoImage],
    dicom: DicomOptions,
    failures: list[InputError],
) -> dict[str, Film]:
    """Return what can be read by name, and add to the failures why the rest cannot.

    Raises:
        InputError: a film has another size than the COCO file says: then so have the others.
    """
    films = {}
    for image in images:
        try:
            film = read_film(film_path(image_root, image["file_name"]), dicom)
        except InputError as error:
            failures.append(error)
            continue
        require_listed_size(film.pixels, image, image_root)
        films[image["file_name"]] = film
    return films


def _predict(method: Method, films: dict[str, Film]) -> list[ImageResult]:
    if not films:
        return []
    results = method.predict([film.pixels for film in films.values()], list(films))
    return [
        with_metadata(with_depths(result, film.pixels), film.metadata)
        for result, film in zip(results, films.values(), strict=True)
    ]
