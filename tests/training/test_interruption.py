import signal
import threading

import pytest

from formats.errors import Interrupted
from training.interruption import HeldSignals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_is_noted_and_the_second_interrupts(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with HeldSignals() as signals:
        assert signals.number is None
        signal.raise_signal(number)
        assert signals.number == number
        with pytest.raises(Interrupted) as interruption:
            signal.raise_signal(number)

    assert interruption.value.signal_number == number
    assert signal.getsignal(number) == before


def test_let_through_it_interrupts_at_once() -> None:
    with HeldSignals() as signals:
        with pytest.raises(Interrupted), signals.let_through():
            signal.raise_signal(signal.SIGTERM)
        with pytest.raises(Interrupted), signals.let_through():
            pytest.fail("the signal before was forgotten")


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with HeldSignals() as signals:
            signal.raise_signal(signal.SIGINT)
        assert signals.number is None
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_holds_none() -> None:
    entered = []

    def enter() -> None:
        with HeldSignals():
            entered.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=enter)
    before = signal.getsignal(signal.SIGTERM)
    thread.start()
    thread.join()
    assert entered == [before]
