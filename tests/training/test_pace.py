import logging
import sys

import pytest

from training.pace import show_pace


class Terminal:
    """Takes what is written, as a terminal does."""

    def __init__(self) -> None:
        self.written = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.written += text
        return len(text)

    def flush(self) -> None:
        pass


def test_a_log_gets_a_line_when_its_time_has_come(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seconds = iter(range(0, 1000, 25))
    monkeypatch.setattr("time.monotonic", lambda: next(seconds))
    with caplog.at_level(logging.INFO, logger="training.pace"):
        taken = list(show_pace("abcdefg", 7, "reading", lambda: "all is well"))

    assert taken == list("abcdefg")
    # The clock is read after each item, and once more after a line.
    assert [record.getMessage() for record in caplog.records] == [
        "reading: 3 of 7, all is well",
        "reading: 6 of 7, all is well",
    ]


def test_what_is_quickly_done_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="training.pace"):
        assert list(show_pace([1, 2], 2, "reading")) == [1, 2]
    assert not caplog.records


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    assert list(show_pace([1, 2], 2, "reading", lambda: "loss 0.5")) == [1, 2]
    assert "reading: 100%" in terminal.written
    assert "loss 0.5" in terminal.written
