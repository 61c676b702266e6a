"""Files that act when they are loaded: without any list of names, in the worker alone, nothing of it gets out."""

import hashlib
import io
import pickle
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from reliability.errors import WorkerError
from reliability.worker import confinement, parent
from reliability.worker.parent import Limits, ModelSpec, open_model
from tests.hostile.payloads import acting, torch_zip

UNGUARDED = Path(__file__).with_name("unguarded.py")
# What these do is seen elsewhere than in a marker, or only when the loaded thing is called.
NO_MARKER = {
    "array of objects", "dotted in an allowed module", "getattr chain", "import", "inside a model", "of python 2",
    "cloudpickled", "pandas second stage", "joblib second stage", "run a path", "partial", "socket", "urlopen",
}  # fmt: skip


@pytest.fixture
def outside():
    """A folder with a short name, outside of any worker's view."""
    with tempfile.TemporaryDirectory(prefix="o", dir="/var/tmp") as folder:
        yield Path(folder)


def archive_of(outside: Path, port: int) -> tuple[bytes, dict[str, Path]]:
    """All files in one archive, each with a marker of its own."""
    names = sorted(acting(outside))
    markers = {name: outside / f"m{place}" for place, name in enumerate(names)}
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, marker in markers.items():
            archive.writestr(name, acting(marker, port)[name])
    return raw.getvalue(), markers


def test_files_act_where_nothing_confines_them(outside, listener):
    content, markers = archive_of(outside, listener.port)
    (outside / "all.zip").write_bytes(content)

    # Reads of its own files alone.
    done = subprocess.run(
        [sys.executable, UNGUARDED, outside / "all.zip"], capture_output=True, text=True, timeout=120, cwd=outside
    )

    assert done.returncode == 0, done.stderr
    acted = {name for name, marker in markers.items() if list(outside.glob(f"{marker.name}*")) and "m" in marker.name}
    assert {name for name in markers if name.removeprefix("joblib ") not in NO_MARKER} <= acted
    assert listener.visits >= 2


def test_no_file_gets_out_of_the_worker_when_no_list_keeps_it(confined, outside, listener, spec_of):
    content, markers = archive_of(outside, listener.port)
    inside = confinement.PACKAGE / "reliability" / "worker" / "skops_model.py"
    package = confinement.package_files() | {inside: UNGUARDED}

    with parent._opened(spec_of(content), Limits(timeout_s=60), package) as model:
        outcomes = dict(one.rsplit(": ", 1) for one in model.isolation["written_by"]["outcomes"])

    assert set(outcomes) == set(markers)
    assert {outcomes[name] for name in ("socket", "joblib socket")} == {"PermissionError"}
    # Some "load": as the number that a shell's failure is, for one. None of them is a model.
    assert outcomes["os.system"] == outcomes["popped"] == outcomes["in zlib"] == "loaded int"
    assert list(outside.iterdir()) == []
    assert listener.visits == 0


CHOSEN = ["popped", "in zlib", "second stage in zlib", "cloudpickled", "joblib numpy's runstring"]


@pytest.mark.parametrize("case", CHOSEN)
def test_worker_refuses_a_file_that_acts_by_the_names_it_asks_for(confined, outside, case):
    content = acting(outside / "m")[case]

    error = refused(outside, content, "pickle")

    assert error.code == "model_refused"
    assert "safe" not in str(error)
    assert [path.name for path in outside.iterdir()] == ["model"]


def refused(folder: Path, content: bytes, named: str) -> WorkerError:
    (folder / "model").write_bytes(content)
    spec = ModelSpec(
        format=named, path=folder / "model", sha256=hashlib.sha256(content).hexdigest(), inputs=("x",), classes=(0, 1),
        task="binary", positive=1,
    )  # fmt: skip
    with pytest.raises(WorkerError) as caught:
        open_model(spec, limits=Limits(timeout_s=30))
    return caught.value


def test_archive_of_torch_is_no_pickle(confined, outside):
    error = refused(outside, torch_zip(outside / "m"), "pickle")

    assert (error.code, error.values["format"]) == ("not_a_model", "pickle")
    assert not (outside / "m").exists()


@pytest.mark.parametrize("value", [3, {"predict": 1}, io, np.float64], ids=["number", "dictionary", "module", "class"])
def test_thing_that_loads_and_is_no_model_is_refused(confined, outside, value):
    raw = pickle.dumps(value) if not isinstance(value, type(io)) else b"\x80\x04\x8c\x02io\x94."

    assert refused(outside, raw, "pickle").code in {"not_a_model", "model_refused"}
