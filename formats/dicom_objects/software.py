"""What made an object, and what is to be thought of it."""

from dataclasses import dataclass
from typing import Any

from pydicom.uid import UID, generate_uid

from formats.results import Results

NAME = "mammo-two-stage"
# Of this program as a device, whatever its version: the UUID of its name as a domain.
DEVICE_UID = UID("2.25.292714145265897870688400062429573289455")


@dataclass(frozen=True, kw_only=True)
class Software:
    """This program with its networks, as objects name it."""

    version: str
    algorithm: str
    """The method's name."""
    parameters: tuple[str, ...]
    """What results depend on: the weights' hashes, the lowest score, the box convention."""


def made_by(software: Software, what: str) -> dict[str, Any]:
    """Return what highdicom is told of who made an object: the only one of a new series.

    Args:
        software: what made it.
        what: the object, in a word or two.
    """
    return {
        "series_instance_uid": generate_uid(prefix=None),
        "series_number": 1,
        "series_description": f"{NAME} {what}, research only",
        "sop_instance_uid": generate_uid(prefix=None),
        "instance_number": 1,
        "manufacturer": NAME,
        "manufacturer_model_name": software.algorithm,
        "software_versions": software.version,
        "device_serial_number": software.version,
    }


def software_of(results: Results, version: str) -> Software:
    """Return what made results.

    Args:
        results: their images do not matter.
        version: of this program.
    """
    weights = [f"{model.name} SHA-256 {model.sha256}" for model in results.models]
    lowest = [] if results.lowest_score is None else [f"lowest score {results.lowest_score:.4f}"]
    return Software(
        version=version,
        algorithm=f"{NAME} {results.method}",
        parameters=(*weights, *lowest, f"box convention {results.box_convention}"),
    )
