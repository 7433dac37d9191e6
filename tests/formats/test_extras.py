import sys

import pytest

from formats.errors import InputError
from formats.extras import require_extra


def test_what_is_installed_is_fine() -> None:
    require_extra("web", "numpy", "pydicom")


def test_what_is_missing_is_named_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydicom", None)

    with pytest.raises(InputError, match="no_such_one and pydicom: not installed") as raised:
        require_extra("web", "numpy", "no_such_one", "pydicom")
    assert "pip install 'mammo-two-stage[web]'" in str(raised.value)
