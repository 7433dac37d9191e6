from pathlib import Path

from blobs import BlobData

from reports.films.true_lesions import lesions_by_film


def test_lesions_stand_at_their_films_and_crowds_are_none(blob_data: BlobData) -> None:
    dataset = blob_data.coco
    first = dataset.annotations[0]
    x, y, width, height = first["bbox"]
    crowd = {**first, "id": 10_000, "iscrowd": 1}
    lesions = lesions_by_film(
        type(dataset)(images=dataset.images, annotations=[*dataset.annotations, crowd]),
        blob_data.root,
    )
    name = next(i["file_name"] for i in dataset.images if i["id"] == first["image_id"])
    of_film = lesions[(blob_data.root / name).resolve()]

    assert len(lesions) == len(dataset.images)
    assert of_film[0].bbox_xyxy == (x, y, x + width, y + height)
    assert of_film[0].label in ("Benign", "Cancer")
    expected = [a for a in dataset.annotations if a["image_id"] == first["image_id"]]
    assert len(of_film) == len(expected)


def test_a_film_that_is_named_otherwise_is_found_by_its_place(blob_data: BlobData) -> None:
    name = blob_data.coco.images[0]["file_name"]
    other = Path(blob_data.root, "..", blob_data.root.name, name)

    assert other.resolve() in lesions_by_film(blob_data.coco, blob_data.root)
