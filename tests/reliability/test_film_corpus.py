"""Every reader gives the right pixels or one InputError, soon, in bounded memory, in silence."""

import contextlib
import resource
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from reliability import film_corpus
from reliability.film_corpus import CorpusFile

from formats.errors import InputError
from formats.film_reading.reader import check_film, read_film
from formats.film_reading.size import MAX_PIXELS, MIN_SIDE_PX

# Of the processor, which other programs do not lengthen.
LONGEST_SECONDS = 10.0
MOST_EXTRA_BYTES = 400_000_000


def read_all(files: Iterable[CorpusFile], folder: Path) -> tuple[Counter[str], list[str]]:
    """Read every file as it is read in earnest; return what came of it and what is wrong."""
    outcomes: Counter[str] = Counter()
    wrong = []
    for file in files:
        path = folder / f"film{Path(file.name).suffix}"
        path.write_bytes(file.content)
        begin = time.process_time()
        outcome, complaint = outcome_of(file, path)
        seconds = time.process_time() - begin
        outcomes[outcome] += 1
        if complaint or seconds > LONGEST_SECONDS:
            wrong.append(f"{file.name}: {complaint or outcome} after {seconds:.1f} s")
    return outcomes, wrong


def outcome_of(file: CorpusFile, path: Path) -> tuple[str, str]:
    """Return how reading ended, and what is wrong with that."""
    try:
        with contextlib.suppress(InputError):
            check_film(path)
        pixels = read_film(path).pixels
    except InputError as error:
        is_one_line_with_name = str(path) in str(error) and "\n" not in str(error)
        return "refused", "" if is_one_line_with_name else str(error)
    except Exception as error:
        return "crashed", repr(error)
    if file.must_refuse:
        return "read", f"{pixels.dtype} {pixels.shape} read"
    is_film = pixels.dtype in (np.uint8, np.uint16) and pixels.ndim == 2
    if not is_film or min(pixels.shape) < MIN_SIDE_PX or pixels.size > MAX_PIXELS:
        return "read", f"{pixels.dtype} {pixels.shape} is no film"
    if file.pixels is not None and not np.array_equal(pixels, file.pixels):
        return "read", "other pixels"
    return "read", ""


def peak_bytes() -> int:
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize("name", film_corpus.whole_files())
def test_the_whole_files_are_right(name: str, tmp_path: Path) -> None:
    content, pixels = film_corpus.whole_files()[name]

    assert read_all([CorpusFile(name, content, pixels)], tmp_path) == ({"read": 1}, [])


@pytest.mark.parametrize("group", ["cut_files", "flipped_files", "odd_films", "bombs"])
def test_broken_files_give_right_pixels_or_one_message(
    group: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    recwarn: pytest.WarningsRecorder,
) -> None:
    before = peak_bytes()
    outcomes, wrong = read_all(getattr(film_corpus, group)(), tmp_path)

    assert not wrong, f"{len(wrong)} of {outcomes.total()}:\n" + "\n".join(wrong[:40])
    assert outcomes["refused"] > 20
    assert peak_bytes() - before < MOST_EXTRA_BYTES
    # No library speaks for itself, without the file's name.
    assert capfd.readouterr() == ("", "")
    assert {record.name.split(".")[0] for record in caplog.records} <= {"formats"}
    assert not recwarn.list
