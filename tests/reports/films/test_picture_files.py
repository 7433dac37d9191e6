import io

import cv2
import numpy as np
import pytest
from PIL import Image

from formats.labels import LABEL_COLOURS, bgr_of
from reports.films.picture_files import PictureFormat, encode_picture


def decoded(content: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)


def coloured_picture() -> np.ndarray:
    """A ramp of every grey level, with a line in each label's colour and white."""
    picture = np.tile(np.arange(256, dtype=np.uint8), (60, 1))[..., None].repeat(3, axis=2).copy()
    for row, colour in enumerate(LABEL_COLOURS.values()):
        picture[10 * row + 5] = bgr_of(colour)
    picture[58] = 255
    return picture


def test_a_png_shows_greys_to_a_level_and_the_labels_colours() -> None:
    picture = coloured_picture()
    shown = decoded(encode_picture(picture, PictureFormat.png))

    is_grey = np.ptp(picture, axis=2) == 0
    assert np.abs(shown[is_grey].astype(int) - picture[is_grey]).max() <= 1
    assert np.array_equal(shown[~is_grey], picture[~is_grey])
    assert (shown[58] == 255).all()


def test_smoothed_edges_of_letters_keep_their_colour() -> None:
    picture = np.zeros((80, 300, 3), dtype=np.uint8)
    colour = bgr_of(LABEL_COLOURS["Cancer"])
    cv2.putText(picture, "Cancer", (10, 60), cv2.FONT_HERSHEY_SIMPLEX, 2, colour, 4, cv2.LINE_AA)
    shown = decoded(encode_picture(picture, PictureFormat.png))

    assert np.abs(shown.astype(int) - picture).max() <= 16


def test_other_readers_see_the_same() -> None:
    content = encode_picture(coloured_picture(), PictureFormat.png)
    with Image.open(io.BytesIO(content)) as image:
        image.verify()
    with Image.open(io.BytesIO(content)) as image:
        assert image.mode == "P"
        rgb = np.asarray(image.convert("RGB"))

    assert np.array_equal(rgb[..., ::-1], decoded(content))


def test_a_grey_picture_loses_nothing_as_png() -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)

    assert np.array_equal(decoded(encode_picture(grey, PictureFormat.png))[..., 0], grey)


@pytest.mark.parametrize("picture", [coloured_picture(), coloured_picture()[..., 0]])
def test_a_jpg_is_one(picture: np.ndarray) -> None:
    content = encode_picture(picture, PictureFormat.jpg)

    assert content[:3] == b"\xff\xd8\xff"
    assert decoded(content).shape == (60, 256, 3)
