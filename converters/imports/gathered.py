"""What a layout of files says, gathered to one document in COCO's form, in the source's words."""

from dataclasses import dataclass, field
from typing import Any

from converters.ddsm_files.disk import DiskIndex, is_image
from converters.notes import Notes
from converters.records import FindingKind
from formats.errors import InputError
from formats.film_reading.listing import MASK
from formats.film_reading.reader import check_film

Record = dict[str, Any]
PART_OF_FOLDER = {
    **dict.fromkeys(("train", "training", "obj_train_data"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "obj_val_data"), "val"),
    **dict.fromkeys(("test", "testing", "obj_test_data"), "test"),
}


@dataclass(kw_only=True)
class Gathered:
    """Grows while a layout is read. Names of categories are the source's own."""

    disk: DiskIndex
    images: list[Record] = field(default_factory=list)
    annotations: list[Record] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)
    parts_of_film: dict[str, set[str]] = field(default_factory=dict)
    """Of the source's own split, by file name."""
    description: str = ""
    _ids: dict[str, int] = field(default_factory=dict)
    _shapes: dict[str, tuple[int, int] | None] = field(default_factory=dict)
    _category_ids: dict[str, int] = field(default_factory=dict)

    def shape_of(self, file_name: str) -> tuple[int, int] | None:
        """Return a film's height and width by its header; None, and a note, if it has none."""
        if file_name not in self._shapes:
            try:
                self._shapes[file_name] = check_film(self.disk.path(file_name))
            except InputError as error:
                self.notes.add_error(FindingKind.IMAGE_UNREADABLE, file_name, error)
                self._shapes[file_name] = None
        return self._shapes[file_name]

    def add_film(self, file_name: str, part: str | None = None, **known: Any) -> int | None:
        """Add a film once, and return its id; None if it cannot be read.

        Args:
            file_name: as listed on disk.
            part: of the source's own split.
            known: what the source says of it, under the contract's names; None where it does not.
        """
        shape = self.shape_of(file_name)
        if shape is None:
            return None
        if part is not None:
            self.parts_of_film.setdefault(file_name, set()).add(part)
        self.notes.used_files.add(file_name)
        if file_name not in self._ids:
            self._ids[file_name] = len(self.images) + 1
            size = {"width": shape[1], "height": shape[0]}
            self.images.append({"id": self._ids[file_name], "file_name": file_name, **size})
        image_id = self._ids[file_name]
        given = {key: value for key, value in known.items() if value is not None}
        self.images[image_id - 1].update(given)
        return image_id

    def add_lesion(self, image_id: int, category: str, **said: Any) -> None:
        """Add a lesion: `bbox`, `segmentation` and the contract's other keys; None is left out."""
        category_id = self._category_ids.setdefault(category, len(self._category_ids) + 1)
        record = {"id": len(self.annotations) + 1, "image_id": image_id, "category_id": category_id}
        known = {key: value for key, value in said.items() if value is not None}
        self.annotations.append({**record, **known})

    def leave_out(self, file_name: str) -> None:
        """Leave out a film that was added, whose truth is not known, and its lesions."""
        image_id = self._ids.get(file_name)
        self.images = [image for image in self.images if image["id"] != image_id]
        self.annotations = [a for a in self.annotations if a["image_id"] != image_id]

    def document(self) -> Record:
        """Return it in COCO's form."""
        return {
            "info": {"description": self.description},
            "categories": [{"id": i, "name": name} for name, i in self._category_ids.items()],
            "images": self.images,
            "annotations": self.annotations,
        }


def films_of(gathered: Gathered) -> list[str]:
    """Return the pictures on disk that may be films: masks, known by their names, are noted."""
    films = []
    for name in filter(is_image, gathered.disk.sizes_bytes):
        *folders, file = name.split("/")
        if any(MASK.search(part) for part in (*folders, file.rpartition(".")[0])):
            gathered.notes.add(FindingKind.STRAY_FILE, name, "a mask by its name, and no film")
        else:
            films.append(name)
    return films


def part_in_path(file_name: str) -> str | None:
    """Return the part of a split that a folder's name says: train, val or test."""
    for folder in file_name.casefold().split("/")[:-1]:
        if folder in PART_OF_FOLDER:
            return PART_OF_FOLDER[folder]
    return None
