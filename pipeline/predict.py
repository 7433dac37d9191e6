"""A method over a whole data set, into one results file; an interrupted run goes on."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
from tqdm import tqdm

from converters.coco import CocoDataset
from converters.errors import InputError
from converters.images import read_grey
from pipeline.results import ImageResult, ModelFile, Results, parse_image, write_results

Method = Callable[[np.ndarray, str], ImageResult]
"""A (H, W) film and its file name to its result."""


def predict_dataset(
    method_name: str,
    method: Method,
    models: list[ModelFile],
    dataset: CocoDataset,
    image_root: Path,
    output: Path,
) -> list[InputError]:
    """Write the results of a method on every image of a data set to `output`.

    Finished images are kept beside the output until the end, so that the same command goes on
    where it was interrupted.

    Returns:
        Why images could not be read; they are missing from the results.

    Raises:
        InputError: the interrupted run was of other models.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    journal = output.with_name(output.name + ".journal")
    header = {"method": method_name, "models": [asdict(model) for model in models]}
    finished = _read_journal(journal, header)
    failures = []
    with journal.open("a", encoding="utf-8") as stream:
        if not finished and stream.tell() == 0:
            stream.write(json.dumps(header) + "\n")
        for image in tqdm(dataset.images, desc=method_name, disable=None):
            file_name = image["file_name"]
            if file_name in finished:
                continue
            try:
                film = read_grey(image_root / file_name)
            except InputError as error:
                failures.append(error)
                continue
            finished[file_name] = method(film, file_name)
            stream.write(json.dumps(asdict(finished[file_name])) + "\n")
    # In the data set's order, whatever was finished first.
    names = [image["file_name"] for image in dataset.images]
    images = [finished[name] for name in names if name in finished]
    write_results(Results(method_name, models, images), output)
    journal.unlink()
    return failures


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
            f"{journal}: an interrupted run of other models; delete it, or give another --output"
        )
    results = [parse_image(str(journal), json.loads(line)) for line in whole_lines[1:]]
    return {result.file_name: result for result in results}
