import re
from pathlib import Path

import pytest

from formats.labels import LABEL_COLOURS
from reports import colours
from reports.colours import DARK_PAGE, LIGHT_PAGE, METHOD_COLOURS, PRINTED_PAGE

REPORTS = Path(colours.__file__).parent
DRAWING = sorted({*REPORTS.glob("*.py"), *REPORTS.glob("templates/*")} - {Path(colours.__file__)})
CHANNEL_WEIGHTS = (0.2126, 0.7152, 0.0722)


def luminance(colour: str) -> float:
    channels = [value / 255 for value in bytes.fromhex(colour.removeprefix("#"))]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip(CHANNEL_WEIGHTS, linear, strict=True))


@pytest.mark.parametrize("path", DRAWING, ids=lambda path: path.name)
def test_colours_stand_in_one_file(path: Path) -> None:
    text = re.sub(r'href="#[^"]*"', "", path.read_text(encoding="utf-8"))
    assert not re.search(r"#[0-9a-fA-F]{6}|#[0-9a-fA-F]{3}\b|\brgb\(", text)


def test_no_method_has_the_colour_of_a_label() -> None:
    assert not set(METHOD_COLOURS) & set(LABEL_COLOURS.values())
    assert len(set(METHOD_COLOURS)) == len(METHOD_COLOURS)


@pytest.mark.parametrize("name", ["ink", "muted", "link", "warning"])
@pytest.mark.parametrize("changes", [{}, DARK_PAGE, PRINTED_PAGE], ids=["light", "dark", "printed"])
def test_text_can_be_read_on_its_page(name: str, changes: dict[str, str]) -> None:
    page = LIGHT_PAGE | changes
    darker, brighter = sorted(luminance(page[part]) for part in (name, "paper"))

    # WCAG 2.2, level AA.
    assert (brighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.parametrize("changes", [DARK_PAGE, PRINTED_PAGE], ids=["dark", "printed"])
def test_a_page_changes_no_colour_that_it_does_not_have(changes: dict[str, str]) -> None:
    assert changes.keys() <= LIGHT_PAGE.keys()
