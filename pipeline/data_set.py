"""A method over a whole data set, into one results file; an interrupted run goes on."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from formats.box_conventions import AS_FOUND
from formats.coco import CocoDataset, CocoImage, write_json
from formats.coco_films import require_listed_size
from formats.errors import InputError
from formats.films import read_grey
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
    box_convention: str = AS_FOUND
    """How the boxes are drawn."""
    lowest_score: float | None = None
    """Boxes from this score on are listed; none for whole-image classifiers."""


def predict_dataset(
    method: Method, dataset: CocoDataset, image_root: Path, output: Path
) -> list[InputError]:
    """Write the results of a method on every image of a data set to `output`.

    The plain COCO results list goes beside it, to `coco_results_path(output)`.

    Finished images are kept beside the output until the end, so that the same command goes on
    where it was interrupted.

    Returns:
        Why images could not be read; they are missing from the results.

    Raises:
        InputError: the interrupted run was of other models or another operating point, or a film
            has another size than the data set says.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    journal = output.with_name(output.name + ".journal")
    header = {
        "method": method.name,
        "models": [asdict(model) for model in method.models],
        "operating_point": method.operating_point,
        "box_convention": method.box_convention,
    }
    finished = _read_journal(journal, header)
    failures: list[InputError] = []
    images = dataset.images
    # Batches hold the same films however often the run was interrupted: so do the results.
    batches = [images[start : start + BATCH_SIZE] for start in range(0, len(images), BATCH_SIZE)]
    with journal.open("a", encoding="utf-8") as stream:
        if stream.tell() == 0:
            stream.write(json.dumps(header) + "\n")
        for batch in tqdm(batches, desc=method.name, unit_scale=BATCH_SIZE, disable=None):
            if finished.keys() >= {image["file_name"] for image in batch}:
                continue
            films = _read_films(image_root, batch, failures)
            results = method.predict(list(films.values()), list(films)) if films else []
            finished |= {result.file_name: result for result in results}
            stream.writelines(json.dumps(asdict(result)) + "\n" for result in results)
            stream.flush()
    # In the data set's order, whatever was finished first.
    names = [image["file_name"] for image in images]
    results_file = Results(
        method=method.name,
        models=method.models,
        images=[finished[name] for name in names if name in finished],
        lowest_score=method.lowest_score,
        box_convention=method.box_convention,
    )
    write_json(coco_results(results_file, dataset), coco_results_path(output))
    write_results(results_file, output)
    journal.unlink()
    return failures


def coco_results_path(output: Path) -> Path:
    """Return where the plain COCO results list goes: beside the results file."""
    return output.with_name(f"{output.stem}.coco.json")


def _read_films(
    image_root: Path, images: Sequence[CocoImage], failures: list[InputError]
) -> dict[str, np.ndarray]:
    """Return what can be read by name, and add to the failures why the rest cannot.

    Raises:
        InputError: a film has another size than the COCO file says: then so have the others.
    """
    films = {}
    for image in images:
        try:
            film = read_grey(image_root / image["file_name"])
        except InputError as error:
            failures.append(error)
            continue
        require_listed_size(film, image, image_root)
        films[image["file_name"]] = film
    return films


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
            "another box convention; delete it, or give another --output"
        )
    results = [parse_image(str(journal), json.loads(line)) for line in whole_lines[1:]]
    return {result.file_name: result for result in results}
