"""Which case, side and view a film is of, by its name: the naming rules of public data sets."""

import re
from dataclasses import dataclass, replace
from pathlib import PurePath

from formats.errors import InputError
from formats.results import ImageResult

SIDES = {"L": "LEFT", "R": "RIGHT", "LEFT": "LEFT", "RIGHT": "RIGHT"}
# INbreast calls its MLO views ML.
VIEWS = {"CC": "CC", "MLO": "MLO", "ML": "MLO"}

MINI_DDSM = re.compile(
    r"(?P<case>[A-Z]_\d+)_\d+\.(?P<side>LEFT|RIGHT)_(?P<view>CC|MLO)", re.IGNORECASE
)
"""`C_0029_1.LEFT_CC`: the letter stands for the site and belongs to the number."""
CBIS_DDSM = re.compile(
    r"(?:(?:Mass|Calc)-(?:Training|Test)_)?(?P<case>P_\d{5})_(?P<side>LEFT|RIGHT)_(?P<view>CC|MLO)",
    re.IGNORECASE,
)
"""`Mass-Training_P_00001_LEFT_CC`, of a file or of the folder that its series is in. With a number
after it, it names a mask or a cut-out."""
INBREAST = re.compile(
    r"(?P<number>\d+)_(?P<case>[0-9a-f]{16})_MG_(?P<side>[LR])_(?P<view>CC|MLO|ML)_ANON",
    re.IGNORECASE,
)
"""`20586908_6c613a14b80a8591_MG_R_CC_ANON`: the second part stands for the patient."""
VINDR_NAME = re.compile(r"[0-9a-f]{32}")
"""Of a study's folder and of its films; side and view stand in the header or in VinDr's table."""
PLAIN = re.compile(r"(?P<side>L|R|LEFT|RIGHT)[ _-]?(?P<view>CC|MLO)", re.IGNORECASE)
"""`LCC`, `R_MLO`, `LEFT-CC`: a case's folder with its views."""


@dataclass(frozen=True, kw_only=True)
class FilmIdentity:
    """What a film is of; None where that is not known."""

    case_id: str | None = None
    side: str | None = None
    """LEFT or RIGHT."""
    view: str | None = None
    """CC or MLO; other views take no part in a breast's fusion."""

    @property
    def is_whole(self) -> bool:
        """Whether all three are known."""
        return None not in (self.case_id, self.side, self.view)


def identity_by_name(path: PurePath) -> FilmIdentity:
    """Return what a film's path tells by the rules of Mini-DDSM, CBIS-DDSM, INbreast and VinDr.

    A file that is called after its side and view alone is of the case that its folder is called
    after. A name of no rule tells nothing: it is not guessed at.
    """
    stem = path.stem
    for rule in (MINI_DDSM, CBIS_DDSM, INBREAST):
        match = rule.fullmatch(stem)
        if match is not None:
            return _of_match(match, match["case"])
    folder = _cbis_ddsm_folder(path)
    if folder is not None:
        return _of_match(folder, folder["case"])
    parent = path.parent.name
    if VINDR_NAME.fullmatch(stem) and VINDR_NAME.fullmatch(parent):
        return FilmIdentity(case_id=parent)
    match = PLAIN.fullmatch(stem)
    if match is not None and parent:
        return _of_match(match, parent)
    return FilmIdentity()


def identified(result: ImageResult, said: FilmIdentity) -> ImageResult:
    """Return a result with what is said of its film; where nothing is, the header's word stands."""
    return replace(
        result,
        case_id=said.case_id or result.case_id,
        side=said.side or result.side,
        view=said.view or result.view,
    )


def require_agreement(result: ImageResult, named: FilmIdentity) -> None:
    """Compare what a film's name tells with what its header does, CC against MLO.

    Raises:
        InputError: they contradict each other.
    """
    for key, by_name, by_header, words in (
        ("side", named.side, result.side, SIDES.values()),
        ("view", named.view, result.view, VIEWS.values()),
    ):
        if by_name and by_header in words and by_name != by_header:
            raise InputError(
                f"{result.file_name}: its name says {key} {by_name}, its header {by_header}; say "
                "which is right with --case-table"
            )


def _cbis_ddsm_folder(path: PurePath) -> re.Match[str] | None:
    """Return the folder that an original film is in: its name, a study, a series, then the file."""
    for part in path.parts[-4:-1]:
        match = CBIS_DDSM.fullmatch(part)
        if match is not None and "-" in part:
            return match
    return None


def _of_match(match: re.Match[str], case_id: str) -> FilmIdentity:
    return FilmIdentity(
        case_id=case_id, side=SIDES[match["side"].upper()], view=VIEWS[match["view"].upper()]
    )
