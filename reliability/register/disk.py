"""Files that stay whole when the machine stops: on the disk before anything speaks of them."""

import ctypes
import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from reliability.errors import RecordError, UsageError

LARGEST = 256 << 20  # bytes of a file that is read at once
_AT_FDCWD, _EXCHANGE = -100, 2


def plain_content(path: Path, *, most: int = LARGEST) -> bytes | None:
    """What is in a file; None where there is none.

    Raises
    ------
    RecordError
        `file_not_plain`: a folder, a device or a pipe stands there, or more than anybody wrote. A folder that somebody
        handed over may hold links that lead anywhere.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as file:  # pathlib has no opener
            found = os.fstat(file.fileno())
            if stat.S_ISREG(found.st_mode) and found.st_size <= most:
                return file.read(most)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno not in (errno.EISDIR, errno.ELOOP, errno.ENXIO):
            raise
    raise RecordError("file_not_plain", "{path}: no plain file, or over {most} MiB", path=path, most=most >> 20)


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a pipe that nobody writes to would keep us for ever


def write_durably(path: Path, content: bytes) -> None:
    """Write a file; when this returns, it is on the disk."""
    with path.open("wb") as file:
        file.write(content)
        settle(file)


def settle(file: BinaryIO) -> None:
    """Have what was written into a file on the disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder to fill; it becomes `out` when all went well, in one step, and vanishes otherwise.

    Raises
    ------
    UsageError
        `folder_exists`, by then at the latest.
    """
    with _filled(out) as beside:
        yield beside
        _sync_all(beside)
        refuse_existing(out)
        beside.rename(out)


@contextmanager
def replacing_folder(out: Path) -> Iterator[Path]:
    """A folder to fill; it takes the place of `out`, which is removed, or becomes it where there is none.

    The two change places in one step: whenever the machine stops, one of them is there whole. Whether what is there
    may be replaced is for the caller to know.
    """
    with _filled(out) as beside:
        yield beside
        _sync_all(beside)
        if out.exists():
            _exchange(beside, out)
        else:
            beside.rename(out)


def refuse_existing(folder: Path) -> None:
    """UsageError `folder_exists` where a new folder would go."""
    if folder.exists() or folder.is_symlink():
        raise UsageError("folder_exists", "{path}: exists already; name a new folder", path=folder)


@contextmanager
def _filled(out: Path) -> Iterator[Path]:
    """A folder beside; on the disk when its caller moves it, and gone from here afterwards in any case."""
    out = out.absolute()
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        beside.mkdir(mode=0o700)
        yield beside
        sync_folder(out.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def remove_parts(out: Path) -> None:
    """Remove what a crash left of earlier folders on their way to this name."""
    for left in out.absolute().parent.glob(f".{out.name}.????????.part"):
        shutil.rmtree(left, ignore_errors=True)


def _sync_all(folder: Path) -> None:
    for one in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        sync_folder(one)


def _exchange(one: Path, other: Path) -> None:
    """Let two names change places in one step; Python has no name for what Linux can do."""
    swap = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if swap is None:
        raise _not_replaced(other)
    if swap(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE) != 0:
        failed = ctypes.get_errno()
        if failed in (errno.EINVAL, errno.ENOSYS, errno.EXDEV):
            raise _not_replaced(other)
        raise RecordError("folder_not_replaced", "{path}: could not be replaced ({why})", path=other,
                          why=os.strerror(failed))  # fmt: skip


def _not_replaced(path: Path) -> UsageError:
    return UsageError(
        "folder_kept", "{path}: this file system cannot replace a folder in one step; name a new one", path=path
    )
