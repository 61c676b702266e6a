"""Evidence files: taken into an answer with their digest at that time; never opened for more than that."""

from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml.nodes import Node

from reliability.errors import SubmissionError
from reliability.questionnaire.splices import Splice, child, compose, pairs, put, spliced
from reliability.records import EvidenceFile
from reliability.submission.answers import EVIDENCE_KINDS, LARGEST_EVIDENCE, standing_of
from reliability.submission.places import file_inside, is_file
from reliability.submission.tables import digest_of
from reliability.yaml_lines import Document, parse_yaml


def attached(folder: Path, given: str, *, beside: Path, where: str) -> EvidenceFile:
    """The file as evidence, its digest taken now.

    A path is one from the submission's folder, or else from `beside` (where the person who types it is), and
    the file must lie in the folder.

    Raises
    ------
    SubmissionError
        If it lies outside, is not there, is too large or of a kind that is not taken.
    """
    path = _from_folder(folder, given, beside)
    file = file_inside(folder, path, where=where, key="evidence")
    _refuse_unfit(file, path, where=where)
    return EvidenceFile(path=path, sha256=digest_of(file))


def with_digests(folder: Path, text: str, *, name: str) -> str:
    """The text of a sheet, with the digest of every evidence file that has none yet.

    Raises
    ------
    SubmissionError
        If such a file cannot be evidence, or the text cannot be read.
    """
    document = parse_yaml(text.encode(), error=SubmissionError, name=name)
    composed = compose(text)
    splices: list[Splice] = []
    for entry, path, where in _without_digest(composed.root, document):
        file = file_inside(folder, path, where=where, key="evidence")
        _refuse_unfit(file, path, where=where)
        splices.append(put(composed, entry, "sha256", digest_of(file), behind=("path",)))
    return spliced(text, splices)


def _from_folder(folder: Path, given: str, beside: Path) -> str:
    """The path from the folder; as it was given where it leads nowhere or out, to be refused by that name."""
    given = given.strip().strip("'\"")  # a file dropped on a terminal comes in quotes
    here = beside / given
    if (not Path(given).is_absolute() and is_file(folder / given)) or not is_file(here):
        return given
    place, root = here.resolve(), folder.resolve()
    return place.relative_to(root).as_posix() if place.is_relative_to(root) else given


def _refuse_unfit(file: Path, path: str, *, where: str) -> None:
    standing = standing_of(file, path, None)
    if standing == "other_kind":
        raise SubmissionError(
            "evidence_kind",
            "{where}: {path!r} is a kind of file that is not taken as evidence; save it as one of: {allowed}",
            where=where, path=path, allowed=", ".join(EVIDENCE_KINDS),
        )  # fmt: skip
    if standing == "too_large":
        raise SubmissionError(
            "evidence_too_large",
            "{where}: {path!r} is larger than {most} MB; hand in the part that counts",
            where=where, path=path, most=LARGEST_EVIDENCE // 1_000_000,
        )  # fmt: skip


def _without_digest(root: Node | None, document: Document) -> Iterator[tuple[Node, str, str]]:
    """Every evidence entry with a path and no digest, and where it stands; what else is wrong is not said here."""
    for item, entry in pairs(child(root, "items")):
        files = child(entry, "evidence")
        for place, file in enumerate(files.value if files is not None and isinstance(files.value, list) else ()):
            path, digest = child(file, "path"), child(file, "sha256")
            if path is not None and path.value and (digest is None or not digest.value):
                yield file, str(path.value), document.where("items", item.value, "evidence", place)
