"""That a file is not of the format it is said to be."""


class UnreadableError(ValueError):
    """What was met instead, in a few words."""
