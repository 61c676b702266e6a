"""Files put in place, whole or not at all."""

from contextlib import suppress
from pathlib import Path

from reliability.errors import RecordError, UsageError


def write_whole(output: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    if output.exists() and not output.is_file():
        raise UsageError("output_not_a_file", "{output}: not an ordinary file; name another", output=str(output))
    beside = output.with_name(f".{output.name}.part")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        if output.exists():
            beside.chmod(output.stat().st_mode)  # whoever kept a file to themselves keeps it so
        beside.replace(output)
    except OSError as refused:
        with suppress(OSError):  # there may be no such folder at all
            beside.unlink()
        raise RecordError(
            "document_not_written", "{output}: could not be written ({why})", output=str(output), why=refused.strerror
        ) from refused
