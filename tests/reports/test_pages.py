import re

from evaluation.bootstrap import Estimate
from formats.notice import NOTICE
from reports.first_points import Point
from reports.pages import format_interval, format_number, render


def test_numbers_are_written_with_three_digits() -> None:
    assert format_number(Estimate(value=0.12345, low=0.1, high=0.2)) == "0.123"
    assert format_interval(Estimate(value=0.12345, low=0.1, high=0.2)) == "0.100 to 0.200"
    assert format_number(Estimate(value=None, low=None, high=None)) == "n/a"
    assert format_interval(Estimate(value=0.5, low=None, high=None)) == ""


def page() -> str:
    return render("page.html.jinja", {"first_points": [Point("What & why", "<b>so</b>.")]})


def test_the_skeleton_begins_with_the_first_points_and_needs_no_other_file() -> None:
    text = page()

    assert "<b>What &amp; why</b>&lt;b&gt;so&lt;/b&gt;." in text
    assert text.count(NOTICE) == 2
    assert not re.search(r'(src|href)="(?!data:|#)', text)


def test_the_skeleton_knows_phones_dark_screens_and_paper() -> None:
    text = page()

    for medium in ("(max-width: 600px)", "(prefers-color-scheme: dark)", "@media print"):
        assert medium in text
    # Colours are said once, as variables: what is not cannot follow a dark screen.
    rules = text[text.index("* { box-sizing") : text.index("@media print")]
    assert re.findall(r"(?<!var\()#[0-9a-f]{3,6}", rules) == []
