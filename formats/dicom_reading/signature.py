"""Knowing DICOM by its first bytes, whatever the file is called."""

from typing import Literal

HEAD_BYTES = 1024
PREAMBLE_BYTES = 128
DICOMDIR_CLASS = b"1.2.840.10008.1.3.10"
# Reports, presentation states, waveforms, documents: what a study holds beside its pictures.
CLASSES_WITHOUT_PICTURES = tuple(
    f"1.2.840.10008.5.1.4.1.1.{branch}.".encode() for branch in ("9", "11", "66", "88", "104")
)
CLASS_ELEMENT = b"\x02\x00\x02\x00UI"
# Without a preamble a file begins with its meta information or with the identifying group.
LITTLE_ENDIAN_GROUPS = (b"\x02\x00", b"\x08\x00")
BIG_ENDIAN_GROUPS = (b"\x00\x02", b"\x00\x08")
HIGHEST_FIRST_ELEMENT = 0x0100


def is_dicom(head: bytes) -> bool:
    """Say whether a file that begins with these `HEAD_BYTES` is DICOM, with or without preamble."""
    if head[PREAMBLE_BYTES : PREAMBLE_BYTES + 4] == b"DICM":
        return True
    is_little = head[:2] in LITTLE_ENDIAN_GROUPS
    if not is_little and head[:2] not in BIG_ENDIAN_GROUPS:
        return False
    byte_order: Literal["little", "big"] = "little" if is_little else "big"
    has_explicit_type = head[4:6].isalpha() and head[4:6].isupper()
    has_short_value = int.from_bytes(head[4:8], byte_order) <= HEAD_BYTES
    element = int.from_bytes(head[2:4], byte_order)
    return element <= HIGHEST_FIRST_ELEMENT and (has_explicit_type or has_short_value)


def is_dicomdir(head: bytes) -> bool:
    """Say whether a DICOM file is the directory of a medium, which lists files and holds none."""
    return DICOMDIR_CLASS in head


def holds_no_picture(head: bytes) -> bool:
    """Say whether a DICOM file is a report, a presentation state or the like by its class."""
    _, found, rest = head[PREAMBLE_BYTES:].partition(CLASS_ELEMENT)
    return bool(found) and rest[2:].startswith(CLASSES_WITHOUT_PICTURES)
