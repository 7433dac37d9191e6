"""A method over a whole data set, into one results file; an interrupted run goes on."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from formats.box_sizes import with_metadata
from formats.coco import CocoDataset, write_json
from formats.errors import InputError
from formats.films import PRESENTED_MAMMOGRAMS, DicomOptions, Film, read_film
from formats.results import (
    ImageResult,
    ModelFile,
    Results,
    coco_results,
    parse_image,
    write_results,
)

# Films that are read and predicted together; more would only cost memory.
BATCH_SIZE = 8


@dataclass(frozen=True)
class Method:
    """What predicts films, loaded and ready."""

    name: str
    models: list[ModelFile]
    predict: Callable[[Sequence[np.ndarray], Sequence[str]], list[ImageResult]]
    """(H, W) films and their file names to one result each."""
    operating_point: str | None = None
    """The detector's, which decides the label of an image; none for whole-image classifiers."""


def predict_dataset(
    method: Method,
    dataset: CocoDataset,
    image_root: Path,
    output: Path,
    dicom: DicomOptions = PRESENTED_MAMMOGRAMS,
) -> list[InputError]:
    """Write the results of a method on every image of a data set to `output`.

    The plain COCO results list goes beside it, to `coco_results_path(output)`.

    Finished images are kept beside the output until the end, so that the same command goes on
    where it was interrupted.

    Returns:
        Why images could not be read; they are missing from the results.

    Raises:
        InputError: the interrupted run was of other models or another operating point.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    journal = output.with_name(output.name + ".journal")
    header = {
        "method": method.name,
        "models": [asdict(model) for model in method.models],
        "operating_point": method.operating_point,
        "dicom": asdict(dicom),
    }
    finished = _read_journal(journal, header)
    failures: list[InputError] = []
    names = [image["file_name"] for image in dataset.images]
    # Batches hold the same films however often the run was interrupted: so do the results.
    batches = [names[start : start + BATCH_SIZE] for start in range(0, len(names), BATCH_SIZE)]
    with journal.open("a", encoding="utf-8") as stream:
        if stream.tell() == 0:
            stream.write(json.dumps(header) + "\n")
        for batch in tqdm(batches, desc=method.name, unit_scale=BATCH_SIZE, disable=None):
            if finished.keys() >= set(batch):
                continue
            films = _read_films(image_root, batch, dicom, failures)
            results = _predict(method, films) if films else []
            finished |= {result.file_name: result for result in results}
            stream.writelines(json.dumps(asdict(result)) + "\n" for result in results)
            stream.flush()
    # In the data set's order, whatever was finished first.
    images = [finished[name] for name in names if name in finished]
    results_file = Results(method.name, method.models, images)
    write_json(coco_results(results_file, dataset), coco_results_path(output))
    write_results(results_file, output)
    journal.unlink()
    return failures


def coco_results_path(output: Path) -> Path:
    """Return where the plain COCO results list goes: beside the results file."""
    return output.with_name(f"{output.stem}.coco.json")


def _read_films(
    image_root: Path, names: Sequence[str], dicom: DicomOptions, failures: list[InputError]
) -> dict[str, Film]:
    """Return what can be read by name, and add to the failures why the rest cannot."""
    films = {}
    for name in names:
        try:
            films[name] = read_film(image_root / name, dicom)
        except InputError as error:
            failures.append(error)
    return films


def _predict(method: Method, films: dict[str, Film]) -> list[ImageResult]:
    results = method.predict([film.pixels for film in films.values()], list(films))
    return [
        with_metadata(result, film.metadata)
        for result, film in zip(results, films.values(), strict=True)
    ]


def _read_journal(journal: Path, header: dict) -> dict[str, ImageResult]:
    if not journal.exists():
        return {}
    lines = journal.read_text(encoding="utf-8").split("\n")
    # What follows the last line feed was cut off by the interruption.
    whole_lines = lines[:-1]
    journal.write_text("".join(line + "\n" for line in whole_lines), encoding="utf-8")
    if not whole_lines:
        return {}
    if json.loads(whole_lines[0]) != header:
        raise InputError(
            f"{journal}: an interrupted run of other models, of another operating point or of "
            "other DICOM options; delete it, or give another --output"
        )
    results = [parse_image(str(journal), json.loads(line)) for line in whole_lines[1:]]
    return {result.file_name: result for result in results}
