"""What a user can act on, each with its exit status."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar


class ReliabilityError(Exception):
    """Something a user can act on.

    The message is the English line with its values left open as in `str.format`; the code and
    the values are what the command line words in the language asked for (key `error.CODE`).
    """

    exit_status: ClassVar[int] = 2

    def __init__(self, code: str, message: str, /, **values: object) -> None:
        super().__init__(message.format(**values))
        self.code = code
        self.values = values

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is: made anew from its worded line alone it would lack its code (joblib and multiprocessing pickle)."""
        return _as_it_was, (type(self), *self.args), self.__dict__


def _as_it_was(kind: type[ReliabilityError], line: str) -> ReliabilityError:
    return kind.__new__(kind, line)


class UsageError(ReliabilityError):
    """A command was asked for something it cannot do."""


class SubmissionError(ReliabilityError):
    """A submission cannot be read as it stands."""


class ChecklistError(ReliabilityError):
    """A checklist cannot be used as it stands."""


class RecordError(ReliabilityError):
    """A record is not what its schema says, or cannot be written."""


class ChainError(RecordError):
    """Rows of a register do not follow one another, or do not lead to the head that is known."""


class NotGenuineError(ReliabilityError):
    """A signed file is not as its signer left it."""

    exit_status: ClassVar[int] = 4


class SignerError(ReliabilityError):
    """A signature holds, but not as one of a signer who is trusted for it."""

    exit_status: ClassVar[int] = 4


class EnvironmentLacksError(ReliabilityError):
    """This machine lacks a library, a font or a right that the work needs."""


class WorkerError(ReliabilityError):
    """A submitted model failed in its worker: a finding with a reason, not the end of the work.

    isolation : what was known by then of the worker and of the file; empty where none was started.
    """

    isolation: Mapping[str, Any] = MappingProxyType({})

    def plain_values(self) -> dict[str, str | int | float | bool]:
        """The values as a record can hold them."""
        return {
            key: value if isinstance(value, str | int | float | bool) else str(value)
            for key, value in self.values.items()
        }


class NotMeasurable(Exception):  # noqa: N818  (an answer, not an error)
    """A check cannot be measured on this evidence; the reason becomes part of the record."""

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values
