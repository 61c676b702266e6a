"""Paths that a submission names: inside its folder, links followed."""

from pathlib import Path

from reliability.errors import SubmissionError

MANIFEST = "submission.yaml"


def inside(folder: Path, path: str, *, where: str, key: str) -> Path:
    """The place that a path names, which need not exist; one outside the folder is refused."""
    if "\x00" in path:
        raise SubmissionError(
            "path_character",
            "{where}: {key}: {path!r} has a NUL character, which no file name has; remove it",
            where=where,
            key=key,
            path=path,
        )
    place = folder / path
    if Path(path).is_absolute() or _leads_out(place, folder):
        raise SubmissionError(
            "path_outside",
            "{where}: {key}: {path!r} leaves the submission's folder; copy the file into it and name it from there",
            where=where,
            key=key,
            path=path,
        )
    return place


def is_file(place: Path) -> bool:
    """Whether a file is there; a name that no file can have, one of 300 letters say, is none."""
    try:
        return place.is_file()
    except OSError:
        return False


def is_folder(place: Path) -> bool:
    """Whether a folder is there."""
    try:
        return place.is_dir()
    except OSError:
        return False


def file_inside(folder: Path, path: str, *, where: str, key: str) -> Path:
    """The file that a path names; one that is missing or outside the folder is refused."""
    place = inside(folder, path, where=where, key=key)
    if not is_file(place):
        _refuse_irregular(place, where=where, key=key, path=path)
        raise SubmissionError(
            "file_missing",
            "{where}: {key}: no file {path!r} in the submission's folder; check the name",
            where=where,
            key=key,
            path=path,
        )
    return place


def _refuse_irregular(place: Path, **named: str) -> None:
    """Refuse a folder, a pipe or a device where a file is wanted."""
    try:
        there = place.exists()
    except OSError:
        there = False
    if there:
        raise SubmissionError(
            "file_irregular",
            "{where}: {key}: {path!r} is a {what}, not a regular file; copy the file itself there",
            what="folder" if place.is_dir() else "pipe or device",
            **named,
        )


def manifest_path(path: Path) -> Path:
    """`submission.yaml` of a submission given as folder or as that file."""
    if path.is_dir():
        path = path / MANIFEST
    if not path.is_file():
        raise SubmissionError(
            "manifest_missing",
            "{where}: no such file; write one with 'reliability init DATA'",
            where=str(path),
        )
    return path


def _leads_out(place: Path, folder: Path) -> bool:
    # Resolved before anything is opened: a link could lead outside as well as `..` does.
    try:
        return not place.resolve().is_relative_to(folder.resolve())
    except (RuntimeError, ValueError):  # links in a circle, or half a character: no file is there to lead anywhere
        return False
