"""What other people's names of categories and labels mean, word by word.

A name is understood where every word of it is: pathology, kind of lesion, or a word that says
nothing (`breast`, `class`). Doubt (`probably benign`), two pathologies in one name, and BI-RADS
grades in place of a pathology are never guessed at.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from formats.errors import InputError
from formats.labels import LESION_LABELS, UNNAMED_LESION

WORD = re.compile(r"[^\W\d_]+")
CAMEL_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
BI_RADS = re.compile(r"bi[\W_]*rads[\W_]*\d*[abc]?\b|\bbirads\w*", re.IGNORECASE)
WITHOUT_CALLBACK = re.compile(r"without[\W_]*callback", re.IGNORECASE)

PATHOLOGY_OF_WORD = {
    **dict.fromkeys(("benign", "benigna", "benigne", "benigno"), "Benign"),
    **dict.fromkeys(
        (
            *("malignant", "malign", "malignancy", "malignancies", "maligna", "maligne", "maligno"),
            *("cancer", "cancers", "cancerous", "carcinoma", "carcinomas"),
        ),
        "Cancer",
    ),
}
TYPE_OF_WORD = {
    **dict.fromkeys(("mass", "masses", "nodule", "nodules"), "MASS"),
    **dict.fromkeys(
        (
            *("calcification", "calcifications", "calc", "calcs", "calcified"),
            *("microcalcification", "microcalcifications", "macrocalcification"),
        ),
        "CALCIFICATION",
    ),
    **dict.fromkeys(("asymmetry", "asymmetries", "assymetry"), "ASYMMETRY"),
    **dict.fromkeys(("distortion", "distortions", "distorsion"), "ARCHITECTURAL_DISTORTION"),
}
LESION_WORDS = frozenset(
    (
        *("lesion", "lesions", "tumor", "tumors", "tumour", "tumours", "neoplasm", "neoplasms"),
        *("abnormality", "abnormalities", "finding", "findings"),
    )
)
NORMAL_WORDS = frozenset(("normal", "background", "healthy"))
NO_WORDS = frozenset(("no", "without"))
NOT_WORDS = frozenset(("non", "not", "negative", "free"))
DOUBT_WORDS = frozenset(
    (
        *("probable", "probably", "possible", "possibly", "likely", "suspected", "suspicious"),
        *("suspicion", "unproven", "unknown", "uncertain", "indeterminate", "undetermined"),
        *("or", "vs", "versus"),
    )
)
EMPTY_WORDS = frozenset(
    (
        *("breast", "mammogram", "mammography", "mammographic", "class", "category", "label"),
        *("type", "pathology", "region", "area", "roi", "of", "the", "with", "and", "a"),
        *("cluster", "clusters", "clustered", "micro", "focal", "global", "architectural"),
        *("spiculated", "circumscribed", "left", "right", "cc", "mlo"),
    )
)
IGNORED = "ignore"
"""What a category map says of a category that is to be left out."""


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What a name says."""

    pathology: str | None = None
    """Benign or Cancer; None where it does not say."""
    lesion_type: str | None = None
    """As in DDSM, `+` between several; None where it does not say."""
    is_lesion: bool = True

    def __str__(self) -> str:
        """Say it in a category map's words."""
        if not self.is_lesion:
            return IGNORED
        kinds = (self.lesion_type or "").lower().replace("_", " ").replace("+", " and ")
        return " ".join(filter(None, (self.pathology, kinds))) or UNNAMED_LESION.lower()


NO_LESION = Meaning(is_lesion=False)


@lru_cache(maxsize=1024)
def meaning_of(name: str) -> Meaning | None:
    """Return what a name means, whatever its case and separators; None where that is a guess."""
    has_bi_rads, words = _words_of(name)
    known = words - PATHOLOGY_OF_WORD.keys() - TYPE_OF_WORD.keys() - LESION_WORDS - EMPTY_WORDS
    pathologies, kinds = _pathologies(words), _kinds(words)
    is_named = bool(kinds or words & LESION_WORDS)
    if not pathologies and known and known <= NO_WORDS | NORMAL_WORDS:
        # "no finding", "normal", "normal breast"; but not "normal mass".
        return NO_LESION if is_named == bool(known & NO_WORDS) else None
    if known - DOUBT_WORDS or len(pathologies) > 1:
        return None
    if pathologies and (known or has_bi_rads):
        return None
    if not pathologies and not is_named:
        return None
    return Meaning(pathology=next(iter(pathologies), None), lesion_type=kinds)


def guess_of(name: str) -> Meaning | None:
    """Return what a name might mean, for a message that asks: words that are not known left out."""
    _, words = _words_of(name)
    pathologies, kinds = _pathologies(words), _kinds(words)
    if words & (NO_WORDS | NOT_WORDS) or len(pathologies) > 1:
        return None
    if not pathologies and not kinds and not words & LESION_WORDS:
        return None
    is_doubtful = bool(words & DOUBT_WORDS)
    pathology = None if is_doubtful else next(iter(pathologies), None)
    return Meaning(pathology=pathology, lesion_type=kinds)


def read_category_map(path: Path) -> dict[str, Meaning]:
    """Read what the names of categories mean: a YAML or JSON file, a line a name.

    Such as `M1: Cancer`, `B-calc: benign calcification`, `mass?: lesion`, `nipple: ignore`.

    Raises:
        InputError: the file is missing, no such list, or says what is not understood itself.
    """
    try:
        # Everything is text: a category may be called `no`, or `1`.
        document = yaml.load(path.read_text(encoding="utf-8-sig"), yaml.BaseLoader)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())
        raise InputError(f"{path}: not YAML ({said}); write a line a name: 'M1: Cancer'") from error
    if not isinstance(document, dict) or not document:
        raise InputError(f"{path}: no list of names; write a line a name, such as 'M1: Cancer'")
    return {str(name): _mapped_meaning(path, name, said) for name, said in document.items()}


def map_advice(names: Iterable[str]) -> str:
    """Say how a category map for these names begins, each with what it might mean."""
    lines = [f"'{name}: {guess_of(name) or '?'}'" for name in dict.fromkeys(names)]
    meanings = f"{', '.join(LESION_LABELS)}, {UNNAMED_LESION.lower()} or {IGNORED}"
    return (
        "say what they mean in a file, and give it with --category-map FILE (in a training, "
        f"data.category_map=FILE), a line a name: {', '.join(lines)}; each is {meanings}, also with"
        " a type, such as 'benign mass'"
    )


def meaning_in(category_map: Mapping[str, Meaning], name: str) -> Meaning | None:
    """Return what a name means by a map, and where that is silent by its own words."""
    mapped = category_map.get(name) or category_map.get(name.strip())
    return mapped or meaning_of(name)


def _words_of(name: str) -> tuple[bool, set[str]]:
    """Return whether there is a BI-RADS grade, and all other words in lower case."""
    without_grade = BI_RADS.sub(" ", name)
    rest = CAMEL_HUMP.sub(" ", WITHOUT_CALLBACK.sub(" ", without_grade))
    words = {word.casefold() for word in WORD.findall(rest)}
    return without_grade != name, words


def _pathologies(words: set[str]) -> set[str]:
    return {PATHOLOGY_OF_WORD[word] for word in words if word in PATHOLOGY_OF_WORD}


def _kinds(words: set[str]) -> str | None:
    kinds = {TYPE_OF_WORD[word] for word in words if word in TYPE_OF_WORD}
    # Of masses with calcifications the mass comes first, as in DDSM's own files.
    return "+".join(sorted(kinds, key=list(TYPE_OF_WORD.values()).index)) or None


def _mapped_meaning(path: Path, name: str, said: object) -> Meaning:
    if isinstance(said, str):
        meaning = NO_LESION if said.strip().casefold() == IGNORED else meaning_of(said)
        if meaning is not None:
            return meaning
    raise InputError(
        f"{path}: '{name}' is said to mean '{said}', which is not understood; give one of "
        f"{', '.join(LESION_LABELS)}, {UNNAMED_LESION.lower()} or {IGNORED}, with a type if you "
        "like, such as 'benign mass'"
    )
