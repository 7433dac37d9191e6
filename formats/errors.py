"""What ends the work that the user can do something about."""


class InputError(Exception):
    """Bad input from outside: a file, a table, a setting.

    The message names the file, the offending value and the next step. Tools print it without a
    traceback and exit with code 1; a batch notes it and goes on.
    """


class InputFaultsError(InputError):
    """All that is wrong with one input: a line a kind, each with its count and first records."""


class Interrupted(KeyboardInterrupt):
    """A signal that asks to end, such as Ctrl-C's or that of a cluster that needs its machine."""

    def __init__(self, signal_number: int, told: str = "") -> None:
        """Take the signal, and what the user may want to know beside it."""
        super().__init__(told)
        self.signal_number = signal_number
