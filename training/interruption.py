"""Signals that end a training, held back until its state is one to go on from."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

from formats.errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class HeldSignals:
    """Notes Ctrl-C and SIGTERM while it is entered; the second one interrupts at once.

    Other threads than the main one are told of no signals, and hold none.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        """Of the signal that came."""
        self._before: dict[signal.Signals, Any] = {}
        self._is_holding = True

    @contextmanager
    def let_through(self) -> Iterator[None]:
        """Interrupt at once meanwhile, also for a signal that came before."""
        if self.number is not None:
            raise Interrupted(self.number)
        self._is_holding = False
        try:
            yield
        finally:
            self._is_holding = True

    def __enter__(self) -> "HeldSignals":
        """Begin to hold, what the process does not ignore anyway."""
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) != signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let signals do what they did before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def hold_deaths_of_children(self) -> None:
        """Keep torch from raising an error wherever this process is when one that loads dies.

        It notices too when it next waits for what that one was to load. Call it after torch has
        started them.
        """
        if self._before and sys.platform != "win32":
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)

    def _note(self, number: int, frame: FrameType | None) -> None:
        is_second = self.number is not None
        self.number = number
        if is_second or not self._is_holding:
            raise Interrupted(number)
