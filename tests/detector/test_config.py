import pytest

from converters.errors import InputError
from detector.config import DetectorData, DetectorInput


def test_side_must_fit_the_pyramid() -> None:
    with pytest.raises(InputError, match=r"450.*multiple of 32"):
        DetectorInput(side_px=450)


def test_other_classes_are_refused() -> None:
    with pytest.raises(InputError, match="Malign"):
        DetectorData(class_names=["Malign"])
