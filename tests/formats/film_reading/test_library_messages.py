import logging
import threading
import warnings

import pytest

from formats.film_reading.library_messages import silent_libraries


def test_a_library_stays_silent_until_every_thread_is_through(
    caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder
) -> None:
    first_is_in, second_is_in, first_is_through = (threading.Event() for _ in range(3))

    def read_another_film() -> None:
        first_is_in.wait()
        with silent_libraries("pydicom"):
            second_is_in.set()
            first_is_through.wait()
            speak("of somebody")

    other = threading.Thread(target=read_another_film)
    other.start()
    with silent_libraries("pydicom"):
        first_is_in.set()
        # In vain, where one waits for the other.
        second_is_in.wait(timeout=0.5)
    first_is_through.set()
    other.join()
    speak("afterwards")

    assert [record.message for record in caplog.records] == ["afterwards"]
    assert [str(warning.message) for warning in recwarn.list] == ["afterwards"]


def speak(words: str) -> None:
    logging.getLogger("pydicom.below").warning(words)
    warnings.warn(words, stacklevel=1)
