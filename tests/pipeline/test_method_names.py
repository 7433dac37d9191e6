from pipeline.method_names import MethodName
from pipeline.methods import METHODS


def test_every_name_is_one_of_a_method_that_can_be_loaded() -> None:
    assert list(METHODS) == list(MethodName)
