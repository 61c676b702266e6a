import os
import tempfile
from pathlib import Path

import pytest

from reliability.worker import staging
from reliability.worker.staging import Stage


@pytest.fixture
def laid_out(tmp_path, monkeypatch):
    """A stage with one file of ours and a model of 3 MB."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "wire.py").write_text("ours")
    with (tmp_path / "model").open("w+b") as model:
        model.write(b"m" * 3_000_000)
        model.flush()
        return Stage.laid_out({Path("/worker/reliability/wire.py"): tmp_path / "wire.py"}, model.fileno(), uid=None)


def test_stage_holds_our_files_the_model_and_room_to_write(laid_out):
    assert laid_out.placed(Path("/worker/reliability/wire.py")).read_text() == "ours"
    assert laid_out.model.read_bytes() == b"m" * 3_000_000
    assert laid_out.model.stat().st_mode & 0o777 == 0o444
    assert (laid_out.scratch.stat().st_mode & 0o777, list(laid_out.scratch.iterdir())) == (0o700, [])
    assert laid_out.folder.stat().st_mode & 0o777 == 0o700


def test_stage_belongs_to_the_workers_user_when_it_has_one(tmp_path, monkeypatch):
    given = []
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(staging.os, "chown", lambda path, uid, gid: given.append((path, uid, gid)))
    with (tmp_path / "model").open("w+b") as model:
        stage = Stage.laid_out({}, model.fileno(), uid=64_321)

    assert given == [(stage.scratch, 64_321, 64_321), (stage.folder, 64_321, 64_321)]


def test_nothing_is_left_when_a_stage_cannot_be_laid_out(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    with pytest.raises(FileNotFoundError):
        Stage.laid_out({Path("/worker/x.py"): tmp_path / "gone.py"}, 0, uid=None)
    assert list(tmp_path.iterdir()) == []


def deep(scratch):
    os.chdir(scratch)
    for _ in range(2500):
        Path("d").mkdir()
        os.chdir("d")


def barred(scratch):
    (scratch / "a" / "b").mkdir(parents=True)
    (scratch / "a" / "b" / "f").write_text("x")
    (scratch / "a" / "b").chmod(0)
    (scratch / "a").chmod(0)


def linked(scratch):
    (scratch / "out").symlink_to(scratch.parent.parent / "wire.py")
    (scratch / "loop").symlink_to(".")
    (scratch / "model").mkdir()


def odd(scratch):
    os.mkfifo(scratch / "pipe")
    (scratch / "1~").mkdir()
    (scratch / "2~").write_text("x")
    (scratch / ("x" * 255)).mkdir()
    (scratch / "line\nend\udcff").mkdir()


@pytest.mark.parametrize("leave", [deep, barred, linked, odd])
def test_folder_is_removed_whatever_a_worker_left_in_it(laid_out, leave, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    leave(laid_out.scratch)
    os.chdir(tmp_path)

    laid_out.clear()

    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "wire.py"]
    assert (tmp_path / "wire.py").read_text() == "ours"
