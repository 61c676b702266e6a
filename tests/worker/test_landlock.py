import json
import os
import subprocess
from pathlib import Path

import pytest

from reliability.errors import WorkerError
from reliability.worker import confinement, failures, fence, landlock, seccomp
from reliability.worker.confinement import WORKER_USER, Way
from reliability.worker.staging import Stage

STAGE = Stage(folder=Path("/stage"))


@pytest.fixture
def machine(monkeypatch):
    """A machine with that release of Landlock, seen as root or not; bubblewrap is missing."""

    def made(*, abi=7, root=False, works=("landlock", "process")):
        def missing():
            raise failures.unavailable("bubblewrap_missing", "")

        monkeypatch.setattr(confinement, "find_way", missing)
        monkeypatch.setattr(fence, "abi", lambda: abi)
        monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
        monkeypatch.setattr(landlock, "_tried", lambda way: "" if way.level in works else "no")

    return made


@pytest.mark.parametrize(
    ("abi", "root", "expected"),
    [
        (7, False, [("landlock", "same_user", None), ("process", "same_user", None)]),
        (6, True, [("landlock", "own_user", WORKER_USER), ("process", "own_user", WORKER_USER)]),
        (5, False, [("process", "same_user", None)]),
        (0, True, [("process", "own_user", WORKER_USER)]),
    ],
)
def test_ways_follow_the_kernel_and_root_is_never_the_workers_user(machine, abi, root, expected):
    machine(abi=abi, root=root)

    assert [(way.level, way.name, way.uid) for way in landlock.ways()] == expected


def test_there_is_no_way_on_another_system(machine, monkeypatch):
    machine()
    monkeypatch.setattr(seccomp, "supported", lambda: False)

    assert list(landlock.ways()) == []


@pytest.mark.parametrize(
    ("works", "level"), [(("landlock", "process"), "landlock"), (("process",), "process"), (("landlock",), "landlock")]
)
def test_strongest_way_that_works_is_taken_when_bubblewrap_does_not(machine, works, level):
    machine(works=works)

    assert landlock.find_way().level == level


def test_bubblewrap_comes_first_when_it_works(machine, monkeypatch):
    machine()
    monkeypatch.setattr(confinement, "find_way", lambda: Way(name="own_user"))

    assert landlock.find_way().level == landlock.find_way("bubblewrap").level == "bubblewrap"
    assert landlock.find_way("process").level == "process"


def test_it_is_bubblewrap_that_is_asked_for_when_nothing_works(machine):
    machine(works=())

    for asked in (None, "bubblewrap"):
        with pytest.raises(WorkerError) as caught:
            landlock.find_way(asked)
        assert caught.value.values["why"] == "bubblewrap_missing"


def test_level_that_was_asked_for_is_not_replaced_by_another(machine):
    machine(works=("process",))

    with pytest.raises(WorkerError) as caught:
        landlock.find_way("landlock")
    assert (caught.value.values["why"], caught.value.values["found"]) == ("weak_isolation", "no")


@pytest.mark.parametrize("level", ["landlock", "process"])
def test_command_names_what_may_be_read_and_no_more(level):
    way = Way(name="own_user", level=level, uid=7)

    *options, package, told = landlock.command(way, STAGE, wire=8, life=9, scratch_bytes=10)

    given = json.loads(told)
    assert (given["wire"], given["life"], given["uid"], given["scratch_bytes"]) == (8, 9, 7, 10)
    assert given["landlock"] == (level == "landlock")
    assert package == given["package"] == "/stage/root/worker"
    assert given["scratch"] == "/stage/scratch"
    assert {"/stage/root/worker", "/stage/model/file"} < set(given["read"])
    checkout = Path(confinement.__file__).parents[2]
    seen = [Path(path) for path in given["read"]]
    assert not [path for path in seen if (checkout / "pyproject.toml").is_relative_to(path)]
    assert not [path for path in seen if Path("/etc/passwd").is_relative_to(path)]
    assert {"-s", "-S", "-P", "-B"} < set(options)


def test_environment_is_the_same_as_under_bubblewrap_but_for_its_room():
    given = landlock.environment(STAGE)

    assert given | confinement.ENVIRONMENT == confinement.ENVIRONMENT | {"TMPDIR": "/stage/scratch"}
    assert given["HOME"] == "/stage/scratch"


def test_files_of_ours_come_with_the_one_that_shuts_in():
    package = confinement.package_files()

    assert landlock.staged(package).items() - package.items() == {(landlock.FENCE, Path(fence.__file__))}


def test_processes_of_the_user_are_counted_where_the_worker_is_the_same_user():
    with subprocess.Popen(["/bin/sleep", "30"]) as sleeping:
        assert landlock.others(Way(name="same_user", level="landlock")) >= 2
        sleeping.kill()
    assert landlock.others(Way(name="own_user", level="landlock", uid=WORKER_USER)) == 0
    assert landlock.others(Way(name="user_namespace")) == 0


@pytest.mark.parametrize(("mode", "found"), [(0o700, True), (0o755, False), (0o711, False), (0o754, True)])
def test_interpreter_below_a_private_folder_is_found_out(tmp_path, monkeypatch, mode, found):
    prefix = tmp_path / "home" / "python"
    prefix.mkdir(parents=True)
    (tmp_path / "home").chmod(mode)
    monkeypatch.setattr(landlock.sys, "base_prefix", str(prefix))
    outer = [one for one in tmp_path.parents if not one.stat().st_mode & 0o001]

    private = landlock.private_interpreter()

    assert private == (outer[-1] if outer else tmp_path / "home" if found else None)
