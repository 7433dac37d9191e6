"""What can stop a training that began well."""


class NonFiniteLossError(RuntimeError):
    """The loss became NaN or infinite; the message holds every part of it."""
