from pathlib import Path

import pytest

from formats.film_reading.paths import film_path, relative_name


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("a.png", "a.png"),
        ("images/a.png", "a.png"),
        ("data/a.png", "a.png"),
        ("a.png", "images/a.png"),
        ("JPEGImages/a.png", "Users/anna/set/JPEGImages/a.png"),
        ("case/images/a.png", "case/images/a.png"),
        ("images/case/a.png", "home/x/case/a.png"),
    ],
)
def test_a_film_is_found_with_a_tools_folder_between_or_its_own_left_out(
    tmp_path: Path, place: str, name: str
) -> None:
    film = tmp_path / place
    film.parent.mkdir(parents=True, exist_ok=True)
    film.write_text("")

    assert film_path(tmp_path, name) == film


def test_the_name_as_it_stands_comes_first(tmp_path: Path) -> None:
    for place in ("a.png", "images/a.png"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text("")

    assert film_path(tmp_path, "a.png") == tmp_path / "a.png"
    assert film_path(tmp_path, "gone.png") == tmp_path / "gone.png"


def test_no_name_climbs_out(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_text("")
    root = tmp_path / "root"
    root.mkdir()

    assert film_path(root, relative_name("../secret.png")) == root / "secret.png"
    assert relative_name(str(tmp_path / "secret.png")).startswith("tmp/")
