import io
import sys

import pytest

from pipeline import progress
from pipeline.progress import with_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that goes half a minute on at every look."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        self.seconds += 30
        return self.seconds


def test_a_log_gets_a_line_a_minute_with_the_time_left(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr(progress, "time", Clock())

    assert list(with_progress(range(5), "films", films_per_item=8)) == list(range(5))

    # Looked at after 0, 30, 60, 90 and 120 seconds with as many batches done.
    assert [record.getMessage() for record in caplog.records] == [
        "films: 8 of 40 done,  7.50s/film, 04:00 left",
        "films: 24 of 40 done,  5.00s/film, 01:20 left",
    ]


def test_what_an_earlier_run_did_counts_as_done_and_not_for_the_speed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr(progress, "time", Clock())
    list(with_progress(range(25), "films", films_per_item=8, films_before=792))

    assert caplog.records[1].getMessage() == "films: 816 of 992 done,  5.00s/film, 14:40 left"


def test_a_short_run_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    assert list(with_progress([1, 2], "films")) == [1, 2]
    assert not caplog.records


@pytest.mark.parametrize(
    ("films_per_item", "films_before", "shown"),
    [(1, 0, " 3/3 "), (8, 0, " 24/24 "), (8, 40, " 64/64 ")],
)
def test_a_terminal_gets_a_bar(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    films_per_item: int,
    films_before: int,
    shown: str,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    items = with_progress(
        range(3), "films", films_per_item=films_per_item, films_before=films_before
    )
    assert list(items) == [0, 1, 2]
    assert shown in terminal.getvalue()
    assert not caplog.records
