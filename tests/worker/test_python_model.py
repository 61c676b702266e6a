import hashlib
import io
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest

from reliability.blocks import Column
from reliability.errors import SubmissionError, WorkerError
from reliability.formats import project
from reliability.formats.requirements import read_requirements
from reliability.formats.unreadable import UnreadableError
from reliability.worker.parent import Limits, ModelSpec, open_model
from reliability.worker.wire import Refusal

N = 40
INCOME = np.linspace(0, 10, N)
COLUMNS = {"income": Column(kind="f8", values=INCOME, missing=np.zeros(N, dtype=np.bool_))}
PROJECT = """
from pathlib import Path
import numpy as np

LIMIT = float((Path(__file__).parent / "limit.txt").read_text())

def predict(frame):
    return (frame["income"] > LIMIT).astype(int)

def predict_proba(frame):
    share = np.where(frame["income"] > LIMIT, 0.75, 0.25)
    return np.column_stack((1 - share, share))

def score(frame):
    return frame["income"] * 2
"""


@pytest.fixture
def importable():
    """Leave the path and the modules as they were."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def packed(**files) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_py", ".py").replace("_txt", ".txt"), content)
    return raw.getvalue()


WHOLE = packed(predict_py=PROJECT, limit_txt="5")
REGRESSION = {"task": "regression", "classes": (), "positive": None}


def test_project_answers_labels_and_probabilities_of_its_functions(served, importable):
    read, said = served("python", WHOLE, COLUMNS, declared={"classes": [0, 1], "function": "predict:predict"})

    np.testing.assert_array_equal(read.labels, (INCOME > 5).astype(np.int64))
    np.testing.assert_array_equal(read.scores, np.where(INCOME > 5, 0.75, 0.25))
    assert said["wrapper"] == "function predict:predict, wheels: 0"


def test_project_of_probabilities_alone_answers_the_likeliest_class(served, importable):
    read, _ = served("python", WHOLE, COLUMNS, declared={"classes": [1, 0], "function": "predict:predict_proba"})

    np.testing.assert_array_equal(read.labels, (INCOME <= 5).astype(np.int64))


def test_project_answers_values_when_it_regresses(served, importable):
    read, _ = served("python", WHOLE, COLUMNS, declared={"function": "predict:score"}, **REGRESSION)

    np.testing.assert_array_equal(read.labels, INCOME * 2)


def test_project_may_be_one_file(served, importable):
    content = b"def answer(frame):\n    return frame['income'] * 3\n"

    read, _ = served("python", content, COLUMNS, declared={"function": "score:answer"}, **REGRESSION)

    np.testing.assert_array_equal(read.labels, INCOME * 3)


def test_project_may_change_its_frame_without_harm(served, importable):
    content = b"def predict(f):\n    f['income'] = 0\n    return f['income']\ndef predict_proba(f):\n"
    content += b"    import numpy as np\n    return np.column_stack((f['income'] / 10, 1 - f['income'] / 10))\n"

    read, _ = served("python", content, COLUMNS, declared={"classes": [0, 1], "function": "m:predict"})

    np.testing.assert_array_equal(read.scores, 1 - INCOME / 10)


@pytest.mark.parametrize(
    ("function", "found"),
    [("predict:other", "no function other in predict.py"), ("predict:LIMIT", "no function LIMIT in predict.py"),
     ("other:predict", "no file other.py in the project")],
)  # fmt: skip
def test_project_without_its_function_is_no_model(served, importable, function, found):
    with pytest.raises(Refusal) as caught:
        served("python", WHOLE, COLUMNS, declared={"classes": [0, 1], "function": function})
    assert (caught.value.code, caught.value.values["found"]) == ("not_a_model", found)


def wheel(content="FACTOR = 7\n") -> bytes:
    return packed(**{"factor_py": content, "factor-1.0.dist-info/METADATA": "Name: factor\nVersion: 1.0\n"})


USING = "import factor\ndef predict(frame):\n    return frame['income'] * factor.FACTOR\n"


def with_wheel(requirements: str) -> bytes:
    files = {"predict_py": USING, "requirements_txt": requirements, "wheels/factor-1.0-py3-none-any.whl": wheel()}
    return packed(**files)


def asked(served, requirements):
    declared = {"function": "predict:predict", "requirements": "requirements.txt"}
    return served("python", with_wheel(requirements), COLUMNS, declared=declared, **REGRESSION)


def test_project_runs_with_its_own_wheels_when_their_digests_are_listed(served, importable):
    pinned = f"factor==1.0 \\\n    --hash=sha256:{hashlib.sha256(wheel()).hexdigest()}\n    # via nothing\n"
    pinned += f"pandas=={pd.__version__} --hash=sha256:{'0' * 64}\n"

    read, said = asked(served, pinned)

    np.testing.assert_array_equal(read.labels, INCOME * 7)
    assert said["wrapper"].endswith("wheels: 1")


HASH = f"--hash=sha256:{'1' * 64}"
UNPINNED = "is not NAME==VERSION --hash=sha256:…"


@pytest.mark.parametrize(
    ("requirements", "found"),
    [
        (f"factor==1.0 {HASH}", "factor==1.0: no wheel with its digest in wheels/, installed here: none"),
        (f"pandas==0.1 {HASH}", f"pandas==0.1: no wheel with its digest in wheels/, installed here: {pd.__version__}"),
        ("factor==1.0", f"'factor==1.0' {UNPINNED}"),
        (f"factor>=1.0 {HASH}", f"'factor>=1.0 {HASH[:68]}' {UNPINNED}"),
        (f"factor==1.0 {HASH}0", f"'factor==1.0 {HASH[:68]}' {UNPINNED}"),
        ("-r other.txt", f"'-r other.txt' {UNPINNED}"),
    ],
)
def test_project_is_refused_when_a_requirement_cannot_be_met(served, importable, requirements, found):
    with pytest.raises(Refusal) as caught:
        asked(served, requirements)
    assert (caught.value.code, caught.value.values) == ("model_requirements_unmet", {"found": found})


def test_requirements_are_read_as_they_are_written_by_tools():
    text = "# made by uv\nabc[x]==1.0 ; python_version < '4' \\\n"
    text += f"  --hash=sha256:{'a' * 64} \\\n  --hash=sha256:{'b' * 64}\n"

    (one,) = read_requirements(text)

    assert (one.name, one.version, one.digests) == ("abc", "1.0", {"a" * 64, "b" * 64})


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "project"
    (place / "inner").mkdir(parents=True)
    (place / "predict.py").write_text(PROJECT)
    (place / "limit.txt").write_text("5")
    (place / "inner" / "more.py").write_text("")
    (place / "__pycache__").mkdir()
    (place / "__pycache__" / "predict.pyc").write_bytes(b"x")
    return place


def test_digest_of_a_project_is_that_of_its_sorted_list(folder):
    lines = "".join(
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
        for name in ("inner/more.py", "limit.txt", "predict.py")
    )

    assert project.digest(folder) == hashlib.sha256(lines.encode()).hexdigest()
    assert project.pack(folder, io.BytesIO()) == project.digest(folder)
    assert project.digest(folder / "limit.txt") == hashlib.sha256(b"5").hexdigest()


def test_archive_of_a_project_is_the_same_bytes_twice(folder):
    first, second = io.BytesIO(), io.BytesIO()
    project.pack(folder, first)
    (folder / "limit.txt").touch()
    project.pack(folder, second)

    assert first.getvalue() == second.getvalue()


def test_project_with_a_link_is_refused(folder):
    (folder / "link.txt").symlink_to("/etc/hostname")

    with pytest.raises(UnreadableError, match=r"'link\.txt' is a link"):
        project.digest(folder)


@pytest.mark.parametrize(("limit", "value"), [("MOST_FILES", 2), ("MOST_BYTES", 10)])
def test_project_of_too_much_is_refused(folder, monkeypatch, limit, value):
    monkeypatch.setattr(project, limit, value)

    with pytest.raises(UnreadableError, match="3 files"):
        project.digest(folder)


def spec_of(folder, **changes) -> ModelSpec:
    declared = {"classes": [0, 1], "function": "predict:predict"}
    given = {"sha256": project.digest(folder), "declared": declared}
    return ModelSpec(
        format="python", path=folder, inputs=("income",), classes=(0, 1), task="binary", positive=1, **(given | changes)
    )


def test_worker_runs_a_folder_and_keeps_it_from_the_network(confined, folder):
    (folder / "reach.py").write_text(
        "import socket\n"
        "def predict(frame):\n"
        "    try:\n"
        "        socket.create_connection(('127.0.0.1', 9), timeout=1)\n"
        "    except PermissionError:\n"
        "        return [1] * len(frame)\n"
        "    return [0] * len(frame)\n"
    )

    with open_model(spec_of(folder), limits=Limits(timeout_s=60)) as model:
        np.testing.assert_array_equal(model.answer(COLUMNS).scores, np.where(INCOME > 5, 0.75, 0.25))
    reaching = spec_of(folder, declared={"classes": [0, 1], "function": "reach:predict"})
    with open_model(reaching, limits=Limits(timeout_s=60)) as model:
        assert model.answer(COLUMNS).labels.tolist() == [1] * N


def test_worker_is_not_started_when_the_folder_has_changed(confined, folder):
    spec = spec_of(folder)
    (folder / "limit.txt").write_text("6")

    with pytest.raises(SubmissionError) as caught:
        open_model(spec, limits=Limits(timeout_s=60))
    assert caught.value.code == "model_changed"


def test_worker_says_what_the_project_raised(confined, folder):
    (folder / "limit.txt").write_text("no number")

    with pytest.raises(WorkerError) as caught:
        open_model(spec_of(folder), limits=Limits(timeout_s=60))
    assert (caught.value.code, caught.value.values["type"]) == ("model_load_failed", "ValueError")
