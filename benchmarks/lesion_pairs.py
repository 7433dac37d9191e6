"""How often the boxes of one lesion in CC and MLO are paired, among false boxes.

Every lesion of a converted data set is given as a box in each view, with false boxes of lesions'
sizes at random places of the breast beside them; kind and score tell nothing. Breasts count whose
views have the same number of lesions, which stand in the same order.

With the results of `mammo infer` on that data set also how often pairs of found boxes are right; a
box is on the lesion that its middle lies in.

    python benchmarks/lesion_pairs.py --coco DATA/all.json --image-root DATA_ROOT \\
        [--results OUT/results.json]
"""

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from formats.coco import CocoAnnotation, CocoImage, read_coco
from formats.film_reading.reader import read_grey
from formats.geometry.boxes import xywh_to_xyxy
from formats.results import Detection, ImageResult, Results, read_results
from pipeline.cases.lesion_pairs import lesion_pairs, with_depths

KINDS_UNKNOWN = {"Benign": 0.5, "Cancer": 0.5}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--coco", type=Path, required=True)
    parser.add_argument("--image-root", type=Path, required=True)
    parser.add_argument("--false-boxes", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--results", type=Path)
    arguments = parser.parse_args()
    dataset = read_coco(arguments.coco)
    annotations = dataset.annotations_by_image()
    breasts: dict[tuple[str, str], dict[str, CocoImage]] = defaultdict(dict)
    for image in dataset.images:
        breasts[image["case_id"], image["side"]][image["view"]] = image
    sizes = np.array([annotation["bbox"][2:] for annotation in dataset.annotations])
    both = [
        (views["CC"], views["MLO"])
        for views in breasts.values()
        if len(views) == 2
        and len(annotations[views["CC"]["id"]]) == len(annotations[views["MLO"]["id"]]) > 0
    ]
    films = {
        image["id"]: read_grey(arguments.image_root / image["file_name"])
        for pair in both
        for image in pair
    }
    print(
        f"{len(both)} breasts\n{'false boxes a view':>19} {'lesions paired rightly':>23} "
        f"{'pairs that are a lesion':>24}"
    )
    for count in arguments.false_boxes:
        random = np.random.default_rng(0)
        lesions = right = made = 0
        for pair in both:
            results = [
                given(image, films[image["id"]], annotations[image["id"]], sizes, count, random)
                for image in pair
            ]
            found = lesion_pairs(*results)
            number = len(annotations[pair[0]["id"]])
            lesions += number
            made += len(found)
            right += sum(one.cc == one.mlo < number for one in found)
        print(
            f"{count:19} {right:11} of {lesions} = {right / lesions:.2f} "
            f"{right:12} of {made} = {right / max(1, made):.2f}"
        )
    if arguments.results:
        print_found(read_results(arguments.results), both, annotations, arguments.image_root)


def print_found(
    results: Results,
    both: Sequence[tuple[CocoImage, CocoImage]],
    annotations: dict[int, list[CocoAnnotation]],
    image_root: Path,
) -> None:
    """Say how often pairs of found boxes are one lesion, and lesions found twice are a pair."""
    by_path = {Path(image.file_name).resolve(): image for image in results.images}
    pairs = {(breast.case_id, breast.side): breast.same_lesion for breast in results.breasts or ()}
    made = right = found_twice = 0
    for views in both:
        found_cc, found_mlo = (
            [
                lesion_at(detection, annotations[view["id"]])
                for detection in by_path[(image_root / view["file_name"]).resolve()].detections
            ]
            for view in views
        )
        said = pairs[views[0]["case_id"], views[0]["side"]]
        made += len(said)
        right += len(
            {
                found_cc[pair.cc]
                for pair in said
                if found_cc[pair.cc] == found_mlo[pair.mlo] is not None
            }
        )
        found_twice += len((set(found_cc) & set(found_mlo)) - {None})
    print(
        f"found boxes of {results.method}: {right} of {found_twice} lesions found in both views "
        f"are paired rightly; {right} of {made} pairs are a lesion"
    )


def lesion_at(detection: Detection, lesions: Sequence[CocoAnnotation]) -> int | None:
    """Return the place of the lesion in whose box the detection's middle lies; None for none."""
    x1, y1, x2, y2 = detection.bbox_xyxy
    centre_x, centre_y = (x1 + x2) / 2, (y1 + y2) / 2
    for place, lesion in enumerate(lesions):
        x, y, width, height = lesion["bbox"]
        if x <= centre_x <= x + width and y <= centre_y <= y + height:
            return place
    return None


def given(
    image: CocoImage,
    film: np.ndarray,
    lesions: Sequence[CocoAnnotation],
    sizes_wh: np.ndarray,
    false_count: int,
    random: np.random.Generator,
) -> ImageResult:
    """Return a view's lesions as boxes, and false ones on its tissue."""
    boxes = [annotation["bbox"] for annotation in lesions]
    y, x = np.nonzero(film > np.median(film[film > 0]) / 2)
    for place in random.integers(0, len(x), false_count):
        width, height = sizes_wh[random.integers(len(sizes_wh))]
        boxes.append([x[place] - width / 2, y[place] - height / 2, width, height])
    detections = [
        Detection(
            bbox_xyxy=tuple(box.tolist()), score=0.5, label="Benign", label_scores=KINDS_UNKNOWN
        )
        for box in xywh_to_xyxy(np.array(boxes, dtype=float))
    ]
    result = ImageResult(
        file_name=image["file_name"],
        width=film.shape[1],
        height=film.shape[0],
        label="Benign",
        scores={},
        detections=detections,
    )
    return with_depths(result, film)


if __name__ == "__main__":
    main()
