"""What stops the work in the middle: nothing half-written is left."""

import os
import resource
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

COMMAND = (sys.executable, "-m", "reliability")
KEPT = {"target": "y", "favourable": 1, "prediction": "predicted", "sensitive": ["sex"]}


def rows(n):
    draw = np.random.default_rng(1)
    y = draw.integers(0, 2, n)
    return pd.DataFrame({"x": draw.random(n), "sex": draw.choice(["F", "M"], n), "y": y, "predicted": 1 - y})


def started(*arguments, limit=None):
    def limited():
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"LC_ALL": "C.UTF-8"}, start_new_session=True, preexec_fn=limited,
    )  # fmt: skip


def until(condition, process):
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_ends_the_work_in_the_middle_leaves_nothing_behind(submit, tmp_path, ending):
    folder = submit(rows(1_000_000), file="data.parquet", **KEPT)
    out = tmp_path / "out"
    out.mkdir()
    process = started("assess", folder, "--out", out / "case")
    until(lambda: any(out.rglob("rows.parquet")), process)
    os.killpg(process.pid, ending)

    said = process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert said.strip() == "error: stopped; nothing half-written was left behind"
    assert list(out.iterdir()) == []


def test_a_file_that_may_not_grow_leaves_nothing_behind(submit, tmp_path):
    process = started("assess", submit(rows(500), **KEPT), "--out", tmp_path / "out/case", limit=30_000)

    said = process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert "case: could not be written (File too large); nothing was left behind" in said
    assert list(tmp_path.glob("out/*")) == []


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 64 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small disk can be mounted by root only, outside most containers")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_fills_leaves_nothing_behind(submit, small_disk):
    process = started("assess", submit(rows(500), **KEPT), "--out", small_disk / "case")

    said = process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert "could not be written (No space left on device); nothing was left behind; make room" in said
    assert list(small_disk.iterdir()) == []


def test_a_report_for_which_there_is_no_room_leaves_the_earlier_one_whole(submit, assess, tmp_path):
    case = assess(submit(rows(500), **KEPT)).case
    report = tmp_path / "report.html"
    report.write_text("the earlier one")
    process = started("report", case, "-o", report, limit=10_000)

    said = process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert "report.html: could not be written (File too large)" in said
    assert report.read_text() == "the earlier one"
    assert not (tmp_path / ".report.html.part").exists()


def test_a_reader_who_goes_away_sees_no_traceback():
    process = started("checklists", "trustworthy-ai", "--json")
    process.stdout.close()

    process.wait(timeout=60)
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
