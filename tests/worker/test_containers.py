"""Containers as a way to confine: our command line, a stand-in for the engine, and a real one where it runs."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from reliability.certifiable import is_strong
from reliability.errors import UsageError, WorkerError
from reliability.worker import confinement, containers, landlock, process
from reliability.worker.containers import Box
from reliability.worker.handing_in import handed_in
from reliability.worker.parent import Limits, _opened
from tests.hostile import reaching
from tests.hostile.conftest import running
from tests.small_case import HANDED_IN, MANIFEST, table
from tests.worker.conftest import FRAME

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "debian@sha256:" + "0a" * 32
DOCKER = f"docker:{IMAGE}"
QUICK = Limits(timeout_s=2)


class Engine:
    """The stand-in, its mode, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mode("well")

    def mode(self, mode: str) -> None:
        (self.folder / "mode").write_text(mode)

    @property
    def asked(self) -> list[list[str]]:
        log = self.folder / "asked"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


@pytest.fixture
def engine(confined, tmp_path, monkeypatch):
    folder = tmp_path / "engines"
    folder.mkdir()
    content = Path(__file__).with_name("fake_engine.py").read_text()
    for name in containers.ENGINES:
        program = folder / name
        program.write_text(f"#!{sys.executable} -IS\n{content}")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    containers.find_way.cache_clear()
    yield Engine(folder)
    containers.find_way.cache_clear()


@pytest.fixture
def contained(engine, spec_of, tmp_path):
    """Open a worker in a container whose adapter is hostile_model.py."""
    (tmp_path / "frame.py").write_text(FRAME)
    inside = confinement.PACKAGE / "reliability" / "worker" / "skops_model.py"
    own = {
        inside: Path(__file__).with_name("hostile_model.py"),
        confinement.PACKAGE / "pandas.py": tmp_path / "frame.py",
    }
    opened = []

    def start(what: str, limits: Limits = QUICK, level: str = DOCKER):
        opened.append(_opened(spec_of(what.encode()), limits, confinement.package_files() | own, level))
        return opened[-1]

    yield start
    for model in opened:
        model.close()


def options(command):
    """What stands behind each option of a command line, in order."""
    told = {}
    for option, value in pairwise(command):
        if option.startswith("--"):
            told.setdefault(option, []).append(value)
    return told


@pytest.fixture(params=containers.ENGINES)
def command(request, tmp_path):
    way = containers.Way(name="own_user", level=request.param, engine=f"/bin/{request.param}", image=IMAGE)
    with (tmp_path / "model").open("w+b") as model:
        model.write(b"a model")
        model.flush()
        model.seek(0)
        box = Box(way, model.fileno(), package=confinement.package_files(), scratch_bytes=1 << 20, serves="x")
    yield box.command
    box.close()


def test_command_line_leaves_a_container_nothing_but_its_own_corner(command):
    told = options(command)

    assert command[1] == "run"
    assert {"--rm", "--read-only"} <= set(command)
    assert ("--read-only-tmpfs=false" in command) == (command[0] == "/bin/podman")
    assert told["--network"] == told["--ipc"] == told["--log-driver"] == ["none"]
    assert (told["--cap-drop"], told["--security-opt"], told["--pull"]) == (["ALL"], ["no-new-privileges"], ["never"])
    assert told["--user"] == ["64321:64321"]
    assert told["--memory"] == told["--memory-swap"] == [str(8 << 30)]
    assert (told["--pids-limit"], told["--cpus"]) == (["128"], ["1"])
    assert set(told["--ulimit"]) == {"core=0", "nofile=1024:1024", "nproc=1024:1024"}
    assert told["--tmpfs"] == ["/scratch:rw,exec,nosuid,nodev,size=1048576,mode=1777"]
    assert {"HOME=/scratch", "TMPDIR=/scratch", "PYTHONHASHSEED=0"} <= set(told["--env"])
    assert not {"--privileged", "--cap-add", "--device", "--volume", "-v", "--pid", "--userns"} & set(command)
    assert "host" not in command


def test_everything_of_this_machine_is_mounted_read_only_and_the_submission_is_not(command):
    mounts = [next(csv.reader([one])) for one in options(command)["--mount"]]

    assert all((kind, last) == ("type=bind", "readonly") for kind, _, _, last in mounts)
    places = {place.removeprefix("dst="): source.removeprefix("src=") for _, source, place, _ in mounts}
    assert {"/model/file", "/hand", "/worker/reliability/worker/boxed.py", "/usr/lib", "/sites/0"} <= set(places)
    staged = Path(places["/model/file"])
    assert (staged.read_bytes(), staged.parents[1].stat().st_mode & 0o077) == (b"a model", 0)
    assert not [source for source in places.values() if source in ("/", str(Path.home()), "/etc", "/var/run")]


def test_image_stands_by_its_digest_behind_every_option_and_before_our_program(command):
    at = command.index(IMAGE)

    assert command[at - 2 : at] == ["--entrypoint", str(Path(sys.executable).resolve())]
    assert command[at + 1 : at + 5] == ["-s", "-S", "-P", "-B"]
    assert command[-1] == "/hand/socket"
    assert not [one for one in command[at + 1 :] if one.startswith("--")]


def test_path_with_a_comma_is_one_path():
    mount = containers._mount(Path('/a,readonly=false/"b"'), Path("/c"))

    assert next(csv.reader([mount])) == ["type=bind", 'src=/a,readonly=false/"b"', "dst=/c", "readonly"]


@pytest.mark.parametrize(
    "declared",
    ["docker", "docker:", "docker:debian", "docker:debian:12", "docker:debian@sha256:ab", f"lxc:{IMAGE}",
     f"docker:{IMAGE} --privileged", f"docker:--privileged@sha256:{'0a' * 32}", f"docker:{IMAGE.upper()}"],
)  # fmt: skip
def test_way_that_is_not_named_by_engine_and_digest_is_refused(declared):
    with pytest.raises(UsageError) as caught:
        containers.find_way(declared)
    assert (caught.value.code, caught.value.values["value"]) == ("isolation_unknown", declared)


def test_digest_alone_names_an_image_that_has_no_other_name(engine):
    assert containers.find_way("docker:sha256:" + "0a" * 32).image == "sha256:" + "0a" * 32


@pytest.mark.parametrize(
    ("mode", "found", "next_step"),
    [("no daemon", "Cannot connect to the daemon. Is it running?", "docker info"),
     ("no image", f"no image {IMAGE}", f"docker pull {IMAGE}")],
)  # fmt: skip
def test_engine_that_cannot_be_used_is_refused_with_what_helps(engine, mode, found, next_step):
    engine.mode(mode)

    with pytest.raises(WorkerError) as caught:
        landlock.find_way(DOCKER)
    assert caught.value.values == {"why": "container", "found": found, "next_step": next_step}


def test_engine_that_is_not_installed_is_refused(monkeypatch, tmp_path):
    containers.find_way.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(WorkerError) as caught:
        containers.find_way(DOCKER)
    assert (caught.value.code, caught.value.values["found"]) == ("sandbox_unavailable", "no docker on the PATH")


@pytest.mark.parametrize("name", containers.ENGINES)
def test_model_answers_out_of_a_container_and_the_record_says_so(contained, rows, name):
    model = contained("well", level=f"{name}:{IMAGE}")

    assert model.answer(rows).labels.tolist() == [0] * 5
    told = model.isolation
    assert (told["level"], told[name], told["image"], told["user"]) == (name, "28.9", IMAGE, "own_user")
    assert set(told["probe"].values()) == {"refused"}
    assert is_strong(told)


@pytest.mark.parametrize(
    ("what", "code", "values"),
    [
        ("segfault", "model_crashed", {"signal": "SIGSEGV"}),
        ("leaving", "model_exited", {"status": 0}),
        ("hanging", "model_timeout", {"seconds": "2"}),
        ("raising", "model_raised", {"type": "ValueError"}),
        ("garbage", "model_protocol_violation", {"what": "magic"}),
        ("killing", None, {}),
    ],
)
def test_hostile_model_ends_as_it_does_elsewhere_and_leaves_nothing(engine, contained, rows, what, code, values):
    model = contained(what)
    stage = model._process._start.stage.folder
    began = time.monotonic()

    with pytest.raises(WorkerError) as caught:
        model.answer(rows)

    assert code in (None, caught.value.code)
    assert caught.value.values.items() >= values.items()
    assert not stage.exists()
    assert running(model._process._start.box.name) == []
    assert time.monotonic() - began < 12
    assert [one for one in engine.asked if one[0] == "rm"] == []


def test_container_that_does_not_end_by_itself_is_ended_by_its_engine(engine, contained, rows, monkeypatch):
    monkeypatch.setattr(process, "_KEEPER_S", 0.5)
    model = contained("well")
    client = model._process._process.pid
    (keeper,) = Path(f"/proc/{client}/task/{client}/children").read_text().split()
    os.kill(int(keeper), signal.SIGSTOP)

    model.close()

    assert engine.asked[-1] == ["rm", "--force", model._process._start.box.name]
    until = time.monotonic() + 5
    while Path(f"/proc/{keeper}").exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert not Path(f"/proc/{keeper}").exists()


def test_container_that_never_comes_for_its_descriptors_is_given_up(engine, contained, monkeypatch, tmp_path):
    containers.find_way(DOCKER)
    engine.mode("never comes")
    monkeypatch.setattr(containers, "_START_S", 2.0)
    before = set(Path("/tmp").glob("reliability-worker-*"))

    with pytest.raises(WorkerError) as caught:
        contained("well")

    assert (caught.value.code, caught.value.values["why"]) == ("sandbox_unavailable", "start")
    assert "thinks it over" in caught.value.values["found"]
    assert engine.asked[-1][:2] == ["rm", "--force"]
    assert set(Path("/tmp").glob("reliability-worker-*")) <= before


def handed(folder: Path) -> Path:
    """A submission with predictions."""
    folder.mkdir()
    table(40).to_pandas().to_csv(folder / "data.csv", index=False)
    (folder / "submission.yaml").write_text(MANIFEST.replace("EVALUATION", "data.csv") + HANDED_IN, encoding="utf-8")
    return folder


def test_submission_is_taken_in_by_a_container(engine, tmp_path):
    there = handed_in(handed(tmp_path / "s"), level=DOCKER)

    assert sum(block.n for block in there.evaluation.blocks()) == 40
    assert (there.intake.isolation["level"], there.intake.isolation["image"]) == ("docker", IMAGE)
    assert is_strong(there.intake.isolation)


def test_command_takes_the_container_that_was_declared_for_files_and_model(engine, run, tmp_path):
    handed(tmp_path / "s")

    done = run("measure", tmp_path / "s", "performance.accuracy", "--isolation", f"podman:{IMAGE}", "--json")

    assert (done.status, json.loads(done.out)[0]["value"]) == (0, 0.9)
    assert [one[0] for one in engine.asked] == ["version", "image", "run", "run"]


@pytest.mark.parametrize("level", ["process", "none", "docker:debian"])
def test_command_refuses_a_level_that_is_no_strong_one(run, tmp_path, level):
    done = run("measure", handed(tmp_path / "s"), "performance.accuracy", "--isolation", level, lang="ko")

    assert (done.status, done.out) == (2, "")
    assert f"--isolation '{level}': " in done.err


ABANDONED = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import numpy as np
from reliability.blocks import Column
from reliability.worker import confinement, parent
from reliability.worker.parent import Limits, ModelSpec
import hashlib
place = Path(sys.argv[2])
own = {
    confinement.PACKAGE / "reliability/worker/skops_model.py": Path(sys.argv[1], "tests/worker/hostile_model.py"),
    confinement.PACKAGE / "pandas.py": place.with_name("frame.py"),
}
spec = ModelSpec(format="skops", path=place, sha256=hashlib.sha256(place.read_bytes()).hexdigest(), inputs=("x",),
                 classes=("no", "yes"), task="binary", positive=1)
model = parent._opened(spec, Limits(timeout_s=300), confinement.package_files() | own, sys.argv[3])
print(model._process._start.stage.folder, flush=True)
model.answer({"x": Column(kind="f8", values=np.zeros(1), missing=np.zeros(1, dtype=np.bool_))})
"""


def test_container_ends_with_the_workbench_whatever_becomes_of_it(engine, tmp_path):
    (tmp_path / "model").write_text("hanging")
    (tmp_path / "frame.py").write_text(FRAME)
    command = [sys.executable, "-c", ABANDONED, str(ROOT), str(tmp_path / "model"), DOCKER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as workbench:
        stage = Path(workbench.stdout.readline().strip())
        assert running(str(stage))
        workbench.kill()
    until = time.monotonic() + 10
    while running(str(stage)) and time.monotonic() < until:
        time.sleep(0.05)

    assert running(str(stage)) == []
    shutil.rmtree(stage)


def real_image(name):
    """An image that a real engine has here, by its digest."""
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"no {name} here")
    asked = [program, "images", "--quiet", "--no-trunc"]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60)
    if done.returncode:
        pytest.skip(f"no {name} runs here: {done.stderr.strip()[:100]}")
    digests = [one if one.startswith("sha256:") else f"sha256:{one}" for one in done.stdout.split()]
    if not digests:
        pytest.skip(f"{name} has no image here")
    return digests[0]


@pytest.fixture(scope="module", params=containers.ENGINES)
def real(request, tmp_path_factory):
    """What tests/hostile/elsewhere.py tells of a real engine; run once."""
    level = f"{request.param}:{real_image(request.param)}"
    command = [sys.executable, str(ROOT / "tests/hostile/elsewhere.py"), level, *ENDINGS, "well"]
    room = tmp_path_factory.mktemp("real")
    given = {**os.environ, "HOME": str(room), "TMPDIR": str(room)}
    done = subprocess.run(command, env=given, capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return level, json.loads(done.stdout)


ENDINGS = {
    "leaving": "model_exited", "segfault": "model_crashed", "hanging": "model_timeout", "filling": "model_raised",
}  # fmt: skip
# What stands in a container is its own: the accounts of its image, memory and messages that nobody else sees.
OF_THE_CONTAINER = {"read accounts", *reaching.SHARED}


def test_real_engine_lets_a_model_nothing_but_its_own_corner(real):
    level, met = real

    assert met["well"].get("labels") == [0], met["well"]
    assert is_strong(met["well"]["isolation"])
    assert met["well"]["isolation"]["image"] == level.partition(":")[2]
    assert set(met["reached"]["let"]) & (set(reaching.ATTEMPTS) - OF_THE_CONTAINER) == set()
    assert (met["reached"]["visits"], met["reached"]["kept"]) == (0, True)


def test_real_engine_ends_hostile_models_as_any_level_does_and_leaves_nothing(real):
    _, met = real

    assert {what: met[what].get("code") for what in ENDINGS} == ENDINGS
    assert (met["orphans"]["labels"], met["orphans"]["left"], met["stages"]) == ([0], 0, [])


def test_real_engine_takes_a_submission_in(real, tmp_path):
    folder = handed(tmp_path / "s")

    there = handed_in(folder, level=real[0])

    assert sum(block.n for block in there.evaluation.blocks()) == 40
    assert is_strong(there.intake.isolation)
