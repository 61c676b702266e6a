"""The data that a signed PDF carries inside it, read once its signature holds."""

import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import count
from typing import Any

from reliability.errors import RecordError

LONGEST = 64 << 20  # bytes of a file inside
_MOST_BRANCHES = 256  # of a tree of names
# What a file of a stranger may make a reader of PDF stumble over.
_BROKEN = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, zlib.error, AssertionError)


def enclosed_files(content: bytes) -> dict[str, bytes]:
    """The files inside a PDF by their names.

    Raises
    ------
    RecordError
        If they cannot be told: an unreadable file, one name for two, or one too large.
    """
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    found: dict[str, bytes] = {}
    try:
        root = PdfFileReader(BytesIO(content)).root
        tree = root["/Names"]["/EmbeddedFiles"] if "/EmbeddedFiles" in root.get("/Names", {}) else {}
        for name, stream in _files(tree):
            if name in found:
                raise _unreadable(f"{name[:80]} twice")
            found[name] = _unpacked(stream)
    except (*_BROKEN, PdfError) as error:
        raise _unreadable(type(error).__name__) from error
    return found


def _files(tree: Any) -> Iterator[tuple[str, Any]]:
    # Branches of a tree may lead back to itself, or to the same branch a million times.
    branches = [tree]
    for met in count():
        if not branches:
            return
        if met == _MOST_BRANCHES:
            raise ValueError("many")
        branch = branches.pop()
        kids, names = branch.get("/Kids", ()), branch.get("/Names", ())
        branches.extend(kids[place] for place in range(min(len(kids), _MOST_BRANCHES)))
        for place in range(0, len(names), 2):
            yield str(names[place]), names[place + 1]["/EF"]["/F"]


def _unpacked(stream: Any) -> bytes:
    """The bytes of a stream; never more than may be, whatever its few compressed bytes would become."""
    filters = stream.get("/Filter")
    if filters is None:
        return bytes(stream.encoded_data)
    if filters not in ("/FlateDecode", ["/FlateDecode"]) or "/DecodeParms" in stream:
        raise ValueError("filter")
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(stream.encoded_data, LONGEST)
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise ValueError("large or cut off")
    return content


def _unreadable(why: str) -> RecordError:
    return RecordError("enclosed_unreadable", "the data inside the PDF cannot be read ({why})", why=why)
