import pytest

from formats.errors import InputError
from pipeline.operating_points import operating_score


def test_named_point_is_looked_up() -> None:
    assert operating_score({"balanced": 0.4, "sensitive": 0.1}, "sensitive") == 0.1


def test_a_pair_without_points_is_told_where_they_come_from() -> None:
    with pytest.raises(InputError, match="`mammo calibrate`"):
        operating_score({}, "balanced")


def test_unknown_point_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"'certain'.*balanced"):
        operating_score({"balanced": 0.4}, "certain")
