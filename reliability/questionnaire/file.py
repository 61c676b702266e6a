"""answers.yaml in the folder of its submission: made, read, and changed, one whole file at a time."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reliability.checklist.answered import refuse_unknown_answers
from reliability.checklist.read import Checklist
from reliability.errors import SubmissionError
from reliability.facts import Truth
from reliability.questionnaire.evidence import with_digests
from reliability.questionnaire.loss import refuse_loss, with_key
from reliability.questionnaire.questions import Questionnaire, asked
from reliability.questionnaire.sheet import Changes, Comments, changed, merged, written
from reliability.questionnaire.splices import compose, in_brackets, put, spliced
from reliability.submission.answers import read_answers
from reliability.submission.manifest import Manifest
from reliability.submission.places import inside, is_file, manifest_path
from reliability.submission.refusals import shaped
from reliability.yaml_lines import parse_yaml, read_yaml

NAME = "answers.yaml"
# Puts a file in place, whole or not at all.
Write = Callable[[Path, bytes], None]

_DOCUMENT_END = re.compile(r"^\.\.\.", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a submission keeps its answers, and whether its manifest says so."""

    folder: Path
    manifest: Path
    path: str
    named: bool

    @property
    def file(self) -> Path:
        """The answers file; links are followed, so that what they lead to is written and not replaced."""
        return (self.folder / self.path).resolve()


def place_of(submission: Path) -> Place:
    """Where the answers stand, or will stand where the manifest names no file yet.

    Raises
    ------
    SubmissionError
        If the manifest cannot be used, or the answers would lie outside the folder.
    """
    manifest = manifest_path(submission)
    document = read_yaml(manifest, error=SubmissionError, name=manifest.name)
    named = shaped(Manifest, document).answers
    path = named or NAME
    inside(manifest.parent, path, where=document.where("answers"), key="answers")
    return Place(folder=manifest.parent, manifest=manifest, path=path, named=named is not None)


def fill_in_digests(place: Place, *, write: Write) -> bool:
    """Write down the digest of every evidence file that a person named without one; whether there were any."""
    if not is_file(place.file):
        return False
    old = _read(place.file, place.path)
    new = with_digests(place.folder, old, name=place.path)
    if new != old:
        write(place.file, new.encode())
    return new != old


def name_in_manifest(place: Place, *, write: Write) -> bool:
    """Add `answers:` to a manifest without it, every other byte as it stands; whether it was added."""
    if place.named:
        return False
    old = _read(place.manifest, place.manifest.name)
    composed = compose(old)
    if in_brackets(composed.root) or _DOCUMENT_END.search(old):
        new = spliced(old, [put(composed, composed.root, "answers", place.path)])
    else:
        gap = "" if old.endswith("\n") else composed.newline
        new = f"{old}{gap}answers: {place.path}{composed.newline}"
    write(place.manifest.resolve(), with_key(old, new, "answers", place.path, name=place.manifest.name).encode())
    return True


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The answers to a checklist in their file, read anew at every look: a person may have it open, too."""

    place: Place
    checklist: Checklist
    known: Mapping[str, Truth]
    today: date
    write: Write

    def asked(self) -> Questionnaire:
        """The questionnaire as it stands.

        Raises
        ------
        SubmissionError
            If the file cannot be used, or answers an item that is not asked.
        """
        sheet = read_answers(self.place.folder, self.place.path) if is_file(self.place.file) else None
        refuse_unknown_answers(sheet, self.checklist)
        return asked(self.checklist, self.known, sheet, on=self.today)

    def merge(self, comments: Comments) -> bool:
        """Write the file, or add to it what is asked and not in it yet; whether anything was to be written."""
        now = self.asked()
        if not is_file(self.place.file):
            self.write(self.place.file, written(now, comments).encode())
            return True
        old = _read(self.place.file, self.place.path)
        return self._replace(old, merged(old, now, comments), {})

    def change(self, changes: Changes) -> bool:
        """Change answers that stand in the file; whether anything was to be written."""
        old = _read(self.place.file, self.place.path)
        return self._replace(old, changed(old, changes, (self.checklist.id, self.checklist.version)), changes)

    def _replace(self, old: str, new: str, changes: Changes) -> bool:
        if new == old:
            return False
        refuse_loss(old, new, changes, name=self.place.path)
        self.write(self.place.file, new.encode())
        return True


def _read(file: Path, name: str) -> str:
    """The text of a YAML file with every character that it has, refused where it cannot be read."""
    content = file.read_bytes()
    parse_yaml(content, error=SubmissionError, name=name)
    return content.decode()
