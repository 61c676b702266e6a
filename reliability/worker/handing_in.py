"""Takes a submission in as it was handed in, a folder or an archive: every file is read in the confined process."""

import weakref
from dataclasses import replace
from pathlib import Path

from reliability.records import Reason
from reliability.submission.read import Submission, read_submission
from reliability.submission.source import Source
from reliability.worker import landlock
from reliability.worker.archives import Unpacking, is_archive
from reliability.worker.intake import Intake


def handed_in(path: Path, *, level: str | None = None) -> Submission:
    """A submission as `read_submission` reads it, its data files parsed in a confined process.

    An archive is unpacked into a folder of its own, which goes with the submission.
    """
    files = Files(level)
    if not is_archive(path):
        submission = read_submission(path, opened=files.opened)
        return replace(submission, notes=(*submission.notes, *files.notes))
    unpacked = files.unpacked(path)
    try:
        submission = read_submission(unpacked.submission, opened=files.opened)
    except BaseException:
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

    def _started(self) -> Intake:
        # One that did not survive a file is not asked about the next.
        if self._intake is None or not self._intake.close.alive:
            self._intake = Intake(self._level)
        return self._intake

    @property
    def notes(self) -> tuple[Reason, ...]:
        """What a reader of the record should know: that limits alone held the parser."""
        weak = self._intake is not None and self._intake.level == landlock.PROCESS
        return (Reason(code="intake_weak"),) if weak else ()
