"""Where a film lies that a COCO file names: below the image root, and nowhere else."""

import posixpath
import re
from pathlib import Path, PurePosixPath

# Folders that tools put between the root that is given and the names that they write.
TOOLS_FOLDERS = ("images", "data", "JPEGImages", "imgs", "img")
SCHEME_OR_DRIVE = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:/*")


def relative_name(file_name: str) -> str:
    """Return a file's name as one below the image root, with forward slashes.

    A drive, a scheme, and leading slashes and dots go; what they leave is looked for below the root
    by `film_path`.
    """
    name = SCHEME_OR_DRIVE.sub("", file_name.replace("\\", "/"))
    # An absolute path cannot climb above its root, so that no `..` is left.
    return posixpath.normpath(f"/{name.lstrip('/')}").lstrip("/")


def film_path(image_root: Path, file_name: str) -> Path:
    """Return where a film lies.

    That is the name below the root; else, with one of `TOOLS_FOLDERS` between; else the same with
    the name's first folders left out, one after the other. If there is none, the first of these.
    """
    direct = image_root / file_name
    if direct.exists():
        return direct
    parts = PurePosixPath(file_name).parts
    for start in range(len(parts)):
        shorter = Path(*parts[start:])
        for folder in ("", *TOOLS_FOLDERS):
            candidate = image_root / folder / shorter
            if candidate.exists():
                return candidate
    return direct
