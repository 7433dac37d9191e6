from pathlib import Path

import pytest

from commands.shared.conversion_output import say_conversion


def test_files_go_to_the_output_and_the_rest_to_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    paths = [Path("all.json"), Path("quality_report.html")]

    assert say_conversion(paths, ["test is empty"], 2, "films") == 3
    said = capsys.readouterr()
    assert said.out == "all.json\nquality_report.html\n"
    assert said.err.splitlines() == [
        "warning: test is empty",
        "2 films could not be used; the quality report names them",
    ]
    assert say_conversion(paths, [], 0, "films") == 0
    assert capsys.readouterr().err == ""
