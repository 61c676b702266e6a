"""The newest checkpoint beside a register or its copy: kept as it was handed in, believed by whoever verifies it."""

from pathlib import Path

from reliability.register.disk import plain_content, sync_folder, write_durably

FILE = "checkpoint.dsse.json"


def keep_checkpoint(folder: Path, content: bytes) -> None:
    """Put a checkpoint in the place of the one before."""
    beside = folder / f".{FILE}.part"
    write_durably(beside, content)
    beside.replace(folder / FILE)
    sync_folder(folder)


def kept_checkpoint(folder: Path) -> bytes | None:
    """The newest one; None where none was made."""
    return plain_content(folder / FILE)
