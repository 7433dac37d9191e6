import math
from types import SimpleNamespace

import pytest

from formats.errors import InputError
from training.setting_checks import (
    BELOW_ONE,
    OVERLAP,
    PART,
    POSITIVE,
    POSITIVE_RANGE,
    Rule,
    at_least,
    between,
    channels,
    check_settings,
    each,
    multiple_of,
)


@pytest.mark.parametrize(
    ("rule", "taken", "refused"),
    [
        (at_least(1), [1, 7], [0, -1, math.inf, math.nan]),
        (between(2, 3), [2, 2.5, 3], [1.9, 3.1, math.nan]),
        (POSITIVE, [1e-9, 5], [0, -1, math.inf, math.nan]),
        (PART, [0, 0.5, 1], [-0.1, 1.1, math.nan]),
        (OVERLAP, [0.1, 1], [0, 1.1, math.nan]),
        (BELOW_ONE, [0, 0.9], [-0.1, 1, math.nan]),
        (multiple_of(32), [32, 64], [0, -32, 33]),
        (each(POSITIVE), [[1], [1, 2]], [[], [1, 0]]),
        (channels(PART), [[0, 0.5, 1]], [[0.5], [0.5, 0.5, 2], []]),
        (POSITIVE_RANGE, [[0.5, 2], [1, 1]], [[], [1], [2, 1], [0, 1], [1, math.inf], [1, 2, 3]]),
    ],
)
def test_what_each_rule_takes_and_refuses(
    rule: Rule, taken: list[object], refused: list[object]
) -> None:
    assert all(rule.holds(value) for value in taken)
    assert not any(rule.holds(value) for value in refused)


def test_the_message_names_the_setting_its_value_and_what_to_give() -> None:
    settings = SimpleNamespace(epochs=0, shares=[2.0])

    with pytest.raises(InputError, match=r"^optimisation\.epochs is 0; give 1 or more$"):
        check_settings("optimisation", settings, epochs=at_least(1))
    with pytest.raises(
        InputError, match=r"^shares is \[2\.0\]; give one or more numbers, each a number from 0"
    ):
        check_settings("", settings, shares=each(PART))
