"""Files that gzip, zlib, bzip2 or lzma made smaller, read as if they had not been."""

import bz2
import gzip
import io
import lzma
import zlib
from typing import BinaryIO, cast

_LONGEST_MAGIC = 6
_CHUNK = 1 << 20
# LZMA-alone has no magic of its own: its first byte and a dictionary size, a power of two, are all there is.
_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x5d\x00\x00", "lzma"),
    *((bytes((0x78, level)), "zlib") for level in (0x01, 0x5E, 0x9C, 0xDA)),
)


def compression(file: BinaryIO) -> str | None:
    """What the file was made smaller with, by its first bytes; the file is left at its beginning."""
    head = file.read(_LONGEST_MAGIC)
    file.seek(0)
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


def opened(file: BinaryIO) -> BinaryIO:
    """The same file, made large again while it is read."""
    match compression(file):
        case "gzip":
            return cast(BinaryIO, gzip.GzipFile(fileobj=file))
        case "bz2":
            return cast(BinaryIO, bz2.BZ2File(file))
        case "xz" | "lzma":
            return cast(BinaryIO, lzma.LZMAFile(file))
        case "zlib":
            return cast(BinaryIO, io.BufferedReader(_Zlib(file), _CHUNK))
        case _:
            return file


class _Zlib(io.RawIOBase):
    """A zlib stream as a file, unpacked piece by piece: what is not asked for takes no memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._stream = zlib.decompressobj()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        view = memoryview(cast(bytearray, buffer)).cast("B")
        while not self._stream.eof:
            packed = self._stream.unconsumed_tail or self._file.read(_CHUNK)
            unpacked = self._stream.decompress(packed, len(view))
            if unpacked:
                view[: len(unpacked)] = unpacked
                return len(unpacked)
            if not packed:
                raise EOFError("the zlib stream is cut off")
        return 0
