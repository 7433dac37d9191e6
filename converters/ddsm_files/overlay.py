"""The `.OVERLAY` file of a DDSM view: each abnormality's nature and place."""

from dataclasses import dataclass

import numpy as np

from formats.labels import LESION_LABELS, label_meant_by

# Chain-code step 0..7, from north clockwise, as (dx, dy).
STEPS_XY = np.array([[0, -1], [1, -1], [1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1]])
CHAIN_END = "#"
MAX_BI_RADS = 5


@dataclass(frozen=True, kw_only=True)
class Abnormality:
    """One abnormality, its place in pixels of the original scan."""

    bbox_xyxy: tuple[int, int, int, int]
    """The boundary's last pixel is inside: the far edge is max + 1."""
    pathology: str | None = None
    """As written, as in `BENIGN_WITHOUT_CALLBACK`."""
    lesion_type: str | None = None
    """As in `MASS`; several are joined by `+`."""
    assessment: int | None = None
    """BI-RADS, 0 to 5."""
    subtlety: int | None = None
    """1 (subtle) to 5 (obvious)."""

    @property
    def label(self) -> str | None:
        """Benign or Cancer; None where the pathology is UNPROVEN, or anything else."""
        label = label_meant_by(self.pathology or "")
        return label if label in LESION_LABELS else None


@dataclass(frozen=True)
class Overlay:
    """What could be read of one file, and what could not."""

    abnormalities: tuple[Abnormality, ...]
    problems: tuple[str, ...]


def parse_overlay(text: str) -> Overlay:
    """Read every abnormality that has a boundary; anything else becomes a problem, never an error.

    An abnormality's first boundary counts; cores lie inside it.
    """
    head, *blocks = _blocks(text)
    abnormalities, problems = [], []
    for number, block in enumerate(blocks, start=1):
        abnormality, problem = _abnormality(block)
        if abnormality is not None:
            abnormalities.append(abnormality)
        if problem:
            problems.append(f"abnormality {number}: {problem}")
    problems += _count_problem(head, len(blocks))
    return Overlay(tuple(abnormalities), tuple(problems))


def decode_chain(code: str) -> np.ndarray:
    """Return the (N, 2) points (column, row) of `start column, start row, steps... #`.

    Raises:
        ValueError: the code is no such list.
    """
    words = code.split(CHAIN_END)[0].split()
    values = np.array(words, dtype=np.int64)
    start, steps = values[:2], values[2:]
    if len(start) < 2 or (start < 0).any():
        raise ValueError("no start column and row")
    if ((steps < 0) | (steps >= len(STEPS_XY))).any():
        raise ValueError("a step outside 0 to 7")
    return np.vstack([start, start + np.cumsum(STEPS_XY[steps], axis=0)])


def _blocks(text: str) -> list[list[str]]:
    """Split the lines at every `ABNORMALITY`; the first block is what stands before."""
    blocks: list[list[str]] = [[]]
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.upper().startswith("ABNORMALITY"):
            blocks.append([])
        else:
            blocks[-1].append(line)
    return blocks


def _count_problem(head: list[str], found: int) -> list[str]:
    stated = next((_whole_number(line.split()[-1]) for line in head), None)
    if stated == found:
        return []
    return [f"the head announces {stated} abnormalities, {found} follow"]


def _abnormality(block: list[str]) -> tuple[Abnormality | None, str]:
    """Return the abnormality, if it has a place, and what is wrong with it, if anything is."""
    fields: dict[str, list[str]] = {}
    for line in block:
        key, _, value = line.partition(" ")
        fields.setdefault(key.upper(), []).append(value.strip())
    try:
        points = decode_chain(_boundary(block))
    except (ValueError, OverflowError) as error:
        return None, f"boundary cannot be read ({error})"
    x_min, y_min = map(int, points.min(axis=0))
    x_max, y_max = map(int, points.max(axis=0) + 1)
    pathology = _first(fields, "PATHOLOGY").upper()
    abnormality = Abnormality(
        bbox_xyxy=(x_min, y_min, x_max, y_max),
        pathology=pathology or None,
        lesion_type="+".join(_lesion_types(fields)) or None,
        assessment=_in_range(_first(fields, "ASSESSMENT"), 0, MAX_BI_RADS),
        subtlety=_in_range(_first(fields, "SUBTLETY"), 1, 5),
    )
    return abnormality, "" if pathology else "no PATHOLOGY"


def _boundary(block: list[str]) -> str:
    """Return the code after BOUNDARY, which may run over several lines up to its `#`."""
    places = [i for i, line in enumerate(block) if line.upper().startswith("BOUNDARY")]
    if not places:
        raise ValueError("no BOUNDARY")
    code = " ".join(block[places[0] + 1 :])
    if CHAIN_END not in code:
        raise ValueError(f"no '{CHAIN_END}' ends it")
    return code


def _lesion_types(fields: dict[str, list[str]]) -> list[str]:
    values = fields.get("LESION_TYPE", [])
    return list(dict.fromkeys(value.split()[0].upper() for value in values if value))


def _first(fields: dict[str, list[str]], key: str) -> str:
    return fields.get(key, [""])[0]


def _in_range(word: str, low: int, high: int) -> int | None:
    value = _whole_number(word)
    return value if value is not None and low <= value <= high else None


def _whole_number(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdigit() else None
