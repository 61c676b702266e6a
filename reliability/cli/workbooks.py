"""The questionnaire as a workbook at the command line: written where there is none, read in where there is one."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reliability.cli.saying import tell
from reliability.errors import SubmissionError, UsageError
from reliability.questionnaire.evidence import attached
from reliability.questionnaire.file import Answers, Place
from reliability.questionnaire.workbook import read_workbook, write_workbook
from reliability.questionnaire.workbook_changes import changes_from, no_longer_asked
from reliability.questionnaire.workbook_confined import read_confined
from reliability.records import EvidenceFile
from reliability.submission.manifest import Manifest
from reliability.submission.refusals import shaped
from reliability.words.text import Words
from reliability.yaml_lines import read_yaml


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a workbook that was there says: the changes to the answers, and which questions it does not speak of.

    `left` are items that it answers and that are no longer asked; `absent` are questions that are not in it.
    """

    changes: Mapping[str, Mapping[str, Any]]
    left: tuple[str, ...]
    absent: tuple[str, ...]


def read_in(answers: Answers, xlsx: Path) -> Reading | None:
    """All that a workbook says, before anything is written; None where there is no such file yet.

    Raises
    ------
    SubmissionError
        For the first cell, file or row that cannot be used.
    UsageError
        If there is no file, and what is to be written could not be opened as a workbook by its name.
    """
    if not xlsx.exists():
        _refuse_other_kind(xlsx)
        return None
    asked = answers.asked()
    filled = read_workbook(xlsx, asked, read=read_confined)

    def attach(path: str, where: str) -> EvidenceFile:
        return attached(answers.place.folder, path, beside=xlsx.absolute().parent, where=where)

    return Reading(
        changes=changes_from(filled, asked, attach),
        left=no_longer_asked(filled, asked),
        absent=tuple(one.item for one in asked.questions if one.item not in filled),
    )


def hand_over(answers: Answers, xlsx: Path, reading: Reading | None, said: Words) -> None:
    """Write the workbook, or put what was read from it into the answers and say what that was."""
    if reading is None:
        write_workbook(answers.asked(), xlsx, lang=said.lang, **_subject(answers.place))
        tell(said.text("answers.xlsx.written", path=str(xlsx)))
        return
    answers.change(reading.changes)
    told = {"path": str(xlsx), "n": len(reading.changes), "items": ", ".join(reading.changes)}
    tell(said.text("answers.xlsx.read" if reading.changes else "answers.xlsx.same", **told))
    if reading.left:
        tell(said.text("answers.xlsx.left", n=len(reading.left), items=", ".join(reading.left)))
    if reading.absent:
        new = shlex.quote(str(_free(xlsx)))
        tell(said.text("answers.xlsx.absent", n=len(reading.absent), items=", ".join(reading.absent), new=new))


def _subject(place: Place) -> dict[str, str]:
    """Whose questionnaire it is, for the cover."""
    manifest = shaped(Manifest, read_yaml(place.manifest, error=SubmissionError, name=place.manifest.name))
    system = manifest.system
    return {"organisation": manifest.organisation.name, "system": f"{system.name} {system.version}"}


def _free(xlsx: Path) -> Path:
    """A name beside the workbook that nothing has yet."""
    number = 2
    while (free := xlsx.with_stem(f"{xlsx.stem}-{number}")).exists():
        number += 1
    return free


def _refuse_other_kind(xlsx: Path) -> None:
    if xlsx.suffix.lower() != ".xlsx":
        raise UsageError(
            "workbook_suffix",
            "{where}: a new workbook is an .xlsx file; give it a name that ends so",
            where=str(xlsx),
        )
