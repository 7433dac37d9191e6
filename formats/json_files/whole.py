"""Reading and writing JSON files whole, and naming what makes one unreadable."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from formats.errors import InputError
from formats.whole_file import write_whole


def write_json(document: Any, path: Path) -> None:
    """Write JSON with a stable layout, whole or not at all.

    Raises:
        ValueError: the document holds NaN or an infinity, which JSON has no word for.
    """
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    # File names may hold what UTF-8 has no sign for; Python's escape of it is JSON's too.
    write_whole(text.encode(errors="backslashreplace"), path)


def read_json(path: Path) -> Any:
    """Read a JSON file, in UTF-8 with or without a byte-order mark.

    Raises:
        InputError: the file is missing or no JSON.
    """
    with json_faults_named(path):
        return json.loads(path.read_text(encoding="utf-8-sig"))


@contextmanager
def json_faults_named(path: Path) -> Iterator[None]:
    """Say by the file's name what makes a JSON file unreadable.

    Raises:
        InputError: it is missing or no JSON.
    """
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except json.JSONDecodeError as error:
        # The line is known where the whole text is held.
        where = str(error) if error.doc else f"{error.msg} at character {error.pos}"
        raise InputError(f"{path}: not JSON ({where}); check the file") from error
    except RecursionError as error:
        raise InputError(f"{path}: JSON nested too deep to be read; check the file") from error
    except ValueError as error:
        # No UTF-8, or a number of thousands of digits.
        raise InputError(f"{path}: not JSON ({error}); check the file") from error
