import errno
import mmap
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from blobs import BlobData

from formats.coco_records import CocoImage
from formats.errors import InputError
from formats.film_reading.reader import read_grey
from formats.geometry.letterbox import Geometry, film_on_canvas, film_to_canvas
from training.examples import film_cache as film_cache_module
from training.examples.film_cache import (
    ENTRY_ENDING,
    PARTIAL_ENDING,
    FilmCache,
    PreparedFilm,
    PreparedFilms,
    open_film_cache,
)

SIDE_PX = 96
ENTRY_BYTES = SIDE_PX**2 + 4


def prepared_film(image: CocoImage, root: Path, side_px: int = SIDE_PX) -> PreparedFilm:
    shape = side_px, side_px
    prepare = partial(film_on_canvas, canvas_shape_hw=shape, geometry=Geometry.stretch)
    return PreparedFilm(image=image, image_root=root, prepare=prepare, shape=shape)


def films_of(data: BlobData) -> list[PreparedFilm]:
    return [prepared_film(image, data.root) for image in data.coco.images]


def drawn_film(path: Path, seed: int) -> PreparedFilm:
    pixels = np.random.default_rng(seed).integers(0, 255, (120, 100), dtype=np.uint8)
    cv2.imwrite(str(path), pixels)
    return prepared_film(
        {"id": 1, "file_name": path.name, "width": 100, "height": 120}, path.parent
    )


def entries(folder: Path) -> set[str]:
    return {path.name for path in folder.glob(f"*{ENTRY_ENDING}")}


def test_pixels_are_those_of_the_film_itself(blob_data: BlobData, film_cache: FilmCache) -> None:
    films = PreparedFilms(films_of(blob_data), film_cache, "films")
    for index, image in enumerate(blob_data.coco.images):
        film = read_grey(blob_data.root / image["file_name"])
        expected, _ = film_to_canvas(film, (SIDE_PX, SIDE_PX), Geometry.stretch)
        assert np.array_equal(films[index], expected)


def test_a_second_run_decodes_nothing(blob_data: BlobData, tmp_path: Path) -> None:
    PreparedFilms(films_of(blob_data), FilmCache(tmp_path, 1e9), "films")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(film_cache_module, "read_listed_film", None)
        films = PreparedFilms(films_of(blob_data), FilmCache(tmp_path, 1e9), "films")
        assert films[3].shape == (SIDE_PX, SIDE_PX)


def test_another_time_size_or_preparation_is_another_entry(tmp_path: Path) -> None:
    path, folder = tmp_path / "film.png", tmp_path / "films"
    film = drawn_film(path, seed=0)
    film_cache = FilmCache(folder, 1e9)
    names = {film_cache.keep(film)}
    os.utime(path, ns=(0, 0))
    names.add(film_cache.keep(film))
    os.truncate(path, path.stat().st_size + 8)
    os.utime(path, ns=(0, 0))
    names.add(film_cache.keep(film))
    names.add(film_cache.keep(prepared_film(film.image, tmp_path, side_px=64)))

    assert len(names) == 4


def test_code_that_prepares_otherwise_is_another_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film, film_cache = drawn_film(tmp_path / "film.png", seed=0), FilmCache(tmp_path, 1e9)
    before = film_cache.keep(film)
    monkeypatch.setattr(film_cache_module, "_code", lambda module_name: "changed")

    assert film_cache.keep(film) != before


def test_another_listed_size_is_refused_although_the_film_is_kept(tmp_path: Path) -> None:
    film, film_cache = drawn_film(tmp_path / "film.png", seed=0), FilmCache(tmp_path, 1e9)
    film_cache.keep(film)
    wrong: CocoImage = {**film.image, "width": 101}

    with pytest.raises(InputError, match="100x120 pixels, but the COCO file says 101x120"):
        film_cache.keep(prepared_film(wrong, tmp_path))


@pytest.mark.parametrize("content", [b"", b"short", b"\0" * ENTRY_BYTES])
def test_an_entry_that_is_damaged_or_gone_is_made_anew(tmp_path: Path, content: bytes) -> None:
    film, film_cache = drawn_film(tmp_path / "film.png", seed=0), FilmCache(tmp_path, 1e9)
    name = film_cache.keep(film)
    whole = np.array(film_cache.read(name, film))
    (tmp_path / name).write_bytes(content)

    assert np.array_equal(film_cache.read(name, film), whole)
    (tmp_path / name).unlink()
    assert np.array_equal(film_cache.read(name, film), whole)
    assert (tmp_path / name).stat().st_size == ENTRY_BYTES


def test_the_films_used_longest_ago_are_removed_but_none_in_use(tmp_path: Path) -> None:
    folder = tmp_path / "films"
    earlier = FilmCache(folder, 1e9)
    names = [earlier.keep(drawn_film(tmp_path / f"{n}.png", seed=n)) for n in range(4)]
    for age, name in enumerate(names):
        used = time.time() - 1000 + 100 * age
        os.utime(folder / name, (used, used))
    now = FilmCache(folder, most_bytes=3.5 * ENTRY_BYTES)
    PreparedFilms([drawn_film(tmp_path / "new.png", seed=9)], now, "films")
    assert entries(folder) >= set(names[2:])
    assert not entries(folder) & set(names[:2])

    tight = FilmCache(folder, most_bytes=0)
    used_now = [drawn_film(tmp_path / f"now_{n}.png", seed=n) for n in range(2)]
    films = PreparedFilms(used_now, tight, "films")
    assert len(entries(folder)) == 2
    assert films[1].shape == (SIDE_PX, SIDE_PX)


def test_what_a_killed_process_left_is_removed_after_a_while(tmp_path: Path) -> None:
    film_cache = FilmCache(tmp_path, 1e9)
    film_cache.keep(drawn_film(tmp_path / "film.png", seed=0))
    old, fresh = tmp_path / f"old{PARTIAL_ENDING}", tmp_path / f"fresh{PARTIAL_ENDING}"
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    film_cache.remove_oldest()

    assert not old.exists()
    assert fresh.exists()


def keep_all(data: BlobData, folder: Path) -> None:
    PreparedFilms(films_of(data), FilmCache(folder, 1e9), "films")


def test_two_processes_fill_one_folder(blob_data: BlobData, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=keep_all, args=(blob_data, tmp_path)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0]
    assert len(entries(tmp_path)) == 9
    assert not list(tmp_path.glob(f"*{PARTIAL_ENDING}"))


KILLED = """
import sys
from pathlib import Path
from test_film_cache import FilmCache, drawn_film
folder = Path(sys.argv[1])
film = drawn_film(folder / "film.png", seed=0)
print("ready", flush=True)
film_cache = FilmCache(folder, 1e9)
while True:
    name = film_cache.keep(film)
    (folder / name).unlink()
"""


def test_a_kill_leaves_whole_entries_or_none(tmp_path: Path) -> None:
    paths = [str(Path(__file__).parent), *sys.path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    for delay in (0.0, 0.003, 0.007, 0.011, 0.017):
        command = [sys.executable, "-c", KILLED, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
        assert all(path.stat().st_size == ENTRY_BYTES for path in tmp_path.glob("*.film"))


def test_somebody_elses_entries_are_neither_read_nor_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "films"
    film = drawn_film(tmp_path / "film.png", seed=0)
    name = FilmCache(folder, 1e9).keep(film)
    os.utime(folder / name, (0, 0))

    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        FilmCache(folder, 1).remove_oldest()
    assert entries(folder) == {name}
    with monkeypatch.context() as patch:
        patch.setattr(mmap, "mmap", refuse)
        pixels = FilmCache(folder, 1e9).read(name, film)
    assert np.array_equal(pixels, film.prepare(read_grey(tmp_path / "film.png")))


def test_a_folder_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    film = drawn_film(tmp_path / "film.png", seed=0)

    with pytest.raises(InputError, match=r"film\.png: decoded films cannot .* --cache-dir"):
        FilmCache(tmp_path / "film.png", 1e9).keep(film)


def test_the_folder_is_the_named_one_or_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache_folder: Path
) -> None:
    film = drawn_film(tmp_path / "film.png", seed=0)
    assert (tmp_path / "named" / open_film_cache(str(tmp_path / "named"), 1).keep(film)).exists()
    assert (cache_folder / open_film_cache("", 1).keep(film)).exists()
    monkeypatch.delenv("MAMMO_CACHE_DIR")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert (tmp_path / ".cache" / "mammo" / open_film_cache("", 1).keep(film)).exists()
