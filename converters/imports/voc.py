"""Pascal VOC's layout: an XML file a film."""

from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import parse

from converters.ddsm_files.disk import DiskIndex
from converters.imports.gathered import Gathered, films_of, part_in_path
from converters.notes import find_noting
from converters.records import FindingKind
from formats.errors import InputError

CORNERS = ("xmin", "ymin", "xmax", "ymax")


def gather_voc(disk: DiskIndex) -> Gathered:
    """Gather the films that the XML files below a folder name, and all others as normal.

    Raises:
        InputError: no XML file is an annotation.
    """
    gathered = Gathered(disk=disk, description="imported from Pascal VOC's layout")
    xml_files = [name for name in disk.sizes_bytes if name.casefold().endswith(".xml")]
    for xml_file in xml_files:
        try:
            annotation = _read_annotation(xml_file, disk)
        except InputError as error:
            gathered.notes.add(FindingKind.ANNOTATION_UNREADABLE, xml_file, str(error))
            _set_aside_film(xml_file, gathered)
            continue
        if annotation is not None:
            _add(annotation, xml_file, gathered)
    if not gathered.images:
        raise InputError(
            f"{disk.root}: none of the {len(xml_files)} XML files here is an annotation whose film "
            "is here too; give the folder that holds both"
        )
    for film in films_of(gathered):
        if film not in gathered.notes.used_files and gathered.add_film(film, part_in_path(film)):
            gathered.notes.add(FindingKind.ANNOTATION_MISSING, film, "no XML file names it")
    return gathered


def _read_annotation(xml_file: str, disk: DiskIndex) -> Element | None:
    try:
        root = parse(disk.path(xml_file)).getroot()
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise InputError(f"not XML ({error})") from error
    return root if root is not None and root.tag == "annotation" else None


def _set_aside_film(xml_file: str, gathered: Gathered) -> None:
    """Keep the film of an XML file that cannot be read from being taken for normal."""
    match = gathered.disk.find(f"{xml_file.rpartition('.')[0]}.png")
    if match is not None:
        gathered.notes.used_files.add(match.file_name)


def _add(annotation: Element, xml_file: str, gathered: Gathered) -> None:
    gathered.notes.used_files.add(xml_file)
    film = _find_film(annotation, xml_file, gathered)
    image_id = gathered.add_film(film, part_in_path(film)) if film else None
    if film is None or image_id is None:
        return
    try:
        lesions = [_read_object(item) for item in annotation.iter("object")]
        _check_size(annotation, gathered.shape_of(film) or (0, 0))
    except InputError as error:
        gathered.notes.add(FindingKind.ANNOTATION_UNREADABLE, xml_file, str(error))
        gathered.leave_out(film)
        return
    for name, bbox in lesions:
        gathered.add_lesion(image_id, name, bbox=bbox)


def _find_film(annotation: Element, xml_file: str, gathered: Gathered) -> str | None:
    folder = xml_file.rpartition("/")[0]
    name = (annotation.findtext("filename") or "").strip().replace("\\", "/").rpartition("/")[2]
    stem = xml_file.rpartition("/")[2].rpartition(".")[0]
    wanted = f"{folder}/{name or f'{stem}.png'}".lstrip("/")
    return find_noting(wanted, gathered.disk, gathered.notes, FindingKind.IMAGE_MISSING)


def _read_object(item: Element) -> tuple[str, list[float]]:
    name = (item.findtext("name") or "").strip()
    texts = {corner: item.findtext(f"bndbox/{corner}") for corner in CORNERS}
    try:
        x1, y1, x2, y2 = (float(texts[corner] or "") for corner in CORNERS)
    except ValueError as error:
        raise InputError(f"object '{name}' has bndbox {texts}, no four numbers") from error
    return name, [x1, y1, x2 - x1, y2 - y1]


def _check_size(annotation: Element, shape_hw: tuple[int, int]) -> None:
    said = [annotation.findtext(f"size/{side}") for side in ("height", "width")]
    # LabelImg writes 0 where it does not know.
    known = [int(float(text)) for text in said if text and text.strip() not in ("", "0")]
    if len(known) == len(said) and tuple(known) != shape_hw:
        raise InputError(
            f"says {known[1]}x{known[0]} pixels, its film has {shape_hw[1]}x{shape_hw[0]}: of "
            "another edition"
        )
