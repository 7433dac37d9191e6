"""The one error that a user can mend."""


class InputError(Exception):
    """Bad input from outside: a file, a table, a setting.

    The message names the file, the offending value and the next step. Tools print it without a
    traceback and exit with code 1; a batch notes it and goes on.
    """


class InputFaultsError(InputError):
    """All that is wrong with one input: a line a kind, each with its count and first records."""
