"""What a submission says of itself, read in a process of its own: none that parses a submission holds a signing key."""

import json
import subprocess
import sys
from pathlib import Path

from pydantic import ValidationError

from reliability.errors import RecordError, SubmissionError
from reliability.records import Json, Record

_MOST_BYTES = 16 << 20


class Needs(Record):
    """How many rows a criterion takes to pass, over one grouping, and how many there are."""

    item: str
    check: str | None
    by: tuple[str, ...]
    limit: dict[str, Json]
    rule: str | None
    n: int
    best: int | None
    likely: int | None
    enough: bool | None
    why: str


class Draft(Record):
    """A submission, described: what is certified, on which data, against which checklist, and what that takes."""

    organisation: dict[str, Json]
    system: dict[str, Json]
    task: str
    manifest: str  # SHA-256, as all that follow
    model: dict[str, Json] | None  # {"format", "sha256"}
    evaluation: dict[str, Json]  # {"path", "sha256", "rows", "origin"}
    training: dict[str, Json] | None
    checklist: dict[str, Json]  # {"id", "version", "sha256"}
    confidence: float
    needs: tuple[Needs, ...]


def draft_of(path: Path, checklist: str, *, needs: bool = True) -> Draft:
    """The draft of a submission, read in a process of its own.

    Raises
    ------
    SubmissionError
        Whatever that process says is wrong; its code and words are kept.
    """
    command = [
        sys.executable,
        "-m",
        "reliability.certification.describing",
        str(path),
        checklist,
        *(["needs"] if needs else []),
    ]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)  # noqa: S603  (our own)
    try:
        said = json.loads(done.stdout[:_MOST_BYTES])
        if "error" in said:
            # The line is worded already: what it names may hold braces, and a value may have any name.
            line = str(said["line"]).replace("{", "{{").replace("}", "}}")
            raise SubmissionError(str(said["error"]), line, **said["values"])
        return Draft.model_validate(said)
    except (ValueError, ValidationError, TypeError, KeyError) as error:
        raise RecordError(
            "draft_failed", "{path}: could not be described (exit status {status}); try 'reliability inspect'",
            path=path, status=done.returncode,
        ) from error  # fmt: skip
