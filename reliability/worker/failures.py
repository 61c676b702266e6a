"""How a worker fails: a closed set of reasons, each with the same values wherever it is met."""

import signal
import unicodedata
from collections.abc import Mapping
from typing import Any

from reliability.errors import WorkerError

LONGEST_TEXT = 200

# Texts in quotes after "it says" come from the model: cut, cleaned, and never worded as ours.
MESSAGES: Mapping[str, str] = {
    "sandbox_unavailable": "models cannot be run confined here ({why}: {found}); {next_step}",
    "model_refused": "the {format} file asks for types that are not on the allowlist: {types}",
    "not_a_model": "the file is not a {format} model (met: {found})",
    "model_inputs_differ": "the model's columns are not the data's ({what}): {found}; see model.inputs",
    "model_requirements_unmet": "the project's requirements cannot be met: {found}",
    "model_load_failed": "the model could not be loaded: {type}, it says {message!r}",
    "model_raised": "the model stopped with {type} while predicting, it says {message!r}",
    "model_bad_output": "the model's answer cannot be used ({what}): {found}",
    "model_protocol_violation": "the worker answered outside the protocol ({what})",
    "model_timeout": "the model did not answer within {seconds} s; raise --timeout",
    "model_cpu_limit": "the model used more than {seconds} s of processor time in one call; raise --timeout",
    "model_memory_limit": "the model asked for more than {mebibytes} MiB of memory",
    "model_crashed": "the model's process was ended by {signal}",
    "model_endpoint_unreachable": "the endpoint cannot be reached ({why}): {found}",
    "model_endpoint_status": "the endpoint answered with status {status} (tries: {tries}); redirects are not followed",
    "model_endpoint_lost": "the endpoint gave no whole answer ({what}; tries: {tries})",
    "model_exited": "the model ended its process with status {status} instead of answering",
}
# What a worker may report of itself; all else is seen from outside.
REPORTABLE = {
    "model_refused": ("format", "types"),
    "not_a_model": ("format", "found"),
    "model_inputs_differ": ("what", "found"),
    "model_requirements_unmet": ("found",),
    "model_load_failed": ("type", "message"),
    "model_raised": ("type", "message"),
    "model_bad_output": ("what", "found"),
    "model_memory_limit": (),
    "model_endpoint_unreachable": ("why", "found"),
    "model_endpoint_status": ("status", "tries"),
    "model_endpoint_lost": ("what", "tries"),
}
# The model said no, in the worker's own reply: the process is in order.
REFUSALS = frozenset({"model_raised"})
INSTALL = "apt-get install -y bubblewrap"


def failure(code: str, /, **values: object) -> WorkerError:
    """The error of one of the reasons."""
    return WorkerError(code, MESSAGES[code], **values)


def unavailable(why: str, found: object = "") -> WorkerError:
    """No confinement: which step failed, what was met, and the line that helps."""
    return failure("sandbox_unavailable", why=why, found=cleaned(found), next_step=INSTALL)


def reported(error: Any, values: Any, *, memory_bytes: int) -> WorkerError:
    """What the worker says went wrong, believed no further than the list of what it may say."""
    if not isinstance(error, str) or error not in REPORTABLE or not isinstance(values, dict):
        return failure("model_protocol_violation", what="unknown_error")
    if error == "model_memory_limit":
        return failure(error, mebibytes=memory_bytes >> 20)
    return failure(error, **{name: cleaned(values.get(name, "")) for name in REPORTABLE[error]})


def of_exit(status: int | None, *, cpu_s: int) -> WorkerError:
    """Why a worker is gone, by the status that bubblewrap passes on (128 + signal)."""
    if status is None:
        return failure("model_protocol_violation", what="closed")
    number = status - 128 if status > 128 else -status
    if number == signal.SIGXCPU:
        return failure("model_cpu_limit", seconds=cpu_s)
    if number in set(signal.Signals):
        return failure("model_crashed", signal=signal.Signals(number).name)
    return failure("model_exited", status=status)


def cleaned(text: object) -> str:
    """Text from outside on one line, without control characters, cut."""
    line = "".join(" " if unicodedata.category(one).startswith("C") else one for one in str(text)[: 4 * LONGEST_TEXT])
    line = " ".join(line.split())
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…"
