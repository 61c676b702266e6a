"""A folder for one worker that sees the machine's own file system: its model, our few files, and room to write."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_CHUNK = 1 << 20
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The folder, and what lies in it."""

    folder: Path

    @classmethod
    def laid_out(cls, package: Mapping[Path, Path], model: int, *, uid: int | None) -> Self:
        """Copy the model of that descriptor and our files into a folder that `uid` owns and nobody else may enter."""
        stage = cls(folder=Path(tempfile.mkdtemp(prefix="reliability-worker-")))
        try:
            for place, source in package.items():
                copy = stage.placed(place)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, copy)
            stage.model.parent.mkdir()
            _copy(model, stage.model)
            stage.scratch.mkdir(mode=0o700)
            if uid is not None:
                os.chown(stage.scratch, uid, uid)
                os.chown(stage.folder, uid, uid)
        except OSError:
            stage.clear()
            raise
        return stage

    @property
    def model(self) -> Path:
        """The one model."""
        return self.folder / "model" / "file"

    @property
    def scratch(self) -> Path:
        """Where the worker may write."""
        return self.folder / "scratch"

    def placed(self, place: Path) -> Path:
        """Where a file lies that a sandbox would have at `place`."""
        return self.folder / "root" / place.relative_to("/")

    def clear(self) -> None:
        """Remove the folder, however deep and barred a worker has left it."""
        top = os.open(self.folder, _OPEN)
        waiting, moved = [""], 0
        while waiting:
            name = waiting.pop()
            here = os.open(name or ".", _OPEN, dir_fd=top)
            for entry in list(os.scandir(here)):
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.name, dir_fd=here)
                    continue
                # Moved up: no path is ever long, and nothing is walked into.
                moved += 1
                os.chmod(entry.name, 0o700, dir_fd=here)
                os.rename(entry.name, f"{moved}~", src_dir_fd=here, dst_dir_fd=top)
                waiting.append(f"{moved}~")
            os.close(here)
            if name:
                os.rmdir(name, dir_fd=top)
        os.close(top)
        self.folder.rmdir()


def _copy(descriptor: int, place: Path) -> None:
    with place.open("wb") as copy:
        start = 0
        while chunk := os.pread(descriptor, _CHUNK, start):
            copy.write(chunk)
            start += len(chunk)
    place.chmod(0o444)
