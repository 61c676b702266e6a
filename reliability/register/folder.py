"""What the folder of a register says of it: `register.json`."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, ValidationError

from reliability.errors import RecordError, UsageError
from reliability.records import Record, canonical_json
from reliability.register.database import server_url
from reliability.register.disk import plain_content, write_durably

Series: TypeAlias = Literal["case", "certificate", "report"]
RegisterId: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", alias="register")]
Prefix: TypeAlias = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{0,9}$")]

FILE = "register.json"
EVENTS = "events.jsonl"  # what a copy has in place of a database
LETTERS: Mapping[Series, str] = MappingProxyType({"case": "", "certificate": "C-", "report": "R-"})


class About(Record):
    """Which register it is, what its numbers begin with, and where its database is."""

    format: Literal[1] = 1
    register_id: RegisterId
    prefix: Prefix
    url: str | None = None  # None: SQLite, in the folder


def about_register(register_id: str, prefix: str, url: str | None) -> About:
    """What a new register says of itself; UsageError where prefix or URL cannot be used."""
    if url is not None:
        server_url(url)
    try:
        return About(register_id=register_id, prefix=prefix, url=url)
    except ValidationError as error:
        if any("prefix" in one["loc"] for one in error.errors()):
            raise UsageError(
                "prefix_unusable", "{prefix!r}: give 1 to 10 capital letters and digits, a letter first",
                prefix=prefix[:40],
            ) from error  # fmt: skip
        raise ValueError(f"{register_id!r}: 32 hexadecimal digits") from error


def write_about(folder: Path, about: About) -> None:
    """Write it into a folder."""
    write_durably(folder / FILE, canonical_json(about))


def read_about(folder: Path) -> About:
    """What the folder says; UsageError where it is no register, RecordError where it was changed."""
    if (folder / EVENTS).is_file():
        raise UsageError(
            "register_is_copy", "{path}: a copy of a register; 'reliability register create --from' makes one of it",
            path=folder,
        )  # fmt: skip
    content = plain_content(folder / FILE)
    if content is None:
        raise UsageError(
            "register_missing", "{path}: there is no register; 'reliability register create' makes one", path=folder
        )
    try:
        return About.model_validate_json(content)
    except ValidationError as error:
        raise RecordError(
            "register_unreadable", "{path}: not what a register says of itself", path=folder / FILE
        ) from error
