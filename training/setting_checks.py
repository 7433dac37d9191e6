"""What a setting may be: said in one way, and refused in one sentence."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from formats.errors import InputError


@dataclass(frozen=True)
class Rule:
    """Which values a setting may have, as a test and in words."""

    holds: Callable[[Any], bool]
    what: str


def at_least(lowest: float) -> Rule:
    """Take finite numbers from `lowest` on."""
    return Rule(lambda value: lowest <= value < math.inf, f"{lowest} or more")


def between(lowest: float, highest: float) -> Rule:
    """Take numbers from `lowest` to `highest`, both included."""
    return Rule(lambda value: lowest <= value <= highest, f"a number from {lowest} to {highest}")


def each(rule: Rule) -> Rule:
    """Take lists of one number or more, each of which follows the rule."""
    return Rule(
        lambda values: len(values) > 0 and all(rule.holds(value) for value in values),
        f"one or more numbers, each {rule.what}",
    )


def multiple_of(step: int) -> Rule:
    """Take positive multiples of `step`."""
    return Rule(lambda value: value > 0 and value % step == 0, f"a multiple of {step}")


POSITIVE = Rule(lambda value: 0 < value < math.inf, "a positive number")
PART = between(0, 1)
OVERLAP = Rule(lambda value: 0 < value <= 1, "a number above 0, up to 1")
BELOW_ONE = Rule(lambda value: 0 <= value < 1, "a number from 0 to below 1")
POSITIVE_RANGE = Rule(
    lambda values: len(values) == 2 and 0 < values[0] <= values[1] < math.inf,
    "two positive numbers, the lower first",
)


def channels(rule: Rule) -> Rule:
    """Take three numbers, one a channel, each of which follows the rule."""
    return Rule(
        lambda values: len(values) == 3 and all(rule.holds(value) for value in values),
        f"three numbers, one a channel, each {rule.what}",
    )


def check_settings(section: str, settings: Any, **rules: Rule) -> None:
    """Hold settings against their rules.

    Args:
        section: of the configuration, for the message; empty for none.
        settings: what has them as attributes.
        rules: by the setting's name.

    Raises:
        InputError: a setting breaks its rule; says which, its value, and what to give.
    """
    for name, rule in rules.items():
        value = getattr(settings, name)
        if not rule.holds(value):
            dotted = f"{section}.{name}" if section else name
            raise InputError(f"{dotted} is {value}; give {rule.what}")
