"""The zip that a workbook is, from a person nobody vouches for: looked at before anything in it is read."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias
from xml.parsers import expat

from openpyxl.utils.escape import unescape

from reliability.errors import SubmissionError
from reliability.submission.refusals import printable
from reliability.yaml_lines import shown

MOST_BYTES = 10_000_000
MOST_MEMBERS = 2_000
MOST_UNPACKED = 30_000_000
# XML packs 10 to 50 times smaller; a bomb of zeros packs 1,000 times. Small parts may be as regular as they like.
LARGEST_RATIO, RATIO_FROM = 200, 1_000_000

_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"  # .xls, and .xlsx behind a password
BOOK, _TYPES = "xl/workbook.xml", "[Content_Types].xml"
# Parts that do something, or hold what the cells do not: what they are to the person who put them there.
_ACTIVE: Mapping[str, re.Pattern[str]] = {
    "macro": re.compile(r"(^|/)(vbaProject[^/]*\.bin|macrosheets/.*|activeX/.*|ctrlProps/.*|customUI/.*)$", re.I),
    "link": re.compile(r"(^|/)(externalLinks/.*|connections\.xml|queryTables/.*|webExtensions/.*)$", re.I),
    "embedded": re.compile(r"(^|/)(embeddings/.*|media/.*)$", re.I),
}

# Whatever a workbook may be refused with, as it may be another process that reads it.
MESSAGES: Mapping[str, str] = {
    "workbook_locked": "{where}: an .xls file or one behind a password; save it as .xlsx without a password",
    "workbook_macro": "{where}: has macros or controls ({part}), which are not read; save it as .xlsx without them",
    "workbook_link": "{where}: has links to other files ({part}), which are not followed; break the links and save "
    "again",
    "workbook_embedded": "{where}: has a picture or a file in it ({part}), which would be lost; put it into the "
    "submission's folder, name it in the evidence column and delete it here",
    "workbook_unknown": "{where}: not an Excel workbook; save it as .xlsx, or name a new file and one is written",
    "workbook_too_large": "{where}: larger, or packed tighter, than any questionnaire is ({limit} MB unpacked); "
    "name a new file and copy the answers into it",
    "workbook_damaged": "{where}: damaged ({why}); open it in Excel or LibreOffice and save it as .xlsx again",
}

Events: TypeAlias = Iterator[tuple[str, str, Mapping[str, str]]]


def opened(path: Path) -> zipfile.ZipFile:
    """The archive, held in memory, so that nobody swaps the file while it is read.

    Raises
    ------
    SubmissionError
        If it is no workbook, is larger than any questionnaire, or carries more than cells.
    """
    archive = _unpacked(path)
    _refuse_bomb(archive, path.name)
    _refuse_active(archive, path.name)
    return archive


def _unpacked(path: Path) -> zipfile.ZipFile:
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise too_large(path.name)
    if content.startswith(_OLD_OR_LOCKED):
        raise refused("workbook_locked", where=path.name)
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as broken:
        raise _not_a_workbook(path.name) from broken


def _refuse_bomb(archive: zipfile.ZipFile, name: str) -> None:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED:
        raise too_large(name)
    for member in members:
        if member.file_size > max(RATIO_FROM, LARGEST_RATIO * member.compress_size):
            raise too_large(name)
        if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged(name, f"{shown(member.filename)} is packed as no workbook is")
    names = [member.filename for member in members]
    if len(set(names)) < len(names):
        raise damaged(name, "a part is there twice")
    if BOOK not in names or _TYPES not in names:
        raise _not_a_workbook(name)


def _refuse_active(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse what is not cells: a macro would be another's program, a picture would be lost without a word."""
    for what, pattern in _ACTIVE.items():
        for member in archive.namelist():
            if pattern.search(member):
                raise _active(name, what, member)
    if b"macroEnabled" in archive.read(_TYPES):
        raise _active(name, "macro", _TYPES)


def _active(name: str, what: str, part: str) -> SubmissionError:
    return refused(f"workbook_{what}", where=name, part=shown(part))


def _not_a_workbook(name: str) -> SubmissionError:
    return refused("workbook_unknown", where=name)


def refused(code: str, /, **values: object) -> SubmissionError:
    """The refusal of a workbook."""
    return SubmissionError(code, MESSAGES[code], **values)


def elements(archive: zipfile.ZipFile, part: str) -> Events:
    """Starts and ends of the elements of a part, by local name; an end carries its text (of a leaf) as `text`.

    Never a tree: a part may be tens of megabytes. A document type is refused, and with it every entity.
    """
    events: list[tuple[str, str, Mapping[str, str]]] = []
    text: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(tag: str, given: Mapping[str, str]) -> None:
        text.clear()
        events.append(("start", _local(tag), {_local(key): value for key, value in given.items()}))

    def end(tag: str) -> None:
        events.append(("end", _local(tag), {"text": "".join(text)} if text else {}))
        text.clear()

    def refuse(*_: object) -> None:
        raise ValueError(f"{part} declares a document type")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = refuse
    with archive.open(part) as stream:
        while chunk := stream.read(1 << 16):
            parser.Parse(chunk)
            yield from events
            events.clear()
    parser.Parse(b"", True)  # noqa: FBT003  (expat's signature: this was the last)
    yield from events


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def cell_text(written: str) -> str:
    """The text that the XML of a cell stands for."""
    return str(unescape(written))


def too_large(name: str) -> SubmissionError:
    """A workbook that is larger than is read here."""
    return refused("workbook_too_large", where=name, limit=MOST_UNPACKED // 1_000_000)


def damaged(name: str, why: str) -> SubmissionError:
    """A workbook that cannot be read as one."""
    return refused("workbook_damaged", where=name, why=printable(why)[:100])
