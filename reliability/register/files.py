"""Files of a register under their SHA-256: staged before the commit, in place after it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from reliability.errors import RecordError
from reliability.register.disk import plain_content, sync_folder, write_durably
from reliability.register.rows import is_digest

PLACE, STAGE = "files", "staged"


@dataclass(frozen=True, kw_only=True)
class Files:
    """The two folders of a register that hold files."""

    folder: Path

    def make(self) -> None:
        """Make the folders."""
        for name in (PLACE, STAGE):
            (self.folder / name).mkdir(exist_ok=True)

    def stage(self, sha256: str, content: bytes) -> None:
        """Put a file where no reader looks for it until its row is there."""
        write_durably(self.folder / STAGE / sha256, content)

    def settle_stage(self) -> None:
        """Have the names of what was staged on the disk."""
        sync_folder(self.folder / STAGE)

    def place(self, sha256s: Iterable[str]) -> tuple[str, ...]:
        """Move what is staged to where it stays; those that were moved."""
        moved = tuple(sha256 for sha256 in sha256s if self._moved(sha256))
        if moved:
            sync_folder(self.folder / PLACE)
        return moved

    def unstage(self, sha256s: Iterable[str]) -> None:
        """Remove what no row speaks of."""
        for sha256 in sha256s:
            (self.folder / STAGE / sha256).unlink(missing_ok=True)

    def staged(self) -> frozenset[str]:
        """Names of what is staged, whole or not."""
        return frozenset(path.name for path in (self.folder / STAGE).iterdir())

    def has(self, sha256: str) -> bool:
        """Whether a file is in its place."""
        return (self.folder / PLACE / sha256).is_file()

    def read(self, sha256: str) -> bytes:
        """A file, as its digest says it is.

        Raises
        ------
        RecordError
            `register_file_missing` or `register_file_changed`.
        """
        content = self._content(sha256) if is_digest(sha256) else None
        if content is None:
            raise RecordError("register_file_missing", "the register has no file {sha256}", sha256=sha256[:64])
        if hashlib.sha256(content).hexdigest() != sha256:
            raise RecordError("register_file_changed", "the file {sha256} of the register was changed", sha256=sha256)
        return content

    def _content(self, sha256: str) -> bytes | None:
        # Between commit and move a file is still staged; looked for in its place again, as it moves meanwhile.
        for where in (PLACE, STAGE, PLACE):
            content = plain_content(self.folder / where / sha256)
            if content is not None:
                return content
        return None

    def _moved(self, sha256: str) -> bool:
        try:
            (self.folder / STAGE / sha256).replace(self.folder / PLACE / sha256)
        except FileNotFoundError:  # somebody who recovers was faster
            return False
        return True
