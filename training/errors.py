"""What can stop a training that began well."""


class NonFiniteLossError(RuntimeError):
    """The loss became NaN or infinite; the message holds every part of it and the batch's files."""


class ResourceError(RuntimeError):
    """The machine had not enough for the training; the message says of what, and what to lower."""
