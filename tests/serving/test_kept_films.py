import numpy as np
import pytest

from formats.results import ImageResult
from serving import kept_films
from serving.kept_films import KeptFilms, ReadFilm
from serving.limits import KEPT_SECONDS


def film(width_px: int = 10) -> ReadFilm:
    result = ImageResult(
        file_name="f.png", width=width_px, height=10, label="Normal", scores={}, detections=[]
    )
    return ReadFilm(pixels=np.zeros((10, width_px), np.uint8), result=result, source=None)


def test_a_film_is_found_by_its_key_alone() -> None:
    films = KeptFilms()
    first, second = film(), film()
    keys = [films.keep(first), films.keep(second)]

    assert films.get(keys[0]) is first
    assert films.get(keys[1]) is second
    assert films.get("0") is None
    assert len(keys[0]) >= 20


def test_the_film_that_was_looked_at_longest_ago_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept_films, "MOST_KEPT_BYTES", 250)
    films = KeptFilms()
    first, second = films.keep(film()), films.keep(film())
    films.get(first)
    third = films.keep(film())

    assert [films.get(key) is None for key in (first, second, third)] == [False, True, False]
    # One is always kept, however large it is.
    assert films.get(films.keep(film(1000))) is not None


def test_a_film_that_nobody_asks_for_is_forgotten() -> None:
    now = [0.0]
    films = KeptFilms(lambda: now[0])
    asked, unasked = films.keep(film()), films.keep(film())
    now[0] = KEPT_SECONDS - 1
    assert films.get(asked)
    now[0] = KEPT_SECONDS + 1
    films.forget_old()

    assert len(films) == 1
    assert films.get(asked)
    assert films.get(unasked) is None


def test_forgetting_is_at_once_and_may_be_repeated() -> None:
    films = KeptFilms()
    key = films.keep(film())
    films.forget(key)
    films.forget(key)

    assert films.get(key) is None
