import pytest

from formats.errors import InputError
from formats.geometry.box_conventions import AS_FOUND, BoxConvention
from pipeline.convention_choice import choose_convention

CONVENTIONS = {"wide": {"width_factor": 2.0}, "tight": {"width_factor": 1.0}}


def test_a_named_convention_is_looked_up() -> None:
    assert choose_convention(CONVENTIONS, "wide") == ("wide", BoxConvention(width_factor=2.0))


def test_boxes_as_found_have_the_name_that_the_checkpoint_gives_them() -> None:
    assert choose_convention(CONVENTIONS, None) == ("tight", BoxConvention())
    assert choose_convention({}, None) == (AS_FOUND, BoxConvention())


def test_an_unknown_convention_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"'ddsm'.*\['tight', 'wide'\].*--fit-boxes"):
        choose_convention(CONVENTIONS, "ddsm")
