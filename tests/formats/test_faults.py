from pathlib import Path

import pytest

from commands.command_line import describe_error
from formats.errors import InputFaultsError
from formats.faults import MOST_EXAMPLES, Faults


def said(faults: Faults) -> str:
    with pytest.raises(InputFaultsError) as caught:
        faults.raise_any()
    return describe_error(caught.value)


def test_without_a_fault_nothing_happens() -> None:
    Faults(Path("c.json")).raise_any()


def test_one_fault_is_one_line() -> None:
    faults = Faults(Path("c.json"))
    faults.add("image 1 has no 'id'", "add it")

    assert said(faults) == "c.json: image 1 has no 'id'; add it"


def test_many_are_a_list_with_counts_and_the_first_of_each_kind() -> None:
    faults = Faults(Path("c.json"))
    faults.add("image 1 has no 'id'", "add it")
    for number in range(MOST_EXAMPLES + 3):
        faults.add(f"box {number} is odd", "mend it")

    assert said(faults).splitlines() == [
        "c.json: 2 kinds of fault:",
        "- image 1 has no 'id'; add it",
        "- 8 times: box 0 is odd; box 1 is odd; box 2 is odd; box 3 is odd; box 4 is odd; and 3 "
        "more; mend it",
    ]
