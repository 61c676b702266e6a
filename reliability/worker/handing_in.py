"""Takes a submission in as it was handed in, a folder or an archive: its files are parsed in the confined process.

What this process parses itself: YAML (submission.yaml, answers.yaml, screening_answers.yaml), the JSON of a screening.
All else hangs on the first, and every message names a line of it. `yaml_lines` takes at most 1 MB and 64 levels, no
anchor, alias, merge key or tag, and makes nothing but texts, numbers, truths, lists and tables, event by event; JSON
goes through pydantic, at most 4 MB. Both are fuzzed (benchmarks/fuzzing_targets). Other files are hashed or copied.
"""

import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

from reliability import records
from reliability.formats.describe import describe
from reliability.records import ArchiveIdentity, Reason
from reliability.submission.population_rows import Row
from reliability.submission.read import Submission, read_submission
from reliability.submission.source import Source
from reliability.worker import landlock
from reliability.worker.archives import Unpacking, is_archive
from reliability.worker.intake import Intake


def handed_in(path: Path, *, level: str | None = None, files: "Files | None" = None) -> Submission:
    """A submission as `read_submission` reads it, its data files parsed in a confined process.

    An archive is unpacked into a folder of its own, which goes with the submission.
    """
    files = files or Files(level)
    if not is_archive(path):
        return files.submission(path, archive=None)
    unpacked = files.unpacked(path)
    try:
        submission = files.submission(unpacked.submission, archive=unpacked.identity)
    except BaseException:  # an interruption too: cleared, then passed on
        unpacked.clear()
        raise
    weakref.finalize(submission, unpacked.clear)
    return submission


class Files:
    """Opens data files in one confined process, which is started for the first of them."""

    def __init__(self, level: str | None = None) -> None:
        self._level = level
        self._intake: Intake | None = None

    def opened(self, path: Path, shown: str) -> Source:
        """The file as a source."""
        return self._started().opened(path, shown)

    def unpacked(self, path: Path) -> Unpacking:
        """The files of an archive."""
        return Unpacking(self._started(), path)

    def head(self, named: str, path: Path) -> dict[str, Any]:
        """What a model of that format says of itself; of a project's folder, which files are there."""
        return describe(named, path) if path.is_dir() else self._started().head(named, path)

    def submission(self, path: Path, *, archive: ArchiveIdentity | None) -> Submission:
        """The submission, with what the record says of how its files were taken in."""
        read = read_submission(path, opened=self.opened, rows_of=self.population_rows)
        intake = self._started()
        weak = intake.level == landlock.PROCESS  # limits alone held the parser
        notes = (*read.notes, *((Reason(code="intake_weak"),) if weak else ()))
        return replace(read, notes=notes, intake=records.Intake(isolation=intake.isolation, archive=archive))

    def population_rows(self, content: bytes, shown: str) -> list[Row]:
        """The lines of a declared population."""
        return self._started().population_rows(content, shown)

    def _started(self) -> Intake:
        # One that did not survive a file is not asked about the next.
        if self._intake is None or not self._intake.close.alive:
            self._intake = Intake(self._level)
        return self._intake
