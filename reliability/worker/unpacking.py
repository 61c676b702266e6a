"""Looks into an archive and gives its files out piece by piece; runs beside the parsers, in the confined process."""

import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

PIECE = 1 << 20
FILE, FOLDER, OTHER, ENCRYPTED = "file", "folder", "other", "encrypted"
# What a damaged archive can end with.
DAMAGED = (
    tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, LookupError,
    RuntimeError,
)  # fmt: skip


class Unpacked:
    """One archive: what lies in it by name, size and kind, and the content of one member after another."""

    def __init__(self, file: BinaryIO, *, is_zip: bool, most: int) -> None:
        self._file = file
        # Open as long as the process is: it has one archive, and goes with it.
        archive: Any = zipfile.ZipFile(file) if is_zip else tarfile.open(fileobj=file, mode="r:gz")  # noqa: SIM115
        self._archive = archive
        self.members: list[tuple[str, int, str]] = []
        self._found: list[Any] = []
        total = 0
        for member in archive.infolist() if is_zip else archive:
            told = _of_zip(member) if is_zip else _of_tar(member)
            self.members.append(told)
            self._found.append(member)
            total += told[1]
            # Beyond what is taken anyway: nothing more is unpacked to learn of it.
            if total > most or len(self.members) > most:
                break

    def pieces(self, number: int) -> Iterator[bytes]:
        """The content of one file, piece by piece."""
        found = self._found[number]
        content = self._archive.open(found) if isinstance(found, zipfile.ZipInfo) else self._archive.extractfile(found)
        with content:
            while piece := content.read(PIECE):
                yield piece


def _of_zip(member: zipfile.ZipInfo) -> tuple[str, int, str]:
    kind = FOLDER if member.is_dir() else FILE
    mode = member.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        kind = OTHER
    # The name as it stands in the file: zipfile cuts it at a zero byte and turns backslashes around.
    return member.orig_filename, member.file_size, ENCRYPTED if member.flag_bits & 1 else kind


def _of_tar(member: tarfile.TarInfo) -> tuple[str, int, str]:
    if member.isdir():
        return member.name + "/", 0, FOLDER
    plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse()
    return member.name, member.size, FILE if plain else OTHER
