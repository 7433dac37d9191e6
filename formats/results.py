"""The results file: what any method says about images, in one JSON format.

Evaluation reads this and the COCO file only. Beside it goes the plain COCO results list.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from formats.case_results import BreastResult, CaseResult, LesionPair
from formats.coco import CocoDataset, read_json, write_json
from formats.errors import InputError
from formats.geometry.box_conventions import AS_FOUND
from formats.geometry.boxes import xyxy_to_xywh
from formats.json_files.stream import json_items
from formats.labels import CATEGORY_IDS, LABELS, LESION_LABELS
from formats.shards import Part, parse_part

Group = TypeVar("Group", BreastResult, CaseResult)
SCHEMA_VERSION = 1
LIST_ENDING = ".coco.json"
"""Of the plain COCO results list's name, beside the results file."""
# What sums and differences of probabilities may miss 0 and 1 by.
ROUNDING = 1e-6
LOWEST_LISTED_SCORE = 0.01
"""Boxes below it are not listed: far below any operating point, they change no figure that is
looked at, so that results which list boxes from here on are complete."""


@dataclass(frozen=True)
class ModelFile:
    """A checkpoint that took part."""

    name: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Detection:
    """One box."""

    bbox_xyxy: tuple[float, float, float, float]
    """In pixels of the input file."""
    score: float
    """That it is a tumour, of whatever class; 0..1."""
    label: str
    """Benign or Cancer, the more probable."""
    label_scores: dict[str, float]
    """Probability of each label, given a tumour; they sum to 1."""
    size_mm: tuple[float, float] | None = None
    """Width and height, where the image's spacing is known."""
    depth: float | None = None
    """Of the box's middle: 0 at the chest wall, 1 at the nipple; None where no breast is seen."""


@dataclass(frozen=True, kw_only=True)
class ImageResult:
    """All about one image. `detections` are best first."""

    file_name: str
    width: int
    height: int
    label: str
    scores: dict[str, float]
    """Probability of Normal, Benign and Cancer; they sum to 1."""
    detections: list[Detection] = field(default_factory=list)
    sop_instance_uid: str | None = None
    spacing_mm: tuple[float, float] | None = None
    """Between pixel centres of the input file: down a column, then along a row."""
    spacing_source: str | None = None
    """The DICOM attribute that the spacing comes from."""
    study_label: str | None = None
    """Name and number of the person, in results where they were asked for."""
    case_id: str | None = None
    side: str | None = None
    """LEFT or RIGHT."""
    view: str | None = None
    """CC, MLO, or what else the film's file calls it."""


@dataclass(frozen=True, kw_only=True)
class Results:
    """All images of one method."""

    method: str
    models: list[ModelFile]
    images: list[ImageResult]
    lowest_score: float | None = None
    """Boxes from this score on are listed; None where that is not known, or there are no boxes."""
    box_convention: str = AS_FOUND
    """How the boxes are drawn: the name of a convention of the detector."""
    operating_point: str | None = None
    """Its name: from its score on a box makes a film Benign or Cancer; None where it has no name,
    or is not known."""
    part: Part | None = None
    """Which part of a run this is; None for the whole."""
    fusion: dict[str, dict[str, Any]] | None = None
    """How `tumour` and `cancer` are fused over a breast's views: the `method` and its parameters;
    None in files from before it."""
    breasts: list[BreastResult] | None = None
    """Those of which a view is known."""
    cases: list[CaseResult] | None = None


def results_to_json(results: Results) -> dict[str, Any]:
    """Return the results file's JSON document."""
    document = asdict(results, dict_factory=_without_unknown)
    return {"schema_version": SCHEMA_VERSION, **document}


def write_results(results: Results, path: Path) -> None:
    """Write the results file, whole or not at all."""
    write_json(results_to_json(results), path)


def read_results(path: Path) -> Results:
    """Read and check a results file.

    Raises:
        InputError: the file is missing, of another version, or a value in it cannot be.
    """
    return parse_results(path, read_json(path))


def images_one_by_one(path: Path) -> Iterator[ImageResult]:
    """Read and check a results file's images, each when it is asked for.

    Raises:
        InputError: the file is missing, or a value in an image cannot be.
    """
    for raw in json_items(path, "images"):
        with _values_named(path):
            image = parse_image(str(path), raw)
        yield image


def parse_results(path: Path, document: Any) -> Results:
    """Check what a results file holds.

    Args:
        path: of the file.
        document: its JSON.

    Raises:
        InputError: it is of another version, or a value in it cannot be.
    """
    if not isinstance(document, dict) or document.get("schema_version") != SCHEMA_VERSION:
        if isinstance(document, dict) and "images" in document and "annotations" in document:
            raise InputError(f"{path}: a COCO file, no results; give what `mammo predict` wrote")
        if isinstance(document, list) and path.name.endswith(LIST_ENDING):
            results_name = f"{path.name.removesuffix(LIST_ENDING)}.json"
            raise InputError(
                f"{path}: COCO's results list, which names no films; give the results file beside "
                f"it, {results_name}"
            )
        version = document.get("schema_version") if isinstance(document, dict) else None
        raise InputError(
            f"{path}: schema_version is {version}, not {SCHEMA_VERSION}; "
            "write the file again with `mammo predict`"
        )
    with _values_named(path):
        return Results(
            method=_text(f"{path}: method", document["method"]),
            models=[
                _read_model(f"{path}: models", model)
                for model in _listed(f"{path}: models", document["models"])
            ],
            images=[
                parse_image(str(path), image)
                for image in _listed(f"{path}: images", document["images"])
            ],
            lowest_score=_read_lowest_score(path, document),
            box_convention=_text(
                f"{path}: box_convention", document.get("box_convention", AS_FOUND)
            ),
            operating_point=_text(f"{path}: operating_point", document["operating_point"])
            if document.get("operating_point") is not None
            else None,
            fusion=_read_fusion(f"{path}: fusion", document.get("fusion")),
            breasts=_read_groups(f"{path}: breasts", document.get("breasts"), BreastResult),
            cases=_read_groups(f"{path}: cases", document.get("cases"), CaseResult),
            part=parse_part(f"{path}: part", document["part"]) if document.get("part") else None,
        )


@contextmanager
def _values_named(path: Path) -> Iterator[None]:
    try:
        yield
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise InputError(f"{path}: not a results file ({error}); see docs/formats.md") from error


def parse_image(source: str, raw: Any) -> ImageResult:
    """Read and check one image of a results file.

    Args:
        source: names the file in messages.
        raw: what should be the image's JSON object.

    Raises:
        InputError: a value cannot be.
        KeyError: a key is missing.
    """
    record = _object(f"{source}: images", raw)
    where = f"{source}: {_text(f'{source}: file_name', record['file_name'])}"
    detections = [
        _read_detection(where, detection)
        for detection in _listed(f"{where}: detections", record["detections"])
    ]
    _check_probabilities(where, record["scores"], LABELS)
    _check_label(where, record["label"], LABELS)
    for side in ("width", "height"):
        _check_side_px(f"{where}: {side}", record[side])
    for key in ("sop_instance_uid", "spacing_source", "case_id", "side", "view"):
        if record.get(key) is not None:
            _text(f"{where}: {key}", record[key])
    spacing_mm = _pair_mm(where, "spacing_mm", record)
    known = _known(ImageResult, record)
    return ImageResult(**{**known, "detections": detections, "spacing_mm": spacing_mm})


def coco_results(results: Results, dataset: CocoDataset) -> list[dict[str, Any]]:
    """Return the plain COCO results list, each box once for its tumour score under its own label.

    Raises:
        InputError: a result belongs to no image of the data set.
    """
    ids = {image["file_name"]: image["id"] for image in dataset.images}
    unknown = [image.file_name for image in results.images if image.file_name not in ids]
    if unknown:
        raise InputError(f"{unknown[0]}: not in the COCO file; predict on the same file")
    return [
        record for image in results.images for record in coco_boxes(image, ids[image.file_name])
    ]


def coco_results_of_files(results: Results, file_names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the plain COCO results list of films that no COCO file names.

    An image's id is its film's place among the names, from 1; each record also has the
    `file_name`.
    """
    ids = {name: place for place, name in enumerate(file_names, start=1)}
    return [
        {**record, "file_name": image.file_name}
        for image in results.images
        for record in coco_boxes(image, ids[image.file_name])
    ]


def coco_boxes(image: ImageResult, image_id: int) -> list[dict[str, Any]]:
    """Return one image's records of the plain COCO results list."""
    return [
        {
            "image_id": image_id,
            "category_id": CATEGORY_IDS[detection.label],
            "bbox": xyxy_to_xywh(np.array([detection.bbox_xyxy]))[0].tolist(),
            "score": detection.score,
        }
        for detection in image.detections
    ]


def _read_fusion(where: str, raw: Any) -> dict[str, dict[str, Any]] | None:
    if raw is None:
        return None
    return {target: _object(f"{where}: {target}", said) for target, said in raw.items()}


def _read_groups(where: str, raw: Any, record: type[Group]) -> list[Group] | None:
    if raw is None:
        return None
    groups = []
    for said in _listed(where, raw):
        known = _known(record, _object(where, said))
        _text(f"{where}: case_id", known["case_id"])
        _check_probabilities(f"{where}: {known['case_id']}", known["scores"], LABELS)
        _check_label(f"{where}: {known['case_id']}", known["label"], LABELS)
        if "same_lesion" in known:
            known["same_lesion"] = [_read_pair(where, pair) for pair in known["same_lesion"]]
        groups.append(record(**known))
    return groups


def _read_pair(where: str, raw: Any) -> LesionPair:
    record = _object(f"{where}: same_lesion", raw)
    return LesionPair(cc=int(record["cc"]), mlo=int(record["mlo"]), misfit=float(record["misfit"]))


def _read_lowest_score(path: Path, document: dict[str, Any]) -> float | None:
    score = document.get("lowest_score")
    if score is not None and not (_is_number(score) and 0 <= score <= 1):
        raise InputError(f"{path}: lowest_score is {score!r}; it lies in 0..1")
    return score


def _without_unknown(items: list[tuple[str, Any]]) -> dict[str, Any]:
    """Leave out what is not known, as older versions do that do not know of it, and films."""
    return {
        key: value
        for key, value in items
        if value is not None and not isinstance(value, np.ndarray)
    }


def _read_model(where: str, raw: Any) -> ModelFile:
    record = _object(where, raw)
    return ModelFile(
        name=_text(f"{where}: name", record["name"]),
        sha256=_text(f"{where}: sha256", record["sha256"]),
    )


def _read_detection(where: str, raw: Any) -> Detection:
    record = _object(f"{where}: detections", raw)
    box, score = _listed(f"{where}: bbox_xyxy", record["bbox_xyxy"]), record["score"]
    is_box = len(box) == 4 and all(_is_number(value) for value in box)
    if not is_box or box[2] <= box[0] or box[3] <= box[1]:
        raise InputError(f"{where}: box {box} with score {score} is not a finite, positive box")
    if not _is_probability(score):
        raise InputError(f"{where}: box {box} has score {score}, which is not in 0..1; correct it")
    if record["label"] not in LESION_LABELS:
        # Words for a box take as long as all else that is checked of it.
        _check_label(f"{where}: box {box}", record["label"], LESION_LABELS)
    _check_probabilities(where, record["label_scores"], LESION_LABELS)
    size_mm = _pair_mm(where, "size_mm", record)
    if record.get("depth") is not None and not _is_number(record["depth"]):
        raise InputError(f"{where}: box {box} has depth {record['depth']!r}, not a number")
    return Detection(**{**_known(Detection, record), "bbox_xyxy": tuple(box), "size_mm": size_mm})


def _pair_mm(where: str, key: str, raw: Mapping[str, Any]) -> tuple[float, float] | None:
    if raw.get(key) is None:
        return None
    pair = _listed(f"{where}: {key}", raw[key])
    if len(pair) != 2 or not all(_is_number(value) and value > 0 for value in pair):
        raise InputError(f"{where}: {key} {pair} is not two positive lengths")
    return pair[0], pair[1]


def _check_label(where: str, label: Any, names: tuple[str, ...]) -> None:
    if label not in names:
        raise InputError(f"{where}: label {label!r} is none of {names}; correct it")


def _check_probabilities(where: str, scores: Any, names: tuple[str, ...]) -> None:
    is_complete = isinstance(scores, dict) and set(scores) == set(names)
    if not is_complete or not all(_is_probability(value) for value in scores.values()):
        raise InputError(
            f"{where}: scores {scores} are not probabilities in 0..1 of {names}; correct them"
        )


def _check_side_px(where: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InputError(f"{where} is {value!r}, not a positive number of pixels; correct it")


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _is_probability(value: Any) -> bool:
    return _is_number(value) and -ROUNDING <= value <= 1 + ROUNDING


def _text(where: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InputError(f"{where} is {value!r}, not a text; see docs/formats.md")
    return value


def _listed(where: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(f"{where} is {value!r}, not a list; see docs/formats.md")
    return value


def _object(where: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{where}: {value!r} is no JSON object; see docs/formats.md")
    return value


def _known(record: type, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what a later version of the file says and this one does not know."""
    names = _field_names(record)
    return {name: value for name, value in raw.items() if name in names}


@cache
def _field_names(record: type) -> frozenset[str]:
    return frozenset(of_record.name for of_record in fields(record))
