"""Which case, side and view a film is of, by its name: the naming rules of public data sets."""

import os
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

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


class NamingRule(StrEnum):
    """By which rule a name tells what a film is of."""

    mini_ddsm = "Mini-DDSM"
    cbis_ddsm = "CBIS-DDSM"
    inbreast = "INbreast"
    vindr = "VinDr-Mammo"
    folder = "a folder of views"


@dataclass(frozen=True, kw_only=True)
class FilmIdentity:
    """What a film is of; None where that is not known."""

    case_id: str | None = None
    side: str | None = None
    """LEFT or RIGHT."""
    view: str | None = None
    """CC or MLO; other views take no part in a breast's fusion."""
    rule: NamingRule | None = field(default=None, compare=False)
    """Whose name tells it; None for a table and a header."""

    @property
    def is_whole(self) -> bool:
        """Whether all three are known."""
        return None not in (self.case_id, self.side, self.view)


@dataclass(frozen=True, kw_only=True)
class RunNames:
    """What only the names of all films of a run tell together."""

    folder_names: Mapping[Path, str] = field(default_factory=dict)
    """Folder of views to what it is called: no more of its path than tells the folders apart."""
    scattered: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    """Cases that are one by their films' names, but lie in several folders."""


def names_of_run(films: Sequence[Path]) -> RunNames:
    """Return what the names of all films of a run tell together.

    Numbers of two collections may be the same, and a folder may be called like a number, so a case
    in several folders may be two patients; but CBIS-DDSM has a folder for each view.
    """
    folder_names = _folder_names({film.parent.resolve() for film in films if _is_plain(film)})
    folders: dict[str, dict[Path, None]] = defaultdict(dict)
    rules: dict[str, set[NamingRule | None]] = defaultdict(set)
    for film in films:
        named = identity_by_name(film, folder_names)
        if named.case_id:
            folders[named.case_id][film.parent.resolve()] = None
            rules[named.case_id].add(named.rule)
    return RunNames(
        folder_names=folder_names,
        scattered={
            case_id: list(places)
            for case_id, places in folders.items()
            if len(places) > 1 and rules[case_id] != {NamingRule.cbis_ddsm}
        },
    )


def _is_plain(film: Path) -> bool:
    return PLAIN.fullmatch(film.stem) is not None


def _folder_names(folders: Set[Path]) -> dict[Path, str]:
    """Call each folder by its way from the deepest one that holds all of them."""
    if not folders:
        return {}
    above = Path(os.path.commonpath(folders))
    if above in folders:
        above = above.parent
    # The root has no name of its own.
    return {
        folder: folder.relative_to(above).as_posix() if folder != above else folder.as_posix()
        for folder in folders
    }


def identity_by_name(film: Path, folder_names: Mapping[Path, str]) -> FilmIdentity:
    """Return what a film's path tells by the rules of Mini-DDSM, CBIS-DDSM, INbreast and VinDr.

    A file that is called after its side and view alone is of its folder's case: a folder's last
    name alone (`study1`, `dicom`) may be many patients'. A name of no rule tells nothing: it is not
    guessed at.

    Args:
        film: its path, as it is given.
        folder_names: what folders of views are called; others, by their whole path.
    """
    # From wherever one stands, folders are called the same.
    path = Path(os.path.abspath(film))  # noqa: PTH100 - a link's own name tells what it is of
    stem = path.stem
    if match := MINI_DDSM.fullmatch(stem):
        return _of_match(match, match["case"].upper(), NamingRule.mini_ddsm)
    if match := CBIS_DDSM.fullmatch(stem) or _cbis_ddsm_folder(path):
        return _of_match(match, match["case"].upper(), NamingRule.cbis_ddsm)
    if match := INBREAST.fullmatch(stem):
        return _of_match(match, match["case"].lower(), NamingRule.inbreast)
    if VINDR_NAME.fullmatch(stem) and VINDR_NAME.fullmatch(path.parent.name):
        return FilmIdentity(case_id=path.parent.name, rule=NamingRule.vindr)
    if match := PLAIN.fullmatch(stem):
        folder = film.parent.resolve()
        called = folder_names.get(folder, folder.as_posix())
        return _of_match(match, called, NamingRule.folder)
    return FilmIdentity()


def identified_by_name(result: ImageResult, names: RunNames) -> ImageResult:
    """Return a result with what its film's header and name tell.

    The header's study goes before the name's case, but for CBIS-DDSM, where each view is a study.

    Args:
        result: with what the header tells.
        names: of the run that the film belongs to.

    Raises:
        InputError: name and header contradict each other, or nothing but the name tells the case,
            and that lies in several folders.
    """
    named = identity_by_name(Path(result.file_name), names.folder_names)
    _require_agreement(result, named)
    if result.case_id and named.rule is not NamingRule.cbis_ddsm:
        named = replace(named, case_id=None)
    if named.case_id and named.case_id in names.scattered:
        first, second, *_ = names.scattered[named.case_id]
        raise InputError(
            f"{result.file_name}: films of case {named.case_id} lie in {first} and in {second} and "
            "may be of two patients; say of which case each is with --case-table"
        )
    return identified(result, named)


def identified(result: ImageResult, said: FilmIdentity) -> ImageResult:
    """Return a result with what is said of its film; where nothing is, the header's word stands."""
    return replace(
        result,
        case_id=said.case_id or result.case_id,
        side=said.side or result.side,
        view=said.view or result.view,
    )


def _require_agreement(result: ImageResult, named: FilmIdentity) -> None:
    for key, by_name, by_header in (
        ("side", named.side, result.side),
        ("view", named.view, _view_of_header(result, named)),
    ):
        if by_name and by_header and by_name != by_header:
            raise InputError(
                f"{result.file_name}: its name says {key} {by_name}, its header {by_header}; say "
                "which is right with --case-table"
            )


def _view_of_header(result: ImageResult, named: FilmIdentity) -> str | None:
    # INbreast means MLO by ML; elsewhere ML is a view of its own.
    is_mlo = named.rule is NamingRule.inbreast and result.view == "ML"
    return "MLO" if is_mlo else result.view


def _cbis_ddsm_folder(path: Path) -> re.Match[str] | None:
    """Return the folder that an original film is in: its name, a study, a series, then the file."""
    for part in path.parts[-4:-1]:
        match = CBIS_DDSM.fullmatch(part)
        if match is not None and "-" in part:
            return match
    return None


def _of_match(match: re.Match[str], case_id: str, rule: NamingRule) -> FilmIdentity:
    return FilmIdentity(
        case_id=case_id,
        side=SIDES[match["side"].upper()],
        view=VIEWS[match["view"].upper()],
        rule=rule,
    )
